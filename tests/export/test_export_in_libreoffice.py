"""The CSV as a spreadsheet opens it: LibreOffice itself, where this machine has it."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from making_export import make_export_row

from collector.export import open_output, select_columns, write

OFFICE = shutil.which("soffice")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
HOSTILE = [
    "=1+1",
    '=HYPERLINK("https://evil.example","read on")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-1, said the committee",
    "+1",
    "\t=1",
    "\n=1",
    " =1",
    "\x00=1",
    "'=1",
    "＝1",
    "a;=1+1;b",
    "a\t=1+1\tb",
    'a "quoted", text\nover\r\nlines;\t=1',
]

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")


def opened(path: Path, folder: Path, separators: str) -> list[list[ET.Element]]:
    """The cells of every row, as LibreOffice reads them with these separators (as codes of characters)."""
    subprocess.run(
        [
            str(OFFICE),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            f"--infilter=CSV:{separators},34,76",
            "--convert-to",
            "fods",
            "--outdir",
            str(folder),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    rows = ET.parse(folder / f"{path.stem}.fods").iter(f"{TABLE}table-row")
    return [[cell for cell in row.iter(f"{TABLE}table-cell") for _ in range(repeated(cell))] for row in rows]


def repeated(cell: ET.Element) -> int:
    """Like cells side by side are written once."""
    return int(cell.get(f"{TABLE}number-columns-repeated", "1"))


@pytest.mark.parametrize("separators", ["44", "44/59/9"], ids=["comma", "comma, semicolon and tab"])
@pytest.mark.parametrize("for_excel", [False, True])
def test_a_spreadsheet_runs_nothing_and_loses_no_row(tmp_path: Path, separators: str, for_excel: bool) -> None:
    columns = select_columns("uri,author_name,text,media_alt_texts,likes")
    path = tmp_path / "posts.csv"
    with open_output(str(path)) as out:
        rows = (make_export_row(author_name=text, text=text, media_alt_texts=(text, text)) for text in HOSTILE)
        write("csv", rows, out, columns, for_excel=for_excel)
    read = opened(path, tmp_path, separators)
    assert [len(cells) for cells in read] == [len(columns)] * (len(HOSTILE) + 1)
    assert [cell.get(f"{TABLE}formula") for cells in read for cell in cells] == [None] * len(columns) * len(read)
