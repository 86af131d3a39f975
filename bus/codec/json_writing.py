"""Elements to JSON, by the map of their contract. What JSON would lose is refused with its path.

Numbers are JSON's own where the contract has a number, with every digit as it is spelt; those of
more digits than programs keep, and spellings that JSON does not have, stay texts.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from bus.codec.json_form import ATTRIBUTE, NIL, TEXT, UNKNOWN, ElementShape
from bus.codec.names import tag_of
from bus.codec.place import SHOWN, path_of
from bus.core.contract_diff import is_number
from bus.core.errors import Fault, SenderFault
from bus.core.text import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTENTS = {"BusinessContent", "ReturnContent"}
"""What is an object, though it holds nothing but one list."""
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MOST_DIGITS = 15
"""Digits of a number that every program keeps."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_NAMESPACE = Text("{name} está no namespace {uri}", "{name} is in the namespace {uri}")
_MIXED = Text("há texto entre os elementos", "there is text among the elements")
_APART = Text(
    "os elementos {name} não estão juntos, e JSON os juntaria",
    "the elements {name} do not stand together, and JSON would put them together",
)
_TWINS = Text(
    "{name} e {other} diferem só em maiúsculas, que JSON não distingue",
    "{name} and {other} differ in letter case alone, which JSON does not heed",
)


def dumps(told: Any) -> bytes:  # noqa: ANN401 - what JSON may be
    """The text of what JSON has, laid out for people; numbers with the digits they have."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(told, default=_spelt, option=options)


def _spelt(number: Decimal) -> orjson.Fragment:
    return orjson.Fragment(f"{number:f}".encode())


def to_json(element: _Element, shape: ElementShape = UNKNOWN) -> Any:  # noqa: ANN401
    """An element as JSON has it: a list, an object or a single value; SenderFault for none."""
    tag, text = _named(element, tag_of(element)), _text(element)
    item = None if tag in _CONTENTS else shape.item
    alone = not element.attrib and not text
    if item and alone and all(tag_of(each) == item.name for each in element):
        return [to_json(each, item) for each in element]
    if not len(element) and not element.attrib and not (text and shape.item):
        return {} if shape.children and not text else _scalar(text, shape.type)
    told: dict[str, Any] = {
        f"{ATTRIBUTE}{_attribute(element, name)}": str(element.get(name))
        for name in sorted(element.attrib)
    }
    if text or not len(element):
        told[TEXT] = _scalar(text, shape.type)
    return told | _children(element, shape)


def _children(element: _Element, shape: ElementShape) -> dict[str, Any]:
    told: dict[str, Any] = {}
    groups = _grouped(element)
    if shape.item and not any(name.lower() in shape.children for name in groups):
        told[shape.item.name] = []  # it tells that this is the list, and no item of it
    for name, children in groups.items():
        known = shape.children.get(name.lower(), UNKNOWN)
        values = [to_json(child, known) for child in children]
        told[name] = values if known.repeated or len(values) > 1 else values[0]
    return told


def _text(element: _Element) -> str:
    """The text of an element: before its children, if anywhere; blanks beside them say nothing."""
    for child in element:
        if (child.tail or "").strip():
            raise not_in_json(element, _MIXED)
    text = element.text or ""
    return text if text.strip() or not len(element) else ""


def _grouped(element: _Element) -> dict[str, list[_Element]]:
    """The children by name, each name at one place."""
    groups: dict[str, list[_Element]] = {}
    seen: dict[str, str] = {}
    before = ""
    for child in element:
        name = tag_of(child)
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise not_in_json(child, _TWINS.filled(name=name[:SHOWN], other=other[:SHOWN]))
        if name in groups and name != before:
            raise not_in_json(child, _APART.filled(name=name[:SHOWN]))
        groups.setdefault(name, []).append(child)
        before = name
    return groups


def _attribute(element: _Element, name: str) -> str:
    return NIL if name == _NIL else _named(element, name)


def _named(element: _Element, name: str) -> str:
    """A name that has no namespace, which JSON has no word for."""
    uri, _, local = name.rpartition("}")
    if uri:
        uri = uri[1:][:SHOWN]
        raise not_in_json(element, _NAMESPACE.filled(name=local[:SHOWN], uri=uri))
    return name


def _scalar(text: str, type_: str) -> str | bool | Decimal:
    if type_ == "boolean" and text in {"true", "false"}:
        return text == "true"
    digits = sum(map(str.isdigit, text))
    if is_number(type_) and digits <= _MOST_DIGITS and _NUMBER.fullmatch(text):
        return Decimal(text)
    return text


def not_in_json(element: _Element, problem: Text) -> SenderFault:
    """An element of a message that JSON cannot carry."""
    return SenderFault(Fault("NOT_IN_JSON", path_of(element), details={"problem": problem}))
