"""Text as XML markup: what must be escaped is, what XML forbids is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_FORBIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_NOT_XML = re.compile(f"[{_FORBIDDEN}]")
_IN_TEXT = re.compile(f"[&<>\r{_FORBIDDEN}]")
_IN_ATTRIBUTE = re.compile(f'[&<>"\t\n\r{_FORBIDDEN}]')
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_MICROSECONDS = 1_000_000


def element_text(text: str) -> str:
    """A text as the content of an element."""
    return text if text.isalnum() else _IN_TEXT.sub(_escape, text)


def attribute_text(text: str) -> str:
    """A text between the double quotes of an attribute."""
    return text if text.isalnum() else _IN_ATTRIBUTE.sub(_escape, text)


def forbidden_in(text: str) -> str:
    """The first character of a text that XML forbids; empty where there is none."""
    found = None if text.isalnum() else _NOT_XML.search(text)
    return found[0] if found else ""


def moment(at: int) -> str:
    """A time in µs since 1970 as the standard writes it: 2026-01-31T12:00:00Z."""
    return _second(at // _MICROSECONDS)


@lru_cache(maxsize=64)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], "")
