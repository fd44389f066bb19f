"""The pages of readers as a browser asks for them: GET shows, POST acts, and nobody learns who is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock as WallClock
from collecting import keep, publishing
from making import NOW, make_post
from making_readers import subscribe
from making_storage import rows
from reading_mail import BASE, key_of, make_readership, post, signer_of, standing_of, token_in
from smtpserver import MailServer
from visiting import Reader, reading, reading_app

from collector.links.personal import confirm_token, settings_token, unsubscribe_token
from collector.storage.database import Database
from collector.storage.recipients import gather_recipients
from collector.storage.tables import subscribers
from collector.subscribing.readership import Readership
from collector.web.site import say_wait
from collector.words import ENGLISH

JO = "jo@bücher.example"
PLAIN = "jo@xn--bcher-kva.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Clock:
    """A time that a test puts forward."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Scene:
    """The pages, the database behind them, and a mail server."""

    def __init__(self, reader: Reader, readership: Readership, server: MailServer, clock: Clock) -> None:
        self.reader, self.readership, self.server, self.clock = reader, readership, server, clock
        self.database = readership.database

    def post(self) -> None:
        """Letters go out a quarter of an hour later."""
        self.clock.at += timedelta(minutes=15)
        post(self.readership, self.server, self.clock.at)

    def join(self, address: str = PLAIN, series: str = "weekly") -> None:
        """Signs up and confirms."""
        assert self.reader.post("/subscribe", {"address": address, "series": series}).status == 200
        self.post()
        assert self.reader.post(f"/confirm/{token_in(self.server.messages[-1])}").status == 200

    def settings(self, address: str = PLAIN) -> str:
        return f"/settings/{settings_token(signer_of(self.database), key_of(self.database, address))}"

    def unsubscribe(self, series: str = "weekly", address: str = PLAIN) -> str:
        return f"/unsubscribe/{unsubscribe_token(signer_of(self.database), key_of(self.database, address), series)}"

    def getting(self, series: str = "weekly") -> list[str]:
        with self.database.write() as conn:
            return gather_recipients(conn, series, (), NOW)


@contextmanager
def scene_of(database: Database, folder: Path, at: datetime = NOW, **tables: Any) -> Iterator[Scene]:
    readership = make_readership(database, folder, **tables)
    clock = Clock(at)
    with MailServer() as server, reading(database, readership.settings, now=clock) as reader:
        yield Scene(reader, readership, server, clock)


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Iterator[Scene]:
    with scene_of(database, tmp_path) as made:
        yield made


def test_somebody_signs_up_confirms_and_is_on_the_list(scene: Scene) -> None:
    form = scene.reader.get("/subscribe")
    assert form.status == 200
    assert "#notcoproduction (weekly)" in form.text
    assert "#notcoproduction (closed)" not in form.text
    asked = scene.reader.post("/subscribe", {"address": JO, "series": "weekly"})
    assert (asked.status, JO in asked.text) == (200, True)
    scene.post()
    assert scene.server.messages[0].recipients == [PLAIN]
    path = f"/confirm/{token_in(scene.server.messages[0])}"
    assert "<button" in scene.reader.get(path).text
    assert scene.getting() == []
    assert "You are on the list" in scene.reader.post(path).text
    assert scene.getting() == [PLAIN]
    assert "You are on the list" in scene.reader.get(path).text


