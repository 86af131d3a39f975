"""Which element a place of a text is in that need not be well-formed."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    rb"<(?:!\[CDATA\[(?:.*?\]\]>|.*)|!--(?:.*?-->|.*)|\?(?:.*?\?>|.*)"
    rb"|(?P<end>/)?(?P<name>[^\s/<>!?]++)(?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*+>)",
    re.DOTALL,
)
"""A section, comment or instruction whole, or a tag; what is never closed is taken to the end."""


def element_at_end(text: bytes) -> str:
    """The path of the element that is open where a text in UTF-8 ends; empty where none is."""
    names: list[str] = []
    for tag in _MARKUP.finditer(text):
        if tag["end"]:
            del names[-1:]
        elif tag["name"] and not tag[0].endswith(b"/>"):
            names.append(tag["name"].decode("utf-8", "replace").rpartition(":")[2])
    return "".join(f"/{name}" for name in names)
