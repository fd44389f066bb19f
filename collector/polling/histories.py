"""What known authors posted with a hashtag, by their own timelines: a second way back, beside that of the hashtag.

A hashtag's timeline leaves out what its server never indexed, such as answers; an author's own has it. It is walked
when a person asks for the past, one author after the other, and goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.errors import BudgetSpentError, Condition, SourceError
from collector.model import Batch, Page, Saved, Watch
from collector.polling.poller import Poller, WatchReport, writing
from collector.sources import Source
from collector.sources.budgets import SPARE
from collector.storage.author_walks import AuthorWalk, find_author_walks, save_author_walk
from collector.storage.saving import save_batch

AGAIN_AFTER = timedelta(days=7)  # an author whose timeline was walked is left alone for so long
MOST_PAGES = 50  # of one author: some servers give all an author ever posted, whatever is asked for

_NOT_SHOWN = {Condition.NEEDS_TOKEN, Condition.NO_SUCH_API, Condition.FEED_DISABLED}


@dataclass(slots=True)
class History:
    """What walking the authors' timelines came to."""

    authors: int = 0  # done
    left: int = 0  # still to do
    posts: int = 0  # with the hashtag
    new: int = 0
    pages: int = 0
    waits_until: datetime | None = None  # as much was asked of the host as is polite: it goes on then
    is_closed: bool = False  # the server shows nobody's timeline to us
    error: SourceError | None = None


def report_of(watch: Watch, history: History, condition: Condition) -> WatchReport:
    """The same as the report of a round; `condition` is what the rounds before came to."""
    return WatchReport(
        watch=watch,
        fetched=history.posts,
        pages=history.pages,
        saved=Saved(new=history.new),
        error=history.error,
        condition=history.error.condition if history.error else condition,
        is_done=not history.left,
    )


def walk_authors(poller: Poller, watch: Watch, since: datetime | None, tell: Callable[[History, int], None]) -> History:
    """Walks the timelines of all known authors back to `since`, or to their ends; tells of each page with its posts.

    Ends early at a source's error and at the stop sign; the next call goes on where this one was.
    """
    history, source = History(), poller.source_of(watch)
    if not source.walks_authors or not watch.key.hashtag:
        return history
    with poller.database.read() as conn:
        walks = find_author_walks(conn, watch.id, poller.now() - AGAIN_AFTER)
    history.left = len(walks)
    for walk in walks:
        _walk(poller, watch, source, walk, since, history, tell)
        if history.is_closed:
            history.left = 0
        if history.is_closed or history.error is not None or poller.stop.is_set():
            break
        history.authors, history.left = history.authors + 1, history.left - 1
    return history


def _walk(
    poller: Poller,
    watch: Watch,
    source: Source,
    walk: AuthorWalk,
    since: datetime | None,
    history: History,
    tell: Callable[[History, int], None],
) -> None:
    """One author's timeline, page after page; each is saved with where the walk goes on."""
    cursor, pages = walk.cursor, 0
    while not poller.stop.is_set():
        _wait(poller, watch, history, tell)
        try:
            page = source.fetch_by_author(watch.key, walk.handle, cursor)
        except BudgetSpentError as spent:  # the rest of the way to the budget's end was too short for it
            poller.pause(max((spent.retry_at or poller.now()) - poller.now(), timedelta()))
            continue
        except SourceError as error:
            history.error = None if error.condition in _NOT_SHOWN else error
            history.is_closed = error.condition in _NOT_SHOWN
            return
        pages += 1
        is_last = pages == MOST_PAGES or _is_end(page, cursor, since)
        saved = _save(poller, watch, walk, page, is_last=is_last)
        cursor = page.next_cursor
        history.pages += 1
        posts = saved.new + saved.changed + saved.same
        history.posts, history.new = history.posts + posts, history.new + saved.new
        tell(history, posts)
        if is_last:
            return


def _wait(poller: Poller, watch: Watch, history: History, tell: Callable[[History, int], None]) -> None:
    """Waits where as much was asked of the host as is polite, or until the stop sign."""
    while not poller.stop.is_set():
        history.waits_until = poller.budgets.waits_until(watch.key.address, paging=True, spare=SPARE)
        if history.waits_until is None:
            return
        tell(history, 0)
        poller.pause(max(history.waits_until - poller.now(), timedelta()))


def _is_end(page: Page, cursor: str | None, since: datetime | None) -> bool:
    """True for the last page, for one that repeats, and for one that lies behind what is wanted."""
    if page.next_cursor is None or page.next_cursor == cursor:
        return True
    return since is not None and bool(page.found) and all(item.post.published_at < since for item in page.found)


def _save(poller: Poller, watch: Watch, walk: AuthorWalk, page: Page, *, is_last: bool) -> Saved:
    now = poller.now()
    batch = Batch(
        watch=watch,
        spellings=poller.counted(watch.key),
        found=page.found,
        rejections=page.rejections,
        state=watch.state,
        fetched_at=now,
        history_before=watch.state.began_at or now,
    )
    with writing(poller) as conn:
        saved = save_batch(conn, batch, keep_raw=poller.keep_raw, keep_raw_for=poller.keep_raw_for)
        cursor = None if is_last else page.next_cursor
        save_author_walk(conn, watch.id, walk.author_id, cursor, now if is_last else None)
    return saved
