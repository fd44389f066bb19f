from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from making_digests import make_digest, make_shown, make_usual_week

from collector.model import Counts, Media, Poll
from collector.render import render_json


def test_a_digest_as_json_has_the_promised_shape() -> None:
    digest = json.loads(render_json(make_usual_week()))
    assert {key: digest[key] for key in ("series", "week", "starts_at", "ends_at", "timezone", "state", "subject")} == {
        "series": "weekly",
        "week": "2026-W47",
        "starts_at": "2026-11-16T00:00:00Z",
        "ends_at": "2026-11-23T00:00:00Z",
        "timezone": "Europe/London",
        "state": "built",
        "subject": "#notcoproduction, week 47: 9 new examples",
    }
    assert digest["totals"] == {
        "posts": 9,
        "authors": 9,
        "by_network": {"fediverse": 7, "bluesky": 1, "wordpress": 1},
        "by_day": {
            "2026-11-16": 0,
            "2026-11-17": 5,
            "2026-11-18": 0,
            "2026-11-19": 2,
            "2026-11-20": 0,
            "2026-11-21": 0,
            "2026-11-22": 1,
        },
        "previous_posts": 5,
    }
    assert [(section["name"], len(section["posts"])) for section in digest["sections"]] == [
        ("top", 7),
        ("comments", 1),
        ("more", 0),
        ("late", 1),
    ]
    assert [(part["name"], part["title"], len(part["posts"])) for part in digest["references"]] == [
        ("threads", "Worth opening", 1)
    ]


def test_a_post_as_json_is_whole() -> None:
    shown = make_shown(
        content_warning="food",
        text="é\n" + "x" * 900,
        media=(Media(url="https://a.example/1.png", type="image", alt_text=None),),
        poll=Poll(options=("a", "b"), closes_at=datetime(2026, 12, 1, tzinfo=UTC)),
        edited_at=datetime(2026, 11, 17, 12, 0, 0, 5000, tzinfo=timezone(timedelta(hours=2))),
        counts=Counts(replies=1, boosts=2, likes=3, quotes=4),
        also_at=("https://b.example/1",),
        is_sensitive=True,
    )
    written = render_json(make_digest([shown]))
    (post,) = json.loads(written)["sections"][0]["posts"]
    assert "é" in written
    assert post == {
        "uri": "https://fedi.example/users/carys/statuses/1",
        "url": "https://fedi.example/@carys/1",
        "network": "fediverse",
        "author_handle": "carys@fedi.example",
        "author_name": "Carys",
        "title": "",
        "text": "é\n" + "x" * 900,
        "content_warning": "food",
        "language": "en",
        "published_at": "2026-11-17T09:41:00Z",
        "edited_at": "2026-11-17T10:00:00.005000Z",
        "dated_at": "2026-11-17T09:41:00Z",
        "first_seen_at": "2026-11-17T09:41:00Z",
        "hashtags": ["notcoproduction"],
        "media": [{"url": "https://a.example/1.png", "type": "image", "alt_text": None}],
        "poll": {"options": ["a", "b"], "closes_at": "2026-12-01T00:00:00Z"},
        "reply_to_uri": None,
        "counts": {"replies": 1, "boosts": 2, "likes": 3, "quotes": 4},
        "is_sensitive": True,
        "also_at": ["https://b.example/1"],
        "note": "",
    }


def test_what_was_taken_back_is_counted_in_its_section() -> None:
    digest = json.loads(render_json(make_digest([make_shown(1), make_shown(2)], gone=frozenset({1}))))
    assert digest["sections"][0]["taken_back"] == 1
    assert digest["totals"]["posts"] == 2
