"""What every command has in common: options, exit codes, and where words go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import ROOT, Folder, call, environment, now

from collector import __version__
from collector.cli import COMMANDS
from collector.storage.schema import HEAD

PARTS = ["digest list", "digest show", "digest send", "db backup", "db upgrade", "db current", "db renormalise"]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.mark.parametrize("name", [*COMMANDS, *PARTS])
def test_every_command_tells_what_it_does_and_takes_the_shared_options(name: str) -> None:
    shown = call(*name.split(), "--help")
    assert shown.code == 0
    assert shown.err == ""
    assert f"Usage: collector {name}" in shown.out
    for option in ("--config FILE", "--verbose", "--quiet", "--help"):
        assert option in shown.out


def test_help_names_every_command_in_lines_that_a_terminal_holds() -> None:
    shown = call("--help")
    assert shown.code == 0
    assert all(f"\n  {name} " in shown.out for name in COMMANDS)
    assert max(map(len, shown.out.splitlines())) <= 80


@pytest.mark.parametrize("group", ["digest", "db"])
def test_the_help_of_a_group_says_of_each_command_in_whole_words_what_it_does(group: str) -> None:
    assert "..." not in call(group, "--help").out.partition("Commands:")[2]


def test_the_version_is_one_line_on_standard_output() -> None:
    shown = call("--version")
    assert (shown.code, shown.out, shown.err) == (0, f"collector, version {__version__}\n", "")


def test_without_a_command_it_shows_the_help_as_an_error() -> None:
    shown = call()
    assert shown.code == 2
    assert "Commands:" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "no command is called 'nope'; there are: demo, init, check, run, serve, tick,"),
        (["poll", "--nope"], "no such option '--nope'; see 'collector poll --help'"),
        (["add"], "missing argument 'URL'; see 'collector add --help'"),
        (["digest", "nope"], "no such command 'nope'; see 'collector digest --help'"),
        (["export", "--format", "xlsx"], "invalid value for '--format': 'xlsx' is not one of 'csv', 'jsonl'"),
        (["digest", "show", "--format", "pdf"], "'pdf' is not one of 'text', 'html', 'eml', 'json'"),
        (["status", "more"], "got unexpected extra argument (more)"),
        (["poll", "--config"], "option '--config' requires an argument"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_2(arguments: list[str], said: str) -> None:
    assert said in call(*arguments).refusal(2)


@pytest.mark.parametrize("order", [["--config", "FILE", "db", "current"], ["db", "current", "--config", "FILE"]])
def test_the_configuration_is_named_before_or_after_the_command(tmp_path: Path, order: list[str]) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Folder(elsewhere).call("db", "upgrade")
    (tmp_path / "empty").mkdir()
    arguments = [str(elsewhere / "collector.toml") if word == "FILE" else word for word in order]
    assert Folder(tmp_path / "empty").call(*arguments).out == f"{HEAD} (this program: {HEAD})\n"


def test_the_configuration_is_found_where_it_usually_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    file = tmp_path / "collector.toml"
    text = file.read_text("utf-8")
    file.unlink()
    for place in (tmp_path / "config", tmp_path / ".config" / "collector"):
        place.mkdir(parents=True)
        (place / "collector.toml").write_text(text, "utf-8")
        assert folder.call("db", "current").code == 0
        (place / "collector.toml").unlink()
    monkeypatch.setenv("COLLECTOR_CONFIG", "other.toml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.toml").write_text(text, "utf-8")
    assert call("db", "current").code == 0


def test_no_configuration_anywhere_names_where_it_was_looked_for_and_what_to_do(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "collector.toml").unlink()
    refusal = folder.call("poll").refusal()
    looked = f"collector.toml, config/collector.toml, {tmp_path}/.config/collector/collector.toml"
    assert refusal == f'no configuration found (looked for {looked}); "collector init" writes one'


@pytest.mark.parametrize("order", [["--quiet", "tick"], ["tick", "--quiet"]])
def test_quiet_says_only_what_is_wrong(tmp_path: Path, server: FakeServer, order: list[str]) -> None:
    folder = Folder(tmp_path, server)
    done = folder.call(*order)
    assert (done.code, done.out, done.err) == (0, "", "")
    server.down()
    folder.write(polling={"interval": "1s"})
    assert "cannot be reached" in folder.call("poll", "--quiet").err
    server.up()


@pytest.mark.parametrize("order", [["--verbose", "poll"], ["poll", "--verbose"]])
def test_verbose_adds_the_log_to_standard_error(tmp_path: Path, server: FakeServer, order: list[str]) -> None:
    done = Folder(tmp_path, server).call(*order)
    assert 'INFO round source="server 1"' in done.err
    assert done.out.startswith("source\t")


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    for number in range(300):
        server.publish(f"Number {number}. {'x' * 500}", at=now())
    assert folder.call("poll").code == 0
    commands = ["export", "export --format jsonl", "digest list", "status", "--help", "export --data-dictionary"]
    for command in commands:
        piped = f"set -o pipefail; {sys.executable} -m collector {command} | head -c 1 > /dev/null"
        done = subprocess.run(
            ["bash", "-c", piped], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.parametrize("command", ["export", "status", "digest show", "export --data-dictionary", "--version"])
def test_standard_output_on_a_full_disk_is_one_line(tmp_path: Path, server: FakeServer, command: str) -> None:
    folder = Folder(tmp_path, server)
    server.publish("The ramp is a step.", at=now())
    folder.call("poll")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "collector", *command.split()],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.lower().strip().startswith("collector: standard output: ")
    assert done.stderr.lower().strip().endswith("no space left on device")
    assert done.stderr.count("\n") == 1


def test_every_script_reaches_a_pipe_whatever_the_locale(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("Nid 'cyd-gynhyrchu' yw hyn: 共同生产 \N{PARTY POPPER}", at=now())
    folder.call("poll")
    for locale in ("ascii", "cp1252"):
        done = subprocess.run(
            [sys.executable, "-m", "collector", "export"],
            cwd=tmp_path,
            env=environment(tmp_path, PYTHONIOENCODING=locale),
            capture_output=True,
            check=True,
        )
        assert "共同生产 \N{PARTY POPPER}" in done.stdout.decode()


def test_interrupted_it_says_so_in_one_line(tmp_path: Path, server: FakeServer) -> None:
    import signal

    from running import wait_until

    folder = Folder(tmp_path, server)
    server.stall_next(60)
    with subprocess.Popen(
        [sys.executable, "-m", "collector", "poll"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until(server.asked)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err.strip()) == (1, "", "collector: stopped")
    assert folder.call("status").code == 0


def test_it_runs_as_a_module_and_imports_nothing_heavy_for_its_help() -> None:
    code = (
        "import sys\nfrom collector.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'mastodon', 'httpx', 'apscheduler', 'pydantic', 'rich', 'jinja2', 'alembic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
