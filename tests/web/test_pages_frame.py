"""What holds for every page: headers, methods, errors, conditional requests, the base address, and an orderly end."""

from __future__ import annotations

import socket

import pytest
from visiting import make_settings, make_site, reading

from collector.config import Listen
from collector.errors import ListenError
from collector.storage.database import Database
from collector.web.serving import serving


def test_every_answer_has_the_headers_that_protect_its_reader(database: Database) -> None:
    with reading(database) as reader:
        for seen in (reader.get("/robots.txt"), reader.get("/nothing"), reader.ask("PUT", "/style.css")):
            assert "default-src 'none'" in seen.headers["Content-Security-Policy"]
            assert seen.headers["X-Content-Type-Options"] == "nosniff"
            assert seen.headers["X-Frame-Options"] == "DENY"
            assert seen.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in seen.headers
            assert "Server" not in seen.headers


def test_what_is_not_there_gets_a_friendly_page_without_details(database: Database) -> None:
    with reading(database) as reader:
        seen = reader.get("/nothing/of/this")
    assert seen.status == 404
    assert "Nothing is here" in seen.text
    assert "/nothing/of/this" not in seen.text


def test_other_methods_are_refused_and_the_accepted_ones_named(database: Database) -> None:
    with reading(database) as reader:
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
            seen = reader.ask(method, "/style.css")
            assert (seen.status, seen.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_says_what_a_get_would(database: Database) -> None:
    with reading(database) as reader:
        whole, head = reader.get("/style.css"), reader.ask("HEAD", "/style.css")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_what_a_browser_has_already_is_not_sent_again(database: Database) -> None:
    with reading(database) as reader:
        first = reader.get("/style.css")
        again = reader.get("/style.css", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_pages_stand_under_the_path_of_the_base_address(database: Database) -> None:
    settings = make_settings(web={"base_url": "https://example.org/digest"})
    with reading(database, settings) as reader:
        missing = reader.get("/digest/nothing")
        assert 'href="/digest/"' in missing.text
        assert reader.get("/digest/style.css").status == 200
        assert reader.get("/style.css").status == 200  # of a proxy that cuts the path off
        assert missing.headers["Strict-Transport-Security"].startswith("max-age=")


def test_without_https_nobody_is_told_to_use_it(database: Database) -> None:
    with reading(database) as reader:
        assert "Strict-Transport-Security" not in reader.get("/").headers


def test_a_port_that_is_taken_is_one_clear_line(database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = Listen(host="127.0.0.1", port=taken.getsockname()[1])
        refused = pytest.raises(ListenError, match=r"web\.listen: 127\.0\.0\.1:.* is taken by another program")
        with refused, serving(make_site(database), listen):
            pass


def test_an_address_that_this_machine_does_not_have_is_one_clear_line(database: Database) -> None:
    listen = Listen(host="192.0.2.1", port=8080)
    refused = pytest.raises(
        ListenError, match=r"^web\.listen: cannot listen at 192\.0\.2\.1:8080: this machine has no such"
    )
    with refused, serving(make_site(database), listen):
        pass
