"""The finished mail: what arrives is what was said, and nothing can be smuggled in."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import NOW

from collector.links import Purpose
from collector.mailing.bodies import Attachment
from collector.mailing.compose import Addressee, Letter, Press, make_message_id
from collector.text.mailaddresses import Sender

LETTER = Letter(
    sender=Sender(name="Not coproduction", address="digest@example.org"),
    return_to="bounces@example.org",
    subject="#notcoproduction, week 47: 12 new examples",
    text="12 new examples from 9 people.\n",
    html="<p>12 new examples from 9 people.</p>\n",
    series="weekly",
    list_name="#notcoproduction (weekly)",
)
READER = Addressee(to="reader@example.com", message_id="<weekly-2026-w47.0123@example.org>", sent_at=NOW)
LINKED = dataclasses.replace(
    LETTER,
    text="12 new examples.\n\nTo leave:\nhttps://digest.example.org/unsubscribe/SLOT1\n",
    html='<p><a href="https://digest.example.org/unsubscribe/SLOT1">Leave</a>, <a href="/settings/SLOT2">stay</a></p>',
    root_id="<weekly-all.4567@example.org>",
    contact="mailto:you@example.org",
    archive_page="https://digest.example.org/digests/weekly",
    unsubscribe=(
        "https://digest.example.org/unsubscribe/SLOT1",
        "mailto:bounces@example.org?subject=unsubscribe%20SLOT1",
    ),
    is_one_click=True,
    slots={Purpose.UNSUBSCRIBE: "SLOT1", Purpose.SETTINGS: "SLOT2"},
)
TOKENS = {Purpose.UNSUBSCRIBE: "WzAsImsiXQ.abc-d_e", Purpose.SETTINGS: "x" * 160}
TABLE = Attachment(filename="weekly-2026-W47.csv", content="uri,text\r\nhttps://a.example/1,é\r\n".encode())
LINES = st.text(st.characters() | st.sampled_from(' ,.;:<>@"\\=?\r\n\t\x85\u2028é日🙂'), max_size=300)


@dataclasses.dataclass(frozen=True)
class Mail:
    """A letter, and who it is for."""

    letter: Letter = LETTER
    reader: Addressee = READER


def make_mail(**changes: Any) -> Mail:
    """Changes to whichever of the two has them."""
    readers = {name: changes.pop(name) for name in ("to", "message_id", "sent_at", "tokens") if name in changes}
    return Mail(dataclasses.replace(LETTER, **changes), dataclasses.replace(READER, **readers))


MAIL = make_mail()
PERSONAL = Mail(LINKED, dataclasses.replace(READER, tokens=TOKENS))


def composed(mail: Mail) -> bytes:
    return Press(mail.letter).compose(mail.reader).content


def arrived(mail: Mail) -> EmailMessage:
    """The mail as a mail program reads it from the bytes."""
    message = message_from_bytes(composed(mail), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def sender_of(mail: Mail) -> tuple[str, str]:
    """Name and address of the From as sent: the newer parser puts spaces between the encoded words of a name."""
    raw = message_from_bytes(composed(mail), policy=policy.compat32)["From"]
    name, address = parseaddr(raw.replace("\r\n ", " "))
    return str(make_header(decode_header(name))), address


def on_one_line(text: str) -> str:
    kept = "".join(" " if ord(c) < 32 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    return " ".join(kept.split())


def test_a_mail_says_who_to_what_and_when() -> None:
    message = arrived(MAIL)

    assert {name: str(message[name]) for name in message} == {
        "From": "Not coproduction <digest@example.org>",
        "To": "reader@example.com",
        "Subject": "#notcoproduction, week 47: 12 new examples",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
        "Message-ID": "<weekly-2026-w47.0123@example.org>",
        "List-Id": '"#notcoproduction (weekly)" <weekly.example.org>',
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_alternative_288f06eb2ed5a261ac3edc5f"',
    }


@pytest.mark.parametrize("series", ["a-b", "a--b", "a-b-", "a" * 60])
def test_every_series_has_a_list_id_of_its_own(series: str) -> None:
    assert str(arrived(make_mail(series=series))["List-Id"]).endswith(f" <{series}.example.org>")


def test_text_stands_before_html_so_that_the_richer_one_is_shown() -> None:
    message = arrived(MAIL)

    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert body(message, "plain") == LETTER.text
    assert body(message, "html") == LETTER.html


def test_a_csv_hangs_on_the_mail_byte_for_byte() -> None:
    message = arrived(make_mail(attachments=(TABLE,)))

    (attachment,) = message.iter_attachments()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ]
    assert attachment.get_filename() == "weekly-2026-W47.csv"
    assert attachment.get_content_charset() == "utf-8"
    assert attachment.get_payload(decode=True) == TABLE.content
    assert body(message, "plain") == LETTER.text


def test_the_same_letter_gives_the_same_bytes() -> None:
    mail = make_mail(attachments=(TABLE,), subject="Wythnos 47: pôb enghraifft")

    assert composed(mail) == composed(mail)


@pytest.mark.parametrize(
    ("contact", "reply_to", "owner"),
    [
        ("", None, None),
        ("https://example.org/about us", None, "<https://example.org/about%20us>"),
        ("mailto:digest@example.org", None, "<mailto:digest@example.org>"),
        ("mailto:you+us@example.org", "you+us@example.org", "<mailto:you+us@example.org>"),
        ("mailto:50%@example.org", "50%@example.org", "<mailto:50%25@example.org>"),
    ],
)
def test_answers_go_to_the_contact_where_it_takes_mail(contact: str, reply_to: str | None, owner: str | None) -> None:
    message = arrived(make_mail(contact=contact))

    assert message["Reply-To"] == reply_to
    assert message["List-Owner"] == owner


# What is each reader's own


def test_a_reader_leaves_by_a_page_at_one_click_or_by_a_mail() -> None:
    message = arrived(PERSONAL)

    assert message["List-Unsubscribe"] == (
        "<https://digest.example.org/unsubscribe/WzAsImsiXQ.abc-d_e>,"
        " <mailto:bounces@example.org?subject=unsubscribe%20WzAsImsiXQ.abc-d_e>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Archive"] == "<https://digest.example.org/digests/weekly>"


def test_no_click_ends_it_where_the_page_is_not_safe_to_reach() -> None:
    assert (
        arrived(Mail(dataclasses.replace(LINKED, is_one_click=False), PERSONAL.reader))["List-Unsubscribe-Post"] is None
    )


def test_what_is_no_readers_has_no_way_out() -> None:
    message = arrived(MAIL)

    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None


def test_mails_of_a_series_refer_to_the_same_root_and_are_shown_together() -> None:
    message = arrived(PERSONAL)

    assert message["References"] == message["In-Reply-To"] == "<weekly-all.4567@example.org>"
    assert message["Message-ID"] != message["References"]


def test_what_cannot_be_delivered_comes_back_to_where_it_is_read() -> None:
    message = Press(LETTER).compose(READER)

    assert (message.sender, message.to) == ("bounces@example.org", "reader@example.com")
    assert message.message_id == READER.message_id


def test_each_reader_finds_their_own_links_in_both_bodies() -> None:
    press = Press(LINKED)
    for token in ("a", "b" * 74, "c" * 75, "d" * 76, "e" * 400):
        reader = dataclasses.replace(READER, tokens={Purpose.UNSUBSCRIBE: token, Purpose.SETTINGS: token[::-1]})
        message = message_from_bytes(press.compose(reader).content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert body(message, "plain") == LINKED.text.replace("SLOT1", token)
        assert body(message, "html") == LINKED.html.replace("SLOT1", token).replace("SLOT2", token[::-1])


@pytest.mark.parametrize("kept", ["0", "00", "000", "é", "=", " ", ".", "\t"])
@pytest.mark.parametrize("length", range(68, 78))
def test_a_full_last_line_is_broken_between_characters(length: int, kept: str) -> None:
    for text in (f"{'x' * length}é{kept}", f"{'x' * length}{kept}"):
        mail = make_mail(text=text, html=text)

        assert all(len(line) <= 76 for line in composed(mail).split(b"\r\n"))
        assert body(arrived(mail), "plain") == body(arrived(mail), "html") == text


@settings(max_examples=150, deadline=None)
@given(before=LINES, between=LINES, behind=LINES)
def test_whatever_stands_around_a_link_arrives_as_it_was_written(before: str, between: str, behind: str) -> None:
    text = f"{before}SLOT1{between}SLOT2{behind}"
    mail = Mail(dataclasses.replace(LINKED, text=text, html=text), PERSONAL.reader)

    content, message = composed(mail), arrived(mail)

    wanted = as_body(text).replace("SLOT1", TOKENS[Purpose.UNSUBSCRIBE]).replace("SLOT2", TOKENS[Purpose.SETTINGS])
    parts = content.partition(b"\r\n\r\n")[2]
    assert all(len(line) <= 76 for line in parts.split(b"\r\n"))
    assert without_last_break(body(message, "plain")) == without_last_break(wanted)
    assert without_last_break(body(message, "html")) == without_last_break(wanted)


def test_a_name_with_a_comma_stays_one_sender() -> None:
    sender = Sender(name='Not, "co"production <evil@example.net>', address="digest@example.org")

    (address,) = arrived(make_mail(sender=sender))["From"].addresses

    assert (address.display_name, address.addr_spec) == (sender.name, sender.address)


def test_a_zone_is_told_with_the_date_and_a_date_without_one_is_refused() -> None:
    assert arrived(MAIL)["Date"].datetime == NOW
    with pytest.raises(ValueError, match="zone"):
        composed(make_mail(sent_at=datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)))


def test_a_line_break_in_an_address_never_becomes_a_header() -> None:
    with pytest.raises(ValueError, match="header To"):
        composed(make_mail(to="reader@example.com\r\nBcc: you@example.com"))
    with pytest.raises(ValueError, match="header Message-ID"):
        composed(make_mail(message_id="<1@example.org>\r\n Bcc: you@example.com"))
    with pytest.raises(ValueError, match="header In-Reply-To"):
        composed(make_mail(root_id="<1@example.org>\r\nBcc: you@example.com"))


@pytest.mark.parametrize("evil", ["x\r\nBcc: you@example.com", "x>\r\n\r\n<p>", "x\x00", "x>, <https://evil.example"])
def test_nothing_in_an_address_of_a_page_becomes_a_header_or_another_address(evil: str) -> None:
    page = f"https://digest.example.org/{evil}"
    letter = dataclasses.replace(
        LINKED, archive_page=page, contact=page, unsubscribe=(page, "mailto:bounces@example.org")
    )

    message = arrived(Mail(letter, PERSONAL.reader))

    assert message["Bcc"] is None
    for name in ("List-Archive", "List-Owner"):
        assert message[name].count("<") == message[name].count(">") == 1
    assert message["List-Unsubscribe"].count(",") == 1


def test_addresses_beyond_ascii_are_written_as_they_are() -> None:
    content = composed(make_mail(to="jürgen@example.com", subject="Grüße"))

    assert "\r\nTo: jürgen@example.com\r\n".encode() in content
    assert message_from_bytes(content, policy=policy.SMTPUTF8)["Subject"] == "Grüße"


def test_half_a_character_is_shown_as_missing_and_stops_no_mail() -> None:
    message = arrived(make_mail(text="a\ud800b\n", subject="a\udfffb"))

    assert body(message, "plain") == "a\ufffdb\n"
    assert message["Subject"] == "a b"


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?an_encoded_word=0ABcc:_you=40example.com?=",
        "pôb ascii pôb ascii, a llawer mwy o eiriau nag sydd yn mynd ar un llinell o'r pennawd, pôb un",
        "x" * 2000,
        "日" * 500,
        "👩🏽‍💻 " * 60,
        "مرحبا بكم week 47: 12 new examples \u200fمرحبا",
        "a\r\nBcc: you@example.com",
        "",
        " ".join(["word"] * 400),
    ],
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    message = arrived(make_mail(subject=subject))

    assert message["Subject"] == on_one_line(subject)
    assert message["Bcc"] is None


@settings(max_examples=150, deadline=None)
@given(
    subject=LINES,
    name=LINES,
    list_name=LINES,
    text=st.text(max_size=400) | LINES,
    html=st.text(st.characters(codec="utf-8"), max_size=1200),
    filename=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80),
)
def test_whatever_is_said_arrives_in_short_lines_and_nothing_else_does(
    subject: str, name: str, list_name: str, text: str, html: str, filename: str
) -> None:
    mail = make_mail(
        subject=subject,
        sender=Sender(name=name, address="digest@example.org"),
        list_name=list_name,
        text=text,
        html=html,
        attachments=(Attachment(filename=filename, content=html.encode()),),
    )

    content = composed(mail)
    message = arrived(mail)

    assert all(len(line) <= 80 for line in content.split(b"\r\n"))
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert message.keys() == [*arrived(MAIL).keys()]
    assert message["Subject"] == on_one_line(subject)
    assert sender_of(mail) == (on_one_line(name), "digest@example.org")
    assert len(message["From"].addresses) == 1
    assert str(message["List-Id"]).endswith("<weekly.example.org>")
    assert without_last_break(body(message, "plain")) == without_last_break(as_body(text))
    assert without_last_break(body(message, "html")) == without_last_break(as_body(html))
    (attachment,) = message.iter_attachments()
    assert attachment.get_payload(decode=True) == html.encode()


def as_body(text: str) -> str:
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in whole)


def without_last_break(text: str) -> str:
    return text.removesuffix("\n")


def test_a_message_id_is_the_same_for_the_same_delivery_only() -> None:
    base = {"key": b"secret", "label": "weekly/2026-W47", "address": "reader@example.com", "domain": "example.org"}

    ids = {
        make_message_id(**(base | changes))  # type: ignore[arg-type]
        for changes in ({}, {}, {"label": "weekly/2026-W48"}, {"address": "other@example.com"}, {"key": b"other"})
    }

    assert len(ids) == 4
    assert all(len(message_id) < 200 and message_id.isascii() for message_id in ids)


def test_a_message_id_tells_its_week_and_never_the_address() -> None:
    message_id = make_message_id(key=b"k", label="weekly/2026-W47", address="reader@example.com", domain="example.org")

    assert message_id.startswith("<weekly-2026-w47.")
    assert message_id.endswith("@example.org>")
    assert "reader" not in message_id
