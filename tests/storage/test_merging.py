"""Whose word counts: the decisions, as tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from making import NOW, make_author, make_post

from collector.model import Wish
from collector.storage.merging import (
    Stored,
    StoredProfile,
    Verdict,
    is_profile_taken,
    weigh,
)

OWN, OTHER, THIRD = "https://fedi.example", "https://social.example", "https://third.example"
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)


def make_stored(told_by: str = OWN, edited_at: datetime | None = NOW, content_hash: bytes = b"old") -> Stored:
    return Stored(
        id=1,
        content_hash=content_hash,
        edited_at=edited_at,
        told_by=told_by,
        network="fediverse",
        published_at=NOW,
        first_seen_at=NOW,
        counts=(0, 0, 0, 0),
    )


@pytest.mark.parametrize(
    ("stored_by", "stored_edit", "told_by", "told_edit", "verdict"),
    [
        (OWN, NOW, OWN, LATER, Verdict.REVISE),
        (OWN, NOW, OTHER, LATER, Verdict.REVISE),
        (OWN, None, OTHER, EARLIER, Verdict.REVISE),
        (OWN, NOW, OWN, EARLIER, Verdict.KEEP),
        (OTHER, NOW, OWN, EARLIER, Verdict.KEEP),
        (OTHER, NOW, OWN, None, Verdict.KEEP),
        (OWN, NOW, OWN, NOW, Verdict.REVISE),
        (OTHER, None, OTHER, None, Verdict.REVISE),
        (OTHER, NOW, OWN, NOW, Verdict.REPLACE),
        (OTHER, None, OWN, None, Verdict.REPLACE),
        (OWN, NOW, OTHER, NOW, Verdict.KEEP),
        (OTHER, NOW, THIRD, NOW, Verdict.KEEP),
    ],
)
def test_whose_content_stands(
    stored_by: str, stored_edit: datetime | None, told_by: str, told_edit: datetime | None, verdict: Verdict
) -> None:
    post = make_post(edited_at=told_edit)
    assert weigh(make_stored(stored_by, stored_edit), post, b"new", told_by) is verdict


def test_the_same_content_stays_even_at_a_later_edit() -> None:
    assert weigh(make_stored(), make_post(edited_at=LATER), b"old", OWN) is Verdict.KEEP


@pytest.mark.parametrize(
    ("stored_by", "is_out", "told_by", "refuses", "is_taken"),
    [
        (OWN, False, OWN, False, True),
        (OTHER, False, OTHER, False, True),
        (OTHER, True, OTHER, False, True),
        (OTHER, False, OWN, False, True),
        (OTHER, True, OWN, False, True),
        (OWN, False, OTHER, False, False),
        (OWN, False, OTHER, True, False),
        (OTHER, False, THIRD, False, False),
        (OTHER, False, THIRD, True, True),
        (OTHER, True, THIRD, True, False),
        (OTHER, True, THIRD, False, False),
    ],
)
def test_whose_profile_of_an_author_stands(
    stored_by: str, is_out: bool, told_by: str, refuses: bool, is_taken: bool
) -> None:
    author = make_author(wishes=frozenset({Wish.NOBOT}) if refuses else frozenset())
    stored = StoredProfile(told_by=stored_by, is_opted_out=is_out)
    assert is_profile_taken(stored, author, told_by) is is_taken


def test_an_author_without_an_address_has_no_server_of_their_own() -> None:
    stored = StoredProfile(told_by=OTHER, is_opted_out=False)
    assert not is_profile_taken(stored, make_author(url=None), OWN)


@pytest.mark.parametrize(
    ("stored_by", "told_by", "is_taken"),
    [
        ("feed:https://fedi.example", "https://gts.example", True),
        ("archive:twarc2", "https://gts.example", True),
        ("https://gts.example", "feed:https://fedi.example", False),
        ("https://gts.example", "archive:csv", False),
        ("feed:https://fedi.example", "archive:csv", False),
    ],
)
def test_a_profile_at_second_hand_gives_way_and_takes_nobodys_place(
    stored_by: str, told_by: str, is_taken: bool
) -> None:
    stored = StoredProfile(told_by=stored_by, is_opted_out=False)
    assert is_profile_taken(stored, make_author(), told_by) is is_taken


@pytest.mark.parametrize(
    ("stored_by", "told_by", "verdict"),
    [
        ("archive:minet", "https://bsky.social", Verdict.REPLACE),
        ("https://bsky.social", "archive:minet", Verdict.KEEP),
        ("archive:minet", "archive:4cat", Verdict.KEEP),
        ("archive:twarc2", "archive:twarc2", Verdict.KEEP),
        ("archive:twarc2/inside", "archive:twarc2", Verdict.REPLACE),
        ("archive:twarc2", "archive:twarc2/inside", Verdict.KEEP),
    ],
)
def test_any_source_goes_before_a_file_and_of_files_the_first(stored_by: str, told_by: str, verdict: Verdict) -> None:
    assert weigh(make_stored(told_by=stored_by, edited_at=None), make_post(), b"other", told_by) is verdict
