"""Changes the structure of a content as a bridge declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from lxml import etree

from bus.codec.names import below, tag_of
from bus.core.bridge import Bridge, Loss

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from bus.core.contract_diff import Field

Order = Mapping[str, Mapping[str, int]]
"""By the path of an element, the places of its children among each other."""


def reshape(content: _Element, bridge: Bridge, order: Order) -> tuple[Loss, ...]:
    """Carry out a bridge on a BusinessContent; what was lost that said something."""
    counted = [Loss(path, _drop(content, path)) for path in bridge.lost]
    for path, becomes in bridge.moved.items():
        _move(content, path, becomes)
    for path, values in bridge.values.items():
        for element in below(content, path):
            element.text = values.get((element.text or "").strip(), element.text)
    for path, text in bridge.defaults.items():
        _supply(content, path, text)
    _arrange(content, "BusinessContent", order)
    return tuple(loss for loss in counted if loss.times)


def order_of(fields: Iterable[Field]) -> Order:
    """The order that the fields of a contract have, parents before their children.

    None where a part is repeated or chosen as a whole: there it says more than a place each.
    """
    told: dict[str, dict[str, int]] = {}
    for field in fields:
        parent, _, name = field.path.rpartition("/")
        if parent in told:
            told[parent].setdefault(name, len(told[parent]))
        if not any(name.startswith("(") or name == "|" for name in field.order):
            told[field.path] = {}
    return told


def _drop(content: _Element, path: str) -> int:
    """Remove what stands at a path; how often it said something."""
    said = 0
    for element in list(below(content, path)):
        said += _says_something(element)
        _taken_out(element)
    return said


def _says_something(element: _Element) -> bool:
    return any((part.text or "").strip() or part.attrib for part in element.iter())


def _move(content: _Element, path: str, becomes: str) -> None:
    """Put what stands at a path in another place below the parents that both paths share."""
    was, now = path.split("/"), becomes.split("/")
    same = takewhile(lambda pair: pair[0] == pair[1], zip(was[:-1], now[:-1], strict=False))
    shared = sum(1 for _ in same)
    *way, name = now[shared:]
    for holder in list(_all(content, "/".join(was[:shared]))):
        for element in list(below(holder, "/".join(was[shared:]))):
            _taken_out(element)
            element.tag = name
            _made(holder, way).append(element)


def _supply(content: _Element, path: str, text: str) -> None:
    """Write a text where its element is missing and its parent is not."""
    parents, _, name = path.rpartition("/")
    for parent in list(_all(content, parents)):
        if next(parent.iterchildren(name), None) is None:
            etree.SubElement(parent, name).text = text


def _all(content: _Element, path: str) -> Iterator[_Element]:
    """What stands at a path; at an empty one the content itself."""
    return below(content, path) if path else iter((content,))


def _made(holder: _Element, way: list[str]) -> _Element:
    """The element at the end of a way, made where it is missing."""
    for name in way:
        found = next(holder.iterchildren(name), None)
        holder = etree.SubElement(holder, name) if found is None else found
    return holder


def _taken_out(element: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _arrange(parent: _Element, path: str, order: Order) -> None:
    """Put children into their order; one that has no place stays behind the one before it."""
    children = list(parent)
    places = order.get(path, {})
    if places:
        told = accumulate(children, lambda last, one: places.get(tag_of(one), last), initial=-1)
        ranked = sorted(zip(list(told)[1:], range(len(children)), strict=True))
        if [at for _, at in ranked] != list(range(len(children))):
            parent[:] = [children[at] for _, at in ranked]
    for child in children:
        if len(child):
            _arrange(child, f"{path}/{tag_of(child)}", order)
