"""Explains a refusal to whoever must mend it, by xmlschema: which element, why, what instead.

xmlschema is slow (up to 300 µs an element, half a second to begin with), so it hears only of what
libxml2 refused, and only of the first elements. Where it finds nothing, or stumbles over something
hostile, it has no faults to tell, and libxml2 speaks for itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import xmlschema
from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, validators

from bus.codec.names import local_name, tag_of
from bus.codec.place import SHOWN, line_of, name_of, path_of
from bus.contracts.explain.children import explained_children, unexpected
from bus.contracts.explain.places import Places, no_namespace
from bus.contracts.explain.values import explained_value
from bus.core.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from bus.contracts.explain.libxml2 import XsdError

_Possible = Mapping[str, tuple[str, ...]]
_MOST_ELEMENTS = 500
# A wrong value may be told by up to so many of its facets.
_SEVERAL = 3

_ATTRIBUTE_VALUE = re.compile(r"attribute (?P<name>[^=]+)=")
_QUOTED = re.compile(r"'(.*?)'")


class Explainer:
    """Explains refusals by one XSD. Not to be used by two threads at once."""

    def __init__(self, xsd: _Element, contract: str) -> None:
        text = etree.tostring(xsd, encoding="unicode")
        # The XSD is whole and the message a tree: nothing may be fetched, so nothing is allowed.
        self._schema = xmlschema.XMLSchema10(text, allow="none", defuse="always")
        self._contract = contract
        self._places = Places(xsd)

    def faults(self, content: _Element, said: Iterable[XsdError], most: int) -> tuple[Fault, ...]:
        """The first faults of a content; `said` is what libxml2 said of it."""
        possible = {saying.path: saying.possible for saying in said}
        try:
            errors = self._schema.iter_errors(cast("Any", content), validation_hook=_Patience())
            first = list(
                islice((each for each in errors if each.elem is not None), _SEVERAL * most)
            )
        except (xmlschema.XMLSchemaException, RecursionError):
            return ()
        faults = (self._fault(error, possible) for error in first)
        # What has no code of its own is said by libxml2, whose sentences are translated.
        return tuple(fault for fault in faults if fault.code != "CONTRACT_VIOLATED")

    def _fault(self, error: xmlschema.XMLSchemaValidationError, possible: _Possible) -> Fault:
        element = cast("_Element", error.elem)
        if isinstance(error, XMLSchemaChildrenValidationError):
            fault = explained_children(error, element, possible, self._places)
        elif attribute := _ATTRIBUTE_VALUE.match(error.reason or ""):
            fault = _attribute_fault(error, element, attribute["name"])
        else:
            fault = _element_fault(error, element, self._places)
        return Fault(
            fault.code, fault.path, fault.line, {"contract": self._contract, **fault.details}
        )


def explainer_of(xsd: _Element, contract: str) -> Explainer | None:
    """The explainer of an XSD; None where xmlschema cannot read what libxml2 could."""
    try:
        return Explainer(xsd, contract)
    except (xmlschema.XMLSchemaException, RecursionError):
        return None


class _Patience:
    """Stops xmlschema after so many elements, so that no message can keep it busy."""

    def __init__(self) -> None:
        self._left = _MOST_ELEMENTS

    def __call__(self, _element: object, _declared: object) -> bool:
        self._left -= 1
        if self._left < 0:
            raise validators.XMLSchemaStopValidation
        return False


def _attribute_fault(
    error: xmlschema.XMLSchemaValidationError, element: _Element, name: str
) -> Fault:
    """The value of an attribute is wrong."""
    code, details = explained_value(error, element.get(name, ""), name)
    path, told = f"{path_of(element)}/@{name[:SHOWN]}", f"{name_of(element)} {name[:SHOWN]}"
    return Fault(code, path, line_of(element), {**details, "element": told})


def _element_fault(
    error: xmlschema.XMLSchemaValidationError, element: _Element, places: Places
) -> Fault:
    """The text of an element is wrong, or what it has of attributes, text or children."""
    path, line, reason = path_of(element), line_of(element), error.reason or ""
    details = {"element": name_of(element)}
    quoted = _QUOTED.search(reason)
    named = quoted[1][:SHOWN] if quoted else ""
    if reason.startswith("missing required attribute"):
        return Fault("ELEMENT_MISSING", path, line, details | {"expected": f"@{named}"})
    if isinstance(error.validator, validators.XsdAttributeGroup):
        known = {"attribute": named, "expected": places.attributes(name_of(element))}
        return Fault("ATTRIBUTE_UNEXPECTED", path, line, {**details, **known})
    if "character data" in reason:
        return Fault("TEXT_UNEXPECTED", path, line, details)
    if "can't have child elements" in reason:
        advice = places.advice(tag_of(element[0]), name_of(element))
        return unexpected(element[0], [f"</{name_of(element)}>"], advice)
    if "is not an element of the schema" in reason:
        return unexpected(element, [local_name(element)], no_namespace(local_name(element)))
    code, value_details = explained_value(error, element.text or "", name_of(element))
    return Fault(code, path, line, {**details, **value_details})
