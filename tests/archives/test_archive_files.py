from __future__ import annotations

import csv
import gzip
import io
import os
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_archives import until_it_breaks

from collector.archives import files
from collector.archives.files import ArchiveFile
from collector.errors import ArchiveError

TEXT = "first\nsecond, with ü and \u2028 in it\n\nlast"
LINES = [(1, "first"), (2, "second, with ü and \u2028 in it"), (3, ""), (4, "last")]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return held.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as packed:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("data/link.js")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    return held.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        gzip.compress(TEXT.encode()),
        gzip.compress(TEXT[:9].encode()) + gzip.compress(TEXT[9:].encode()),
        zipped({"one.txt": TEXT.encode(), "__MACOSX/._one.txt": b"\0\1"}),
        tarred({"one.txt": TEXT.encode()}),
        tarred({"one.txt": TEXT.encode()}, "w:gz"),
    ],
    ids=["plain", "byte order mark", "crlf", "gzip", "gzip of two members", "zip", "tar", "tar.gz"],
)
def test_lines_are_the_same_however_they_are_packed(tmp_path: Path, data: bytes) -> None:
    with ArchiveFile(written(tmp_path / "file", data)) as file:
        assert list(file.lines()) == LINES
        assert list(file.lines()) == LINES  # again from the beginning
        assert "".join(file.pieces()).replace("\r\n", "\n") == file.read_text().replace("\r\n", "\n") == TEXT
        assert file.beginning.startswith(b"first")
        assert 0 < file.consumed <= file.size == len(data)


def test_a_look_at_the_beginning_is_no_progress(tmp_path: Path) -> None:
    file = ArchiveFile(written(tmp_path / "file.gz", gzip.compress(TEXT.encode())))
    assert file.beginning
    assert file.consumed == 0


def test_rows_of_csv_keep_the_line_breaks_inside_their_cells(tmp_path: Path) -> None:
    file = ArchiveFile(written(tmp_path / "file.csv", b'\xef\xbb\xbfid,text\r\n1,"two\nlines\r\nthree"\r\n'))
    assert list(csv.reader(file.text_stream())) == [["id", "text"], ["1", "two\nlines\r\nthree"]]


@pytest.mark.parametrize(
    "pack", [zipped, tarred, lambda members: tarred(members, "w:gz")], ids=["zip", "tar", "tar.gz"]
)
def test_members_are_found_by_their_names_in_any_folder(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    members = {"data/tweets.js": b"one\ntwo", "twitter-2022/data/tweets.js": b"x", "data/account.js": b"y"}
    file = ArchiveFile(written(tmp_path / "archive", pack(members)))
    assert file.is_container
    assert file.beginning == b""
    assert file.members("data/tweets*.js") == ("data/tweets.js", "twitter-2022/data/tweets.js")
    assert file.members("link.js") == ()
    member = file.open_member("data/tweets.js")
    assert (member.beginning, list(member.lines())) == (b"one\ntwo", [(1, "one"), (2, "two")])
    with pytest.raises(ArchiveError, match="of 3 files, not one"):
        list(file.lines())
    with pytest.raises(ArchiveError, match=r"no\.js"):
        file.open_member("no.js").read_text()


def test_a_plain_file_has_no_members(tmp_path: Path) -> None:
    file = ArchiveFile(written(tmp_path / "file", b"x"))
    assert (file.is_container, file.members()) == (False, ())


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path, "no such file"),
        (folder, "is a folder, not a file"),
        (lambda path: written(path, b""), "is empty"),
        (pipe, "is no file on disk"),
        (lambda path: Path(str(path) + "\0"), "embedded null|no such file"),
    ],
    ids=["missing", "folder", "empty", "pipe", "no name"],
)
def test_what_cannot_be_opened_is_one_line_that_says_why(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(ArchiveError, match=reason) as raised:
        ArchiveFile(make(tmp_path / "file"))
    assert str(tmp_path / "file") in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "UTF-8" in str(raised.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything may be read here")
def test_a_file_without_permission_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "file", b"x")
    path.chmod(0)
    with pytest.raises(ArchiveError, match="permission denied"):
        ArchiveFile(path)


def test_of_a_gzip_that_was_cut_off_the_whole_lines_are_kept(tmp_path: Path) -> None:
    lines = [f"line {number} {os.urandom(20).hex()}" for number in range(20_000)]
    packed = gzip.compress("\n".join(lines).encode())
    file = ArchiveFile(written(tmp_path / "cut.gz", packed[: len(packed) // 2]))
    read, reason = until_it_breaks(line for _, line in file.lines())
    assert "was cut off" in reason
    assert len(read) > 9_000
    assert read == lines[: len(read)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"a.txt": b"x" * 5000, "b.txt": b"y"})[:-30], "no whole zip"),
        (gzip.compress(b"x\n" * 5000)[:-4] + b"\0\0\0\0", "cannot be unpacked"),
        (gzip.compress(b"x\n") + b"garbage", "cannot be unpacked"),
        ("x\ny".encode("utf-16"), "not UTF-8"),
    ],
    ids=["zip", "crc", "garbage", "utf-16"],
)
def test_what_is_damaged_is_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(ArchiveError, match=reason) as raised:
        list(ArchiveFile(written(tmp_path / "file", data)).lines())
    assert "\n" not in str(raised.value)


