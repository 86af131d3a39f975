"""Characteristics of products: names that each app has by its own ids, and what a product has."""

from __future__ import annotations

import asyncio
import json

import pytest

from adapters.omie.cursor import Cursor, Mark
from adapters.omie.known_faults import characteristic_in
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.outcome import Outcome
from bus.ports.adapter import Inbound, Poll, Reader
from bus.ports.codec import Codec
from tests.support.omie import OmieRig, item, omie_rig


def of_another_app(uuid: str = "", **told: str) -> bytes:
    """A product of another app of Omie's that has these characteristics."""
    rows = "".join(
        f"<Characteristic><Name>{name}</Name><Value>{text}</Value></Characteristic>"
        for name, text in told.items()
    )
    body = item().replace(b'name="KEEPFY"', b'name="OMIE"')
    listed = f"<ListOfCharacteristic>{rows}</ListOfCharacteristic></BusinessContent>"
    body = body.replace(b"</BusinessContent>", listed.encode())
    return body.replace(b"<UUID>", f"<UUID>{uuid}".encode())


def known(rig: OmieRig) -> dict[str, str]:
    """The characteristics of the one product."""
    (row,) = rig.app.products.values()
    return {one["cNomeCaract"]: one["cConteudo"] for one in row.get("caracteristicas", ())}


@pytest.mark.rule("O-23")
async def test_a_product_has_those_that_are_told_and_no_others(codec: Codec) -> None:
    """Made, changed and taken out; a name that the app knows is taken, another is made once."""
    async with omie_rig(codec) as rig:
        known_already = rig.app.characteristic("Cor")
        rig.app.characteristic("Outra")
        made = await rig.send(of_another_app(Cor="Azul", Porte="Grande"))
        first = known(rig)
        (product,) = rig.app.products
        rig.pass_time(61)
        body = of_another_app("2", Cor="Verde", Peso="2 kg")
        body = body.replace(b"1|FLT-1", str(product).encode())
        changed = await rig.send(body, new=False)

        names = [row["cNomeCaract"] for row in rig.app.characteristics.values()]
        assert rig.app.characteristics[known_already]["cNomeCaract"] == "Cor"
        after = known(rig)
    assert [made.outcome, changed.outcome] == [Outcome.DELIVERED] * 2
    assert first == {"Cor": "Azul", "Porte": "Grande"}
    assert after == {"Cor": "Verde", "Peso": "2 kg"}
    assert sorted(names) == ["Cor", "Outra", "Peso", "Porte"]


async def test_a_message_that_tells_none_leaves_them_as_they_are(codec: Codec) -> None:
    """An empty list takes all out; one of another product's says nothing."""
    async with omie_rig(codec) as rig:
        await rig.send(of_another_app(Cor="Azul"))
        (product,) = rig.app.products
        told = str(product).encode()
        silent = item().replace(b'name="KEEPFY"', b'name="OMIE"')
        keepfys = of_another_app("2").replace(b'name="OMIE"', b'name="KEEPFY"')
        seen = []
        for body in (silent, keepfys, of_another_app("3")):
            rig.pass_time(61)
            report = await rig.send(body.replace(b"1|FLT-1", told), new=False)
            seen.append((report.outcome, known(rig)))

    kept = (Outcome.DELIVERED, {"Cor": "Azul"})
    assert seen == [kept, kept, (Outcome.DELIVERED, {})]


CALLS = (
    "UpsertProduto",
    "ListarCaractProduto",
    "ListarCaracteristicas",
    "IncluirCaracteristica",
    "IncluirCaractProduto",
    "IncluirCaracteristica",
    "IncluirCaractProduto",
)


@pytest.mark.rule("X-21")
@pytest.mark.parametrize("call", range(len(CALLS)), ids=lambda call: f"{call} {CALLS[call]}")
async def test_whichever_call_loses_its_answer_nothing_is_doubled(codec: Codec, call: int) -> None:
    """A repeat goes on behind what is done, and finds a name by what Omie says of it."""
    async with omie_rig(codec) as rig:
        rig.omie.behave(*[ScriptedConduct()] * call, ScriptedConduct(Conduct.DROP_AFTER))
        body = of_another_app(Cor="Azul", Porte="Grande")
        lost = await rig.send(body)
        rig.pass_time(61)
        again = await rig.send(body)

        assert rig.methods()[: call + 1] == list(CALLS[: call + 1])
        assert len(rig.app.products) == 1
        assert len(rig.app.characteristics) == 2
        assert known(rig) == {"Cor": "Azul", "Porte": "Grande"}
    assert lost.outcome is not Outcome.DELIVERED
    assert again.outcome is Outcome.DELIVERED


async def test_a_name_that_is_made_meanwhile_is_taken_from_the_fault(codec: Codec) -> None:
    """Which names it, and its id; of another name it says nothing."""
    async with omie_rig(codec) as rig:
        rig.app.characteristic("Outra")
        await rig.send(of_another_app(Outra="x"))
        there = rig.app.characteristic("Medição")
        rig.pass_time(30)  # the list of names is still that of before
        other = of_another_app("2", Outra="x", Medição="1").replace(b"FLT-1", b"FLT-2")
        report = await rig.send(other)

        assert rig.methods().count("IncluirCaracteristica") == 1
        rows = [*rig.app.products.values()][1]["caracteristicas"]
    assert report.outcome is Outcome.DELIVERED
    assert there in {row["nCodCaract"] for row in rows}


def test_a_fault_tells_the_id_of_its_own_name_alone() -> None:
    """In whatever letters; what says something else tells none."""
    said = "Característica já cadastrada para a descrição [Medição] código [42] !"

    assert [characteristic_in(said, name) for name in ("MEDIÇÃO", "Cor")] == [42, 0]
    assert characteristic_in("Característica não cadastrada !", "Medição") == 0


def test_what_is_passed_over_is_listed_once_more() -> None:
    """The next round begins no later than with its change; one that changed later changes nothing."""
    older, since, newer = (f"31/01/2026 10:00:0{second}" for second in (1, 5, 9))
    at = Cursor("Item", record=3, next=Mark(since, {"7": "x"}))

    assert at.passing_over(older) == Cursor("Item", record=4, next=Mark(older, {"7": "x"}))
    assert at.passing_over(newer) == Cursor("Item", record=4, next=Mark(since, {"7": "x"}))


async def test_a_product_is_told_once_it_is_whole(codec: Codec) -> None:
    """Not while some of its characteristics are there; then as it is, though it is read late."""
    async with omie_rig(codec, extended=True, reads="Item") as rig:
        steps = [ScriptedConduct()] * 4
        rig.omie.behave(*steps, ScriptedConduct(seconds=0.3), *steps)
        sending = asyncio.create_task(rig.send(of_another_app(Cor="Azul", Porte="Grande")))
        while not rig.methods().count("IncluirCaractProduto"):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
        between = await read(rig, "")
        await sending
        soon = await read(rig, between.cursor)
        rig.pass_time(61)
        later = await read(rig, soon.cursor)
        rig.pass_time(61)
        last = await read(rig, later.cursor)

    assert [len(one.messages) for one in (between, soon, later, last)] == [0, 0, 1, 0]
    (message,) = later.messages
    document = await codec.read(message.body)
    assert document.texts("ListOfCharacteristic/Characteristic/Value") == ("Azul", "Grande")


async def read(rig: OmieRig, cursor: str) -> Inbound:
    """What the app has to tell, and how far it has been read."""
    assert isinstance(rig.adapter, Reader)
    inbound = await rig.adapter.read(Poll(cursor))
    assert json.loads(inbound.cursor)
    return inbound
