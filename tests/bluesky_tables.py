"""Recorded posts of Bluesky as the tools that researchers use write them into tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.model import Post
from collector.sources.bluesky.records import normalise_post

DATA = Path(__file__).parent / "data" / "bluesky"
_SUMMER = timedelta(hours=1)  # the zone of whoever collected


def recorded_views() -> list[dict[str, Any]]:
    """A page of a search."""
    views: list[dict[str, Any]] = json.loads((DATA / "search-page.body").read_text("utf-8"))["posts"]
    return views


def read_from_bluesky(view: dict[str, Any]) -> Post:
    """The post as it is read from Bluesky itself."""
    return normalise_post(view)


def minet_row(view: dict[str, Any]) -> dict[str, object]:
    """A view as a row of minet."""
    record, author, embed = view["record"], view["author"], view.get("embed") or {}
    sent_at = datetime.fromisoformat(record["createdAt"]).astimezone(UTC)
    images, quoted, card = _images(embed), _quoted(embed), embed.get("external") or {}
    links = [*_features(record, "link", "uri"), *([card["uri"]] if card else [])]
    address = f"https://bsky.app/profile/{author['handle']}/post/{view['uri'].rpartition('/')[2]}"
    return {
        "cid": view["cid"],
        "did": view["uri"].rpartition("/")[2],
        "uri": view["uri"],
        "url": address,
        "timestamp_utc": int(sent_at.timestamp()),
        "local_time": (sent_at + _SUMMER).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "indexed_at_utc": view["indexedAt"],
        "user_did": author["did"],
        "user_handle": author["handle"],
        "text": _with_everything(record, [*links, *(image["fullsize"] for image in images)], quoted),
        "original_text": record["text"],
        "repost_count": view["repostCount"],
        "like_count": view["likeCount"],
        "reply_count": view["replyCount"],
        "quote_count": view["quoteCount"],
        "bridgy_original_url": record.get("bridgyOriginalUrl", ""),
        "user_display_name": author.get("displayName", ""),
        "user_langs": "|".join(record.get("langs", [])),
        "user_avatar": "https://cdn.example/img/avatar/1@jpeg",
        "to_post_uri": record.get("reply", {}).get("parent", {}).get("uri", ""),
        "quoted_uri": quoted.get("uri", ""),
        "quoted_status": "detached" if quoted.get("detached") else "",
        "links": "|".join(sorted(set(links))),
        "card_title": card.get("title", ""),
        "media_urls": "|".join(image["fullsize"] for image in images),
        "media_types": "|".join("image/jpeg" for _ in images),
        "media_alt_texts": "|".join(image["alt"] for image in images),
        "mentioned_user_dids": "|".join(_features(record, "mention", "did")),
        "mentioned_user_handles": "|".join(_mentioned(record)),
        "hashtags": "|".join(sorted({tag.lower() for tag in _features(record, "tag", "tag")})),
        "collection_time": "2026-11-22T21:30:00.000000",
        "match_query": 1,
    }


def fourcat_row(view: dict[str, Any]) -> dict[str, object]:
    """A view as a row of 4CAT."""
    record, author, embed = view["record"], view["author"], view.get("embed") or {}
    sent_at, reply, card = datetime.fromisoformat(record["createdAt"]), record.get("reply"), embed.get("external") or {}
    links = [*_features(record, "link", "uri"), *([card["uri"]] if card else [])]
    return {
        "collected_at": "2026-11-22T21:30:00",
        "query": "#notcoproduction",
        "id": view["uri"],
        "thread_id": reply["root"]["uri"] if reply else view["uri"],
        "created_at": sent_at.isoformat(),
        "author": author["handle"],
        "author_id": author["did"],
        "body": record["text"],
        "link": f"https://bsky.app/profile/{author['handle']}/post/{view['uri'].rpartition('/')[2]}",
        "tags": ",".join(_features(record, "tag", "tag")),
        "like_count": view["likeCount"],
        "quote_count": view["quoteCount"],
        "reply_count": view["replyCount"],
        "repost_count": view["repostCount"],
        "quoted_post": _page(_quoted(embed).get("uri", "")),
        "replied_to_post": _page(reply["parent"]["uri"]) if reply else "",
        "mentions": ",".join(_features(record, "mention", "did")),
        "links": ",".join(set(links)),
        "images": ",".join(image["fullsize"] for image in _images(embed)),
        "labels": ",".join(label["val"] for label in view["labels"]),
        "languages": ",".join(record.get("langs", [])) or "N/A",
        "author_display_name": author.get("displayName", ""),
        "author_avatar": "https://cdn.example/img/avatar/1@jpeg",
        "timestamp": int(sent_at.timestamp()),
    }


def _features(record: dict[str, Any], kind: str, name: str) -> list[str]:
    features = (feature for facet in record.get("facets", []) for feature in facet["features"])
    return [feature[name] for feature in features if feature["$type"].endswith(f"#{kind}")]


def _mentioned(record: dict[str, Any]) -> list[str]:
    text = record["text"].encode()
    places = [
        facet["index"] for facet in record.get("facets", []) if facet["features"][0]["$type"].endswith("#mention")
    ]
    return [text[place["byteStart"] + 1 : place["byteEnd"]].decode().lower() for place in places]


def _images(embed: dict[str, Any]) -> list[dict[str, Any]]:
    images: list[dict[str, Any]] = (embed.get("media") or embed).get("images", [])
    return images


def _quoted(embed: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = embed.get("record") or {}
    inner: dict[str, Any] = record.get("record") or {}
    return inner if "uri" in inner else record


def _with_everything(record: dict[str, Any], addresses: list[str], quoted: dict[str, Any]) -> str:
    """The text as minet rewrites it: addresses in full and, behind it, those of media and what was quoted."""
    text = " ".join([record["text"], *addresses])
    return f"{text} « @bob.test: quoted #otherwords — https://bsky.app/profile/bob.test/post/3k »" if quoted else text


def _page(uri: str) -> str:
    """The page that 4CAT makes of an address, where it could not look the handle up."""
    did, _, rkey = uri.removeprefix("at://").partition("/app.bsky.feed.post/")
    return f"https://bsky.app/profile/{did}/post/{rkey}" if uri else ""
