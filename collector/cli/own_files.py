"""Files that no command writes over: a table in their place would be the end of a collection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from collector.cli.calling import this_call
from collector.errors import OutputError

if TYPE_CHECKING:
    from collector.app import App


def refuse_own_file(app: App, output: str, *beside: Path | None) -> None:
    """OutputError where what is to be written, or what comes `beside` it, is the database or another file of ours."""
    from collector.config.files import find_file

    configuration = find_file(this_call().config, os.environ, Path.cwd())
    own = (app.database.path, app.memory.file, app.readership.refusals, configuration)
    places = () if output == "-" else (Path(output), *beside)
    if {path.resolve() for path in places if path} & {path.resolve() for path in own if path is not None}:
        raise OutputError(f"{output}: is the collector's own file; name another one")
