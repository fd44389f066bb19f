"""Which posts hold the words that somebody looks for: asked of the index of words that each database has.

Nothing that was typed reaches a database as anything but folded words, which hold letters and digits alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY

from collector.storage.tables import search_texts
from collector.text.asking import Term

_WORDS = table("search_words")  # SQLite's index
_MATCH = text("search_words MATCH :asked")
_ROWID: ColumnElement[int] = literal_column("search_words.rowid")
_VECTOR: ColumnElement[object] = literal_column("search_texts.words")  # PostgreSQL's


def holds(conn: Connection, terms: Sequence[Term]) -> ColumnElement[bool]:
    """For a query over `search_texts`: it holds all terms."""
    if conn.dialect.name == "sqlite":
        # The sum keeps SQLite from going through all that hold a word, which may be nearly all posts there are.
        return (search_texts.c.post_id + 0).in_(that_hold(conn, terms).scalar_subquery())
    return _VECTOR.op("@@")(_tsquery(terms))


def that_hold(conn: Connection, terms: Sequence[Term]) -> Select[int]:
    """The ids of posts that hold all terms, in no order."""
    if conn.dialect.name == "sqlite":
        return select(_ROWID).select_from(_WORDS).where(_MATCH.bindparams(asked=_for_sqlite(terms)))
    return select(search_texts.c.post_id).where(_VECTOR.op("@@")(_tsquery(terms)))


def _for_sqlite(terms: Sequence[Term]) -> str:
    return " AND ".join(map(_term_for_sqlite, terms))


def _term_for_sqlite(term: Term) -> str:
    phrase = f'"{" ".join(term.words)}"' + (" *" if term.is_prefix else "")
    return f'({phrase} OR "{term.handle}")' if term.handle else phrase


def _tsquery(terms: Sequence[Term]) -> ColumnElement[object]:
    return func.to_tsquery(
        text("'simple'::regconfig"), bindparam(None, " & ".join(map(_term_for_postgresql, terms))), type_=TSQUERY
    )


def _term_for_postgresql(term: Term) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.is_prefix else "")
    return f"(({phrase}) | '{term.handle}')" if term.handle else f"({phrase})"