def test_the_answer_is_the_same_whoever_is_known(scene: Scene) -> None:
    scene.join("confirmed@example.org")
    scene.join("bounced@example.org")
    scene.join("ended@example.org")
    with scene.database.write() as conn:
        conn.execute(subscribers.update().where(subscribers.c.folded == "bounced@example.org").values(bounced_at=NOW))
    scene.reader.post(scene.unsubscribe(address="ended@example.org"))
    answers = set()
    for name in ("confirmed", "bounced", "ended", "stranger"):
        seen = scene.reader.post("/subscribe", {"address": f"{name}@example.org", "series": "weekly"})
        answers.add((seen.status, seen.text.replace(name, "somebody"), seen.headers.get("Cache-Control")))
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"address": "", "series": "weekly"}, "address-fault"),
        ({"address": "jo", "series": "weekly"}, "address-fault"),
        ({"address": "root@localhost", "series": "weekly"}, "address-fault"),
        ({"address": "jo@example.org\r\nBcc: all@example.org", "series": "weekly"}, "address-fault"),
        ({"address": '"><script>alert(1)</script>@x.example', "series": "weekly"}, "address-fault"),
        ({"address": "jo@example.org"}, "series-fault"),
        ({"address": "jo@example.org", "series": "closed"}, "series-fault"),
    ],
)
def test_a_fault_is_told_beside_its_field_which_keeps_what_was_typed(
    scene: Scene, fields: dict[str, str], fault: str
) -> None:
    seen = scene.reader.post("/subscribe", fields)
    assert seen.status == 400
    assert f'id="{fault}"' in seen.text
    assert f'aria-describedby="{fault}"' in seen.text
    assert "<title>Not yet: Subscribe" in seen.text
    assert "<script>" not in seen.text
    assert rows(scene.database, "subscribers", "id") == []


def test_when_enough_letters_went_out_everybody_is_told_to_come_back_alike(database: Database, tmp_path: Path) -> None:
    mail = {"from": "A <digest@example.org>", "letters_per_hour": 1}
    with scene_of(database, tmp_path, mail=mail) as scene:
        scene.join("known@example.org")
        answers = {
            (seen.status, seen.headers["Retry-After"], seen.text)
            for address in ("known@example.org", "stranger@example.org")
            if (seen := scene.reader.post("/subscribe", {"address": address, "series": "weekly"}))
        }
        ((status, retry_after, text),) = answers
        assert (status, retry_after) == (503, "3600")
        assert "Come back a little later" in text


def test_a_room_full_of_people_signs_up_from_one_address_and_is_then_told_how_long_to_wait(scene: Scene) -> None:
    """What they mistype on the way costs a page, and none of what they may do."""
    for number in range(20):
        typo = scene.reader.post("/subscribe", {"address": f"jo{number}", "series": "weekly"})
        seen = scene.reader.post("/subscribe", {"address": f"jo{number}@example.org", "series": "weekly"})
        assert (typo.status, seen.status) == (400, 200)
    seen = scene.reader.post("/subscribe", {"address": "jo@example.org", "series": "weekly"})
    assert (seen.status, seen.headers["Retry-After"]) == (429, "60")
    assert "Wait 60 seconds, and try again." in seen.text
    scene.clock.at += timedelta(minutes=1)
    assert scene.reader.post("/subscribe", {"address": "jo@example.org", "series": "weekly"}).status == 200


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "one second"), (90, "90 seconds"), (91, "2 minutes"), (3_600, "60 minutes")]
)
def test_how_long_to_wait_is_said_in_words(seconds: int, said: str) -> None:
    assert say_wait(ENGLISH, seconds) == said


def test_nobody_can_sign_up_where_letters_could_lead_nowhere_or_no_series_is_open(
    database: Database, tmp_path: Path
) -> None:
    closed = [{"series": "weekly", "sign_up": False}]
    faulty: list[dict[str, Any]] = [{"web": {}}, {"digest": closed}]
    for tables in faulty:
        with scene_of(database, tmp_path, **tables) as scene:
            assert scene.reader.get("/subscribe").status == 404
            assert scene.reader.post("/subscribe", {"address": "jo@example.org", "series": "weekly"}).status == 404
    assert rows(database, "subscribers", "id") == []


@pytest.mark.parametrize("fields", [{}, ONE_CLICK], ids=["without a body", "as RFC 8058 has it"])
def test_a_post_stops_a_series_at_once_and_only_that(scene: Scene, fields: dict[str, str]) -> None:
    scene.join()
    scene.reader.post(scene.settings(), {"do": "save", "series": "weekly"})
    scene.join(series="second")
    seen = scene.reader.post(scene.unsubscribe(), fields)
    assert (seen.status, scene.getting(), scene.getting("second")) == (200, [], [PLAIN])
    assert "#notcoproduction (second) goes on coming" in seen.text
    assert scene.reader.post(scene.unsubscribe(), fields).status == 200
    why = dict(rows(scene.database, "subscriptions", "series", "ended_why"))["weekly"]
    assert why == ("one click" if fields else "link")


