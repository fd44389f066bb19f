"""Secrets: a key `x` may also be given as `x_file`, a file that holds it, or `x_env`, a variable that does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.config.faults import Fault, Place, type_name

UNREADABLE = ""  # stands for a secret whose fault is already told
LARGEST_FILE = 65_536  # characters: a secret is a line; reading a film by mistake should not take all memory

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # what is safe to repeat: a secret put there by mistake looks otherwise


def spellings(name: str) -> tuple[str, str, str]:
    """The keys that can give the secret `name`."""
    return name, f"{name}_file", f"{name}_env"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretPlaces:
    """Where secrets are looked for: files from `folder` on, and variables."""

    folder: Path
    environ: Mapping[str, str]


def resolve_secret(
    table: Mapping[str, object], name: str, places: SecretPlaces, where: Place
) -> tuple[dict[str, object], list[Fault]]:
    """The table with `name` itself in place of `name_file` or `name_env`, and what is wrong with it."""
    given = [key for key in spellings(name) if key in table]
    rest = {key: value for key, value in table.items() if key not in given}
    if not given:
        return rest, []
    try:
        return rest | {name: _secret(table, name, given, places)}, []
    except ValueError as error:
        fault = Fault(where=(*where, given[-1]), what=str(error), accepted=f"one of {', '.join(spellings(name))}")
        return rest | {name: UNREADABLE}, [fault]


def _secret(table: Mapping[str, object], name: str, given: list[str], places: SecretPlaces) -> str:
    if len(given) > 1:
        raise ValueError(f"the same secret twice ({' and '.join(given)})")
    value = table[given[0]]
    if not isinstance(value, str):
        raise ValueError(f"wrong type ({type_name(value)})")  # noqa: TRY004 (a fault to report, as all others)
    plain, in_file, _ = spellings(name)
    if given[0] == plain:
        return _checked(value, "it is empty")
    if given[0] == in_file:
        return _checked(_from_file(places.folder, value).strip(), "the file it names is empty")
    named = f"the variable {value}" if _VARIABLE.fullmatch(value) else "the variable it names"
    return _checked(places.environ.get(value, ""), f"{named} is not set or empty")


def _checked(secret: str, if_empty: str) -> str:
    if not secret.strip():
        raise ValueError(f"missing secret: {if_empty}")
    if not secret.isprintable():
        raise ValueError("not a secret: it holds more than a line of text")
    return secret


def _from_file(folder: Path, name: str) -> str:
    """What the file holds. Messages leave its name out: somebody may have put the secret itself there."""
    looked = "" if Path(name).is_absolute() else f" (looked for in {folder})"
    try:
        with (folder / name).open(encoding="utf-8-sig") as file:
            return file.read(LARGEST_FILE)
    except UnicodeDecodeError:
        raise ValueError("missing secret: the file it names is not UTF-8 text") from None
    except OSError as error:
        reason = (error.strerror or "no file").lower()
        raise ValueError(f"missing secret: the file it names cannot be read{looked}: {reason}") from None
    except ValueError:  # a null character
        raise ValueError("missing secret: not a file's name") from None
