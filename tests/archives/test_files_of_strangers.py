"""Files that hold anything at all: each is recognised or not, and read into items or refused in one line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from archive_reading import items_of, recognised, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archives.recognising import format_named
from collector.errors import ArchiveError

FORMATS = ("csv", "jsonl", "tags", "minet", "4cat", "mastodon")
HEADERS = (
    b"uri,network,author_handle,published_at,text\n",
    b"id_str;from_user;text;created_at\n",
    b"uri\tuser_did\ttimestamp_utc\ttext\n",
    b"id,author,body,timestamp,is_retweet\n",
    b'{"type": "OrderedCollection", "orderedItems": [',
    b'{"uri": "https://a.example/1", "network": "x", "published_at": "2026-11-17", "text": "", "author_id": "a"}\n',
    b"\xff\xfei\x00d\x00",
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
)


@pytest.mark.parametrize("name", FORMATS)
@given(
    head=st.sampled_from(HEADERS),
    rest=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused_in_one_line(name: str, head: bytes, rest: bytes) -> None:
    for content in (head + rest, rest + b".", zipped({"outbox.json": head + rest})):
        with suppress(ArchiveError):
            recognised(name, content)
        try:
            items_of(name, content)
        except ArchiveError as error:
            assert "\n" not in str(error)  # noqa: PT017 (that none is raised is as good)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_name_and_a_title(name: str) -> None:
    found = format_named(name)
    assert found.name == name
    assert found.title


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in {"jsonl", "mastodon"}])
def test_a_table_that_is_not_utf_8_is_refused_with_advice(name: str) -> None:
    header = next(head for head in HEADERS if recognised(name, head))
    with pytest.raises(ArchiveError, match="is not UTF-8: save the file as UTF-8"):
        items_of(name, header + "Caf\xe9,\n".encode("latin-1"))
