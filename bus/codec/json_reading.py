"""JSON to elements, by the map of their contract; read with tolerance.

Keys in any letter case, items wrapped in their name or not, one object where a list is due, numbers
as texts; null is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.codec.json_form import ATTRIBUTE, NIL, TEXT, UNKNOWN, ElementShape
from bus.codec.json_problems import NOT_UTF_8, json_problem
from bus.codec.markup import forbidden_in
from bus.codec.names import tag_of
from bus.codec.place import SHOWN
from bus.codec.tree import is_name
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_LEVELS = 100
"""Objects and lists within each other."""
_MOST_SHIFT = 40
"""Places by which an exponent may move the decimal point."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def loads(body: bytes) -> Any:  # noqa: ANN401 - what JSON may be
    """The value of a JSON text, numbers as they are spelt; SenderFault where it is none."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            parse_int=str,
            parse_float=_digits,
            parse_constant=_no_number,
            object_pairs_hook=_each_once,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except UnicodeDecodeError as error:
        line = 1 + body.count(b"\n", 0, error.start)
        raise malformed(NOT_UTF_8, line=line) from error
    except json.JSONDecodeError as error:
        raise malformed(json_problem(error), line=error.lineno) from error
    _refuse_deep(value)
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ, in any letter case: of two, one would go unheard."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key.lower() in seen:
            name = key[:SHOWN]
            raise malformed(Text(f"“{name}” aparece duas vezes", f"“{name}” appears twice"))
        seen.add(key.lower())
    return dict(pairs)


def _no_number(spelt: str) -> str:
    raise malformed(Text(f"{spelt} não é um número", f"{spelt} is no number"))


def _digits(spelt: str) -> str:
    """A number as it is spelt; one with an exponent in digits, which is how contracts have it."""
    if "e" not in spelt.lower():
        return spelt
    number = Decimal(spelt)
    if abs(number.adjusted()) > _MOST_SHIFT:
        told = spelt[:SHOWN]
        raise malformed(Text(f"o número {told} é extremo", f"the number {told} is extreme"))
    return f"{number:f}"


def _refuse_deep(value: Any) -> None:  # noqa: ANN401
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inside
            for each in level
            if isinstance(each, (dict, list))
            for inside in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> SenderFault:
    details: Details = {"limit": str(MOST_LEVELS), "what": Text("níveis", "levels")}
    return SenderFault(Fault("TOO_COMPLEX", details=details))


def malformed(problem: Text, path: str = "", *, line: int = 0) -> SenderFault:
    """What is wrong with a text, or with the value at a path of it."""
    return SenderFault(Fault("MALFORMED_JSON", path, line, details={"problem": problem}))


def to_xml(name: str, value: Any, shape: ElementShape = UNKNOWN, path: str = "") -> _Element:  # noqa: ANN401
    """The element of a JSON value, which stands at a path; SenderFault where XML has none."""
    element, item = _element(name, path), shape.item
    if item and _lists(value, item):
        for place, each in enumerate(_items(value, item, path), start=1):
            element.append(to_xml(item.name, each, item, f"{path}[{place}]"))
    elif isinstance(value, list):
        raise malformed(
            Text(f"{name} não é uma lista, e traz [ ]", f"{name} is no list, and has [ ]"), path
        )
    elif isinstance(value, dict):
        _fill(element, value, shape, path)
    else:
        element.text = written(value, path) or None
    return element


def elements_of(key: str, value: Any, shape: ElementShape, path: str) -> Iterator[_Element]:  # noqa: ANN401
    """The elements that a key stands for: one for each value of an array, none for null."""
    name = shape.name or key
    if value is None:
        return
    if not isinstance(value, list) or (shape.item and not shape.repeated):
        yield to_xml(name, value, shape, path)
        return
    for place, each in enumerate(value, start=1):
        if each is None:
            raise _no_item(name, path)
        yield to_xml(name, each, shape, f"{path}[{place}]")


def written(value: Any, path: str) -> str:  # noqa: ANN401
    """A single value as XML writes it; SenderFault with what XML cannot carry, or for no text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise malformed(Text("falta um texto ou número", "a text or number is missing"), path)
    text = "" if value is None else str(value)
    if forbidden_in(text):
        name = path.rpartition("/")[2]
        problem = Text(
            f"{name} traz um caractere que XML proíbe", f"{name} has a character that XML forbids"
        )
        raise malformed(problem, path)
    return text


def _element(name: str, path: str) -> _Element:
    problem = Text(
        f"“{name[:SHOWN]}” não serve de nome", f"“{name[:SHOWN]}” can be no name of an element"
    )
    if not is_name(name):
        raise malformed(problem, path)
    try:
        return etree.Element(name)
    except ValueError as error:  # names of libxml2 are those of an older XML
        raise malformed(problem, path) from error


def _lists(value: Any, item: ElementShape) -> bool:  # noqa: ANN401
    """Whether a value is the items of a list, and not the list itself with what else it has."""
    if not isinstance(value, dict):
        return value not in ("", None)
    name = item.name.lower()
    itself = len(value) > 1 and name in map(str.lower, value) and name not in item.children
    return not itself


def _items(value: Any, item: ElementShape, path: str) -> Iterable[Any]:  # noqa: ANN401
    """The items of a list: an array or a single one, each wrapped in its name or not."""
    for each in value if isinstance(value, list) else [value]:
        wrapped = isinstance(each, dict) and [key.lower() for key in each] == [item.name.lower()]
        if each is None:
            raise _no_item(item.name, path)
        if wrapped and item.name.lower() not in item.children:
            (inside,) = each.values()
            several = inside if isinstance(inside, list) else [inside]
            if None in several:
                raise _no_item(item.name, path)
            yield from several
        else:
            yield each


def _no_item(name: str, path: str) -> SenderFault:
    name = name[:SHOWN]
    return malformed(
        Text(f"há null no lugar de um {name}", f"there is null in the place of a {name}"), path
    )


def _fill(element: _Element, value: Mapping[str, Any], shape: ElementShape, path: str) -> None:
    children: list[_Element] = []
    for key, inside in value.items():
        below = f"{path}/{key[:SHOWN]}"
        if key == TEXT:
            element.text = written(inside, below) or None
        elif key.startswith(ATTRIBUTE):
            _set(element, key.removeprefix(ATTRIBUTE), written(inside, below), below)
        else:
            known = shape.children.get(key.lower(), UNKNOWN)
            children += elements_of(key, inside, known, below)
    element.extend(_in_order(children, shape))


def _set(element: _Element, name: str, value: str, path: str) -> None:
    # An attribute of the name xmlns would put the element into a namespace.
    if name != NIL and (name == "xmlns" or not is_name(name)):
        shown = name[:SHOWN]
        raise malformed(
            Text(f"“@{shown}” não serve de nome", f"“@{shown}” can be no name of an attribute"),
            path,
        )
    element.set(_NIL if name == NIL else name, value)


def _in_order(children: list[_Element], shape: ElementShape) -> list[_Element]:
    """The children in the order of their contract, where it has one and they have another."""
    places = {name: place for place, name in enumerate(shape.children)}
    ranks = [places.get(tag_of(child).lower(), len(places)) for child in children]
    known = [rank for rank in ranks if rank < len(places)]
    if not shape.ordered or known == sorted(known):
        return children
    # What no contract knows comes last, where it is told as unexpected.
    return [
        child for _, child in sorted(zip(ranks, children, strict=True), key=lambda each: each[0])
    ]
