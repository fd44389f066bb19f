"""What is asked of a server of the Mastodon API: Mastodon.py builds the requests, the whole answers come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from mastodon import Mastodon, MastodonError

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer
from collector.sources.mastodon.instance import Half, Instance, fetch_instance
from collector.sources.mastodon.sessions import AnswerKeeper, session_over
from collector.sources.protocol import Setup
from collector.sources.web import WebClient

_TOKEN = re.compile(r"[!-~]+")


class MastodonApi:
    """One server, one question at a time: whoever shares it between threads holds a lock."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._host = urlsplit(setup.address).netloc
        self._web = WebClient.of(setup)
        self._keeper = AnswerKeeper(self._web)
        self._client = _client(setup, self._keeper)

    def tag_timeline(self, hashtag: str, cursor: str | None, limit: int, half: Half | None) -> Answer:
        """Public posts with a hashtag, newest first, below the id `cursor`; all, or those of one half."""
        tag = quote(hashtag, safe="")  # Mastodon.py puts it into the path as it is
        is_local, is_remote = half is Half.LOCAL, half is Half.REMOTE
        return self._ask(
            lambda client: client.timeline_hashtag(tag, max_id=cursor, limit=limit, local=is_local, remote=is_remote)
        )

    def status(self, native_id: str) -> Answer:
        """One post by this server's own id."""
        return self._ask(lambda client: client.status(native_id))

    def statuses(self, native_ids: Sequence[str]) -> Answer:
        """Those of several posts that are public, by this server's own ids; not every server knows the question."""
        return self._ask(lambda client: client.statuses(list(native_ids)))

    def account(self, handle: str) -> Answer:
        """The account that goes by a handle, here or, as far as it is known here, elsewhere."""
        return self._ask(lambda client: client.account_lookup(handle))

    def statuses_of(self, account_id: str, hashtag: str, cursor: str | None, limit: int) -> Answer:
        """What an account posted with a hashtag, newest first, below the id `cursor`; some servers give all of it."""
        return self._ask(
            lambda client: client.account_statuses(
                account_id, tagged=hashtag, max_id=cursor, limit=limit, exclude_reblogs=True
            )
        )

    def search(self, url: str) -> Answer:
        """Has the server look an address up on the network; it wants a token for that."""
        # `exclude_unreviewed` would make Mastodon.py ask for the server's version first.
        return self._ask(lambda client: client.search_v2(url, resolve=True, exclude_unreviewed=False))

    def instance(self) -> Instance | None:
        """What the server says of itself; None where that cannot be read. Raises nothing."""
        return fetch_instance(self._web, self._setup.address, self._setup.token)

    def close(self) -> None:
        """Gives back its connections."""
        self._web.close()

    def _ask(self, question: Callable[[_Client], object]) -> Answer:
        if self._setup.token is not None and not _TOKEN.fullmatch(self._setup.token):
            message = f"the token for {self._host} is empty, or holds white space or accents"
            raise SourceError(Condition.BAD_TOKEN, message)
        try:
            question(self._client)
            answer = self._keeper.take()
        except MastodonError:  # its text may hold the token
            raise SourceError(Condition.UNREADABLE, f"{self._host} cannot be asked this") from None
        if answer is None:
            raise SourceError(Condition.UNREADABLE, f"{self._host} was not asked")
        return answer


class _Client(Mastodon):
    """Mastodon.py, which asks nothing on its own account: it wants the server's description before each timeline."""

    def timeline_is_available(self, *_args: Any, **_kwargs: Any) -> bool:
        return True


def _client(setup: Setup, keeper: AnswerKeeper) -> _Client:
    client = _Client(
        api_base_url=setup.address,
        session=session_over(keeper),
        ratelimit_method="throw",
        request_timeout=setup.limits.silence_seconds,
        version_check_mode="none",
        user_agent=setup.user_agent,
    )
    client.access_token = setup.token  # given to the constructor, it would be tried as a file's name first
    return client
