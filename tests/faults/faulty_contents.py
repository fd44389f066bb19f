"""Faults in what an answer holds, from one page to the next, and from one answer to the next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from faults import EVERY, FEEDS, HTML, JSON, PLAIN_JSON, WEB_PAGE, Fault, answers, echoes, json_of, with_body
from gate import Call, Happens, bytes_of
from places import PAGE

from collector.demo.server import Answer
from collector.errors import Condition

OK, UNREADABLE, NO_SUCH_API, HALF = Condition.OK, Condition.UNREADABLE, Condition.NO_SUCH_API, Condition.HALF_FEED
NO_POSTS = Condition.NO_POSTS
NO_FEED = dict.fromkeys(FEEDS, NO_SUCH_API)
RSS = frozenset({"rss"})


def _nested(levels: int) -> str:
    return "[" * levels + "]" * levels


# The whole answer is something else.
BODIES = {
    "a web page": Fault(says=NO_SUCH_API, happens=answers(200, WEB_PAGE, HTML)),
    "a web page that says it is JSON": Fault(says=NO_SUCH_API, happens=answers(200, WEB_PAGE, PLAIN_JSON)),
    "plain words": Fault(
        says=UNREADABLE, but=NO_FEED, happens=answers(200, b"It works!", {"Content-Type": "text/plain"})
    ),
    "other XML": Fault(says=NO_SUCH_API, happens=answers(200, b'<?xml version="1.0"?><error>no</error>', PLAIN_JSON)),
    "nothing": Fault(says=UNREADABLE, happens=answers(200, b"", PLAIN_JSON)),
    "white space": Fault(says=UNREADABLE, happens=answers(200, b" \r\n\t", PLAIN_JSON)),
    "bytes that are no text": Fault(
        says=UNREADABLE, but=NO_FEED, happens=answers(200, b"\xff\xfe\x00\x01\x80" * 99, PLAIN_JSON)
    ),
    "JSON cut short": Fault(says=UNREADABLE, places=JSON, happens=with_body(lambda body: body[:-9])),
    "JSON with something behind it": Fault(
        says=UNREADABLE, places=JSON, happens=with_body(lambda body: body + b"<!-- 12 ms -->")
    ),
    "null": Fault(says=UNREADABLE, but=NO_FEED, happens=json_of("null")),
    "a number": Fault(says=UNREADABLE, but=NO_FEED, happens=json_of("42")),
    "a text": Fault(says=UNREADABLE, but=NO_FEED, happens=json_of('"hello"')),
    "an empty object": Fault(says=UNREADABLE, but=NO_FEED, happens=json_of("{}")),
    "an error that says it is none": Fault(says=UNREADABLE, but=NO_FEED, happens=echoes(200)),
    "a number of 5,000 digits": Fault(says=UNREADABLE, happens=json_of("[" + "9" * 5000 + "]")),
    "lists in lists, 90,000 levels": Fault(says=UNREADABLE, happens=json_of(_nested(90_000))),
    "objects in objects, 20,000 levels": Fault(says=UNREADABLE, happens=json_of('{"posts":' * 20_000)),
    # An empty list is just what a place without posts says.
    "an empty list": Fault(
        says=UNREADABLE, but={"mastodon": NO_POSTS, "wordpress": (OK, NO_SUCH_API)}, happens=json_of("[]")
    ),
    "lists in lists, 900 levels": Fault(
        says=UNREADABLE, but={"wordpress": (UNREADABLE, NO_SUCH_API)}, happens=json_of(_nested(900))
    ),
    "a list of everything but posts": Fault(
        says=UNREADABLE,
        but={"wordpress": (UNREADABLE, NO_SUCH_API)},
        happens=json_of('[null, 1, "x", [], {}, true, NaN, -Infinity, 1e999]'),
    ),
    "an object of everything but posts": Fault(
        says=UNREADABLE,
        but=NO_FEED,
        happens=json_of('{"posts": [null, 1, "x", [], {}], "items": [null, 1, [], {}], "version": 1, "cursor": {}}'),
    ),
}


def spoilt(spoil: Callable[[Any], Any]) -> Happens:
    """Its posts, with something done to each of them; what else it is asked it answers as ever."""

    def happens(call: Call) -> bytes:
        well = call.well()
        if not call.is_for_posts:
            return bytes_of(well)
        return bytes_of(replace(well, body=json.dumps(_each_post(json.loads(well.body), spoil)).encode()))

    return happens


def _each_post(page: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(page, list):
        return [change(post) for post in page]
    return {name: [change(post) for post in told] if isinstance(told, list) else told for name, told in page.items()}


def _each_leaf(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Changes each text, number and truth in a post."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        return [changed(inner) for inner in value] if isinstance(value, list) else change(value)

    return changed


def _of_another_type(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    return "true" if isinstance(value, bool) or value is None else {"number": value}


def _turned(value: Any) -> Any:
    """Lists where objects should be, and objects where lists should be, below the post itself."""
    if isinstance(value, dict):
        return [_turned(inner) for inner in value.values()]
    return {str(number): _turned(inner) for number, inner in enumerate(value)} if isinstance(value, list) else value


def _odd(post: Any) -> Any:
    """NUL, a control character, and both halves of a pair that never meet, in all but what says what it is."""
    spared = {name: told for name, told in post.items() if name in {"visibility", "type", "status"}}
    return _each_leaf(_oddly)(post) | spared


def _oddly(value: Any) -> Any:
    return f"\udfff{value}\0\x1b[31m\ud800" if isinstance(value, str) else value


def _odd_words(post: Any) -> Any:
    """The same only in what a person wrote, at its end."""
    told = dict(post)
    if "content" in told and isinstance(told["content"], dict):
        told["content"] = {"rendered": _wordy(told["content"]["rendered"])}
    for name in ("content", "content_text"):
        told |= {name: _wordy(told[name])} if isinstance(told.get(name), str) else {}
    if "record" in told:
        told["record"] = {**told["record"], "text": _wordy(told["record"]["text"])}
    return told


def _wordy(text: str) -> str:
    return f"{text}\0\ud800"


def _huge(value: Any) -> Any:
    return 10**400 if type(value) is int else value


def _deepened(post: Any) -> Any:
    return {**post, "extension": json.loads(_nested(900))}


# The posts of an answer are broken, or only odd.
POSTS = {
    "values of another type": Fault(says=UNREADABLE, places=JSON, happens=spoilt(_each_leaf(_of_another_type))),
    "lists for objects for lists": Fault(
        says=UNREADABLE,
        places=JSON,
        happens=spoilt(lambda post: {name: _turned(inner) for name, inner in post.items()}),
        but={"jsonfeed": OK},  # there is no object in it that matters
    ),
    "posts without anything": Fault(says=UNREADABLE, places=JSON, happens=spoilt(lambda _: {})),
    "posts that are null": Fault(says=UNREADABLE, places=JSON, happens=spoilt(lambda _: None)),
    "huge numbers": Fault(says=OK, places=JSON, happens=spoilt(_each_leaf(_huge))),
    "NUL and surrogates everywhere": Fault(says=UNREADABLE, places=JSON, happens=spoilt(_odd)),
    "NUL and surrogates in the words": Fault(says=OK, places=JSON, happens=spoilt(_odd_words)),
    "posts of 900 levels": Fault(says=OK, places=JSON, happens=spoilt(_deepened)),
    "XML cut short": Fault(says=HALF, words="breaks off", places=RSS, happens=with_body(lambda body: body[:-60])),
    "XML of 5,000 levels": Fault(
        says=UNREADABLE, places=RSS, happens=answers(200, b'<rss version="2.0"><channel>' + b"<a>" * 5000)
    ),
    "XML with NUL and surrogates": Fault(
        says=OK, places=RSS, happens=with_body(lambda body: body.replace(b" #", b" \0&#0;&#xD800;#"))
    ),
    "XML that unpacks to a flood": Fault(
        says=NO_POSTS,
        places=RSS,
        happens=answers(
            200,
            b'<!DOCTYPE rss [<!ENTITY a "ha">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + number, b"&%c;" % (97 + number) * 20) for number in range(9))
            + b'] ><rss version="2.0"><channel><title>&j;</title></channel></rss>',
        ),
    ),
}


def paged(make: Callable[[Call], Answer]) -> Happens:
    """Other pages of posts than there are; what else it is asked it answers as ever."""
    return lambda call: bytes_of(make(call) if call.is_for_posts else call.well())


_numbers = count(1_000_000)


def _endless(call: Call) -> Answer:
    items = [call.place.invent(call.number * PAGE + number) for number in range(PAGE)]
    return call.place.page(call.request, items, str(10**15 - call.number * PAGE - PAGE))


def _endless_and_empty(call: Call) -> Answer:
    return call.place.page(call.request, [], str(call.number + 1))


def _repeats_the_cursor(call: Call) -> Answer:
    items = [call.place.invent(next(_numbers)) for _ in range(PAGE)]
    return call.place.page(call.request, items, "7777")


def _ignores_the_cursor(call: Call) -> Answer:
    return call.well(call.place.newest(call.request))


def _cursor_of_nonsense(call: Call) -> Answer:
    answer = call.place.page(call.request, [call.place.invent(call.number)], "nonsense")
    return replace(answer, body=answer.body.replace(b"nonsense", b"\\ud800\\u0000\\u001b"))


PAGES = {
    "pages without end": Fault(says=OK, places=EVERY, rounds=5, happens=paged(_endless)),
    "empty pages without end": Fault(
        says=(OK, NO_POSTS), places=EVERY - {"mastodon"}, rounds=5, happens=paged(_endless_and_empty)
    ),
    "the same cursor each time": Fault(
        says=HALF,
        but={"bluesky": OK, "rss": OK, "jsonfeed": OK},
        places=EVERY,
        rounds=5,
        happens=paged(_repeats_the_cursor),
    ),
    "the first page each time": Fault(says=HALF, places=EVERY, words="again", happens=paged(_ignores_the_cursor)),
    "a cursor of nonsense": Fault(says=OK, places=frozenset({"bluesky"}), rounds=5, happens=paged(_cursor_of_nonsense)),
}


def _in_turn(*many: Happens) -> Happens:
    return lambda call: many[call.number % len(many)](call)


def _well(call: Call) -> bytes:
    return bytes_of(call.well())


ANYTHING = tuple(Condition)
CHANGES = {
    "good and bad in turn": Fault(says=ANYTHING, places=EVERY, happens=_in_turn(_well, answers(500))),
    "good, good, bad": Fault(says=ANYTHING, places=EVERY, happens=_in_turn(_well, answers(200, WEB_PAGE, HTML), _well)),
    "bad, bad, good": Fault(says=ANYTHING, places=EVERY, happens=_in_turn(json_of("null"), _well, answers(502))),
    "each time another": Fault(
        says=ANYTHING,
        places=EVERY,
        rounds=3,
        happens=_in_turn(
            json_of("null"), answers(404), echoes(429), answers(200, WEB_PAGE, HTML), answers(503), json_of("[]")
        ),
    ),
}

IN_CONTENTS = {**BODIES, **POSTS, **PAGES, **CHANGES}
