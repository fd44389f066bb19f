"""The `requests` session that Mastodon.py is given: it asks through our guarded client, and the answer stays with us.

Mastodon.py builds what is asked: paths, parameters, the token. It is handed an empty answer, because building its
classes costs 2 ms a status and fails for a whole page where one status is malformed, and because its own reading of
rate limits needs luck with the headers. The raw answer is read by this project's pure functions instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter

from collector.errors import SourceError
from collector.sources.answers import Answer
from collector.sources.web import WebClient


class AnswerKeeper(BaseAdapter):
    """Sends what a session asks through the guarded client, and keeps the answer until it is taken."""

    def __init__(self, web: WebClient) -> None:
        super().__init__()
        self._web = web
        self._kept: Answer | SourceError | None = None

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 (what requests asks of an adapter)
        timeout: Any = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Response:
        """Asks, keeps what came, be it an answer or an error, and gives an empty list."""
        headers = {name: str(value) for name, value in request.headers.items()}
        try:
            self._kept = self._web.get(request.url or "", headers)
        except SourceError as error:
            self._kept = error
        return _empty_list(request)

    def close(self) -> None:
        """The client belongs to whoever made it."""

    def take(self) -> Answer | None:
        """Gives what the last request brought, once; None if nothing was asked. A kept SourceError is raised."""
        kept, self._kept = self._kept, None
        if isinstance(kept, SourceError):
            raise kept
        return kept


def session_over(keeper: AnswerKeeper) -> Session:
    """A session that reaches the network through `keeper` alone, and takes nothing from the environment."""
    session = Session()
    session.trust_env = False
    for prefix in ("https://", "http://"):
        session.mount(prefix, keeper)
    return session


def _empty_list(request: PreparedRequest) -> Response:
    response = Response()
    response.status_code = 200
    response.url = request.url or ""
    response.request = request
    response.raw = BytesIO(b"[]")
    return response