def test_looking_at_a_link_to_unsubscribe_stops_nothing(scene: Scene) -> None:
    scene.join()
    seen = scene.reader.get(scene.unsubscribe())
    assert "Stop #notcoproduction (weekly)?" in seen.text
    assert "Stop everything" not in seen.text
    assert scene.getting() == [PLAIN]


def test_a_second_button_stops_everything(scene: Scene) -> None:
    scene.join()
    scene.join(series="second")
    assert "Stop everything" in scene.reader.get(scene.unsubscribe()).text
    left = scene.reader.post(scene.unsubscribe(), {"do": "all"})
    assert standing_of(scene.database, PLAIN) == {"weekly": "ended", "second": "ended"}
    assert f"No more mails go to {JO}." in left.text
    assert "(weekly)" not in left.text


def test_mail_providers_may_unsubscribe_hundreds_from_one_address(scene: Scene) -> None:
    scene.join()
    assert {scene.reader.post(scene.unsubscribe(), ONE_CLICK).status for _ in range(100)} == {200}


def test_settings_change_what_somebody_gets(scene: Scene) -> None:
    scene.join()
    page = scene.reader.get(scene.settings()).text
    assert re.findall(r'value="(\w+)"( checked)?', page)[:2] == [("weekly", " checked"), ("second", "")]
    saved = scene.reader.post(scene.settings(), {"do": "save", "series": "second"})
    assert (saved.status, saved.headers["Location"]) == (303, f"{scene.settings()}?saved")
    assert standing_of(scene.database, PLAIN) == {"weekly": "ended", "second": "confirmed"}
    assert "Saved." in scene.reader.get(f"{scene.settings()}?saved").text


def test_each_page_of_somebody_writes_their_address_as_they_do(scene: Scene) -> None:
    scene.join()
    for path in (scene.settings(), f"{scene.settings()}?held", scene.unsubscribe()):
        assert JO in scene.reader.get(path).text
    assert JO in scene.reader.post(scene.unsubscribe(), ONE_CLICK).text


def test_the_page_about_privacy_says_how_long_an_address_is_held(scene: Scene) -> None:
    told = scene.reader.get("/privacy").text
    assert "An address that never confirmed is erased after 7 days, and one that left everything after 30 days" in told


@pytest.mark.parametrize(
    ("tables", "has_links"), [({"digest": [{"series": "weekly", "sign_up": False}]}, True), ({"web": {}}, False)]
)
def test_readers_of_a_closed_list_are_told_what_is_held_about_them_too(
    database: Database, tmp_path: Path, tables: dict[str, Any], has_links: bool
) -> None:
    with scene_of(database, tmp_path, **tables) as scene:
        told = scene.reader.get("/privacy").text
    assert "If you get the digest by mail" in told
    assert ("Every mail has a link that ends it at once" in told) is has_links


def test_a_closed_series_cannot_be_chosen_by_writing_its_name(scene: Scene) -> None:
    scene.join()
    scene.reader.post(scene.settings(), {"do": "save", "series": "closed"})
    assert standing_of(scene.database, PLAIN) == {"weekly": "ended"}


def test_somebody_sees_everything_that_is_held_about_them(scene: Scene) -> None:
    scene.join()
    text = scene.reader.get(f"{scene.settings()}?held").text
    for told in (
        PLAIN,
        key_of(scene.database, PLAIN),
        "signed up on the page, and confirmed by mail",
        "Mon 23 Nov 2026",
    ):
        assert told in text
    assert re.findall(r"<th[^>]*>([^<]*)</th>", text) == [
        *("series", "how it stands", "how it began", "how you agreed", "when you agreed", "asked for", "confirmed"),
        *("what", "how it stands", "asked for", "sent or given up"),
    ]


