"""The life of a work order between RM and Protheus, over SOAP, by the routes that ship."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.protheus.conversation import Refused
from adapters.protheus.sigamnt import Parameters, Sigamnt
from adapters.protheus.work_orders import Input, InputStage, Phase
from adapters.rm.back_office import WriteOffWay
from adapters.rm.movements import MovementStatus, RequestStatus
from adapters.simulation.eai.books import Declined
from adapters.simulation.eai.outgoing import Outgoing
from adapters.simulation.eai.simulator import PostedMessage
from bus.config import load_settings
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from bus.edge.http.server import Running, running
from bus.journal.commands import ChangeDepara
from depara.model import Key, Link, Member, Source
from tests.acceptance import maintenance as m
from tests.acceptance.maintenance import need, taken
from tests.support.brokers import free_port

SYNC, ASYNC = DeliveryMode.SYNC, DeliveryMode.ASYNC
ORDER = "000123"
OTHER = "000124"


@pytest.fixture
async def stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[m.Pair, Running]]:
    """RM and Protheus, the bus between them, and RM's registers on both sides."""
    for name, value in m.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    async with m.pair(f"http://127.0.0.1:{port}/EAIService") as both:
        routes = tmp_path / "routes.yaml"
        routes.write_text(m.routes_for(both.rm, both.protheus), "utf-8")
        journal = str(tmp_path / "journal.sqlite")
        settings = load_settings(journal=journal, routes=routes, port=port)
        async with running(settings) as run:
            rm, protheus = (Key("Company", *one) for one in m.COMPANY)
            link = Link(Member(rm), (Member(protheus),))
            asked = ChangeDepara("admin", Source.PERSON, reason="go-live", links=(link,))
            await run.bus.ports.crossreference.amend(asked)
            await m.share_registers(both)
            yield both, run


@pytest.fixture
def both(stage: tuple[m.Pair, Running]) -> m.Pair:
    """RM and Protheus."""
    return stage[0]


@pytest.fixture
def run(stage: tuple[m.Pair, Running]) -> Running:
    """The bus between them."""
    return stage[1]


def phase(both: m.Pair, code: str = ORDER) -> Phase:
    """Where an order stands in SigaMNT."""
    return both.protheus.work_orders.of(code).phase


def status(both: m.Pair, code: str = ORDER) -> MovementStatus:
    """Where its movement stands in RM."""
    return both.rm.movements.orders[both.movement(code)].status


def input_of(both: m.Pair, number: int, code: str = ORDER) -> Input:
    """One of its inputs in SigaMNT."""
    return both.protheus.work_orders.of(code).input(number)


def requisition_status(both: m.Pair, number: int) -> RequestStatus:
    """Where the requisition of an input stands in RM."""
    return both.rm.movements.requisitions[both.requisition(ORDER, number)].status


def items_to_bill(both: m.Pair) -> set[str]:
    """What RM's movement of the order holds."""
    return {line.item for line in both.rm.movements.orders[both.movement(ORDER)].lines}


async def arrives(both: m.Pair, number: int) -> None:
    """Wait until RM's write-off has realised an input in SigaMNT."""

    def done() -> bool:
        order = both.protheus.work_orders.of(ORDER)
        return any(one.number == number and one.by_rm for one in order.inputs)

    await m.until(done)


async def billed(both: m.Pair, code: str = ORDER) -> None:
    """Wait until SigaMNT knows that an order is billed."""
    await m.until(lambda: phase(both, code) is Phase.BILLED)


# -- the whole story -------------------------------------------------------------------------------


@pytest.mark.rule("T-155", "T-171", "T-176", "T-193", "X-14")
@pytest.mark.parametrize("mode", [SYNC, ASYNC])
async def test_the_whole_life_of_a_work_order(both: m.Pair, mode: DeliveryMode) -> None:
    """Opened, released, realised from both sides, changed, finished, reopened, billed; one cancelled.

    RM and SigaMNT hold the same of it in the end, in quantity and cost, and RM's stock is what
    that leaves.
    """
    await live(both, mode)

    in_protheus, in_rm = m.sides(both)
    assert in_protheus == in_rm
    assert (status(both), phase(both, OTHER)) == (MovementStatus.BILLED, Phase.CANCELLED)
    assert [one[:1] + one[2:] for one in m.realised_in_protheus(both, ORDER)] == [
        ("COR", Decimal(5), Decimal("36.25")),
        ("OLE", Decimal("1.5"), Decimal("48.00")),
        ("SRV", Decimal(1), Decimal("250.00")),
    ]
    assert both.protheus.work_orders.of(ORDER).cost == Decimal("334.25")
    assert both.protheus.work_orders.refusals == []
    assert (both.rm.doubles, both.protheus.doubles) == ((), ())


