"""Who claims a delivery, and whether they are still there."""

from __future__ import annotations

import os
import platform
import secrets
from pathlib import Path

_TOKEN = secrets.token_hex(4)


def make_owner() -> str:
    """Who claims: the machine since it was started, the process, and what a later one with its number has not."""
    return f"{platform.node()}:{_boot()}:{os.getpid()}:{_TOKEN}"


def _boot() -> str:
    """Tells apart machines of the same name, where the system has a number for that."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def is_dead(owner: str, me: str) -> bool:
    """True where the claimer was a process of this machine that is no more; False where that is not known."""
    place, process, _ = _parts(owner)
    my_place, my_process, _ = _parts(me)
    if owner == me or place != my_place or not process.isdecimal():
        return False
    return process == my_process or not _is_alive(int(process))


def _parts(owner: str) -> tuple[str, str, str]:
    """The place, the process and the token."""
    rest, _, token = owner.rpartition(":")
    place, _, process = rest.rpartition(":")
    return place, process, token


def _is_alive(process: int) -> bool:
    """True also where it cannot be asked: on Windows the question would end the process."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
