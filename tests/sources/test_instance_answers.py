"""What servers say of themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import recorded

from collector.errors import Condition
from collector.sources.mastodon.instance import (
    Access,
    Half,
    Instance,
    feed_condition,
    half_to_ask,
    needs_token,
    read_instance,
)

HERE = "https://social.fedi.example"
P, A, D, U = Access.PUBLIC, Access.AUTHENTICATED, Access.DISABLED, Access.UNKNOWN


def test_gotosocials_description_is_read_in_both_versions() -> None:
    second = read_instance(json.loads(recorded("gotosocial-instance-v2").body), HERE)
    assert second.version == "0.20.0-rc1"
    assert second.title == second.account_domain == "localhost:18080"
    assert second.rules_url == "http://localhost:18080/about"
    assert (second.local, second.remote) == (U, U)
    first = read_instance(json.loads(recorded("gotosocial-instance-v1").body), HERE)
    assert (first.version, first.account_domain) == ("0.20.0-rc1", "localhost:18080")


def test_takahes_description_is_read() -> None:
    instance = read_instance(json.loads(recorded("takahe-instance-v1").body), HERE)
    assert (instance.title, instance.version) == ("Takahē", "takahe/0.11.0")
    assert instance.account_domain == "localhost:18081"
    assert instance.rules_url == f"{HERE}/about"


def test_mastodons_access_to_hashtag_feeds_is_read() -> None:
    feeds = {"hashtag_feeds": {"local": "public", "remote": "authenticated"}, "live_feeds": {"local": "disabled"}}
    instance = read_instance({"configuration": {"timelines_access": feeds}}, HERE)
    assert (instance.local, instance.remote) == (P, A)


@pytest.mark.parametrize(
    ("answer", "domain"),
    [
        ({"domain": "fedi.example"}, "fedi.example"),
        ({"domain": "Social.Fedi.Example", "account_domain": "FEDI.example"}, "fedi.example"),
        ({"uri": "https://fedi.example"}, "fedi.example"),
        ({"uri": "https://fedi.example:8443/"}, "fedi.example:8443"),
        ({"domain": "not a domain", "uri": "fedi.example"}, "fedi.example"),
        ({"domain": 3, "uri": None}, None),
        ({"domain": "a/b", "uri": "@x"}, None),
    ],
)
def test_the_account_domain_is_found_where_the_server_puts_it(answer: dict[str, Any], domain: str | None) -> None:
    assert read_instance(answer, HERE).account_domain == domain


@pytest.mark.parametrize(
    ("local", "remote", "without_token", "with_token"),
    [
        (P, P, Condition.OK, Condition.OK),
        (U, U, Condition.OK, Condition.OK),
        (P, A, Condition.HALF_FEED, Condition.OK),
        (A, P, Condition.HALF_FEED, Condition.OK),
        (P, D, Condition.HALF_FEED, Condition.HALF_FEED),
        (U, D, Condition.HALF_FEED, Condition.HALF_FEED),
        (A, A, Condition.NEEDS_TOKEN, Condition.OK),
        (A, D, Condition.NEEDS_TOKEN, Condition.HALF_FEED),
        (D, D, Condition.FEED_DISABLED, Condition.FEED_DISABLED),
    ],
)
def test_what_can_be_read_follows_from_both_halves(
    local: Access, remote: Access, without_token: Condition, with_token: Condition
) -> None:
    instance = Instance(local=local, remote=remote)
    assert feed_condition(instance, has_token=False) is without_token
    assert feed_condition(instance, has_token=True) is with_token


@pytest.mark.parametrize(
    ("local", "remote", "half"),
    [(P, P, None), (U, U, None), (P, A, Half.LOCAL), (D, P, Half.REMOTE), (A, A, None), (D, D, None)],
)
def test_only_without_a_token_one_half_is_asked_for_by_name(local: Access, remote: Access, half: Half | None) -> None:
    instance = Instance(local=local, remote=remote)
    assert half_to_ask(instance, has_token=False) is half
    assert half_to_ask(instance, has_token=True) is None


@pytest.mark.parametrize(
    ("local", "remote", "condition", "has_token", "answer"),
    [
        (U, U, Condition.NEEDS_TOKEN, False, True),
        (U, U, Condition.OK, False, False),
        (U, U, Condition.OK, True, None),
        (U, U, Condition.SERVER_FAULT, False, None),
        (P, P, Condition.OK, True, False),
        (P, A, Condition.HALF_FEED, False, True),
        (A, A, Condition.OK, True, True),
        (D, D, Condition.FEED_DISABLED, True, False),
    ],
)
def test_whether_a_token_is_needed_is_told_as_far_as_known(
    local: Access, remote: Access, condition: Condition, has_token: bool, answer: bool | None
) -> None:
    assert needs_token(Instance(local=local, remote=remote), condition, has_token=has_token) is answer


JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
NAMES = st.sampled_from(["title", "version", "domain", "account_domain", "uri", "configuration"])


@given(st.dictionaries(NAMES, JSON))
def test_an_odd_description_costs_nothing(answer: dict[str, Any]) -> None:
    instance = read_instance(answer, HERE)
    assert instance.title.isprintable()
    assert instance.version.isprintable()


@given(JSON, JSON)
def test_odd_access_is_unknown(urls: Any, feeds: Any) -> None:
    instance = read_instance({"configuration": {"urls": urls, "timelines_access": {"hashtag_feeds": feeds}}}, HERE)
    assert instance.local is U
    assert instance.rules_url == f"{HERE}/about"
