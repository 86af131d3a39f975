"""The fields of a contract, read from its XSD by xmlschema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import xmlschema
from lxml import etree
from xmlschema import validators

from bus.codec.json_form import ElementShape, shapes_of
from bus.core.contract_diff import UNBOUNDED, Field

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOTS = ("BusinessContent", "ReturnContent")
_MOST = 20_000
"""How many fields are looked at; no published contract has a tenth of that."""
_DEEPEST = 64


class TooManyFields(Exception):
    """A contract that holds itself, or types of types of types: it has no list of fields."""


def fields_of(xsd: _Element) -> dict[str, Field]:
    """The fields of a whole XSD by path, parents before their children.

    Raises TooManyFields, or XMLSchemaException where xmlschema cannot read what libxml2 could.
    """
    text = etree.tostring(xsd, encoding="unicode")
    schema = xmlschema.XMLSchema10(text, allow="none", defuse="always")
    found: dict[str, Field] = {}
    for name in _ROOTS:
        declared = schema.elements.get(name)
        if declared is not None:
            for field in _below(declared, name, (1, 1)):
                found.setdefault(field.path, field)
                if len(found) > _MOST:
                    raise TooManyFields
    return found


def listed_fields(xsd: _Element) -> dict[str, Field]:
    """The fields of a whole XSD by path; empty where they cannot be listed."""
    try:
        return fields_of(xsd)
    except (xmlschema.XMLSchemaException, TooManyFields, RecursionError):
        return {}


def shapes_in(xsd: _Element) -> dict[str, ElementShape]:
    """The map between JSON and XML of a whole XSD; empty where its fields cannot be listed."""
    return shapes_of(listed_fields(xsd))


def _below(declared: Any, path: str, occurs: tuple[int, int]) -> Iterator[Field]:  # noqa: ANN401 - of xmlschema
    """The field of a declared element and of all below it."""
    if path.count("/") > _DEEPEST:
        raise TooManyFields
    kind = declared.type
    text = kind if kind.is_simple() else kind.content if kind.has_simple_content() else None
    group = kind.content if isinstance(getattr(kind, "content", None), validators.XsdGroup) else ()
    yield _field(
        path,
        occurs,
        text,
        tuple(_order(group)) if group else (),
        mixed=getattr(kind, "mixed", False),
    )
    for name, attribute in declared.attributes.items():
        required = int(attribute.use == "required")
        yield _field(f"{path}/@{name or '*'}", (required, 1), getattr(attribute, "type", None))
    if group:
        for child, span in _children(group, (1, 1)):
            if isinstance(child, validators.XsdAnyElement):
                yield Field(f"{path}/*", *span, type="any")
            else:
                yield from _below(child, f"{path}/{child.local_name}", span)


def _children(group: Any, span: tuple[int, int]) -> Iterator[tuple[Any, tuple[int, int]]]:  # noqa: ANN401
    """The elements of a group and of its groups, each with how often it may stand there."""
    span = _times(span, group)
    if group.model == "choice" and len(group) > 1:
        span = (0, span[1])
    for particle in group:
        if isinstance(particle, validators.XsdGroup):
            yield from _children(particle, span)
        else:
            yield particle, _times(span, particle)


def _times(span: tuple[int, int], particle: Any) -> tuple[int, int]:  # noqa: ANN401
    most = UNBOUNDED if particle.max_occurs is None else particle.max_occurs
    if 0 in {most, span[1]}:
        return span[0] * particle.min_occurs, 0
    unbounded = UNBOUNDED in {most, span[1]}
    return span[0] * particle.min_occurs, UNBOUNDED if unbounded else span[1] * most


_SIGNS = {"choice": "|", "all": "&"}


def _order(group: Any, *, top: bool = True) -> Iterator[str]:  # noqa: ANN401
    """The names of the children, with the groups that do more than follow each other."""
    repeated = group.max_occurs != 1
    sign = _SIGNS.get(group.model, "") if len(group) > 1 else ""
    apart = bool(sign or repeated) and not (top and not repeated)
    if top and sign:
        yield sign
    if apart:
        yield f"({sign}{'*' if repeated else ''}"
    if group.model == "all":  # their order says nothing
        yield from sorted(particle.local_name for particle in group)
    for particle in () if group.model == "all" else group:
        if isinstance(particle, validators.XsdGroup):
            yield from _order(particle, top=False)
        else:
            yield particle.local_name or "*"
    if apart:
        yield ")"


def _field(
    path: str,
    occurs: tuple[int, int],
    text: Any,  # noqa: ANN401
    order: tuple[str, ...] = (),
    *,
    mixed: bool = False,
) -> Field:
    if text is None:
        return Field(path, *occurs, type="string" if mixed else "", order=order)
    limits: dict[str, str] = {}
    values: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    for facet in _facets(text):
        if isinstance(facet, validators.XsdEnumerationFacets):
            values = values or frozenset(map(str, facet.enumeration))
        elif isinstance(facet, validators.XsdPatternFacets):
            patterns |= frozenset(facet.regexps)
        else:
            for name in _names(facet):
                limits.setdefault(name, str(facet.value))
    limited = tuple(sorted(limits.items()))
    return Field(path, *occurs, _builtin(text), limited, values, patterns, order)


def _facets(text: Any) -> Iterator[Any]:  # noqa: ANN401
    """The facets of a simple type, its own before those of what it restricts."""
    while text is not None and not _is_builtin(text):
        yield from (each for each in text.facets.values() if each is not None)
        text = text.base_type


def _names(facet: Any) -> tuple[str, ...]:  # noqa: ANN401
    name = facet.elem.tag.rpartition("}")[2]
    return ("maxLength", "minLength") if name == "length" else (name,)


def _builtin(text: Any) -> str:  # noqa: ANN401
    if isinstance(text, (validators.XsdList, validators.XsdUnion)):
        return type(text).__name__.removeprefix("Xsd").lower()
    while not _is_builtin(text) and text.base_type is not None:
        text = text.base_type
    return text.local_name or "string"


def _is_builtin(text: Any) -> bool:  # noqa: ANN401
    return bool((text.name or "").startswith("{http://www.w3.org/2001/XMLSchema}"))
