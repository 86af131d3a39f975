"""The built-in types of the elements and attributes of an XSD, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

SEVERAL: Final = " / "
"""Stands between the types, where elements of one name have several."""
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_TYPES: Final = (f"{_XS}simpleType", f"{_XS}complexType")
# Where the type that an element or a type is derived from may be named, by itself or inside.
_NAMING: Final = (
    ".",
    f"{_XS}restriction",
    f"{_XS}simpleType/{_XS}restriction",
    f"{_XS}simpleContent/*",
    f"{_XS}complexType/{_XS}simpleContent/*",
)
_DEEPEST: Final = 32


def types_by_name(xsd: _Element) -> Mapping[str, str]:
    """What a value must be, where libxml2 only says that it is not of the local type.

    Texts are none of the types: nothing is ever no text.
    """
    named = {each.get("name", ""): each for each in xsd.iterchildren(*_TYPES)}
    found: dict[str, set[str]] = {}
    for declared in xsd.iter(f"{_XS}element", f"{_XS}attribute"):
        type_ = _builtin(declared, named)
        if type_ not in {"", "string"}:
            found.setdefault(declared.get("name", ""), set()).add(type_)
    return {name: SEVERAL.join(sorted(types)) for name, types in found.items()}


def _builtin(declared: _Element, named: Mapping[str, _Element]) -> str:
    """The built-in type that an element or attribute is derived from; empty where it has none."""
    for _ in range(_DEEPEST):
        places = (declared.find(place) for place in _NAMING)
        naming = (each.get("type") or each.get("base") for each in places if each is not None)
        prefix, colon, name = next(filter(None, naming), "").rpartition(":")
        if f"{{{declared.nsmap.get(prefix or None, '')}}}" == _XS and (colon or name not in named):
            return name
        if name not in named:
            return ""
        declared = named[name]
    return ""
