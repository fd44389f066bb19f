"""Posts asked about again beside the rounds: before a digest is built, and where no round ever asks by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from collector.errors import CollectorError, StorageError
from collector.model import Batch, Watch
from collector.polling.looking import Looked, look_up, save_looked, with_origins
from collector.polling.poller import Poller, writing
from collector.polling.pool import run_side_by_side
from collector.polling.rounds import WORKERS
from collector.storage.absence import find_looks, find_stray_looks
from collector.storage.hosts import read_spent
from collector.storage.room import require_room
from collector.storage.saving import save_batch
from collector.storage.watches import all_watches, host_states

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)  # what was looked at since then is as good as just now
BUDGET = 60.0  # seconds after which a place is asked no further: a digest does not wait for ever
MOST_STRAYS = 60  # posts at a time of watches that no round asks


def recheck_posts(poller: Poller, post_ids: Collection[int]) -> None:
    """Asks about these posts wherever they were seen, unless that was just done."""
    with poller.database.read() as conn:
        looks = find_looks(conn, post_ids, poller.now(), FRESH)
    _recheck(poller, looks)


def recheck_strays(poller: Poller) -> None:
    """Asks about posts that were added by hand, or whose source is no longer configured, as their time comes."""
    with poller.database.read() as conn:
        looks = find_stray_looks(conn, poller.now(), MOST_STRAYS)
    _recheck(poller, looks)


def _recheck(poller: Poller, looks: Mapping[int, Sequence[str]]) -> None:
    if not looks:
        return
    require_room(poller.database)
    jobs: dict[str, list[Callable[[], tuple[Watch, Looked]]]] = {}
    for watch in _open_watches(poller, looks):
        jobs.setdefault(watch.key.address, []).append(partial(_look, poller, watch, looks[watch.id]))
    gone = 0
    results = run_side_by_side(jobs, workers=WORKERS, stop=poller.stop, goes_on=lambda result: result[1].error is None)
    for watch, looked in results:
        gone += _save(poller, watch, looked)
    log.info("looked again", extra={"numbers": {"posts": sum(map(len, looks.values())), "gone": gone}})


def _open_watches(poller: Poller, looks: Mapping[int, Sequence[str]]) -> list[Watch]:
    """Those among them whose host is not to be left alone just now."""
    now = poller.now()
    with poller.database.read() as conn:
        poller.budgets.load(read_spent(conn))
        watches = [watch for watch in all_watches(conn) if watch.id in looks]
        blocked = {address for address, host in host_states(conn).items() if host.is_held(now)}
    return [watch for watch in watches if watch.key.address not in blocked]


def _look(poller: Poller, watch: Watch, native_ids: Sequence[str]) -> tuple[Watch, Looked]:
    """What came of it. Where nothing did, the posts wait for another day: no place is asked for ever in vain."""
    nothing = Looked(unclear=frozenset(native_ids))
    try:
        source = poller.source_of(watch)
        if not source.looks_up:
            return watch, nothing
        deadline = time.monotonic() + BUDGET

        def is_over() -> bool:
            is_spent = poller.budgets.waits_until(watch.key.address) is not None
            return is_spent or poller.stop.is_set() or time.monotonic() > deadline

        looked = look_up(source, watch.key, native_ids, is_over)
        if looked.error is not None:
            clear = {item.native_id for item in looked.found} | looked.gone | looked.away
            looked = replace(looked, unclear=nothing.unclear - clear)
        return watch, with_origins(poller, watch, looked)
    except StorageError:
        raise
    except CollectorError as error:  # such as a source that the configuration no longer has
        log.info("posts of %s cannot be asked about again: %s", watch.name, error)
    except Exception:
        log.exception("unexpected error while asking %s about posts again", watch.name)
    return watch, nothing


def _save(poller: Poller, watch: Watch, looked: Looked) -> int:
    now = poller.now()
    batch = Batch(
        watch=watch,
        spellings=poller.counted(watch.key),
        found=looked.found,
        rejections=(),
        state=watch.state,
        fetched_at=now,
        asked_for=frozenset(item.native_id for item in looked.found),
        history_before=now,  # what is known is history, or is not, by what it was when it was found
    )
    with writing(poller) as conn:
        save_batch(conn, batch, keep_raw=poller.keep_raw, keep_raw_for=poller.keep_raw_for)
        return save_looked(conn, watch, looked, now)
