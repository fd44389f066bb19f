"""Bodies within a bound, whatever they are packed in."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.bodies import read_body


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@given(st.binary(max_size=500), st.integers(1, 50))
def test_every_packing_gives_back_what_was_packed(data: bytes, size: int) -> None:
    assert read_body(pieces(data, size), "", 500) == data
    assert read_body(pieces(gzip.compress(data), size), "gzip", 600) == data
    assert read_body(pieces(zlib.compress(data), size), "Deflate ", 600) == data
    assert read_body(pieces(raw_deflate(data), size), "deflate", 600) == data


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert len(read_body([b"x" * 1000], "", 1000)) == 1000
    assert len(read_body([gzip.compress(b"x" * 1000)], "gzip", 1000)) == 1000


def test_an_oversized_body_is_refused_before_it_is_read_to_its_end() -> None:
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1024)
            yield b"x" * 1024

    with pytest.raises(ValueError, match="more than 10 KiB"):
        read_body(endless(), "", 10 * 1024)
    assert sum(read) <= 11 * 1024


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than"):
            read_body([bomb], "gzip", 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 99])
def test_a_packing_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match="not asked for"):
        read_body([b"data"], encoding, 1000)


@pytest.mark.parametrize("damaged", [gzip.compress(b"some text")[:-9], b"no gzip at all", b"\x1f\x8b\x08"])
def test_a_damaged_or_cut_answer_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read_body([damaged], "gzip", 1000)


def test_an_empty_body_needs_no_packing() -> None:
    assert read_body([], "gzip", 1000) == b""


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate"]))
def test_no_bytes_cost_more_than_an_error(data: bytes, encoding: str) -> None:
    with suppress(ValueError):
        assert len(read_body([data], encoding, 200)) <= 200
