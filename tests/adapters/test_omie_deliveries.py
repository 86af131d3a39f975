"""What the adapter for Omie makes of each message: exits, registers, requisitions, balances."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.outcome import Outcome
from bus.ports.adapter import Progress
from bus.ports.codec import Codec
from tests.support.omie import (
    ONE_LINE,
    PLACE,
    PRODUCT,
    item,
    line,
    message,
    omie_rig,
    stocked,
    write_off,
)

# -- write-offs ------------------------------------------------------------------------------------


async def test_each_line_is_an_adjustment_of_its_own(codec: Codec) -> None:
    """K-35, K-36: two labours that used the same two materials make four, dated as they worked."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        kit = rig.app.keep_product("KIT", "Kit de vedação")
        lines = [
            line(f"{labour}-{item}", item, PLACE) for labour in "AB" for item in (PRODUCT, kit)
        ]
        report = await rig.send(write_off(*lines, date="2026-01-15T08:00:00"))

        made = list(rig.app.adjustments.values())
    assert report.outcome is Outcome.DELIVERED, report.fault
    assert [row["id_prod"] for row in made] == [PRODUCT, kit, PRODUCT, kit]
    assert len({row["cod_int_ajuste"] for row in made}) == 4
    assert {(row["tipo"], row["motivo"], row["origem"]) for row in made} == {("SAI", "INV", "AJU")}
    assert {row["data"] for row in made} == {"15/01/2026"}
    assert report.response
    whole, *ids = report.response.ids
    assert whole.name == "StockTurnover"
    assert [pair.origin for pair in ids] == [
        f"{labour}-{item}" for labour in "AB" for item in (PRODUCT, kit)
    ]
    assert [int(pair.destination) for pair in ids] == [row["id_ajuste"] for row in made]


async def test_an_adjustment_has_the_cost_of_omie_and_says_which_order(codec: Codec) -> None:
    """X-06: numbers keep their places; nothing ever was a float."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        await rig.send(ONE_LINE)

        (row,) = rig.app.adjustments.values()
    assert row["valor"] == Decimal("12.345")
    assert str(row["quan"]) == "2.00"
    assert row["obs"] == "OS 7"


@pytest.mark.rule("X-06")
async def test_without_cost_nothing_is_asked(codec: Codec) -> None:
    """`value: zero`."""
    async with omie_rig(codec, value="zero", motive="PER") as rig:
        stocked(rig.app)
        await rig.send(ONE_LINE)

        (row,) = rig.app.adjustments.values()
        assert rig.methods() == ["IncluirAjusteEstoque"]
    assert (row["valor"], row["motivo"]) == (0, "PER")


@pytest.mark.parametrize(
    ("spoilt", "problem"),
    [
        ((str(PRODUCT), "T1|FLT"), "produto"),
        ((str(PLACE), "CENTRAL"), "local de estoque"),
        (("2.00", ""), "quantidade"),
        (("<BinLocation/>", "<BinLocation/><LotOrSerialNumber>L9</LotOrSerialNumber>"), "lote"),
    ],
)
async def test_what_omie_cannot_be_told_is_refused_before_any_call(
    codec: Codec, spoilt: tuple[str, str], problem: str
) -> None:
    """In words of both languages that name the line (X-07)."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        report = await rig.send(ONE_LINE.replace(spoilt[0].encode(), spoilt[1].encode()))

        assert rig.methods() == []
    assert report.outcome is Outcome.REFUSED
    assert report.fault
    assert report.fault.code == "IMPOSSIBLE_THERE"  # nobody is told that Omie had said so
    assert problem in report.fault.reason("pt")
    assert "line 1" in report.fault.reason("en")


async def test_lines_that_were_made_are_not_made_again(codec: Codec) -> None:
    """A send that fails at its second line goes on behind the first."""
    async with omie_rig(codec, value="zero") as rig:
        stocked(rig.app)
        body = write_off(line("L1", PRODUCT, PLACE), line("L2", PRODUCT, PLACE, "3.00"))
        rig.omie.behave(
            ScriptedConduct(), ScriptedConduct(Conduct.REFUSE, text="Too many Requests")
        )
        progress = Progress()
        first = await rig.adapter.send(await rig.parcel(body, progress=progress))
        rig.pass_time(61)
        again = await rig.adapter.send(await rig.parcel(body, progress=progress))

        assert [row["quan"] for row in rig.app.adjustments.values()] == [2, 3]
        assert rig.methods() == ["IncluirAjusteEstoque"] * 3
    assert (first.outcome, again.outcome) == (Outcome.BUSY, Outcome.DELIVERED)
    assert again.response
    assert len(again.response.ids) == 3


