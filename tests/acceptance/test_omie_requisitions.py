"""Requisitions of Keepfy's forecasts, by what a simulated Omie holds after each message."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.core.errors import Owner
from bus.engine.operate import Replay
from bus.wiring import open_codec
from tests.support.omie import message
from tests.support.omie_bus import Trio, trio

CODEC = open_codec()
SCREW, KIT = "R1|A|1", "R1|A|2"
"""The lines of the requisition of a labour."""


def wanted(line: str, item: str = "K1", quantity: str = "2.00", place: str = "W1") -> str:
    """A line of a forecast."""
    return (
        f"<InternalId>{line}</InternalId><ItemInternalId>{item}</ItemInternalId>"
        f"<Quantity>{quantity}</Quantity><WarehouseInternalId>{place}</WarehouseInternalId>"
    )


def removed(line: str) -> str:
    """A line that the forecast no longer has."""
    return wanted(line) + "<Event>delete</Event>"


def forecast(
    *lines: str, uuid: str, labour: str = "A", day: int = 3, event: str = "upsert", more: str = ""
) -> bytes:
    """What is wanted for a labour of the work order 7."""
    listed = "".join(f"<RequestItem>{line}</RequestItem>" for line in lines)
    content = (
        f"<InternalId>R1|{labour}</InternalId><Type>000</Type>"
        f"<DeliveryDateTime>2026-02-0{day}T00:00:00</DeliveryDateTime>"
        f"<MainOrderCode>7</MainOrderCode>{more}"
        f"<ListOfRequestItem>{listed}</ListOfRequestItem>"
    )
    return message("Request", "1.010", content, event=event, uuid=uuid)


def cancellation(labour: str = "A", uuid: str = "cancel", kind: str = "000") -> bytes:
    """The work order is cancelled."""
    content = (
        f"<Code>{labour}</Code><InternalId>C1|{labour}</InternalId>"
        f"<RequestInternalId>R1|{labour}</RequestInternalId><Type>{kind}</Type>"
    )
    return message("CancelRequest", "1.000", content, event="", uuid=uuid)


async def stocked(bus: Trio) -> tuple[int, int]:
    """Two materials and two locations."""
    screw, _ = await bus.stocked()
    kit = bus.app.keep_product("KIT", "Kit de vedação")
    await bus.pair("Item", "K2", kit)
    await bus.pair("Warehouse", "W2", bus.app.keep_warehouse("FAR", "Longe"))
    return screw, kit


async def told(bus: Trio, body: bytes) -> None:
    """Have a message arrive."""
    await bus.delivery(await bus.send(body), State.DELIVERED)


def held(bus: Trio) -> list[list[tuple[int, str]]]:
    """The materials and quantities of each requisition that Omie has."""
    return [
        [(item["codProd"], str(item["qtde"])) for item in row["ItensReqCompra"]]
        for row in bus.app.requisitions.values()
    ]


@pytest.mark.rule("K-26")
async def test_each_labour_has_one_requisition_of_all_its_materials(tmp_path: Path) -> None:
    """Two labours that want the same two materials make two requisitions of two items."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        screw, kit = await stocked(bus)
        for labour in "AB":
            lines = wanted(f"{labour}1"), wanted(f"{labour}2", "K2", "1.00")
            await told(bus, forecast(*lines, uuid=labour, labour=labour))

        assert bus.methods("Req") == ["IncluirReq"] * 2
        assert held(bus) == [[(screw, "2.00"), (kit, "1.00")]] * 2


POLICIES = {
    "alter_and_new": (["ConsultarReq", "AlterarReq", "IncluirReq"], ["5.00", "5.00"]),
    "alter_in_place": (["ConsultarReq", "AlterarReq"], ["5.00"]),
    "delete_and_new": (["ConsultarReq", "ExcluirReq", "IncluirReq"], ["5.00"]),
}


@pytest.mark.rule("X-01", "K-27")
@pytest.mark.parametrize("policy", sorted(POLICIES))
async def test_a_forecast_that_changes_follows_the_policy(tmp_path: Path, policy: str) -> None:
    """By what Omie holds afterwards; nothing is deleted but where the policy says so."""
    calls, quantities = POLICIES[policy]
    async with trio(CODEC, tmp_path, read_every="", on_change=policy) as bus:
        screw, _ = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        await told(bus, forecast(wanted(SCREW, quantity="5.00"), uuid="second"))

        assert bus.methods("Req")[1:] == calls
        assert held(bus) == [[(screw, quantity)] for quantity in quantities]


