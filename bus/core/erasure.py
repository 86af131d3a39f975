"""What an erasure leaves of what people and programs said: codes, places and keys, no words (LGPD).

It also says how somebody's number is found: with or without its points, in whatever encoding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bus.core.errors import Fault

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_BETWEEN: Final = rb"[.\-/ ]?"
_WITHIN: Final = rb"[0-9A-Za-z]"


def number_in(value: str) -> str:
    """The letters and digits of a CPF or CNPJ, however it is written; empty where it is neither."""
    found = re.sub(r"[.\-/ ]", "", value.strip())
    return found.upper() if re.fullmatch(r"\d{11}|[0-9A-Za-z]{12}\d{2}", found) else ""


def pattern_of(number: str) -> re.Pattern[bytes]:
    """What finds a number in bytes: written with points or without, and not within a longer one."""
    each = _BETWEEN.join(re.escape(one.encode()) for one in number)
    return re.compile(rb"(?<!%b)%b(?!%b)" % (_WITHIN, each, _WITHIN), re.IGNORECASE)


def plain_of(content: bytes) -> bytes:
    """Bytes in which digits and letters are themselves: those of UTF-16 have zeros between."""
    return content.replace(b"\0", b"")


def without_words(fault: Fault) -> Fault:
    """A fault with its code and place, and nothing of what was seen there."""
    return Fault(fault.code, fault.path, fault.line)


def code_alone(said: str) -> str:
    """A code, or a reason of the bus; nothing of what a person wrote."""
    return said if _CODE.fullmatch(said) else ""


def data_without_words(data: Mapping[str, object]) -> dict[str, object]:
    """What a fact tells, with no details of a fault in it."""
    told = {name: _without_words(each) for name, each in data.items()}
    return told | {"details": {}} if {"code", "details"} <= told.keys() else told


def _without_words(value: object) -> object:
    if isinstance(value, Mapping):
        return data_without_words(value)
    if isinstance(value, list | tuple):
        return [_without_words(each) for each in value]
    return value
