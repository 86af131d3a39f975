"""The standard messages that a service-order event makes: one a labour, in their order."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.keepfy.events import EventKind, Labour, Material, ServiceOrderEvent
from bus.core.element import Element
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    DeliveryMode,
    Event,
    Header,
    MessageType,
    Product,
)
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import InboundMessage
from bus.ports.codec import Codec, Draft

REQUEST, STOCK_TURNOVER, CANCEL_REQUEST = "Request", "StockTurnover", "CancelRequest"
VERSIONS = {REQUEST: "1.010", STOCK_TURNOVER: "1.006", CANCEL_REQUEST: "1.000"}
PURCHASE, A_REQUEST, WRITE_OFF = "000", "000", "001"
"""Kinds of a requisition, of what is cancelled, and of a write-off."""
BAR = "|"
MIDNIGHT = "T00:00:00"
TAKEN_BEFORE = Text(
    "a revisão {revision} de {id} já foi aceita, com outro conteúdo",
    "revision {revision} of {id} was taken before, with other content",
)
HIGHER = Text(
    "Envie o que mudou com uma revisão (revision) maior; nada deste evento foi aceito.",
    "Post what changed with a higher revision; none of this event was taken.",
)


@dataclass(frozen=True, slots=True)
class KeepfyComposer:
    """Writes messages in the name of an application, which is one branch of Keepfy."""

    application: Application
    codec: Codec

    def of_event(self, event: ServiceOrderEvent) -> tuple[InboundMessage, ...]:
        """Everything that an event makes: all of it or, by a SenderFault, nothing."""
        make = {
            EventKind.FORECAST: self._requisitions,
            EventKind.REPORT: self._write_offs,
            EventKind.CANCEL: self._cancellations,
        }
        return tuple(make[event.kind](event))

    def register(self, entity: str, version: str, content: Element, *identity: str) -> bytes:
        """A record as it is now; the same identity gives the same UUID."""
        id = content.text_at("InternalId")
        business = BusinessEvent(entity, Event.UPSERT, (("InternalId", id),))
        header = self._header(entity, version, "", entity, *identity)
        return self.codec.compose(Draft(header, business, content))

    def _requisitions(self, event: ServiceOrderEvent) -> Iterator[InboundMessage]:
        """One a labour, with all its materials (K-25, K-26); deleted where none is left (K-31)."""
        for labour in event.labours:
            if labour.kept:
                yield self._event(event, labour, REQUEST, Event.UPSERT, _requisition(event, labour))
            elif labour.ends:
                content = _content(("InternalId", _own(event, labour)))
                yield self._event(event, labour, REQUEST, Event.DELETE, content)

    def _write_offs(self, event: ServiceOrderEvent) -> Iterator[InboundMessage]:
        """One a labour, with a line for each material line (K-35)."""
        for labour in event.labours:
            if labour.materials:
                content = _write_off(event, labour)
                yield self._event(event, labour, STOCK_TURNOVER, Event.UPSERT, content)

    def _cancellations(self, event: ServiceOrderEvent) -> Iterator[InboundMessage]:
        """One for the requisition of each labour (K-32)."""
        for labour in event.labours:
            content = _content(
                ("InternalId", _own(event, labour)),
                ("RequestInternalId", _own(event, labour)),
                ("Type", A_REQUEST),
                ("CancelDateTime", event.at),
                ("CancelReason", event.reason),
            )
            yield self._made(event, labour, BusinessRequest(CANCEL_REQUEST), content)

    def _event(
        self,
        event: ServiceOrderEvent,
        labour: Labour,
        transaction: str,
        what: Event,
        content: Element,
    ) -> InboundMessage:
        keys = (("InternalId", _own(event, labour)),)
        return self._made(event, labour, BusinessEvent(transaction, what, keys), content)

    def _made(
        self,
        event: ServiceOrderEvent,
        labour: Labour,
        business: BusinessEvent | BusinessRequest,
        content: Element,
    ) -> InboundMessage:
        """What a labour makes: a repeated event has the UUIDs of the first."""
        transaction = business.entity if isinstance(business, BusinessEvent) else business.operation
        revision = event.revision if event.kind is EventKind.CANCEL else labour.revision
        identity = (event.branch, event.order, labour.id, event.kind, str(revision))
        at = event.at or _moment(labour.start)
        header = self._header(transaction, VERSIONS[transaction], at, *identity)
        problem = TAKEN_BEFORE.filled(id=labour.id, revision=revision)
        details = {"problem": problem, "remedy": HIGHER}
        reused = Fault("EVENT_REUSED", f"/labours/{labour.place}", details=details)
        return InboundMessage(self.codec.compose(Draft(header, business, content)), reused=reused)

    def _header(self, transaction: str, version: str, at: str, *identity: str) -> Header:
        told = "\n".join(("keepfy", self.application.name, *identity))
        return Header(
            uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, told)),
            type=MessageType.BUSINESS,
            transaction=transaction,
            version=version,
            standard_version="1.0",
            source_application=self.application.name,
            product=Product(self.application.product),
            generated_on=at,
            delivery=DeliveryMode.ASYNC,
        )


def _own(event: ServiceOrderEvent, labour: Labour) -> str:
    return f"{event.order}{BAR}{labour.id}"


def _requisition(event: ServiceOrderEvent, labour: Labour) -> Element:
    lines = tuple(_requested(event, labour, one) for one in labour.materials)
    return _content(
        ("InternalId", _own(event, labour)),
        ("Type", PURCHASE),
        ("DeliveryDateTime", _moment(labour.start)),
        ("MainOrderInternalId", event.order),
        ("MainOrderCode", event.code),
        children=(Element("ListOfRequestItem", children=lines),),
    )


def _requested(event: ServiceOrderEvent, labour: Labour, line: Material) -> Element:
    return _content(
        ("InternalId", f"{_own(event, labour)}{BAR}{line.line}"),
        ("ItemInternalId", line.item),
        ("Quantity", _quantity(line)),
        ("WarehouseInternalId", line.location),
        ("Event", "delete" if line.removed else ""),
        name="RequestItem",
    )


def _write_off(event: ServiceOrderEvent, labour: Labour) -> Element:
    lines = tuple(_used(event, labour, one) for one in labour.materials)
    return _content(
        ("InternalId", _own(event, labour)),
        ("DocumentType", WRITE_OFF),
        ("AbatementDateTime", _moment(labour.start)),
        ("MainOrderCode", event.code),
        ("MainOrderInternalId", event.order),
        children=(Element("ListOfStockTurnoverItem", children=lines),),
    )


def _used(event: ServiceOrderEvent, labour: Labour, line: Material) -> Element:
    gone = line.removed or labour.removed
    before = _content(
        ("InternalId", f"{_own(event, labour)}{BAR}{line.line}"),
        ("EmissionDate", labour.start[:10]),  # K-38: when it was worked
        ("ItemInternalId", line.item),
        ("Quantity", _quantity(line)),
        ("WarehouseInternalId", line.location),
    )
    after = (Element("BinLocation"), *((Element("Event", "delete"),) if gone else ()))
    return Element("StockTurnoverItem", children=(*before.children, *after))


def _quantity(line: Material) -> str:
    return "" if line.quantity is None else f"{line.quantity:f}"


def _moment(start: str) -> str:
    """A date at its beginning; a moment as it is."""
    return start if "T" in start or not start else f"{start}{MIDNIGHT}"


def _content(
    *texts: tuple[str, str], children: tuple[Element, ...] = (), name: str = "BusinessContent"
) -> Element:
    told = (Element(part, text) for part, text in texts if text)
    return Element(name, children=(*told, *children))
