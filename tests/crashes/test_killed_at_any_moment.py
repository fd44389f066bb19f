"""A collector killed a hundred times, while it polls, builds and sends: nothing is lost, broken or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from collecting import rows
from fediverse import FakeServer
from fediverse_posts import Status
from lives import PHASES, Counted, Lived, Moment, live
from running import Folder
from smtpserver import MailServer
from sqlalchemy import func, select

from collector.storage.database import Database
from collector.storage.tables import deliveries, digest_members, digests, metadata

BEGINNING = datetime(2026, 1, 7, 12, tzinfo=UTC)
KILLS = 34  # in each phase
SEED = 20261123
READERS = [f"reader{number}@example.org" for number in range(5)]


class World:
    """Two servers that show each other's posts, a mail server, a folder with a configuration, and what is true."""

    def __init__(self, near: FakeServer, far: FakeServer, mail: MailServer, folder: Folder, url: str) -> None:
        self.near, self.far, self.mail, self.folder, self.url = near, far, mail, folder, url
        self.dice = Random(SEED)
        self.now = BEGINNING
        self.texts: dict[str, str] = {}  # by uri, as their authors left them
        self.in_the_air: Counter[str] = Counter()  # the one Message-ID that may have been when a life was killed
        self.usual: Counter[Counted] = Counter()  # the most that a life has had of each

    def go_on(self) -> None:
        """Some hours or days pass, in which people write, and edit what they wrote."""
        before = self.now
        self.now += timedelta(minutes=self.dice.randint(60, 6000))
        for _ in range(self.dice.randint(0, 6)):
            at = before + self.dice.random() * (self.now - before)
            status = self._publish(at)
            if self.dice.random() < 0.2:
                self._edit(status, at + self.dice.random() * (self.now - at))

    def _publish(self, at: datetime) -> Status:
        text = f"Example {len(self.texts)}."
        server = self.dice.choice([self.near, self.far])
        status = server.publish(text, at=at, author=f"person{self.dice.randint(1, 9)}")
        if server is self.far and self.dice.random() < 0.5:
            self.near.deliver_late(status, at=min(self.now, at + timedelta(minutes=self.dice.randint(0, 1200))))
        self.texts[status["uri"]] = text
        return status

    def _edit(self, status: Status, at: datetime) -> None:
        text = f"{self.texts[status['uri']]} Edited."
        (self.near if self.near.domain in status["uri"] else self.far).edit(status, text, at=at)
        self.texts[status["uri"]] = text

    def live(self, moment: Moment | None = None) -> Lived:
        lived = live(self.folder.path, self.now, moment)
        if not lived.is_killed:
            self.usual |= lived.steps
        return lived

    def be_killed(self, phase: str) -> bool:
        """Lives until a random moment of a phase; False if it comes to its end before that."""
        is_commit = self.dice.random() < 0.5
        step = self.dice.randint(1, max(2, self.usual[phase, is_commit]))
        delay = self.dice.choice([0.0, self.dice.random() / 1000, self.dice.random() / 100])
        moment = Moment(phase=phase, is_commit=is_commit, step=step, delay=delay)
        is_killed = self.live(moment).is_killed
        if is_killed and phase == "send":
            self.in_the_air.update(self._next_claimed())
        return is_killed

    def _next_claimed(self) -> list[str]:
        """Of those that were claimed together the first that is not written down."""
        claimed = select(deliveries.c.message_id).where(deliveries.c.state == "claimed").order_by(deliveries.c.id)
        with closing(Database(self.url)) as database, database.read() as conn:
            return list(conn.execute(claimed.limit(1)).scalars())


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    near, far, mail = FakeServer("mastodon", "near.example"), FakeServer("gotosocial", "far.example"), MailServer()
    with near, far, mail:
        folder = Folder(
            tmp_path,
            near,
            far,
            database={"url": database_url},
            digest={"to": READERS, "catch_up": "all", "sign_of_life": "never"},
            mail={"host": mail.host, "port": mail.port, "security": "none"},
        )
        yield World(near, far, mail, folder, database_url)


def test_killed_at_a_hundred_moments_nothing_is_lost_broken_or_doubled(world: World) -> None:
    missing = Counter(dict.fromkeys(PHASES, KILLS))
    for number in range(100 * KILLS):
        phase = world.dice.choice(list(missing.elements()))
        is_killed = world.be_killed(phase)
        missing[phase] -= is_killed
        if number % 4 == 0:
            check_soundness(world.url)
        if number % 4 == 0 or not is_killed:
            world.go_on()
        if number % 20 == 0:
            check_undisturbed_life(world)
        if not +missing:
            break
    assert not +missing, "a phase has too few steps to be killed in"
    world.now += timedelta(days=14)
    check_undisturbed_life(world)
    check_digests(world)
    check_mails(world)


def check_undisturbed_life(world: World) -> None:
    """After one more life, in peace, every post is there as its author left it, and every mail is sent."""
    world.now += timedelta(hours=1)
    assert not world.live().is_killed
    check_soundness(world.url)
    with world.folder.app(world.now) as app:
        stored = {row.uri: row.text.removesuffix(" #notcoproduction") for row in rows(app)}
        with app.database.read() as conn:
            states = set(conn.execute(select(deliveries.c.state)).scalars())
    assert stored == world.texts
    assert states <= {"sent"}


def check_soundness(url: str) -> None:
    """The file is whole, and no row refers to one that is not there."""
    with closing(Database(url)) as database, database.read() as conn:
        if database.is_sqlite:
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        for table in metadata.sorted_tables if conn.dialect.has_table(conn, "about") else ():
            for key in table.foreign_keys:
                parents = select(key.column.table.c[key.column.name])
                orphans = select(func.count()).select_from(table).where(key.parent.not_in(parents))
                assert conn.execute(orphans).scalar() == 0, (table.name, key.parent.name)


def check_digests(world: World) -> None:
    """Every post is a member of one digest, once, and of the right one: the first that was built when it was known."""
    with world.folder.app(world.now) as app, app.database.read() as conn:
        members = list(conn.execute(select(digest_members.c.post_id)).scalars())
        windows = conn.execute(select(digests.c.name, digests.c.starts_at, digests.c.ends_at)).all()
        stored = rows(app)
    assert len(members) == len(set(members)) == len(stored) == len(world.texts)
    assert len({window.name for window in windows}) == len(windows)
    for post in stored:
        (digest,) = post.digests
        assert any(f"weekly/{name}" == digest and ends > post.published_at for name, _, ends in windows), post


def check_mails(world: World) -> None:
    """Everybody has every digest once; only what was in the air at a kill may have come once more."""
    with world.folder.app(world.now) as app, app.database.read() as conn:
        owed = list(conn.execute(select(deliveries.c.message_id)).scalars())
        built = conn.execute(select(func.count()).where(digests.c.state == "built")).scalar_one()
    assert len(owed) == built * len(READERS)
    assert built > 10
    came = Counter(str(received.message["Message-ID"]) for received in world.mail.messages)
    assert came.keys() == set(owed)
    assert came - Counter(owed) <= world.in_the_air
    about = {(received.message["Subject"], *received.recipients) for received in world.mail.messages}
    assert len(about) == len(owed), "the same mail under another Message-ID"
