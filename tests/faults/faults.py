"""What a fault is: what a place does in place of an answer, and what `status` then says of it.

What happens is a function from a call to the bytes that are sent before the connection is closed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gate import Call, Happens, bytes_of

from collector.demo.server import Answer
from collector.errors import Condition

SERVERS = ("mastodon", "wordpress", "bluesky", "rss")
FEEDS = frozenset({"rss", "jsonfeed"})
JSON = frozenset({"mastodon", "wordpress", "bluesky", "jsonfeed"})
ALL = frozenset({*SERVERS})
EVERY = ALL | FEEDS

HTML = {"Content-Type": "text/html; charset=utf-8"}
PLAIN_JSON = {"Content-Type": "application/json"}
WEB_PAGE = b"<!DOCTYPE html><html><head><title>Hello</title></head><body><p>Welcome.</p></body></html>"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that can be wrong. `says` is the condition that `status` names, `but` the one of some places."""

    says: Condition | tuple[Condition, ...]
    but: Mapping[str, Condition | tuple[Condition, ...]] = field(default_factory=dict)
    words: str = ""  # they stand in the message
    places: frozenset[str] = ALL  # where it applies
    happens: Happens | None = None
    greeting: bytes | None = None  # to whoever connects; empty: it hangs up
    certificate: str | None = None  # the one that is shown
    is_encrypted: bool = False  # the place is asked by https
    is_refused: bool = False  # nobody listens
    lookup: int | None = None  # how looking up its name fails
    is_slow: bool = False
    wait: float | None = None  # seconds for which it is left alone by its own word
    rounds: int = 1  # that it takes afterwards until `status` says that all is well

    def condition(self, place: str) -> tuple[Condition, ...]:
        """What `status` may say of this place."""
        said = self.but.get(place, self.says)
        return said if isinstance(said, tuple) else (said,)


def spread(faults: Mapping[str, Fault], kinds: int) -> dict[str, Fault]:
    """Each at so many kinds of places, in turn: these are met by what all kinds have in common."""
    at = [frozenset(SERVERS[(number + more) % len(SERVERS)] for more in range(kinds)) for number in range(len(faults))]
    return {name: replace(fault, places=places) for (name, fault), places in zip(faults.items(), at, strict=True)}


def answers(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Happens:
    """The same answer to everything."""
    return lambda _: bytes_of(Answer(status=status, body=body, headers=headers or {}))


def raw(content: bytes) -> Happens:
    """The same bytes to everything."""
    return lambda _: content


def json_of(text: str) -> Happens:
    """This as JSON, to everything."""
    return answers(body=text.encode(), headers=PLAIN_JSON)


def with_body(change: Callable[[bytes], bytes]) -> Happens:
    """What it would say if it were well, with something done to the body."""

    def happens(call: Call) -> bytes:
        well = call.well()
        return bytes_of(replace(well, body=change(well.body)))

    return happens


def echoes(status: int, **headers: str) -> Happens:
    """An answer in JSON that repeats what it was sent, secrets and all."""

    def happens(call: Call) -> bytes:
        asked = call.request
        told = f"no: {asked.headers.get('authorization', '')} {json.dumps(asked.query)} {asked.body.decode()}"
        body = json.dumps({"error": told, "message": told, "code": "no"}).encode()
        return bytes_of(Answer(status=status, body=body, headers=PLAIN_JSON), **headers)

    return happens
