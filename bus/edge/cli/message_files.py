"""Files that hold a message: in XML, in a SOAP call or in JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import click

from bus.core.envelope import Carrier
from bus.core.errors import Fault, SenderFault
from bus.core.system_words import words_of
from bus.core.text import Details

if TYPE_CHECKING:
    from bus.codec.conversion import MessageForm
    from bus.codec.document import XmlDocument
    from bus.codec.json_form import Shapes
    from bus.codec.xml_codec import XmlCodec


class MessageRead(NamedTuple):
    """The message of a file, the form that it has there, and whether it stands in a SOAP call."""

    document: XmlDocument
    form: MessageForm
    in_soap: bool = False


def body_of(file: str, most: int) -> bytes:
    """The bytes of a file, `most` at most; `-` is standard input. Else SenderFault."""
    try:
        with click.open_file(file, "rb") as opened:
            body: bytes = opened.read(most + 1)
    except OSError as error:
        details: Details = {"file": file, "problem": words_of(error)}
        raise SenderFault(Fault("FILE_UNREADABLE", details=details)) from error
    if len(body) > most:
        raise SenderFault(Fault("TOO_LARGE", details={"limit": str(most)}))
    return body


def message_in(file: str, body: bytes, codec: XmlCodec, shapes: Shapes) -> MessageRead:
    """The message of a file's bytes; SenderFault where they hold none.

    In JSON where the name of the file says so, or they begin so.
    """
    from bus.codec.conversion import MessageForm, form_of

    if file.lower().endswith(".json") or form_of(body) is MessageForm.JSON:
        return MessageRead(_told_in_json(body, codec, shapes), MessageForm.JSON)
    try:
        return MessageRead(codec.parse(body), MessageForm.XML)
    except SenderFault as refusal:
        root = refusal.fault.detail("root")
        if refusal.fault.code != "NOT_A_STANDARD_MESSAGE" or root.lower() != "envelope":
            raise
    return MessageRead(codec.parse(body, Carrier.SOAP), MessageForm.XML, in_soap=True)


def _told_in_json(body: bytes, codec: XmlCodec, shapes: Shapes) -> XmlDocument:
    from bus.codec.json_message import xml_of_message

    xml = xml_of_message(body, shapes)
    try:
        return codec.parse(xml)
    except SenderFault as refusal:
        # The lines of its XML are nobody's.
        raise SenderFault(*(replace(fault, line=0) for fault in refusal.faults)) from refusal