def test_a_line_that_is_no_utf_8_costs_itself_alone(tmp_path: Path) -> None:
    lines = ArchiveFile(written(tmp_path / "file", b"x\n" + "ünter\n".encode("latin-1") + b"y")).lines()
    assert list(lines) == [(1, "x"), (2, None), (3, "y")]


def test_a_damaged_member_of_a_zip_gives_what_stands_before(tmp_path: Path) -> None:
    text = "\n".join(os.urandom(30).hex() for _ in range(20_000)).encode()
    data = bytearray(zipped({"a.txt": text, "b.txt": b"y"}))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    file = ArchiveFile(written(tmp_path / "a.zip", bytes(data)))
    read, reason = until_it_breaks(file.open_member("a.txt").lines())
    assert "cannot be unpacked any further" in reason
    assert len(read) > 5_000


def test_a_locked_member_of_a_zip_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(ArchiveError, match=re.escape("a.txt is locked with a password")):
        ArchiveFile(written(tmp_path / "a.zip", bytes(data))).read_text()


def test_a_bomb_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.archives.unpacking._SUSPICIOUS_FROM", 1024 * 1024)
    data = gzip.compress((b" " * 999 + b"\n") * 20_000)
    with pytest.raises(ArchiveError, match="more than 250 times its size"):
        list(ArchiveFile(written(tmp_path / "bomb.gz", data)).lines())


@pytest.mark.parametrize("read", [lambda file: list(file.lines()), lambda file: list(file.text_stream())])
def test_an_endless_line_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[ArchiveFile], object]
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 1000)
    with pytest.raises(ArchiveError, match="longer than"):
        read(ArchiveFile(written(tmp_path / "file", b"short\n" + b"x" * 2000)))


def test_a_file_that_is_read_only_in_part_is_closed(tmp_path: Path) -> None:
    path = written(tmp_path / "file", TEXT.encode())
    lines = ArchiveFile(path).lines()
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    path.unlink()


STARTS = st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"id,text\n"])


@given(start=STARTS, rest=st.binary(max_size=300), cut=st.integers(min_value=0, max_value=600), pack=st.booleans())
def test_any_bytes_are_lines_or_one_clear_failure(start: bytes, rest: bytes, cut: int, pack: bool) -> None:
    data = start + rest
    if pack:
        data = zipped({"a": data})[:cut] or b"x"
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "file", data or b"x")
        for read in (_lines, _text, _members):
            try:
                read(path)
            except ArchiveError as error:
                assert "\n" not in str(error)  # noqa: PT017


def _lines(path: Path) -> None:
    list(ArchiveFile(path).lines())


def _text(path: Path) -> None:
    list(ArchiveFile(path).text_stream())


def _members(path: Path) -> None:
    file = ArchiveFile(path)
    for name in file.members():
        file.open_member(name).read_text()
