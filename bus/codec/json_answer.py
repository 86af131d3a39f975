"""What a response or receipt says, in JSON and back: its Content is the part of the message itself.

As the products have it, notes are Details, and ReceivedMessage names the Event of the message that
is answered: Protheus reads there that something was deleted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bus.codec.json_form import TEXT, ElementShape
from bus.codec.json_reading import malformed, to_xml
from bus.codec.json_writing import to_json
from bus.codec.parser import Limits, Parser
from bus.codec.reader import read_envelope
from bus.core.envelope import BusinessEvent, MessageType
from bus.core.errors import SenderFault
from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

RETURN = "ReturnContent"
LIST_OF_IDS = "listofinternalid"
_PROCESSING, _RECEIVED = "ProcessingInformation", "ReceivedMessage"
_NOTES, _DETAILS = "ListOfMessages", "Details"
_IDS = ElementShape(
    "ListOfInternalId", children={"internalid": ElementShape("InternalId", repeated=True)}
)
_SHAPES = {
    _PROCESSING.lower(): ElementShape(
        _PROCESSING,
        children={
            _NOTES.lower(): ElementShape(
                _NOTES, children={"message": ElementShape("Message", repeated=True)}
            )
        },
    )
}
_NOTE_KEYS = {
    "@type": "Type",
    "@code": "Code",
    TEXT: "Message",
    "@DetailedMessage": "DetailedMessage",
    "@HelpUrl": "HelpUrl",
}
"""What a note has in XML, and under which key of its entry in Details."""
_IN_XML = {key.lower(): name for name, key in _NOTE_KEYS.items()}
_PARSER = Parser(Limits())


def answer_to_json(part: _Element, known: Mapping[str, ElementShape]) -> dict[str, Any]:
    """The Content of a response or receipt."""
    told: dict[str, Any] = to_json(part, _shape(part.tag, known))
    processing, received = told.get(_PROCESSING), told.get(_RECEIVED)
    if isinstance(processing, dict) and isinstance(processing.get(_NOTES), list):
        notes = processing.pop(_NOTES)
        processing[_DETAILS] = [*map(_detail, notes)]
    if isinstance(received, dict) and not _named(received, "Event"):
        event = _event_in(received)
        told[_RECEIVED] = received | ({"Event": event} if event else {})
    return told


def answer_from_json(
    type_: MessageType,
    content: Any,  # noqa: ANN401 - what JSON may be
    known: Mapping[str, ElementShape],
    path: str,
) -> _Element:
    """The part of a response or receipt; SenderFault where XML has none for what it says."""
    name = f"{type_.value}Message"
    if isinstance(content, dict):
        content = {key: _as_in_xml(key, value, path) for key, value in content.items()}
    return to_xml(name, content, _shape(name, known), path)


def _shape(name: Any, known: Mapping[str, ElementShape]) -> ElementShape:  # noqa: ANN401
    returned = known.get(RETURN, ElementShape(RETURN))
    if returned.item is None and LIST_OF_IDS not in returned.children:
        returned = replace(returned, children=returned.children | {LIST_OF_IDS: _IDS})
    return ElementShape(str(name), children=_SHAPES | {RETURN.lower(): returned})


def _detail(note: Any) -> Any:  # noqa: ANN401
    """An entry of Details, of a note that has a text alone, or more."""
    told = note if isinstance(note, dict) else {TEXT: note}
    return {_NOTE_KEYS.get(key, key): value for key, value in told.items()}


def _as_in_xml(key: str, value: Any, path: str) -> Any:  # noqa: ANN401
    """What a key of Content says, under the names that XML has for it."""
    if not isinstance(value, dict):
        return value
    if key.lower() == _PROCESSING.lower():
        return _with_notes(value, f"{path}/{key}")
    if key.lower() == _RECEIVED.lower():
        # An Event that MessageContent tells as well was put there for JSON.
        event = _event_in(value)
        if event and str(_named(value, "Event")).lower() == event:
            return {key: each for key, each in value.items() if key.lower() != "event"}
    return value


def _with_notes(processing: dict[str, Any], path: str) -> dict[str, Any]:
    details = _named(processing, _DETAILS)
    if details is None:
        return processing
    if _named(processing, _NOTES) is not None:
        problem = Text(
            f"{_DETAILS} e {_NOTES} dizem o mesmo", f"{_DETAILS} and {_NOTES} say the same"
        )
        raise malformed(problem, path)
    told = {key: value for key, value in processing.items() if key.lower() != _DETAILS.lower()}
    several = details if isinstance(details, list) else [details]
    return told | {_NOTES: [*map(_note, several)]}


def _note(detail: Any) -> Any:  # noqa: ANN401
    if not isinstance(detail, dict):
        return detail
    return {_IN_XML.get(key.lower(), key): value for key, value in detail.items()}


def _named(given: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """What a key in any letter case says; None where there is none."""
    return next((value for key, value in given.items() if key.lower() == name.lower()), None)


def _event_in(received: Mapping[str, Any]) -> str:
    """The Event of the message that stands in MessageContent; empty where none can be read."""
    content = _named(received, "MessageContent")
    if not isinstance(content, str) or not content:
        return ""
    text = content.encode("utf-8", "replace")
    try:
        business = read_envelope(_PARSER.parse(text, decoded=True)).envelope.business
    except SenderFault:
        return ""
    return business.event.value if isinstance(business, BusinessEvent) else ""
