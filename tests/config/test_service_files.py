"""The unit, the container files and the compose file are held to the program that they start."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from smtpserver import free_port

from collector.cli import cli
from collector.config import Listen, build_settings
from collector.probes.pages import HEALTH
from collector.probes.server import Answer, serving

CONFIG = Path(__file__).parents[2] / "config"
UNIT = (CONFIG / "collector.service").read_text(encoding="utf-8")
DOCKERFILE = (CONFIG / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (CONFIG / "compose.yaml").read_text(encoding="utf-8")
ANALYZE = shutil.which("systemd-analyze")


def of_unit(key: str) -> list[str]:
    """The values that the unit gives a key."""
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def parse(words: list[str]) -> None:
    """Reads the words after `collector` as the program would, and does nothing of it."""
    root = click.Context(cli, info_name="collector")
    command = cli.get_command(root, words[0])
    assert command is not None
    command.make_context(words[0], words[1:], parent=root)


def test_the_unit_starts_the_daemon_which_says_when_it_is_ready() -> None:
    program, *words = shlex.split(of_unit("ExecStart")[0])
    assert Path(program).name == "collector"
    assert words[0] == "run"
    parse(words)
    assert of_unit("Type") == ["notify"]
    assert of_unit("KillSignal") == ["SIGTERM"]


def test_the_watchdog_waits_longer_than_the_daemon_is_silent() -> None:
    assert of_unit("WatchdogSec") == ["2min"]  # the daemon speaks at half of it, and each half minute at the latest


def test_the_units_variables_are_read_and_lead_to_the_folder_that_stays(tmp_path: Path) -> None:
    variables = dict(line.replace("%S", "/var/lib").split("=", 1) for line in of_unit("Environment"))
    settings = build_settings({"collector": {"hashtags": ["x"]}}, folder=tmp_path, environ=variables)
    assert settings.database.url == "sqlite:////var/lib/hashtag-collector/collector.db"
    assert settings.mail.outbox == Path("/var/lib/hashtag-collector/outbox")
    assert of_unit("StateDirectory") == ["hashtag-collector"]


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not on this machine")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = of_unit("ExecStart")[0].partition(" ")[0]
    unit = tmp_path / "collector.service"
    unit.write_text(UNIT.replace(f"ExecStart={program}", f"ExecStart={shutil.which('true')}"), encoding="utf-8")
    done = subprocess.run([str(ANALYZE), "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "collector.service" in line]) == (0, [])


def test_the_container_runs_the_daemon() -> None:
    assert 'ENTRYPOINT ["collector"]' in DOCKERFILE
    run = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
    parse(run)
    assert run[0] == "run"


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_container_is_well_when_the_daemon_says_so(tmp_path: Path, status: int, code: int) -> None:
    environ = dict(re.findall(r"(COLLECTOR_HEALTH__[A-Z_]+)=(\S+)", DOCKERFILE))
    listen = build_settings({"collector": {"hashtags": ["x"]}}, folder=tmp_path, environ=environ).health.listen
    program, *words = json.loads(re.findall(r"^ +CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
    here = Listen(host="127.0.0.1", port=free_port())
    page = f"http://{listen}{HEALTH}"
    assert (program, page in words[1]) == ("python", True)
    words[1] = words[1].replace(page, f"http://{here}{HEALTH}")
    with serving(here, {HEALTH: lambda: Answer(status=status, content_type="application/json", body=b"{}")}):
        assert subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode == code


def test_the_container_does_not_run_as_root_and_copies_what_a_wheel_is_made_of() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["collector"]
    copied = {name for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert copied == {"pyproject.toml", "README.md", "LICENSE", "collector", "migrations", "config"}
    assert all((CONFIG.parent / name).exists() for name in copied)


def test_composes_variables_are_read_and_count_as_not_set_while_they_are_empty(tmp_path: Path) -> None:
    variables = dict.fromkeys(re.findall(r"^ +(COLLECTOR_\w+):", COMPOSE, re.MULTILINE), "")
    assert variables
    settings = build_settings({"collector": {"hashtags": ["x"]}}, folder=tmp_path, environ=variables)
    assert settings.database.url == f"sqlite:///{tmp_path}/collector.db"


def test_compose_can_let_another_container_ask_for_metrics(tmp_path: Path) -> None:
    found = re.findall(r'^ +#(COLLECTOR_HEALTH__\w+): "?([^"\n]+)', COMPOSE, re.MULTILINE)
    settings = build_settings({"collector": {"hashtags": ["x"]}}, folder=tmp_path, environ=dict(found))
    assert settings.health.listen == Listen(host="0.0.0.0", port=9464)


def test_composes_database_address_is_one() -> None:
    address = re.findall(r"COLLECTOR_DATABASE__URL=(\S+)", COMPOSE)[0]
    settings = build_settings(
        {"collector": {"hashtags": ["x"]}}, folder=Path(), environ={"COLLECTOR_DATABASE__URL": address}
    )
    assert settings.database.url.startswith("postgresql+psycopg://collector:")
    assert settings.database.url.endswith("@database/collector")
