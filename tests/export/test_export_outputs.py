from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from collector.errors import OutputError
from collector.export import open_output

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
either_buffering = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")


def write_to(destination: Path, data: bytes) -> None:
    with open_output(str(destination)) as out:
        out.write(data)


def write_and_raise(destination: Path, reason: type[BaseException]) -> None:
    with open_output(str(destination)) as out:
        out.write(b"half of the n")
        raise reason


def run(script: str, stdout: int = subprocess.PIPE, *, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """Runs what needs an interpreter of its own: limits, and a standard output that fails."""
    return subprocess.run(
        [sys.executable, "-c", f"import resource, sys\nfrom collector.export import open_output\n{script}"],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )


def test_a_finished_export_stands_in_its_place(tmp_path: Path) -> None:
    write_to(tmp_path / "posts.csv", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"posts.csv": b"new"}


def test_a_new_file_has_the_permissions_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_to(tmp_path / "posts.csv", b"new")
    assert (tmp_path / "posts.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_to(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("reason", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_export_leaves_the_old_file(tmp_path: Path, reason: type[BaseException]) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"old")
    with pytest.raises(reason):
        write_and_raise(path, reason)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"posts.csv": b"old"}


def test_what_a_link_points_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"old")
    (tmp_path / "posts.csv").symlink_to("real.csv")
    write_to(tmp_path / "posts.csv", b"new")
    assert (tmp_path / "posts.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


def test_a_device_is_written_to_and_never_replaced() -> None:
    write_to(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"posts\.csv: cannot be written: there is no folder .*missing"):
        write_to(tmp_path / "missing" / "posts.csv", b"new")


def test_a_folder_is_no_place_for_an_export(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Is a directory"):
        write_to(tmp_path, b"new")


def test_a_name_the_system_refuses_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_to(tmp_path / ("a" * 300), b"new")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_folder_that_takes_no_files_is_an_output_error() -> None:
    with pytest.raises(OutputError, match=r"^/proc/self/posts\.csv: cannot be written: "):
        write_to(Path("/proc/self/posts.csv"), b"new")


@needs_permissions
def test_a_folder_without_permission_is_an_output_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write_to(tmp_path / "posts.csv", b"new")
    tmp_path.chmod(0o700)


@needs_permissions
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"old")
    path.chmod(0o400)
    with pytest.raises(OutputError, match="Permission denied"):
        write_to(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"old")
    done = run(
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"with open_output({str(path)!r}) as out:\n    out.write(b'x' * 100_000)"
    )
    assert done.stderr.splitlines()[-1].endswith(f"OutputError: {path}: cannot be written: File too large")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"posts.csv": b"old"}


@needs_dev_full
def test_a_full_device_is_an_output_error() -> None:
    with pytest.raises(OutputError, match="/dev/full: cannot be written: No space left on device"):
        write_to(Path("/dev/full"), b"new")


@either_buffering
def test_a_dash_is_standard_output(unbuffered: str) -> None:
    script = "print('before')\nwith open_output('-') as out:\n    out.write('é\\n'.encode())\nprint('after')"
    done = run(script, unbuffered=unbuffered)
    assert (done.stdout, done.stderr, done.returncode) == ("before\né\nafter\n", "", 0)


CAUGHT = """
try:
    with open_output('-') as out:
        for _ in range({times}):
            out.write(b'x' * 1000)
except BaseException as error:
    sys.exit(f'{{type(error).__name__}}: {{error}}')
"""


@either_buffering
@pytest.mark.parametrize("times", [1, 200])
@needs_dev_full
def test_standard_output_on_a_full_disk_is_one_error(times: int, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(CAUGHT.format(times=times), stdout=full.fileno(), unbuffered=unbuffered)
    assert done.stderr == "OutputError: standard output: cannot be written: No space left on device\n"
    assert done.returncode == 1


@either_buffering
def test_standard_output_that_takes_only_a_part_is_an_error(tmp_path: Path, unbuffered: str) -> None:
    script = "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))\n" + CAUGHT.format(times=2)
    with (tmp_path / "posts.csv").open("wb") as redirected:
        done = run(script, stdout=redirected.fileno(), unbuffered=unbuffered)
    assert done.stderr == "OutputError: standard output: cannot be written: File too large\n"
    assert done.returncode == 1


@either_buffering
@pytest.mark.parametrize("times", [1, 200])
def test_a_reader_that_has_gone_away_is_told_apart_and_told_once(times: int, unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(CAUGHT.format(times=times), stdout=writing, unbuffered=unbuffered)
    os.close(writing)
    assert done.stderr == "BrokenPipeError: [Errno 32] Broken pipe\n"
    assert done.returncode == 1
