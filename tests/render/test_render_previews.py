"""A curator's preview and reminder as mails: what they say, where their links lead, and that they fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from making_digests import make_digest, make_shown

from collector.model import DigestPost, DigestState
from collector.render import Asked, render_preview, render_reminder, render_text
from collector.words import ENGLISH, read_words

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOKEN = "W" * 180


def make_asked(posts: int = 3, **changes: Any) -> Asked:
    shown = [make_post_of(number) for number in range(1, posts + 1)]
    values: dict[str, Any] = {
        "digest": make_digest(shown, state=DigestState.OPEN),
        "goes_out_at": MONDAY,
        "whole_page": "https://digest.example.org/curate/whole",
        "choice_page": lambda post_id, choice: f"https://digest.example.org/curate/{TOKEN}{post_id}?do={choice}",
        "until": datetime(2026, 12, 7, 8, tzinfo=UTC),
    }
    return Asked(**(values | changes))


def make_post_of(number: int) -> DigestPost:
    return replace(make_shown(number, text=f"Example {number}. " + "And so on. " * 30), post_id=number)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_preview_says_when_it_goes_out_and_leads_to_every_decision() -> None:
    subject, text, html = render_preview(make_asked(), ENGLISH)
    assert subject == "Preview: #notcoproduction, week 47: 3 new examples"
    assert "three" not in text
    assert "holds: 3 examples. It goes out on Mon 23 Nov, 08:00 GMT, with" in flat(text)
    assert "work until Mon 7 Dec 2026" in flat(text)
    for choice in ("leave_out", "put_first", "add_note"):
        for number in (1, 2, 3):
            address = f"https://digest.example.org/curate/{TOKEN}{number}?do={choice}"
            assert address in [line.strip() for line in text.splitlines()], "an address is alone on its line"
            assert f'href="{address}"' in html
    assert "more may come" not in text


def test_a_preview_of_a_running_week_says_that_more_may_come() -> None:
    _, text, html = render_preview(make_asked(is_running=True), ENGLISH)
    assert "More may come until Mon 23 Nov, 00:00" in flat(text)
    assert "More may come until Mon 23 Nov, 00:00" in html


def test_a_preview_that_waits_for_a_word_says_so() -> None:
    _, text, _ = render_preview(make_asked(is_awaited=True), ENGLISH)
    assert "if you let it, and waits for you" in flat(text)
    assert "and let it go out:" in text


def test_what_was_decided_already_is_told() -> None:
    shown = [replace(make_post_of(1), note="Ours."), make_post_of(2)]
    asked = make_asked(digest=make_digest(shown, state=DigestState.OPEN), first={2})
    _, text, _ = render_preview(asked, ENGLISH)
    assert text.count("put this first no more") == text.count("change the note") == 1
    assert "put first" in text
    assert "Ours." in text


def test_a_preview_of_a_big_week_fits_into_a_mail_and_leads_to_the_rest() -> None:
    _, text, html = render_preview(make_asked(400), ENGLISH)
    assert len(text.encode()) + len(html.encode()) < 100_000
    shown = html.count("?do=leave_out")
    assert 5 < shown < 61
    assert f"And {400 - shown} more, which the page shows." in flat(text)


def test_what_posts_hold_is_escaped() -> None:
    shown = [replace(make_shown(1, text="<script>alert(1)</script>"), post_id=1)]
    _, _, html = render_preview(make_asked(digest=make_digest(shown, state=DigestState.OPEN)), ENGLISH)
    assert "<script" not in html


def test_a_reminder_leads_to_the_digest_and_counts_what_waits_behind_it() -> None:
    subject, text, html = render_reminder(make_asked(is_awaited=True, behind=2), ENGLISH)
    assert subject == "It waits for you: #notcoproduction, week 47: 3 new examples"
    assert "2 newer ones wait behind it." in text
    assert "https://digest.example.org/curate/whole" in text.splitlines()
    assert 'href="https://digest.example.org/curate/whole"' in html


def test_a_series_words_are_used() -> None:
    words = read_words('language = "cy"\n[words]\npreview_heading = "Cyn iddo fynd"\nleave_out = "gadael allan"\n')
    _, text, html = render_preview(make_asked(), words)
    assert "gadael allan:" in text
    assert "Cyn iddo fynd" in html
    assert 'lang="cy"' in html


def test_a_note_is_shown_whole_to_readers() -> None:
    note = "ab cd " * 83
    digest = make_digest([replace(make_shown(1), note=note.strip())])
    assert note.strip() in flat(render_text(digest))
