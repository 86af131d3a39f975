"""Where an element stands in a message, as a fault tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.codec.names import local_name, tag_of

if TYPE_CHECKING:
    from lxml.etree import _Element

SHOWN = 60
"""How much of a value or a name a fault shows."""


def path_of(element: _Element) -> str:
    """The path from the root, with [n] among several of a name: `/TOTVSMessage/…/Item[2]`."""
    steps = [_step(each) for each in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def name_of(element: _Element) -> str:
    """The name of an element, cut to what is shown."""
    return local_name(element)[:SHOWN]


def line_of(element: _Element) -> int:
    """The line of an element's start in what was sent; 0 where it is not known."""
    return element.sourceline or 0


def _step(element: _Element) -> str:
    tag = tag_of(element)
    before = sum(1 for _ in element.itersiblings(tag, preceding=True))
    alone = before == 0 and next(element.itersiblings(tag), None) is None
    return name_of(element) if alone else f"{name_of(element)}[{before + 1}]"
