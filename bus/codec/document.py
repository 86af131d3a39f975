"""A parsed message as the codec hands it out."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final, cast

from lxml import etree

from bus.core.envelope import Envelope, MessageType
from bus.core.identity import fingerprint

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.reader import Read
    from bus.ports.codec import Document

_BUSINESS: Final = MessageType.BUSINESS
_BUSINESS_CONTENT, _RETURN_CONTENT = "{*}BusinessContent", "{*}ReturnContent"


class XmlDocument:
    """A message and its tree, which nobody changes any more: several destinations share it."""

    def __init__(self, raw: bytes, root: _Element, read: Read) -> None:
        self.envelope: Final[Envelope] = read.envelope
        self.raw: Final = raw
        self.root: Final = root
        self.part: Final = read.part
        """BusinessMessage, ResponseMessage or ReceiptMessage."""
        self.strangers: Final = read.strangers
        """The elements of the header that no standard knows."""
        self.turn: Final = Lock()
        """Held while it is validated: for so long lxml makes the content a root of its own."""

    @cached_property
    def content(self) -> _Element | None:
        """BusinessContent, ReturnContent of a response, or None; of any namespace."""
        business = self.envelope.header.type is _BUSINESS
        return next(
            self.part.iterchildren(_BUSINESS_CONTENT if business else _RETURN_CONTENT), None
        )

    @cached_property
    def canonical(self) -> bytes:
        """The part in canonical form, which is also how it is written."""
        return canonical(self.part)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the canonical part, in hex.

        What does not count: the header, comments, the order of attributes, CDATA or not, the
        encoding, blanks between elements, and how the envelope's own names are spelt and ordered.
        Blanks in a text count.
        """
        return fingerprint(self.canonical)


def canonical(element: _Element) -> bytes:
    """An element in exclusive canonical XML (UTF-8)."""
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:  # there is no canonical form with a relative namespace URI
        return etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)


def opened(document: Document) -> XmlDocument:
    """The document behind the port's handle: the codec makes no other."""
    return cast("XmlDocument", document)
