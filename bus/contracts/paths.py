"""Where elements may stand in a contract, read from its XSD without compiling it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_ROOTS: Final = ("BusinessContent", "ReturnContent")
_NAMED: Final = ("element", "complexType", "group")
_OPEN: Final = "anyType"
ANYTHING: Final = "*"
"""The last step of a path below which a contract does not say what stands."""


def paths_of(xsd: _Element) -> frozenset[str]:
    """The paths of all elements of a whole XSD, from BusinessContent or ReturnContent on."""
    named = {
        (kind, one.get("name", "")): one for kind in _NAMED for one in xsd.findall(f"{_XSD}{kind}")
    }
    found: set[str] = set()
    for root in _ROOTS:
        if (declared := named.get(("element", root))) is not None:
            found.update(_below(declared, root, named, ()))
    return frozenset(found)


def _below(
    declared: _Element,
    path: str,
    named: Mapping[tuple[str, str], _Element],
    seen: tuple[str, ...],
) -> Iterator[str]:
    """The path of an element and of all below it; a type that holds itself is entered once."""
    yield path
    type_ = _local(declared.get("type", ""))
    if type_ in seen:
        return
    if type_ == _OPEN or not (type_ or _says_what(declared)):
        yield f"{path}/{ANYTHING}"
    holder = named.get(("complexType", type_)) if type_ else declared
    if holder is not None:
        yield from _children(holder, path, named, (*seen, type_) if type_ else seen)


def _children(
    holder: _Element,
    path: str,
    named: Mapping[tuple[str, str], _Element],
    seen: tuple[str, ...],
) -> Iterator[str]:
    for each in holder:
        if each.tag == f"{_XSD}element":
            called = each.get("name") or _local(each.get("ref", ""))
            declared = each if each.get("name") else named.get(("element", called), each)
            yield from _below(declared, f"{path}/{called}", named, seen)
            continue
        if each.tag == f"{_XSD}any":
            yield f"{path}/{ANYTHING}"
        for kind, given in (("complexType", each.get("base")), ("group", each.get("ref"))):
            name = _local(given or "")
            other = named.get((kind, name))
            if other is not None and name not in seen:
                yield from _children(other, path, named, (*seen, name))
        yield from _children(each, path, named, seen)


def _says_what(declared: _Element) -> bool:
    """Whether an element without the name of a type has one of its own."""
    return any(each.tag in {f"{_XSD}complexType", f"{_XSD}simpleType"} for each in declared)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
