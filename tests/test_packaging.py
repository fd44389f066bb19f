"""The wheel, as users get it: built here, installed without development tools, and run from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from layout import ROOT, imported_packages, source_files
from requiring import is_required, needs

import collector

SLOW = "it makes fresh environments with packages from the network: COLLECTOR_TEST_REQUIRE=wheel runs it"
in_fresh_environments = needs("wheel", is_there=False, reason=SLOW)
WHAT_TRAVELS = {  # in the wheel: in the checkout
    "collector/_config": "config",
    "collector/_migrations": "migrations",
    "collector/demo/recordings": "collector/demo/recordings",
    "collector/render/templates": "collector/render/templates",
}
ELSEWHERE = ("COLLECTOR", "PYTEST", "PYTHON")  # variables that would lead a program back here


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, away from this checkout and its environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
    env = clean | {"HOME": str(cwd), "PIP_CACHE_DIR": _pip_cache()}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _pip_cache() -> str:
    """Where this person's pip keeps what it has fetched already."""
    return os.environ.get("PIP_CACHE_DIR") or str(Path("~/.cache/pip").expanduser())


def use(program: Path, folder: Path) -> None:
    """The program from an empty folder: it names its version, plays the demo, and knows its own schema."""
    folder.mkdir()
    assert run(program, "--version", cwd=folder) == f"collector, version {collector.__version__}\n"
    run(program, "demo", cwd=folder)
    assert (folder / "collector-demo" / "digest.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    run(program, "init", "--yes", cwd=folder)
    assert run(program, "db", "upgrade", cwd=folder).startswith("schema ")
    assert run(program, "db", "current", cwd=folder).partition(" ")[0].isdigit()


def install(programs: Path, *what: str) -> None:
    """Puts this into an environment."""
    run(programs / "python", "-m", "pip", "install", "-q", "--no-compile", *what, cwd=programs.parent)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of the source distribution, so that this is proven whole too."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@in_fresh_environments
def test_the_wheel_holds_everything_that_the_program_reads_and_nothing_of_the_workshop(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for inside, folder in WHAT_TRAVELS.items():
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        assert {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in files} <= names
    assert "collector/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or "tests" in Path(name).parts]
    assert {Path(name).parts[0] for name in names} == {
        "collector",
        f"hashtag_collector-{collector.__version__}.dist-info",
    }


@in_fresh_environments
def test_the_wheel_alone_does_the_whole_job_and_so_does_an_editable_installation(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    programs = tmp_path / "venv" / Path(sysconfig.get_path("scripts")).name
    install(programs, str(wheel))
    use(programs / "collector", tmp_path / "empty")
    install(programs, "--no-deps", "--force-reinstall", "-e", str(ROOT))
    use(programs / "collector", tmp_path / "another")


@pytest.mark.skipif(is_required("wheel"), reason="the whole is tested instead")
def test_this_installation_does_the_whole_job(tmp_path: Path) -> None:
    program = Path(sysconfig.get_path("scripts")) / "collector"
    if not program.exists():
        pytest.skip("the collector is not installed in this environment")
    use(program, tmp_path / "empty")


def test_everything_that_is_imported_is_asked_for_by_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {_name(requirement) for requirement in project["dependencies"]}
    known = packages_distributions()
    foreign = imported_packages(source_files("collector", "migrations")) - sys.stdlib_module_names - {"collector"}
    unnamed = {package for package in foreign if not asked & {_normal(name) for name in known.get(package, [])}}
    assert unnamed - {"pydantic_core"} == set()  # pydantic's own other half, which it pins


def _name(requirement: str) -> str:
    return _normal(requirement.partition(">")[0].partition("[")[0].strip())


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