async def live(both: m.Pair, mode: DeliveryMode) -> None:
    """The story: all that happens to one order, and a second that is cancelled."""
    users, office = both.users(mode), both.office
    await users.open(ORDER, need("FLT", "2"), need("OLE", "4"), need(m.SERVICE, "1", service=True))
    await users.release(ORDER)
    await users.open(OTHER, need("COR", "9"), released=True)
    await users.realise_planned(ORDER, 1)
    await users.realise(ORDER, need("COR", "3"))
    await users.change(ORDER, 2, Decimal(6))
    await users.change(ORDER, 4, Decimal(5))
    await users.realise_planned(OTHER, 1)
    await m.until(lambda: both.knows(OTHER) and both.knows(ORDER))
    await office.write_off(both.movement(ORDER), taken("OLE", "1.5"))
    await arrives(both, 5)
    await users.cancel(OTHER)
    await users.finish(ORDER)
    await m.until(lambda: status(both) is MovementStatus.TO_BILL)
    await office.receive(both.requisition(ORDER, 3))
    await arrives(both, 3)
    await users.reopen(ORDER)
    await users.remove(ORDER, 1)
    await users.finish(ORDER)
    await m.until(lambda: f"1|{m.SERVICE}" in items_to_bill(both))  # those of the second finish
    await m.until(lambda: status(both, OTHER) is MovementStatus.CANCELLED)
    await office.bill(both.movement(ORDER))
    await billed(both)


# -- what is sent when -----------------------------------------------------------------------------


@pytest.mark.rule("T-148", "T-149", "T-189", by="simulator")
async def test_a_pending_order_sends_nothing(both: m.Pair) -> None:
    """Its inputs are planned ones, which may be changed and removed."""
    users, before = both.users(), both.rm.heard
    await users.open(ORDER, need("FLT", "2"))
    number = await users.plan(ORDER, need("OLE", "1"))
    await users.change(ORDER, 1, Decimal(3))
    await users.remove(ORDER, number)
    await users.open(OTHER)
    await users.cancel(OTHER)

    assert both.rm.heard == before
    assert input_of(both, 1).stage is InputStage.PLANNED
    assert (phase(both), phase(both, OTHER)) == (Phase.PENDING, Phase.CANCELLED)
    with pytest.raises(Refused, match="Pendente"):
        await users.realise(ORDER, need("FLT", "1"))


@pytest.mark.rule("T-85", "T-103", "T-104", "T-107", "T-150", "T-151", "T-190", by="simulator")
@pytest.mark.rule("T-154", "T-163", "T-169", by="simulator")
async def test_release_begins_it(both: m.Pair) -> None:
    """RM gets the order without items, then what is planned; what it has too little of is bought."""
    users = both.users()
    await users.open(ORDER, need("FLT", "2"), need("OLE", "101"), released=True)
    await users.plan(ORDER, need(m.SERVICE, "1", service=True))
    await users.confirm_plan("000200", "000201")
    kinds = [
        both.rm.movements.requisitions[both.requisition(ORDER, number)].kind for number in (1, 2, 3)
    ]

    assert both.sent() == ["MaintenanceOrder", *["Request"] * 3, *["MaintenanceOrder"] * 2]
    assert kinds == ["001", "000", "000"]
    assert both.rm.movements.orders[both.movement(ORDER)].lines == ()
    assert status(both) is status(both, "000201") is MovementStatus.IN_PROGRESS
    with pytest.raises(Refused, match="BackOffice"):
        await users.remove(ORDER, 3)


