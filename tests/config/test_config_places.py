"""What a `[[source]]` of each kind may say, and what is watched for it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collector.config import Settings, build_settings
from collector.errors import ConfigError

BLUESKY = 'kind = "bluesky"\nurl = "https://bsky.social"\nusername = "you.bsky.social"\npassword = "abcd-efgh"'


def build(*sources: str, hashtags: str = '["One"]', aliases: str = "") -> Settings:
    text = f"[collector]\nhashtags = {hashtags}\n{aliases}\n" + "".join(f"[[source]]\n{source}\n" for source in sources)
    return build_settings(tomllib.loads(text), folder=Path("/nowhere"), environ={})


def problems(*sources: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        build(*sources)
    return [line.removeprefix("collector.toml: ").partition("; accepted")[0] for line in caught.value.problems]


def watched(settings: Settings) -> list[tuple[str, str]]:
    """(hashtag, thread) of each watch."""
    return [(want.key.hashtag, want.key.thread) for want in settings.wanted_watches()]


@pytest.mark.parametrize(
    ("source", "watches"),
    [
        ('kind = "mastodon"\nurl = "https://a.example"', [("one", ""), ("uno", "")]),
        ('kind = "wordpress"\nurl = "https://A.example/p#c"', [("", "https://a.example/p")]),
        (
            'kind = "wordpress"\nurl = "https://a.example"\ncollect = "posts"',
            [("one", "S/#posts"), ("uno", "S/#posts")],
        ),
        (
            'kind = "wordpress"\nurl = "https://a.example/"\ncollect = "hashtag"',
            [("one", "S/"), ("uno", "S/"), ("one", "S/#posts"), ("uno", "S/#posts")],
        ),
        (BLUESKY, [("one", ""), ("uno", "")]),
        (
            BLUESKY + '\ncollect = "words"',
            [("one", ""), ("uno", ""), ("one", "https://bsky.social#words"), ("uno", "https://bsky.social#words")],
        ),
        ('kind = "feed"\nurl = "https://a.example/x.rss"', [("one", "S/x.rss")]),
        ('kind = "feed"\nurl = "https://a.example/x.rss?b=c"\ncollect = "all"', [("", "S/x.rss?b=c")]),
    ],
)
def test_what_is_watched_hangs_on_the_kind_and_on_what_is_collected(source: str, watches: list[Any]) -> None:
    settings = build(source, aliases='aliases = {One = ["Uno"]}')
    assert watched(settings) == [(tag, thread.replace("S", "https://a.example")) for tag, thread in watches]


def test_only_a_watch_with_a_hashtag_wants_posts_to_carry_one() -> None:
    settings = build('kind = "feed"\nurl = "https://a.example/1"', 'kind = "wordpress"\nurl = "https://b.example/p"')
    feed, comments = (want.key for want in settings.wanted_watches())
    assert settings.counted(feed) == {"one"}
    assert settings.counted(comments) == frozenset()
    assert settings.source_for(comments).url == "https://b.example/p"
    assert settings.source_for(feed).url == "https://a.example/1"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            'kind = "mastodon"\nurl = "https://a.example"\nusername = "me"',
            'source[1].username: not for kind "mastodon": it takes token',
        ),
        (
            'kind = "feed"\nurl = "https://a.example/1"\ntoken = "t"',
            'source[1].token: not for kind "feed": nobody logs in there',
        ),
        (BLUESKY.replace('username = "you.bsky.social"', ""), "source[1].username: missing: bluesky needs it"),
        (BLUESKY.replace('password = "abcd-efgh"', ""), "source[1].password: missing: bluesky needs it"),
        (
            BLUESKY + '\ncollect = "comments"',
            'source[1].collect: unknown for kind "bluesky": "comments" ("hashtag", "words" it has)',
        ),
        (
            'kind = "wordpress"\nurl = "https://a.example/"\ncollect = "all"',
            'source[1].collect: unknown for kind "wordpress": "all" ("comments", "hashtag", "posts" it has)',
        ),
        ('kind = "bluesky"\nurl = "https://bsky.app/profile/x"\nusername = "a"\npassword = "b"', None),
        (
            'kind = "wordpress"\nurl = "https://me:secret@a.example/"',
            "source[1].url: a user name or password in an address",
        ),
        ('kind = "feed"\nurl = "feed://a.example/x"', 'source[1].url: not a web address: "feed://a.example/x"'),
    ],
)
def test_what_does_not_fit_the_kind_is_a_line(source: str, problem: str | None) -> None:
    found = problems(source)
    assert found == [problem] if problem else found[0].startswith("source[1].url: more than a server's address")
    assert "secret" not in "".join(found)


def test_two_sources_for_one_page_and_one_thing_are_a_fault() -> None:
    page = 'kind = "wordpress"\nurl = "https://a.example/p"'
    assert problems(page, f'{page}\nname = "again"') == [
        "source[2]: watches one at https://a.example/p, as source[1] does"
    ]


def test_two_pages_of_one_host_and_two_things_of_one_page_are_none() -> None:
    page = 'kind = "wordpress"\nurl = "https://a.example/{}"\nname = "{}"\ncollect = "{}"'
    settings = build(page.format("p", 1, "comments"), page.format("q", 2, "comments"), page.format("p", 3, "posts"))
    assert len(settings.wanted_watches()) == 3


def test_where_everything_counts_is_known() -> None:
    page = 'kind = "wordpress"\nurl = "https://a.example/"\nname = "{}"\ncollect = "{}"'
    settings = build(page.format(1, "comments"), page.format(2, "hashtag"))
    assert [source.takes_everything for source in settings.sources] == [True, False]
