"""The words of a warning mail."""

from __future__ import annotations

from collector.needs.finding import Need
from collector.warning.letter import write_letter

DOWN = Need(
    key="a", message="our server: mastodon.example cannot be reached: connection refused", advice="See in a browser."
)


def letter(told: list[Need], over: list[str]) -> tuple[str, str]:
    written = write_letter(told, over, topics="#notcoproduction", machine="shed")
    return written.subject, written.text


def test_it_says_what_needs_somebody_and_what_to_do() -> None:
    assert letter([DOWN], []) == (
        "#notcoproduction: something needs you",
        """This needs you:

- our server: mastodon.example cannot be reached: connection refused
  See in a browser.

From the collector of #notcoproduction on shed. It writes once when
something begins and once when it is over; 'collector status' shows at
any time what needs you.
""",
    )


def test_it_says_what_is_over() -> None:
    subject, text = letter([], [DOWN.message])
    assert subject == "#notcoproduction: it is over"
    assert text.startswith(f"This is over, and needs nothing more:\n\n- {DOWN.message}\n\nFrom the collector")
    assert letter([], ["one", "two"])[0] == "#notcoproduction: 2 things are over"


def test_both_stand_in_one_mail_and_the_same_line_stands_once() -> None:
    subject, text = letter([DOWN, Need(key="b", message="two", advice="Do."), DOWN], ["old", "old"])
    assert subject == "#notcoproduction: 2 things need you"
    assert [line for line in text.splitlines() if line.startswith("- ")] == [f"- {DOWN.message}", "- two", "- old"]


def test_what_a_server_said_stays_a_line_of_its_own() -> None:
    evil = Need(key="a", message="x: 550 no\r\n\nSubject: win\x00\x1b[31m\u2028more " + "long " * 40, advice="Look.")
    _, text = letter([evil], [])
    assert "\x1b" not in text
    assert "\x00" not in text
    assert not any(line.startswith("Subject") for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 72