@pytest.mark.rule("T-112", "T-153", "T-156", "T-113", "T-158", by="simulator")
async def test_realised_inputs_are_written_off(both: m.Pair) -> None:
    """Planned before or not; what is removed comes back into stock, requisition and all."""
    users, stock = both.users(), both.rm.movements.stock
    await users.open(ORDER, need("FLT", "2"), released=True)
    await users.realise_planned(ORDER, 1)
    number = await users.realise(ORDER, need("COR", "3"))
    both_off = [stock.held((f"1|{item}", "1|1|01")) for item in ("FLT", "COR")]
    requested = both.requisition(ORDER, 1)
    received = requisition_status(both, 1)
    await users.remove(ORDER, 1)
    await users.remove(ORDER, number)

    assert both_off == [Decimal(98), Decimal(97)]
    assert [stock.held((f"1|{item}", "1|1|01")) for item in ("FLT", "COR")] == [Decimal(100)] * 2
    assert received is RequestStatus.RECEIVED
    assert both.rm.movements.requisitions[requested].status is RequestStatus.CANCELLED
    assert both.sent()[-3:] == ["CancelRequest"] * 3
    assert m.realised_in_protheus(both, ORDER) == []


@pytest.mark.rule("T-105", "T-106", "T-173", "T-175", "T-177", "T-180", "T-181", by="simulator")
@pytest.mark.rule("T-174", "T-182", "T-191", "T-192", by="simulator")
async def test_finishing_and_reopening(both: m.Pair) -> None:
    """E becomes A, with the items that are costs of the order, and E again; items never add up."""
    users, orders = both.users(), both.rm.movements.orders
    await users.open(ORDER, need("OLE", "1"), released=True)
    await users.realise(ORDER, need("FLT", "2"))
    await users.realise(ORDER, need("COR", "1", counts=False))
    await users.finish(ORDER)
    movement = both.movement(ORDER)
    first = orders[movement]
    with pytest.raises(Refused, match="Finalizado"):
        await users.realise(ORDER, need("FLT", "1"))
    await users.reopen(ORDER)
    reopened = orders[movement].status
    await users.change(ORDER, 2, Decimal(3))
    await users.finish(ORDER)
    (line,) = orders[movement].lines

    assert (first.status, reopened) == (MovementStatus.TO_BILL, MovementStatus.IN_PROGRESS)
    assert [(one.item, one.cost) for one in first.lines] == [("1|FLT", Decimal("21.00"))]
    assert (line.quantity, line.cost) == (Decimal(3), Decimal("31.50"))
    assert requisition_status(both, 1) is RequestStatus.PENDING


@pytest.mark.rule("T-178", by="simulator")
async def test_one_service_may_stand_for_all_costs(both: m.Pair) -> None:
    """Its total is that of the items."""
    users = both.users(parameters=Parameters(whole_service=f"01| |{m.SERVICE}"))
    await users.open(ORDER, released=True)
    await users.realise(ORDER, need("FLT", "2"))
    await users.realise(ORDER, need("OLE", "1"))
    await users.finish(ORDER)
    (line,) = both.rm.movements.orders[both.movement(ORDER)].lines

    assert (line.item, line.quantity, line.cost) == (f"1|{m.SERVICE}", Decimal(1), Decimal("53.00"))


# -- one requisition for an order ------------------------------------------------------------------


JOINS = Parameters(joins=True)


@pytest.mark.rule("T-165", "T-166", "T-167", by="simulator")
async def test_a_joined_requisition_changes_in_place(both: m.Pair) -> None:
    """An input is added by the whole requisition, changed by a deletion and an addition."""
    users = both.users(parameters=JOINS)
    await users.open(ORDER, need("FLT", "2"), need("OLE", "4"), released=True)
    requisition = both.requisition(ORDER, 1)
    await users.plan(ORDER, need("COR", "1"))
    three = lines_of(both, requisition)
    await users.change(ORDER, 2, Decimal(6))

    assert three == [("1|FLT", Decimal(2)), ("1|OLE", Decimal(4)), ("1|COR", Decimal(1))]
    assert lines_of(both, requisition) == [three[0], three[2], ("1|OLE", Decimal(6))]
    assert both.sent() == ["MaintenanceOrder", *["Request"] * 5]
    assert list(both.rm.movements.requisitions) == [requisition]
    assert both.requisition(ORDER, 4) == requisition


