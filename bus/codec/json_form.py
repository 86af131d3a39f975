"""The standard message in JSON, to XML and back, by a map that comes from each contract's XSD.

Written: a list is an array of its items, whose name the map remembers; numbers and booleans are
JSON's own where they come back with the same spelling, texts otherwise. Read: keys in any letter
case, items wrapped in their name or not, one object where a list is due, numbers as texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.codec.json_problems import NOT_UTF_8, json_problem
from bus.codec.names import local_name, tag_of
from bus.codec.place import SHOWN
from bus.core.contract_diff import Field, is_number
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from lxml.etree import _Element

TEXT = "#text"
"""The key of the text of an element that has attributes, whose own keys begin with @."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_MOST_DIGITS = 15
_MOST_SHIFT = 40
"""Places by which an exponent may move the decimal point."""
MOST_LEVELS = 100
"""Objects and lists within each other."""
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ElementShape:
    """What a map says of an element: its type, its children in order, whether it is repeated."""

    name: str
    type: str = ""
    repeated: bool = False
    ordered: bool = False
    attributes: bool = False
    children: dict[str, ElementShape] = field(default_factory=dict)
    """By lower-case name."""

    @property
    def item(self) -> ElementShape | None:
        """The item, where the element is a list of one kind of item and nothing else."""
        only = next(iter(self.children.values())) if len(self.children) == 1 else None
        return only if only and only.repeated and not self.attributes and not self.type else None


_UNKNOWN = ElementShape("")


def shapes_of(fields: Mapping[str, Field]) -> dict[str, ElementShape]:
    """The map of a contract: the shapes of BusinessContent and ReturnContent, by name."""
    made: dict[str, ElementShape] = {}
    names = {path.rpartition("/@")[0] for path in fields if "/@" in path}
    for path, told in fields.items():
        parent, _, name = path.rpartition("/")
        if name.startswith("@") or name == "*":
            continue
        plain = not any(step.startswith(("&", "|", "(")) for step in told.order)
        shape = ElementShape(name, told.type, told.most != 1, plain, path in names)
        made[path] = shape
        if parent:
            made[parent].children[name.lower()] = shape
    return {path: shape for path, shape in made.items() if "/" not in path}


# -- to JSON ---------------------------------------------------------------------------------------


def to_json(element: _Element, shape: ElementShape = _UNKNOWN) -> Any:  # noqa: ANN401 - what JSON may be
    """An element as JSON has it; texts among its children are joined before them."""
    item = shape.item
    if item and not element.attrib and all(local_name(each) == item.name for each in element):
        return [to_json(each, item) for each in element]
    text = "".join([element.text or "", *filter(str.strip, (each.tail or "" for each in element))])
    if not len(element) and not element.attrib:
        return {} if shape.children and not text else _scalar(text, shape.type)
    told: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    if text.strip() or not len(element):
        told[TEXT] = text
    for name, children in _by_name(element).items():
        known = shape.children.get(name.lower(), _UNKNOWN)
        values = [to_json(child, known) for child in children]
        told[name] = values if known.repeated or len(values) > 1 else values[0]
    return told


def _by_name(element: _Element) -> dict[str, list[_Element]]:
    found: dict[str, list[_Element]] = {}
    for child in element:
        found.setdefault(local_name(child), []).append(child)
    return found


def _scalar(text: str, type_: str) -> str | bool | int | float:
    if type_ == "boolean" and text in {"true", "false"}:
        return text == "true"
    if is_number(type_) and len(text) <= _MOST_DIGITS and _NUMBER.fullmatch(text) and text != "-0":
        return float(text) if "." in text else int(text)
    return text


# -- to XML ----------------------------------------------------------------------------------------


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
        raise _malformed(NOT_UTF_8, line=line) from error
    except json.JSONDecodeError as error:
        raise _malformed(json_problem(error), line=error.lineno) from error
    _refuse_deep(value)
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ, in any letter case: of two, one would go unheard."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key.lower() in seen:
            name = key[:SHOWN]
            raise _malformed(Text(f"“{name}” aparece duas vezes", f"“{name}” appears twice"))
        seen.add(key.lower())
    return dict(pairs)