@pytest.mark.rule("K-27")
async def test_without_a_policy_a_change_is_taken_by_the_letter(tmp_path: Path) -> None:
    """The first is altered and a new one made, which says which it replaced; ids follow."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await stocked(bus)
        for revision, quantity in enumerate(("2.00", "3.00", "4.00")):
            await told(bus, forecast(wanted(SCREW, quantity=quantity), uuid=f"r{revision}"))

        first, second, third = bus.app.requisitions.values()
        altered = [c.param for c in bus.omie.calls if c.method == "AlterarReq"]
    assert [str(row["ItensReqCompra"][0]["qtde"]) for row in (first, second, third)] == [
        "3.00",
        "4.00",
        "4.00",
    ]
    assert [param["codReqCompra"] for param in altered] == [
        first["codReqCompra"],
        second["codReqCompra"],
    ]
    assert [row["obsIntReqCompra"] for row in (first, second, third)] == [
        "OS 7",
        f"OS 7 - Requisição anterior: {first['codReqCompra']}",
        f"OS 7 - Requisição anterior: {second['codReqCompra']}",
    ]


CHANGES: Mapping[str, tuple[list[str], dict[str, Any], bool]] = {
    "date": ([wanted(SCREW)], {"day": 4}, True),
    "location": ([wanted(SCREW, place="W2")], {}, True),
    "material": ([wanted(SCREW, "K2")], {}, True),
    "nothing": ([wanted(SCREW)], {}, False),
    "other": ([wanted(SCREW)], {"more": "<Observation>Urgente</Observation>"}, False),
    "quantity": ([wanted(SCREW, quantity="2.01")], {}, True),
}


@pytest.mark.rule("K-28", "K-29")
@pytest.mark.parametrize("what", sorted(CHANGES))
async def test_what_counts_as_a_change(tmp_path: Path, what: str) -> None:
    """Date, material, location and quantity, each alone; nothing else of the work order."""
    lines, fields, counts = CHANGES[what]
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        await told(bus, forecast(*lines, uuid="second", **fields))

        changed = bus.methods("Req")[2:]
        dates = [row["dtSugestao"] for row in bus.app.requisitions.values()]
    assert changed == (["AlterarReq", "IncluirReq"] if counts else [])
    assert dates == [f"0{fields.get('day', 3)}/02/2026"] * (2 if counts else 1)


@pytest.mark.rule("K-30", "K-31")
async def test_a_material_that_is_removed_leaves_a_requisition_of_the_others(
    tmp_path: Path,
) -> None:
    """The old one is deleted first."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        _, kit = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), wanted(KIT, "K2"), uuid="first"))
        await told(bus, forecast(removed(SCREW), wanted(KIT, "K2"), uuid="second"))

        assert bus.methods("Req")[2:] == ["ExcluirReq", "IncluirReq"]
        assert held(bus) == [[(kit, "2.00")]]


REMOVALS = {
    "labour": forecast(uuid="second", event="delete"),
    "last material": forecast(removed(SCREW), uuid="second"),
    "order": cancellation(),
}


@pytest.mark.rule("K-31", "X-02")
@pytest.mark.parametrize("what", sorted(REMOVALS))
async def test_where_nothing_remains_none_is_left(tmp_path: Path, what: str) -> None:
    """Also of those that a change had replaced; no empty one is made."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        screw, _ = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="other", labour="B"))
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        await told(bus, forecast(wanted(SCREW, quantity="3.00"), uuid="changed"))
        await told(bus, REMOVALS[what])

        assert bus.methods("Req")[-2:] == ["ExcluirReq"] * 2
        assert held(bus) == [[(screw, "2.00")]]


@pytest.mark.rule("K-32")
async def test_a_work_order_that_is_cancelled_leaves_no_requisition(tmp_path: Path) -> None:
    """Of none of its labours, however often they had changed."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await stocked(bus)
        for labour in "AB":
            lines = [wanted(SCREW, quantity=f"{number}.00") for number in (1, 2)]
            for number, line in enumerate(lines):
                await told(bus, forecast(line, uuid=f"{labour}{number}", labour=labour))
        before = len(held(bus))
        for labour in "AB":
            await told(bus, cancellation(labour, uuid=f"cancel {labour}"))

        assert (before, held(bus)) == (4, [])


