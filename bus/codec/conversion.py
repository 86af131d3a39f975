"""A message in its other form, proved: what was written is read again, and must say the same."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.codec.json_answer import LIST_OF_IDS
from bus.codec.json_message import json_of_message, xml_of_message
from bus.codec.json_writing import dumps, not_in_json
from bus.codec.names import tag_of
from bus.codec.writer import canonical
from bus.core.errors import SenderFault
from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from bus.codec.document import XmlDocument
    from bus.codec.json_form import Shapes

_BLANKS = b"\xef\xbb\xbf \t\r\n"
_HEADER = Text("o cabeçalho não voltaria igual", "the header would not come back the same")
_ELEMENT = Text("o elemento não voltaria igual", "the element would not come back the same")


class MessageForm(StrEnum):
    """How a message is written."""

    JSON = "json"
    XML = "xml"

    @property
    def other(self) -> MessageForm:
        """The one that it is not."""
        return MessageForm.XML if self is MessageForm.JSON else MessageForm.JSON


def form_of(body: bytes) -> MessageForm:
    """The form that a text begins in."""
    return MessageForm.JSON if body.lstrip(_BLANKS)[:1] in {b"{", b"["} else MessageForm.XML


def needs_contract(document: XmlDocument) -> bool:
    """Whether a contract alone tells what is a list, a number or in order in a message's content.

    A response that returns ids, or nothing, needs none.
    """
    if document.envelope.business:
        return True
    returned = document.content_node
    names = () if returned is None else (tag_of(each).lower() for each in returned)
    return any(name != LIST_OF_IDS for name in names)


def in_json(document: XmlDocument, shapes: Shapes, parse: Callable[[bytes], XmlDocument]) -> bytes:
    """A message in JSON; SenderFault where that would lose anything of it."""
    text = dumps(json_of_message(document, shapes))
    try:
        back = parse(xml_of_message(text, shapes))
    except SenderFault as refusal:
        said = refusal.fault.problem
        problem = Text(said.pt.rstrip("."), said.en.rstrip("."))
        raise not_in_json(document.part, problem) from refusal
    if _header(document) != _header(back):
        raise not_in_json(document.root, _HEADER)
    for element in _changed(document.part, back.part):
        raise not_in_json(element, _ELEMENT)
    return text


def in_xml(document: XmlDocument) -> bytes:
    """A message in the XML of the standard, laid out for people where blanks say nothing."""
    root = etree.fromstring(document.write(document.envelope.header.uuid))
    if not any(len(each) and (each.text or "").strip() for each in root.iter()):
        etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _header(document: XmlDocument) -> tuple[Any, ...]:
    return document.envelope.header, [canonical(each) for each in document.strangers]


def _changed(before: _Element, after: _Element) -> Iterator[_Element]:
    """The elements that came back otherwise; among names the contract's order is nobody's loss."""
    mine, theirs = _by_name(before), _by_name(after)
    if _own(before) != _own(after) or mine.keys() != theirs.keys():
        yield before
        return
    for name, children in mine.items():
        others = theirs[name]
        if len(children) != len(others):
            yield children[0]
        for child, other in zip(children, others, strict=False):
            yield from _changed(child, other)


def _own(element: _Element) -> tuple[Any, ...]:
    text = element.text or ""
    return element.tag, dict(element.attrib), text if text.strip() or not len(element) else ""


def _by_name(element: _Element) -> dict[str, list[_Element]]:
    found: dict[str, list[_Element]] = {}
    for child in element:
        found.setdefault(tag_of(child), []).append(child)
    return found
