"""The composition root: knows the environment, the clock, the database, the sources and the deliverer.

Everything a command or the daemon does is one call on an `App`.
"""

from __future__ import annotations

import logging
import os
import platform
import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector import __version__, housekeeping
from collector.archives.files import ArchiveFile
from collector.archives.protocol import Format
from collector.config import Listen, Settings, load_settings
from collector.deliver import Deliverer, deliverer_for
from collector.errors import ClockError, StorageError, UnknownNameError
from collector.forgetting import Memory
from collector.importing import Importer, ImportReport, import_file
from collector.mailing.mailer import Mailer, SendReport
from collector.mailing.owners import make_owner
from collector.mailing.rounds import close_due, windows_to_read
from collector.mailing.sending import send_owed
from collector.model import Gap, HostState, Post, Watch
from collector.polling.adding import fetch_added, save_added
from collector.polling.gaps import Sight, begun_gap
from collector.polling.noting import note_unseen
from collector.polling.pace import pace_for, present_interval
from collector.polling.plan import Pace
from collector.polling.poller import Poller, WatchReport
from collector.polling.rechecking import recheck_posts, recheck_strays
from collector.polling.rounds import poll_watches
from collector.probes.pages import Subject
from collector.probes.tally import Tally
from collector.sources import Budgets
from collector.sources.directory import Directory
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.mailboxes import wake_mailboxes
from collector.storage.watches import all_watches, due_watches, host_states, sync_watches, wake_watches
from collector.subscribing.readership import Readership, readership_of
from collector.warning.rounds import Warner, WarnReport, warn
from collector.web.visiting import Site, make_site

log = logging.getLogger(__name__)

_NOT_BEFORE = 2020  # a small computer without a battery begins in 1970, and would open every window since then


def read_clock() -> datetime:
    """The only look at the clock; everything else is told what time it is."""
    now = datetime.now(UTC)  # noqa: TID251 (this is the place)
    if now.year < _NOT_BEFORE:
        raise ClockError(f"this machine's clock says {now:%Y-%m-%d %H:%M}, which cannot be: set it, and start again")
    return now


