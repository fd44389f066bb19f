"""What tests of the project's own shape look at: its files, and what stands in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def source_files(*folders: str) -> list[Path]:
    """The modules under these folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported_packages(files: Iterable[Path]) -> set[str]:
    """The first part of every name that is imported, wherever in a file."""
    return {name.partition(".")[0] for file in files for node in nodes(file) for name in _imported(node)}


def nodes(file: Path) -> Iterator[ast.AST]:
    """Everything in a module."""
    return ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file)))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines it takes, from its `def` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1
