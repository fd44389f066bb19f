"""What a real WordPress 6.1 once answered, for tests that play it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serving import Reply

RECORDED = Path(__file__).parent / "data" / "wordpress"
ADDRESS = "http://127.0.0.1:8088"  # where the blog stood
POST_PATH = "/2013/11/26/examples-of-not-coproduction/"
PERMALINK = f"{ADDRESS}{POST_PATH}"
_OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding", "host"}


def recorded(name: str, address: str = ADDRESS, **headers: str) -> Reply:
    """A whole answer, as if the blog stood at another address; a header that came twice is one with a comma."""
    status, told = 200, dict[str, str]()
    for line in (RECORDED / f"{name}.headers").read_text("utf-8").splitlines():
        key, colon, value = line.partition(":")
        if line.startswith("HTTP/"):
            status = int(line.split()[1])
        elif colon and key.lower() not in _OF_THE_CONNECTION:
            told[key] = f"{told[key]}, {value.strip()}" if key in told else value.strip()
    told = {key: value.replace(ADDRESS, address) for key, value in (told | headers).items()}
    # As JSON writes an address, too.
    body = body_of(name).replace(ADDRESS.encode(), address.encode())
    body = body.replace(ADDRESS.replace("/", "\\/").encode(), address.replace("/", "\\/").encode())
    return Reply(status=status, headers={key: value for key, value in told.items() if value}, body=body)


def body_of(name: str) -> bytes:
    """The body as it came."""
    return (RECORDED / f"{name}.body").read_bytes()


def json_of(name: str) -> Any:
    """What a recorded answer says."""
    return json.loads(body_of(name))
