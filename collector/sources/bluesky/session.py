"""The session with the account's own server (PDS), through which everything on Bluesky is asked for.

An access token lives for hours, a refresh token for months, and logging in is allowed 30 times in 5 minutes: so a
session is kept, renewed when it is over, and a refused password is not tried again for a while. The server asks the
rest of the network by itself; no header needs to name whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, json_object
from collector.sources.bluesky.errors import API, bluesky_failure, is_stale
from collector.sources.protocol import Setup
from collector.sources.web import WebClient
from collector.text.addresses import host_address
from collector.text.bluesky import handle_of, is_did
from collector.text.values import object_of, objects_of, text_of

Params = Sequence[tuple[str, str]]

_REFUSAL_HOLDS = timedelta(hours=1)
_LIMIT_HOLDS = timedelta(minutes=5)
_TOKENS_KEPT = 6
_REFUSED = {400, 401, 403}  # a refresh token that is over, revoked or unknown; whatever it is, logging in tells
_INACTIVE = {
    "deactivated": "AccountDeactivated",
    "takendown": "AccountTakedown",
    "suspended": "AccountTakedown",
    "deleted": "AccountNotFound",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What a log-in gave."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    did: str
    handle: str
    pds: str  # scheme://host[:port]


class BlueskySession:
    """Asks with the account's session, renewing it once where it is over. Not for two threads at the same time."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._account = (setup.username or "").strip().removeprefix("@")
        # A redirect would carry the password along, so none is followed; no server of this kind needs one.
        self._web = WebClient.of(setup, replace(setup.limits, redirects=0))
        self._session: Session | None = None
        self._given: tuple[str, ...] = ()  # tokens of the last sessions: a server may repeat them in its words
        self._refusal: SourceError | None = None
        self._refused_until: datetime | None = None

    @property
    def pds(self) -> str:
        """The server that is asked: the account's own, once it is known."""
        return self._session.pds if self._session else self._setup.address

    @property
    def did(self) -> str:
        """The account's own DID; empty before the first log-in."""
        return self._session.did if self._session else ""

    def get(self, method: str, params: Params = ()) -> Answer:
        """Asks as the account; an answer that tells of anything but a session that is over is the caller's to judge."""
        session = self._session or self._logged_in()
        answer = self._asked(session, method, params)
        if not is_stale(answer):
            return answer
        answer = self._asked(self._renewed(session), method, params)
        if is_stale(answer):  # logging in anew, next time, is the last thing left to try
            self._session = None
        return answer

    def get_open(self, address: str, method: str) -> Answer:
        """Asks a server what it tells everybody."""
        return self._web.get(f"{address}/xrpc/{method}")

    def judge(self, answer: Answer, *, is_log_in: bool = False) -> None:
        """Raises what went wrong, in words for a person."""
        error = bluesky_failure(
            answer,
            account=self._account,
            secrets=(self._setup.password or "", *self._given),
            now=self._setup.now(),
            is_log_in=is_log_in,
        )
        if error is not None:
            raise error

    def close(self) -> None:
        """Gives back its connections. The session is left to end by itself: others may run with the same password."""
        self._web.close()

    def _asked(self, session: Session, method: str, params: Params) -> Answer:
        query = f"?{urlencode(params, errors='replace')}" if params else ""
        return self._web.get(f"{session.pds}/xrpc/{method}{query}", _bearer(session.access))

    def _renewed(self, session: Session) -> Session:
        """By the refresh token; where that is over too, by logging in."""
        url = f"{session.pds}/xrpc/com.atproto.server.refreshSession"
        answer = self._web.post(url, None, _bearer(session.refresh))
        if answer.status in _REFUSED:
            self._session = None
            return self._logged_in()
        self.judge(answer)
        return self._begun(answer)

    def _logged_in(self) -> Session:
        if self._refusal and self._refused_until and self._setup.now() < self._refused_until:
            raise _again(self._refusal)
        try:
            return self._begun(self._log_in())
        except SourceError as error:
            self._note(error)
            raise

    def _log_in(self) -> Answer:
        words = {"identifier": self._account, "password": self._setup.password or ""}
        if not all(_can_be_sent(word) for word in words.values()):
            raise SourceError(Condition.BAD_TOKEN, "username and app password cannot be sent: empty, or not text")
        answer = self._web.post(f"{self._setup.address}/xrpc/com.atproto.server.createSession", words)
        self.judge(answer, is_log_in=True)
        return answer

    def _note(self, error: SourceError) -> None:
        """A refusal stands for a while, so that a wrong password does not use up the log-ins of the account."""
        now = self._setup.now()
        if error.condition is Condition.BAD_TOKEN:
            self._refusal, self._refused_until = error, now + _REFUSAL_HOLDS
        elif error.condition is Condition.RATE_LIMITED:
            self._refusal, self._refused_until = error, error.retry_at or now + _LIMIT_HOLDS

    def _begun(self, answer: Answer) -> Session:
        told = json_object(answer, API)
        if told.get("active") is False and (name := _INACTIVE.get(text_of(told.get("status")))):
            self._session = None
            self.judge(replace(answer, status=401, body=f'{{"error": "{name}"}}'.encode()))
        session = Session(
            access=text_of(told.get("accessJwt")),
            refresh=text_of(told.get("refreshJwt")),
            did=text_of(told.get("did")),
            handle=handle_of(told.get("handle")),
            pds=_own_server(told.get("didDoc"), self._session.pds if self._session else self._setup.address),
        )
        if not (_can_be_sent(session.access) and _can_be_sent(session.refresh) and is_did(session.did)):
            raise SourceError(Condition.UNREADABLE, f"{answer.host} answers a log-in without giving a session")
        self._session, self._refusal = session, None
        self._given = (session.access, session.refresh, *self._given[:_TOKENS_KEPT])
        return session


def _own_server(did_document: Any, asked: str) -> str:
    """Where the account lives, by its own document; what was asked where that says nothing, or would drop https."""
    for service in objects_of(object_of(did_document).get("service")):
        if text_of(service.get("id")).endswith("#atproto_pds"):
            try:
                address = host_address(text_of(service.get("serviceEndpoint")))
            except ValueError:
                return asked
            return address if address.startswith("https://") or not asked.startswith("https://") else asked
    return asked


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _can_be_sent(text: str) -> bool:
    try:
        return bool(text) and text.isprintable() and bool(text.encode())
    except UnicodeEncodeError:
        return False


def _again(error: SourceError) -> SourceError:
    return SourceError(error.condition, str(error), retry_at=error.retry_at, status=error.status)
