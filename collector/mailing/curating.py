"""A curator's decisions: what a link is about as it stands now, and what becomes of it.

Until its digest is built everything can be decided, and decided otherwise. A digest that has gone out stays as it went;
only a note can still be taken back, since notes are read when they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from collector.config import Approval, Settings
from collector.digest.timing import due_at
from collector.errors import LinkError, UnknownNameError
from collector.links import CuratorLink, Pages, Signer, curate_token, is_curators, read_curator_link
from collector.mailing.asking import is_awaited
from collector.mailing.issuing import Desk, look_up, plan_issue, show_window
from collector.model import Choices, Curation, DigestPost, DigestState
from collector.render import Asked
from collector.storage.choices import find_choices, find_curations, save_approval, save_curation
from collector.storage.database import Connection
from collector.storage.digests import shown_posts
from collector.storage.series import StoredWindow
from collector.text.cleaning import one_line

LONGEST_NOTE = 500  # characters
_LINKS_WORK = timedelta(days=14)  # after the digest went out, or was to go out


class Decision(StrEnum):
    """What a curator can decide: the first five about a post, the others about a digest."""

    LEAVE_OUT = "leave_out"
    TAKE_IN = "take_in"
    PUT_FIRST = "put_first"
    PUT_BACK = "put_back"
    NOTE = "note"
    LET_GO = "let_go"
    HOLD_BACK = "hold_back"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A digest, or a post of it, that a curator's link is about."""

    link: CuratorLink
    desk: Desk
    stored: StoredWindow
    post: DigestPost | None  # None: it is about the digest, or the post may be shown no more
    curation: Curation  # what stands of the post

    @property
    def is_open(self) -> bool:
        """Whether the digest can still be changed."""
        return self.stored.state is DigestState.OPEN

    @property
    def is_awaited(self) -> bool:
        """Whether the digest goes out only when its curator lets it."""
        return self.desk.series.approval is Approval.REQUIRED

    @property
    def goes_out_at(self) -> datetime:
        """When it goes out, if it is let."""
        return _goes_out_at(self.desk, self.stored)

    @property
    def topics(self) -> tuple[str, ...]:
        """What the series is about, as shown."""
        return tuple(map(self.desk.settings.display, self.desk.series.topics))

    @property
    def zone(self) -> ZoneInfo:
        """Where its times are told."""
        return ZoneInfo(self.stored.window.timezone)


def has_to_wait(case: Case) -> bool:
    """Whether an earlier digest waits for its curator, and so holds this one up, too."""
    windows = waiting_before(case.desk, case.stored) if case.is_awaited else []
    return any(stored.approved_at is None for stored in windows)


def whole_link(case: Case, signer: Signer, pages: Pages, now: datetime) -> str:
    """The page of the digest that a post's link belongs to."""
    return _link_to(case.desk, case.stored, signer, pages, now)(None, "")


def open_case(conn: Connection, settings: Settings, signer: Signer, token: str, now: datetime) -> Case:
    """What a token is about; LinkError where it opens nothing (any more)."""
    link, mark = read_curator_link(signer, token, now)
    try:
        series = settings.series(link.series)
    except UnknownNameError:
        raise LinkError("this link is of a series that is no more") from None
    desk = look_up(conn, settings, series)
    stored = desk.window_named(link.name)
    if stored is None or not is_curators(signer, mark, series.curator):
        raise LinkError("this link is of somebody who is curator no more")
    if link.post_id is None:
        return Case(link=link, desk=desk, stored=stored, post=None, curation=Curation())
    series_id = _series_id(desk)
    return Case(
        link=link,
        desk=desk,
        stored=stored,
        post=shown_posts(conn, [link.post_id], series.topics, series_id).get(link.post_id),
        curation=find_curations(conn, series_id, [link.post_id]).get(link.post_id, Curation()),
    )


def decide(conn: Connection, case: Case, decision: Decision, note: str, now: datetime) -> bool:
    """Does what the curator decided; False where it is too late for it, or it is not for this link to decide."""
    if decision in {Decision.LET_GO, Decision.HOLD_BACK}:
        approved_at = now if decision is Decision.LET_GO else None
        is_asked = case.is_awaited and case.link.post_id is None
        return is_asked and save_approval(conn, case.stored.id, approved_at)
    is_taking_back = decision is Decision.NOTE and not note
    if case.link.post_id is None or case.post is None or not (case.is_open or is_taking_back):
        return False
    save_curation(conn, _series_id(case.desk), case.link.post_id, decided(case.curation, decision, note, now))
    return True


