"""A running bus that brings what Keepfy says to a simulated Omie: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.wiring import open_codec
from tests.support.omie import line, message, write_off
from tests.support.omie_bus import KEY, PASSWORD, trio

CODEC = open_codec()
USED = line("L1", "K1", "W1")


@pytest.mark.rule("K-35", "K-36", "K-38", "X-06")
async def test_each_material_of_each_labour_leaves_by_itself(tmp_path: Path) -> None:
    """Two labours that used the same two materials make four exits, dated as they worked."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        screw, place = await bus.stocked()
        kit = bus.app.keep_product("KIT", "Kit de vedação")
        await bus.pair("Item", "K2", kit)
        lines = [line(f"{labour}-{k}", k, "W1", quantity) for labour, k, quantity in (
            ("A", "K1", "2.00"), ("A", "K2", "1.00"), ("B", "K1", "3.00"), ("B", "K2", "4.00")
        )]  # fmt: skip
        sent = await bus.send(write_off(*lines, date="2026-01-15T08:00:00"))
        await bus.delivery(sent, State.DELIVERED)

        made = list(bus.app.adjustments.values())
    assert [(row["id_prod"], str(row["quan"])) for row in made] == [
        (screw, "2.00"),
        (kit, "1.00"),
        (screw, "3.00"),
        (kit, "4.00"),
    ]
    assert len({row["cod_int_ajuste"] for row in made}) == 4
    assert {(row["tipo"], row["data"], row["obs"]) for row in made} == {
        ("SAI", "15/01/2026", "OS 7")
    }
    assert [str(row["valor"]) for row in made] == ["12.345", "0", "12.345", "0"]
    assert {row["codigo_local_estoque"] for row in made} == {place}


CHANGED = {
    "material": (line("L1", "K2", "W1"), {}),
    "location": (line("L1", "K1", "W2"), {}),
    "quantity": (line("L1", "K1", "W1", "3.00"), {}),
    "date": (USED, {"date": "2026-01-16T08:00:00"}),
}


@pytest.mark.rule("K-37", "K-38", "K-39", "X-08")
@pytest.mark.parametrize("what", CHANGED)
async def test_what_changes_is_taken_back_and_made_anew(tmp_path: Path, what: str) -> None:
    """The movement of that line alone, by another code."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        await bus.pair("Item", "K2", bus.app.keep_product("KIT", "Kit de vedação"))
        await bus.pair("Warehouse", "W2", bus.app.keep_warehouse("FAR", "Longe"))
        both = write_off(USED, line("L2", "K1", "W1", "5.00"), uuid="first")
        await bus.delivery(await bus.send(both), State.DELIVERED)
        first, other = bus.app.adjustments.values()
        changed, date = CHANGED[what]
        await bus.delivery(
            await bus.send(write_off(changed, uuid="second", **date)), State.DELIVERED
        )

        kept, anew = bus.app.adjustments.values()
    differing = {name for name in first if first[name] != anew[name]}
    assert kept == other
    assert differing - {"id_ajuste", "id_movest", "cod_int_ajuste"} == FIELDS[what]
    assert first["cod_int_ajuste"] != anew["cod_int_ajuste"]


FIELDS = {
    "material": {"id_prod", "valor"},
    "location": {"codigo_local_estoque"},
    "quantity": {"quan"},
    "date": {"data"},
}


@pytest.mark.rule("K-37")
@pytest.mark.parametrize("what", sorted(CHANGED))
async def test_a_line_that_did_not_change_stays_though_it_is_told_again(
    tmp_path: Path, what: str
) -> None:
    """A report tells all its lines; the exits of those that are as they were are not touched."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        await bus.pair("Item", "K2", bus.app.keep_product("KIT", "Kit de vedação"))
        await bus.pair("Warehouse", "W2", bus.app.keep_warehouse("FAR", "Longe"))
        same = [dated(line(f"S{number}", "K1", "W1", f"{number}.00")) for number in (5, 6)]
        report = write_off(*same, dated(USED), uuid="first")
        await bus.delivery(await bus.send(report), State.DELIVERED)
        *kept, old = bus.app.adjustments.values()
        changed, more = CHANGED[what]
        anew = dated(changed, more.get("date", DAY)[:10])
        for uuid in ("second", "third"):
            bus.pass_time(61)
            sent = await bus.send(write_off(*same, anew, uuid=uuid))
            await bus.delivery(sent, State.DELIVERED)

        held = list(bus.app.adjustments.values())
        methods = [name for name in bus.methods("Estoque") if name[0] in "EI"]
    assert (held[:2], len(held), old in held) == (kept, 3, False)
    assert methods == [
        *["IncluirAjusteEstoque"] * 3,
        "ExcluirAjusteEstoque",
        "IncluirAjusteEstoque",
    ]


DAY = "2026-01-30"


def dated(told: str, day: str = DAY) -> str:
    """A line with a day of its own."""
    return told.replace("</InternalId>", f"</InternalId><EmissionDate>{day}</EmissionDate>")


