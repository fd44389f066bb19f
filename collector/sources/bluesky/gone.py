"""Which posts are no longer public, by evidence that cannot be an outage.

A post that `getPosts` leaves out may be deleted, or only be out of order, or its author may block the account that
reads. So the record itself is asked for: through the account's server by whoever knows it, its own repository or the
network's index. Where that says that it does not know the author at all, the author's profile has to say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.sources.answers import Answer, json_object
from collector.sources.bluesky.errors import API, error_name
from collector.sources.bluesky.session import BlueskySession
from collector.text.bluesky import POSTS, PostAddress, known_post
from collector.text.values import objects_of, text_of

AT_ONCE = 25  # the most that the server takes

_NO_RECORD = "RecordNotFound"
_NO_REPOSITORY = {"InvalidRequest", "RepoNotFound", "RepoDeactivated", "RepoTakendown", "RepoSuspended"}
_AWAY = {"AccountDeactivated", "AccountTakedown"}  # the account is out of sight, perhaps for a time
_NO_PROFILE = "InvalidRequest"  # it has no name of its own; the message is the same in every version


def gone_posts(session: BlueskySession, native_ids: Sequence[str]) -> Iterator[str]:
    """Those that are gone for sure, as they are found out; SourceError where the asking has to stop."""
    known = [uri for uri in dict.fromkeys(native_ids) if known_post(uri)]
    accounts = _Accounts(session)
    for start in range(0, len(known), AT_ONCE):
        asked = known[start : start + AT_ONCE]
        shown = _shown(session, asked)
        for uri in asked:
            address = known_post(uri)
            if uri not in shown and address and _is_gone(session, address, accounts):
                yield uri


def _shown(session: BlueskySession, uris: Sequence[str]) -> set[str]:
    answer = session.get("app.bsky.feed.getPosts", [("uris", uri) for uri in uris])
    session.judge(answer)
    return {text_of(post.get("uri")) for post in objects_of(json_object(answer, API).get("posts"))}


def _is_gone(session: BlueskySession, address: PostAddress, accounts: _Accounts) -> bool:
    where = [("repo", address.actor), ("collection", POSTS), ("rkey", address.rkey)]
    answer = session.get("com.atproto.repo.getRecord", where)
    name = _refusal(session, answer)
    return name == _NO_RECORD or (name in _NO_REPOSITORY and accounts.is_gone(address.actor))


class _Accounts:
    """Whether accounts are gone, each asked for once."""

    def __init__(self, session: BlueskySession) -> None:
        self._session = session
        self._answers: dict[str, bool] = {}

    def is_gone(self, did: str) -> bool:
        """Deactivated or taken down by name, or unknown to an index that is in order."""
        if did not in self._answers:
            name, says = self._profile(did)
            is_unknown = name == _NO_PROFILE and says == "Profile not found"
            self._answers[did] = name in _AWAY or (is_unknown and self._is_index_in_order())
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
