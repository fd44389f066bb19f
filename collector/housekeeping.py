"""What every start, and every day, owes the database: what was forgotten stays so, what was kept long enough goes."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime

from collector.config import Settings
from collector.errors import StorageError
from collector.forgetting import Memory, forget_again, memory_of
from collector.storage.blocking import adopt_block_words
from collector.storage.database import Database
from collector.storage.expiring import Retention, expire
from collector.storage.upkeep import tidy
from collector.subscribing.leaving import tidy_readers
from collector.subscribing.readership import readership_of
from collector.subscribing.remembering import leave_again

log = logging.getLogger(__name__)


def settle(database: Database, settings: Settings, now: datetime) -> None:
    """Before anything is shown: a backup may have brought people back, and the configuration may have changed."""
    remember(database, settings, now)
    try:
        adopt_block_words(database, settings.collector.block_words)
    except StorageError as error:  # where the database can only be read
        log.warning("the block words could not be put in force: %s", error)


def remember(database: Database, settings: Settings, now: datetime) -> None:
    """Erases what was forgotten and came back with a backup, or what a crash left of it; so with who left."""
    forget_again(memory(database, settings), now)
    leave_again(readership_of(database, settings), now)


def memory(database: Database, settings: Settings) -> Memory:
    """Where what was forgotten is remembered."""
    return memory_of(database, settings.folder, settings.mail.outbox)


def clear_out(database: Database, settings: Settings, now: datetime) -> None:
    """Erases what has been kept long enough, and sees to the database itself."""
    kept = settings.database
    retention = Retention(raw=kept.keep_raw_for, revisions=kept.keep_revisions_for, posts=kept.keep_posts_for)
    if expired := expire(database, retention, now):
        log.info("expired", extra={"numbers": asdict(expired)})
    if gone := tidy_readers(readership_of(database, settings), now):
        log.info("readers erased", extra={"numbers": {"readers": gone}})
    tidy(database)
