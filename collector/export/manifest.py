"""What an export says of itself, in a file beside it: how it was asked for, of what it is made, what is not in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector import __version__
from collector.export.batches import instant_text
from collector.export.columns import READING_NOTES, Column
from collector.model import LeftOut, Watch, WatchGap

_LIMITS = (
    "Only what was public: nothing unlisted or private, and no boosts.",
    "Only what the sources showed: a server shows the posts that reached it, a search those that it finds.",
    "Counts are the highest that any source showed when it was last asked.",
    "An edit or a deletion is known only once a source was asked again. Imported files are never read again.",
)
_NOT_ANONYMOUS = "Pseudonymous, not anonymous: the words of a text can be searched for where it was published."


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """Everything there is to say of one file."""

    file: str  # its name, without folders
    size: int  # bytes
    sha256: str
    rows: int
    written_at: datetime
    schema: str
    columns: Sequence[Column]
    asked: Mapping[str, Any]  # the options as they were given
    understood: Mapping[str, Any]  # … and what they came to
    watches: Sequence[Watch]
    gaps: Sequence[WatchGap]
    left_out: LeftOut
    label: Callable[[str], str] | None = None  # for a pseudonymised export: what its sources are called there


def draw_manifest(manifest: Manifest) -> bytes:
    """The manifest as one indented JSON object; instants are ISO 8601 UTC with Z.

    A pseudonymised export's says nothing of where its sources are, or of what they answered: it may be a person's feed.
    """
    hides = manifest.label is not None
    value = {
        "file": manifest.file,
        "bytes": manifest.size,
        "sha256": manifest.sha256,
        "rows": manifest.rows,
        "written_at": manifest.written_at,
        "program": {"name": "hashtag-collector", "version": __version__, "schema": manifest.schema},
        "query": {
            "asked": _relabelled(manifest.asked, manifest),
            "understood": _relabelled(manifest.understood, manifest),
        },
        "columns": [{"name": c.name, "type": c.kind.value, "meaning": c.meaning} for c in manifest.columns],
        "notes": READING_NOTES,
        "sources": [_watch(watch, manifest) for watch in manifest.watches],
        "gaps": [_gap(gap, manifest) for gap in manifest.gaps],
        "left_out": _left_out(manifest.left_out),
        "limits": [*_LIMITS, *([_NOT_ANONYMOUS] if hides else [])],
    }
    return (json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n").encode(errors="replace")


def _relabelled(query: Mapping[str, Any], manifest: Manifest) -> dict[str, Any]:
    return {key: _label(value, manifest) if key == "source" and value else value for key, value in query.items()}


def _label(source: str, manifest: Manifest) -> str:
    return manifest.label(source) if manifest.label else source


def _watch(watch: Watch, manifest: Manifest) -> dict[str, Any]:
    key, state = watch.key, watch.state
    where = {"address": key.address, "thread": key.thread, "message": state.message}
    return {
        "source": _label(watch.name, manifest),
        "kind": key.kind,
        "hashtag": key.hashtag,
        "topic": key.topic,
        "is_configured": not watch.is_retired,
        "condition": state.condition,
        "began_at": state.began_at,
        "last_success_at": state.last_success_at,
        "last_complete_at": state.last_complete_at,
        **({} if manifest.label else where),
    }


def _gap(told: WatchGap, manifest: Manifest) -> dict[str, Any]:
    gap = told.gap
    where = {"address": told.address, "message": gap.message}
    return {
        "source": _label(told.source, manifest),
        "hashtag": told.hashtag,
        "topic": told.topic,
        "starts_at": gap.starts_at,
        "ends_at": gap.ends_at,
        "caught_up_at": gap.caught_up_at,
        "reason": gap.reason,
        **({} if manifest.label else where),
    }


def _left_out(left_out: LeftOut) -> dict[str, Any]:
    return {
        "gone": left_out.gone,
        "erased": left_out.erased,
        "hidden": left_out.hidden,
        "opted_out": left_out.opted_out,
        "opted_out_by_wish": {str(wish): number for wish, number in left_out.by_wish.items()},
        "withdrawn": left_out.withdrawn,
        "not_asked_for": left_out.not_asked_for,
    }


def _plain(value: object) -> object:
    return instant_text(value) if isinstance(value, datetime) else str(value)
