"""What answers mean, from recorded and from made-up ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import NOW
from serving import recorded

from collector.errors import Condition, SourceError
from collector.sources.answers import (
    LONGEST_HOLD,
    Answer,
    failure,
    is_unused_tag,
    json_list,
    json_object,
    retry_at,
)

ASKED = "https://fedi.example/api/v1/timelines/tag/notcoproduction"


def make_answer(
    status: int = 200, body: bytes | str = b"[]", headers: Mapping[str, str] | None = None, url: str = ASKED
) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    return Answer(asked_url=ASKED, url=url, status=status, headers=headers or {}, body=data)


def recorded_answer(name: str) -> Answer:
    reply = recorded(name)
    headers = {key.lower(): value for key, value in reply.headers.items()}
    return Answer(asked_url=ASKED, url=ASKED, status=reply.status, headers=headers, body=reply.body)


def condition_of(answer: Answer, token: str | None = None) -> Condition:
    error = failure(answer, token=token, now=NOW)
    return error.condition if error else Condition.OK


@pytest.mark.parametrize(
    ("name", "token", "condition"),
    [
        ("gotosocial-tag-anon", None, Condition.NEEDS_TOKEN),
        ("gotosocial-status-private-anon", None, Condition.NEEDS_TOKEN),
        ("gotosocial-tag-badtoken", "wrong", Condition.BAD_TOKEN),
        ("gotosocial-tag-token_app", "an app's", Condition.BAD_TOKEN),
        ("gotosocial-notfound", None, Condition.NO_SUCH_API),
        ("gotosocial-no-ua", "right", Condition.UNREADABLE),
        ("gotosocial-tag-invalid", "right", Condition.UNREADABLE),
        ("gotosocial-wrong-accept", "right", Condition.UNREADABLE),
        ("gotosocial-ratelimit-14", "right", Condition.RATE_LIMITED),
        ("takahe-tag-anon", None, Condition.NEEDS_TOKEN),
        ("takahe-tag-badtoken", "wrong", Condition.BAD_TOKEN),
        ("takahe-tag-unknown", "right", Condition.OK),
    ],
)
def test_real_servers_are_understood(name: str, token: str | None, condition: Condition) -> None:
    assert condition_of(recorded_answer(name), token) is condition


@pytest.mark.parametrize(
    ("status", "body", "token", "condition"),
    [
        (200, "[]", None, Condition.OK),
        (401, "", None, Condition.NEEDS_TOKEN),
        (401, "", "t", Condition.BAD_TOKEN),
        (403, '{"error":"This action is not allowed"}', None, Condition.NEEDS_TOKEN),
        (403, '{"error":"Your login is currently disabled"}', "t", Condition.BAD_TOKEN),
        (403, "<!doctype html><title>Just a moment…</title>", None, Condition.UNREADABLE),
        (422, '{"error":"This method requires an authenticated user"}', None, Condition.NEEDS_TOKEN),
        (422, '{"error":"This method requires an authenticated user"}', "t", Condition.BAD_TOKEN),
        (422, '{"error":"Validation failed"}', None, Condition.UNREADABLE),
        (400, "Invalid Bearer token", None, Condition.UNREADABLE),
        (400, '{"error":"limit is wrong"}', "t", Condition.UNREADABLE),
        (404, '{"error":"Record not found"}', None, Condition.NO_SUCH_API),
        (404, "<html>", "t", Condition.NO_SUCH_API),
        (405, "", None, Condition.NO_SUCH_API),
        (410, "", None, Condition.NO_SUCH_API),
        (406, "", None, Condition.UNREADABLE),
        (418, "", None, Condition.UNREADABLE),
        (304, "", None, Condition.UNREADABLE),
        (408, "", None, Condition.SERVER_FAULT),
        (429, "", None, Condition.RATE_LIMITED),
        (500, "", None, Condition.SERVER_FAULT),
        (503, "<html>", "t", Condition.SERVER_FAULT),
        (530, "", None, Condition.SERVER_FAULT),
    ],
)
def test_each_status_has_its_condition(status: int, body: str, token: str | None, condition: Condition) -> None:
    answer = make_answer(status, body)
    assert condition_of(answer, token) is condition
    error = failure(answer, token=token, now=NOW)
    if error is not None:
        assert error.status == status
        assert "fedi.example" in str(error)
        assert "\n" not in str(error)


def test_only_gotosocial_says_never_used_with_a_404() -> None:
    assert is_unused_tag(recorded_answer("gotosocial-tag-unknown"))
    for name in ("gotosocial-notfound", "gotosocial-status-nonexistent", "takahe-tag-unknown"):
        assert not is_unused_tag(recorded_answer(name))


def test_the_servers_own_words_are_passed_on_in_one_short_line() -> None:
    body = json.dumps({"error": "no\nsuch\x1b[31m thing " + "x" * 500})
    message = str(failure(make_answer(418, body), token=None, now=NOW))
    assert 'it says "no such [31m thing xxx' in message
    assert message.isprintable()
    assert len(message) < 250


def test_a_server_that_repeats_the_token_does_not_bring_it_into_the_message() -> None:
    answer = make_answer(401, '{"error":"unknown token s3cr3t-t0k3n"}')
    message = str(failure(answer, token="s3cr3t-t0k3n", now=NOW))
    assert "s3cr3t-t0k3n" not in message
    assert "unknown token …" in message


def test_a_server_that_repeats_the_key_in_the_address_does_not_bring_it_into_the_message() -> None:
    url = "https://feeds.example/all.rss?key=s3cr3t-k3y&page=2"
    answer = Answer(asked_url=url, url=url, status=418, headers={}, body=b"no feed for s3cr3t-k3y on page 2")
    assert 'it says "no feed for … on page 2"' in str(failure(answer, token=None, now=NOW))


def test_where_a_redirect_led_to_another_server_it_is_named_and_the_token_not_blamed() -> None:
    moved = make_answer(401, "{}", url="https://social.fedi.example/api/v1/timelines/tag/notcoproduction")
    error = failure(moved, token="t", now=NOW)
    assert error is not None
    assert error.condition is Condition.NEEDS_TOKEN
    assert "https://social.fedi.example" in str(error)


def seconds_to(headers: Mapping[str, str]) -> float | None:
    instant = retry_at(headers, NOW)
    return (instant - NOW).total_seconds() if instant else None


LATER = NOW + timedelta(seconds=90)
OWN_CLOCK = NOW - timedelta(hours=400)  # what a server's wrong clock says


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "90"}, 90),
        ({"retry-after": "90, 90"}, 90),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 15}, LONGEST_HOLD.total_seconds()),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": format_datetime(LATER, usegmt=True)}, 90),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_HOLD.total_seconds()),
        ({"x-ratelimit-reset": "2026-11-23T08:01:30.000000Z"}, 90),
        ({"x-ratelimit-reset": "2026-11-23T08:01:30+00:00"}, 90),
        ({"x-ratelimit-reset": "2026-11-23T09:01:30+01:00"}, 90),
        ({"x-ratelimit-reset": "2026-11-23 08:01:30 UTC"}, 90),
        ({"x-ratelimit-reset": "2026-11-23T08:01:30"}, 90),
        ({"x-ratelimit-reset": str(int(LATER.timestamp()))}, 90),
        ({"x-ratelimit-reset": str(int(LATER.timestamp() * 1000))}, 90),
        ({"x-ratelimit-reset": "90"}, 90),
        ({"x-ratelimit-reset": "2026-11-23T07:00:00Z"}, None),
        ({"x-ratelimit-reset": "2036-11-23T07:00:00Z"}, LONGEST_HOLD.total_seconds()),
        ({"x-ratelimit-reset": "9999-12-31T23:59:59Z", "date": format_datetime(OWN_CLOCK)}, None),
        ({"retry-after": "30", "x-ratelimit-reset": "2026-11-23T08:01:30Z"}, 30),
        ({"retry-after": "soon", "x-ratelimit-reset": "2026-11-23T08:01:30Z"}, 90),
    ],
)
def test_the_time_to_come_back_is_read_in_every_form(headers: Mapping[str, str], seconds: float | None) -> None:
    assert seconds_to(headers) == seconds


def test_a_servers_wrong_clock_is_taken_off_its_instants_but_not_off_durations() -> None:
    date = format_datetime(OWN_CLOCK, usegmt=True)
    reset = OWN_CLOCK + timedelta(seconds=90)
    assert seconds_to({"date": date, "x-ratelimit-reset": reset.isoformat()}) == 90
    assert seconds_to({"date": date, "x-ratelimit-reset": str(int(reset.timestamp()))}) == 90
    assert seconds_to({"date": date, "retry-after": format_datetime(reset, usegmt=True)}) == 90
    assert seconds_to({"date": date, "retry-after": "90"}) == 90


def test_gotosocials_rate_limit_without_retry_after_is_understood() -> None:
    answer = recorded_answer("gotosocial-ratelimit-14")
    now = datetime(2026, 11, 22, 20, 34, 55, tzinfo=UTC)
    error = failure(answer, token="t", now=now)
    assert error is not None
    assert error.retry_at == datetime(2026, 11, 22, 20, 39, 54, tzinfo=UTC)


def test_an_ordinary_refusal_sets_no_time_though_its_headers_name_one() -> None:
    headers = {"x-ratelimit-reset": "2026-11-23T08:01:30Z"}
    for status, expected in ((401, None), (500, None), (429, LATER), (503, LATER)):
        error = failure(make_answer(status, "", headers), token=None, now=NOW)
        assert error is not None
        assert error.retry_at == expected


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_header_is_too_odd_and_no_time_is_past_or_far(after: str, reset: str, date: str) -> None:
    instant = retry_at({"retry-after": after, "x-ratelimit-reset": reset, "date": date}, NOW)
    assert instant is None or NOW < instant <= NOW + LONGEST_HOLD


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_every_pair_of_instants_can_be_held_against_each_other(reset: datetime, date: datetime) -> None:
    headers = {"x-ratelimit-reset": reset.isoformat(), "date": format_datetime(date)}
    instant = retry_at(headers, NOW)
    assert instant is None or NOW < instant <= NOW + LONGEST_HOLD


@pytest.mark.parametrize(
    ("body", "content_type", "condition"),
    [
        ("<!doctype html><title>Hello</title>", "text/html", Condition.NO_SUCH_API),
        ("\ufeff  <html>", "application/json", Condition.NO_SUCH_API),
        ("Hello", "text/html; charset=utf-8", Condition.NO_SUCH_API),
        ("Hello", "application/json", Condition.UNREADABLE),
        ("", "application/json", Condition.UNREADABLE),
        ('[{"id": "1"}', "application/json", Condition.UNREADABLE),
        ("[" * 100_000, "application/json", Condition.UNREADABLE),
        ("[" + "1" * 5000 + "]", "application/json", Condition.UNREADABLE),
        ('{"error": "no"}', "application/json", Condition.UNREADABLE),
        ("null", "application/json", Condition.UNREADABLE),
    ],
)
def test_what_is_no_json_list_is_told_apart(body: str, content_type: str, condition: Condition) -> None:
    with pytest.raises(SourceError) as caught:
        json_list(make_answer(body=body, headers={"content-type": content_type}))
    assert caught.value.condition is condition


def test_a_json_list_and_an_object_are_read_as_such() -> None:
    assert json_list(make_answer(body="[1]", headers={"content-type": "text/html"})) == [1]
    assert json_object(make_answer(body='{"a": 1}')) == {"a": 1}
    with pytest.raises(SourceError, match="no object"):
        json_object(make_answer(body="[]"))


@given(st.binary(max_size=200), st.integers(200, 599), st.sampled_from([None, "token"]))
def test_no_body_is_too_odd_to_be_judged(body: bytes, status: int, token: str | None) -> None:
    answer = make_answer(status, body)
    failure(answer, token=token, now=NOW)
    is_unused_tag(answer)
    with suppress(SourceError):
        json_list(answer)
