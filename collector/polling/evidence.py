"""What it means that a place no longer shows a post: pure decisions.

A server may be down, closed, or have dropped what it held of other servers' posts; none of that is a deletion.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.model import Evidence
from collector.sources.origins import OriginSays
from collector.storage.absence import SECOND_LOOK, Absent

LONG_MISSING = timedelta(days=28)  # after so long without any place that shows it, a post counts as taken back


def needs_origin(absent: Absent, now: datetime) -> bool:
    """True where only the place that a post was first posted at can say whether it is gone.

    Also where another place still shows it: word of a deletion does not reach every server. What was proven is asked
    about once more, at the second look.
    """
    if absent.is_home or absent.is_shown_anew or absent.is_shown_at_home:
        return False
    is_proven = absent.gone_why is Evidence.GONE and absent.gone_at is not None
    return not is_proven or may_erase(absent, Evidence.GONE, now)


def judge(absent: Absent, says: OriginSays | None, *, is_place_empty: bool = False) -> Evidence | None:
    """Why the post goes, or stays, out of sight; None: it does not, this place is just one that shows it no more.

    `is_place_empty`: many posts are gone at once and the place shows no other. It may have lost its database, and then
    proves nothing.
    """
    if absent.is_home and absent.is_shown_anew:
        return None
    if says is OriginSays.GONE or (absent.is_home and not is_place_empty):
        return Evidence.GONE
    if says is OriginSays.SHOWN:
        return None
    if absent.gone_why is not None or absent.is_shown_elsewhere:
        return absent.gone_why
    return Evidence.MISSING


def may_erase(absent: Absent, evidence: Evidence, now: datetime) -> bool:
    """Whether this is the second look that leaves only a tombstone: what is switched off may come back."""
    if absent.gone_at is None or evidence is Evidence.AWAY:
        return False
    return now - absent.gone_at >= (SECOND_LOOK if evidence is Evidence.GONE else LONG_MISSING)
