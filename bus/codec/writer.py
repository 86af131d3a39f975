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
from bus.core.envelope import MessageType

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.reader import ReadAnswer
    from bus.core.envelope import Envelope, Header, Note
    from bus.core.translation import Translation
    from bus.ports.codec import Reply

_OURSELVES = "BUS"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_LOCATION = f"{{{_XSI}}}noNamespaceSchemaLocation"


def canonical(element: _Element) -> bytes:
    """An element in exclusive canonical XML (UTF-8)."""
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:  # there is no canonical form with a relative namespace URI
        return etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)


def write_reply(reply: Reply) -> bytes:
    """Our own ResponseMessage: `status` and `notes` are what we say."""
    header = _answering(reply.to, reply.at, MessageType.RESPONSE)
    notes = "".join(map(_note, reply.notes))
    part = (
        f"<ResponseMessage>{_received(reply.to)}<ProcessingInformation>"
        f"<ProcessedOn>{moment(reply.at)}</ProcessedOn><Status>{reply.status}</Status>"
        f"{f'<ListOfMessages>{notes}</ListOfMessages>' if notes else ''}"
        "</ProcessingInformation></ResponseMessage>"
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


def _note(note: Note) -> str:
    kind, code = attribute_text(note.type), attribute_text(note.code)
    return f'<Message type="{kind}" code="{code}">{element_text(note.text)}</Message>'
