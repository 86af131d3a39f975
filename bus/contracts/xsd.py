"""Loads the XSD of a contract as one document, so that no validator ever fetches a part of it."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from lxml import etree

import schemas

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)_(\d+)_(\d{3})")
"""What the files of a contract are called: `Order_3_002`."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_TYPED: Final = etree.XPath(
    "descendant::*[@xsi:type]", namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
)
_INCLUDE: Final = f"{{{_XSD}}}include"

# libxml2 refuses the blanks around a date or time that XML Schema allows, until there is a pattern;
# and it takes "1e" for a number.
EXACT: Final = {
    "date": ".*",
    "dateTime": ".*",
    "time": ".*",
    "double": r"[^eE]*([eE][+\-]?[0-9]+)?",
    "float": r"[^eE]*([eE][+\-]?[0-9]+)?",
}
"""Patterns that make libxml2 read these types as XML Schema has them."""
_NAMING: Final = ("type", "base", "itemType")


def contract_xsd(name: str) -> _Element:
    """The XSD of a contract with the types that it includes in the place of the includes."""
    return whole(schemas.contract_xsd(name))


def whole(xsd: bytes) -> _Element:
    """An XSD with what it includes, each shared file once."""
    root = parsed(xsd)
    _fill(root, set())
    return root


def element_names(xsd: _Element) -> frozenset[str]:
    """The names of all elements that a whole XSD speaks of, wherever they stand."""
    named = (one.get("name") or one.get("ref") or "" for one in xsd.iter(f"{{{_XSD}}}element"))
    return frozenset(name.rpartition(":")[2] for name in named)


def compiled(xsd: _Element) -> etree.XMLSchema:
    """A whole XSD as libxml2 checks by it, its built-in types read as XML Schema has them."""
    exact = deepcopy(xsd)
    for name in sorted(_made_exact_in(exact)):
        simple = etree.SubElement(exact, f"{{{_XSD}}}simpleType", name=f"xs-{name}")
        base = etree.SubElement(simple, f"{{{_XSD}}}restriction", nsmap={"xs": _XSD})
        base.set("base", f"xs:{name}")
        etree.SubElement(base, f"{{{_XSD}}}pattern", value=EXACT[name])
    return etree.XMLSchema(exact)


def exactly_typed(content: _Element, xsd: _Element) -> _Element:
    """A content whose every xsi:type names the exact type where it names the built-in one.

    It stands in a copy of its message; where nothing is to be renamed, it is the content itself.
    """
    typed = _TYPED(content)
    exact = _made_exact_in(deepcopy(xsd)) if typed else set()
    places = [each for each in typed if _names_one_of(each, exact)]
    if not places:
        return content
    tree = deepcopy(content.getroottree())
    own, *others = (tree.find(_place_of(each)) for each in (content, *places))
    for each in others:
        if each is not None:
            each.set(_XSI_TYPE, f"xs-{each.get(_XSI_TYPE, '').strip().rpartition(':')[2]}")
    return content if own is None else own


def _place_of(element: _Element) -> str:
    return element.getroottree().getelementpath(element)


def _names_one_of(element: _Element, exact: set[str]) -> bool:
    prefix, colon, name = element.get(_XSI_TYPE, "").strip().rpartition(":")
    known = bool(colon) and name in exact and None not in element.nsmap
    return known and element.nsmap.get(prefix) == _XSD


def _made_exact_in(xsd: _Element) -> set[str]:
    """Name the exact types all over an XSD; which they are."""
    made = {_made_exact(element) for element in xsd.iter(f"{{{_XSD}}}*")}
    return made - {""}


def _made_exact(element: _Element) -> str:
    """Name the exact type where an element of an XSD names the built-in one; which it was."""
    for attribute in _NAMING:
        prefix, colon, name = element.get(attribute, "").rpartition(":")
        # Where nothing is in no namespace, our types cannot be named.
        ours = colon and name in EXACT and None not in element.nsmap
        if ours and element.nsmap.get(prefix) == _XSD:
            element.set(attribute, f"xs-{name}")
            return name
    return ""


def _fill(root: _Element, seen: set[str]) -> None:
    for include in root.findall(_INCLUDE):
        location = include.get("schemaLocation", "")
        root.remove(include)
        if location not in seen:
            seen.add(location)
            types = parsed(schemas.included_xsd(location))
            _fill(types, seen)
            root.extend(types)


def parsed(xsd: bytes) -> _Element:
    """An XSD as a tree."""
    return etree.fromstring(xsd, etree.XMLParser(no_network=True, resolve_entities=False))