@pytest.mark.rule("T-90", by="simulator")
async def test_a_requisition_without_items_is_gone(both: m.Pair) -> None:
    """With its last input the pending movement is deleted in RM, and its pairs close."""
    users = both.users(parameters=JOINS)
    await users.open(ORDER, need("FLT", "2"), released=True)
    requisition = both.requisition(ORDER, 1)
    await users.remove(ORDER, 1)
    await users.plan(ORDER, need("FLT", "3"))

    assert list(both.rm.movements.requisitions) == [both.requisition(ORDER, 2)]
    assert both.requisition(ORDER, 2) != requisition
    assert both.rm.erp.pairs.find("PROTHEUS", "Request", "01|01|000001") == ()
    assert both.rm.erp.pairs.find("PROTHEUS", "RequestItem", "01|01|000001|1") == ()


@pytest.mark.rule("T-91", "T-92", by="simulator")
async def test_what_came_in_part_is_not_removed(both: m.Pair) -> None:
    """Without the inputs of which nothing came, the requisition is received."""
    users = both.users(parameters=JOINS)
    await users.open(ORDER, need("FLT", "2"), need("OLE", "4"), released=True)
    requisition = both.requisition(ORDER, 1)
    (line, _) = both.rm.movements.requisitions[requisition].lines
    fulfils = replace(taken("FLT", "1"), request_line=line.line.id)
    await both.office.write_off(both.movement(ORDER), fulfils, WriteOffWay(integrated=False))
    partial = requisition_status(both, 1)
    with pytest.raises(Refused, match="faturado parcialmente"):
        await users.remove(ORDER, 1)
    await both.office.write_off(both.movement(ORDER), fulfils, WriteOffWay(integrated=False))
    await users.remove(ORDER, 2)

    assert partial is RequestStatus.PARTIAL
    assert requisition_status(both, 1) is RequestStatus.RECEIVED
    assert input_of(both, 1).stage is InputStage.PLANNED


@pytest.mark.rule("T-170", by="simulator")
async def test_a_relation_keeps_an_input(both: m.Pair) -> None:
    """Billed to another type, a requisition stays pending, but its input is not removed."""
    users = both.users(parameters=JOINS)
    await users.open(ORDER, need("FLT", "2"), need("OLE", "1"), released=True)
    await both.office.receive(both.requisition(ORDER, 1), WriteOffWay(integrated=False))
    with pytest.raises(Refused, match="possui vínculo com outro movimento"):
        await users.remove(ORDER, 1)

    assert requisition_status(both, 1) is RequestStatus.PENDING
    assert len(lines_of(both, both.requisition(ORDER, 1))) == 2


@pytest.mark.rule("T-98", "T-168", by="simulator")
async def test_what_may_not_change_is_asked_for_anew(both: m.Pair) -> None:
    """RM is asked first; a requisition that it received stays, and another holds the change."""
    users = both.users(parameters=JOINS)
    await users.open(ORDER, need("FLT", "2"), released=True)
    requisition = both.requisition(ORDER, 1)
    await both.office.receive(requisition, WriteOffWay(reason=2))
    await users.plan(ORDER, need("OLE", "1"))
    await users.change(ORDER, 1, Decimal(5))
    new = [both.requisition(ORDER, number) for number in (2, 1)]

    assert list(both.rm.movements.requisitions) == [requisition, *new]
    assert lines_of(both, requisition) == [("1|FLT", Decimal(2))]
    assert [lines_of(both, id_) for id_ in new] == [
        [("1|OLE", Decimal(1))],
        [("1|FLT", Decimal(5))],
    ]


def lines_of(both: m.Pair, requisition: str) -> list[tuple[str, Decimal]]:
    """What a requisition in RM asks for."""
    lines = both.rm.movements.requisitions[requisition].lines
    return [(one.line.item, one.line.quantity) for one in lines]


# -- what RM does ----------------------------------------------------------------------------------


@pytest.mark.rule("T-109", "T-110", "T-111", by="simulator")
async def test_write_offs_of_rm(both: m.Pair) -> None:
    """Told is what names an order, by an integrated type and by billing or reason 1, 25 or 32."""
    users, office = both.users(), both.office
    await users.open(ORDER, released=True)
    movement, before = both.movement(ORDER), len(both.protheus.heard)
    await office.write_off("", taken("FLT", "1"))
    await office.write_off(movement, taken("FLT", "1"), WriteOffWay(integrated=False))
    await office.write_off(movement, taken("FLT", "1"), WriteOffWay(reason=2))
    for number, reason in enumerate((1, 25, 32), start=1):
        await office.write_off(
            movement, taken("OLE", "1", total="99.90"), WriteOffWay(reason=reason)
        )
        await arrives(both, number)
    await office.write_off(movement, taken("COR", "2"))
    await arrives(both, 4)

    assert len(both.protheus.heard) == before + 4
    assert [input_of(both, n).cost for n in (1, 4)] == [Decimal("99.90"), Decimal("14.50")]