async def test_what_was_emptied_is_made_anew(tmp_path: Path) -> None:
    """The id of a requisition that is gone is no hindrance."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        screw, _ = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        await told(bus, forecast(removed(SCREW), uuid="second"))
        bus.pass_time(61)
        await told(bus, forecast(wanted(SCREW, quantity="4.00"), uuid="third"))

        assert held(bus) == [[(screw, "4.00")]]


@pytest.mark.rule("K-30")
async def test_a_replacement_that_fails_stays_and_goes_on_behind_the_delete(
    tmp_path: Path,
) -> None:
    """It is seen as refused, and sent again it makes what remains; nothing is deleted twice."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        _, kit = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), wanted(KIT, "K2"), uuid="first"))
        no = ScriptedConduct(Conduct.REFUSE, text="A categoria [2.01.03] está bloqueada")
        bus.omie.behave(ScriptedConduct(), ScriptedConduct(), no)
        sent = await bus.send(forecast(removed(SCREW), wanted(KIT, "K2"), uuid="second"))
        await bus.delivery(sent, State.REFUSED)
        nothing = held(bus)
        bus.pass_time(61)
        trace = await bus.run.bus.history.trace(sent)
        assert trace
        await bus.run.bus.operators.replay(Replay(trace.message, actor="ana"))
        await bus.delivery(sent, State.DELIVERED)

        assert (nothing, held(bus)) == ([], [[(kit, "2.00")]])
        assert bus.methods("Req").count("ExcluirReq") == 1


@pytest.mark.rule("X-03")
@pytest.mark.parametrize(
    ("policy", "change"),
    [
        ("alter_and_new", forecast(wanted(SCREW, quantity="3.00"), uuid="second")),
        ("alter_in_place", forecast(wanted(SCREW, quantity="3.00"), uuid="second")),
        ("delete_and_new", forecast(wanted(SCREW, quantity="3.00"), uuid="second")),
        ("alter_and_new", cancellation()),
    ],
    ids=["alter-and-new", "alter-in-place", "delete-and-new", "cancel"],
)
async def test_what_has_become_an_order_is_refused_and_stays(
    tmp_path: Path, policy: str, change: bytes
) -> None:
    """For good, in words that say who settles it; no new one is made, nothing is tried again."""
    async with trio(CODEC, tmp_path, read_every="", on_change=policy) as bus:
        await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        (id,) = bus.app.requisitions
        bus.app.order(id)
        before = held(bus)
        sent = await bus.send(change)
        delivery = await bus.delivery(sent, State.REFUSED)
        trace = await bus.run.bus.history.trace(sent)

        assert held(bus) == before
    assert trace
    (fault,) = [each.fault for each in trace.attempts if each.fault]
    assert (delivery.attempts, delivery.due_at, fault.owner) == (1, None, Owner.RECEIVER)
    assert "já possui pedido" in fault.reason("pt")
    assert "(OS 7)" in fault.reason("pt")
    assert "quem compra decide" in fault.remedy("pt")


async def test_only_a_requisition_is_cancelled(tmp_path: Path) -> None:
    """What else a CancelRequest may name is refused before any call."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        sent = await bus.send(cancellation(kind="001"))
        await bus.pair("Order", "R1|A", 17)
        await bus.delivery(sent, State.REFUSED)

        assert bus.methods("Req") == []


@pytest.mark.rule("X-08")
async def test_what_a_lost_answer_may_have_done_is_gone_on_with(tmp_path: Path) -> None:
    """After an AlterarReq whose answer was lost the new one is made, once, a minute later."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        screw, _ = await stocked(bus)
        await told(bus, forecast(wanted(SCREW), uuid="first"))
        bus.omie.behave(ScriptedConduct(), ScriptedConduct(Conduct.DROP_AFTER))
        sent = await bus.send(forecast(wanted(SCREW, quantity="3.00"), uuid="second"))
        await bus.delivery(sent, State.WAITING)
        bus.pass_time(61)
        await bus.delivery(sent, State.DELIVERED)

        assert held(bus) == [[(screw, "3.00")]] * 2