def decided(curation: Curation, decision: Decision, note: str, now: datetime) -> Curation:
    """What stands of a post after a decision. What is put first is in, and what is left out stands nowhere."""
    match decision:
        case Decision.LEAVE_OUT:
            return replace(curation, left_out_at=curation.left_out_at or now, first_at=None)
        case Decision.TAKE_IN:
            return replace(curation, left_out_at=None)
        case Decision.PUT_FIRST:
            return replace(curation, left_out_at=None, first_at=curation.first_at or now)
        case Decision.PUT_BACK:
            return replace(curation, first_at=None)
        case Decision.NOTE:
            return replace(curation, note=note)
        case _:
            return curation


def clean_note(text: str) -> str:
    """A note as it is kept: one paragraph of plain text."""
    return one_line(text)


def ask_about(conn: Connection, desk: Desk, stored: StoredWindow, signer: Signer, pages: Pages, now: datetime) -> Asked:
    """The digest of an open window as it stands, with the links that decide about it, below the given pages."""
    digest = show_window(conn, desk, stored, stored.window.name)
    link_to = _link_to(desk, stored, signer, pages, now)
    curations = find_curations(
        conn, _series_id(desk), [shown.post_id for part in digest.sections for shown in part.posts]
    )
    return Asked(
        digest=digest,
        goes_out_at=_goes_out_at(desk, stored),
        whole_page=link_to(None, ""),
        choice_page=link_to,
        until=_works_until(desk, stored, now),
        first={post_id for post_id, curation in curations.items() if curation.first_at},
        is_running=now < stored.window.ends_at,
        is_awaited=is_awaited(desk.series, stored),
        behind=len(waiting_behind(desk, stored, now)),
    )


def waiting_before(desk: Desk, stored: StoredWindow) -> list[StoredWindow]:
    """The earlier windows that are still open: they go out first."""
    return [
        other
        for other in desk.windows
        if other.state is DigestState.OPEN and other.window.starts_at < stored.window.starts_at
    ]


def waiting_behind(desk: Desk, stored: StoredWindow, now: datetime) -> list[StoredWindow]:
    """The later windows whose time to go out has come."""
    return [
        other
        for other in desk.windows
        if other.state is DigestState.OPEN
        and other.window.starts_at > stored.window.starts_at
        and _goes_out_at(desk, other) <= now
    ]


def find_left_out(conn: Connection, desk: Desk, stored: StoredWindow) -> Sequence[DigestPost]:
    """The posts that an open window's digest would hold, had its curator not left them out."""
    series_id = _series_id(desk)
    choices = find_choices(conn, series_id)
    ids = {member.post_id for member in plan_issue(conn, desk, stored.window, Choices(first=choices.first)).members}
    curations = find_curations(conn, series_id, ids)
    left_out = [post_id for post_id, curation in curations.items() if curation.left_out_at]
    shown = shown_posts(conn, left_out, desk.series.topics, series_id)
    return sorted(shown.values(), key=lambda post: (post.dated_at, post.post_id))


def _link_to(
    desk: Desk, stored: StoredWindow, signer: Signer, pages: Pages, now: datetime
) -> Callable[[int | None, str], str]:
    """Makes the address where one of a window's posts, or (None) its digest, is decided about."""

    def link_to(post_id: int | None, choice: str) -> str:
        link = CuratorLink(series=desk.series.name, name=stored.window.name, post_id=post_id)
        token = curate_token(signer, link, desk.series.curator or "", _works_until(desk, stored, now))
        return pages.curate(token, choice)

    return link_to


def _works_until(desk: Desk, stored: StoredWindow, now: datetime) -> datetime:
    return max(_goes_out_at(desk, stored), now) + _LINKS_WORK


def _goes_out_at(desk: Desk, stored: StoredWindow) -> datetime:
    return due_at(stored.window, desk.series.send_on, ZoneInfo(stored.window.timezone))


def _series_id(desk: Desk) -> int:
    if desk.stored is None:
        raise ValueError("a series that has not begun has nothing to decide about")
    return desk.stored.id
