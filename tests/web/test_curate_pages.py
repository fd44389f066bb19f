"""The pages behind a curator's links, over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from curated import SUNDAY, fill, links_in, make_curated, path_for
from making import NOW, make_post
from making_storage import rows
from visiting import Reader, Seen, reading

from collector.config import Settings
from collector.mailing.issuing import close_window, look_up, show_window
from collector.model import Digest, DigestState
from collector.storage.blocking import adopt_block_words
from collector.storage.curation import hide_post
from collector.storage.database import Database
from collector.storage.tables import posts

HOUR = timedelta(hours=1)


@pytest.fixture
def settings() -> Settings:
    return make_curated()


@pytest.fixture
def reader(database: Database, settings: Settings) -> Iterator[Reader]:
    fill(database, settings)
    with reading(database, settings, now=lambda: SUNDAY) as reader:
        yield reader


def digest_of(reader: Reader) -> Digest:
    """As it would be, or went out."""
    site = reader.site
    with site.database.read() as conn:
        desk = look_up(conn, site.settings, site.settings.digests[0])
        return show_window(conn, desk, desk.window_named("2026-W47"), "2026-W47")


def top(reader: Reader) -> list[int]:
    return [shown.post_id for shown in digest_of(reader).sections[0].posts]


def let_out(reader: Reader) -> None:
    """Builds the digest."""
    site = reader.site
    with site.database.write() as conn:
        desk = look_up(conn, site.settings, site.settings.digests[0])
        (stored,) = [stored for stored in desk.windows if stored.window.name == "2026-W47"]
        assert close_window(conn, desk, stored, NOW) is DigestState.BUILT


def follow(reader: Reader, path: str, **fields: str) -> Seen:
    """Presses the button of a page, and looks at the page that comes then."""
    answer = reader.post(path, fields)
    assert answer.status == 303, answer.text
    return reader.get(answer.headers["Location"])


def approved(reader: Reader) -> bool:
    site = reader.site
    with site.database.read() as conn:
        stored = look_up(conn, site.settings, site.settings.digests[0]).window_named("2026-W47")
    assert stored is not None
    return stored.approved_at is not None


def test_the_page_of_a_digest_leads_to_every_decision(reader: Reader) -> None:
    page = reader.get(path_for(reader.site.database))
    assert page.status == 200
    assert page.text.count("leave this out") == page.text.count("put this first") == page.text.count("add a note") == 3
    asked = [link for link in links_in(page.text) if "?do=" in link]
    assert len(asked) == 10, "three for each post, and one to the mail"
    assert {reader.get(link).status for link in asked} == {200}
    assert "<button" not in page.text, "it goes out by itself"
    assert "It goes out on Mon 23 Nov, 08:00 GMT, as" in page.text


def test_looking_changes_nothing(reader: Reader) -> None:
    for choice in ("", "leave_out", "put_first", "add_note", "strange"):
        assert "<button" in reader.get(path_for(reader.site.database, 1, choice)).text
    assert top(reader) == [1, 2, 3]


def test_a_post_is_left_out_and_taken_in_again(reader: Reader) -> None:
    path = path_for(reader.site.database, 2, "leave_out")
    assert "Example number 2." in reader.get(path).text
    after = follow(reader, path, decision="leave_out")
    assert "It is left out of this series." in after.text
    assert 'value="take_in"' in after.text
    assert top(reader) == [1, 3]
    whole = reader.get(path_for(reader.site.database)).text
    assert "Left out" in whole
    assert "take it in again" in whole
    follow(reader, path, decision="take_in")
    assert top(reader) == [1, 2, 3]


def test_posts_are_put_first_in_the_order_of_the_decisions_and_put_back(database: Database, settings: Settings) -> None:
    fill(database, settings)
    now = [SUNDAY]
    with reading(database, settings, now=lambda: now[0]) as reader:
        for post_id in (3, 2):
            now[0] += HOUR
            after = follow(reader, path_for(database, post_id, "put_first"), decision="put_first")
            assert "It stands above all others." in after.text
        assert top(reader) == [3, 2, 1]
        assert reader.get(path_for(database)).text.count("put this first no more") == 2
        follow(reader, path_for(database, 3, "put_first"), decision="put_back")
        assert top(reader) == [2, 1, 3]


def test_a_note_is_kept_as_one_paragraph_of_plain_text_and_taken_back(reader: Reader) -> None:
    path = path_for(reader.site.database, 1, "add_note")
    after = follow(reader, path, decision="note", note="  From <b>May</b>,\r\n\r\nin “Cardiff”.\x07 ")
    assert "From &lt;b&gt;May&lt;/b&gt;, in “Cardiff”.</textarea>" in after.text
    assert '<p role="status"><strong>The note is kept.</strong></p>' in after.text
    assert "The note is" not in reader.get(path).text, "it is said once"
    assert digest_of(reader).sections[0].posts[0].note == "From <b>May</b>, in “Cardiff”."
    assert "The note is taken back." in follow(reader, path, decision="note", note=" ").text
    assert digest_of(reader).sections[0].posts[0].note == ""


def test_a_note_that_is_too_long_is_not_lost(reader: Reader) -> None:
    path = path_for(reader.site.database, 1, "add_note")
    refused = reader.post(path, {"decision": "note", "note": "é" * 501})
    assert refused.status == 400
    assert "That is 501 characters, and more than 500." in refused.text
    assert "é" * 501 in refused.text
    assert digest_of(reader).sections[0].posts[0].note == ""
    follow(reader, path, decision="note", note="é" * 500)
    assert digest_of(reader).sections[0].posts[0].note == "é" * 500


def test_a_digest_that_went_out_stays_as_it_went_but_for_a_note(reader: Reader) -> None:
    database = reader.site.database
    follow(reader, path_for(database, 1, "add_note"), decision="note", note="Noted.")
    let_out(reader)
    for post_id, decision in ((2, "leave_out"), (2, "put_first"), (2, "note"), (1, "note")):
        late = reader.post(path_for(database, post_id), {"decision": decision, "note": "Another."})
        assert late.status == 409
        assert "too late" in late.text
    assert top(reader) == [1, 2, 3]
    assert "has gone out" in reader.get(path_for(database)).text
    assert "has gone out" in reader.get(path_for(database, 2, "put_first")).text
    page = reader.get(path_for(database, 1))
    assert "Take the note back" in page.text
    assert page.text.count("<button") == 1
    assert "The note is taken back." in follow(reader, path_for(database, 1), decision="note", note="").text
    assert "has gone out" in reader.get(path_for(database, 1)).text
    assert digest_of(reader).sections[0].posts[0].note == ""
    with database.write() as conn:
        hide_post(conn, make_post(1).uri, NOW)
    assert top(reader) == [2, 3], "what is hidden is hidden, whenever"


def test_the_mail_is_shown_as_it_would_look_and_nothing_else_is_let_in(reader: Reader) -> None:
    page = reader.get(path_for(reader.site.database, choice="look"))
    assert "Example number 3." in page.text
    assert 'role="article"' in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("post_id", [None, 1])
def test_the_pages_are_kept_and_listed_by_nobody_and_set_no_cookie(reader: Reader, post_id: int | None) -> None:
    page = reader.get(path_for(reader.site.database, post_id))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert page.headers["Set-Cookie"] is None
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"curator": "earlier@example.org"}, 404),
        ({"week": "2026-W40"}, 404),
        ({"until": SUNDAY}, 410),
    ],
    ids=["of an earlier curator", "of an unknown week", "old"],
)
def test_a_link_that_is_no_more_opens_nothing(reader: Reader, changes: dict[str, Any], status: int) -> None:
    path = path_for(reader.site.database, 1, **changes)
    assert reader.get(path).status == reader.post(path, {"decision": "leave_out"}).status == status
    assert top(reader) == [1, 2, 3]


def test_a_damaged_link_opens_nothing(reader: Reader) -> None:
    path = path_for(reader.site.database, 1)
    for damaged in (f"{path[:-1]}!", path[:40], "/curate/x", f"{path}{'x' * 900}"):
        assert reader.get(damaged).status == reader.post(damaged, {"decision": "leave_out"}).status == 404
    assert top(reader) == [1, 2, 3]


@pytest.mark.parametrize("fields", [{}, {"decision": "hide"}, {"decision": ""}])
def test_a_form_that_is_none_of_ours_does_nothing(reader: Reader, fields: dict[str, str]) -> None:
    assert reader.post(path_for(reader.site.database, 1), fields).status == 400
    assert top(reader) == [1, 2, 3]


def test_a_post_that_is_shown_no_more_is_not_shown_to_its_curator(reader: Reader) -> None:
    with reader.site.database.write() as conn:
        hide_post(conn, make_post(1).uri, NOW)
    page = reader.get(path_for(reader.site.database, 1))
    assert "shown no more" in page.text
    assert "Example number 1." not in page.text


def take_out(database: Database, how: str) -> None:
    with database.write() as conn:
        if how == "hidden":
            hide_post(conn, make_post(1).uri, NOW)
        else:
            conn.execute(posts.delete().where(posts.c.id == 1))


@pytest.mark.parametrize("how", ["hidden", "forgotten"])
@pytest.mark.parametrize("decision", ["leave_out", "put_first", "note"])
def test_a_button_about_a_post_that_was_taken_out_meanwhile_says_so(
    database: Database, reader: Reader, how: str, decision: str
) -> None:
    take_out(database, how)
    answer = reader.post(path_for(database, 1), {"decision": decision, "note": "Hm."})
    assert answer.status == 409
    assert "shown no more" in answer.text
    assert rows(database, "curations", "post_id") == []


# Approval


def test_a_digest_is_let_go_before_its_time_and_held_back_again(database: Database) -> None:
    settings = make_curated(approval="required")
    fill(database, settings, now=SUNDAY - HOUR)
    with reading(database, settings, now=lambda: SUNDAY - HOUR) as reader:
        path = path_for(database)
        before = reader.get(path)
        assert "if you let it" in before.text
        assert "what still comes goes out unseen" in before.text, "more may come"
        after = follow(reader, path, decision="let_go")
        assert "You let it go" in after.text
        assert approved(reader)
        assert "if you let it" in follow(reader, path, decision="hold_back").text
        assert not approved(reader)


def test_a_link_about_a_post_lets_no_digest_go(database: Database) -> None:
    settings = make_curated(approval="required")
    fill(database, settings)
    with reading(database, settings, now=lambda: SUNDAY) as reader:
        assert reader.post(path_for(database, 1), {"decision": "let_go"}).status == 409
        assert reader.post(path_for(database), {"decision": "leave_out"}).status == 409
        assert not approved(reader)


def test_a_digest_that_goes_out_by_itself_takes_no_approval(reader: Reader) -> None:
    assert reader.post(path_for(reader.site.database), {"decision": "let_go"}).status == 409
    assert not approved(reader)


# Block words


def test_a_digest_that_went_out_holds_no_post_with_a_block_word_any_more_nor_does_its_table(reader: Reader) -> None:
    let_out(reader)
    address = "/digests/weekly/2026-W47"
    assert all("Example number 2." in reader.get(f"{address}{kind}").text for kind in ("", ".csv"))
    adopt_block_words(reader.site.database, ["number 2"])
    for kind in ("", ".csv"):
        page = reader.get(f"{address}{kind}").text
        assert "Example number 2." not in page
        assert "Example number 3." in page
    assert digest_of(reader).sections[0].taken_back == 1
