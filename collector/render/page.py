"""A letter as HTML that mail clients draw well: tables, styles on the elements, nothing from outside."""

from __future__ import annotations

from functools import cache

import css_inline
import jinja2

from collector.render.letter import Letter, Note, Proof
from collector.render.templating import read_templates


def draw_html(letter: Letter) -> str:
    """The letter as a whole HTML document."""
    return _draw("digest.html", letter, letter=letter)


def draw_note(note: Note) -> str:
    """A short message of a few paragraphs, in the same look."""
    return _draw("note.html", note, note=note)


def draw_proof(proof: Proof) -> str:
    """A curator's preview, in the same look."""
    return _draw("proof.html", proof, proof=proof)


def _draw(template: str, paper: Letter | Note | Proof, **values: object) -> str:
    start, end = ("right", "left") if paper.direction == "rtl" else ("left", "right")
    drawn = _templates().get_template(template).render(paper=paper, start=start, end=end, **values)
    return _inliner().inline(drawn)


def _percent(share: float) -> str:
    return f"{max(1, round(share * 100))}%"


@cache
def _templates() -> jinja2.Environment:
    templates = read_templates("collector.render")
    templates.filters["percent"] = _percent
    return templates


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)
