"""Which format a file has: by what stands in it, or by the name that a person gave."""

from __future__ import annotations

import codecs

from collector.archives import fourcat, mastodon_export, minet, own, tags, twarc, twarc2, x_archive
from collector.archives.files import ArchiveFile
from collector.archives.protocol import Format
from collector.errors import ArchiveError
from collector.text.excerpts import first_words

FORMATS = (  # in the order they are asked: what is surest first, so that what two could read goes to the right one
    x_archive.FORMAT,
    mastodon_export.FORMAT,
    twarc.FORMAT,
    twarc2.FORMAT,
    own.CSV,
    own.JSON_LINES,
    tags.FORMAT,
    minet.FORMAT,
    fourcat.FORMAT,
)
NAMES = tuple(sorted(form.name for form in FORMATS))

_NO_TEXTS = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"SQLite format")
_LOOKS = (
    ("<!doctype html", "a web page"),
    ("<html", "a web page"),
    ("<?xml", "XML"),
    ("{", "JSON"),
    ("[", "a JSON list"),
    ("window.ytd", "another part of an archive of X"),
)


def find_format(file: ArchiveFile, name: str | None = None) -> Format:
    """The format to read this file with: the one that is named, else the first that knows the file as its own."""
    if name is not None:
        return format_named(name)
    for form in FORMATS:
        if form.recognises(file):
            return form
    raise ArchiveError(
        f"{file.path}: looks like {_looks_like(file)}, and like none of the formats {', '.join(NAMES)};"
        " if it is one of them, name it with --format"
    )


def format_named(name: str) -> Format:
    """The format of that name; ArchiveError, listing those there are, for any other."""
    for form in FORMATS:
        if form.name == name:
            return form
    raise ArchiveError(f"no format is called {name!r}: {', '.join(NAMES)} are accepted")


def _looks_like(file: ArchiveFile) -> str:
    """A file in a person's words, by its first characters."""
    if file.is_container and len(file.members()) != 1:
        first = ", ".join(file.members()[:3])
        return f"a {file.packing.value} of {len(file.members())} files ({first}, …)" if first else "an empty archive"
    start = file.beginning.lstrip()
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "text in UTF-16 (save it as UTF-8)"
    if b"\0" in start[:4096] or start.startswith(_NO_TEXTS):
        return "no text"
    text = start.decode("utf-8", "replace")
    for begins, words in _LOOKS:
        if text.lower().startswith(begins):
            return words
    return f"a text that begins with {first_words(text[:400], 40)!r}"
