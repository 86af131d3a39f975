"""Explains a refusal to whoever must mend it, by xmlschema: which element, why, what instead.

xmlschema is slow (up to 300 µs an element, half a second to begin with), so it hears only of what
libxml2 refused, and only of the first elements. Where it finds nothing, or stumbles over something
hostile, it has no faults to tell, and libxml2 speaks for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import xmlschema
from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, validators

from bus.core.errors import Fault
from bus.xml.names import local_name, tag_of
from bus.xml.place import SHOWN, line_of, name_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from bus.xml.verdict import Saying

_MOST_FAULTS = 10
_MOST_ELEMENTS = 500

_LENGTHS = (
    validators.XsdMaxLengthFacet,
    validators.XsdMinLengthFacet,
    validators.XsdLengthFacet,
)
_BOUNDS: dict[type, str] = {
    validators.XsdMinInclusiveFacet: "≥",
    validators.XsdMinExclusiveFacet: ">",
    validators.XsdMaxInclusiveFacet: "≤",
    validators.XsdMaxExclusiveFacet: "<",
    validators.XsdTotalDigitsFacet: "totalDigits ≤",
    validators.XsdFractionDigitsFacet: "fractionDigits ≤",
}
_ATTRIBUTE_VALUE = re.compile(r"attribute (?P<name>[^=]+)=")
_QUOTED = re.compile(r"'(.*?)'")


class Explainer:
    """Explains refusals by one XSD. Not to be used by two threads at once."""

    def __init__(self, xsd: _Element, contract: str) -> None:
        text = etree.tostring(xsd, encoding="unicode")
        # The XSD is whole and the message a tree: nothing may be fetched, so nothing is allowed.
        self._schema = xmlschema.XMLSchema10(text, allow="none", defuse="always")
        self._contract = contract

    def faults(self, content: _Element, said: Iterable[Saying]) -> tuple[Fault, ...]:
        """The first faults of a content; `said` is what libxml2 said of it."""
        possible = {saying.path: saying.expected for saying in said}
        try:
            errors = list(
                self._schema.iter_errors(cast("Any", content), validation_hook=_Patience())
            )
        except (xmlschema.XMLSchemaException, RecursionError):
            return ()
        told = errors[:_MOST_FAULTS]
        return tuple(self._fault(error, possible) for error in told if error.elem is not None)

    def _fault(self, error: xmlschema.XMLSchemaValidationError, possible: dict[str, str]) -> Fault:
        element = cast("_Element", error.elem)
        if isinstance(error, XMLSchemaChildrenValidationError):
            fault = _order_fault(error, element, possible)
        elif attribute := _ATTRIBUTE_VALUE.match(error.reason or ""):
            fault = _attribute_fault(error, element, attribute["name"])
        else:
            fault = _element_fault(error, element)
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


def _order_fault(
    error: XMLSchemaChildrenValidationError, parent: _Element, possible: dict[str, str]
) -> Fault:
    """Something is missing, or stands where it may not."""
    child = cast("_Element | None", error.invalid_child)
    due = ", ".join(error.expected_tags)
    if child is None or (due and _only_late(child, parent, error)):
        details = {"element": name_of(parent), "expected": due}
        return Fault("ELEMENT_MISSING", path_of(parent), line_of(parent), details)
    expected = possible.get(path_of(child)) or due or f"</{name_of(parent)}>"
    return _unexpected(child, expected)


def _only_late(child: _Element, parent: _Element, error: XMLSchemaChildrenValidationError) -> bool:
    """Whether a child may stand there once what is due, and nowhere to be found, is added."""
    group = cast("validators.XsdGroup", error.validator)
    here = {tag_of(each) for each in parent}
    return group.match_element(tag_of(child)) is not None and here.isdisjoint(error.expected_tags)


def _unexpected(child: _Element, expected: str) -> Fault:
    details = {"element": tag_of(child)[:SHOWN], "expected": expected}
    return Fault("ELEMENT_UNEXPECTED", path_of(child), line_of(child), details)


def _attribute_fault(
    error: xmlschema.XMLSchemaValidationError, element: _Element, name: str
) -> Fault:
    """The value of an attribute is wrong."""
    code, details = _value_details(error, element.get(name, ""))
    details["element"] = f"{name_of(element)} {name[:SHOWN]}"
    return Fault(code, f"{path_of(element)}/@{name[:SHOWN]}", line_of(element), details)


def _element_fault(error: xmlschema.XMLSchemaValidationError, element: _Element) -> Fault:
    """The text of an element is wrong, or what it has of attributes, text or children."""
    path, line, reason = path_of(element), line_of(element), error.reason or ""
    details = {"element": name_of(element)}
    quoted = _QUOTED.search(reason)
    named = quoted[1][:SHOWN] if quoted else ""
    if reason.startswith("missing required attribute"):
        return Fault("ELEMENT_MISSING", path, line, details | {"expected": f"@{named}"})
    if isinstance(error.validator, validators.XsdAttributeGroup):
        return Fault("ATTRIBUTE_UNEXPECTED", path, line, details | {"attribute": named})
    if "character data" in reason:
        return Fault("TEXT_UNEXPECTED", path, line, details)
    if "can't have child elements" in reason:
        return _unexpected(element[0], f"</{name_of(element)}>")
    if "is not an element of the schema" in reason:
        return _unexpected(element, local_name(element))
    code, value_details = _value_details(error, element.text or "")
    return Fault(code, path, line, details | value_details)


def _value_details(
    error: xmlschema.XMLSchemaValidationError, value: str
) -> tuple[str, dict[str, str]]:
    """The code and details of a wrong value; CONTRACT_VIOLATED where it is something else."""
    rule: Any = error.validator
    shown = {"value": value[:SHOWN]}
    if isinstance(rule, _LENGTHS):
        code = "VALUE_TOO_LONG" if len(error.obj) > rule.value else "VALUE_TOO_SHORT"
        return code, shown | {"length": str(len(error.obj)), "limit": str(rule.value)}
    if isinstance(rule, validators.XsdEnumerationFacets):
        return "VALUE_NOT_LISTED", shown | {"expected": ", ".join(map(str, rule.enumeration))}
    if isinstance(rule, validators.XsdPatternFacets):
        return "VALUE_WRONG_TYPE", shown | {"expected": " | ".join(rule.regexps)}
    if type(rule) in _BOUNDS:
        return "VALUE_OUT_OF_RANGE", shown | {"expected": f"{_BOUNDS[type(rule)]} {rule.value}"}
    if isinstance(rule, validators.XsdSimpleType):
        return "VALUE_WRONG_TYPE", shown | {"expected": rule.local_name or "—"}
    return "CONTRACT_VIOLATED", {"problem": (error.reason or "")[: 4 * SHOWN]}