def _no_number(spelt: str) -> str:
    raise _malformed(Text(f"{spelt} não é um número", f"{spelt} is no number"))


def _digits(spelt: str) -> str:
    """A number as it is spelt; one with an exponent in digits, which is how contracts have it."""
    if "e" not in spelt.lower():
        return spelt
    number = Decimal(spelt)
    if abs(number.adjusted()) > _MOST_SHIFT:
        raise _malformed(Text(f"o número {spelt[:SHOWN]}", f"the number {spelt[:SHOWN]}"))
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


def _malformed(problem: Text, *, line: int = 0) -> SenderFault:
    return SenderFault(Fault("MALFORMED_JSON", line=line, details={"problem": problem}))


def to_xml(name: str, value: Any, shape: ElementShape = _UNKNOWN) -> _Element:  # noqa: ANN401
    """The element of a JSON value; SenderFault where a key can be no name of an element."""
    if not _NAME.fullmatch(name):
        shown = name[:SHOWN]
        raise _malformed(
            Text(f"“{shown}” não serve de nome", f"“{shown}” can be no name of an element")
        )
    element = etree.Element(name)
    item = shape.item
    if item and value not in ("", None):
        element.extend(to_xml(item.name, each, item) for each in _items(value, item))
    elif isinstance(value, list):
        raise _malformed(
            Text(f"{name} não é uma lista, e traz [ ]", f"{name} is no list, and has [ ]")
        )
    elif isinstance(value, dict):
        _fill(element, value, shape)
    else:
        _write(element, value)
    return element


def _items(value: Any, item: ElementShape) -> Iterable[Any]:  # noqa: ANN401
    """The items of a list: an array or a single one, each wrapped in its name or not."""
    for each in value if isinstance(value, list) else [value]:
        wrapped = isinstance(each, dict) and [key.lower() for key in each] == [item.name.lower()]
        if each is None:
            raise _no_item(item)
        if wrapped and item.name.lower() not in item.children:
            (inside,) = each.values()
            several = inside if isinstance(inside, list) else [inside]
            if None in several:
                raise _no_item(item)
            yield from several
        else:
            yield each


def _no_item(item: ElementShape) -> SenderFault:
    return _malformed(
        Text(f"há null no lugar de um {item.name}", f"there is null in the place of a {item.name}")
    )


def _fill(element: _Element, value: Mapping[str, Any], shape: ElementShape) -> None:
    children: list[_Element] = []
    for key, inside in value.items():
        if key == TEXT:
            _write(element, inside)
        elif key.startswith("@") and _NAME.fullmatch(key[1:]):
            _write(element, inside, attribute=key[1:])
        elif inside is not None:
            children += _children(key, inside, shape)
    if shape.ordered:
        ranks = {name: rank for rank, name in enumerate(shape.children)}
        # What no contract knows comes last, where it is told as unexpected.
        children.sort(key=lambda child: ranks.get(tag_of(child).lower(), len(ranks)))
    element.extend(children)


def _children(key: str, inside: Any, shape: ElementShape) -> Iterator[_Element]:  # noqa: ANN401
    known = shape.children.get(key.lower(), _UNKNOWN)
    name = known.name or key
    several = isinstance(inside, list) and (known.repeated or known.item is None)
    for each in inside if several else [inside]:
        yield to_xml(name, each, known)


def _write(element: _Element, value: Any, attribute: str = "") -> None:  # noqa: ANN401
    text = _text(value)
    try:
        if attribute:
            element.set(attribute, text)
        else:
            element.text = text or None
    except ValueError as error:
        name = tag_of(element)[:SHOWN]
        problem = Text(
            f"{name} traz um caractere que XML proíbe",
            f"{name} has a character that XML forbids",
        )
        raise _malformed(problem) from error


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


Shapes = Callable[[str, str], Mapping[str, ElementShape]]
"""The map of the contract of a transaction at a version; an empty one where there is none."""
