"""Two lists that are read as one, newest first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.wordpress.answers import Listing
from collector.sources.wordpress.walks import Spot, merge, read_cursor, write_cursor


class Lists:
    """Lists in pages, as a blog has them: an address is the list's name and the page's number."""

    def __init__(self, *lists: list[list[dict[str, Any]]]) -> None:
        self._lists = lists

    def page(self, address: str) -> Listing:
        name, number = map(int, address.split("/"))
        pages = self._lists[name]
        follows = f"{name}/{number + 1}" if number + 1 < len(pages) else None
        return Listing(items=pages[number] if pages else [], next=follows, total=None)

    def walk(self) -> list[list[Any]]:
        """All that a walk shows, page for page."""
        spots: tuple[Spot, ...] = tuple(Spot(address=f"{number}/0") for number in range(len(self._lists)))
        shown = []
        while spots:
            items, spots = merge([(spot, self.page(spot.address)) for spot in spots])
            shown.append(items)
            spots = read_cursor(write_cursor(spots) or "")
            assert len(shown) < 200
        return shown


def post(number: int) -> dict[str, Any]:
    """A later number is a later post."""
    return {"id": number, "date": f"2026-11-{number // 24 + 1:02}T{number % 24:02}:00:00"}


def in_pages(items: list[dict[str, Any]], size: int) -> list[list[dict[str, Any]]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@given(
    st.sets(st.integers(0, 600), max_size=40),
    st.sets(st.integers(0, 600), max_size=40),
    st.integers(1, 7),
    st.integers(1, 7),
)
def test_a_walk_shows_everything_newest_first(one: set[int], other: set[int], size: int, other_size: int) -> None:
    lists = [
        in_pages([post(number) for number in sorted(numbers, reverse=True)], pages)
        for numbers, pages in ((one, size), (other, other_size))
    ]
    shown = [item["id"] for page in Lists(*lists).walk() for item in page]
    assert shown == sorted(one | other, reverse=True)


def test_an_empty_page_is_passed_and_holds_the_others_back() -> None:
    lists = Lists([[], [post(5)]], [[post(7), post(3)]])
    assert [[item["id"] for item in page] for page in lists.walk()] == [[], [7, 5, 3]]


def test_a_list_out_of_order_is_still_read_to_its_end() -> None:
    lists = Lists([[post(1), post(9)], [post(5)]], [[post(7)], [post(8)]])
    shown = {item["id"] for page in lists.walk() for item in page}
    assert shown == {1, 5, 7, 8, 9}


def test_things_without_id_or_date_are_shown_too() -> None:
    strange: list[Any] = [{"date": None}, {}, "no object"]
    lists = Lists([strange], [[post(7)]])
    assert len([item for page in lists.walk() for item in page]) == 4


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '[{"address":""}]', '[{"shown":1}]', "[" * 9_999])
def test_a_cursor_that_says_nothing_leads_nowhere(cursor: str) -> None:
    assert read_cursor(cursor) == ()


def test_a_cursor_is_read_as_it_was_written() -> None:
    spots = (Spot(address="https://blog.example/?a=1&b=%2F"), Spot(address="https://blog.example/x", shown=3))
    assert read_cursor(write_cursor(spots) or "") == spots
    assert write_cursor(()) is None
    assert read_cursor('[{"address":"x","shown":-1}]') == (Spot(address="x"),)