@pytest.mark.rule("X-21")
async def test_after_a_lost_answer_the_adjustment_is_adopted(codec: Codec) -> None:
    """The same message has the same code, so that Omie has it once."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(), ScriptedConduct(Conduct.DROP_AFTER))
        lost = await rig.send(ONE_LINE)
        rig.pass_time(61)
        again = await rig.send(ONE_LINE)

        (made,) = rig.app.adjustments
    assert (lost.outcome, again.outcome) == (Outcome.UNKNOWN, Outcome.DELIVERED)
    assert again.response
    assert again.response.ids[-1].destination == str(made)


@pytest.mark.parametrize("other", [{"id_prod": 42}, {"quan": Decimal(9)}])
async def test_an_adjustment_of_another_is_not_adopted(
    codec: Codec, other: dict[str, object]
) -> None:
    """The id in the fault may be another's (field case 19): product and quantity must agree."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        await rig.send(ONE_LINE)
        next(iter(rig.app.adjustments.values())).update(other)
        rig.pass_time(61)
        again = await rig.send(ONE_LINE)

        assert len(rig.app.adjustments) == 1
    assert again.outcome is Outcome.REFUSED
    assert again.fault
    assert "another product or quantity" in again.fault.reason("en")


async def test_what_omie_says_is_there_and_does_not_list_is_not_adopted(codec: Codec) -> None:
    """An empty list is told as a fault, of which nothing is taken for the record."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        said = (
            "Já existe um ajuste de estoque para o código de integração [X] com o ID [42] para o "
            f"produto de código [{PRODUCT}]!"
        )
        rig.omie.behave(ScriptedConduct(), ScriptedConduct(Conduct.REFUSE, text=said))
        report = await rig.send(ONE_LINE)

        assert rig.methods()[-1] == "ListarAjusteEstoque"
        assert not rig.app.adjustments
    assert report.outcome is Outcome.REFUSED
    assert report.fault
    assert "another product or quantity" in report.fault.reason("en")


async def test_another_message_of_the_document_has_another_code(codec: Codec) -> None:
    """X-08: its UUID is the revision, of a length that Omie takes."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        await rig.send(ONE_LINE)
        await rig.send(write_off(line("L1", PRODUCT, PLACE), uuid="another"))

        codes = [row["cod_int_ajuste"] for row in rig.app.adjustments.values()]
    assert len(set(codes)) == 2
    assert all(len(code) <= 60 for code in codes)


# -- registers -------------------------------------------------------------------------------------


async def test_a_product_is_made_then_changed_by_its_id(codec: Codec) -> None:
    """By a code of its own, which says nothing; decimals keep their places."""
    async with omie_rig(codec) as rig:
        made = await rig.send(item())
        (row,) = rig.app.products.values()
        first = dict(row)
        changed = await rig.send(item(str(row["codigo_produto"]), Name="Filtro"), new=False)

        assert rig.methods() == ["UpsertProduto", "AlterarProduto"]
        assert len(rig.app.products) == 1
    assert (made.outcome, changed.outcome) == (Outcome.DELIVERED, Outcome.DELIVERED)
    assert made.response
    assert made.response.ids[0].destination == str(first["codigo_produto"])
    assert (first["descricao"], row["descricao"]) == ("Filtro de óleo", "Filtro")
    assert (str(first["peso_liq"]), str(first["valor_unitario"])) == ("0.12345", "10.50")
    assert (first["inativo"], first["ncm"]) == ("N", "8421.23.00")


async def test_a_product_that_is_there_is_taken_if_it_is_the_same(codec: Codec) -> None:
    """One of before the bus: its code agrees, so it is changed, and its id learnt."""
    async with omie_rig(codec) as rig:
        there = rig.app.keep_product("FLT-1", "Velho")
        report = await rig.send(item())

        assert rig.app.products[there]["descricao"] == "Filtro de óleo"
        assert len(rig.app.products) == 1
    assert report.response
    assert report.response.ids[0].destination == str(there)


def partner(document: str) -> bytes:
    """A client of another application."""
    return message(
        "CustomerVendor",
        "2.002",
        "<Code>C1</Code><InternalId>1|C1</InternalId><ShortName>EXEMPLO</ShortName>"
        "<Name>Exemplo Ltda.</Name><RegisterSituation>Inactive</RegisterSituation>"
        f'<GovernmentalInformation><Id scope="Federal" name="CNPJ">{document}</Id>'
        "</GovernmentalInformation><Address><City><CityCode>3550308</CityCode></City></Address>",
    )


async def test_a_client_is_known_by_the_bracket_after_its_id(codec: Codec) -> None:
    """Field case 16: the last bracket is its code; mask and case of the document do not count."""
    async with omie_rig(codec) as rig:
        there = rig.app.keep_customer("12.ABC.345/01DE-35", "Velho", codigo_cliente_integracao="77")
        report = await rig.send(partner("12abc34501de35"))

        (row,) = rig.app.customers.values()
        assert rig.methods() == ["UpsertCliente", "ConsultarCliente", "AlterarCliente"]
    assert report.response
    assert report.response.ids[0].destination == str(there)
    assert (row["razao_social"], row["inativo"]) == ("Exemplo Ltda.", "S")
    assert row["cidade_ibge"] == "3550308"


