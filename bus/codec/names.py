"""The element names of the envelope: any letter case is read, one is written.

Reading puts the tree itself into the strict spelling and order, so that conditions, hashes and what
is written speak of one form. The content of a message is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lxml.etree import _Element


_FEW = 4


class ElementNames:
    """The names looked for under a parent, in their strict order.

    They are found in any letter case; each of `others` means one of them too.
    """

    def __init__(self, *strict: str, **others: str) -> None:
        lower = {name.lower(): name for name in strict}
        lower |= {other.lower(): name for other, name in others.items()}
        self.strict = lower | {name: name for name in strict}
        self.rank = {name: place for place, name in enumerate(strict)}
        few = strict if len(strict) <= _FEW else ()
        self.orders = {order for count in range(len(few) + 1) for order in combinations(few, count)}
        """All that may be found in the strict order; of the parents that are put into it."""


def children(parent: _Element, names: ElementNames) -> dict[str, _Element]:
    """The first child of each name, renamed where it is spelt otherwise; in the order found."""
    found: dict[str, _Element] = {}
    strict = names.strict
    for child in parent:
        tag: str = child.tag  # type: ignore[assignment]  # the parser drops what has no name
        name = strict.get(tag) or strict.get(tag.lower())
        if name and name not in found:
            found[name] = child
            if name != tag:
                child.tag = name
    return found


def arranged(parent: _Element, names: ElementNames) -> dict[str, _Element]:
    """The first child of each name, as in `children`, put into the strict order."""
    found = children(parent, names)
    if tuple(found) not in names.orders:
        for name in sorted(found, key=names.rank.__getitem__, reverse=True):
            parent.insert(0, found[name])
    return found


def each(parent: _Element, name: str) -> Iterator[_Element]:
    """The children of one name in any letter case, renamed where they are spelt otherwise."""
    for child in parent:
        if child.tag == name:
            yield child
        elif tag_of(child).lower() == name.lower():
            child.tag = name
            yield child


def below(parent: _Element, path: str) -> Iterator[_Element]:
    """The elements at a path such as `A/B`, as it is spelt."""
    # By child iteration: XPath and find cost several times as much.
    name, _, rest = path.partition("/")
    for child in parent.iterchildren(name):
        if rest:
            yield from below(child, rest)
        else:
            yield child


def by_lower_name(parent: _Element) -> dict[str, _Element]:
    """The last child of each name in lower case; nothing is renamed."""
    return {tag_of(child).lower(): child for child in parent}


def attribute(element: _Element, name: str) -> str:
    """An attribute by its lower-case name, in any letter case; empty where there is none."""
    value = element.get(name)
    if value is not None:
        return value
    return next((text for key, text in element.items() if key.lower() == name), "")


def text_of(element: _Element | None) -> str:
    """The text of an element; empty where there is no element or no text."""
    return "" if element is None else element.text or ""


def tag_of(element: _Element) -> str:
    """The tag of an element, `{namespace}name`: always a text, as comments are never kept."""
    return cast("str", element.tag)


def local_name(element: _Element) -> str:
    """The name of an element without its namespace."""
    return tag_of(element).rpartition("}")[2]
