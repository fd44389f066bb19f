from __future__ import annotations

import gzip
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_tweets import write_twarc2
from reading_archives import SAMPLES

from collector.archives.files import ArchiveFile
from collector.archives.recognising import FORMATS, NAMES, find_format
from collector.errors import ArchiveError


def name_of(path: Path) -> str:
    with ArchiveFile(path) as file:
        return find_format(file).name


def test_every_format_has_the_name_that_it_is_asked_for_by() -> None:
    assert set(NAMES) == {"twarc", "twarc2", "x-archive", "tags", "mastodon", "minet", "4cat", "csv", "jsonl"}
    assert len(NAMES) == len(FORMATS)


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        ("twarc.jsonl", "twarc"),
        ("twarc2.jsonl", "twarc2"),
        ("twarc2-flat.jsonl", "twarc2"),
        ("x-archive/data/tweets.js", "x-archive"),
        ("x-archive/2013_11.js", "x-archive"),
    ],
)
def test_each_sample_is_known_plain_and_packed(tmp_path: Path, sample: str, name: str) -> None:
    path = SAMPLES / sample
    packed, zipped = tmp_path / "packed", tmp_path / "zipped"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(path, "one.jsonl")
    assert [name_of(file) for file in (path, packed, zipped)] == [name, name, name]


def test_a_first_line_longer_than_the_beginning_is_known(tmp_path: Path) -> None:
    path = tmp_path / "tweets.jsonl"
    write_twarc2(path, tweets=100)
    assert path.stat().st_size > 3 * 64 * 1024
    assert name_of(path) == "twarc2"
    raw = json.loads((SAMPLES / "twarc.jsonl").read_text("utf-8").splitlines()[0])
    path.write_text(json.dumps(raw | {"filler": "x" * 100_000}), "utf-8")
    assert name_of(path) == "twarc"


def test_a_broken_first_line_does_not_hide_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "tweets.jsonl"
    for sample in ("twarc.jsonl", "twarc2-flat.jsonl"):
        path.write_text('{"id_str": "5", "te\n' + (SAMPLES / sample).read_text("utf-8"), "utf-8")
        assert name_of(path) == sample.partition(".")[0].partition("-")[0]


def test_a_file_can_be_read_as_the_format_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("{}", "utf-8")
    for name in NAMES:
        assert find_format(ArchiveFile(path), name).name == name
    with pytest.raises(ArchiveError, match=r"no format is called 'twark': .*twarc, twarc2"):
        find_format(ArchiveFile(path), "twark")


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"<!DOCTYPE html><p>", "a web page"),
        (b"<?xml version='1.0'?>", "XML"),
        (b'{"a": 1}', "JSON"),
        (b"[1]", "a JSON list"),
        (b"window.YTD.follower.part0 = []", "another part of an archive of X"),
        (b"SQLite format 3\0", "no text"),
        ("id_str,text\n".encode("utf-16"), "text in UTF-16"),
        (b"Dear diary,\nnothing happened", "a text that begins with 'Dear diary"),
    ],
)
def test_what_is_not_known_is_described_with_the_formats_there_are(tmp_path: Path, data: bytes, looks: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="--format") as raised:
        name_of(path)
    assert f"looks like {looks}" in str(raised.value)
    assert "twarc2" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_zip_of_other_things_is_described(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"x")
        archive.writestr("b.jpg", b"x")
    with pytest.raises(ArchiveError, match=r"a zip of 2 files \(a\.jpg, b\.jpg"):
        name_of(path)


STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\x1f\x8b", b"{", b'{"data":', b'{"id_str":', b"window.YTD.tweets.part0 = [", b"id,"]
)


@given(start=STARTS, rest=st.binary(max_size=200))
def test_any_bytes_are_a_format_or_one_clear_failure(start: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(start + rest or b"x")
        for name in (None, *NAMES):
            try:
                file = ArchiveFile(path)
                list(find_format(file, name).read(file))
            except ArchiveError as error:
                assert "\n" not in str(error)  # noqa: PT017
