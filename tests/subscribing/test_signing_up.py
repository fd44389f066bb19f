"""Signing up, confirming, choosing and leaving, with real databases and a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import NOW
from making_storage import rows
from reading_mail import (
    key_of,
    link_in,
    make_readership,
    post,
    recipients,
    signer_of,
    standing_of,
    token_in,
)
from smtpserver import MailServer
from sqlalchemy import event

from collector.errors import LinkError, UnknownNameError
from collector.links.personal import settings_token, unsubscribe_token
from collector.needs.finding import find_waiting
from collector.needs.gathering import take_stock
from collector.storage.database import Database
from collector.storage.recipients import gather_recipients
from collector.storage.tables import letters, subscribers
from collector.subscribing.leaving import remove, tidy_readers, unsubscribe
from collector.subscribing.readership import Readership
from collector.subscribing.signing import choose, confirm, look_at_confirmation, look_at_settings, sign_up
from collector.text.mailaddresses import folded_address, normal_address

JO = "Jo@example.org"
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def readership(database: Database, tmp_path: Path) -> Readership:
    return make_readership(database, tmp_path)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def join(
    readership: Readership, server: MailServer, address: str = JO, at: datetime = NOW, series: str = "weekly"
) -> None:
    """Signs up, and follows the link."""
    sign_up(readership, address, [series], at)
    post(readership, server, at)
    confirm(readership, token_in(server.messages[-1]), at)


def getting(database: Database, series: str = "weekly") -> list[str]:
    with database.write() as conn:
        return gather_recipients(conn, series, (), NOW)


def test_somebody_gets_a_series_after_following_the_link_and_not_before(
    readership: Readership, server: MailServer
) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    assert getting(readership.database) == []
    assert post(readership, server).sent == 1
    token = token_in(server.messages[0])
    assert look_at_confirmation(readership, token, NOW).told.got == ("weekly",)
    assert getting(readership.database) == []
    assert confirm(readership, token, NOW + HOUR).told.got == ("weekly",)
    assert getting(readership.database) == [JO]
    assert rows(readership.database, "subscriptions", "origin", "consent_source", "consent_at") == [
        ("page", "signed up on the page, and confirmed by mail", NOW + HOUR)
    ]


def test_the_letter_says_what_is_asked_in_text_and_html(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly", "second"], NOW)
    post(readership, server)
    message = server.messages[0].message
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert message["Subject"] == "Please confirm: #notcoproduction (weekly) and #notcoproduction (second)"
    assert message["To"] == JO
    assert (message["Auto-Submitted"], message["Reply-To"]) == ("auto-generated", "me@example.org")
    assert message["List-Unsubscribe"] is None
    link = link_in(server.messages[0])
    assert f"\nYes, send it to me:\n{link}\n" in "\n".join(text.get_content().splitlines())
    assert f'href="{link}"' in html.get_content()


def test_the_letter_about_several_series_speaks_as_the_first_of_the_configuration(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    near = {"series": "weekly", "timezone": "Europe/London"}
    far = {"series": "abroad", "timezone": "Asia/Tokyo"}
    readership = make_readership(database, tmp_path, digest=[near, far])
    sign_up(readership, JO, ["abroad", "weekly"], NOW)
    post(readership, server)
    text = server.messages[0].message.get_body(("plain",))
    assert text is not None
    until = NOW + timedelta(days=2)
    assert f"This works until {until:%a %-d %b, %H:%M} GMT." in " ".join(text.get_content().split())


def test_a_link_of_confirmation_is_over_after_two_days(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    post(readership, server)
    token = token_in(server.messages[0])
    with pytest.raises(LinkError) as refusal:
        confirm(readership, token, NOW + 2 * DAY)
    assert refusal.value.is_expired
    assert confirm(readership, token, NOW + 2 * DAY - MINUTE).told.got == ("weekly",)


def test_a_link_for_one_purpose_does_nothing_else(readership: Readership, server: MailServer) -> None:
    join(readership, server)
    signer, key = signer_of(readership.database), key_of(readership.database, JO)
    for token in (settings_token(signer, key), unsubscribe_token(signer, key, "weekly"), "nonsense"):
        with pytest.raises(LinkError):
            confirm(readership, token, NOW)
    with pytest.raises(LinkError):
        unsubscribe(readership, settings_token(signer, key), "link", NOW)


def test_a_link_that_is_followed_after_leaving_does_not_bring_anybody_back(
    readership: Readership, server: MailServer
) -> None:
    join(readership, server)
    database = readership.database
    unsubscribe(readership, unsubscribe_token(signer_of(database), key_of(database, JO), "weekly"), "link", NOW + HOUR)
    told = confirm(readership, token_in(server.messages[0]), NOW + 2 * HOUR).told
    assert (told.got, told.left) == ((), ("weekly",))
    assert getting(database) == []
    sign_up(readership, JO, ["weekly"], NOW + 3 * HOUR)
    confirm(readership, token_in(server.messages[0]), NOW + 4 * HOUR)
    assert standing_of(database, JO) == {"weekly": "asked"}
    post(readership, server, NOW + 4 * HOUR)
    confirm(readership, token_in(server.messages[-1]), NOW + 5 * HOUR)
    assert getting(database) == [JO]


def test_who_signs_up_again_is_told_that_they_get_it_and_nothing_changes(
    readership: Readership, server: MailServer
) -> None:
    join(readership, server)
    before = rows(readership.database, "subscriptions", "state", "asked_at", "confirmed_at")
    sign_up(readership, "JO@EXAMPLE.ORG", ["weekly"], NOW + HOUR)
    post(readership, server, NOW + HOUR)
    assert recipients(server.messages) == [JO, JO]
    assert server.messages[1].message["Subject"] == "You get #notcoproduction (weekly) already"
    assert "/settings/" in link_in(server.messages[1])
    assert rows(readership.database, "subscriptions", "state", "asked_at", "confirmed_at") == before


def test_who_bounced_is_reached_again_by_confirming(readership: Readership, server: MailServer) -> None:
    join(readership, server)
    with readership.database.write() as conn:
        conn.execute(subscribers.update().values(bounced_at=NOW + HOUR, bounce_reason="no such user", soft_bounces=3))
    assert getting(readership.database) == []
    sign_up(readership, JO, ["weekly"], NOW + 2 * HOUR)
    post(readership, server, NOW + 2 * HOUR)
    confirm(readership, token_in(server.messages[-1]), NOW + 3 * HOUR)
    assert getting(readership.database) == [JO]
    assert rows(readership.database, "subscribers", "bounced_at", "bounce_reason", "soft_bounces") == [(None, "", 0)]


@pytest.mark.parametrize("wanted", [["closed"], ["weekly", "closed"], ["unheard"], []])
def test_only_open_series_can_be_signed_up_for(readership: Readership, wanted: list[str]) -> None:
    with pytest.raises(UnknownNameError):
        sign_up(readership, JO, wanted, NOW)
    assert rows(readership.database, "subscribers", "id") == []


def test_nobody_is_bombed_however_often_somebody_signs_them_up(readership: Readership, server: MailServer) -> None:
    for minute in range(24 * 60):
        at = NOW + minute * MINUTE
        sign_up(readership, JO, ["weekly"], at)
        post(readership, server, at)
    times = [message.message["Date"].datetime for message in server.messages]
    assert len(times) == 5
    assert min(later - earlier for earlier, later in pairwise(times)) >= 10 * MINUTE


def test_a_mailbox_with_many_addresses_is_not_bombed_either(readership: Readership, server: MailServer) -> None:
    for number in range(20):
        sign_up(readership, f"Jo+{number}@example.org", ["weekly"], NOW + number * MINUTE)
    for address in ("jo@elsewhere.example", "joan+1@example.org", "jo_@example.org"):
        sign_up(readership, address, ["weekly"], NOW + HOUR)
    post(readership, server, NOW + HOUR)
    assert [address.partition("+")[0] for address in recipients(server.messages[:5])] == ["Jo"] * 5
    assert recipients(server.messages[5:]) == ["jo@elsewhere.example", "joan+1@example.org", "jo_@example.org"]


def test_only_so_many_letters_go_out_in_an_hour_whoever_they_are_for(database: Database, tmp_path: Path) -> None:
    mail = {"from": "A <digest@example.org>", "letters_per_hour": 3}
    readership = make_readership(database, tmp_path, mail=mail)
    assert [sign_up(readership, f"jo{one}@example.org", ["weekly"], NOW + one * MINUTE) for one in range(4)] == [
        *(True, True, True),
        False,
    ]
    assert not sign_up(readership, "jo0@example.org", ["weekly"], NOW + 20 * MINUTE)
    assert len(rows(database, "subscribers", "id")) == len(rows(database, "letters", "id")) == 3
    assert waiting(readership, NOW + 20 * MINUTE) == [
        "nobody can sign up for now: 3 letters to readers in the last hour, as many as mail.letters_per_hour allows"
    ]
    assert waiting(readership, NOW + HOUR) == []
    assert sign_up(readership, "jo3@example.org", ["weekly"], NOW + HOUR)
    assert not sign_up(readership, "jo4@example.org", ["weekly"], NOW + HOUR)


def waiting(readership: Readership, at: datetime) -> list[str]:
    """What `status` says is tried again by itself."""
    with readership.database.read() as conn:
        return find_waiting(take_stock(conn, readership.settings, at).facts, at)


def test_what_is_asked_for_beside_it_comes_in_a_second_letter(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    post(readership, server)
    sign_up(readership, JO, ["second"], NOW + MINUTE)
    assert post(readership, server, NOW + 9 * MINUTE).sent == 0
    assert post(readership, server, NOW + 10 * MINUTE).sent == 1
    confirm(readership, token_in(server.messages[0]), NOW + HOUR)
    assert standing_of(readership.database, JO) == {"weekly": "confirmed", "second": "asked"}
    confirm(readership, token_in(server.messages[1]), NOW + HOUR)
    assert standing_of(readership.database, JO) == {"weekly": "confirmed", "second": "confirmed"}


def test_a_letter_that_has_nothing_left_to_say_is_not_sent(readership: Readership, server: MailServer) -> None:
    join(readership, server)
    sign_up(readership, JO, ["second"], NOW + MINUTE)
    token = settings_token(signer_of(readership.database), key_of(readership.database, JO))
    choose(readership, token, {"weekly", "second"}, NOW + 2 * MINUTE)
    assert post(readership, server, NOW + HOUR).sent == 0
    assert len(server.messages) == 1


def test_a_server_s_answer_that_names_somebody_stays_out_of_the_log(
    readership: Readership, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers[JO] = f"550 5.1.1 <{JO}>: no such user"
    sign_up(readership, JO, ["weekly"], NOW)
    (problem,) = post(readership, server).problems
    assert problem.endswith("refuses the recipient for good: 550 5.1.1 … no such user")
    assert "no such user" in caplog.text
    assert JO not in caplog.text


def test_signing_up_asks_the_database_alike_whoever_it_is(readership: Readership, server: MailServer) -> None:
    """So nobody tells by the time who is known."""
    for name in ("confirmed", "ended", "bounced"):
        join(readership, server, f"{name}@example.org")
    sign_up(readership, "asked@example.org", ["weekly"], NOW)
    remove(readership, "ended@example.org", None, "command", NOW)
    with readership.database.write() as conn:
        conn.execute(subscribers.update().where(subscribers.c.folded == "bounced@example.org").values(bounced_at=NOW))
    said: list[str] = []
    event.listen(
        readership.database.engine,
        "before_cursor_execute",
        lambda conn, cursor, statement, *rest: said.append(statement.split()[0]),
    )
    shapes = []
    for address in (
        "confirmed@example.org",
        "asked@example.org",
        "ended@example.org",
        "bounced@example.org",
        "stranger@example.org",
    ):
        said.clear()
        sign_up(readership, address, ["weekly"], NOW + MINUTE)
        shapes.append(["write" if one in {"INSERT", "UPDATE"} else one for one in said])
    assert shapes[0].count("write") == 3
    assert [shape == shapes[0] for shape in shapes] == [True] * 5


def test_somebody_chooses_what_they_get(readership: Readership, server: MailServer) -> None:
    join(readership, server)
    token = settings_token(signer_of(readership.database), key_of(readership.database, JO))
    reader = choose(readership, token, {"second", "closed"}, NOW + HOUR)
    assert reader is not None
    assert standing_of(readership.database, JO) == {"second": "confirmed", "weekly": "ended"}
    assert readership.offered_to(reader) == ("weekly", "second")
    assert look_at_settings(readership, token, NOW) == reader


def test_a_letter_that_is_refused_for_now_comes_later_under_its_own_message_id(
    readership: Readership, server: MailServer
) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    server.answers[JO] = "451 4.3.0 try again"
    report = post(readership, server)
    assert (report.sent, report.waiting) == (0, 1)
    (message_id,) = rows(readership.database, "letters", "message_id")
    server.answers.clear()
    assert post(readership, server, NOW + MINUTE).sent == 0
    assert post(readership, server, NOW + 5 * MINUTE).sent == 1
    assert server.messages[0].message["Message-ID"] == message_id


def test_a_letter_that_is_refused_for_good_is_given_up(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    server.answers[JO] = "550 5.1.1 no such user"
    assert post(readership, server).refused == 1
    server.answers.clear()
    assert post(readership, server, NOW + DAY).sent == 0


def test_a_letter_whose_sender_died_goes_out_when_the_claim_is_over(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    with readership.database.write() as conn:
        conn.execute(letters.update().values(state="claimed", claimed_by="elsewhere::1:b", claimed_at=NOW))
    assert post(readership, server, NOW + 14 * MINUTE).sent == 0
    assert post(readership, server, NOW + 15 * MINUTE).sent == 1


def test_what_is_never_confirmed_is_erased_after_a_week(readership: Readership, server: MailServer) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    post(readership, server)
    tidy_readers(readership, NOW + 7 * DAY)
    assert standing_of(readership.database, JO) == {"weekly": "asked"}
    tidy_readers(readership, NOW + 7 * DAY + MINUTE)
    assert [rows(readership.database, table, "id") for table in ("subscribers", "letters")] == [[], []]
    assert rows(readership.database, "refusals", "mark") == []


def test_asking_again_keeps_what_is_asked_for_until_the_new_link_is_over(
    readership: Readership, server: MailServer
) -> None:
    sign_up(readership, JO, ["weekly"], NOW)
    post(readership, server)
    sign_up(readership, JO, ["weekly"], NOW + 6 * DAY)
    post(readership, server, NOW + 6 * DAY)
    tidy_readers(readership, NOW + 8 * DAY - MINUTE)
    assert confirm(readership, token_in(server.messages[-1]), NOW + 8 * DAY - MINUTE).told.got == ("weekly",)


locals_ = st.text(alphabet="aäßſIıİΣςé.", min_size=1, max_size=6).filter(
    lambda text: not (text.startswith(".") or text.endswith(".") or ".." in text)
)
domains = st.sampled_from(["example.org", "EXAMPLE.org", "straße.example", "日本。example", "bücher.example"])


@given(locals_, domains)
def test_an_address_is_one_person_however_it_is_capitalised(local: str, domain: str) -> None:
    address = normal_address(f"{local}@{domain}")
    folded = folded_address(address)
    assert folded_address(folded) == folded
    assert folded_address(normal_address(folded)) == folded
    assert folded_address(normal_address(f"{local}@{domain.upper()}" if domain.isascii() else address)) == folded
    if address.isascii():
        assert folded_address(address.upper()) == folded


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(locals_, domains), min_size=1, max_size=5))
def test_signing_up_makes_as_many_people_as_there_are_folded_addresses(
    readership: Readership, told: list[tuple[str, str]]
) -> None:
    with readership.database.write() as conn:
        conn.execute(subscribers.delete())
    addresses = [normal_address(f"{local}@{domain}") for local, domain in told]
    for address in addresses:
        sign_up(readership, address, ["weekly"], NOW)
    assert sorted(rows(readership.database, "subscribers", "folded")) == sorted(
        {folded_address(address) for address in addresses}
    )


def test_who_was_taken_out_of_the_configuration_can_sign_up_like_anybody(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    readership = make_readership(database, tmp_path)
    with database.write() as conn:
        gather_recipients(conn, "weekly", [JO], NOW)
    settings_link = settings_token(signer_of(database), key_of(database, JO))
    seen = look_at_settings(readership, settings_link, NOW)
    assert seen is not None
    assert seen.subscriptions == (), "they get nothing any more"
    join(readership, server)
    assert str(server.messages[0].message["Subject"]).startswith("Please confirm")
    assert getting(database) == [JO]


def test_who_was_taken_out_of_the_configuration_can_choose_the_series_anew(database: Database, tmp_path: Path) -> None:
    readership = make_readership(database, tmp_path)
    with database.write() as conn:
        gather_recipients(conn, "weekly", [JO], NOW)
        gather_recipients(conn, "second", [JO], NOW)
    signer, key = signer_of(database), key_of(database, JO)
    left = unsubscribe(readership, unsubscribe_token(signer, key, "second"), "link", NOW)
    assert (left.is_over, left.others) == (True, ()), "weekly is not theirs either"
    choose(readership, settings_token(signer, key), {"weekly"}, NOW)
    assert getting(database) == [JO]
    assert getting(database, "second") == []
