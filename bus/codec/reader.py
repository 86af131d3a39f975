"""Reads an envelope with tolerance: any letter case, any order, no namespace or any."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from bus.codec.envelope_faults import EnvelopeFaults
from bus.codec.header import HEADER_NAMES, PATH, read_header
from bus.codec.names import (
    ElementNames,
    arranged,
    attribute,
    children,
    each,
    local_name,
    tag_of,
    text_of,
)
from bus.codec.place import SHOWN, line_of, name_of, path_of
from bus.codec.returned_ids import pairs_in
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    Envelope,
    Event,
    MessageType,
    Note,
    Receipt,
    Repair,
    Response,
    Status,
)
from bus.core.errors import Fault, SenderFault
from bus.core.text import Text
from bus.ports.codec import EnvelopeRefused

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.parser import Parsed
    from bus.core.envelope import Header

ROOT = "TOTVSMessage"
NAMESPACE_REMOVED = Text(
    "o espaço de nomes {namespace} foi retirado", "the namespace {namespace} was removed"
)
_TOP = ElementNames("MessageInformation", "BusinessMessage", "ResponseMessage", "ReceiptMessage")
_PARTS = {
    MessageType.BUSINESS: "BusinessMessage",
    MessageType.RESPONSE: "ResponseMessage",
    MessageType.RECEIPT: "ReceiptMessage",
}
_BUSINESS = ElementNames("BusinessEvent", "BusinessRequest", "BusinessContent")
_EVENT = ElementNames("Entity", "Event", "Identification")
_REQUEST = ElementNames("Operation")
_RESPONSE = ElementNames("ReceivedMessage", "ProcessingInformation", "ReturnContent")
_RECEIPT = ElementNames("ReceivedMessage", "ReceiptData")
_RETURNED = ElementNames("ReturnContent")
_RECEIVED = ElementNames("SentBy", "UUID", "MessageContent")
_PROCESSING = ElementNames("ProcessedOn", "Status", "ListOfMessages")
_RECEIPT_DATA = ElementNames("ReceivedOn")

ENVELOPE_ELEMENTS = frozenset(
    name
    for names in (
        HEADER_NAMES,
        _TOP,
        _BUSINESS,
        _EVENT,
        _REQUEST,
        _RESPONSE,
        _RECEIPT,
        _RECEIVED,
        _PROCESSING,
        _RECEIPT_DATA,
    )
    for name in names.rank
) | {ROOT, "key", "Message", "ListOfInternalId", "InternalId", "Name", "Origin", "Destination"}
"""What an envelope may hold beside the content, in the strict spelling."""

_EVENTS = {event.lower(): event for event in Event}
_STATUSES = {status.lower(): status for status in Status}


class Read(NamedTuple):
    """An envelope, with the element that holds what it carries and the strangers in its header."""

    envelope: Envelope
    part: _Element
    strangers: tuple[_Element, ...]


class ReadAnswer(NamedTuple):
    """What an application answered: a response, or (None) only a receipt; and where it stands."""

    response: Response | None
    part: _Element
    information: _Element | None


def read_envelope(parsed: Parsed) -> Read:
    """The envelope of a parsed message, its tree put into the strict form; or SenderFault."""
    repairs = parsed.repairs
    if parsed.root.tag != ROOT:
        repairs += _adopted(parsed.root)
    complaints = EnvelopeFaults()
    found = children(parsed.root, _TOP)
    _one_of_each(parsed.root, found, _TOP, "/TOTVSMessage", complaints)
    information = found.get("MessageInformation")
    if information is None:
        complaints.missing(PATH, parsed.root)
        raise complaints.refusal()
    read = read_header(information, complaints)
    as_far = Envelope(read.header, repairs=repairs)
    if any(fault.path == f"{PATH}/Type" for fault in complaints):
        raise EnvelopeRefused(as_far, *complaints)
    name = _PARTS[read.header.type]
    part = found.get(name)
    if part is None:
        complaints.missing(f"/TOTVSMessage/{name}", parsed.root)
        raise EnvelopeRefused(as_far, *complaints)
    envelope = _envelope(read.header, part, repairs, complaints)
    if complaints:
        raise EnvelopeRefused(as_far, *complaints)
    return Read(envelope, part, read.strangers)


def read_answer(parsed: Parsed) -> ReadAnswer:
    """The answer of a destination, which may be cut down to what it says; or SenderFault."""
    if parsed.root.tag != ROOT:
        _adopted(parsed.root)
    complaints = EnvelopeFaults()
    found = children(parsed.root, _TOP)
    _one_of_each(parsed.root, found, _TOP, "/TOTVSMessage", complaints)
    information, part = found.get("MessageInformation"), found.get("ResponseMessage")
    if part is None and "ReceiptMessage" in found:
        return ReadAnswer(None, found["ReceiptMessage"], information)
    if part is None:
        complaints.missing("/TOTVSMessage/ResponseMessage", parsed.root)
        raise complaints.refusal()
    response = _response(part, complaints)
    if complaints:
        raise complaints.refusal()
    return ReadAnswer(response, part, information)


def _one_of_each(
    parent: _Element,
    found: dict[str, _Element],
    names: ElementNames,
    path: str,
    complaints: EnvelopeFaults,
) -> None:
    """Complain of every second part beside those found, whatever its prefix or letter case."""
    if len(found) == len(parent):
        return
    seen = set()
    for child in parent:
        name = names.strict.get(local_name(child).lower())
        if name in seen:
            complaints.second(f"{path}/{name}", child)
        elif name:
            seen.add(name)


def read_refused(information: _Element) -> Envelope:
    """The header of a message that could not be read any further."""
    return Envelope(read_header(information, EnvelopeFaults()).header)


def _adopted(root: _Element) -> tuple[Repair, ...]:
    """Refuse what is no TOTVSMessage; spell the root strictly and free its names of a namespace."""
    tag, name = tag_of(root), local_name(root)
    if name.lower() != "totvsmessage":
        details = {"root": name_of(root)}
        raise SenderFault(Fault("NOT_A_STANDARD_MESSAGE", path_of(root), line_of(root), details))
    namespace = tag.removesuffix(name)
    root.tag = ROOT
    if not namespace:
        return ()
    for element in root.iter(f"{namespace}*"):
        element.tag = local_name(element)
    etree.cleanup_namespaces(root)
    told = NAMESPACE_REMOVED.filled(namespace=namespace[1:-1][:SHOWN])
    return (Repair(told, path_of(root), line_of(root)),)


def _envelope(
    header: Header, part: _Element, repairs: tuple[Repair, ...], complaints: EnvelopeFaults
) -> Envelope:
    match header.type:
        case MessageType.BUSINESS:
            return Envelope(header, business=_business(part, complaints), repairs=repairs)
        case MessageType.RESPONSE:
            response = _response(part, complaints)
            if response and not response.received_uuid:
                complaints.missing("/TOTVSMessage/ResponseMessage/ReceivedMessage/UUID", part)
            return Envelope(header, response=response, repairs=repairs)
        case MessageType.RECEIPT:
            return Envelope(header, receipt=_receipt(part, complaints), repairs=repairs)


def _business(part: _Element, complaints: EnvelopeFaults) -> BusinessEvent | BusinessRequest | None:
    path = "/TOTVSMessage/BusinessMessage"
    found = arranged(part, _BUSINESS)
    _one_of_each(part, found, _BUSINESS, path, complaints)
    event, request = found.get("BusinessEvent"), found.get("BusinessRequest")
    if event is not None and request is not None:
        both = "BusinessEvent + BusinessRequest"
        complaints.invalid(path, part, both, "BusinessEvent | BusinessRequest")
    if event is not None:
        return _event(event, complaints)
    if request is not None:
        return _request(request, complaints)
    complaints.missing(f"{path}/BusinessEvent | BusinessRequest", part)
    return None


def _event(element: _Element, complaints: EnvelopeFaults) -> BusinessEvent | None:
    path = "/TOTVSMessage/BusinessMessage/BusinessEvent"
    found = arranged(element, _EVENT)
    _one_of_each(element, found, _EVENT, path, complaints)
    event = complaints.choice(f"{path}/Event", found.get("Event"), element, _EVENTS)
    if event is None:
        return None
    if found["Event"].text != event.value:
        found["Event"].text = event.value
    entity = complaints.bounded(f"{path}/Entity", element, text_of(found.get("Entity")))
    return BusinessEvent(entity, event, _keys(found.get("Identification")))


def _request(element: _Element, complaints: EnvelopeFaults) -> BusinessRequest:
    path = "/TOTVSMessage/BusinessMessage/BusinessRequest"
    found = arranged(element, _REQUEST)
    _one_of_each(element, found, _REQUEST, path, complaints)
    operation = text_of(found.get("Operation"))
    return BusinessRequest(complaints.bounded(f"{path}/Operation", element, operation))


def _keys(identification: _Element | None) -> tuple[tuple[str, str], ...]:
    if identification is None:
        return ()
    keys = []
    for key in each(identification, "key"):
        name = key.get("name")
        if name is None:
            name = attribute(key, "name")
            key.attrib.clear()
            key.set("name", name)
        keys.append((name, key.text or ""))
    return tuple(keys)


def _response(part: _Element, complaints: EnvelopeFaults) -> Response | None:
    path = "/TOTVSMessage/ResponseMessage/ProcessingInformation"
    found = arranged(part, _RESPONSE)
    _one_of_each(part, found, _RESPONSE, "/TOTVSMessage/ResponseMessage", complaints)
    processing = found.get("ProcessingInformation")
    if processing is None:
        complaints.missing(path, part)
        return None
    said = arranged(processing, _PROCESSING)
    _one_of_each(processing, said, _PROCESSING, path, complaints)
    status = complaints.choice(f"{path}/Status", said.get("Status"), processing, _STATUSES)
    if status is None:
        return None
    said["Status"].text = status.value
    uuid, sent_by = _received(found.get("ReceivedMessage"))
    return Response(
        received_uuid=uuid,
        status=status,
        sent_by=sent_by,
        processed_on=text_of(said.get("ProcessedOn")),
        notes=_notes(said.get("ListOfMessages")),
        ids=pairs_in(found.get("ReturnContent")),
    )


def _receipt(part: _Element, complaints: EnvelopeFaults) -> Receipt | None:
    # It should have none; one that is there all the same is checked as that of a response.
    returned = children(part, _RETURNED)
    _one_of_each(part, returned, _RETURNED, "/TOTVSMessage/ReceiptMessage", complaints)
    found = arranged(part, _RECEIPT)
    uuid, sent_by = _received(found.get("ReceivedMessage"))
    if not uuid:
        complaints.missing("/TOTVSMessage/ReceiptMessage/ReceivedMessage/UUID", part)
        return None
    data = found.get("ReceiptData")
    received_on = "" if data is None else text_of(children(data, _RECEIPT_DATA).get("ReceivedOn"))
    return Receipt(uuid, sent_by, received_on)


def _received(element: _Element | None) -> tuple[str, str]:
    if element is None:
        return "", ""
    found = arranged(element, _RECEIVED)
    return text_of(found.get("UUID")).strip(), text_of(found.get("SentBy"))


def _notes(messages: _Element | None) -> tuple[Note, ...]:
    if messages is None:
        return ()
    return tuple(
        Note(text_of(message), attribute(message, "type") or "ERROR", attribute(message, "code"))
        for message in each(messages, "Message")
    )
