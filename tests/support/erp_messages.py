"""Messages as the simulated ERPs write them, delivered by the real adapter."""

from __future__ import annotations

from adapters.eai_soap import ADAPTER
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.outgoing import Outgoing, Stamp, Value, write_outgoing
from adapters.simulation.eai.simulator import EaiSimulator
from bus.core.envelope import DeliveryMode, Event
from bus.core.outcome import Report
from bus.core.route import Application
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec
from bus.profiles import profile_named


def message(
    sender: ErpProduct, out: Outgoing, own_id: str, uuid: str = "m-1", product: str = ""
) -> bytes:
    """A message as a product writes it, about its document of that id."""
    entity = sender.entity(out.transaction)
    assert entity
    stamp = Stamp(uuid, 1_769_860_800, sender.name, own_id)
    written = write_outgoing(sender, entity, out, stamp)
    named = f'name="{product or sender.name}"'.encode()
    return written.replace(f'name="{sender.name}"'.encode(), named)


def upsert(transaction: str, code: str, **fields: Value) -> Outgoing:
    """An upsert of a document."""
    return Outgoing(transaction, code, fields)


def delete(transaction: str, code: str) -> Outgoing:
    """A delete of a document."""
    return Outgoing(transaction, code, event=Event.DELETE)


def asynchronous(out: Outgoing) -> Outgoing:
    """The same, to be answered later."""
    return Outgoing(out.transaction, out.code, out.fields, out.event, DeliveryMode.ASYNC)


async def deliver(
    codec: Codec, simulator: EaiSimulator, body: bytes, *, safe: bool = False, within: float = 10.0
) -> Report:
    """Send a message to a simulator by the adapter that the bus uses."""
    product = simulator.product.name
    known = profile_named(product.casefold()).known_faults
    application = Application("erp", product, address=simulator.address, known_faults=known)
    adapter = ADAPTER.open(application, codec)
    document = await codec.read(body)
    uuid = document.envelope.header.uuid
    try:
        return await adapter.send(Parcel(application, document, body, uuid, safe, within))
    finally:
        await adapter.close()


def destinations(report: Report) -> list[str]:
    """The ids that an answer teaches, which is OK."""
    assert report.response
    assert not report.fault, report.fault
    return [pair.destination for pair in report.response.ids]


def refusal(report: Report) -> str:
    """The text of an answer that says no."""
    assert report.response
    assert report.fault
    return " ".join(note.text for note in report.response.notes)
