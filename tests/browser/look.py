"""Pictures of every kind of letter, for eyes: `python tests/browser/look.py FOLDER`.

Each at three widths, in light and in dark; the usual one also without its style block, and as text.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from making_letters import ENCLOSED, make_letters
from viewing import SCHEMES, launched

from collector.render import render_bodies

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (320, 600, 1200)


def main(folder: Path) -> None:
    """Writes the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for name, digest in make_letters().items():
            bodies = render_bodies(digest, enclosure=ENCLOSED)
            (folder / f"{name}.txt").write_text(bodies.text, encoding="utf-8")
            (folder / f"{name}.html").write_text(bodies.html, encoding="utf-8")
            stripped = re.sub(r"<style.*?</style>", "", bodies.html, flags=re.DOTALL)
            (folder / f"{name}-unstyled.html").write_text(stripped, encoding="utf-8")
            _shoot(browser, folder, name)


def _shoot(browser: Browser, folder: Path, name: str) -> None:
    for scheme in SCHEMES:
        for width in WIDTHS:
            for kind in (name, f"{name}-unstyled") if scheme == "light" else (name,):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page.goto((folder / f"{kind}.html").as_uri())
                page.screenshot(path=folder / f"{kind}-{width}-{scheme}.png", full_page=True)
                page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
