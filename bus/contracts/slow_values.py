"""Values whose patterns take the square of their length: they may only have so many characters.

No contract that ships has such a pattern. In one that an installation brings, a longer value could
hold the loop for seconds, whoever sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bus.contracts.patterns import Effort, effort_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

LONGEST: Final = 1_000
"""Characters that such a value may have; a thousand take milliseconds."""
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_DECLARED: Final = (f"{_XS}element", f"{_XS}attribute")
_NAMING: Final = ("type", "base", "itemType", "memberTypes")


class SlowValue(NamedTuple):
    """A value that is too long for its pattern, of an element or of its attribute."""

    element: _Element
    attribute: str
    text: str


class SlowValues:
    """Finds the values of one contract that are too long for their patterns."""

    def __init__(self, xsd: _Element) -> None:
        self._names = _slow_names(xsd)

    def __bool__(self) -> bool:
        """Whether the contract has such a pattern at all."""
        return bool(self._names)

    def found(self, content: _Element) -> Iterator[SlowValue]:
        """Those of a content."""
        for element in content.iter("{*}*"):
            for name, text in element.items():
                if name in self._names and len(text) > LONGEST:
                    yield SlowValue(element, name, text)
            text = element.text or ""
            if len(text) > LONGEST and element.tag in self._names:
                yield SlowValue(element, "", text)


def _slow_names(xsd: _Element) -> frozenset[str]:
    """The elements and attributes whose types, or those they derive from, have such a pattern."""
    slow: set[str] = set()
    declared: set[str] = set()
    waiting = [each for each in xsd.iter(f"{_XS}pattern") if _is_slow(each)]
    while waiting:
        holder = _holder(waiting.pop(), xsd)
        if holder is None:
            continue
        name = holder.get("name", "")
        if holder.tag in _DECLARED:
            declared.add(name)
        elif name and name not in slow:
            slow.add(name)
            waiting += [each for each in xsd.iter(f"{_XS}*") if _names(each, name)]
    return frozenset(declared)


def _is_slow(pattern: _Element) -> bool:
    return effort_of(pattern.get("value", "")) is not Effort.PLAIN


def _holder(element: _Element, xsd: _Element) -> _Element | None:
    """The element, attribute or named type whose values something says something of."""
    around = (element, *element.iterancestors())
    return next((each for each in around if each is not xsd and each.get("name")), None)


def _names(element: _Element, type_: str) -> bool:
    """Whether a part of an XSD names a type of its own."""
    told = (word for naming in _NAMING for word in element.get(naming, "").split())
    return any(word.rpartition(":")[2] == type_ for word in told)
