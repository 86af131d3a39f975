"""How the adapter for Omie finds, makes and deletes the records of its registers."""

from __future__ import annotations

import re

import pytest

from adapters.omie.values import is_document
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.outcome import Outcome
from bus.ports.codec import Codec
from tests.support.omie import item, message, omie_rig

WITHOUT_CODE = item().replace(b"<Code>FLT-1</Code>", b"")


@pytest.mark.rule("O-25")
async def test_a_product_without_a_code_is_given_one(codec: Codec) -> None:
    """PRD and eleven digits, the same whoever repeats the message."""
    async with omie_rig(codec) as rig:
        first = await rig.send(WITHOUT_CODE)
        (row,) = rig.app.products.values()
        code = row["codigo"]
        rig.pass_time(61)
        again = await rig.send(WITHOUT_CODE)

        assert len(rig.app.products) == 1
    assert re.fullmatch(r"PRD\d{11}", code)
    assert row["codigo"] == code
    assert [one.outcome for one in (first, again)] == [Outcome.DELIVERED] * 2


async def test_a_suggested_code_that_is_taken_takes_no_record_of_another(codec: Codec) -> None:
    """The next one is tried."""
    async with omie_rig(codec) as rig:
        await rig.send(WITHOUT_CODE)
        (made,) = rig.app.products.values()
        made["codigo_produto_integracao"] = "somebody's"
        rig.pass_time(61)
        await rig.send(WITHOUT_CODE)

        first, other = rig.app.products.values()
    assert first["codigo"] != other["codigo"]
    assert re.fullmatch(r"PRD\d{11}", other["codigo"])


@pytest.mark.rule("O-27")
async def test_a_code_that_was_given_wins_and_is_no_number(codec: Codec) -> None:
    """Zeros before it stay; where another has it, that one is taken, and not made anew."""
    async with omie_rig(codec) as rig:
        there = rig.app.keep_product("000123", "Velho")
        await rig.send(item(Code="000123"))

        assert rig.app.products[there]["descricao"] == "Filtro de óleo"
        assert len(rig.app.products) == 1
    assert rig.app.products[there]["codigo"] == "000123"


async def test_a_product_whose_code_differs_in_its_signs_is_another(codec: Codec) -> None:
    """A code is compared as it is, unlike a document."""
    async with omie_rig(codec) as rig:
        other = rig.app.keep_product("FLT1", "Outro")
        rig.refuse(f"Produto já cadastrado com o código [FLT-1] nCod [{other}]!")
        report = await rig.send(item())

        assert rig.app.products[other]["descricao"] == "Outro"
    assert report.outcome is Outcome.REFUSED


async def test_a_type_of_another_product_is_none_of_the_sped(codec: Codec) -> None:
    """Its 01 may be anything: the type that Omie has stays."""
    price = b"<Values><SalesPrice>10.50</SalesPrice></Values>"
    body = item().replace(price, price + b"<ItemTypeCode>01</ItemTypeCode>")
    async with omie_rig(codec) as rig:
        there = rig.app.keep_product("FLT-1", "Filtro", tipoItem="04")
        report = await rig.send(body)

        assert rig.app.products[there]["descricao"] == "Filtro de óleo"
        assert rig.app.products[there]["tipoItem"] == "04"
    assert report.outcome is Outcome.DELIVERED


async def test_what_is_gone_already_counts_as_deleted(codec: Codec) -> None:
    """Somebody was quicker there."""
    async with omie_rig(codec) as rig:
        gone = item("2500000077").replace(b"<Event>upsert", b"<Event>delete")
        report = await rig.send(gone, new=False)

    assert report.outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    "document",
    ["11222333000181", "12ABC34501DE35", "00000000000A04", "A1B2C3D4000193", "11144477735"],
)
def test_a_document_is_told_by_its_digits(document: str) -> None:
    """The old form and the new one; one digit more or less, and it is none."""
    last = str((int(document[-1]) + 1) % 10)

    assert is_document(document)
    assert not is_document(document[:-1] + last)
    assert not is_document(document[:-1])


@pytest.mark.parametrize("text", ["", "00000000000", "11111111111111", "12abc34501de35"])
def test_what_is_no_document(text: str) -> None:
    """Nothing, one sign throughout, or small letters."""
    assert not is_document(text)


CLIENT = message(
    "CustomerVendor",
    "2.002",
    "<InternalId>C1</InternalId><Name>Exemplo Ltda.</Name><GovernmentalInformation>"
    '<Id name="CNPJ" scope="Federal">11222333000181</Id></GovernmentalInformation>',
)
FAMILY = message(
    "Family",
    "2.002",
    "<Code>FLT</Code><InternalId>F1</InternalId><Description>Filtros</Description>",
)
MADE = {
    "products": item(),
    "products without a code": WITHOUT_CODE,
    "customers": CLIENT,
    "families": FAMILY,
}


@pytest.mark.rule("X-21")
@pytest.mark.parametrize("what", MADE)
async def test_a_record_whose_answer_was_lost_is_made_once(codec: Codec, what: str) -> None:
    """The same message has the same code, by which Omie knows what its first try made."""
    async with omie_rig(codec) as rig:
        rig.omie.behave(ScriptedConduct(Conduct.DROP_AFTER))
        lost = await rig.send(MADE[what])
        rig.pass_time(61)
        again = await rig.send(MADE[what])

        (made,) = getattr(rig.app, what.partition(" ")[0])
    assert (lost.outcome, again.outcome) == (Outcome.UNKNOWN, Outcome.DELIVERED)
    assert again.response
    assert again.response.ids[-1].destination == str(made)
