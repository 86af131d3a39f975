"""A whole message in JSON, `{"Header": …, "Content": …}`, and in the XML of the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.codec.header import write_header
from bus.codec.json_answer import answer_from_json, answer_to_json
from bus.codec.json_form import TEXT, UNKNOWN
from bus.codec.json_header import header_from_json, header_to_json
from bus.codec.json_reading import loads, malformed, to_xml
from bus.codec.json_writing import to_json
from bus.codec.place import SHOWN
from bus.codec.writer import business_markup
from bus.core.errors import Fault, SenderFault
from bus.core.text import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.document import XmlDocument
    from bus.codec.json_form import Shapes

_CONTENT = "BusinessContent"
_KEYS = {"header", "content"}
_NO_MESSAGE = Text("não é um objeto { }", "it is no object { }")
_NO_OBJECT = Text("{what} não é um objeto", "{what} is no object")
_BATCH = Text(
    "é um lote (Items); cada mensagem vai por si", "it is a batch (Items); each message goes alone"
)


def json_of_message(document: XmlDocument, shapes: Shapes) -> dict[str, Any]:
    """A message as JSON, its keys in the order of the standard; SenderFault where it has none."""
    header = document.envelope.header
    known = shapes(header.transaction, header.version)
    if document.envelope.business is None:
        content = answer_to_json(document.part, known)
    else:
        node = document.content_node
        content = {} if node is None else to_json(node, known.get(_CONTENT, UNKNOWN))
        if content and not isinstance(content, dict):  # a text: Content is an object
            content = {TEXT: content}
    return {"Header": header_to_json(document), "Content": content}


def xml_of_message(body: bytes, shapes: Shapes) -> bytes:
    """The XML of a message in JSON, or SenderFault with what it lacks or XML has no place for."""
    parts = _parts(loads(body))
    given, content = parts.get("header"), parts.get("content")
    if not given:
        raise _missing("Header")
    if not isinstance(given, dict):
        raise malformed(_NO_OBJECT.filled(what="Header"), "/Header")
    if content is None:
        raise _missing("Content")
    if content != "" and not isinstance(content, (dict, list)):
        raise malformed(_NO_OBJECT.filled(what="Content"), "/Content")
    header, business, strangers = header_from_json(given)
    known = shapes(header.transaction, header.version)
    if business is None:
        part = _markup(answer_from_json(header.type, content, known, "/Content"))
    else:
        inside = _markup(to_xml(_CONTENT, content, known.get(_CONTENT, UNKNOWN), "/Content"))
        part = f"<BusinessMessage>{business_markup(business)}{inside}</BusinessMessage>"
    information = write_header(header, header.uuid, "".join(map(_markup, strangers)))
    return f"<TOTVSMessage>{information}{part}</TOTVSMessage>".encode()


def _parts(value: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON may be
    """Header and Content, in any letter case; SenderFault for what stands beside them."""
    if not isinstance(value, dict):
        raise malformed(_NO_MESSAGE)
    parts = {key.lower(): each for key, each in value.items()}
    for key in value:
        if key.lower() not in _KEYS:
            name = key[:SHOWN]
            beside = Text(f"há {name} ao lado de Header", f"there is {name} beside Header")
            raise malformed(_BATCH if key.lower() == "items" else beside, f"/{name}")
    return parts


def _missing(what: str) -> SenderFault:
    return SenderFault(Fault("ENVELOPE_INCOMPLETE", f"/{what}", details={"what": what}))


def _markup(element: _Element) -> str:
    return etree.tostring(element, encoding="unicode")
