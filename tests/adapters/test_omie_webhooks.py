"""What Omie posts to the bus, over the wire: events of a simulated Omie to a bus that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bus.core.delivery import State
from bus.ports.codec import Codec
from bus.ports.history import Filter
from tests.support.omie import line, write_off
from tests.support.omie_bus import KEY, trio


def event(topic: str, message_id: str = "m1", key: str = KEY, **fields: object) -> dict[str, Any]:
    """An event as Omie tells it."""
    return {"messageId": message_id, "topic": topic, "event": fields, "appKey": key}


async def test_a_ping_is_answered_and_makes_nothing(codec: Codec, tmp_path: Path) -> None:
    """As the portal sends it when an address is registered."""
    async with trio(codec, tmp_path) as bus:
        assert await bus.post({"ping": "omie"}) == (202, {"messages": []})
        assert await bus.messages() == []


async def test_an_event_has_the_record_read(codec: Codec, tmp_path: Path) -> None:
    """Within seconds, long before its time; what is told on is the record, not the event."""
    async with trio(codec, tmp_path, products=["OLD"]) as bus:
        await bus.came(1)
        told = bus.told(older=True)
        bus.app.keep_product("NEW", "Novo")
        await told.caught_up()
        came = await bus.came(2)
        (_, row) = reversed(await bus.run.bus.history.messages(Filter()))
        body = await bus.run.bus.history.body(row[0].id)

    assert came == ["omie Item"] * 2
    assert b"<Name>Novo</Name>" in (body or b"")


async def test_what_is_gone_is_told_at_once_and_once(codec: Codec, tmp_path: Path) -> None:
    """By its event alone, for there is no record any more; a repeat is known by its messageId."""
    async with trio(codec, tmp_path) as bus:
        gone = event("Produto.Excluido", codigo_produto=17)
        first, again = [await bus.post(gone) for _ in "12"]
        other = await bus.post(event("Produto.Excluido", "m2", codigo_produto=17))

        assert await bus.messages() == ["omie Item"] * 2
    assert first == again
    assert (first[0], other[0]) == (202, 202)
    assert first[1] != other[1]


@pytest.mark.parametrize(
    "body",
    [
        event("Produto.Incluido", key="another", codigo_produto=17),
        {"messageId": "m1", "topic": "Produto.Incluido", "appKey": KEY},
        {"pong": "omie"},
        [],
    ],
)
async def test_what_is_no_event_of_the_app_is_refused(
    codec: Codec, tmp_path: Path, body: object
) -> None:
    """In words that say what to check; nothing comes of it."""
    async with trio(codec, tmp_path) as bus:
        status, told = await bus.post(body)

        assert await bus.messages() == []
    assert (status, told["errors"][0]["code"]) == (422, "EVENT_REFUSED")


async def test_an_event_of_something_else_is_taken_and_makes_nothing(
    codec: Codec, tmp_path: Path
) -> None:
    """An address may be registered for more topics than are read."""
    async with trio(codec, tmp_path) as bus:
        status, told = await bus.post(event("NFe.NotaAutorizada", nfe=1))

        assert (status, told, await bus.messages()) == (202, {"messages": []}, [])


async def test_our_own_adjustments_come_back_and_make_no_loop(codec: Codec, tmp_path: Path) -> None:
    """Their events move nothing: what was used is taken out once, and nothing else is changed."""
    async with trio(codec, tmp_path) as bus:
        await bus.stocked()
        told = bus.told()
        message = await bus.send(write_off(line("L1", "K1", "W1")))
        await bus.delivery(message, State.DELIVERED)
        await told.caught_up()
        topics = [json.loads(one)["topic"] for one in told.told]

        assert [row["tipo"] for row in bus.app.adjustments.values()] == ["SAI"]
        changes = [call.method for call in bus.omie.calls if call.method[:6] == "Inclui"]
        came = [one for one in await bus.messages() if "Stock" in one]
    assert (changes, came) == (["IncluirAjusteEstoque"], ["keepfy StockTurnover"])
    assert topics == ["Produto.MovimentacaoEstoque", "Produto.AjusteEstoque"]
