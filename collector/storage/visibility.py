"""What may be shown: the one place that says which posts are kept out of digests and exports."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, select

from collector.storage.tables import authors, post_topics, posts


def is_visible() -> ColumnElement[bool]:
    """For a query over `posts` joined with `authors`: not gone, erased or hidden, and its author did not opt out."""
    return and_(
        posts.c.gone_at.is_(None),
        posts.c.erased_at.is_(None),
        posts.c.hidden_at.is_(None),
        authors.c.hidden_at.is_(None),
        authors.c.is_opted_out.is_(False),
    )


def has_topic(topics: Iterable[str] | None) -> ColumnElement[bool]:
    """For a query over `posts`: it stands under one of the topics (None: any) and was not withdrawn from it."""
    query = select(post_topics.c.post_id).where(
        post_topics.c.post_id == posts.c.id, post_topics.c.withdrawn_at.is_(None)
    )
    if topics is not None:
        query = query.where(post_topics.c.topic.in_(list(topics)))
    return exists(query)
