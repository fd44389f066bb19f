"""The README is held to the program: commands, options, keys, defaults and columns are all there, and all true."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

import collector
from collector.cli import COMMANDS, cli
from collector.config import Settings, build_settings
from collector.config.mail import BounceSettings, MailSettings
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.places import SourceSettings
from collector.config.series import SeriesSettings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings, Table
from collector.config.web import WebSettings
from collector.export import COLUMNS
from collector.words import read_words

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLES: dict[str, type[Table]] = {
    "collector": CollectorSettings,
    "database": DatabaseSettings,
    "polling": PollingSettings,
    "source": SourceSettings,
    "digest": SeriesSettings,
    "mail": MailSettings,
    "bounces": BounceSettings,
    "web": WebSettings,
    "warnings": WarningSettings,
    "health": HealthSettings,
}
LISTED = {"source", "digest"}
SHARED = {"--config", "--verbose", "--quiet", "--help"}
NEEDED: dict[str, dict[str, Any]] = {
    "collector": {"hashtags": ["notcoproduction"]},
    "source": {"kind": "mastodon", "url": "https://mastodon.example"},
}


def blocks(language: str) -> list[str]:
    """The README's blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def section(heading: str) -> str:
    """What stands under a heading, up to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#|\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a piece of the README, without their headings."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, those of groups in the place of the group."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", inner) for part, inner in command.commands.items())
        else:
            yield name, command


def described(name: str) -> str:
    """The README's row about a command."""
    found = [" | ".join(row) for row in rows(section("Commands")) if re.match(rf"`collector {name}[ `]", row[0])]
    assert len(found) == 1, name
    return found[0]


def parse(words: list[str]) -> None:
    """Reads a command line as the program would, and does nothing of it."""
    root = click.Context(cli, info_name="collector")
    if words[0] == "--version":
        return
    command, name = cli.get_command(root, words[0]), words[0]
    assert command is not None, words
    rest = words[1:]
    if isinstance(command, click.Group):
        command, name, rest = command.commands[rest[0]], rest[0], rest[1:]
    command.make_context(name, rest, parent=root)


def build(tables: Mapping[str, Any], folder: Path) -> Settings:
    return build_settings(
        tables, folder=folder, environ={"MASTODON_TOKEN": "t", "SMTP_PASSWORD": "s", "IMAP_PASSWORD": "i"}
    )


def with_needed(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {"collector": NEEDED["collector"], **tables}


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_is_described_with_all_its_options(name: str, command: click.Command) -> None:
    row = described(name)
    place = section("Tables for research") if name == "export" else row + section("Commands")
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert [option for option in sorted(options - SHARED) if f"{option}" not in place] == []


def test_no_command_is_described_that_there_is_not() -> None:
    named = {" ".join(re.findall(r"^`collector ([a-z]+(?: [a-z]+)?)", row[0])) for row in rows(section("Commands"))}
    assert named == {name for name, _ in commands()}


def test_the_shared_options_are_named() -> None:
    assert all(f"`{option}" in section("Commands") for option in SHARED)


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_each_line_of_a_shell_block_is_a_whole_command(line: str) -> None:
    assert subprocess.run([str(shutil.which("bash")), "-n", "-c", line], check=False, capture_output=True).stderr == b""
    words = shlex.split(line)
    if "collector" in (word.rpartition("/")[2] for word in words) and words[0] != "docker":
        parse(words[[word.rpartition("/")[2] for word in words].index("collector") + 1 :])


def test_a_line_runs_the_demo_and_another_one_the_tests_each_with_its_own_environment() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    for word in ("collector demo", "pytest"):
        assert [line.startswith("python3 -m venv .venv && ") for line in lines if word in line] == [True]


# --- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_a_table_is_described_and_no_other(table: str) -> None:
    heading = f"`[[{table}]]`" if table in LISTED else f"`[{table}]`"
    named = [key for row in rows(section(heading)) for key in re.findall(r"`([a-z_]+)`", row[0])]
    assert sorted(named) == sorted(TABLES[table].accepted_keys())


@pytest.mark.parametrize("table", TABLES)
def test_the_defaults_are_those_of_the_program(table: str, tmp_path: Path) -> None:
    heading = f"`[[{table}]]`" if table in LISTED else f"`[{table}]`"
    told = {row[0].strip("`"): row[1].strip("`") for row in rows(section(heading)) if row[1].startswith("`")}
    if table == "collector":
        told.pop("contact")  # "" stands for none, which cannot be written
    values = tomllib.loads("\n".join(f"{key} = {value}" for key, value in told.items()))
    needed = NEEDED.get(table, {})
    silent, spoken = ([each] if table in LISTED else each for each in (needed, {**needed, **values}))
    assert build(with_needed({table: spoken}), tmp_path) == build(with_needed({table: silent}), tmp_path)


@pytest.mark.parametrize("block", [block for block in blocks("toml") if not block.startswith("[words]")])
def test_each_piece_of_configuration_is_accepted(block: str, tmp_path: Path) -> None:
    for name in ("smtp-password", "bluesky-app-password"):
        (tmp_path / name).write_text("secret")
    build(with_needed(tomllib.loads(block)), tmp_path)


def test_the_sentences_of_one_s_own_are_a_catalogue() -> None:
    (block,) = (block for block in blocks("toml") if block.startswith("[words]"))
    assert read_words(block).say("poll") == "What they asked:"


def test_a_key_in_the_environment_is_named_as_it_is_read(tmp_path: Path) -> None:
    variables = dict(re.findall(r"`(COLLECTOR_[A-Z]+__[A-Z_]+)=([^`]+)`", README))
    assert variables
    build_settings(with_needed({}), folder=tmp_path, environ=variables)


# --- the rest -----------------------------------------------------------------------------------


def test_every_column_of_an_export_is_named_in_its_order() -> None:
    named = re.findall(r"`([a-z_]+)`", section("Tables for research").partition("The columns:")[2].partition(".")[0])
    assert named == [column.name for column in COLUMNS]


def test_what_it_links_to_is_there() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.removeprefix("#") in headings if target.startswith("#") else (ROOT / target).exists(), target


def test_it_names_the_version_that_servers_see() -> None:
    assert f"`hashtag-collector/{collector.__version__}`" in README


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.findall(r"^## \[(.*?)\]", changelog, re.MULTILINE)[0]
    assert first in {collector.__version__, "Unreleased"}
