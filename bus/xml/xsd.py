"""Loads the XSD of a contract as one document, so that no validator ever fetches a part of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

import schemas

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)_(\d+)_(\d{3})")
"""What the files of a contract are called: `Order_3_002`."""

_INCLUDE = "{http://www.w3.org/2001/XMLSchema}include"


def contract_xsd(name: str) -> _Element:
    """The XSD of a contract with the types that it includes in the place of the includes."""
    return whole(schemas.contract_xsd(name))


def whole(xsd: bytes) -> _Element:
    """An XSD with what it includes, each shared file once."""
    root = parsed(xsd)
    _fill(root, set())
    return root


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
