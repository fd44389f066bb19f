"""Which posts are no longer public, by evidence that cannot be an outage.

A post that `getPosts` leaves out may be deleted, or only be out of order, or its author may block the account that
reads. So the record itself is asked for: through the account's server by whoever knows it, its own repository or the
network's index. Where that says that it does not know the author at all, the author's profile has to say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.model import Evidence
from collector.sources.answers import Answer, json_object
from collector.sources.bluesky.errors import API, error_name
from collector.sources.bluesky.session import BlueskySession
from collector.text.bluesky import POSTS, PostAddress, known_post
from collector.text.values import text_of

_NO_RECORD = "RecordNotFound"
_NO_REPOSITORY = {"InvalidRequest", "RepoNotFound", "RepoDeactivated", "RepoTakendown", "RepoSuspended"}
_AWAY = {"AccountDeactivated", "AccountTakedown"}  # the account is out of sight, perhaps for a time
_NO_PROFILE = "InvalidRequest"  # it has no name of its own; the message is the same in every version


def why_missing(session: BlueskySession, uris: Iterable[str]) -> Iterator[tuple[str, Evidence]]:
    """Those of the posts that `getPosts` left out which are out of sight for sure, and why, as it is found out.

    SourceError where the asking has to stop.
    """
    accounts = _Accounts(session)
    for uri in uris:
        address = known_post(uri)
        evidence = _evidence(session, address, accounts) if address else None
        if evidence is not None:
            yield uri, evidence


def _evidence(session: BlueskySession, address: PostAddress, accounts: _Accounts) -> Evidence | None:
    where = [("repo", address.actor), ("collection", POSTS), ("rkey", address.rkey)]
    answer = session.get("com.atproto.repo.getRecord", where)
    name = _refusal(session, answer)
    if name == _NO_RECORD:
        return Evidence.GONE
    return accounts.evidence(address.actor) if name in _NO_REPOSITORY else None


class _Accounts:
    """Whether accounts are gone, or away for a time, each asked for once."""

    def __init__(self, session: BlueskySession) -> None:
        self._session = session
        self._answers: dict[str, Evidence | None] = {}

    def evidence(self, did: str) -> Evidence | None:
        """Away where it is deactivated or taken down by name; gone where an index that is in order knows nobody."""
        if did not in self._answers:
            name, says = self._profile(did)
            if name in _AWAY:
                self._answers[did] = Evidence.AWAY
            else:
                is_unknown = name == _NO_PROFILE and says == "Profile not found"
                self._answers[did] = Evidence.GONE if is_unknown and self._is_index_in_order() else None
        return self._answers[did]

    def _is_index_in_order(self) -> bool:
        """An index that does not even know the account that asks has lost more than one author."""
        return self._profile(self._session.did) == ("", "")

    def _profile(self, did: str) -> tuple[str, str]:
        """The error's name and message; both empty for an account that is shown."""
        answer = self._session.get("app.bsky.actor.getProfile", [("actor", did)])
        name = _refusal(self._session, answer)
        return (name, text_of(json_object(answer, API).get("message"))) if name else ("", "")


def _refusal(session: BlueskySession, answer: Answer) -> str:
    """The name under which the server refuses; empty where it does not. SourceError where it cannot tell just now."""
    name = error_name(answer) if answer.status in {400, 404} else ""
    if name not in _NO_REPOSITORY | _AWAY | {_NO_RECORD}:
        session.judge(answer)
        return ""
    return name
