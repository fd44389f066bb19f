"""The house rules that a machine can hold: what lies where, how long things are, what is never said or imported."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import pytest
from layout import ROOT, length, nodes, source_files

TOP = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "collector", "migrations", "config", "tests"}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
LONGEST_FUNCTION = 45
LONGEST_MODULE = 320
LEFT_BEHIND = re.compile(  # notes to oneself, one machine's folders, hosts that only pip's configuration should name
    r"\b([T]ODO|[F]IXME|[X]XX)\b|/(?:[r]oot|[w]ork)/|[p]ypi\.org|[p]ythonhosted\.org"
)


def tracked() -> list[Path]:
    """What git knows of, or would add; everything where this is no checkout."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    command = [git, "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def functions() -> list[tuple[str, int]]:
    return [
        (f"{file.relative_to(ROOT)}:{node.name}", length(node))
        for file in source_files("collector")
        for node in nodes(file)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def test_the_top_level_holds_what_a_newcomer_expects_and_nothing_else() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_nothing_of_the_workshop_is_left_behind() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        if "tests/data" not in path.as_posix() and path.suffix not in {".bin", ".gz"}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if LEFT_BEHIND.search(line)
    ]
    assert found == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in source_files("collector", "tests") if path.stem in VAGUE] == []


def test_every_test_file_has_a_name_of_its_own() -> None:
    names = [path.name for path in source_files("tests")]
    assert sorted(names) == sorted(set(names))


def test_functions_are_short() -> None:
    lengths = [lines for _, lines in functions()]
    assert [name for name, lines in functions() if lines > LONGEST_FUNCTION] == []
    assert median(lengths) <= 10
    assert quantiles(lengths, n=20)[-1] <= 35


def test_modules_hold_one_concept_each() -> None:
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in source_files("collector")}
    assert [str(file) for file, lines in sizes.items() if lines > LONGEST_MODULE] == []


def test_every_test_says_a_sentence() -> None:
    short = [
        f"{file.name}:{node.name}"
        for file in source_files("tests")
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("polling/rounds.py", "from datetime import UTC, datetime\n\nprint(datetime.now(UTC))\n"),
        ("digest/windows.py", "import datetime\n\nprint(datetime.date.today())\n"),
        ("mailing/rounds.py", "import time\n\nprint(time.time())\n"),
        ("export/columns.py", "import sqlalchemy\n\nprint(sqlalchemy)\n"),
        ("app.py", "from sqlalchemy import select\n\nprint(select)\n"),
    ],
)
def test_reading_the_clock_or_speaking_sql_in_the_wrong_room_is_caught(place: str, code: str) -> None:
    pytest.importorskip("ruff", reason="ruff is a development tool")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--select",
        "TID251",
        "--stdin-filename",
        f"collector/{place}",
        "-",
    ]
    done = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "TID251" in done.stdout


def test_storage_may_speak_sql() -> None:
    pytest.importorskip("ruff", reason="ruff is a development tool")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--select",
        "TID251",
        "--stdin-filename",
        "collector/storage/x.py",
        "-",
    ]
    code = "import sqlalchemy\n\nprint(sqlalchemy)\n"
    done = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("place", "code", "contract"),
    [
        ("digest/ranking.py", "import collector.storage.tables\n", "posts travel one way"),
        ("text/links.py", "import collector.config\n", "posts travel one way"),
        ("polling/plan.py", "import collector.mailing.due\n", "posts travel one way"),
        ("mailing/due.py", "import sqlite3\n", "SQL stands in one package"),
        ("overview.py", "import psycopg\n", "SQL stands in one package"),
        ("export/columns.py", "import httpx\n", "the network stands at the two ends"),
    ],
)
def test_an_import_against_the_direction_is_caught(tmp_path: Path, place: str, code: str, contract: str) -> None:
    pytest.importorskip("importlinter", reason="import-linter is a development tool")
    shutil.copytree(ROOT / "collector", tmp_path / "collector", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    module = tmp_path / "collector" / place
    module.write_text(module.read_text(encoding="utf-8") + code, encoding="utf-8")
    lint = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", lint, "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
