"""A simulated ERP with its EAI: takes standard messages over SOAP, and sends its own to the bus.

    async with EaiSimulator(codec, PRODUCT, SERVICE, Setting(name="rm", bus=address)) as rm:
        sent = await rm.send(Outgoing("UnitOfMeasure", "CX", {"Description": "Caixa"}))
        rm.erp.tables.of("TUND")  # its rows; rm.erp.pairs.all() is its de-para

Beside the pages of every simulated application, `POST /simulator/send` takes what `read_outgoing`
reads, and `GET /simulator/tables` shows tables, de-para and what did not fit there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from adapters.eai_soap.kind import EaiSoapKind
from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting, SimulatedDesk, now
from adapters.simulation.eai.books import ErpBooks, NoBooks
from adapters.simulation.eai.entities import Entity, ErpProduct
from adapters.simulation.eai.erp import Erp
from adapters.simulation.eai.outgoing import Outgoing, Stamp, refuse_unknown, write_outgoing
from adapters.simulation.eai.service import EaiService
from adapters.simulation.simulator import Simulator
from bus.core.element import Element
from bus.core.envelope import DeliveryMode, Event
from bus.core.errors import SenderFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Language
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec

TIMEOUT = 60.0  # s that a sender waits for its answer


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message that the ERP sent, and what the bus said of it."""

    uuid: str
    own_id: str
    message: bytes
    report: Report


class EaiSimulator(Simulator):
    """Plays one ERP while its context is open."""

    def __init__(
        self,
        codec: Codec,
        product: ErpProduct,
        service: EaiService,
        setting: Setting | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.product = product
        self._service = service
        self._codec = codec
        super().__init__(codec, setting or Setting(name=product.name), behaviour)

    async def send(self, out: Outgoing, *, times: int = 1) -> PostedMessage:
        """Keep the document in its own table, and post it to the bus, learning from the answer.

        With `times` the same message goes again and again; the last answer counts. ValueError
        where the ERP has no such transaction or element.
        """
        entity = self.product.entity(out.transaction)
        if entity is None:
            raise ValueError(f"{self.product.name} has no {out.transaction}")
        refuse_unknown(entity, out)
        stamp = self._stamp(entity, out)
        message = write_outgoing(self.product, entity, out, stamp)
        report = await self.post(message)
        for _ in range(times - 1):
            report = await self.post(message)
        return PostedMessage(stamp.uuid, stamp.own_id, message, report)

    async def post(self, message: bytes) -> Report:
        """Post a message to the bus as it is, and learn from the answer to it."""
        bus = self._bus()
        document = await self._codec.read(message)
        uuid = document.envelope.header.uuid
        parcel = Parcel(bus, document, message, uuid, repeat_safe=False, timeout=TIMEOUT)
        adapter = EaiSoapKind().open(bus, self._codec)
        try:
            report = await adapter.send(parcel)
        finally:
            await adapter.close()
        if report.response:
            self.erp.hear((await self._codec.read(report.answer)).envelope)
        return report

    async def returned(self, report: Report) -> Element:
        """The ReturnContent of an answer, in the ids of who answered."""
        return (await self._codec.read(report.answer)).content()

    def _stamp(self, entity: Entity, out: Outgoing) -> Stamp:
        """Keep the document, or mark it to go, and say with what its message is stamped."""
        stamped = str(uuid.uuid4())
        values = {name: text for name, text in out.fields.items() if isinstance(text, str)}
        own_id = str(values.get("InternalId", ""))
        if out.event is Event.DELETE:
            own_id = own_id or self.erp.id_of(out.transaction, out.code)
            self.erp.delete(stamped, entity, own_id)
        elif row := self.erp.insert(out.transaction, out.code, values):
            own_id = row.id
        return Stamp(stamped, now() // 1_000_000, self._setting.name, own_id)

    def _bus(self) -> Application:
        return Application(
            "bus",
            "BUS",
            address=self._setting.bus,
            credentials=self._setting.credentials,
            options=self.product.calls,
        )

    async def _bring(self, response: bytes) -> bool:
        """Bring a late response to the bus; what it refuses, it refuses for good."""
        try:
            report = await self.post(response)
        except SenderFault:
            return True
        return report.outcome not in {Outcome.BUSY, Outcome.UNREACHABLE, Outcome.UNKNOWN}

    def _open_desk(self, codec: Codec) -> SimulatedDesk:
        self.erp = Erp(self.product, self._ledger, self._open_books())
        bring = self._bring if self._setting.bus else None
        return SimulatedDesk(codec, self._setting, self.erp, self._service, bring)

    def _open_books(self) -> ErpBooks:
        """What the product holds of its documents."""
        return NoBooks()

    def _path(self) -> str:
        return self._service.path

    def _add_pages(self, pages: web.Application) -> None:
        pages.router.add_post("/simulator/send", self._be_told_to_send)
        pages.router.add_get("/simulator/tables", self._show_tables)
        pages.router.add_get("/{path:.*}", self._show_wsdl)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if not self._service.is_at(request.path):
            return web.Response(status=404)
        if self._service.asks_status(await request.read()):
            return self._service.say_status()
        return await super()._receive(request)

    async def _show_wsdl(self, request: web.Request) -> web.Response:
        asked = {name.lower() for name in request.query}
        if not self._service.is_at(request.path) or not asked & {"wsdl", "singlewsdl"}:
            return web.Response(status=404)
        address = self.root + request.path
        return web.Response(text=self._service.wsdl(address), content_type="text/xml")

    async def _show_tables(self, _: web.Request) -> web.Response:
        tables = self.erp.tables
        rows = {name: [asdict(row) for row in tables.of(name)] for name in tables.names()}
        pairs = [asdict(pair) for pair in self.erp.pairs.all()]
        shown = {"tables": rows, "pairs": pairs, "remarks": self.erp.pairs.remarks}
        return web.json_response(shown)

    async def _be_told_to_send(self, request: web.Request) -> web.Response:
        try:
            out, times = read_outgoing(json.loads(await request.text()))
            sent = await self.send(out, times=times)
        except (ValueError, TypeError, KeyError) as mistake:
            return web.json_response({"error": str(mistake)}, status=400)
        report = sent.report
        language: Language = "en" if request.query.get("language") == "en" else "pt"
        said = {
            "uuid": sent.uuid,
            "own_id": sent.own_id,
            "outcome": report.outcome,
            "ids": [asdict(pair) for pair in report.response.ids] if report.response else [],
            "problem": report.fault.reason(language) if report.fault else "",
        }
        return web.json_response(said)


def read_outgoing(given: Mapping[str, Any]) -> tuple[Outgoing, int]:
    """What to send and how often, from JSON; ValueError says what is wrong with it.

    `{"transaction", "code", "fields", "event": "upsert", "mode": "Sync", "times": 1}`.
    """
    known = {"transaction", "code", "fields", "event", "mode", "times"}
    if not isinstance(given, dict) or not given.get("transaction") or set(given) - known:
        raise ValueError(f"send an object with transaction, and of {', '.join(sorted(known))}")
    out = Outgoing(
        str(given["transaction"]),
        str(given.get("code", "")),
        dict(given.get("fields", {})),
        Event(given.get("event", "upsert")),
        DeliveryMode(str(given.get("mode", "Sync")).capitalize()),
    )
    return out, int(given.get("times", 1))
