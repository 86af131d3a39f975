"""Explains children that are missing, unknown, repeated or out of order, as xmlschema tells it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from xmlschema import validators

from bus.codec.names import local_name, tag_of
from bus.codec.place import SHOWN, line_of, name_of, path_of
from bus.core.errors import Fault
from bus.core.text import NOTHING, Details, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element
    from xmlschema import XMLSchemaChildrenValidationError


def explained_children(
    error: XMLSchemaChildrenValidationError, parent: _Element, possible: Mapping[str, str]
) -> Fault:
    """What is wrong with the children of an element; `possible` as libxml2 says it, by path."""
    child = cast("_Element | None", error.invalid_child)
    model = _Model(cast("validators.XsdGroup", error.validator))
    due = error.expected_tags
    if child is None or (due and _only_late(child, parent, error)):
        expected = ", ".join(model.lacking(parent) or due)
        details = {"element": name_of(parent), "expected": expected}
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
    said = possible.get(path_of(child)) or ", ".join(due)
    return unexpected(
        child, said or model.after(child) or f"</{name_of(parent)}>", model.advice(child)
    )


def unexpected(child: _Element, expected: str, advice: Text = NOTHING) -> Fault:
    """An element that may not stand where it does."""
    details: Details = {"element": tag_of(child)[:SHOWN], "expected": expected, "advice": advice}
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
        self._plain = group.model != "choice" and all(
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

    def after(self, child: _Element) -> str:
        """What could still follow what stands before a child."""
        before = {tag_of(each) for each in child.itersiblings(preceding=True)}
        known = [self._ranks[tag] for tag in before if tag in self._ranks]
        last = max(known, default=-1) if self._ordered else -1
        names = (each.name for each in self._elements[last + 1 :])
        return ", ".join(name for name in names if name and name not in before)

    def advice(self, child: _Element) -> Text:
        """What the sender probably meant."""
        name = local_name(child)
        if name != tag_of(child) and name in self._ranks:
            return Text(
                f" <{name}> não leva namespace: retire o xmlns.",
                f" <{name}> takes no namespace: remove the xmlns.",
            )
        if name in self._ranks:
            return self._place_of(child)
        meant = _like(name, [each for each in self._ranks if each])
        return Text(f" Seria <{meant}>?", f" Is <{meant}> meant?") if meant else NOTHING

    def _place_of(self, child: _Element) -> Text:
        """Before which element that now stands before it a child belongs."""
        own, before = self._ranks[tag_of(child)], child.itersiblings(preceding=True)
        later = [each for each in before if self._ranks.get(tag_of(each), -1) > own]
        if not self._ordered or not later:
            return NOTHING
        name, line = name_of(later[-1]), line_of(later[-1])
        return Text(
            f" O lugar dele é antes de <{name}>, da linha {line}.",
            f" Its place is before <{name}>, at line {line}.",
        )


def _like(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant; empty where none is like it."""
    lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower()[:SHOWN], lower, n=1, cutoff=0.75)
    return lower[found[0]] if found else ""
