"""The tables. Each is named after the word that the program has for its rows.

    watches ─┬─ sightings ── posts ─┬─ post_addresses, post_hashtags, post_topics, revisions, search_texts
             ├─ raw_answers ────────┤
             └─ rejections          └─ authors ── author_handles
    series ── series_topics
       └───── digests ─┬─ digest_members ── posts
                       ├─ deliveries
                       └─ curations ── posts
    subscribers ── subscriptions, letters
    watches ─── gaps, author_walks ── authors
    blocked_posts ── posts, blocked_authors ── authors
    hosts, mailboxes, warnings, forgotten, refusals, about

Rows of posts are never merged: copies of one post share `cluster_id`. A post's topic is the watch's and stands in
`post_topics`, apart from the hashtags that its text carries.
"""

from collector.storage.tables.issuing import curations, deliveries, digest_members, digests, series, series_topics
from collector.storage.tables.keeping import about, forgotten, warnings
from collector.storage.tables.metadata import metadata
from collector.storage.tables.posting import (
    author_handles,
    author_walks,
    authors,
    blocked_authors,
    blocked_posts,
    post_addresses,
    post_hashtags,
    post_topics,
    posts,
    raw_answers,
    rejections,
    revisions,
    search_texts,
    sightings,
)
from collector.storage.tables.subscribing import letters, mailboxes, refusals, subscribers, subscriptions
from collector.storage.tables.watching import gaps, hosts, watches

__all__ = [
    "about",
    "author_handles",
    "author_walks",
    "authors",
    "blocked_authors",
    "blocked_posts",
    "curations",
    "deliveries",
    "digest_members",
    "digests",
    "forgotten",
    "gaps",
    "hosts",
    "letters",
    "mailboxes",
    "metadata",
    "post_addresses",
    "post_hashtags",
    "post_topics",
    "posts",
    "raw_answers",
    "refusals",
    "rejections",
    "revisions",
    "search_texts",
    "series",
    "series_topics",
    "sightings",
    "subscribers",
    "subscriptions",
    "warnings",
    "watches",
]
