"""The letter's few colours, in light and in dark: ink on paper, one accent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Colours as #rrggbb. Whatever is read stands out from `paper` by 4.5 to 1 at least."""

    paper: str
    ink: str
    soft: str  # what is said beside
    accent: str  # headings, links and bars
    rule: str  # hair lines, which carry no meaning


LIGHT = Palette(paper="#fffdf8", ink="#22201d", soft="#5f5a52", accent="#94361a", rule="#ddd6c9")
DARK = Palette(paper="#1d1b19", ink="#ebe6dd", soft="#b3aca0", accent="#f2a98a", rule="#4a453e")
