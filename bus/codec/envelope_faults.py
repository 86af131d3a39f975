"""What an envelope lacks or has wrong, gathered until all of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bus.codec.names import text_of
from bus.codec.place import line_of
from bus.codec.showing import shown
from bus.core.errors import Fault, SenderFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

T = TypeVar("T")

LONGEST = 255
"""Characters of a text of the envelope by which a message is found, counted or told."""


class EnvelopeFaults(list[Fault]):
    """The faults of one envelope; paths begin at the root."""

    def missing(self, path: str, parent: _Element) -> None:
        """Note that an element (or `@attribute`) is not there, or empty."""
        what = path.rpartition("/")[2]
        line = line_of(parent)
        self.append(Fault("ENVELOPE_INCOMPLETE", path, line, {"what": what}))

    def invalid(self, path: str, element: _Element, value: str, allowed: str) -> None:
        """Note that an element has a value that is not one of those allowed."""
        what = path.rpartition("/")[2]
        details = {"what": what, "value": shown(value, what), "allowed": allowed}
        self.append(Fault("ENVELOPE_INVALID", path, line_of(element), details))

    def second(self, path: str, element: _Element) -> None:
        """Note that a part is there more than once."""
        what = path.rpartition("/")[2]
        self.append(Fault("SECOND_PART", f"{path}[2]", line_of(element), {"what": what}))

    def bounded(self, path: str, element: _Element, text: str) -> str:
        """A text that becomes a key or a label; cut, and a complaint, where it is too long."""
        if len(text) <= LONGEST:
            return text
        what = path.rpartition("/")[2]
        details = {"what": what, "length": str(len(text)), "limit": str(LONGEST)}
        self.append(Fault("ENVELOPE_TOO_LONG", path, line_of(element), details))
        return text[:LONGEST]

    def choice(
        self, path: str, element: _Element | None, parent: _Element, choices: Mapping[str, T]
    ) -> T | None:
        """The value that a text stands for, in any letter case; None and a complaint for others."""
        text = text_of(element).strip()
        chosen = choices.get(text.lower())
        if element is None or not text:
            self.missing(path, parent)
        elif chosen is None:
            allowed = " | ".join(dict.fromkeys(str(value) for value in choices.values()))
            self.invalid(path, element, text, allowed)
        return chosen

    def refusal(self) -> SenderFault:
        """All of them, to be raised."""
        return SenderFault(*self)
