"""What an erasure leaves of what people and programs said: codes, places and keys, no words (LGPD).

It also says how somebody's number is found: with or without its points, in whatever encoding.
"""

from __future__ import annotations

import html
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from typing import Final

from bus.core.errors import Fault

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_BETWEEN: Final = r"[.\-/ \u00a0\u2010-\u2015\u2212]{0,2}"
_UNSEEN: Final = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
_WRAPPED: Final = 3
"""How often a text may be escaped: by what carries a message, and within it."""


def number_in(value: str) -> str:
    """The letters and digits of a CPF or CNPJ, however it is written; empty where it is neither."""
    found = re.sub(r"[.\-/ ]", "", value.strip())
    return found.upper() if re.fullmatch(r"\d{11}|[0-9A-Za-z]{12}\d{2}", found) else ""


def pattern_of(number: str) -> re.Pattern[str]:
    """What finds a number: written with points or without, padded with zeros, and not within a
    longer one. Letters may touch a number that has none.
    """
    within = "[0-9]" if number.isdigit() else "[0-9A-Za-z]"
    each = _BETWEEN.join(map(re.escape, number))
    return re.compile(rf"(?<!{within})0{{0,4}}{each}(?!{within})", re.IGNORECASE)


def readings_of(content: bytes) -> Iterator[str]:
    """A message as it was written, and as who reads XML or JSON reads it, however it is wrapped.

    In whatever encoding: digits and letters are found in each.
    """
    text = _decoded(content)
    yield text
    for _ in range(_WRAPPED):
        read = html.unescape(_UNSEEN.sub("", text)).replace("\\/", "/")
        read = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), read)
        if read == text:
            return
        yield read
        text = read


def _decoded(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    plain = content.replace(b"\0", b"")  # without a mark UTF-16 has zeros between
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return plain.decode("cp1252", "replace")


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
