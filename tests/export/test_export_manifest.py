"""What stands in a manifest, in the words of JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from making import NOW

import collector
from collector.errors import Condition
from collector.export import READING_NOTES, select_columns
from collector.export.manifest import Manifest, draw_manifest
from collector.model import Gap, LeftOut, Watch, WatchGap, WatchKey, WatchState, Wish

KEY = WatchKey(kind="feed", address="https://carys.example", hashtag="notco", topic="notcoproduction", thread="/feed")
WATCH = Watch(
    id=1,
    key=KEY,
    name="carys.example",
    state=WatchState(began_at=NOW, last_complete_at=NOW, condition=Condition.UNREACHABLE, message="no answer by Carys"),
    is_retired=True,
)
GAP = WatchGap(
    watch_id=1,
    source="carys.example",
    kind="feed",
    address="https://carys.example",
    hashtag="notco",
    topic="notcoproduction",
    gap=Gap(starts_at=NOW - timedelta(days=2), caught_up_at=NOW, reason="unreachable", message="no answer by Carys"),
)
MANIFEST = Manifest(
    file="posts.csv",
    size=1_234,
    sha256="ab" * 32,
    rows=3,
    written_at=NOW,
    schema="0003",
    columns=select_columns("uri,likes"),
    asked={"source": "carys.example", "week": "2026-W47"},
    understood={"timezone": "Europe/London", "source": "carys.example", "dated_from": NOW, "topic": None},
    watches=(WATCH,),
    gaps=(GAP,),
    left_out=LeftOut(gone=1, opted_out=2, by_wish={Wish.NOBOT: 2}, not_asked_for=40),
)


def drawn(manifest: Manifest) -> Any:
    return json.loads(draw_manifest(manifest))


def test_a_manifest_says_everything_about_its_file() -> None:
    told = drawn(MANIFEST)
    assert len(told.pop("limits")) == 4
    assert told == {
        "file": "posts.csv",
        "bytes": 1_234,
        "sha256": "ab" * 32,
        "rows": 3,
        "written_at": "2026-11-23T08:00:00.000Z",
        "program": {"name": "hashtag-collector", "version": collector.__version__, "schema": "0003"},
        "query": {
            "asked": {"source": "carys.example", "week": "2026-W47"},
            "understood": {
                "timezone": "Europe/London",
                "source": "carys.example",
                "dated_from": "2026-11-23T08:00:00.000Z",
                "topic": None,
            },
        },
        "columns": [
            {"name": "uri", "type": "text", "meaning": "Its identity: one post, one uri"},
            {"name": "likes", "type": "whole number", "meaning": "Likes: the highest number seen"},
        ],
        "notes": list(READING_NOTES),
        "sources": [
            {
                "source": "carys.example",
                "kind": "feed",
                "address": "https://carys.example",
                "thread": "/feed",
                "hashtag": "notco",
                "topic": "notcoproduction",
                "is_configured": False,
                "condition": "unreachable",
                "message": "no answer by Carys",
                "began_at": "2026-11-23T08:00:00.000Z",
                "last_success_at": None,
                "last_complete_at": "2026-11-23T08:00:00.000Z",
            }
        ],
        "gaps": [
            {
                "source": "carys.example",
                "address": "https://carys.example",
                "hashtag": "notco",
                "topic": "notcoproduction",
                "starts_at": "2026-11-21T08:00:00.000Z",
                "ends_at": None,
                "caught_up_at": "2026-11-23T08:00:00.000Z",
                "reason": "unreachable",
                "message": "no answer by Carys",
            }
        ],
        "left_out": {
            "gone": 1,
            "erased": 0,
            "hidden": 0,
            "opted_out": 2,
            "opted_out_by_wish": {"nobot": 2},
            "withdrawn": 0,
            "not_asked_for": 40,
        },
    }


def test_the_manifest_of_a_pseudonymised_export_leads_to_nobody() -> None:
    manifest = replace(MANIFEST, label=lambda source: "person-1" if source == "carys.example" else source)
    assert b"carys" not in draw_manifest(manifest).lower()
    told = drawn(manifest)
    assert told["query"]["asked"]["source"] == told["query"]["understood"]["source"] == "person-1"
    assert [told[place][0]["source"] for place in ("sources", "gaps")] == ["person-1", "person-1"]
    assert told["limits"][-1].startswith("Pseudonymous, not anonymous")


def test_half_a_surrogate_pair_in_a_name_does_no_harm() -> None:
    assert drawn(replace(MANIFEST, file="\ud800.csv"))["file"] == "?.csv"
