"""Kinds of sources by name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from making import NOW

from collector.config.kinds import known_kinds
from collector.errors import ConfigError
from collector.sources import Setup, Source, make_source

SETUP = Setup(address="https://fedi.example", user_agent="test/1", now=lambda: NOW)


@pytest.mark.parametrize("kind", known_kinds())
def test_every_kind_that_is_named_can_be_made(kind: str) -> None:
    source = make_source(kind, SETUP)
    assert isinstance(source, Source)
    source.close()


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match='"mastodont": no such kind; accepted: bluesky, feed, mastodon, wordpress'):
        make_source("mastodont", SETUP)


def test_the_kinds_are_known_without_loading_any_client() -> None:
    code = (
        "import sys, collector.sources; from collector.config.kinds import form_of, known_kinds;"
        "[form_of(kind) for kind in known_kinds()];"
        "print({'mastodon', 'httpx', 'requests', 'feedparser'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
