"""Kinds of sources by name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from making import NOW

from collector.errors import ConfigError
from collector.sources import KINDS, Setup, make_source

SETUP = Setup(address="https://fedi.example", user_agent="test/1", now=lambda: NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_named_can_be_made(kind: str) -> None:
    source = make_source(kind, SETUP)
    assert callable(source.fetch_page)
    source.close()


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match='"mastodont"; accepted: mastodon'):
        make_source("mastodont", SETUP)


def test_the_kinds_are_known_without_loading_any_client() -> None:
    code = "import sys, collector.sources; print({'mastodon', 'httpx', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
