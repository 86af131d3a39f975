"""The content of a message as a tree of plain values, for who speaks no XML: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Element:
    """A name with its text, or with children in their order; of a list, each item is a child.

    Names are without a namespace. Paths are as in `Document.values`, below the element: `Code`,
    `ListOfItems/Item`.
    """

    name: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Element, ...] = ()

    def first(self, path: str) -> Element | None:
        """The first element at a path; None where there is none."""
        return next(_at(self, path), None)

    def all(self, path: str) -> tuple[Element, ...]:
        """Every element at a path, in order."""
        return tuple(_at(self, path))

    def text_at(self, path: str) -> str:
        """The first text at a path, its own at an empty one; empty where there is none."""
        found = self.first(path) if path else self
        return found.text if found else ""


def _at(element: Element, path: str) -> Iterator[Element]:
    name, _, rest = path.partition("/")
    for child in element.children:
        if child.name != name:
            continue
        if rest:
            yield from _at(child, rest)
        else:
            yield child
