"""A collector as the common tools are: it asks for what came `since_id`, the newest it saw, and never looks back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from simulation.answering import PAGE
from simulation.server import Server
from simulation.truth import TAG

NAME = "since-id"


@dataclass(kw_only=True)
class Follower:
    """It asks every server once an interval, and keeps what it is given as it is then."""

    servers: Sequence[Server]
    clock: Callable[[], datetime]
    interval: timedelta
    posts: dict[str, str] = field(default_factory=dict)  # uri → the words that it saw
    next_at: datetime | None = None
    _newest: dict[str, str] = field(default_factory=dict)  # a server's name → the newest id of the last page
    _http: httpx.Client = field(
        default_factory=lambda: httpx.Client(headers={"User-Agent": f"{NAME}/1"}, trust_env=False)
    )

    def follow(self) -> None:
        """One round, if it is due."""
        if self.next_at is None or self.clock() >= self.next_at:
            self.next_at = self.clock() + self.interval
            for server in self.servers:
                self._ask(server)

    def close(self) -> None:
        self._http.close()

    def _ask(self, server: Server) -> None:
        name = server.member.name
        params: dict[str, Any] = {"limit": PAGE}
        if name in self._newest:
            params["since_id"] = self._newest[name]
        if server.member.local != server.member.remote:
            params["local" if server.member.local else "remote"] = "true"
        headers = {"Authorization": f"Bearer {server.member.token}"} if server.member.token else {}
        try:
            answer = self._http.get(f"{server.address}/api/v1/timelines/tag/{TAG}", params=params, headers=headers)
        except httpx.TransportError:
            return
        statuses = answer.json() if answer.status_code == 200 else []
        for status in statuses:
            self.posts.setdefault(status["uri"], status["content"])
        if statuses:
            self._newest[name] = statuses[0]["id"]
