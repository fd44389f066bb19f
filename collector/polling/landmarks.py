"""By what a walk back knows that it has come as far as its horizon. Pure.

Posts that are older than the horizon, in a row, say so: but a server that was cut off sends old posts in a burst, and
they stand at the top, more of them than end a walk. Landmarks are known posts that stand just above the horizon: as
long as a walk has not met them, a row of older ones proves little.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from collector.model import Landmark

PATIENCE = 5  # so many times longer a row of older posts has to be before the landmarks are met

_ENOUGH = 5  # landmarks
_PROMPT = timedelta(hours=2)


def choose_landmarks(known: Sequence[Landmark], began_at: datetime | None, walk_began: datetime) -> frozenset[str]:
    """The native ids of the oldest of these that stand where their dates say; none where this walk met them already.

    What was first seen long after its date may have come late, and then stands far above. What was there when the watch
    began tells nothing of when it came, and is taken at its word.
    """
    placed = [item for item in known if _is_placed(item, began_at)]
    oldest = sorted(placed, key=lambda item: item.published_at)[:_ENOUGH]
    met = {item.native_id for item in oldest if item.last_seen_at >= walk_began}
    ids = frozenset(item.native_id for item in oldest)
    return frozenset() if has_passed(ids, met) else ids - met


def has_passed(landmarks: frozenset[str], met: Collection[str]) -> bool:
    """Whether a walk that met these has come as far: half of the landmarks will do, for some may be gone."""
    return 2 * len(landmarks & set(met)) >= len(landmarks)


def _is_placed(item: Landmark, began_at: datetime | None) -> bool:
    is_history = began_at is not None and item.published_at < began_at
    return is_history or item.first_seen_at - item.published_at <= _PROMPT
