"""Pages of raw statuses become posts and rejections."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import recorded

from collector.model import Found, Rejection
from collector.sources.mastodon import pages
from collector.sources.mastodon.pages import ReadPage, read_page, read_status
from collector.sources.mastodon.statuses import normalise_status
from collector.sources.raw import unpack

HERE = "https://fedi.example"


def raw_status(native_id: Any = "01A", **changes: Any) -> dict[str, Any]:
    account = {"username": "carys", "acct": "carys", "url": f"{HERE}/@carys", "avatar": f"{HERE}/carys.png"}
    return {
        "id": native_id,
        "uri": f"{HERE}/users/carys/statuses/{native_id}",
        "created_at": "2026-11-17T09:41:00.000Z",
        "visibility": "public",
        "account": account,
        "content": "<p>The ramp is a step. #notcoproduction</p>",
        "reblog": None,
    } | changes


def read(*statuses: Any, account_domain: str | None = None) -> ReadPage:
    return read_page(statuses, address=HERE, account_domain=account_domain)


@pytest.mark.parametrize("software", ["gotosocial", "takahe"])
def test_every_status_of_a_real_page_is_found(software: str) -> None:
    statuses = json.loads(recorded(f"{software}-tag-page").body)
    page = read(*statuses)
    assert [item.native_id for item in page.found] == [raw["id"] for raw in statuses]
    assert page.rejections == ()
    assert page.last_id == statuses[-1]["id"]


def test_a_post_without_the_hashtag_is_found_too() -> None:
    assert len(read(raw_status(content="<p>No tag here.</p>")).found) == 1


def test_what_is_not_public_and_what_is_only_a_boost_is_passed_over() -> None:
    hidden = [raw_status(visibility=kind) for kind in ("unlisted", "private", "direct", "mutuals_only", None)]
    page = read(*hidden, raw_status(reblog=raw_status("01B")), raw_status("01C"))
    assert [item.native_id for item in page.found] == ["01C"]
    assert page.rejections == ()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (raw_status(uri=None), "uri"),
        (raw_status(account=None), "account"),
        (raw_status(created_at="yesterday"), "created_at"),
        (raw_status(native_id=None), "no id"),
        (raw_status(native_id=""), "no id"),
        (raw_status(native_id=["01A"]), "no id"),
        (raw_status(native_id="x" * 300), "no id"),
        (raw_status(content=None), "content"),
        ({}, "no id"),
        ({"id": [], "visibility": ["public"]}, "no id"),
        (None, "not an object"),
        ("01A", "not an object"),
        ([raw_status()], "not an object"),
    ],
)
def test_a_malformed_status_is_rejected_and_the_others_stay(raw: Any, reason: str) -> None:
    page = read(raw_status("01X"), raw, raw_status("01Y"))
    assert [item.native_id for item in page.found] == ["01X", "01Y"]
    (rejection,) = page.rejections
    assert reason in rejection.reason
    assert rejection.native_id
    assert isinstance(unpack(rejection.raw), dict)


def test_a_status_without_id_is_the_same_rejection_next_time_and_another_is_another() -> None:
    first, again = read(raw_status(None)), read(raw_status(None))
    other = read(raw_status(None, content="<p>Another.</p>"))
    assert first.rejections[0].native_id == again.rejections[0].native_id
    assert first.rejections[0].native_id != other.rejections[0].native_id


def test_the_next_page_goes_on_from_the_last_id_even_if_that_status_is_malformed_or_hidden() -> None:
    ids = ["9", "10", "01ZZ", "2"]  # in no order that a sort would make
    statuses = [raw_status(native_id) for native_id in ids]
    statuses[-1] = raw_status("2", uri=None)
    assert read(*statuses).last_id == "2"
    assert read(*statuses, raw_status("1", visibility="private")).last_id == "1"
    assert read(*statuses, None).last_id == "2"
    assert read().last_id is None
    assert read(None, "x").last_id is None


def test_a_fault_of_the_normaliser_costs_one_status_and_not_the_page(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(raw: dict[str, Any], **where: Any) -> Any:
        if raw["id"] == "01B":
            raise KeyError("surprise")
        return normalise_status(raw, **where)

    monkeypatch.setattr(pages, "normalise_status", faulty)
    page = read(raw_status("01A"), raw_status("01B"), raw_status("01C"))
    assert [item.native_id for item in page.found] == ["01A", "01C"]
    assert page.rejections[0].reason == "not foreseen: KeyError"
    assert "could not be read" in caplog.text


def test_what_is_kept_of_an_answer_is_scrubbed() -> None:
    found = read_status(raw_status(), address=HERE, account_domain=None)
    rejected = read_status(raw_status(uri=None), address=HERE, account_domain=None)
    assert isinstance(found, Found)
    assert isinstance(rejected, Rejection)
    for kept in (unpack(found.raw), unpack(rejected.raw)):
        assert kept["account"]["acct"] == "carys"
        assert "avatar" not in kept["account"]


def test_local_handles_end_in_the_account_domain() -> None:
    (found,) = read(raw_status(), account_domain="example").found
    assert found.post.author.handle == "carys@example"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(raw_status())), JSON), JSON)
def test_no_json_costs_a_page(changes: dict[str, Any], other: Any) -> None:
    page = read(raw_status("first"), raw_status() | changes, other, raw_status("last"))
    ids = [item.native_id for item in page.found]
    assert ids[0] == "first"
    assert ids[-1] == page.last_id == "last"