def read_settings(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The configuration as the environment has it."""
    return load_settings(path, os.environ if environ is None else environ, Path.cwd())


class App:
    """The collector, put together from its settings."""

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] = read_clock) -> None:
        self.settings = settings
        self.now = now
        self.stop = threading.Event()
        self.database = Database(settings.database.url)
        self.budgets = Budgets(now)
        self.places = Directory(settings, user_agent=self.user_agent, now=now, budgets=self.budgets)
        self.tally = Tally()
        self._unrecorded: set[int] = set()

    @property
    def user_agent(self) -> str:
        """Name, version and contact, as servers ask of those who collect."""
        contact = self.settings.collector.contact
        return f"hashtag-collector/{__version__}" + (f" (+{contact})" if contact else "")

    def prepare(self) -> None:
        """Makes the tables where there are none, and the watches that the configuration asks for."""
        schema.prepare(self.database)
        now = self.now()
        housekeeping.settle(self.database, self.settings, now)
        with self.database.write() as conn:
            sync_watches(conn, self.settings.wanted_watches(), now)

    def require(self) -> None:
        """Refuses a database that is not there, or of another schema; in one that was restored, forgets again."""
        schema.require(self.database)
        housekeeping.settle(self.database, self.settings, self.now())

    def wake(self) -> None:
        """Gives watches, and the mailbox, whose fault may have been mended by hand another try at once."""
        now = self.now()
        with self.database.write() as conn:
            wake_watches(conn, now)
            wake_mailboxes(conn, now)

    def close(self) -> None:
        """Lets go of every connection."""
        self.places.close()
        self.database.close()

    # --- posts in -------------------------------------------------------------------------------

    def poller(self) -> Poller:
        """What polling needs of the world."""
        return Poller(
            database=self.database,
            source_of=lambda watch: self.places.place_of(watch.key),
            pace_of=self.pace_of,
            counted=self.settings.counted,
            now=self.now,
            dice=random.random,
            stop=self.stop,
            budgets=self.budgets,
            pause=lambda span: self.stop.wait(span.total_seconds()),
            ask_origin=self.places.ask_origin,
            keep_raw=self.settings.database.keep_raw,
            keep_raw_for=self.settings.database.keep_raw_for,
        )

    def poll_due(self) -> list[WatchReport]:
        """One round of everything that is due."""
        now = self.now()
        with self.database.read() as conn:
            due = due_watches(conn, now, windows_to_read(conn, self.settings, now))
        return poll_watches(self.poller(), due, tell=self.tally.note) if due else []

    def recheck(self) -> None:
        """Asks again about posts that no round asks about."""
        recheck_strays(self.poller())

    def watches(self, names: Sequence[str] = ()) -> list[Watch]:
        """The watches of the named sources, or of all that are configured."""
        wanted = {want.key for want in self.settings.wanted_watches()}
        with self.database.read() as conn:
            watches = [watch for watch in all_watches(conn) if watch.key in wanted]
        known = {watch.name for watch in watches}
        if unknown := [name for name in names if name not in known]:
            raise UnknownNameError(
                f"no source is called {', '.join(map(repr, unknown))}; there are: {', '.join(sorted(known)) or 'none'}"
            )
        return [watch for watch in watches if not names or watch.name in names]

    def held_back(self, watches: Sequence[Watch]) -> dict[str, datetime]:
        """The hosts among these that themselves said until when they want no more: address → until."""
        now, addresses = self.now(), {watch.key.address for watch in watches}
        with self.database.read() as conn:
            told = [state for state in host_states(conn).values() if state.is_told and state.is_held(now)]
        return {
            state.address: state.blocked_until for state in told if state.address in addresses and state.blocked_until
        }

    def look_again(self, post_ids: Collection[int]) -> None:
        """Asks whether posts are still there, and as they were: just before they go into a digest."""
        recheck_posts(self.poller(), post_ids)

    def pace_of(self, watch: Watch) -> Pace:
        """How often and how far this watch is walked."""
        return pace_for(self.settings, watch.key)

    def interval_of(self, watch: Watch) -> timedelta:
        """How often this watch is asked now."""
        return present_interval(watch.state, self.pace_of(watch))

    def unseen(self, watch: Watch, known: Sequence[Gap], host: HostState | None) -> Gap | None:
        """The gap of a watch that goes on now, if it is not among those that are known."""
        return begun_gap(known, self._sight(watch, host), self.now())

    def note_unseen(self) -> None:
        """Writes down which gaps go on, for what is given out now; not where the database can only be read."""
        with suppress(StorageError):
            note_unseen(self.database, self.watches(), self._sight, self.now())

    def _sight(self, watch: Watch, host: HostState | None) -> Sight:
        return Sight(state=watch.state, usual=self.interval_of(watch), host=host)

    def add_post(self, url: str, hashtag: str | None) -> tuple[Post, bool]:
        """Keeps the post at an address under a topic (None: the first configured); gives it, and whether it is new."""
        topic = self.topic(hashtag)
        with ExitStack() as stack:
            asked, found = fetch_added(url, self.places.who_may_know(url, stack))
        return save_added(self.database, asked, topic, found, self.now())

    def import_file(
        self,
        file: ArchiveFile,
        archive: Format,
        hashtag: str | None,
        report: ImportReport,
        tell: Callable[[int], None],
    ) -> None:
        """Brings in the posts of a file that count for a topic (None: for any); `tell` hears how many bytes it read."""
        topics = self.settings.topics if hashtag is None else (self.topic(hashtag),)
        importer = Importer(
            database=self.database,
            topics={topic: self.settings.spellings(topic) for topic in topics},
            now=self.now(),
            stop=self.stop,
            tell=tell,
        )
        import_file(importer, file, archive, report)

    def topic(self, hashtag: str | None) -> str:
        """The topic that a hashtag belongs to; None: the first configured."""
        return self.settings.topic_of(hashtag)

    # --- digests out ----------------------------------------------------------------------------

    def mailer(self) -> Mailer:
        """What mailing needs of the world."""
        return Mailer(
            database=self.database,
            settings=self.settings,
            open_deliverer=self.deliverer,
            owner=make_owner(),
            unrecorded=self._unrecorded,
            look_again=self.look_again,
            now=self.now,
            stop=self.stop,
        )

    def deliverer(self) -> Deliverer:
        """The way out that the configuration names."""
        return deliverer_for(self.settings.mail)

    def close_due_windows(self) -> None:
        """Builds the digests whose time has come."""
        self.note_unseen()
        close_due(self.mailer())

    def send_owed(self, *, is_patient: bool = True) -> SendReport:
        """Hands over what is owed; `is_patient` waits where the pace allows no more for now."""
        return send_owed(self.mailer(), is_patient=is_patient)

    # --- watching over it -----------------------------------------------------------------------

    def warn(self) -> WarnReport:
        """Tells whoever looks after the collector what needs a person, and what does no more."""
        return warn(
            Warner(
                database=self.database,
                settings=self.settings,
                open_deliverer=self.deliverer,
                machine=platform.node(),
                now=self.now,
            )
        )

    def subject(self) -> Subject:
        """What the pages for probes and monitors tell of."""
        return Subject(database=self.database, settings=self.settings, tally=self.tally, now=self.now)

    def site(self, listen: Listen) -> Site:
        """What the pages are made from, served at this address."""
        return make_site(self.database, self.settings, listen, self.now)

    # --- on request ------------------------------------------------------------------------------

    @property
    def memory(self) -> Memory:
        """Where what was forgotten is remembered."""
        return housekeeping.memory(self.database, self.settings)

    @property
    def readership(self) -> Readership:
        """Who gets digests, and what looking after them needs."""
        return readership_of(self.database, self.settings)

    def forget_again(self) -> None:
        """Erases what was forgotten and came back with a backup, or what a crash left of it; so with who left."""
        housekeeping.remember(self.database, self.settings, self.now())

    def tidy(self) -> None:
        """Erases what has been kept long enough, and sees to the database itself."""
        housekeeping.clear_out(self.database, self.settings, self.now())


@contextmanager
def opened(settings: Settings, *, now: Callable[[], datetime] = read_clock) -> Iterator[App]:
    """An App for the length of a block."""
    app = App(settings, now=now)
    try:
        yield app
    finally:
        app.close()
