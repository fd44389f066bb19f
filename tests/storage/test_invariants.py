"""Whatever servers tell in whatever order, some things stay true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import NOW, make_author, make_post
from making_storage import SPELLINGS, add_watch, dump, make_batch
from sqlalchemy import func, select

from collector.model import Counts, Found, Hashtag, Post
from collector.storage.database import Connection, Database
from collector.storage.saving import save_batch
from collector.storage.tables import metadata, post_addresses, post_hashtags, post_topics, posts, sightings

SERVERS = ("https://fedi.example", "https://social.example", "https://third.example")
COUNTS = ("replies", "boosts", "likes", "quotes")


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What one server shows of one post."""

    number: int
    edit: int
    wording: int
    is_tagged: bool
    likes: int

    @property
    def post(self) -> Post:
        return make_post(
            self.number,
            text=f"edit {self.edit}, wording {self.wording}",
            edited_at=NOW + timedelta(minutes=self.edit) if self.edit else None,
            hashtags=(Hashtag(normal="notcopro", display="notcopro"),) if self.is_tagged else (),
            counts=Counts(likes=self.likes, boosts=self.wording),
            author=make_author(name=f"name {self.wording}"),
        )


tellings = st.builds(
    Telling,
    number=st.integers(0, 3),
    edit=st.integers(0, 2),
    wording=st.integers(0, 1),
    is_tagged=st.booleans(),
    likes=st.integers(0, 3),
)
rounds = st.lists(st.tuples(st.sampled_from(SERVERS), st.lists(tellings, max_size=5)), max_size=6)


def found(server: str, telling: Telling) -> Found:
    return Found(post=telling.post, native_id=f"{server[8:]} {telling.number}", raw=b"")


def save_round(conn: Connection, server: str, told: list[Telling], minutes: int) -> None:
    batch = make_batch(add_watch(conn, server, address=server), fetched_at=NOW + timedelta(minutes=minutes))
    save_batch(conn, replace(batch, found=tuple(found(server, telling) for telling in told)))


def empty(database: Database) -> None:
    with database.write() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name != "about":  # the schema's own
                conn.execute(table.delete())


def check(conn: Connection) -> None:
    number, uris = conn.execute(select(func.count(), func.count(func.distinct(posts.c.uri))).select_from(posts)).one()
    assert number == uris
    for post in conn.execute(select(posts)).mappings():
        check_post(conn, post["id"], {name: post[name] for name in COUNTS}, post["uri"])


def check_post(conn: Connection, post_id: int, counts: dict[str, int], uri: str) -> None:
    highest = select(*(func.max(sightings.c[name]).label(name) for name in COUNTS))
    assert dict(conn.execute(highest.where(sightings.c.post_id == post_id)).mappings().one()) == counts
    names = conn.execute(select(post_addresses.c.address).where(post_addresses.c.post_id == post_id)).scalars()
    assert uri in set(names)
    tags = conn.execute(select(post_hashtags.c.normal).where(post_hashtags.c.post_id == post_id)).scalars()
    (topic,) = conn.execute(select(post_topics).where(post_topics.c.post_id == post_id)).all()
    assert (topic.withdrawn_at is None) == bool(SPELLINGS & set(tags))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=rounds)
def test_there_is_one_row_a_post_with_its_highest_counts_and_the_topic_of_its_text(
    database: Database, told: list[tuple[str, list[Telling]]]
) -> None:
    empty(database)
    with database.write() as conn:
        for minutes, (server, tellings_told) in enumerate(told):
            save_round(conn, server, tellings_told, minutes)
            check(conn)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=rounds)
def test_the_last_word_of_each_server_told_once_more_changes_nothing(
    database: Database, told: list[tuple[str, list[Telling]]]
) -> None:
    empty(database)
    last = {server: {telling.number: telling for telling in tellings_told} for server, tellings_told in told}
    for again in range(3):
        with database.write() as conn:
            for server, latest in last.items():
                save_round(conn, server, list(latest.values()), 0)
        if again == 1:
            before = dump(database)
    assert dump(database) == before
