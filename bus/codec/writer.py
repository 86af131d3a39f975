"""Writes envelopes strictly: UTF-8, the header in Protheus order, no namespace.

The strict form is schemas/envelope/TOTVSMessage_1_000.xsd; only what a sender added of its own goes
beyond it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from bus.codec.header import read_origin, write_header
from bus.codec.ids import translated
from bus.codec.markup import attribute_text, element_text, moment
from bus.codec.tree import markup_of
from bus.core.element import Element
from bus.core.envelope import BusinessRequest, MessageType, Product

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.reader import ReadAnswer
    from bus.core.envelope import BusinessEvent, Envelope, Header, InternalIdPair, Note
    from bus.core.translation import Translation
    from bus.ports.codec import Draft, Reply

_OURSELVES = "BUS"
_END = "</ReturnContent>"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_LOCATION = f"{{{_XSI}}}noNamespaceSchemaLocation"


def canonical(element: _Element) -> bytes:
    """An element in exclusive canonical XML (UTF-8)."""
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:  # there is no canonical form with a relative namespace URI
        return etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)


def write_reply(reply: Reply) -> bytes:
    """A ResponseMessage of ours, or of an application that says the same in another way."""
    header = _answering(reply.to, reply.at, MessageType.RESPONSE)
    if reply.source_application:
        header = header._replace(source_application=reply.source_application)
    if reply.product:
        header = header._replace(product=Product(reply.product))
    notes = "".join(map(_note, reply.notes))
    processed_on = element_text(reply.processed_on) or moment(reply.at)
    part = (
        f"<ResponseMessage>{_received(reply.to)}<ProcessingInformation>"
        f"<ProcessedOn>{processed_on}</ProcessedOn><Status>{reply.status}</Status>"
        f"{f'<ListOfMessages>{notes}</ListOfMessages>' if notes else ''}"
        f"</ProcessingInformation>{_returned(reply)}</ResponseMessage>"
    )
    return enveloped(write_header(header, reply.uuid), part.encode())


def pass_on(answer: ReadAnswer, to: Envelope, uuid: str, at: int, by: Translation) -> bytes:
    """A destination's ResponseMessage for the origin: what it says stays, it answers `to`.

    Product and SourceApplication stay the destination's: the origin keeps its de-para by them.
    """
    header = _answering(to, at, MessageType.RESPONSE)
    source, product = read_origin(answer.information)
    header = header._replace(
        source_application=source or header.source_application,
        product=product if product.name else header.product,
    )
    told = translated(answer.part, by) if by.swaps or by.origins else answer.part
    said = b"".join(canonical(child) for child in told if child.tag != "ReceivedMessage")
    part = b"<ResponseMessage>%b%b</ResponseMessage>" % (_received(to).encode(), said)
    return enveloped(write_header(header, uuid), part)


_ANSWERED = re.compile(
    rb"<ResponseMessage><ReceivedMessage><SentBy>[^<]*</SentBy><UUID>[^<]*</UUID>"
    rb"(?=</ReceivedMessage>)"
)
"""How an answer of ours begins that has no MessageContent."""


def enclosed(answer: bytes, text: bytes) -> bytes:
    """A ResponseMessage of ours with the message that it answers, whole, in MessageContent."""
    begins = _ANSWERED.search(answer)
    if begins is None:
        return answer
    at, safe = begins.end(), text.replace(b"]]>", b"]]]]><![CDATA[>")
    content = b"<MessageContent><![CDATA[%b]]></MessageContent>" % safe
    return b"%b%b%b" % (answer[:at], content, answer[at:])


def write_receipt(reply: Reply) -> bytes:
    """A ReceiptMessage: we have it, and say nothing of its processing."""
    header = _answering(reply.to, reply.at, MessageType.RECEIPT)
    part = (
        f"<ReceiptMessage>{_received(reply.to)}"
        f"<ReceiptData><ReceivedOn>{moment(reply.at)}</ReceivedOn>"
        "</ReceiptData></ReceiptMessage>"
    )
    return enveloped(write_header(header, reply.uuid), part.encode())


def write_draft(draft: Draft) -> bytes:
    """A BusinessMessage; SenderFault with what XML cannot carry."""
    header = draft.header._replace(type=MessageType.BUSINESS)
    content = markup_of(draft.content, "BusinessContent")
    part = f"<BusinessMessage>{business_markup(draft.business)}{content}</BusinessMessage>"
    return enveloped(write_header(header, header.uuid), part.encode())


def enveloped(header: str, part: bytes, location: str = "") -> bytes:
    """A TOTVSMessage, of a header and what it carries, with a schema location if there was one."""
    attributes = ""
    if location:
        named = f'xsi:noNamespaceSchemaLocation="{attribute_text(location)}"'
        attributes = f' xmlns:xsi="{_XSI}" {named}'
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<TOTVSMessage{attributes}>{header}'
    return b"%b%b</TOTVSMessage>" % (start.encode(), part)


def _answering(to: Envelope, at: int, kind: MessageType) -> Header:
    return to.header._replace(
        type=kind,
        source_application=_OURSELVES,
        user="",
        generated_on=moment(at),
    )


def _received(to: Envelope) -> str:
    # SentBy is the asker's product, as the Protheus adapters have it.
    sent_by, uuid = element_text(to.header.product.name), element_text(to.header.uuid)
    return f"<ReceivedMessage><SentBy>{sent_by}</SentBy><UUID>{uuid}</UUID></ReceivedMessage>"


def _returned(reply: Reply) -> str:
    """ReturnContent, at its end the ids, as the products give those that they made; or nothing."""
    content = reply.content or Element("ReturnContent")
    if not (reply.ids or content.children or content.text):
        return ""
    return markup_of(content, "ReturnContent").removesuffix(_END) + _listed(reply.ids) + _END


def _listed(ids: tuple[InternalIdPair, ...]) -> str:
    entries = "".join(
        f"<InternalId><Name>{element_text(one.name)}</Name>"
        f"<Origin>{element_text(one.origin)}</Origin>"
        f"<Destination>{element_text(one.destination)}</Destination></InternalId>"
        for one in ids
    )
    return f"<ListOfInternalId>{entries}</ListOfInternalId>" if ids else ""


def business_markup(business: BusinessEvent | BusinessRequest) -> str:
    """What a business message is about: its event, or what it asks for."""
    if isinstance(business, BusinessRequest):
        operation = element_text(business.operation)
        return f"<BusinessRequest><Operation>{operation}</Operation></BusinessRequest>"
    keys = "".join(
        f'<key name="{attribute_text(name)}">{element_text(value)}</key>'
        for name, value in business.keys
    )
    identification = f"<Identification>{keys}</Identification>" if keys else ""
    return (
        f"<BusinessEvent><Entity>{element_text(business.entity)}</Entity>"
        f"<Event>{business.event}</Event>{identification}</BusinessEvent>"
    )


def _note(note: Note) -> str:
    kind, code = attribute_text(note.type), attribute_text(note.code)
    return f'<Message type="{kind}" code="{code}">{element_text(note.text)}</Message>'
