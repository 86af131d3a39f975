"""Explains a value that its type or a facet of it refuses, as xmlschema tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xmlschema import validators
from xmlschema.names import XSD_NAMESPACE

from bus.codec.place import SHOWN
from bus.codec.showing import form_of, form_of_pattern, note_on, shown
from bus.core.suggest import listed
from bus.core.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xmlschema

_LENGTHS = (
    validators.XsdMaxLengthFacet,
    validators.XsdMinLengthFacet,
    validators.XsdLengthFacet,
)
_BOUNDS: dict[type, Text] = {
    validators.XsdMinInclusiveFacet: same("≥ {limit}"),
    validators.XsdMinExclusiveFacet: same("> {limit}"),
    validators.XsdMaxInclusiveFacet: same("≤ {limit}"),
    validators.XsdMaxExclusiveFacet: same("< {limit}"),
    validators.XsdTotalDigitsFacet: Text(
        "até {limit} dígitos ao todo", "at most {limit} digits in all"
    ),
    validators.XsdFractionDigitsFacet: Text(
        "até {limit} casas decimais", "at most {limit} decimals"
    ),
}


def explained_value(
    error: xmlschema.XMLSchemaValidationError, value: str, name: str
) -> tuple[str, Mapping[str, str | Text]]:
    """The code and details of a wrong value; CONTRACT_VIOLATED where it is something else.

    `name` is the element or attribute that holds it.
    """
    rule: Any = error.validator
    seen: dict[str, str | Text] = {"value": shown(value, name)}
    if isinstance(rule, _LENGTHS):
        code = "VALUE_TOO_LONG" if len(error.obj) > rule.value else "VALUE_TOO_SHORT"
        return code, seen | {"length": str(len(error.obj)), "limit": str(rule.value)}
    if isinstance(rule, validators.XsdEnumerationFacets):
        return "VALUE_NOT_LISTED", seen | {"expected": listed(list(map(str, rule.enumeration)))}
    if type(rule) in _BOUNDS:
        return "VALUE_OUT_OF_RANGE", seen | {
            "expected": _BOUNDS[type(rule)].filled(limit=rule.value)
        }
    if isinstance(rule, validators.XsdPatternFacets) and not _is_builtin(rule.parent):
        pattern = " | ".join(rule.regexps)
        return "VALUE_WRONG_TYPE", seen | wrong_type(value, pattern, form_of_pattern(pattern))
    type_ = rule.parent if isinstance(rule, validators.XsdPatternFacets) else rule
    told = _builtin_in(type_)
    if told:
        return "VALUE_WRONG_TYPE", seen | wrong_type(value, told, form_of(told))
    return "CONTRACT_VIOLATED", seen | {"problem": shown(error.reason or "", name, 4 * SHOWN)}


def wrong_type(value: str, type_: str, form: Text) -> dict[str, str | Text]:
    """What is said of a value that is not of a type: the type, its form, and a warning."""
    return {"expected": type_, "form": form, "note": note_on(value)}


def _builtin_in(type_: Any) -> str:  # noqa: ANN401
    """The built-in type that a simple type is derived from; empty where it is none, or several."""
    while isinstance(type_, validators.XsdSimpleType) and not _is_builtin(type_):
        type_ = type_.base_type
    return type_.local_name or "" if isinstance(type_, validators.XsdSimpleType) else ""


def _is_builtin(type_: Any) -> bool:  # noqa: ANN401 - what xmlschema says it is
    return type_ is not None and bool(type_.target_namespace == XSD_NAMESPACE)
