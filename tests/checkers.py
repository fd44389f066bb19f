"""Checkers that others keep, from npm: caniemail's data on mail clients, and axe for who reads with other means.

`.ci/run` installs them into the folder .checkers; $COLLECTOR_CHECKERS names another one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from requiring import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(os.environ.get("COLLECTOR_CHECKERS") or Path(__file__).parent.parent / ".checkers").absolute()
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
_CANIEMAIL = FOLDER / "node_modules" / "caniemail"
_HOW = "npm install --prefix .checkers --no-save --no-package-lock"

needs_caniemail = needs(
    "caniemail",
    is_there=_CANIEMAIL.is_dir() and shutil.which("node") is not None,
    reason=f"it needs Node.js and {_HOW} caniemail@2.0.2",
)
needs_axe = needs("axe", is_there=AXE.is_file(), reason=f"it needs {_HOW} axe-core@4.14.1")

_CHECK = """
import { caniemail } from 'caniemail';
let told = '';
for await (const part of process.stdin) told += part;
const { letters, clients } = JSON.parse(told);
const found = new Set();
for (const html of letters) {
  const { issues } = caniemail({ clients, html });
  for (const [degree, byClient] of [['unknown', issues.errors], ['partly', issues.warnings]])
    for (const [client, list] of byClient)
      for (const issue of list) found.add(JSON.stringify([issue.title, degree, client]));
}
console.log(`[${[...found].join(',')}]`);
"""


@dataclass(frozen=True, order=True)
class Finding:
    """Something of HTML or CSS that a client does not know, or knows partly."""

    feature: str
    degree: str  # "unknown" or "partly"
    client: str


def check_clients(letters: Sequence[str], clients: Sequence[str]) -> set[Finding]:
    """What caniemail finds in these letters for clients such as "gmail.*"."""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", _CHECK],
        input=json.dumps({"letters": list(letters), "clients": list(clients)}),
        capture_output=True,
        encoding="utf-8",
        cwd=FOLDER,
        check=True,
    )
    return {Finding(*found) for found in json.loads(done.stdout)}


def find_barriers(page: Page) -> list[str]:
    """What axe has against a page: each rule with the first element that breaks it."""
    page.add_script_tag(path=AXE)
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:200]}" for rule in violations]
