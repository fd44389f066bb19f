"""Handing messages to a mail server: real conversations on loopback, good and bad."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any

import pytest
from smtpserver import DROP, HANG, Certificates, MailServer, free_port, silent_server

from collector.config import Security
from collector.deliver import Message, SmtpDeliverer, SmtpServer
from collector.errors import DeliveryError

PASSWORD = "correct horse"


def make_message(number: int = 1, to: str = "reader@example.com", *, size: int = 0) -> Message:
    message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    message["From"] = "Not coproduction <digest@example.org>"
    message["To"] = to
    message["Subject"] = f"Week {number}"
    message["Message-ID"] = f"<week-{number}@example.org>"
    message.set_content(f".Week {number}\n" + "x" * size, cte="quoted-printable")
    return Message(
        sender="digest@example.org", to=to, message_id=str(message["Message-ID"]), content=message.as_bytes()
    )


def settings_for(server: MailServer, **changes: Any) -> SmtpServer:
    plain = SmtpServer(host=server.host, port=server.port, security=Security.NONE, connect_timeout=5, command_timeout=5)
    return dataclasses.replace(plain, **changes)


def deliverer_for(server: MailServer, **changes: Any) -> SmtpDeliverer:
    return SmtpDeliverer(settings_for(server, **changes))


def failure_of(server: MailServer, **changes: Any) -> DeliveryError:
    """Why one message does not go out."""
    with pytest.raises(DeliveryError) as failure, deliverer_for(server, **changes) as deliverer:
        deliverer.deliver(make_message())
    error = failure.value
    assert str(error).startswith(f"{server.host}:{server.port}: ")
    assert str(error).isprintable()
    return error


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


# What goes well


def test_a_message_arrives_as_it_was_made(server: MailServer) -> None:
    message = make_message()

    with deliverer_for(server) as deliverer:
        deliverer.deliver(message)

    (received,) = server.messages
    assert received.content == message.content
    assert (received.sender, received.recipients) == ("digest@example.org", ["reader@example.com"])


def test_many_messages_go_over_one_connection_that_is_closed_politely(server: MailServer) -> None:
    with deliverer_for(server) as deliverer:
        for number in range(5):
            deliverer.deliver(make_message(number, f"reader{number}@example.com"))

    assert [received.message["Subject"] for received in server.messages] == [f"Week {n}" for n in range(5)]
    assert server.connections == 1
    assert server.commands[-1] == "QUIT"


def test_who_presses_ctrl_c_does_not_wait_for_a_good_bye(server: MailServer) -> None:
    with suppress(KeyboardInterrupt), deliverer_for(server) as deliverer:
        deliverer.deliver(make_message())
        raise KeyboardInterrupt
    assert server.commands[-1] == "DATA"


def test_small_packets_are_not_held_back(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    connect = socket.create_connection

    def remember(*where: Any, **how: Any) -> socket.socket:
        made.append(connect(*where, **how))
        return made[-1]

    monkeypatch.setattr(socket, "create_connection", remember)
    with deliverer_for(server):
        assert made[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_protected_connection_logs_in_and_delivers(security: Security, certificates: Certificates) -> None:
    context = certificates.server()
    tls, starttls = (context, None) if security is Security.TLS else (None, context)
    with MailServer(tls=tls, starttls=starttls, accounts={"digest": PASSWORD}) as server:
        trust = certificates.client()
        settings = settings_for(server, security=security, trust=trust, username="digest", password=PASSWORD)
        with SmtpDeliverer(settings) as deliverer:
            deliverer.deliver(make_message())
        (received,) = server.messages

    assert received.is_encrypted
    assert received.username == "digest"


def test_checking_logs_in_and_sends_nothing() -> None:
    with MailServer(accounts={"digest": PASSWORD}) as server:
        deliverer_for(server, username="digest", password=PASSWORD).verify()

        assert server.messages == []
        assert server.commands == ["EHLO", "AUTH", "NOOP", "QUIT"]


def test_an_address_beyond_ascii_is_announced_as_such(server: MailServer) -> None:
    with deliverer_for(server) as deliverer:
        deliverer.deliver(make_message(to="jürgen@example.com"))

    (received,) = server.messages
    assert received.recipients == ["jürgen@example.com"]
    assert "SMTPUTF8" in received.options


def test_an_address_beyond_ascii_is_refused_where_the_server_takes_none() -> None:
    with MailServer(has_smtputf8=False) as server, deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match="beyond ASCII") as failure:
            deliverer.deliver(make_message(to="jürgen@example.com"))
        deliverer.deliver(make_message())

        assert failure.value.is_permanent
        assert len(server.messages) == 1


def test_a_sender_beyond_ascii_concerns_every_message_where_the_server_takes_none() -> None:
    message = dataclasses.replace(make_message(to="jürgen@example.com"), to="reader@example.com")

    with MailServer(has_smtputf8=False) as server, deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match="beyond ASCII") as failure:
            deliverer.deliver(message)

        assert failure.value.is_setup
        assert not failure.value.is_permanent


# Connections that break


def test_a_connection_dropped_while_idle_is_made_anew(server: MailServer) -> None:
    with deliverer_for(server) as deliverer:
        deliverer.deliver(make_message(1))
        server.drop_connections()
        deliverer.deliver(make_message(2))

    assert [received.connection for received in server.messages] == [1, 2]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [DROP, "421 4.4.2 idle for too long"])
def test_a_server_that_hangs_up_before_the_text_costs_nothing(server: MailServer, command: str, answer: str) -> None:
    with deliverer_for(server) as deliverer:
        server.answers_once[command] = answer
        deliverer.deliver(make_message())

    assert [received.connection for received in server.messages] == [2]


def test_a_server_that_always_hangs_up_is_asked_twice_and_no_more(server: MailServer) -> None:
    server.answers["MAIL"] = "421 4.3.2 going down"

    error = failure_of(server)

    assert "421 4.3.2 going down" in str(error)
    assert error.is_setup
    assert server.connections == 2


@pytest.mark.parametrize("answer", [DROP, HANG])
def test_a_message_that_may_have_arrived_is_never_sent_again_by_itself(server: MailServer, answer: str) -> None:
    server.answers["MESSAGE"] = answer

    error = failure_of(server, handover_timeout=0.3)

    assert "may have arrived" in str(error)
    assert not error.is_permanent
    assert not error.is_setup
    assert server.commands.count("DATA") == 1


def test_the_next_message_goes_out_over_a_new_connection_after_one_broke(server: MailServer) -> None:
    server.answers_once["MESSAGE"] = DROP
    with deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match="may have arrived"):
            deliverer.deliver(make_message(1))
        deliverer.deliver(make_message(2))

    assert [received.message["Subject"] for received in server.messages] == ["Week 2"]


def test_after_so_many_messages_a_new_connection_is_made_and_the_old_one_ended_politely(server: MailServer) -> None:
    with deliverer_for(server, per_connection=2) as deliverer:
        for number in range(5):
            deliverer.deliver(make_message(number))

    assert [received.connection for received in server.messages] == [1, 1, 2, 2, 3]
    assert server.commands.count("QUIT") == 3


def test_a_server_that_ends_each_conversation_after_two_messages_gets_them_all(server: MailServer) -> None:
    server.answers_after["MAIL"] = (2, "421 4.7.0 too many messages over this connection")
    with deliverer_for(server) as deliverer:
        for number in range(7):
            deliverer.deliver(make_message(number))

    assert [received.connection for received in server.messages] == [1, 1, 2, 2, 3, 3, 4]


@pytest.mark.parametrize("text", ["..\r\n.\r\n...", ".", "\r\n.", "a\r\n.b\r\n\r\n."])
def test_lines_that_begin_with_dots_arrive_with_as_many(server: MailServer, text: str) -> None:
    message = dataclasses.replace(make_message(), content=f"Subject: dots\r\n\r\n{text}\r\n".encode())
    with deliverer_for(server) as deliverer:
        deliverer.deliver(message)
        deliverer.deliver(make_message())

    assert [received.content for received in server.messages] == [message.content, make_message().content]


def test_a_server_that_hangs_is_given_up_in_time(server: MailServer) -> None:
    server.answers["EHLO"] = HANG
    server.answers["HELO"] = HANG

    error = failure_of(server, command_timeout=0.2)

    assert "does not answer in time" in str(error)
    assert error.is_setup


def test_one_connection_dropped_leaves_another_deliverer_alone(server: MailServer) -> None:
    with deliverer_for(server) as one, deliverer_for(server) as other:
        server.answers_once["MAIL"] = DROP
        one.deliver(make_message(1))
        other.deliver(make_message(2))

    assert [received.connection for received in server.messages] == [3, 2]


# Refusals


def test_a_refused_recipient_is_told_apart_by_now_and_for_good(server: MailServer) -> None:
    server.answers |= {"gone@example.com": "550 5.1.1 no such user", "full@example.com": "452 4.2.2 mailbox full"}
    with deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match=r"for good: 550 5\.1\.1 no such user") as gone:
            deliverer.deliver(make_message(1, "gone@example.com"))
        with pytest.raises(DeliveryError, match=r"for now: 452 4\.2\.2 mailbox full") as full:
            deliverer.deliver(make_message(2, "full@example.com"))
        deliverer.deliver(make_message(3))

    assert (gone.value.is_permanent, gone.value.is_setup) == (True, False)
    assert (full.value.is_permanent, full.value.is_setup) == (False, False)
    assert [received.recipients for received in server.messages] == [["reader@example.com"]]
    assert server.connections == 1


def test_a_refused_sender_concerns_every_message(server: MailServer) -> None:
    server.answers["MAIL"] = "550 5.7.1 not your domain"

    error = failure_of(server)

    assert "refuses the sender: 550 5.7.1 not your domain" in str(error)
    assert error.is_setup
    assert not error.is_permanent


def test_a_refusal_to_relay_is_no_fault_of_the_recipient(server: MailServer) -> None:
    server.answers["RCPT"] = "554 5.7.1 <reader@example.com>: Relay access denied"

    error = failure_of(server)

    assert error.is_setup
    assert not error.is_permanent


@pytest.mark.parametrize("step", ["DATA", "MESSAGE"])
@pytest.mark.parametrize(("answer", "is_permanent"), [("554 5.7.1 spam", True), ("451 4.7.1 later, please", False)])
def test_a_refused_text_leaves_the_connection_usable(
    server: MailServer, step: str, answer: str, is_permanent: bool
) -> None:
    server.answers_once[step] = answer
    with deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match=f"refuses the message: {answer}") as failure:
            deliverer.deliver(make_message(1))
        deliverer.deliver(make_message(2))

    assert failure.value.is_permanent is is_permanent
    assert not failure.value.is_setup
    assert [received.connection for received in server.messages] == [1]


def test_a_yes_before_the_text_was_sent_is_no_delivery(server: MailServer) -> None:
    server.answers["DATA"] = "250 2.0.0 taken"

    error = failure_of(server)

    assert str(error).endswith("refuses the message: 250 2.0.0 taken")
    assert not error.is_permanent
    assert not server.messages


def test_a_connection_that_cannot_start_over_is_made_anew(server: MailServer) -> None:
    server.answers |= {"gone@example.com": "550 5.1.1 no such user", "RSET": DROP}
    with deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match="no such user"):
            deliverer.deliver(make_message(1, "gone@example.com"))
        deliverer.deliver(make_message(2))

    assert len(server.messages) == 1


def test_a_message_over_the_size_is_not_even_offered() -> None:
    with MailServer(largest=2_000) as server, deliverer_for(server) as deliverer:
        with pytest.raises(DeliveryError, match="up to 2,000 bytes") as failure:
            deliverer.deliver(make_message(size=3_000))

        assert failure.value.is_permanent
        assert "MAIL" not in server.commands


def test_a_long_many_lined_refusal_is_one_short_line(server: MailServer) -> None:
    server.answers["RCPT"] = f"550-no\r\n550-\x1b[31mreally\r\n550 {'no' * 400}"

    error = failure_of(server)

    assert "550 no [31mreally nono" in str(error)
    assert len(str(error)) < 400


# Log-in and protection


def test_a_refused_log_in_never_shows_the_password() -> None:
    with MailServer(accounts={"digest": "another"}) as server:
        server.answers["AUTH"] = f"535 5.7.8 {PASSWORD} is wrong, AGRpZ2VzdABjb3JyZWN0IGhvcnNl too"

        error = failure_of(server, username="digest", password=PASSWORD)

    assert "refuses the log-in of digest: 535 5.7.8 [password] is wrong, [password] too" in str(error)
    assert error.is_setup
    assert PASSWORD not in repr(settings_for(server, password=PASSWORD))


def test_a_wrong_password_is_told_in_the_servers_words() -> None:
    with MailServer(accounts={"digest": "another"}) as server:
        error = failure_of(server, username="digest", password=PASSWORD)

    assert "refuses the log-in of digest: 535 5.7.8 Authentication credentials invalid" in str(error)
    assert server.messages == []


def test_a_server_without_log_in_is_named_as_such(server: MailServer) -> None:
    error = failure_of(server, username="digest", password=PASSWORD)

    assert "offers no log-in here" in str(error)
    assert error.is_setup


def test_a_server_with_other_ways_to_log_in_is_named_as_such(server: MailServer) -> None:
    server.answers["EHLO"] = "250-mail.example\r\n250 AUTH XOAUTH2"

    error = failure_of(server, username="digest", password=PASSWORD)

    assert "no way to log in that is known here" in str(error)
    assert error.is_setup


def test_a_password_beyond_ascii_is_told_and_not_shown() -> None:
    with MailServer(accounts={"digest": "pâss"}) as server:
        error = failure_of(server, username="digest", password="pâss")

    assert "ASCII" in str(error)
    assert "pâss" not in str(error)


def test_a_server_that_drops_the_log_in_is_told() -> None:
    with MailServer(accounts={"digest": PASSWORD}) as server:
        server.answers["AUTH"] = DROP

        error = failure_of(server, username="digest", password=PASSWORD)

    assert "closed the connection while logging in" in str(error) or "connection reset" in str(error)
    assert error.is_setup


def test_an_authority_that_is_not_known_here_is_told(certificates: Certificates) -> None:
    with MailServer(starttls=certificates.server()) as server:
        error = failure_of(server, security=Security.STARTTLS)

        assert "its certificate is not trusted: " in str(error)
        assert error.is_setup
        assert "MAIL" not in server.commands


def test_a_certificate_of_another_server_is_told(certificates: Certificates) -> None:
    with MailServer(tls=certificates.server("mail.example.net")) as server:
        error = failure_of(server, security=Security.TLS, trust=certificates.client())

    assert "its certificate is not trusted: IP address mismatch" in str(error)


def test_a_server_without_starttls_gets_nothing_in_plain(server: MailServer) -> None:
    error = failure_of(server, security=Security.STARTTLS)

    assert 'does not offer STARTTLS: is mail.security = "tls"' in str(error)
    assert error.is_setup
    assert "MAIL" not in server.commands


def test_tls_asked_of_a_plain_server_names_the_other_kinds(server: MailServer) -> None:
    error = failure_of(server, security=Security.TLS)

    assert "does not speak TLS as asked" in str(error)
    assert '"starttls"' in str(error)


# No mail server at all


def failure_at(host: str, port: int) -> DeliveryError:
    settings = SmtpServer(host=host, port=port, security=Security.NONE, connect_timeout=0.3, command_timeout=0.3)
    with pytest.raises(DeliveryError) as failure:
        SmtpDeliverer(settings).verify()
    assert failure.value.is_setup
    assert not failure.value.is_permanent
    return failure.value


def test_a_port_where_nobody_listens_is_told() -> None:
    port = free_port()

    assert str(failure_at("127.0.0.1", port)) == f"127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'a' * 70}.example", "a..b"])
def test_a_host_that_does_not_exist_is_told(host: str) -> None:
    assert str(failure_at(host, 25)) == f"{host}:25: there is no such host"


def test_a_server_that_says_nothing_may_want_tls() -> None:
    with silent_server() as port:
        error = failure_at("127.0.0.1", port)

    assert 'does not answer in time while greeting us (does it want mail.security = "tls"?)' in str(error)


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "is no mail server: /1.1 400 Bad Request"),
        (b"554 5.7.1 go away\r\n", "turns us away while greeting us: 554 5.7.1 go away"),
        (b"220 mail.example\r\n\xff\r\n", "closed the connection while greeting us"),
    ],
)
def test_a_greeting_that_is_none_is_told(greeting: bytes, told: str) -> None:
    with silent_server(greeting) as port:
        assert str(failure_at("127.0.0.1", port)) == f"127.0.0.1:{port}: {told}"
