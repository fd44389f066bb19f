"""When a curator is asked, decided: weeks, zones, changes of the clocks, and computers that slept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.config import Approval, SeriesSettings
from collector.config.fields import Surroundings
from collector.digest.windows import window_named
from collector.mailing.asking import (
    PREVIEW,
    is_for_curator,
    is_still_wanted,
    preview_at,
    those_let_go,
    wanted_mail,
)
from collector.model import DigestState
from collector.storage.series import StoredWindow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONDON = "Europe/London"


def make_series(**keys: Any) -> SeriesSettings:
    values = {"series": "weekly", "timezone": LONDON, "curator": "curator@example.org", **keys}
    return SeriesSettings.model_validate(values, context=Surroundings(folder=Path("/nowhere")))


def make_window(week: str = "2026-W47", zone: str = LONDON, **changes: Any) -> StoredWindow:
    values: dict[str, Any] = {
        "id": int(week[-2:]),
        "window": window_named(week, ZoneInfo(zone)),
        "state": DigestState.OPEN,
        "closed_at": None,
        "facts": None,
        "topics": None,
    }
    return StoredWindow(**(values | changes))


def at(text: str, zone: str = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("week", "zone", "send_on", "preview", "expected"),
    [
        ("2026-W47", LONDON, "monday 08:00", "24h", "2026-11-22 08:00"),
        ("2026-W47", LONDON, "monday 08:00", "90m", "2026-11-23 06:30"),
        ("2026-W47", LONDON, "wednesday 18:30", "2d", "2026-11-23 18:30"),
        ("2026-W47", "Pacific/Auckland", "monday 08:00", "24h", "2026-11-22 08:00"),
        ("2026-W47", "America/St_Johns", "monday 08:00", "24h", "2026-11-22 08:00"),
        ("2026-W43", LONDON, "monday 08:00", "48h", "2026-10-24 08:00"),  # the clocks go back on the 25th
        ("2026-W13", LONDON, "monday 08:00", "24h", "2026-03-29 08:00"),  # and forward on the 29th …
        ("2026-W13", LONDON, "monday 00:30", "23h", "2026-03-29 02:30"),  # … at a time that there is not
        ("2026-W47", LONDON, "monday 08:00", "10d", "2026-11-16 00:00"),  # not before there is anything to see
        ("2026-W47", LONDON, "sunday 20:00", "7d", "2026-11-22 20:00"),  # it goes out almost a week after its end
    ],
)
def test_a_preview_is_due_so_long_before_on_the_local_clock(
    week: str, zone: str, send_on: str, preview: str, expected: str
) -> None:
    series = make_series(timezone=zone, send_on=send_on, preview=preview)
    assert preview_at(make_window(week, zone).window, series) == at(expected, zone)


NONE, REQUIRED = Approval.NONE, Approval.REQUIRED


@pytest.mark.parametrize(
    ("now", "approval", "told", "expected"),
    [
        ("2026-11-22 07:59", NONE, [], None),
        ("2026-11-22 08:00", NONE, [], PREVIEW),
        ("2026-11-23 07:59", NONE, [], PREVIEW),  # the computer slept for most of the time there was
        ("2026-11-23 08:00", NONE, [], None),  # … or for all of it: the digest goes out
        ("2026-11-22 09:00", NONE, [PREVIEW], None),
        ("2026-11-30 08:00", NONE, [PREVIEW], None),
        ("2026-11-22 07:59", REQUIRED, [], None),
        ("2026-11-22 08:00", REQUIRED, [], PREVIEW),
        ("2026-11-25 03:00", REQUIRED, [], PREVIEW),  # it waits, and so its curator has to hear of it
        ("2026-11-22 23:00", REQUIRED, [PREVIEW], None),
        ("2026-11-23 08:00", REQUIRED, [PREVIEW], "reminder 2026-11-23"),
        ("2026-11-23 23:59", REQUIRED, [PREVIEW, "reminder 2026-11-23"], None),
        ("2026-11-24 07:59", REQUIRED, [PREVIEW, "reminder 2026-11-23"], None),  # once a day, at the same time
        ("2026-11-24 08:00", REQUIRED, [PREVIEW, "reminder 2026-11-23"], "reminder 2026-11-24"),
        ("2026-12-24 12:00", REQUIRED, [PREVIEW], "reminder 2026-12-24"),  # days that were slept through are over
    ],
)
def test_what_a_curator_is_to_have_by_now(now: str, approval: Approval, told: list[str], expected: str | None) -> None:
    assert wanted_mail(make_window(), make_series(approval=str(approval)), told, at(now)) == expected


@pytest.mark.parametrize("now", ["2026-11-22 12:00", "2026-11-23 12:00", "2026-11-30 12:00"])
@pytest.mark.parametrize(
    ("keys", "changes"),
    [
        ({"curator": None}, {}),
        ({"approval": "required"}, {"approved_at": at("2026-11-22 08:05")}),
        ({"approval": "required"}, {"state": DigestState.BUILT}),
        ({}, {"state": DigestState.SKIPPED}),
    ],
    ids=["nobody", "let go", "built", "skipped"],
)
def test_nobody_is_asked_where_there_is_nothing_to_ask(now: str, keys: dict[str, Any], changes: dict[str, Any]) -> None:
    assert wanted_mail(make_window(**changes), make_series(**keys), [], at(now)) is None


def test_reminders_follow_the_local_day_across_a_change_of_the_clocks() -> None:
    series = make_series(approval="required", timezone="Pacific/Auckland", send_on="monday 08:00")
    window = make_window("2026-W13", "Pacific/Auckland")  # the clocks go back on Sunday, 5 April
    told, now, end = [PREVIEW], at("2026-03-30 00:00", "Pacific/Auckland"), at("2026-04-07 00:00", "Pacific/Auckland")
    heard = []
    while now < end:
        if kind := wanted_mail(window, series, told, now):
            told.append(kind)
            heard.append(now.astimezone(ZoneInfo("Pacific/Auckland")).strftime("%d %H:%M"))
        now += HOUR / 2
    assert heard == [f"{day} 08:00" for day in ("30", "31", "01", "02", "03", "04", "05", "06")]
    assert len(set(told)) == 9


@pytest.mark.parametrize(
    ("kind", "now", "changes", "expected"),
    [
        (PREVIEW, "2026-11-22 12:00", {}, True),
        (PREVIEW, "2026-11-24 12:00", {}, True),
        (PREVIEW, "2026-11-24 12:00", {"state": DigestState.BUILT}, False),
        ("reminder 2026-11-24", "2026-11-24 12:00", {}, True),
        ("reminder 2026-11-24", "2026-11-25 00:30", {}, False),
        ("reminder 2026-11-24", "2026-11-24 12:00", {"approved_at": at("2026-11-24 11:00")}, False),
        ("reminder 2026-11-24", "2026-11-24 12:00", {"state": DigestState.BUILT}, False),
    ],
)
def test_what_waited_too_long_for_a_mail_server_is_not_sent_any_more(
    kind: str, now: str, changes: dict[str, Any], expected: bool
) -> None:
    series = make_series(approval="required")
    assert is_still_wanted(kind, make_window(**changes), series, at(now)) is expected


LET_GO = at("2026-11-24 12:00")


@pytest.mark.parametrize(
    ("approval", "approved", "empty", "expected"),
    [
        (NONE, [], [], [45, 46, 47]),
        (REQUIRED, [], [], []),
        (REQUIRED, [45], [], [45]),
        (REQUIRED, [45, 46, 47], [], [45, 46, 47]),
        (REQUIRED, [46, 47], [], []),  # they wait behind week 45
        (REQUIRED, [45, 47], [], [45]),
        (REQUIRED, [46], [45], [45, 46]),  # about an empty one there is nothing to ask
        (REQUIRED, [], [45, 46, 47], [45, 46, 47]),
    ],
)
def test_digests_go_out_in_their_order_up_to_the_first_that_waits(
    approval: Approval, approved: list[int], empty: list[int], expected: list[int]
) -> None:
    due = [make_window(f"2026-W{week}", approved_at=LET_GO if week in approved else None) for week in (45, 46, 47)]
    found = those_let_go(due, make_series(approval=str(approval)), lambda stored: stored.id in empty)
    assert [stored.id for stored in found] == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("preview", True), ("reminder 2026-11-24", True), ("digest", False), ("sign of life", False)]
)
def test_mails_to_the_curator_are_told_from_those_to_readers(kind: str, expected: bool) -> None:
    assert is_for_curator(kind) is expected
