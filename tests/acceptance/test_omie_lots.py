"""Exits of products that Omie controls by lot (X-07)."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.core.errors import Fault
from bus.wiring import open_codec
from tests.support.omie import line, write_off
from tests.support.omie_bus import Trio, trio

CODEC = open_codec()


async def stocked(bus: Trio) -> tuple[int, int, int]:
    """A product in three lots; that of most months to come was entered first."""
    product, place = await bus.stocked()
    late = bus.app.keep_lot(product, place, "LATE", "5", "31/12/2027")
    never = bus.app.keep_lot(product, place, "NEVER", "5")
    soon = bus.app.keep_lot(product, place, "SOON", "3", "01/02/2027")
    return soon, late, never


async def refused(bus: Trio, body: bytes) -> Fault:
    """The refusal of a write-off that makes nothing."""
    sent = await bus.send(body)
    await bus.delivery(sent, State.REFUSED)
    trace = await bus.run.bus.history.trace(sent)
    assert trace
    assert not bus.app.adjustments
    (fault,) = [each.fault for each in trace.attempts if each.fault]
    return fault


def left(bus: Trio) -> list[str]:
    """What the lots have left, in the order in which they expire."""
    rows = {row["cNumLote"]: str(row["nSaldoLote"]) for row in bus.app.lots.values()}
    return [rows[name] for name in ("SOON", "LATE", "NEVER")]


@pytest.mark.rule("X-07")
@pytest.mark.parametrize("lot", ["", "SOON"])
async def test_a_product_under_lot_control_is_refused_with_what_may_be_done(
    tmp_path: Path, lot: str
) -> None:
    """Where nothing else is chosen; also where the message names the lot."""
    told = line("L1", "K1", "W1")
    named = f"<BinLocation/><LotOrSerialNumber>{lot}</LotOrSerialNumber>"
    async with trio(CODEC, tmp_path, read_every="") as bus:
        await stocked(bus)
        fault = await refused(
            bus, write_off(told.replace("<BinLocation/>", named) if lot else told)
        )

    assert "lots: fefo" in fault.reason("pt") + fault.remedy("pt")


@pytest.mark.rule("X-07")
async def test_what_expires_first_leaves_first(tmp_path: Path) -> None:
    """Of several lots where one has too little; lines of one message share what there is."""
    async with trio(CODEC, tmp_path, read_every="", lots="fefo") as bus:
        soon, late, never = await stocked(bus)
        lines = line("L1", "K1", "W1", "2.00"), line("L2", "K1", "W1", "7.00")
        await bus.delivery(await bus.send(write_off(*lines)), State.DELIVERED)

        taken = [
            [(one["nIdLote"], str(one["nQtdLote"])) for one in row["lote_validade"]]
            for row in bus.app.adjustments.values()
        ]
        assert left(bus) == ["0.00", "0", "4.00"]
    assert taken == [[(soon, "2.00")], [(soon, "1.00"), (late, "5"), (never, "1.00")]]


async def test_a_lot_that_is_named_is_taken_at_its_word(tmp_path: Path) -> None:
    """And one that is not there is refused, before anything leaves."""
    named = line("L1", "K1", "W1").replace(
        "<BinLocation/>", "<BinLocation/><LotOrSerialNumber>{}</LotOrSerialNumber>"
    )
    async with trio(CODEC, tmp_path, read_every="", lots="fefo") as bus:
        await stocked(bus)
        fault = await refused(bus, write_off(named.format("NONE"), uuid="none"))
        other = write_off(named.format("LATE")).replace(b"OS7", b"OS8")
        await bus.delivery(await bus.send(other), State.DELIVERED)

        assert left(bus) == ["3", "3.00", "5"]
    assert "NONE" in fault.reason("pt")


async def test_too_little_is_refused_before_anything_leaves(tmp_path: Path) -> None:
    """The first line would have had enough."""
    lines = line("L1", "K1", "W1", "2.00"), line("L2", "K1", "W1", "11.50")
    async with trio(CODEC, tmp_path, read_every="", lots="fefo") as bus:
        await stocked(bus)
        fault = await refused(bus, write_off(*lines))

    assert "linha 2" in fault.reason("pt")


async def test_a_product_without_lots_is_not_asked_for_any(tmp_path: Path) -> None:
    """Whether it has lots is told by its record."""
    async with trio(CODEC, tmp_path, read_every="", lots="fefo") as bus:
        await bus.stocked()
        sent = await bus.send(write_off(line("L1", "K1", "W1")))
        await bus.delivery(sent, State.DELIVERED)

        assert bus.methods()[:2] == ["ConsultarProduto", "PosicaoEstoque"]


async def test_a_retry_takes_from_the_same_lots(tmp_path: Path) -> None:
    """What was changed and lost its answer has left already: it is found, not taken again."""
    async with trio(CODEC, tmp_path, read_every="", lots="fefo") as bus:
        await stocked(bus)
        await bus.delivery(
            await bus.send(write_off(line("L1", "K1", "W1", "1.00"), uuid="first")), State.DELIVERED
        )
        bus.pass_time(61)
        # It lists adjustments, shows product and lots, deletes, asks for the cost, and includes.
        bus.omie.behave(*[ScriptedConduct()] * 5, ScriptedConduct(Conduct.DROP_AFTER))
        sent = await bus.send(write_off(line("L1", "K1", "W1", "12.00"), uuid="second"))
        await bus.delivery(sent, State.WAITING, State.UNKNOWN)
        bus.pass_time(61)
        await bus.delivery(sent, State.DELIVERED)

        assert bus.methods("AjusteEstoque").count("IncluirAjusteEstoque") == 3
        assert len(bus.app.adjustments) == 1