@pytest.mark.rule("K-37", "X-08")
@pytest.mark.parametrize("call", range(1, 5))
async def test_a_change_that_is_cut_anywhere_doubles_and_loses_nothing(
    tmp_path: Path, call: int
) -> None:
    """Whichever of its calls loses its answer: a minute later it has gone on behind it."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        lines = [dated(line(f"L{number}", "K1", "W1", f"{number}.00")) for number in (1, 2)]
        sent = await bus.send(write_off(*lines, uuid="first"))
        await bus.delivery(sent, State.DELIVERED)
        steps = [ScriptedConduct()] * (call - 1)
        bus.pass_time(61)
        bus.omie.behave(*steps, ScriptedConduct(Conduct.DROP_AFTER))
        lines[0] = dated(line("L1", "K1", "W1", "4.00"))
        sent = await bus.send(write_off(*lines, uuid="second"))
        async with asyncio.timeout(15):
            while (await bus.delivery(sent, *State)).state is not State.DELIVERED:
                bus.pass_time(61)
                await asyncio.sleep(0.1)

        held = sorted(str(row["quan"]) for row in bus.app.adjustments.values())
        balance = next(iter(bus.app.stock.values()))
    assert (held, str(balance)) == (["2.00", "4.00"], "4.00")


@pytest.mark.rule("K-40")
async def test_a_labour_that_is_removed_leaves_no_movement(tmp_path: Path) -> None:
    """All its lines are taken back by one message; those of another labour stay."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        both = USED, line("L2", "K1", "W1", "5.00")
        other = write_off(line("L3", "K1", "W1", "7.00"), uuid="other").replace(b"OS7", b"OS7|B")
        await bus.delivery(await bus.send(write_off(*both, uuid="first")), State.DELIVERED)
        await bus.delivery(await bus.send(other), State.DELIVERED)
        gone = write_off(*both, uuid="gone").replace(b"<Event>upsert<", b"<Event>delete<")
        await bus.delivery(await bus.send(gone), State.DELIVERED)

        (left,) = bus.app.adjustments.values()
    assert str(left["quan"]) == "7.00"


@pytest.mark.rule("K-40")
async def test_a_line_that_is_removed_leaves_no_movement(tmp_path: Path) -> None:
    """Nor does it make one; the other stays."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        both = write_off(USED, line("L2", "K1", "W1", "5.00"), uuid="first")
        await bus.delivery(await bus.send(both), State.DELIVERED)
        _, other = bus.app.adjustments.values()
        gone = USED.replace("<BinLocation/>", "<BinLocation/><Event>delete</Event>")
        await bus.delivery(await bus.send(write_off(gone, uuid="second")), State.DELIVERED)

        assert list(bus.app.adjustments.values()) == [other]


async def test_an_answer_that_is_lost_doubles_nothing(tmp_path: Path) -> None:
    """The bus asks Omie by the code of the message, and finds what it made."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        bus.omie.behave(ScriptedConduct(), ScriptedConduct(Conduct.DROP_AFTER))
        delivery = await bus.delivery(await bus.send(write_off(USED)), State.DELIVERED)

        assert len(bus.app.adjustments) == 1
        methods = [call.method for call in bus.omie.calls if call.method[:6] != "Listar"]
    assert methods == ["PosicaoEstoque", "IncluirAjusteEstoque"]
    assert delivery.attempts == 1


async def test_a_block_costs_no_attempt(tmp_path: Path) -> None:
    """It waits for as long as the app says, and nothing is asked meanwhile."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        bus.omie.block(KEY, 1678)
        sent = await bus.send(write_off(USED))
        async with asyncio.timeout(15):
            while (row := await bus.delivery(sent, *State)).tries < 3:  # noqa: ASYNC110 - a journal has no event
                await asyncio.sleep(0.02)

        assert row.attempts == 0
        assert not bus.app.adjustments


@pytest.mark.rule("K-06", "X-05")
async def test_a_requisition_carries_the_category_and_its_places(tmp_path: Path) -> None:
    """Each that is made or altered; Omie has no field for a location, so a note says it."""
    content = (
        "<InternalId>{id}</InternalId><Type>000</Type>"
        "<DeliveryDateTime>2026-02-0{day}T00:00:00</DeliveryDateTime>"
        "<ListOfRequestItem><RequestItem><ItemInternalId>K1</ItemInternalId>"
        "<Quantity>2.00</Quantity><WarehouseInternalId>W1</WarehouseInternalId></RequestItem>"
        "</ListOfRequestItem>"
    )
    async with trio(CODEC, tmp_path, read_every="") as bus:
        _, place = await bus.stocked()
        for day in (3, 4):
            body = message("Request", "1.010", content.format(id="R1", day=day), uuid=f"r{day}")
            await bus.delivery(await bus.send(body), State.DELIVERED)

        altered, made = bus.app.requisitions.values()
        calls = [call for call in bus.omie.calls if call.method.endswith("Req")]
    assert [call.method for call in calls] == [
        "IncluirReq",
        "ConsultarReq",
        "AlterarReq",
        "IncluirReq",
    ]
    assert {call.param["codCateg"] for call in calls if call.method[0] != "C"} == {"2.01.03"}
    assert [row["dtSugestao"] for row in (altered, made)] == ["04/02/2026"] * 2
    assert {row["ItensReqCompra"][0]["obsItem"] for row in (altered, made)} == {
        f"Local de estoque {place}"
    }


@pytest.mark.rule("K-02")
async def test_a_key_is_in_no_trace(tmp_path: Path) -> None:
    """Not even where Omie repeats the call in its fault."""
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await bus.stocked()
        bus.omie.behave(always=ScriptedConduct(Conduct.REFUSE, text=f"recusado: {PASSWORD} {KEY}"))
        sent = await bus.send(write_off(USED))
        await bus.delivery(sent, State.REFUSED)
        trace = await bus.run.bus.history.trace(sent)
        journal = (tmp_path / "journal.sqlite").read_bytes()
        journal += (tmp_path / "journal.sqlite-wal").read_bytes()

    assert PASSWORD not in repr(trace)
    assert b"recusado" in journal
    assert PASSWORD.encode() not in journal
