"""The codec of standard messages in XML. What is long is parsed in a thread, so others go on."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from bus.codec.document import XmlAnswer, XmlDocument, condition_problem
from bus.codec.parser import LONG, Limits, Parsed, Parser
from bus.codec.reader import read_answer, read_envelope, read_refused
from bus.codec.soap import open_call, unwrap_answer
from bus.codec.writer import write_draft, write_receipt, write_reply
from bus.core.envelope import Carrier
from bus.core.errors import SenderFault
from bus.ports.codec import Carried, EnvelopeRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bus.codec.json_form import ElementShape, Shapes
    from bus.core.text import Text
    from bus.ports.codec import Draft, Reply, Unwrapped


_DEFAULT_LIMITS = Limits()
MOST_JUST_READ = 64
"""Answers that are kept until they are read once more; none of them is long."""


def no_shapes(_: str, __: str) -> Mapping[str, ElementShape]:
    """The map of a codec that knows no contract: lists of JSON are then told by their names."""
    return {}


class XmlCodec:
    """Implements `bus.ports.Codec`. May be used by several threads at once.

    `parse` and `parse_answer` are what `read` and `read_answer` do, in the thread of the caller.
    """

    def __init__(
        self,
        limits: Limits = _DEFAULT_LIMITS,
        most_answer: int = 0,
        shapes: Shapes = no_shapes,
    ) -> None:
        self._shapes = shapes
        self._parser = Parser(limits)
        self.most_answer = most_answer or limits.body
        self._answers = Parser(replace(limits, body=self.most_answer))
        self._just_read: OrderedDict[int, tuple[bytes, XmlAnswer]] = OrderedDict()

    async def read(self, body: bytes | Carried, carrier: Carrier = Carrier.HTTP) -> XmlDocument:
        """The message that a carrier's body holds, or SenderFault."""
        if len(body.utf8 if isinstance(body, Carried) else body) > LONG:
            return await asyncio.to_thread(self.parse, body, carrier)
        return self.parse(body, carrier)

    async def read_answer(self, body: bytes) -> XmlAnswer:
        """A destination's answer; SenderFault where the bytes are none.

        Adapter and engine read the same one after each other: it is parsed for the first.
        """
        if len(body) > LONG:
            return await asyncio.to_thread(self.parse_answer, body)
        _, answer = self._just_read.pop(id(body), (None, None))
        if answer is None:
            answer = self.parse_answer(body)
            self._just_read[id(body)] = body, answer  # which keeps the bytes, and so their id
            if len(self._just_read) > MOST_JUST_READ:
                self._just_read.popitem(last=False)
        return answer

    async def unwrap(self, body: bytes) -> Unwrapped:
        """What a destination's answer in SOAP carries: a message, or the words of a Fault."""
        if len(body) > LONG:
            return await asyncio.to_thread(unwrap_answer, self._answers, body)
        return unwrap_answer(self._answers, body)

    def reply(self, reply: Reply) -> bytes:
        """A ResponseMessage, or a receipt where the reply has no status."""
        return write_receipt(reply) if reply.status is None else write_reply(reply)

    def compose(self, draft: Draft) -> bytes:
        """A BusinessMessage, which is read once, so that what nobody can read is told here."""
        body = write_draft(draft)
        self.parse(body)
        return body

    def from_json(self, body: bytes) -> bytes:
        """The XML of a message in JSON, by the contracts that the codec was given."""
        from bus.codec.json_message import xml_of_message  # noqa: PLC0415 - few speak JSON

        return xml_of_message(body, self._shapes)

    def in_json(self, message: bytes) -> bytes:
        """The JSON of a message, read again to see that it says the same."""
        from bus.codec.conversion import in_json  # noqa: PLC0415 - few speak JSON

        return in_json(self.parse(message), self._shapes, self.parse)

    def parse(self, body: bytes | Carried, carrier: Carrier = Carrier.HTTP) -> XmlDocument:
        """Parse a message, or raise SenderFault with everything that its envelope lacks."""
        if not isinstance(body, Carried):
            if carrier != Carrier.SOAP:
                parsed = self._parsed(body)
                return XmlDocument(body, parsed.root, read_envelope(parsed))
            body = open_call(self._parser, body).carried
        if body.faults:
            raise SenderFault(*body.faults)
        # Its carrier has decoded the text, whatever it declares.
        root, mended = self._parsed(body.utf8, decoded=True)
        read = read_envelope(Parsed(root, body.repairs + mended))
        return XmlDocument(body.utf8, root, read, decoded=True)

    def _parsed(self, body: bytes, *, decoded: bool = False) -> Parsed:
        """The tree of a message; of one that cannot be parsed, its header goes with the fault."""
        try:
            return self._parser.parse(body, decoded=decoded)
        except SenderFault as refusal:
            information = self._parser.header(body, decoded=decoded)
            if information is None:
                raise
            raise EnvelopeRefused(read_refused(information), *refusal.faults) from refusal

    def parse_answer(self, body: bytes) -> XmlAnswer:
        """Parse a destination's answer, or raise SenderFault."""
        return XmlAnswer(body, read_answer(self._answers.parse(body)))

    def condition_problem(self, condition: str) -> Text | None:
        """What is wrong with an XPath condition; None when it can be used."""
        return condition_problem(condition)
