"""Explains children that are missing, unknown, repeated or out of order, as xmlschema tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xmlschema import validators

from bus.codec.names import tag_of
from bus.codec.place import SHOWN, line_of, name_of, path_of
from bus.contracts.explain.places import ONE_ONLY, OUT_OF_ORDER, missing, possible
from bus.core.errors import Fault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element
    from xmlschema import XMLSchemaChildrenValidationError

    from bus.contracts.explain.places import Places


def explained_children(
    error: XMLSchemaChildrenValidationError,
    parent: _Element,
    said: Mapping[str, tuple[str, ...]],
    places: Places,
) -> Fault:
    """What is wrong with the children of an element; `said`: what libxml2 expects, by path."""
    child = cast("_Element | None", error.invalid_child)
    model = _Model(cast("validators.XsdGroup", error.validator))
    due = error.expected_tags
    if child is None or (due and _only_late(child, parent, error)):
        lacking = model.lacking(parent)
        details: Details = {
            "element": name_of(parent),
            "expected": missing(lacking or due, one=not lacking and len(due) > 1),
        }
        return Fault("ELEMENT_MISSING", path_of(parent), line_of(parent), details)
    first = next(parent.iterchildren(tag_of(child)))
    twins = sum(1 for _ in child.itersiblings(tag_of(child), preceding=True))
    limit = model.most(tag_of(child))
    if limit and twins >= limit:
        details = {
            "element": name_of(child),
            "limit": str(limit),
            "first": str(line_of(first)),
        }
        return Fault("ELEMENT_REPEATED", path_of(child), line_of(child), details)
    others = [name for name in due if name != tag_of(child)]
    expected = said.get(path_of(child)) or others or model.after(child)
    advice = places.advice(tag_of(child), name_of(parent))
    if advice == OUT_OF_ORDER:
        advice = model.place_of(child)
    return unexpected(child, expected or [f"</{name_of(parent)}>"], advice)


def unexpected(child: _Element, expected: Sequence[str], advice: Text) -> Fault:
    """An element that may not stand where it does, and what to do with it."""
    details: Details = {
        "element": tag_of(child)[:SHOWN],
        "expected": possible(expected),
        "advice": advice,
    }
    return Fault("ELEMENT_UNEXPECTED", path_of(child), line_of(child), details)


def _only_late(child: _Element, parent: _Element, error: XMLSchemaChildrenValidationError) -> bool:
    """Whether a child may stand there once what is due, and nowhere to be found, is added."""
    group = cast("validators.XsdGroup", error.validator)
    here = {tag_of(each) for each in parent}
    return group.match_element(tag_of(child)) is not None and here.isdisjoint(error.expected_tags)


class _Model:
    """The children that an element may have, in the order of the contract."""

    def __init__(self, group: validators.XsdGroup) -> None:
        self._elements = tuple(
            each for each in group.iter_elements() if isinstance(each, validators.XsdElement)
        )
        self._ranks = {each.name: at for at, each in enumerate(self._elements)}
        # In a choice nothing is due by itself; what an optional group holds is not due either.
        self._choice = group.model == "choice"
        self._plain = not self._choice and all(
            isinstance(each, validators.XsdElement) for each in group
        )
        self._ordered = group.model == "sequence" and self._plain

    def lacking(self, parent: _Element) -> list[str]:
        """Everything that must be there and is not."""
        here = {tag_of(each) for each in parent}
        due = (each.name for each in self._elements if each.min_occurs)
        return [name for name in due if name and name not in here] if self._plain else []

    def most(self, tag: str) -> int | None:
        """How often a child may be there; None where nothing limits it."""
        return next((each.max_occurs for each in self._elements if each.name == tag), None)

    def after(self, child: _Element) -> list[str]:
        """What could still follow what stands before a child."""
        before = {tag_of(each) for each in child.itersiblings(preceding=True)}
        known = [self._ranks[tag] for tag in before if tag in self._ranks]
        last = max(known, default=-1) if self._ordered else -1
        names = (each.name for each in self._elements[last + 1 :])
        return [name for name in names if name and name not in before]

    def place_of(self, child: _Element) -> Text:
        """Before which element that now stands before it a child belongs."""
        if self._choice:
            return ONE_ONLY
        own = self._ranks.get(tag_of(child), len(self._ranks))
        before = child.itersiblings(preceding=True)
        later = [each for each in before if self._ranks.get(tag_of(each), -1) > own]
        if not self._ordered or not later:
            return OUT_OF_ORDER
        name, line = name_of(later[-1]), line_of(later[-1])
        return Text(
            f"Ponha-o antes de <{name}>, da linha {line}, na ordem do contrato.",
            f"Put it before <{name}>, at line {line}, in the order of the contract.",
        )
