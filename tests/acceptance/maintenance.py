"""RM and Protheus with the routes that ship between them, and what both keep of work orders."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from adapters.protheus.sigamnt import USUAL, Parameters, Sigamnt
from adapters.protheus.simulator import ProtheusSimulator, protheus_simulator
from adapters.protheus.work_orders import InputStage, Need
from adapters.rm.back_office import BackOffice, Taken
from adapters.rm.movements import WriteOff
from adapters.rm.simulator import RmSimulator, rm_simulator
from adapters.simulation.desk import Setting
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import EaiSimulator, PostedMessage
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from bus.core.route import Credentials
from bus.wiring import open_codec

SHIPPED = Path(__file__).parents[2] / "routes.yaml"
PASSWORD = "only-in-tests"
ENVIRONMENT = {
    f"{name}_PASSWORD": PASSWORD for name in ("RM_LOGIN", "PROTHEUS_LOGIN", "RM", "PROTHEUS")
}
"""What the shipped routes read from the environment."""
COMPANY = (("rm", "", "1|1"), ("protheus", "", "01|01"))
"""What both call the company and branch: application, scope and id."""
ITEMS = {"FLT": "10.50", "OLE": "32.00", "COR": "7.25"}
"""The items, with what one costs."""
SERVICE = "SRV"
WAREHOUSE = "01"
HELD = "100"
"""Of each item, at the start."""

UNTAKEN = frozenset({Outcome.BUSY, Outcome.UNREACHABLE, Outcome.UNKNOWN})
"""What does not say that the bus has it."""

Placed = tuple[str, str, Decimal, Decimal]
"""An item and a warehouse, by their codes, a quantity and its cost."""


ErpBooks = tuple[Mapping[str, list[Placed]], Mapping[str, Decimal]]
"""What is used up by each order, and what is left of each item."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both ERPs, and what their users do."""

    rm: RmSimulator
    protheus: ProtheusSimulator

    def users(
        self, mode: DeliveryMode = DeliveryMode.SYNC, parameters: Parameters = USUAL
    ) -> Sigamnt:
        """The users of a SigaMNT set up so, whose messages go in a mode."""
        return Sigamnt(self.protheus, mode, parameters=parameters)

    @property
    def office(self) -> BackOffice:
        """The users of RM."""
        return BackOffice(self.rm)

    def patient_users(self) -> Sigamnt:
        """Users of SigaMNT that do not wait, behind a queue that sends until the bus has it."""
        return Sigamnt(self.protheus, DeliveryMode.ASYNC, until_taken(self.protheus))

    def patient_office(self) -> BackOffice:
        """The users of RM, behind such a queue."""
        return BackOffice(self.rm, until_taken(self.rm))

    def knows(self, code: str) -> bool:
        """Whether RM has a work order."""
        own = self.protheus.work_orders.of(code).id
        return bool(self.rm.erp.pairs.find("PROTHEUS", "MaintenanceOrder", own))

    def movement(self, code: str) -> str:
        """The id in RM of a work order."""
        own = self.protheus.work_orders.of(code).id
        (id_,) = self.rm.erp.pairs.find("PROTHEUS", "MaintenanceOrder", own)
        return id_

    def requisition(self, code: str, number: int) -> str:
        """The id in RM of the requisition of an input."""
        own = self.protheus.work_orders.of(code).input(number).request
        (id_,) = self.rm.erp.pairs.find("PROTHEUS", "Request", own)
        return id_

    def sent(self) -> list[str]:
        """The transactions that RM has processed but for balances, in order."""
        from_protheus = ("MaintenanceOrder", "Request", "StockTurnover")
        known = {*from_protheus, "CancelRequest", "CancelMaintenanceOrder"}
        return [e.transaction for e in self.rm.received if e.transaction in known]


def need(item: str, quantity: str, *, service: bool = False, counts: bool = True) -> Need:
    """An item by its code, in Protheus."""
    return Need(f"01| |{item}", f"01|01|{WAREHOUSE}", Decimal(quantity), service, counts)


def taken(item: str, quantity: str, total: str = "") -> Taken:
    """An item by its code, in RM."""
    return Taken(f"1|{item}", f"1|1|{WAREHOUSE}", quantity, total)


