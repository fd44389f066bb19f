"""What is not TOML, said for somebody who has never heard of it. Pure.

The reader's own words name what it expected; what people get wrong are a few things, which show in the line itself. A
value is never repeated: it may be a secret.
"""

from __future__ import annotations

import re

_KEY = re.compile(r"""\s*(?P<key>[\w.-]+|"[^"]*"|'[^']*')\s*=\s*(?P<value>.*)""")
_TEXT = "text needs quotation marks"
_PLAIN: tuple[tuple[str, str], ...] = (
    ("Illegal character '\\n'", "a quotation mark is not closed"),
    ("Illegal character '\\r'", "a quotation mark is not closed"),
    ("Unterminated string", "a quotation mark is not closed, here or above"),
    ("Illegal character", "a character that cannot stand there; some editors show them"),
    ("Expected \"'", "a quotation mark is not closed, here or above"),
    ("Cannot declare", "this table is there already: its keys belong together, under one heading"),
    ("Expected '=' after a key", "neither a key with = and a value, nor a [table]"),
    ("Invalid statement", "neither a key with = and a value, nor a [table]"),
    ("Expected ']", "the name of a table is not closed with as many ] as opened it"),
    ("Unclosed array", "a list before it is not closed with ]"),
    ("Unescaped '\\'", "a \\ between these quotation marks has to be \\\\, or the text has to stand in '…'"),
    ("Invalid hex value", "a \\ between these quotation marks has to be \\\\, or the text has to stand in '…'"),
)


def explain(message: str, line: str) -> str:
    """What is wrong in this line, with the key if it has one, where the reader of TOML said `message`."""
    found = _KEY.fullmatch(line.rstrip())
    key, value = (found["key"], found["value"]) if found else ("", line.strip())
    if message.startswith("Cannot overwrite"):
        return f"{key or 'a key'} is there a second time: each key stands once in its table"
    if message.startswith(("Invalid value", "Expected newline")):
        return _explain_value(key, value, message)
    return next((words for beginning, words in _PLAIN if message.startswith(beginning)), message)


def _explain_value(key: str, value: str, message: str) -> str:
    told = f"{key}: " if key else ""
    if not value or value.startswith("#"):
        return f"{told}no value stands behind the ="
    if value.lower() in {"true", "false"}:
        return f"{told}{value.lower()} is written in small letters"
    if value[0] in "“”„‘’‚«»":
        return f"{told}{_TEXT}, and straight ones"
    if message.startswith("Expected newline") and value[0] in "\"'[{":
        return f"{told}something stands behind its value"
    example = '["…"]' if value[0] == "[" else '"…"'
    return f"{told}{_TEXT}, as in {key} = {example}" if key else _TEXT
