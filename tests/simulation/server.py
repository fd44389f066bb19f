"""One server over real HTTP on loopback: up or down, its limits, and who asked it what."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from typing import Self
from urllib.parse import urlsplit

from fediverse_posts import stamp

from collector.demo.server import Answer, Request, json_answer, listening
from simulation.answering import Member, Question, Shown, answer_question, read_question
from simulation.holdings import SOFTWARE, Held, Holdings, Host
from simulation.limits import Limits

_FAULT = Answer(status=503, body=b"<!DOCTYPE html><title>Sorry</title>", headers={"Content-Type": "text/html"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request that came."""

    at: datetime
    who: str  # what its User-Agent begins with
    question: Question
    status: int
    is_fresh: bool  # the answer held a post that this caller had not been shown, or not in this wording


@dataclass(kw_only=True)
class Server:
    """A member of the cast that listens inside `with`. `clock` is the world's; its own is ahead by its skew."""

    member: Member
    clock: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)
    log: list[Asked] = field(default_factory=list)
    is_down: bool = False
    is_out_of_order: bool = False
    _port: int = 0
    _running: ExitStack = field(default_factory=ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _serial: count[int] = field(default_factory=lambda: count(1))
    _shown: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))  # who → id → wording

    def __enter__(self) -> Self:
        self.up()
        shown = {name: getattr(self.member, name) for name in ("local", "remote", "shows_unlisted")}
        self.holdings = Holdings(host=self.host, **shown)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def host(self) -> Host:
        return Host(name=self.member.name, software=SOFTWARE[self.member.kind], domain=urlsplit(self.address).netloc)

    @property
    def is_away(self) -> bool:
        """Nothing reaches it."""
        return self.is_down or self.is_out_of_order

    def up(self) -> None:
        """Listens; after `down` where it did before."""
        self._running.close()
        self._port = self._running.enter_context(listening(self._respond, self._port)).server_address[1]
        self.is_down = False

    def down(self) -> None:
        """Refuses connections. The port stays its own: a socket that does not listen holds it."""
        self._running.close()
        keeper = self._running.enter_context(socket.socket())
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", self._port))
        self.is_down = True

    def make_id(self, at: datetime) -> str:
        """An id of its own kind for an instant."""
        return self.host.software.make_id(at, next(self._serial))

    def _respond(self, request: Request) -> Answer:
        who = request.headers.get("user-agent", "").partition("/")[0]
        question = read_question(request)
        with self._lock:
            at = self.clock()
            shown = self._answer(request, question, who, at)
            is_fresh = self._is_fresh(who, shown.held)
            self.log.append(Asked(at=at, who=who, question=question, status=shown.answer.status, is_fresh=is_fresh))
        date = format_datetime((at + self.member.skew).astimezone(UTC), usegmt=True)
        answer = shown.answer
        return Answer(status=answer.status, body=answer.body, headers={**answer.headers, "Date": date})

    def _answer(self, request: Request, question: Question, who: str, at: datetime) -> Shown:
        refusal = _FAULT if self.is_out_of_order else self._over_limit(question, who, at)
        refusal = refusal or self._without_token(request, question)
        return Shown(answer=refusal) if refusal else answer_question(request, question, self.member, self.holdings)

    def _over_limit(self, question: Question, who: str, at: datetime) -> Answer | None:
        """Mastodon says until when; GoToSocial says nothing."""
        if not self.member.is_limited:
            return None
        until = self.limits.refused_until(who, at, pages=question.is_paging)
        if until is None:
            return None
        reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": stamp(until + self.member.skew)}
        headers = reset if self.member.kind == "mastodon" else {}
        return json_answer({"error": "Too many requests"}, status=429, headers=headers)

    def _without_token(self, request: Request, question: Question) -> Answer | None:
        if self.member.token is None or question.what in {"instance", "nodeinfo", "page"}:
            return None
        dialect, given = self.host.software.dialect, request.headers.get("authorization")
        if given is None:
            return dialect.without_token
        return None if given == f"Bearer {self.member.token}" else dialect.with_bad_token

    def _is_fresh(self, who: str, held: Sequence[Held]) -> bool:
        shown = self._shown[who]
        is_fresh = any(shown.get(item.native_id) != item.version.number for item in held)
        shown.update({item.native_id: item.version.number for item in held})
        return is_fresh
