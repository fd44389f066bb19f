"""What a daily and a monthly digest look like beside a weekly one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from making_digests import LONDON, make_digest, make_shown

from collector.digest import next_window, window_named
from collector.digest.calendars import MONTHS
from collector.model import Window
from collector.render import Enclosure, render_html, render_text


def draw(window: Window, *days: int) -> str:
    """The text of a digest with a post on each of these days of November 2026."""
    shown = [
        make_shown(number, published_at=datetime(2026, 11, day, 12, tzinfo=UTC)) for number, day in enumerate(days, 1)
    ]
    return render_text(make_digest(shown, window=window))


def bars_in(text: str) -> list[str]:
    return re.findall(r"^(?:.*\d \| .*)$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "days", "bars"),
    [
        ("2026-W47", (17, 17, 22), ["Mon 0 | Tue 2 | Wed 0 | Thu 0 | Fri 0 | Sat 0 | Sun 1"]),
        ("2026-11-17", (17, 17), []),
        ("2026-11", (1, 7, 8, 30), ["1–7: 2 | 8–14: 1 | 15–21: 0 | 22–28: 0 | 29–30: 1"]),
        ("2026-11", (), []),
    ],
)
def test_a_week_has_a_bar_a_day_a_month_one_for_seven_and_a_day_none(
    name: str, days: tuple[int, ...], bars: list[str]
) -> None:
    assert bars_in(draw(window_named(name, LONDON), *days)) == bars


@pytest.mark.parametrize(
    ("name", "last"), [("2026-02", "22–28"), ("2028-02", "29"), ("2026-01", "29–31"), ("2026-04", "29–30")]
)
def test_the_last_bar_of_a_month_is_what_is_left(name: str, last: str) -> None:
    window = window_named(name, LONDON)
    html = render_html(make_digest([make_shown(1, published_at=window.starts_at)], window=window))
    labels = re.findall(r"</table>([^<]+)<br><span class=\"number\"", html)
    assert labels[:4] == ["1–7", "8–14", "15–21", "22–28"]
    assert labels[-1] == last


def test_a_month_that_a_change_has_cut_has_bars_from_its_first_day() -> None:
    window = next_window(window_named("2026-W46", LONDON), LONDON, MONTHS)
    assert bars_in(draw(window, 16, 30)) == ["16–22: 1 | 23–29: 0 | 30: 1"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-11-17", ("THE DAY’S EXAMPLES", "The whole day is attached as all.csv.")),
        ("2026-W47", ("THIS WEEK’S EXAMPLES", "The whole week is attached as all.csv.")),
        ("2026-11", ("THIS MONTH’S EXAMPLES", "The whole month is attached as all.csv.")),
    ],
)
def test_a_letter_speaks_of_its_day_its_week_or_its_month(name: str, said: tuple[str, ...]) -> None:
    digest = make_digest([make_shown(1)], window=window_named(name, ZoneInfo("Europe/London")))
    text = render_text(digest, enclosure=Enclosure(attachment="all.csv"))
    assert all(sentence in text for sentence in said)
    others = {"day’s", "week", "month"} - {"day’s" if len(name) == 10 else "week" if "W" in name else "month"}
    assert not [word for word in others if word in text.casefold()]
