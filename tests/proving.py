"""Proves that words are nowhere any more: in no form, in no file of a folder, in no table of a database.

assert not traces_of(["carys@fedi.example"], folder, database_url)
"""

from __future__ import annotations

import base64
import html
import json
import quopri
import zlib
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import inspect, text

from collector.storage.database import Database

_STATISTICS = (
    "SELECT tablename || attname || coalesce(most_common_vals::text, '') || coalesce(histogram_bounds::text, '')"
    " || coalesce(most_common_elems::text, '')"
)


def forms_of(word: str) -> dict[str, bytes]:
    """How a word may stand in a file."""
    plain = word.encode()
    return {
        "UTF-8": plain,
        "UTF-16, little end first": word.encode("utf-16-le"),
        "UTF-16, big end first": word.encode("utf-16-be"),
        "JSON": json.dumps(word)[1:-1].encode(),
        "JSON with slashes escaped": json.dumps(word)[1:-1].replace("/", "\\/").encode(),
        "HTML": html.escape(word).encode(),
        "HTML in ASCII": word.encode("ascii", "xmlcharrefreplace"),
        "quoted-printable": quopri.encodestring(plain),
        "percent-encoded": quote(word, safe="@:/").encode(),
    } | {f"base64, {place} in": _base64_inside(plain, place) for place in range(3)}


def _base64_inside(plain: bytes, place: int) -> bytes:
    """The signs of base64 that hang on the word alone, wherever among three bytes it begins."""
    encoded = base64.b64encode(b"\0" * place + plain).rstrip(b"=")
    tail = (place + len(plain)) % 3
    return encoded[-(-place * 8 // 6) : len(encoded) - (1 if tail else 0)]


def traces_of(words: Iterable[str], folder: Path, database_url: str = "") -> list[str]:
    """Where any of these words still stands, in any case of its letters where it stands as text."""
    words = list(words)
    places = dict(_pieces(folder))
    if database_url:
        places |= dict(_rows(database_url))
    return [
        f"{word} as {form} in {place}"
        for place, content in places.items()
        for word in words
        for form, wanted in forms_of(word).items()
        if wanted in content or (len(wanted) > 5 and wanted.lower() in content.lower())
    ]


def _pieces(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it is; mails also as they are read."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield str(path), content
        if path.suffix == ".eml":
            for number, part in enumerate(message_from_bytes(content, policy=policy.default).walk()):
                body = part.get_payload(decode=True)
                yield f"part {number} of {path}", body if isinstance(body, bytes) else b""


def _rows(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table as text; what is compressed as it was before."""
    database = Database(url)
    try:
        with database.read() as conn:
            for table in inspect(conn).get_table_names():
                for number, row in enumerate(conn.execute(text(f'SELECT * FROM "{table}"'))):
                    yield f"row {number} of {table}", b"\n".join(map(_plain, row))
    finally:
        database.close()
    if not database.is_sqlite:
        with psycopg.connect(url) as bare:
            for number, (told,) in enumerate(bare.execute(f"{_STATISTICS} FROM pg_stats WHERE schemaname = 'public'")):
                yield f"statistics {number}", str(told).encode()


def _plain(value: object) -> bytes:
    if not isinstance(value, bytes):
        return (json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)).encode()
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
