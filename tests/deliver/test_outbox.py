"""Mail as files in a folder."""

from __future__ import annotations

import resource
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from collector.deliver import Message, OutboxDeliverer
from collector.deliver.outbox import mails_in, remove_mails
from collector.errors import DeliveryError


def make_message(message_id: str = "<weekly-2026-w47.0123@example.org>", text: str = "Hello\n") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "digest@example.org"
    message["To"] = "reader@example.com"
    message["Message-ID"] = message_id
    message.set_content(text)
    return message


def as_sent(message: EmailMessage, message_id: str | None = None) -> Message:
    return Message(
        sender="digest@example.org",
        to="reader@example.com",
        message_id=str(message["Message-ID"]) if message_id is None else message_id,
        content=message.as_bytes(),
    )


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_mail_becomes_a_file_named_after_its_message_id(tmp_path: Path) -> None:
    folder = tmp_path / "mail" / "outbox"

    with OutboxDeliverer(folder) as outbox:
        outbox.deliver(as_sent(make_message()))

    assert files_in(folder) == ["weekly-2026-w47.0123.eml"]
    content = (folder / "weekly-2026-w47.0123.eml").read_bytes()
    assert content == make_message().as_bytes()
    assert message_from_bytes(content, policy=policy.default)["To"] == "reader@example.com"


def test_the_same_mail_again_replaces_its_file(tmp_path: Path) -> None:
    with OutboxDeliverer(tmp_path) as outbox:
        outbox.deliver(as_sent(make_message(text="once\n")))
        outbox.deliver(as_sent(make_message(text="twice\n")))
        outbox.deliver(as_sent(make_message("<weekly-2026-w47.4567@example.org>")))

    assert files_in(tmp_path) == ["weekly-2026-w47.0123.eml", "weekly-2026-w47.4567.eml"]
    assert b"twice" in (tmp_path / "weekly-2026-w47.0123.eml").read_bytes()


@pytest.mark.parametrize(
    ("message_id", "name"),
    [
        ("<../../etc/passwd@example.org>", "etc-passwd.eml"),
        ("<.hidden@example.org>", "hidden.eml"),
        (f"<{'a' * 400}@example.org>", f"{'a' * 150}.eml"),
    ],
)
def test_no_message_id_leads_out_of_the_folder(tmp_path: Path, message_id: str, name: str) -> None:
    with OutboxDeliverer(tmp_path) as outbox:
        outbox.deliver(as_sent(make_message(message_id)))

    assert files_in(tmp_path) == [name]


def test_a_mail_without_a_message_id_is_refused(tmp_path: Path) -> None:
    with OutboxDeliverer(tmp_path) as outbox, pytest.raises(ValueError, match="Message-ID"):
        outbox.deliver(as_sent(make_message(), ""))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    outbox = OutboxDeliverer(tmp_path / "taken" / "outbox")

    for attempt in (outbox.verify, outbox.__enter__):
        with pytest.raises(DeliveryError, match="cannot write mail there: not a directory") as failure:
            attempt()
        assert str(failure.value).startswith(str(tmp_path / "taken" / "outbox"))
        assert failure.value.is_setup


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with OutboxDeliverer(tmp_path) as outbox:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            with pytest.raises(DeliveryError, match="cannot write mail there: file too large") as failure:
                outbox.deliver(as_sent(make_message(text="x\n" * 5_000)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert failure.value.is_setup
    assert files_in(tmp_path) == []


def test_checking_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    outbox = OutboxDeliverer(tmp_path / "outbox")

    outbox.verify()

    assert list(tmp_path.iterdir()) == []
    assert outbox.place == str(tmp_path / "outbox")


def test_all_that_a_mail_says_is_read_whatever_it_is_wrapped_in(tmp_path: Path) -> None:
    message = make_message(text="Zaunkönig " + "x" * 80 + "\n")
    message.add_alternative("<p>Carys &amp; &#64;dewi</p>", subtype="html")
    message.add_attachment("Ŵyn,Carys".encode(), "text", "csv", filename="w.csv")
    with OutboxDeliverer(tmp_path) as outbox:
        outbox.deliver(as_sent(message))
    (tmp_path / ".broken.eml.7.part").write_bytes(b"\xff half a mail")
    (tmp_path / "notes.txt").write_text("no mail")

    (half, broken), (whole, said) = mails_in(tmp_path)

    assert (half.name, whole.name) == (".broken.eml.7.part", "weekly-2026-w47.0123.eml")
    assert "half a mail" in broken
    assert all(word in said for word in ("reader@example.com", "Zaunkönig x", "Carys & @dewi", "Ŵyn,Carys"))


def test_mails_are_removed_and_a_folder_that_is_not_there_holds_none(tmp_path: Path) -> None:
    with OutboxDeliverer(tmp_path) as outbox:
        outbox.deliver(as_sent(make_message()))
    remove_mails([path for path, _ in mails_in(tmp_path)])
    remove_mails([tmp_path / "gone.eml"])
    assert files_in(tmp_path) == []
    assert list(mails_in(tmp_path / "none")) == []
    (tmp_path / "folder.eml").mkdir()
    with pytest.raises(DeliveryError, match=r"folder\.eml: cannot be removed"):
        remove_mails([tmp_path / "folder.eml"])
