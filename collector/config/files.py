"""Finding the configuration file, and reading it as TOML."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from collector.config.syntax import explain
from collector.errors import ConfigError

FILE_NAME = "collector.toml"
VARIABLE = "COLLECTOR_CONFIG"

_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def find_file(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The file to read, relative to `cwd` where it was named or found so; ConfigError where there is none."""
    named = path or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is not None:
        return named
    candidates = [Path(FILE_NAME), Path("config", FILE_NAME), *user_files(environ, sys.platform)]
    for candidate in candidates:
        if _is_there(cwd / candidate):
            return candidate
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise ConfigError(f'no configuration found (looked for {looked}); "collector init" writes one')


def user_files(environ: Mapping[str, str], platform: str) -> list[Path]:
    """Where the configuration of a person, rather than of a folder, stands on this kind of system."""
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME")
    if platform == "win32":
        base = environ.get("APPDATA") or (home and f"{home}/AppData/Roaming")
    elif platform == "darwin":
        base = home and f"{home}/Library/Application Support"
    else:
        base = environ.get("XDG_CONFIG_HOME") or (home and f"{home}/.config")
    return [Path(base, "collector", FILE_NAME)] if base else []


def _is_there(path: Path) -> bool:
    """True also for what cannot be looked at: reading it then says why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def read_toml(path: Path, *, name: str) -> dict[str, object]:
    """The file's tables; ConfigError, with the file called `name`, where it cannot be read or is not TOML."""
    text = _read_text(path, name)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{name}: not TOML: nested too deeply") from None
    except ValueError as error:
        raise ConfigError(_syntax_line(str(error), text, name)) from None


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {(error.strerror or str(error)).lower()}") from None


def _syntax_line(message: str, text: str, name: str) -> str:
    position = _POSITION.search(message)
    if position is None:
        return f"{name}: not TOML: a value that cannot be read"
    lines = text.rstrip("\n").split("\n")
    number = min(int(position["line"] or len(lines)), len(lines))  # what is missing at the end is missed in the last
    return f"{name}: line {number}: not TOML: {explain(message[: position.start()], lines[number - 1])}"
