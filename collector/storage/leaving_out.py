"""What an export does not hold, in numbers: every kept post is in it, or counted at the first reason why it is not."""

from __future__ import annotations

from sqlalchemy import Connection, and_, case, exists, func, or_, select

from collector.model import REFUSALS, LeftOut
from collector.storage.exporting import Selection, conditions
from collector.storage.numbers import count_wishes
from collector.storage.tables import authors, post_topics, posts
from collector.storage.visibility import has_topic, is_visible

_ALL = select(func.count()).select_from(posts)
_SHOWN = "shown"


def count_left_out(conn: Connection, selection: Selection) -> tuple[int, LeftOut]:
    """How many posts the selection gives, and how many others there are, by the reason."""
    topics = None if selection.topic is None else [selection.topic]
    reason = case(
        (and_(is_visible(), has_topic(topics)), _SHOWN),
        (posts.c.erased_at.is_not(None), "erased"),
        (posts.c.gone_at.is_not(None), "gone"),
        (or_(posts.c.hidden_at.is_not(None), authors.c.hidden_at.is_not(None)), "hidden"),
        (authors.c.is_opted_out, "opted_out"),
        else_="withdrawn",
    )
    under = [] if topics is None else [post_topics.c.topic.in_(topics)]
    is_asked_for = and_(
        exists().where(post_topics.c.post_id == posts.c.id, *under),  # or stood there, before the hashtag went
        *conditions(conn, selection),
    )
    query = select(reason.label("reason"), func.count()).join_from(posts, authors).where(is_asked_for)
    numbers = {row[0]: row[1] for row in conn.execute(query.group_by("reason"))}
    asked_for, shown = sum(numbers.values()), numbers.pop(_SHOWN, 0)
    refused = count_wishes(conn, is_asked_for, reason == "opted_out")
    return shown, LeftOut(
        **numbers,
        by_wish={wish: told.posts for wish, told in refused.items() if wish in REFUSALS and told.posts},
        not_asked_for=(conn.execute(_ALL).scalar() or 0) - asked_for,
    )
