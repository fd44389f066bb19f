"""Writes files of made-up tweets in the very shape that twarc2 writes them: an answer of the API 2 a line.

Everything follows from the number of a tweet, so that two files of the same size are the same file. Of ten tweets two
are retweets, two answers, one quotes, two hold pictures, six an address, all a hashtag; a third is of several lines.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

FIRST_AT = datetime(2020, 11, 2, 8, 0, tzinfo=UTC)
HASHTAG = "NotCoProduction"
PEOPLE = 5_000
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
_TEXT = (
    "they renamed the complaints box and called it a portal for everybody who wants to design services together with us"
    " but nobody asked the people who use them what would be worth changing before the strategy was already printed"
)
_WORDS = _TEXT.split()

Tweet = dict[str, Any]


def write_twarc2(path: Path, tweets: int = 200_000, per_page: int = 100) -> None:
    """Writes that many tweets, retweets among them; packed with gzip where the name ends in .gz."""
    with _open(path) as file:
        for page in twarc2_pages(tweets, per_page):
            file.write(json.dumps(page, separators=(",", ":")).encode("ascii") + b"\n")


def twarc2_pages(tweets: int, per_page: int = 100) -> Iterator[Tweet]:
    """The answers, one after the other."""
    for first in range(0, tweets, per_page):
        yield make_page(list(range(first, min(first + per_page, tweets))))


def make_page(numbers: list[int]) -> Tweet:
    """One answer with these tweets and all that they name."""
    data = [make_tweet(number) for number in numbers]
    named = dict.fromkeys(_original(number) for number in numbers if number % 10 in {3, 5, 7, 8, 9})
    originals = [make_tweet(number) for number in named]
    people = {author_of(tweet) for tweet in (*data, *originals)} | {number % PEOPLE for number in numbers}
    return {
        "data": data,
        "includes": {
            "users": [make_user(number) for number in sorted(people)],
            "media": [make_media(number) for number in numbers if number % 10 in {1, 6}],
            "tweets": originals,
        },
        "meta": {
            "newest_id": data[0]["id"],
            "oldest_id": data[-1]["id"],
            "result_count": len(data),
            "next_token": f"b26v89c19zqg8o3f{numbers[0]:012d}",
        },
        "__twarc": {
            "url": "https://api.twitter.com/2/tweets/search/all?max_results=100&query=%23notcoproduction",
            "version": "2.12.0",
            "retrieved_at": "2022-11-21T09:41:00+00:00",
        },
    }


def make_tweet(number: int) -> Tweet:
    """A tweet of the kind that its last digit says."""
    kind = number % 10
    sent = _sent(number)
    text, entities = _retweet(number) if kind in {3, 8} else _written(number)
    tweet: Tweet = {
        "id": tweet_id(number),
        "text": text,
        "author_id": user_id(_author(number)),
        "conversation_id": tweet_id(number if kind not in {5, 9} else _original(number)),
        "created_at": sent.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "edit_history_tweet_ids": [tweet_id(number)],
        "entities": entities,
        "lang": ("en", "en", "en", "cy", "und")[number % 5],
        "public_metrics": {
            "retweet_count": number % 7,
            "reply_count": number % 4,
            "like_count": number % 23,
            "quote_count": number % 2,
            "bookmark_count": 0,
            "impression_count": 0,
        },
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "source": "Twitter Web App",
        "context_annotations": _context(number),
    }
    if kind in {3, 5, 7, 8, 9}:
        relation = {3: "retweeted", 8: "retweeted", 5: "replied_to", 9: "replied_to", 7: "quoted"}[kind]
        tweet["referenced_tweets"] = [{"type": relation, "id": tweet_id(_original(number))}]
    if kind in {5, 9}:
        tweet["in_reply_to_user_id"] = user_id(_author(_original(number)))
    if kind in {1, 6}:
        tweet["attachments"] = {"media_keys": [make_media(number)["media_key"]]}
    return tweet


def make_user(number: int) -> Tweet:
    """One of the people."""
    name = f"writer_{number}"
    return {
        "id": user_id(number),
        "username": name,
        "name": f"Writer {number} 🌱" if number % 3 else f"Ysgrifennwr {number}",
        "created_at": "2011-03-02T10:01:02.000Z",
        "description": "Public services, co-operatives and allotments. Views my own; see #coproduction for the rest.",
        "entities": {"url": {"urls": [_url(0, 23, number, f"https://writers.example/{number}")]}},
        "location": "Cardiff, Wales",
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{number}/a_normal.jpg",
        "protected": False,
        "public_metrics": {"followers_count": number, "following_count": 7, "tweet_count": 900, "listed_count": 3},
        "url": f"https://t.co/{number:010d}",
        "verified": False,
    }


def make_media(number: int) -> Tweet:
    """A picture."""
    return {
        "media_key": f"3_{tweet_id(number)}",
        "type": "photo",
        "url": f"https://pbs.twimg.com/media/E{number:014d}.jpg",
        "alt_text": "A poster that says: nothing about us without us",
        "height": 900,
        "width": 1600,
    }


def tweet_id(number: int) -> str:
    """Ids are the moment they were given out."""
    milliseconds = int((_sent(number) - _EPOCH) / timedelta(milliseconds=1))
    return str((milliseconds << 22) + number % 4096)


def user_id(number: int) -> str:
    """Some short, some long, as accounts were made early or late."""
    return str(20_000_000 + number if number % 2 else 1_200_000_000_000_000_000 + number)


def author_of(tweet: Tweet) -> int:
    """Which of the people wrote it."""
    number = int(tweet["author_id"])
    return number - (1_200_000_000_000_000_000 if number > 10**18 else 20_000_000)


def _author(number: int) -> int:
    return number * 7919 % PEOPLE


def _sent(number: int) -> datetime:
    return FIRST_AT + timedelta(seconds=97 * number)


def _original(number: int) -> int:
    """The tweet that this one passes on, answers or quotes: an earlier one that was written, not itself a retweet."""
    return number // 20 * 10 + number % 3


def _retweet(number: int) -> tuple[str, Tweet]:
    """Cut after 140 characters, as the API cuts it."""
    text, entities = _written(_original(number))
    name = f"writer_{_author(_original(number))}"
    start = f"RT @{name}: "
    mention = {"start": 3, "end": 4 + len(name), "username": name, "id": user_id(_author(_original(number)))}
    tags = [tag for tag in entities["hashtags"] if len(start) + tag["end"] < 140]
    return f"{start}{text}"[:139] + "…", {"mentions": [mention], "hashtags": tags}


def _written(number: int) -> tuple[str, Tweet]:
    kind = number % 10
    entities: Tweet = {
        "annotations": [{"start": 0, "end": 3, "probability": 0.5, "type": "Other", "normalized_text": "x"}]
    }
    start = number * 13 % 20
    pieces = [" ".join(_WORDS[start : start + 9 + number % 12]).capitalize() + (" &amp; more" if kind == 4 else ".")]
    if kind in {5, 9}:
        name = f"writer_{_author(_original(number))}"
        pieces.insert(0, f"@{name}")
        entities["mentions"] = [
            {"start": 0, "end": len(name) + 1, "username": name, "id": user_id(_author(_original(number)))}
        ]
    text = " ".join(pieces) + ("\n\n" if number % 3 == 0 else " ") + f"#{HASHTAG}"
    end = len(text)
    entities["hashtags"] = [{"start": end - len(HASHTAG) - 1, "end": end, "tag": HASHTAG}]
    urls = []
    if kind in {0, 2, 4, 5, 7}:
        address = f"https://examples.example/{number}/not-coproduction?from=twitter"
        if kind == 7:
            address = f"https://twitter.com/writer_{_author(_original(number))}/status/{tweet_id(_original(number))}"
        urls.append(_url(end + 1, end + 24, number, address))
    if kind in {1, 6}:
        address = f"https://twitter.com/writer_{_author(number)}/status/{tweet_id(number)}/photo/1"
        picture = _url(end + 1, end + 24, number, address)
        urls.append(picture | {"display_url": f"pic.twitter.com/{number:010d}", "media_key": f"3_{tweet_id(number)}"})
    if urls:
        entities["urls"] = urls
        text = " ".join([text, *(url["url"] for url in urls)])
    return text, entities


def _url(start: int, end: int, number: int, address: str) -> Tweet:
    return {
        "start": start,
        "end": end,
        "url": f"https://t.co/{number:010d}",
        "expanded_url": address,
        "display_url": address.removeprefix("https://")[:26] + "…",
    }


def _context(number: int) -> list[Tweet]:
    """What the API thinks a tweet is about: much of an answer's length."""
    return [
        {
            "domain": {"id": "131", "name": "Unified Twitter Taxonomy", "description": "A taxonomy of user interests."},
            "entity": {"id": str(847_878_884_917_886_977 + number % 9), "name": "Politics", "description": "Politics"},
        }
        for _ in range(number % 4)
    ]


def _open(path: Path) -> gzip.GzipFile | IO[bytes]:
    return gzip.open(path, "wb", compresslevel=3) if path.suffix == ".gz" else path.open("wb")
