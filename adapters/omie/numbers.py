"""JSON as Omie writes it, its numbers as Decimal: no quantity ever becomes a float."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

Record = Mapping[str, object]
"""A record of a service: texts, numbers, and lists and records of them, by field."""

_HELD = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def written(value: object) -> bytes:
    """JSON, in which a Decimal is a number with all its places."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_held)
    return _HELD.sub(r"\1", text).encode()


def read_json(body: bytes) -> object:
    """What JSON says; ValueError where it is none."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _held(value: object) -> str:
    """A number as a text that no text of a message can be: XML has no such character."""
    if isinstance(value, Decimal) and value.is_finite():
        return f"\x00{value:f}\x00"
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
