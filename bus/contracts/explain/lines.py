"""Writes a message so that whoever reads it finds each element on the line where it was sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

# A start tag, as libxml2 writes it: nothing in it has a > of its own.
_START = re.compile(r"<[^!?/>][^>]*?(?=/?>)")


def with_lines(root: _Element) -> str:
    """The text of a message, with line ends inside its start tags, where they mean nothing."""
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    lines = (element.sourceline or 0 for element in root.iter(etree.Element))
    pieces, begun, line = [], 0, 1
    for tag, meant in zip(_START.finditer(text), lines, strict=True):
        before = text[begun : tag.end()]
        line += before.count("\n")
        ends = max(meant - line, 0)
        pieces += [before, "\n" * ends]
        begun, line = tag.end(), line + ends
    return "".join([*pieces, text[begun:]])
