"""Digests of a daily and a monthly series as pages, beside one another."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from collecting import Clock, keep, publishing
from making import make_post
from visiting import reading_app

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
SERIES = [
    {"series": "daily", "cadence": "daily"},
    {"series": "monthly", "cadence": "monthly", "timezone": "Asia/Tokyo"},
]


@pytest.mark.parametrize(
    ("address", "title"),
    [("/digests/daily/2026-11-17", "Tue 17 November 2026"), ("/digests/monthly/2026-11", "November 2026")],
)
def test_a_day_and_a_month_stand_at_their_addresses(address: str, title: str, tmp_path: Path) -> None:
    clock = Clock(TUESDAY)
    with publishing(tmp_path, clock=clock, digest=SERIES) as app:
        app.close_due_windows()
        keep(app, make_post(1, text="The PDF was final. #notcoproduction", published_at=TUESDAY))
        clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
        app.close_due_windows()
        with reading_app(app) as reader:
            seen = reader.get(address)
            assert (seen.status, reader.get(f"{address}.csv").status) == (200, 200)
            assert "The PDF was final." in seen.text
            assert title in seen.text
            archive = reader.get(address.rpartition("/")[0]).text
            assert title in archive


@pytest.mark.parametrize(
    "address", ["/digests/daily/2026-W47", "/digests/monthly/2026-11-17", "/digests/daily/2026-13-01"]
)
def test_a_name_that_the_series_has_none_of_is_no_page(address: str, tmp_path: Path) -> None:
    clock = Clock(TUESDAY)
    with publishing(tmp_path, clock=clock, digest=SERIES) as app:
        app.close_due_windows()
        with reading_app(app) as reader:
            assert reader.get(address).status == 404