async def test_an_rm_without_a_guard_sends_back(both: m.Pair) -> None:
    """What it wrote off for Protheus it may be told to send, under its own id and for that order."""
    users = both.users()
    await users.open(ORDER, released=True)
    await users.realise(ORDER, need("FLT", "2"))
    (write_off,) = both.rm.movements.live_write_offs(both.movement(ORDER))
    echo = await both.office.echo(write_off.id)

    assert echo.report.outcome is Outcome.RECEIVED
    assert echo.own_id == write_off.id
    assert f"<MainOrderInternalId>{write_off.order}</MainOrderInternalId>".encode() in echo.message
    assert m.written_off_in_rm(both, ORDER) == [("FLT", "01", Decimal(2), Decimal("21.00"))]


@pytest.mark.rule("T-86", "T-87", "T-161", by="simulator")
@pytest.mark.parametrize("quantity", ["2", "101"], ids=["from stock", "bought"])
async def test_what_rm_received_no_longer_changes(both: m.Pair, quantity: str) -> None:
    """A requisition billed in RM makes its input realised, and SigaMNT leaves that alone."""
    users = both.users()
    await users.open(ORDER, need("FLT", quantity), released=True)
    both.rm.movements.stock.hold("1|FLT", "1|1|01", "200", "10.50")
    await both.office.receive(both.requisition(ORDER, 1))
    await arrives(both, 1)
    before = both.rm.heard

    for act in (users.change(ORDER, 1, Decimal(3)), users.remove(ORDER, 1), users.cancel(ORDER)):
        with pytest.raises(Refused, match="baixado pelo BackOffice"):
            await act
    assert both.rm.heard == before
    assert input_of(both, 1).stage is InputStage.REALISED
    assert requisition_status(both, 1) is RequestStatus.RECEIVED


@pytest.mark.rule("T-100", "T-183", "T-184", "T-185", "T-186", by="simulator")
async def test_billing(both: m.Pair) -> None:
    """Whole, and of several orders all or none; Protheus hears of nothing else, and closes them."""
    users, office = both.users(), both.office
    for code in (ORDER, OTHER):
        await users.open(code, released=True)
        await users.realise(code, need("FLT", "2"))
    first, second = both.movement(ORDER), both.movement(OTHER)
    before = len(both.protheus.heard)
    with pytest.raises(Declined, match="status E"):
        await office.bill(first)
    await users.finish(ORDER)
    await users.finish(OTHER)
    with pytest.raises(Declined, match="parcialmente"):
        await office.bill(first, quantities={"1|FLT": "1"})
    with pytest.raises(Declined, match="parcialmente"):
        await office.bill(first, second, quantities={"1|FLT": "3.99"})
    assert (status(both), status(both, OTHER)) == (MovementStatus.TO_BILL, MovementStatus.TO_BILL)
    assert len(both.protheus.heard) == before
    await office.bill(first, second, quantities={"1|FLT": "4"})
    await billed(both)
    await billed(both, OTHER)

    assert status(both) is status(both, OTHER) is MovementStatus.BILLED
    assert len(both.protheus.heard) == before + 2
    for act in (users.reopen(ORDER), users.realise(ORDER, need("FLT", "1")), users.cancel(ORDER)):
        with pytest.raises(Refused, match="Faturado"):
            await act
    with pytest.raises(Declined, match="status F"):
        await office.write_off(first, taken("FLT", "1"))


# -- what RM refuses reaches the user who waits ----------------------------------------------------


