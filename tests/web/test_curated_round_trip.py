"""A curator's whole way over real protocols: a mail by SMTP, its links over HTTP, and the digest as curated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from collecting import Clock, keep, publishing, text_of
from curated import CURATOR, post_of
from smtpserver import MailServer, free_port
from visiting import Reader

from collector.config import Listen
from collector.web.serving import serving

WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)  # of 2026-W45
SUNDAY = datetime(2026, 11, 8, 8, tzinfo=UTC)  # when its preview is due
MONDAY = SUNDAY + timedelta(days=1)


def html_of(mail: MailServer, place: int) -> str:
    body = mail.messages[place].message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def paths_in(html: str, choice: str) -> list[str]:
    found = re.findall(rf'href="http://127\.0\.0\.1:\d+(/curate/[^"?]+\?do={choice})"', html)
    return [unescape(path) for path in found]


def test_a_preview_by_mail_leads_to_pages_that_decide_what_readers_get(tmp_path: Path) -> None:
    clock, listen = Clock(WEDNESDAY), Listen(host="127.0.0.1", port=free_port())
    with (
        MailServer() as mail,
        publishing(
            tmp_path,
            clock=clock,
            web={"base_url": f"http://{listen}"},
            digest=[{"series": "weekly", "to": ["me@example.org"], "curator": CURATOR, "approval": "required"}],
            mail={"host": "127.0.0.1", "port": mail.port, "security": "none", "from": "A <digest@example.org>"},
        ) as app,
        serving(app.site(listen), listen),
    ):
        reader = Reader(app.site(listen), listen)
        app.close_due_windows()
        keep(app, *(post_of(number, published_at=WEDNESDAY) for number in (1, 2, 3)))
        clock.now = SUNDAY
        app.close_due_windows()
        app.send_owed()
        assert [message.recipients for message in mail.messages] == [[CURATOR]]
        html = html_of(mail, 0)
        (whole,) = [unescape(path) for path in re.findall(r'href="http://127\.0\.0\.1:\d+(/curate/[^"?]+)"', html)]

        for path, fields in (
            (paths_in(html, "leave_out")[0], {"decision": "leave_out"}),
            (paths_in(html, "put_first")[2], {"decision": "put_first"}),
            (paths_in(html, "add_note")[1], {"decision": "note", "note": "Seen in <Cardiff>, too."}),
            (whole, {"decision": "let_go"}),
        ):
            page = reader.get(path)
            assert (page.status, page.text.count("<form")) == (200, 1)
            assert f'value="{fields["decision"]}"' in page.text
            assert reader.post(path, fields).status == 303

        clock.now = MONDAY
        app.close_due_windows()
        app.send_owed()
        assert [message.recipients for message in mail.messages] == [[CURATOR], ["me@example.org"]]
        text = text_of(mail.messages[1].message)
        assert "Example number 1." not in text
        assert text.index("Example number 3.") < text.index("Example number 2.") < text.index("Seen in <Cardiff>, too.")
        assert "has gone out" in reader.get(whole).text