def routes_for(rm: RmSimulator, protheus: ProtheusSimulator) -> str:
    """The routes that ship, with the addresses of the two."""
    text = SHIPPED.read_text("utf-8")
    for shipped, address in (
        ("http://rm.example:8051/EAIService/MEX", rm.address),
        ("http://protheus.example:8080/ws/EAISERVICE.apw", protheus.address),
    ):
        assert text.count(shipped) == 1
        text = text.replace(shipped, address)
    return text


@contextlib.asynccontextmanager
async def pair(bus: str, *, receipts: bool = False) -> AsyncIterator[Pair]:
    """Both ERPs, which call a bus at an address where nobody need listen yet."""
    codec = open_codec()
    async with (
        rm_simulator(codec, _setting("rm", "rm", bus, receipts=receipts)) as rm,
        protheus_simulator(codec, _setting("P12Manutencao", "protheus", bus)) as protheus,
    ):
        yield Pair(rm, protheus)


async def share_registers(both: Pair) -> None:
    """RM sends its registers, and has something of each item."""
    registers: list[tuple[str, str, Mapping[str, Value]]] = [
        ("UnitOfMeasure", "UN", {"Description": "Unidade"}),
        ("Warehouse", WAREHOUSE, {"Description": "Almoxarifado"}),
        *(("Item", code, {"Name": code}) for code in (*ITEMS, SERVICE)),
    ]
    for transaction, code, fields in registers:
        sent = await both.rm.send(Outgoing(transaction, code, fields))
        assert sent.report.outcome is Outcome.DELIVERED, sent.report.fault
    for code, cost in ITEMS.items():
        both.rm.movements.stock.hold(f"1|{code}", f"1|1|{WAREHOUSE}", HELD, cost)
    both.rm.movements.stock.offer(f"1|{SERVICE}", "250.00")


def realised_in_protheus(both: Pair, code: str) -> list[Placed]:
    """What Protheus has realised in a work order."""
    inputs = both.protheus.work_orders.of(code).of(InputStage.REALISED)
    return sorted(
        (_code(one.need.item), _code(one.need.warehouse), one.need.quantity, one.cost)
        for one in inputs
    )


def written_off_in_rm(both: Pair, code: str) -> list[Placed]:
    """What RM has written off for a work order, nothing where it does not know it."""
    if not both.knows(code):
        return []
    write_offs = both.rm.movements.live_write_offs(both.movement(code))
    return sorted(line for one in write_offs for line in _placed(one))


def sides(both: Pair) -> tuple[ErpBooks, ErpBooks]:
    """What Protheus has realised and RM has written off, by order; and the stock that leaves."""
    orders = [order.code for order in both.protheus.work_orders.all()]
    realised = {code: realised_in_protheus(both, code) for code in orders}
    written_off = {code: written_off_in_rm(both, code) for code in orders}
    left = {code: Decimal(HELD) for code in ITEMS}
    for item, _, quantity, _ in (one for placed in realised.values() for one in placed):
        if item in left:
            left[item] -= quantity
    held = {_code(item): held for (item, _), held in both.rm.movements.stock.balances().items()}
    return (realised, left), (written_off, held)


def until_taken(erp: EaiSimulator) -> Callable[[Outgoing], Awaitable[PostedMessage]]:
    """Sends the same message until the bus has it, as the queues of both do; a query anew."""

    async def post(out: Outgoing) -> PostedMessage:
        sent = await erp.send(out)
        while sent.report.outcome in UNTAKEN:
            await asyncio.sleep(0.1)
            if out.mode is DeliveryMode.SYNC:
                sent = await erp.send(out)
            else:
                sent = replace(sent, report=await erp.post(sent.message))
        return sent

    return post


async def until(done: Callable[[], object]) -> None:
    """Wait for something that is asked, not told."""
    async with asyncio.timeout(30):
        while not done():  # noqa: ASYNC110 - the simulators have no event
            await asyncio.sleep(0.02)


def _setting(name: str, user: str, bus: str, *, receipts: bool = False) -> Setting:
    login, credentials = Credentials("bus", PASSWORD), Credentials(user, PASSWORD)
    return Setting(name=name, bus=bus, login=login, credentials=credentials, receipts=receipts)


def _placed(write_off: WriteOff) -> list[Placed]:
    return [
        (_code(line.item), _code(line.warehouse), line.quantity, line.cost)
        for line in write_off.lines
    ]


def _code(id_: str) -> str:
    return id_.rpartition("|")[2]
