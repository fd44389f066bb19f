"""Handing over 500 messages, against a bare loop of smtplib's send_message to the same server.

Run: python tests/benchmarks/bench_deliver.py
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from smtpserver import Certificates, MailServer  # noqa: E402

from collector.config import Security  # noqa: E402
from collector.deliver import SmtpDeliverer, SmtpServer  # noqa: E402
from collector.mailing.compose import Mail, compose, make_message_id  # noqa: E402
from collector.text.mailaddresses import Sender  # noqa: E402

MESSAGES = 500
MESSAGES_BARE = 100  # as it is, it waits 40 ms for each
SENDER = Sender(name="Not coproduction", address="digest@example.org")
LETTER = Mail(
    sender=SENDER,
    to="reader@example.com",
    subject="#notcoproduction, week 47: 12 new examples",
    text="They renamed the complaints box 'co-creation portal'.\n" * 40,
    html="<p>They renamed the complaints box 'co-creation portal'.</p>\n" * 700,  # a full digest: 40 kB
    message_id=make_message_id(
        key=b"bench", label="weekly/2026-W47", address="reader@example.com", domain="bench.example"
    ),
    sent_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    series="weekly",
    list_name="#notcoproduction weekly",
)


def main() -> None:
    certificates = Certificates()
    for security in Security:
        context = certificates.server()
        with MailServer(
            tls=context if security is Security.TLS else None,
            starttls=context if security is Security.STARTTLS else None,
        ) as server:
            compare(server, security, certificates.client())


def compare(server: MailServer, security: Security, trust: ssl.SSLContext) -> None:
    """Prints messages a second of each way, and the ratios."""
    settings = SmtpServer(host=server.host, port=server.port, security=security, trust=trust)
    ours = rate(lambda: send_ours(settings), MESSAGES)
    tuned = rate(lambda: send_bare(settings, MESSAGES, is_tuned=True), MESSAGES)
    bare = rate(lambda: send_bare(settings, MESSAGES_BARE, is_tuned=False), MESSAGES_BARE)
    assert len(server.messages) == 2 * MESSAGES + MESSAGES_BARE
    print(
        f"{security:8} ours {ours:4.0f} messages/s, smtplib {bare:4.0f}, smtplib with TCP_NODELAY {tuned:4.0f}: "
        f"ratios {ours / bare:.2f} and {ours / tuned:.2f}"
    )


def rate(send: Callable[[], None], messages: int) -> float:
    """Messages a second, the connection included."""
    began = time.perf_counter()
    send()
    return messages / (time.perf_counter() - began)


def send_ours(settings: SmtpServer) -> None:
    message = compose(LETTER)
    with SmtpDeliverer(settings) as deliverer:
        for _ in range(MESSAGES):
            deliverer.deliver(message, LETTER.to)


def send_bare(settings: SmtpServer, messages: int, *, is_tuned: bool) -> None:
    message = compose(LETTER)
    with open_bare(settings) as connection:
        if is_tuned and connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(messages):
            connection.send_message(message, SENDER.address, [LETTER.to])


def open_bare(settings: SmtpServer) -> smtplib.SMTP:
    if settings.security is Security.TLS:
        return smtplib.SMTP_SSL(settings.host, settings.port, context=settings.trust)
    connection = smtplib.SMTP(settings.host, settings.port)
    if settings.security is Security.STARTTLS:
        connection.starttls(context=settings.trust)
    return connection


if __name__ == "__main__":
    main()
