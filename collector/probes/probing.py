"""Asking a daemon how it is, as a probe does."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

from collector.config import Listen
from collector.probes.health import NAME

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (what listens everywhere listens here, too)
_LONGEST_ANSWER = 65_536


def ask(listen: Listen, path: str) -> list[str] | None:
    """Why the daemon that answers there is not well (none: it is); None where no collector answers."""
    connection = HTTPConnection(_EVERYWHERE.get(listen.host, listen.host), listen.port, timeout=5)
    try:
        connection.request("GET", path)
        told = json.loads(connection.getresponse().read(_LONGEST_ANSWER))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    is_ours = isinstance(told, dict) and NAME in told and isinstance(told.get("causes"), list)
    return [str(cause) for cause in told["causes"]] if is_ours else None