def test_each_mail_is_a_line_under_labels_that_stand_once(tmp_path: Path, prepared_url: str) -> None:
    clock = WallClock(NOW - timedelta(days=7))
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}) as app:
        subscribe(app.database, [PLAIN], clock())
        for number in range(4):
            app.close_due_windows()
            keep(app, make_post(number, published_at=clock()))
            clock.advance(days=7, hours=1)
        app.close_due_windows()
        app.send_owed()
        with reading_app(app) as reader:
            token = settings_token(signer_of(app.database), key_of(app.database, PLAIN))
            text = reader.get(f"/settings/{token}?held").text
    table = text[text.index("Digests that were sent") : text.index("Letters that were sent")]
    labels = ["series", "issue", "what", "how it stands", "asked for", "sent or given up"]
    assert re.findall(r"<th[^>]*>([^<]*)</th>", table) == labels
    assert "<tr><td><bdi>weekly</bdi></td><td><bdi>2026-W" in table
    assert PLAIN not in table, "it stands above already"


def test_somebody_erases_themselves_and_their_links_say_so(scene: Scene) -> None:
    scene.join()
    settings, leaving = scene.settings(), scene.unsubscribe()
    assert "You are forgotten" in scene.reader.post(settings, {"do": "erase"}).text
    assert [rows(scene.database, table, "state") for table in ("subscriptions", "letters")] == [[], []]
    assert rows(scene.database, "subscribers", "id") == []
    assert "Nothing is held here" in scene.reader.get(settings).text
    assert scene.reader.post(leaving, ONE_CLICK).status == 200


def test_who_leaves_a_closed_list_is_not_sent_to_a_form_that_is_not_there(database: Database, tmp_path: Path) -> None:
    series = [{"series": "weekly", "send_on": "monday 08:00", "sign_up": False}]
    with scene_of(database, tmp_path, digest=series) as scene:
        subscribe(database, [PLAIN], NOW)
        left = scene.reader.post(scene.unsubscribe(), ONE_CLICK)
        erased = scene.reader.post(settings := scene.settings(), {"do": "erase"})
        nobody = scene.reader.get(settings)
    for seen, title in ((left, "It has stopped"), (erased, "You are forgotten"), (nobody, "Nothing is held here")):
        assert title in seen.text
        assert 'href="/subscribe"' not in seen.text


def test_every_page_of_one_person_is_kept_and_listed_by_nobody(scene: Scene) -> None:
    scene.join()
    token = confirm_token(signer_of(scene.database), key_of(scene.database, PLAIN), NOW)
    for path in (scene.settings(), f"{scene.settings()}?held", scene.unsubscribe(), f"/confirm/{token}"):
        seen = scene.reader.get(path)
        assert seen.status == 200
        assert seen.headers["Cache-Control"] == "no-store"
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert seen.headers.get("Set-Cookie") is None
        assert '<meta name="robots" content="noindex">' in seen.text


def test_links_that_are_damaged_or_too_old_are_refused(database: Database, tmp_path: Path) -> None:
    with scene_of(database, tmp_path) as scene:
        scene.join()
        token = confirm_token(signer_of(database), key_of(database, PLAIN), NOW)
        for path in (f"/confirm/{token[:-1]}", "/settings/x", "/unsubscribe/x", scene.settings()[:-2]):
            assert (scene.reader.get(path).status, scene.reader.post(path).status) == (404, 404)
    with scene_of(database, tmp_path, at=NOW + timedelta(hours=48)) as scene:
        assert scene.reader.get(f"/confirm/{token}").status == 410


def test_pages_speak_the_words_of_the_series(database: Database, tmp_path: Path) -> None:
    (tmp_path / "welsh.toml").write_text(
        'language = "cy"\n[words]\nleaving_title = "Stopio {series}?"\nconfirm_heading = "Chi sydd yno?"\n',
        encoding="utf-8",
    )
    series = [{"series": "weekly", "words": "welsh.toml"}]
    with scene_of(database, tmp_path, digest=series) as scene:
        scene.join()
        assert "Stopio #notcoproduction (weekly)?" in scene.reader.get(scene.unsubscribe()).text
        assert '<html lang="cy"' in scene.reader.get(scene.unsubscribe()).text
        html = scene.server.messages[0].message.get_body(("html",))
        assert html is not None
        assert "Chi sydd yno?" in html.get_content()


def test_the_links_in_letters_lead_to_the_address_of_the_pages(scene: Scene) -> None:
    scene.reader.post("/subscribe", {"address": PLAIN, "series": "weekly"})
    scene.post()
    assert f"{BASE}/confirm/".encode() in scene.server.messages[0].content.replace(b"=\r\n", b"").replace(b"=3D", b"=")
