"""The JSON form of the standard message: what a contract's XSD says of each element.

A list is an array of its items, whose name the map remembers; an element that may be repeated is an
array, though it stands there once; numbers and booleans are JSON's own where the contract has such
a type. `json_writing` and `json_reading` carry it out, `json_message` adds the envelope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bus.core.contract_diff import Field

TEXT = "#text"
"""The key of the text of an element that has attributes or children too."""
ATTRIBUTE = "@"
"""How the key of an attribute begins."""
NIL = "xsi:nil"
"""What an element that is nil says of itself: the one name of a namespace that JSON carries."""


@dataclass(frozen=True, slots=True)
class ElementShape:
    """What a map says of an element: its type, its children in order, whether it is repeated."""

    name: str
    type: str = ""
    repeated: bool = False
    ordered: bool = False
    attributes: bool = False
    children: dict[str, ElementShape] = field(default_factory=dict)
    """By lower-case name."""

    @property
    def item(self) -> ElementShape | None:
        """The item, where the element is a list of one kind of item and nothing else."""
        only = next(iter(self.children.values())) if len(self.children) == 1 else None
        return only if only and only.repeated and not self.attributes and not self.type else None


UNKNOWN = ElementShape("")
"""Of an element that no contract knows."""

Shapes = Callable[[str, str], Mapping[str, ElementShape]]
"""The map of the contract of a transaction at a version; an empty one where there is none."""


def shapes_of(fields: Mapping[str, Field]) -> dict[str, ElementShape]:
    """The map of a contract: the shapes of BusinessContent and ReturnContent, by name."""
    made: dict[str, ElementShape] = {}
    names = {path.rpartition("/@")[0] for path in fields if "/@" in path}
    for path, told in fields.items():
        parent, _, name = path.rpartition("/")
        if name.startswith("@") or name == "*":
            continue
        plain = not any(step.startswith(("&", "|", "(")) for step in told.order)
        shape = ElementShape(name, told.type, told.most != 1, plain, path in names)
        made[path] = shape
        if parent:
            made[parent].children[name.lower()] = shape
    return {path: shape for path, shape in made.items() if "/" not in path}
