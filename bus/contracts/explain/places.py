"""Where a contract has its elements: what may stand below which, and what was probably meant."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from bus.core.suggest import FEW, listed, nearest
from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_ELEMENT: Final = f"{_XS}element"
_ATTRIBUTE: Final = f"{_XS}attribute"
_MOST: Final = 5_000
"""Elements of an XSD; of a larger one nothing is said, which would take too long."""
OUT_OF_ORDER: Final = Text(
    "Ponha-o na ordem do contrato, ou retire-o.",
    "Put it in the order of the contract, or remove it.",
)
ONE_ONLY: Final = Text(
    "Deixe só um: o contrato aceita um ou outro.", "Keep one: the contract takes one or the other."
)
_NOT_HERE: Final = Text(
    "Retire-o: o contrato não o aceita aqui.", "Remove it: the contract does not take it here."
)
_NOWHERE: Final = Text(
    "Retire-o: o contrato não o tem em lugar nenhum.",
    "Remove it: the contract has it nowhere at all.",
)
_SOME: Final = Text("algum elemento", "some element")
_ONE_OF: Final = Text("um destes: {names}", "one of these: {names}")
_NO_ATTRIBUTE: Final = Text("nenhum atributo", "no attribute")


class Places:
    """What an XSD lets stand in each element, by names: those of one name count as one."""

    def __init__(self, xsd: _Element) -> None:
        self._xsd = xsd
        self._inside: dict[_Element, frozenset[str]] = {}

    @cached_property
    def _declared(self) -> dict[str, list[_Element]]:
        """The declarations of each name; none where there are too many to look at."""
        found: dict[str, list[_Element]] = {}
        for count, declared in enumerate(self._xsd.iter(_ELEMENT)):
            if count >= _MOST:
                return {}
            if name := declared.get("name"):
                found.setdefault(name, []).append(declared)
        return found

    @cached_property
    def _named(self) -> dict[str, _Element]:
        """The types and groups that others refer to."""
        return {name: each for each in self._xsd if (name := each.get("name")) and not _is(each)}

    def attributes(self, element: str) -> str | Text:
        """The attributes that an element may have."""
        names = {name[1:] for name in self._names_in(element) if name.startswith("@")}
        return listed(sorted(names)) or _NO_ATTRIBUTE

    def advice(self, tag: str, parent: str) -> Text:
        """What to do with an element that may not stand below another."""
        namespace, brace, name = tag.rpartition("}")
        inside = {each for each in self._names_in(parent) if not each.startswith("@")}
        if name in inside:
            return no_namespace(name) if namespace and brace else OUT_OF_ORDER
        if meant := nearest(name, inside):
            return Text(
                f"Seria <{meant}>? Se não, retire o elemento, que o contrato não tem aqui.",
                f"Is <{meant}> meant? If not, remove the element: the contract has none here.",
            )
        return self._elsewhere(name) if self._declared else _NOT_HERE

    def _elsewhere(self, name: str) -> Text:
        holding = (each for each in self._declared if name in self._names_in(each))
        places = [f"<{each}>" for each in islice(holding, FEW)]
        if not places:
            return _NOWHERE
        return Text(
            f"O contrato o tem em {' ou '.join(places)}: ponha-o lá, ou retire-o.",
            f"The contract has it in {' or '.join(places)}: put it there, or remove it.",
        )

    def _names_in(self, element: str) -> frozenset[str]:
        """The names of what an element may hold; of attributes they begin with @."""
        declared = self._declared.get(element, ())
        return frozenset[str]().union(*(self._names_below(each) for each in declared))

    def _names_below(self, part: _Element) -> frozenset[str]:
        """The same of a part of the XSD: a declaration, a type, a group."""
        if part not in self._inside:
            self._inside[part] = frozenset()  # a type that holds itself
            self._inside[part] = frozenset(self._found_below(part))
        return self._inside[part]

    def _found_below(self, part: _Element) -> Iterator[str]:
        for referring in ("type", "base"):
            named = self._named.get(part.get(referring, "").rpartition(":")[2])
            if named is not None:
                yield from self._names_below(named)
        for each in part.iterchildren(f"{_XS}*"):
            name = (each.get("name") or each.get("ref") or "").rpartition(":")[2]
            if _is(each):
                yield name
            elif each.tag == _ATTRIBUTE:
                yield f"@{name}"
            elif each.get("ref"):
                referred = self._named.get(name)
                yield from self._names_below(referred) if referred is not None else ()
            else:
                yield from self._names_below(each)


def _is(part: _Element) -> bool:
    return part.tag == _ELEMENT


def possible(names: Sequence[str]) -> str | Text:
    """Elements that could stand somewhere: a few of them."""
    return listed(_plain(names), FEW) or _SOME


def missing(names: Sequence[str], *, one: bool) -> str | Text:
    """Elements that must stand somewhere: all of them, or one only."""
    told = listed(_plain(names))
    return _ONE_OF.filled(names=told) if one and told else told or _SOME


def _plain(names: Sequence[str]) -> list[str]:
    """Without what validators write for elements of any name."""
    return [name for name in names if "*" not in name and "##" not in name]


def no_namespace(name: str) -> Text:
    """What to do with a name that stands in a namespace, as none of a standard message does."""
    return Text(
        f"<{name}> não leva namespace: retire o xmlns.",
        f"<{name}> takes no namespace: remove the xmlns.",
    )
