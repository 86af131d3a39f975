"""The codec of standard messages in XML."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from bus.codec.document import XmlDocument, opened
from bus.codec.ids import ids_in
from bus.codec.names import below
from bus.codec.parser import Limits, Parsed, Parser
from bus.codec.reader import read_answer, read_envelope
from bus.codec.soap import message_of_call, unwrap_answer
from bus.codec.writer import pass_on, write_message, write_receipt, write_reply, write_translated
from bus.core.envelope import Carrier
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.text import Details, Text
from bus.core.translation import UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    from bus.core.contract import IdElement
    from bus.core.envelope import Response
    from bus.core.translation import FoundId, Translation
    from bus.ports.codec import Document, Reply, Unwrapped


_DEFAULT_LIMITS = Limits()


class XmlCodec:
    """Implements `bus.ports.Codec`. May be used by several threads at once."""

    def __init__(self, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._parser = Parser(limits)

    def read(self, body: bytes, carrier: Carrier = Carrier.HTTP) -> XmlDocument:
        """Parse a message, or raise SenderFault with everything that its envelope lacks."""
        if carrier == Carrier.SOAP:
            return self._read_decoded(*message_of_call(self._parser, body))
        parsed = self._parser.parse(body)
        return XmlDocument(body, parsed.root, read_envelope(parsed))

    def _read_decoded(self, utf8: bytes, repairs: tuple[str, ...]) -> XmlDocument:
        """Parse a text that its carrier has decoded, whatever it declares."""
        root, mended = self._parser.parse(utf8, decoded=True)
        return XmlDocument(utf8, root, read_envelope(Parsed(root, repairs + mended)))

    def values(self, document: Document, paths: Sequence[str]) -> tuple[str, ...]:
        """The first text at each path below BusinessContent; empty where none."""
        content = next(opened(document).part.iterchildren("BusinessContent"), None)
        if content is None:
            return ("",) * len(paths)
        return tuple(_first_text(content, path) for path in paths)

    def texts(self, document: Document, path: str) -> tuple[str, ...]:
        """Every text at a path below BusinessContent, in order."""
        content = opened(document).part.find("BusinessContent")
        return () if content is None else tuple(one.text or "" for one in below(content, path))

    def holds(self, document: Document, condition: str) -> bool:
        """Whether an XPath 1.0 condition is true; BusFault where it is not one."""
        try:
            return bool(_compiled(condition)(opened(document).root))
        except etree.XPathError as error:
            raise BusFault(_not_a_condition(condition, str(error))) from error

    def condition_problem(self, condition: str) -> str | None:
        """What is wrong with an XPath condition; None when it can be used."""
        try:
            _compiled(condition)(etree.Element("TOTVSMessage"))
        except etree.XPathError as error:
            return str(error)
        return None

    def ids(self, source: Document | bytes, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements of a message, or of a destination's answer."""
        if not elements:
            return ()
        if not isinstance(source, bytes):
            content = opened(source).content
        else:
            content = self._returned(source)
        return () if content is None else ids_in(content, elements)

    def _returned(self, answer: bytes) -> _Element | None:
        try:
            part = read_answer(self._parser.parse(answer)).part
        except SenderFault:
            return None
        return part.find("ReturnContent")

    def write(
        self,
        document: Document,
        *,
        uuid: str,
        translation: Translation = UNCHANGED,
    ) -> bytes:
        """The message for a destination: envelope as sent, with that UUID and its reader's ids."""
        if not translation.swaps:
            return write_message(opened(document), uuid)
        return write_translated(opened(document), uuid, translation)

    def reply(self, reply: Reply) -> bytes:
        """A ResponseMessage or a receipt; SenderFault where `reply.original` is no response."""
        if reply.status is None:
            return write_receipt(reply)
        if reply.original is None:
            return write_reply(reply)
        return pass_on(reply, read_answer(self._parser.parse(reply.original)))

    def response(self, body: bytes) -> Response | None:
        """What a destination's answer says; None where it is a Receipt; SenderFault otherwise."""
        return read_answer(self._parser.parse(body)).response

    def unwrap(self, body: bytes) -> Unwrapped:
        """What a destination's answer in SOAP carries: a message, or the words of a Fault."""
        return unwrap_answer(self._parser, body)


@lru_cache(maxsize=512)
def _compiled(condition: str) -> etree.XPath:
    # No extension functions: neither EXSLT's regular expressions nor any of ours.
    return etree.XPath(f"boolean({condition})", regexp=False)


def _not_a_condition(condition: str, problem: str) -> Fault:
    details: Details = {
        "problem": f"{condition}: {problem}",
        "hint": Text("Corrija `condition` da rota.", "Correct `condition` of the route."),
    }
    return Fault("CONFIGURATION_INVALID", path="condition", details=details)


def _first_text(content: _Element, path: str) -> str:
    found = next(below(content, path), None)
    return "" if found is None else found.text or ""