async def test_a_client_that_is_another_is_not_overwritten(codec: Codec) -> None:
    """What the fault names is looked at first."""
    async with omie_rig(codec) as rig:
        other = rig.app.keep_customer("11222333000181", "Outro")
        text = f"Cliente já cadastrado para o CPF/CNPJ [x] com o Id [{other}] e código [9]!"
        rig.omie.behave(ScriptedConduct(Conduct.REFUSE, text=text))
        report = await rig.send(partner("12ABC34501DE35"))

        assert rig.app.customers[other]["razao_social"] == "Outro"
    assert report.outcome is Outcome.REFUSED


async def test_what_is_deleted_there_is_deleted_here(codec: Codec) -> None:
    """By the id that Omie gave."""
    async with omie_rig(codec) as rig:
        there = rig.app.keep_product("FLT-1", "Filtro")
        gone = item(str(there)).replace(b"<Event>upsert", b"<Event>delete")
        report = await rig.send(gone, new=False)

        assert not rig.app.products
    assert report.outcome is Outcome.DELIVERED


# -- requisitions ----------------------------------------------------------------------------------


def requisition(*lines: str, id: str = "REQ1", uuid: str = "first") -> bytes:
    """What is wanted for a work order."""
    listed = "".join(f"<RequestItem>{line}</RequestItem>" for line in lines)
    return message(
        "Request",
        "1.010",
        f"<InternalId>{id}</InternalId><Type>000</Type>"
        "<DeliveryDateTime>2026-02-03T00:00:00</DeliveryDateTime><MainOrderCode>7</MainOrderCode>"
        f"<ListOfRequestItem>{listed}</ListOfRequestItem>",
        uuid=uuid,
    )


def wanted(product: int, quantity: str = "2.00", more: str = "") -> str:
    """A line of it."""
    return (
        f"<ItemInternalId>{product}</ItemInternalId><Quantity>{quantity}</Quantity>"
        f"<WarehouseInternalId>{PLACE}</WarehouseInternalId>{more}"
    )


async def test_a_requisition_carries_its_category_date_and_places(codec: Codec) -> None:
    """K-06, X-05: Omie has no field for a location, so it stands in the note of the item."""
    async with omie_rig(codec, category="2.01.03") as rig:
        stocked(rig.app)
        report = await rig.send(requisition(wanted(PRODUCT), wanted(PRODUCT, "3.00")))

        (row,) = rig.app.requisitions.values()
    assert report.response
    assert report.response.ids[0].destination == str(row["codReqCompra"])
    assert (row["codCateg"], row["dtSugestao"]) == ("2.01.03", "03/02/2026")
    assert len(row["codIntReqCompra"]) == 20
    assert [one["qtde"] for one in row["ItensReqCompra"]] == [2, 3]
    assert row["ItensReqCompra"][0]["obsItem"] == f"Local de estoque {PLACE}"


@pytest.mark.rule("X-21")
async def test_a_requisition_whose_answer_was_lost_is_adopted(codec: Codec) -> None:
    """If it has the same items; asked, its place is known by the code."""
    async with omie_rig(codec, category="1") as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(Conduct.DROP_AFTER))
        body = requisition(wanted(PRODUCT))
        lost = await rig.send(body)
        asked = await rig.adapter.ask(await rig.parcel(body))
        rig.pass_time(61)
        again = await rig.send(body)
        next(iter(rig.app.requisitions.values()))["ItensReqCompra"][0]["qtde"] = Decimal(9)
        rig.pass_time(61)
        other = await rig.send(body)

        assert len(rig.app.requisitions) == 1
    assert asked
    assert [one.outcome for one in (lost, asked, again, other)] == [
        Outcome.UNKNOWN,
        Outcome.DELIVERED,
        Outcome.DELIVERED,
        Outcome.REFUSED,
    ]


# -- balances --------------------------------------------------------------------------------------


async def test_a_balance_is_asked_and_answered(codec: Codec) -> None:
    """StockLevel: of each item and location, as Omie has it now."""
    asked = f"<ItemInternalId>{PRODUCT}</ItemInternalId><WarehouseInternalId>{PLACE}</WarehouseInternalId>"
    body = message("StockLevel", "1.000", f"<RequestItem>{asked}</RequestItem>", event="")
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        report = await rig.send(body)

    assert report.response
    assert report.response.content
    (found,) = report.response.content.all("ReturnItem")
    assert found.text_at("ItemInternalId") == str(PRODUCT)
    assert found.text_at("CurrentStockAmount") == "10"
    assert found.text_at("AverageUnitItemCost") == "12.345"


async def test_what_omie_has_no_place_for_is_refused(codec: Codec) -> None:
    """Another transaction, and the answer to a message of its own."""
    body = message("UnitOfMeasure", "2.000", "<Code>UN</Code><InternalId>UN</InternalId>")
    async with omie_rig(codec) as rig:
        other = await rig.send(body)
        parcel = await rig.parcel(body)
        answer = await rig.adapter.send(replace(parcel, answer=parcel.document))

        assert rig.methods() == []
    assert [one.outcome for one in (other, answer)] == [Outcome.REFUSED] * 2
    assert "UnitOfMeasure" in str(other.fault)
    assert "takes_answers" in str(answer.fault)
