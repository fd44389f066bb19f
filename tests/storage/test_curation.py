"""The operator's word on what is shown."""

from __future__ import annotations

import pytest
from making import NOW, make_author, make_post
from making_storage import save, shown

from collector.errors import UnknownNameError
from collector.storage.curation import hide_author, hide_post
from collector.storage.database import Database


@pytest.mark.parametrize(
    "address", [make_post().uri, str(make_post().url), "HTTPS://Fedi.example:443/@carys/1"], ids=["uri", "url", "other"]
)
def test_a_post_is_hidden_by_any_of_its_addresses_and_shown_again(database: Database, address: str) -> None:
    save(database, make_post(1), make_post(2))
    with database.write() as conn:
        assert hide_post(conn, address, NOW) == make_post().uri
    assert [row.uri for row in shown(database)] == [make_post(2).uri]
    with database.write() as conn:
        hide_post(conn, address, None)
    assert len(shown(database)) == 2


@pytest.mark.parametrize("handle", ["carys@fedi.example", "@Carys@fedi.example ", "chairs@fedi.example"])
def test_an_author_is_hidden_by_any_handle_they_had(database: Database, handle: str) -> None:
    rhys = make_author(handle="rhys@fedi.example")
    save(database, make_post(1, author=make_author(key="did:1")), make_post(2, author=rhys))
    save(database, make_post(1, author=make_author(key="did:1", handle="Chairs@fedi.example")))
    with database.write() as conn:
        assert hide_author(conn, handle, NOW) == "Chairs@fedi.example"
    assert [row.author_handle for row in shown(database)] == ["rhys@fedi.example"]
    with database.write() as conn:
        hide_author(conn, handle, None)
    assert len(shown(database)) == 2


def test_what_is_hidden_stays_hidden_when_it_is_seen_again(database: Database) -> None:
    save(database, make_post())
    with database.write() as conn:
        hide_post(conn, make_post().uri, NOW)
        hide_author(conn, "carys@fedi.example", NOW)
    save(database, make_post(text="Edited. #notcoproduction", author=make_author(name="Other")))
    assert shown(database) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://fedi.example/users/carys/statuses/9", "no post with the address"),
        ("not an address", "is no address of a post"),
    ],
)
def test_an_unknown_post_is_refused_by_name(database: Database, address: str, told: str) -> None:
    with pytest.raises(UnknownNameError, match=told), database.write() as conn:
        hide_post(conn, address, NOW)


def test_an_unknown_author_is_refused_by_name(database: Database) -> None:
    with pytest.raises(UnknownNameError, match=r"no author 'nobody@fedi\.example' is known"), database.write() as conn:
        hide_author(conn, "nobody@fedi.example", NOW)
