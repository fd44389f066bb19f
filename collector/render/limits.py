"""How much of a digest fits into one mail: Gmail cuts a message at about 102 KB."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_BYTES = 87_000  # of text and HTML together: 100,000 as they are sent, with each "=" as "=3D", and the headers


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a letter may hold. Lengths are characters."""

    card_text: int = 300
    line_text: int = 110
    small_text: int = 200  # a description, an option, a warning, a title
    note: int = 500  # a curator's: as long as they may write it
    name: int = 60
    address: int = 1_000  # a longer one is not linked
    cards: int = 40  # of one block; further posts become lines
    lines: int = 60  # of one block; further posts are counted
    attached: int = 4  # of one post
    options: int = 8  # of one poll
    voices: int = 24  # people named as new
    listed: int = 8  # sources, digests and copies in one sentence


_ROOMY = Limits()
_CLOSE = replace(_ROOMY, lines=40, cards=20, address=500)
_CLOSER = replace(_CLOSE, lines=30, cards=14, address=400, small_text=120, note=300, attached=2)
_SHORT = replace(
    _CLOSER,
    card_text=240,
    line_text=80,
    small_text=80,
    note=160,
    name=40,
    address=300,
    cards=10,
    lines=15,
    options=4,
    voices=8,
)
_SHORTER = replace(
    _SHORT, card_text=160, line_text=60, small_text=60, note=100, name=30, address=200, cards=6, lines=8, listed=4
)
_SHORTEST = replace(
    _SHORTER,
    card_text=100,
    small_text=40,
    name=24,
    address=120,
    cards=2,
    lines=2,
    attached=1,
    options=2,
    listed=2,
    voices=2,
)

LADDER = (_ROOMY, _CLOSE, _CLOSER, _SHORT, _SHORTER, _SHORTEST)
"""From roomy to tight; the last one fits whatever posts hold."""
