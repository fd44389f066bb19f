"""Packages that add a kind of source, installed for tests as an installer would: without one, and without a network."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

GUESTBOOK = Path(__file__).parent / "plugins" / "guestbook"


def install(package: Path, into: Path) -> Path:
    """Puts a package's modules into a folder, with the metadata by which Python finds its entry points."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    into.mkdir(parents=True, exist_ok=True)
    for module in package.glob("*.py"):
        shutil.copy(module, into)
    about = into / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(metadata, encoding="utf-8")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (about / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return into
