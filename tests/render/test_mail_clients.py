"""Letters held to caniemail's data: nothing that breaks reading in Gmail, Outlook or Apple Mail."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest
from checkers import Finding, check_clients, needs_caniemail
from making_digests import LONDON
from making_letters import ENCLOSED, WITHOUT_DIGEST, ask_about, make_letters

from collector.render import Silence, render_html, render_sign_of_life
from collector.render.proof import render_preview
from collector.words import ENGLISH

CLIENTS = ("gmail.*", "outlook.*", "apple-mail.*")

pytestmark = needs_caniemail


@dataclass(frozen=True)
class Accepted:
    """Findings that somebody has looked at."""

    feature: str
    clients: tuple[str, ...]

    def covers(self, finding: Finding) -> bool:
        """Whether it is one of these."""
        return self.feature == finding.feature and any(fnmatch(finding.client, client) for client in self.clients)


@pytest.fixture(scope="module")
def found() -> set[Finding]:
    silence = Silence(topics=("notcoproduction",), since_at=None, zone=LONDON)
    letters = [render_html(digest, enclosure=ENCLOSED) for digest in make_letters().values()]
    letters.append(render_preview(ask_about(make_letters()["everything"]), ENGLISH)[2])
    return check_clients([*letters, render_sign_of_life(silence, enclosure=WITHOUT_DIGEST)[2]], CLIENTS)


def accepted() -> Iterator[Accepted]:
    told = tomllib.loads(Path(__file__).with_name("accepted_findings.toml").read_text(encoding="utf-8"))
    for entry in told["accepted"]:
        assert entry["why"]
        yield from (Accepted(feature, tuple(entry["clients"])) for feature in entry["features"])


def test_a_letter_uses_nothing_that_a_client_does_not_know_and_nobody_has_looked_at(found: set[Finding]) -> None:
    known = list(accepted())
    assert sorted(finding for finding in found if not any(one.covers(finding) for one in known)) == []


def test_nothing_is_accepted_that_is_found_no_more(found: set[Finding]) -> None:
    assert [one.feature for one in accepted() if not any(map(one.covers, found))] == []


def test_the_checker_finds_what_a_client_does_not_know() -> None:
    findings = check_clients(["<bdi>x</bdi><p style='position: fixed'>x</p>"], CLIENTS)
    assert {("<bdi> element", "unknown"), ("position", "unknown")} <= {(one.feature, one.degree) for one in findings}
