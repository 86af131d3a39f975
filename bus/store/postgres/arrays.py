"""Columns of values as PostgreSQL reads arrays: one text a column, however many rows there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import orjson

_CONTROLS: Final = re.compile(r'\\[^"\\]')
"""An escape of JSON that means something else in an array, or may be one."""
NUL: Final = "\x00"
SHOWN_NUL: Final = "\ufffd"
"""What is kept of a NUL, which no text of PostgreSQL can hold."""


def array_of(values: Sequence[object]) -> str:
    """An array of texts, numbers or truth values; TypeError for what is no Unicode.

    JSON writes them alike but for control characters, and is written much quicker.
    """
    text = orjson.dumps(values).decode()
    if _CONTROLS.search(text):
        return "{" + ",".join(map(_element, values)) + "}"
    return "{" + text[1:-1] + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace(NUL, SHOWN_NUL)
    return f'"{escaped}"'
