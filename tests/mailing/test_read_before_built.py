"""What a quiet hashtag's server holds of a week is asked for once more before the week's digest is built."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from collecting import Clock, collecting, states
from fediverse import FakeServer
from making import NOW

from collector.digest.windows import window_named
from collector.mailing.listing import list_windows

SERIES = [{"series": "weekly", "to": ["me@example.org"], "send_on": "monday 00:00"}]


def test_the_last_hour_of_a_week_is_in_its_digest_however_seldom_the_server_is_asked(tmp_path: Path) -> None:
    ends_at = window_named("2026-W48", ZoneInfo("Europe/London")).ends_at
    clock = Clock(NOW)
    with FakeServer() as server, collecting(tmp_path, server, clock=clock, digest=SERIES) as app:
        server.publish("Early.", at=NOW)
        app.poll_due()
        app.close_due_windows()
        clock.now = ends_at - timedelta(minutes=30)
        app.poll_due()
        server.publish("Late on Sunday.", at=ends_at - timedelta(minutes=20))
        (state,) = states(app).values()
        assert state.next_poll_at is not None
        clock.now = ends_at + timedelta(seconds=5)
        with app.database.write() as conn:
            conn.exec_driver_sql("UPDATE watches SET next_poll_at = '2026-12-01T00:00:00.000000Z'")
        app.close_due_windows()
        app.poll_due()
        app.close_due_windows()
        with app.database.read() as conn:
            (week,) = [line for line in list_windows(conn, app.settings.digests[0], clock.now) if line.posts]
        assert (week.window.name, week.posts, str(week.state)) == ("2026-W48", 2, "built")


def test_a_server_that_fails_is_not_waited_for(tmp_path: Path) -> None:
    clock = Clock(NOW)
    with FakeServer() as server, collecting(tmp_path, server, clock=clock, digest=SERIES) as app:
        server.publish("Early.", at=NOW)
        app.poll_due()
        app.close_due_windows()
        server.down()
        clock.advance(days=7)
        app.poll_due()
        app.close_due_windows()
        assert app.send_owed().sent == 1