@pytest.mark.rule("T-160")
async def test_what_is_accounted_for_stays(both: m.Pair) -> None:
    """RM's words reach the user as they are, nothing changes, and no new write-off is sent."""
    users = both.users()
    await users.open(ORDER, released=True)
    await users.realise(ORDER, need("FLT", "2"))
    before, state = both.sent(), input_of(both, 1)
    (write_off,) = both.rm.movements.live_write_offs(both.movement(ORDER))
    both.rm.movements.account(write_off.id)

    words = (
        f"O movimento {write_off.id} possui lançamento financeiro ou contabilização "
        "e não pode ser estornado"
    )
    for act in (users.remove(ORDER, 1), users.change(ORDER, 1, Decimal(5)), users.cancel(ORDER)):
        with pytest.raises(Refused) as refused:
            await act
        assert str(refused.value) == words
    assert both.sent() == before
    assert input_of(both, 1) == state
    assert (phase(both), status(both)) == (Phase.RELEASED, MovementStatus.IN_PROGRESS)
    in_protheus, in_rm = m.sides(both)
    assert in_protheus == in_rm


@pytest.mark.rule("T-157", by="simulator")
async def test_without_stock_nothing_is_realised(both: m.Pair) -> None:
    """The balance is asked first; where RM itself finds too little, the user reads that."""
    users, before = both.users(), len(both.rm.heard)
    await users.open(ORDER, released=True)
    with pytest.raises(Refused, match="Não há saldo"):
        await users.realise(ORDER, need("FLT", "101"))
    asked = len(both.rm.heard) - before - 1
    with pytest.raises(Refused, match=r"Saldo insuficiente do produto 1\|FLT .*: 100"):
        await both.users(parameters=Parameters(may_lack=True)).realise(ORDER, need("FLT", "101"))

    assert asked == 1
    assert "StockTurnover" not in both.sent()
    assert both.protheus.work_orders.of(ORDER).inputs == ()
    in_protheus, in_rm = m.sides(both)
    assert in_protheus == in_rm


@pytest.mark.rule("T-99", "T-159", "T-170", by="simulator")
@pytest.mark.parametrize("way", ["linked", "received"])
async def test_what_rm_went_on_with_stops_the_cancellation(both: m.Pair, way: str) -> None:
    """A requisition that was billed is not cancelled, nor is its order, nor sent to be so."""
    users = both.users()
    await users.open(ORDER, need("FLT", "2"), released=True)
    requisition = both.requisition(ORDER, 1)
    if way == "linked":
        await both.office.receive(requisition, WriteOffWay(integrated=False))
        words = "possui relacionamento com o movimento gerado"
    else:
        await both.office.receive(requisition, WriteOffWay(reason=2))
        words = "o estorno não está definido na integração"
    before = len(both.rm.heard)

    with pytest.raises(Refused, match=words):
        await users.cancel(ORDER)
    with pytest.raises(Refused, match=words):
        await users.remove(ORDER, 1)
    assert len(both.rm.heard) == before + 2
    assert (phase(both), status(both)) == (Phase.RELEASED, MovementStatus.IN_PROGRESS)
    assert not both.rm.movements.requisitions[requisition].cancelled


# -- and where nobody waits, it is taken back ------------------------------------------------------


async def test_a_late_refusal_holds_what_follows(both: m.Pair, run: Running) -> None:
    """SigaMNT takes back what RM refused; the order is not cancelled, and a person gives that up."""
    sent: list[PostedMessage] = []

    async def post(out: Outgoing) -> PostedMessage:
        sent.append(await both.protheus.send(out))
        return sent[-1]

    users = Sigamnt(both.protheus, ASYNC, post)
    await users.open(ORDER, released=True)
    await users.realise(ORDER, need("FLT", "2"))
    await m.until(
        lambda: both.knows(ORDER) and both.rm.movements.live_write_offs(both.movement(ORDER))
    )
    (write_off,) = both.rm.movements.live_write_offs(both.movement(ORDER))
    both.rm.movements.account(write_off.id)
    await users.cancel(ORDER)
    refusals = both.protheus.work_orders.refusals
    await m.until(lambda: refusals)
    before = (phase(both), input_of(both, 1).stage)
    for one in reversed(sent[-2:]):
        await run.bus.operators.discard(await run.bus.operators.find(one.uuid), 0, "ana", "fica")
    await m.until(lambda: phase(both) is Phase.RELEASED)

    assert before == (Phase.CANCELLED, InputStage.REALISED)
    assert "não pode ser estornado" in refusals[0].words
    assert [one.uuid for one in refusals] == [one.uuid for one in sent[-2:]]
    assert both.sent() == ["MaintenanceOrder", "StockTurnover"]
    assert status(both) is MovementStatus.IN_PROGRESS
    in_protheus, in_rm = m.sides(both)
    assert in_protheus == in_rm
