"""Standard messages in a tiny text format, so that thousands of histories take a minute.

They implement the ports Document, Codec and Contracts; nothing here is XML. The `token` of a message
stands for its content: same token, same content, and no two intents of a sender share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from bus.core.bridge import Bridge
from bus.core.contract import Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.element import Element
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    Carrier,
    DeliveryMode,
    Envelope,
    Event,
    Header,
    InternalIdPair,
    MessageType,
    Note,
    Receipt,
    Response,
    Status,
)
from bus.core.errors import Fault, SenderFault
from bus.core.translation import UNCHANGED, FoundId, Translation
from bus.ports.bridges import Transformed
from bus.ports.codec import Carried, DestinationAnswer, Document, Draft, Reply, Unwrapped
from bus.ports.contracts import FEW

VERSION = "1.000"
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A parsed message of the simulation."""

    envelope: Envelope
    raw: bytes
    content_hash: str
    fields: Fields

    def values(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The fields of those names."""
        return tuple(str(self.fields.get(path, "")) for path in paths)

    def enclosed_in(self, answer: bytes) -> bytes:
        """Nothing is enclosed here."""
        assert self.raw
        return answer

    def texts(self, path: str) -> tuple[str, ...]:
        """The field of that name, where it is there."""
        return tuple(filter(None, self.values((path,))))

    def holds(self, condition: str) -> bool:
        """A condition names a field that must be true."""
        return bool(self.fields.get(condition))

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The fields that hold them."""
        there = ((one, self.fields.get(one.path)) for one in elements)
        return tuple(FoundId(one.path, str(value), one) for one, value in there if value)

    def without(self, names: Sequence[str]) -> Text:
        """Itself: no contract here has an extension."""
        assert not names
        return self

    def content(self, translation: Translation = UNCHANGED) -> Element:
        """Never asked for: these applications read fields."""
        raise AssertionError(translation)

    def write(self, uuid: str, translation: Translation = UNCHANGED) -> bytes:
        """The message with another UUID."""
        put = {swap.path: swap.after for swap in translation.swaps}
        return orjson.dumps({**self.fields, "uuid": uuid, **put})


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """A destination's answer."""

    said: Text

    @property
    def response(self) -> Response | None:
        """What it says."""
        return self.said.envelope.response

    @property
    def transaction(self) -> str:
        """The one that its header names."""
        return self.said.envelope.header.transaction

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """None: it is about one message, whose ids are not repeated."""
        return self.said.ids(elements)

    def write(
        self, to: Envelope, uuid: str, at: int, translation: Translation = UNCHANGED
    ) -> bytes:
        """The same status and code, about the message of the origin."""
        assert not translation.swaps  # its pairs are left out
        return response(
            uuid=uuid,
            received=to.header.uuid,
            status=Status(self.said.fields["status"]),
            code=self.said.fields["code"],
            transaction=to.header.transaction,
        )


def business(fields: Fields) -> bytes:
    """A BusinessMessage: uuid, transaction, mode, document, token and what else it says."""
    return orjson.dumps({"kind": MessageType.BUSINESS, **fields})


def response(  # noqa: PLR0913 - the parts of a ResponseMessage
    *,
    uuid: str,
    received: str,
    status: Status,
    code: str,
    transaction: str,
    processed: int = 0,
    ids: Sequence[InternalIdPair] = (),
) -> bytes:
    """A ResponseMessage about the message that came with the UUID `received`.

    `processed` stands for the time at which that was processed, `ids` is its ListOfInternalId.
    """
    told = {"ids": [[one.name, one.origin, one.destination] for one in ids]} if ids else {}
    return orjson.dumps(
        told
        | {
            "kind": MessageType.RESPONSE,
            "uuid": uuid,
            "received": received,
            "status": status,
            "code": code,
            "transaction": transaction,
            "processed": processed,
        }
    )


def fields_of(body: bytes) -> dict[str, Any]:
    """What a message says."""
    fields: dict[str, Any] = orjson.loads(body)
    return fields


class TextCodec:
    """Reads and writes the format."""

    async def read(self, body: bytes | Carried, carrier: Carrier = Carrier.HTTP) -> Text:
        """Parse."""
        text = body.utf8 if isinstance(body, Carried) else body
        try:
            fields = fields_of(text)
            return Text(_envelope(fields), text, _content(fields), fields)
        except (ValueError, KeyError) as error:
            raise SenderFault(Fault("MALFORMED_XML", details={"problem": str(error)})) from None

    async def read_answer(self, body: bytes) -> TextAnswer:
        """A destination's answer."""
        return TextAnswer(await self.read(body))

    async def unwrap(self, body: bytes) -> Unwrapped:
        """The answer itself: nothing is wrapped here."""
        return Unwrapped(body)

    most_answer = 1_000_000

    def reply(self, reply: Reply) -> bytes:
        """A ResponseMessage, or a receipt."""
        header = reply.to.header
        if reply.status is None:
            receipt = {"kind": MessageType.RECEIPT, "uuid": reply.uuid, "received": header.uuid}
            return orjson.dumps(receipt)
        return response(
            uuid=reply.uuid,
            received=header.uuid,
            status=reply.status,
            code=reply.notes[0].code if reply.notes else "",
            transaction=header.transaction,
        )

    def from_json(self, body: bytes) -> bytes:
        """Never: these messages are no JSON."""
        raise NotImplementedError

    def in_json(self, message: bytes) -> bytes:
        """Never: these messages are no JSON."""
        raise NotImplementedError

    def compose(self, draft: Draft) -> bytes:
        """Never asked for: these applications send whole messages."""
        raise AssertionError(draft)


def _content(fields: Fields) -> str:
    """What two messages share that differ in their headers only."""
    if fields["kind"] != MessageType.RESPONSE:
        return str(fields.get("token", ""))
    names = ("received", "status", "code", "processed")
    return " ".join(str(fields.get(name, "")) for name in names)


def _envelope(fields: Fields) -> Envelope:
    mode = fields.get("mode")
    header = Header(
        uuid=fields["uuid"],
        type=MessageType(fields["kind"]),
        transaction=fields.get("transaction", ""),
        version=VERSION,
        source_application=fields.get("source", ""),
        delivery=DeliveryMode(mode) if mode else None,
    )
    match header.type:
        case MessageType.RESPONSE:
            notes = (Note(fields["code"], code=fields["code"]),) if fields["code"] else ()
            ids = tuple(InternalIdPair(*one) for one in fields.get("ids", ()))
            answer = Response(fields["received"], Status(fields["status"]), notes=notes, ids=ids)
            return Envelope(header, response=answer)
        case MessageType.RECEIPT:
            return Envelope(header, receipt=Receipt(fields["received"]))
        case MessageType.BUSINESS:
            return Envelope(header, business=_business(fields))


def _business(fields: Fields) -> BusinessEvent | BusinessRequest:
    event = fields.get("event")
    if event:
        return BusinessEvent(fields["transaction"], Event(event))
    return BusinessRequest(fields["transaction"])


# -- contracts -------------------------------------------------------------------------------------


def _contract(
    transaction: str, lifecycle: Lifecycle, entity: str, target: IdElement | None = None
) -> Contract:
    shape = MessageShape.EVENT if lifecycle is Lifecycle.REGISTER else MessageShape.REQUEST
    own = () if lifecycle is Lifecycle.QUERY else ("document",)
    return Contract(transaction, VERSION, shape, lifecycle, entity, own_id=own, target=target)


CONTRACTS: Mapping[str, Contract] = {
    one.transaction.casefold(): one
    for one in (
        _contract("Customer", Lifecycle.REGISTER, "Customer"),
        _contract("Item", Lifecycle.REGISTER, "Item"),
        _contract("Price", Lifecycle.REGISTER, "Price"),
        _contract("Order", Lifecycle.PROCESS, "Order"),
        _contract("Payment", Lifecycle.PROCESS, "Payment"),
        _contract("Alert", Lifecycle.PROCESS, "Alert"),
        _contract("Stock", Lifecycle.QUERY, "Stock"),
        _contract(
            "CancelOrder",
            Lifecycle.PROCESS,
            "CancelOrder",
            IdElement("target", IdRole.REFERENCE, "order"),
        ),
    )
}


NAMED: Mapping[str, Mapping[str, str]] = {
    "Item": {"parent": "Item"},
    "Price": {"item": "Item"},
    "Order": {"item": "Item", "customer": "Customer"},
    "Payment": {"customer": "Customer"},
}
"""By transaction, the fields in which messages name others, and what of."""


def _with_ids(contract: Contract) -> Contract:
    name = contract.transaction
    own = (IdElement("document", IdRole.OWN, name),) if name in {"Customer", "Item"} else ()
    others = NAMED.get(name, {}).items()
    named = (IdElement(field, IdRole.REFERENCE, entity) for field, entity in others)
    return replace(contract, ids=(*own, *named))


CONTRACTS_WITH_IDS: Mapping[str, Contract] = {
    name: _with_ids(contract) for name, contract in CONTRACTS.items()
}
"""The same, where things have ids that others name."""


class TextBridges:
    """Implements `bus.ports.Bridges`: these applications take every version."""

    async def transform(
        self, document: Document, bridge: Bridge, translation: Translation = UNCHANGED
    ) -> Transformed:
        """Never asked for."""
        raise AssertionError((document, bridge, translation))


class TextContracts:
    """A registry of contracts."""

    def __init__(self, contracts: Mapping[str, Contract] = CONTRACTS) -> None:
        self._contracts = contracts

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction."""
        return self._contracts.get(transaction.casefold()) if version == VERSION else None

    def known(self) -> tuple[Contract, ...]:
        """All of them."""
        return tuple(self._contracts.values())

    async def conforms(self, contract: Contract, document: Document) -> bool:
        """A message that says it is broken is."""
        return not fields_of(document.raw).get("broken")

    async def explain(
        self, contract: Contract, document: Document, most: int = FEW
    ) -> tuple[Fault, ...]:
        """Something is missing."""
        return (Fault("ELEMENT_MISSING", "/TOTVSMessage/BusinessMessage/BusinessContent"),)

    async def complaints(
        self, contract: Contract, returned: Document | DestinationAnswer, most: int = FEW
    ) -> tuple[Fault, ...]:
        """Whatever came back is right."""
        return ()
