"""The adapter for Omie, against a simulated one: what it sends, what it makes of what Omie says."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.omie import ADAPTER
from adapters.omie.access import AppAccess
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from bus.contracts.registry import Registry
from bus.core.errors import BusFault, ReceiverFault
from bus.core.outcome import Outcome
from bus.core.route import Application, Credentials
from bus.ports.adapter import Inbound, Poll, Progress, Reader, Webhook
from bus.ports.codec import Codec, Document
from bus.testing.reader_suite import ReaderSuite
from bus.testing.suite import CREDENTIALS, AdapterSuite, Scene, Stage, nothing
from tests.support.omie import KEY, SECRET, OmieRig, line, message, omie_rig, write_off

PRODUCT, PLACE = 2_500_000_001, 2_500_000_002
"""The ids of the first two records of an app."""
ONE_LINE = write_off(line("L1", PRODUCT, PLACE))
REGISTRY = Registry()
ADJUSTED = f"{PRODUCT} {PLACE} SAI 2.00 30/01/2026".encode()


def stocked(app: OmieApp) -> None:
    """An app with a product in a location."""
    assert app.keep_product("FLT-1", "Filtro") == PRODUCT
    assert app.keep_warehouse("CENTRAL", "Central") == PLACE
    app.set_stock(PRODUCT, PLACE, "10", cost="12.345")


Play = Callable[[OmieSimulator], None]


def change(*conducts: Conduct, **how: Any) -> Play:
    """Tells the cost as it should, and meets the calls after it so."""

    def play(omie: OmieSimulator) -> None:
        omie.behave(ScriptedConduct(), *(ScriptedConduct(one, **how) for one in conducts))

    return play


def says(text: str) -> Play:
    """Refuses the change with this text."""
    return change(Conduct.REFUSE, text=text)


def is_away(omie: OmieSimulator) -> None:
    """Nobody listens: see `stage`."""


DOUBT = (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
BUSY = (Outcome.BUSY, "BUSY")
SCENES = (
    Scene("takes it", nothing, Outcome.DELIVERED, said=Outcome.DELIVERED),
    Scene("is away", is_away, Outcome.UNREACHABLE, "UNREACHABLE"),
    Scene("loses the answer", change(Conduct.DROP_AFTER), *DOUBT, said=Outcome.DELIVERED),
    Scene("says a page", change(Conduct.PAGE), *DOUBT, "no JSON", said=Outcome.DELIVERED),
    Scene("says nothing", change(Conduct.EMPTY), *DOUBT, "no JSON", said=Outcome.DELIVERED),
    Scene("is cut", change(Conduct.CUT), *DOUBT, said=Outcome.DELIVERED),
    Scene("fails", change(Conduct.FAIL), *DOUBT, "no JSON", said=Outcome.UNREACHABLE),
    Scene("loses two answers", change(Conduct.DROP_AFTER, Conduct.DROP_AFTER), *DOUBT),
    Scene(
        "is busy",
        change(Conduct.BUSY, retry_after=7),
        *BUSY,
        "429",
        7.0,
        said=Outcome.UNREACHABLE,
    ),
    Scene(
        "refuses",
        says("O preenchimento da tag [obs] é obrigatório !"),
        Outcome.REFUSED,
        "REFUSED",
        "obrigatório",
        said=Outcome.UNREACHABLE,
    ),
    Scene(
        "does not know the keys",
        change(Conduct.DENY),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
        "chave de acesso",
        said=Outcome.UNREACHABLE,
    ),
)


class TestOmie(AdapterSuite, ReaderSuite):
    kind = ADAPTER
    message = ONE_LINE
    arrives = ADJUSTED
    scenes = SCENES
    mistakes = (
        ("address", "app.omie.com.br/api/v1"),
        ("options.motive", "XXX"),
        ("options.value", "much"),
        ("options.on_change", "perhaps"),
        ("options.reads", "Warehouse, Zebra"),
        ("options.page", "501"),
    )

    @asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """An Omie with one app that behaves as the scene says."""
        if scene.play is is_away:
            with socket.socket() as unheard:
                unheard.bind(("127.0.0.1", 0))
                yield Stage(f"http://127.0.0.1:{unheard.getsockname()[1]}/api/v1/", list)
            return
        async with omie_simulator(self.codec_of_simulator, Setting(login=CREDENTIALS)) as omie:
            app = omie.app(CREDENTIALS.user)
            stocked(app)
            scene.play(omie)

            def arrived() -> list[bytes]:
                return [told(row) for row in app.adjustments.values()]

            yield Stage(omie.address, arrived)

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """An app with three records of each register, on pages of two."""
        async with omie_simulator(self.codec_of_simulator, Setting(login=CREDENTIALS)) as omie:
            app = omie.app(CREDENTIALS.user)
            app.clock = lambda: datetime(2026, 1, 31, 10, 0, len(app.customers))  # noqa: DTZ001
            for number in range(3):
                app.keep_warehouse(f"L{number}", "Central")
                app.keep_product(f"P{number}", "Filtro")
                app.keep_customer(f"0000000000000{number}", "Exemplo")
            yield Stage(omie.address, list, {"page": "2"})

    @pytest.fixture(autouse=True)
    def codec_of_the_simulator(self, codec: Codec) -> None:
        """The simulator has the codec of the suite."""
        self.codec_of_simulator = codec


def told(row: dict[str, object]) -> bytes:
    """An adjustment in a line."""
    names = ("id_prod", "codigo_local_estoque", "tipo", "quan", "data")
    return " ".join(str(row[name]) for name in names).encode()


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
    assert [pair.origin for pair in report.response.ids] == [
        f"{labour}-{item}" for labour in "AB" for item in (PRODUCT, kit)
    ]
    assert [int(pair.destination) for pair in report.response.ids] == [
        row["id_ajuste"] for row in made
    ]


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
    assert len(again.response.ids) == 2


async def test_after_a_lost_answer_the_adjustment_is_adopted(codec: Codec) -> None:
    """X-21: the same message has the same code, so that Omie has it once."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(), ScriptedConduct(Conduct.DROP_AFTER))
        lost = await rig.send(ONE_LINE)
        rig.pass_time(61)
        again = await rig.send(ONE_LINE)

        (made,) = rig.app.adjustments
    assert (lost.outcome, again.outcome) == (Outcome.UNKNOWN, Outcome.DELIVERED)
    assert again.response
    assert again.response.ids[0].destination == str(made)


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


def item(id: str = "1|FLT-1", **fields: str) -> bytes:
    """A product of another application."""
    told = {"Code": "FLT-1", "InternalId": id, "Name": "Filtro de óleo", "Active": "true"} | fields
    content = "".join(f"<{name}>{text}</{name}>" for name, text in told.items())
    return message(
        "Item",
        "4.005",
        f"{content}<UnitOfMeasureCode>UN</UnitOfMeasureCode><NetWeight>0.12345</NetWeight>"
        "<FiscalInformation><FiscalClassification><FiscalClassificationCode>8421.23.00"
        "</FiscalClassificationCode></FiscalClassification></FiscalInformation>"
        "<ListOfComercialFamilyItem/><Values><SalesPrice>10.50</SalesPrice></Values>",
    )


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


# -- limits and faults -----------------------------------------------------------------------------


async def test_a_blocked_app_is_left_alone_for_as_long_as_it_says(codec: Codec) -> None:
    """Field case 18: busy, at the cost of no attempt; asking meanwhile would start it anew."""
    async with omie_rig(codec, value="zero") as rig:
        stocked(rig.app)
        rig.omie.block(KEY, 1678)
        first = await rig.send(ONE_LINE)
        rig.pass_time(1600)
        meanwhile = await rig.send(write_off(line("L1", PRODUCT, PLACE), uuid="another"))
        rig.pass_time(100)
        after = await rig.send(ONE_LINE)

    assert [one.outcome for one in (first, meanwhile, after)] == [
        Outcome.BUSY,
        Outcome.BUSY,
        Outcome.DELIVERED,
    ]
    assert first.retry_after == pytest.approx(1678, abs=2)
    assert meanwhile.retry_after == pytest.approx(78, abs=2)


async def test_two_applications_with_one_key_are_blocked_together(codec: Codec) -> None:
    """The block is of the app."""
    async with omie_rig(codec, value="zero") as rig:
        stocked(rig.app)
        rig.omie.block(KEY, 500)
        await rig.send(ONE_LINE)
        other = rig.kind.open(rig.application, codec)
        rig.omie.block(KEY, 0)
        report = await other.send(await rig.parcel(ONE_LINE))
        await other.close()

    assert report.outcome is Outcome.BUSY


@pytest.mark.rule("X-08")
async def test_the_same_call_is_never_made_twice_within_a_minute(codec: Codec) -> None:
    """X-08: what was asked has its answer, what was changed waits."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        there = item(str(PRODUCT))
        first, again = [await rig.send(there, new=False) for _ in "12"]
        rig.pass_time(61)
        later = await rig.send(there, new=False)

        assert rig.methods() == ["AlterarProduto"] * 2
    assert [one.outcome for one in (first, again, later)] == [
        Outcome.DELIVERED,
        Outcome.BUSY,
        Outcome.DELIVERED,
    ]
    assert again.retry_after == pytest.approx(60, abs=2)


async def test_who_asks_the_same_at_once_shares_the_answer(codec: Codec) -> None:
    """Field case 17: a second call while one runs would be refused."""
    asked = f"<ItemInternalId>{PRODUCT}</ItemInternalId><WarehouseInternalId>{PLACE}</WarehouseInternalId>"
    body = message("StockLevel", "1.000", f"<RequestItem>{asked}</RequestItem>", event="")
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(always=ScriptedConduct(seconds=0.05))
        reports = await asyncio.gather(*(rig.send(body) for _ in range(3)))

        assert rig.methods() == ["PosicaoEstoque"]
    assert {one.outcome for one in reports} == {Outcome.DELIVERED}


async def test_who_shared_a_question_that_is_given_up_comes_later(codec: Codec) -> None:
    """The adapter that asked was closed, as after a change of routes.yaml; the other goes on."""
    asked = f"<ItemInternalId>{PRODUCT}</ItemInternalId>"
    body = message("StockLevel", "1.000", f"<RequestItem>{asked}</RequestItem>", event="")
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(seconds=60))
        older = rig.kind.open(rig.application, codec)
        parcel = await rig.parcel(body)
        first = asyncio.create_task(older.send(parcel))
        second = asyncio.create_task(rig.adapter.send(parcel))
        async with asyncio.timeout(10):
            while not rig.methods():  # noqa: ASYNC110 - a simulator has no event
                await asyncio.sleep(0.01)
        first.cancel()
        await older.close()
        report = await second

    assert report.outcome is Outcome.BUSY


@pytest.mark.parametrize(("method", "most"), [("ListarProdutos", 4), ("AlterarProduto", 1)])
async def test_so_many_calls_of_a_method_go_at_once(method: str, most: int) -> None:
    """Changes one by one."""
    room = AppAccess(lambda: 0.0).room_for(method, reads=method.startswith("Listar"))
    taken = 0
    while not room.locked():
        await room.acquire()
        taken += 1

    assert taken == most


def test_so_many_calls_of_a_method_go_in_a_minute() -> None:
    """In any minute; another method has its own."""
    now = 0.0
    access = AppAccess(lambda: now)
    for _ in range(240):
        assert access.wait_for_turn("ListarProdutos") == 0
        access.count("ListarProdutos")
        now += 0.1

    assert access.wait_for_turn("ListarProdutos") == pytest.approx(36)
    assert access.wait_for_turn("ListarClientes") == 0
    now = 60.0
    assert access.wait_for_turn("ListarProdutos") == 0


async def test_a_call_that_is_running_is_tried_after_ten_seconds_and_then_after_a_minute(
    codec: Codec,
) -> None:
    """Client-1880 (field case 17)."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(always=ScriptedConduct(Conduct.TRY_AGAIN))
        waits = []
        for _ in "12":
            report = await rig.send(item(str(PRODUCT)), new=False)
            waits.append(report.retry_after)
            rig.pass_time(report.retry_after or 0)

    assert waits == [10.0, 61.0]


@pytest.mark.parametrize(
    ("text", "outcome", "wait"),
    [
        ("Consumo redundante detectado. Aguarde 16 segundos para tentar novamente (REDUNDANT).", Outcome.BUSY, 16.0),
        ("O cálculo do saldo de estoque e CMC do produto ainda não foi concluído para o local X", Outcome.BUSY, None),
        ("Esta requisição já foi processada ou está sendo processada e você pode tentar novamente às 19:04:08. (1)", Outcome.UNKNOWN, None),
        ("O Recebimento já foi concluído!", Outcome.REFUSED, None),
        ("Fornecedor não cadastrado", Outcome.REFUSED, None),
        ("CHAVE DE ACESSO inválida", Outcome.UNREACHABLE, None),
    ],
)  # fmt: skip
async def test_faults_are_told_by_their_text(
    codec: Codec, text: str, outcome: Outcome, wait: float | None
) -> None:
    """All with one code and one status: these say nothing."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(Conduct.REFUSE, text=text))
        report = await rig.send(item(str(PRODUCT)), new=False)

    assert (report.outcome, report.retry_after) == (outcome, wait)
    assert report.unmapped == ""


async def test_words_that_nobody_mapped_are_a_refusal_and_told(codec: Codec) -> None:
    """Field case 16: repeating them by the clock gets an app blocked."""
    async with omie_rig(codec) as rig:
        rig.omie.behave(ScriptedConduct(Conduct.REFUSE, text="Algo inédito."))
        report = await rig.send(item())

    assert report.outcome is Outcome.REFUSED
    assert "Algo inédito" in report.unmapped


@pytest.mark.rule("K-02")
@pytest.mark.parametrize("given", [None, Credentials(KEY, ""), Credentials("", SECRET)])
def test_both_keys_are_needed(codec: Codec, given: Credentials | None) -> None:
    """Without either no adapter opens, so that no call is made."""
    application = Application("omie", "OMIE", address="http://omie/", credentials=given)

    with pytest.raises(BusFault) as refusal:
        ADAPTER.open(application, codec)

    assert refusal.value.fault.path == "applications.omie.credentials"
    assert SECRET not in repr(refusal.value.faults)


async def test_no_key_is_ever_told(codec: Codec) -> None:
    """K-02: neither of the two, even where Omie repeats the call."""
    async with omie_rig(codec) as rig:
        echo = f"call with {SECRET} of {KEY}"
        rig.omie.behave(
            ScriptedConduct(Conduct.REFUSE, text=echo), ScriptedConduct(Conduct.FAIL, text=echo)
        )
        reports = [await rig.send(item(f"1|{n}", Code=f"{n}")) for n in range(2)]

        told = repr((reports, rig.adapter, rig.application))
    assert SECRET not in told
    assert KEY not in repr(reports)


# -- reading ---------------------------------------------------------------------------------------


async def read_all(rig: OmieRig, cursor: str = "") -> tuple[list[Document], str]:
    """What there is after a cursor, and where that ends."""
    found: list[Document] = []
    while True:
        assert isinstance(rig.adapter, Reader)
        inbound = await rig.adapter.read(Poll(cursor))
        found += [await rig.codec.read(one.body) for one in inbound.messages]
        cursor = inbound.cursor
        if not inbound.more:
            return found, cursor


async def test_what_changed_is_read_and_nothing_else(codec: Codec) -> None:
    """Once, by its change; a second change in the same second too."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.app.keep_customer("11.222.333/0001-81", "Exemplo")
        first, cursor = await read_all(rig)
        rig.pass_time(61)
        none, cursor = await read_all(rig, cursor)
        rig.app.keep_product("FLT-1", "Filtro novo", valor_unitario=Decimal("10.50"))
        rig.pass_time(61)
        changed, cursor = await read_all(rig, cursor)

    assert [one.envelope.header.transaction for one in first] == [
        "Warehouse",
        "Item",
        "CustomerVendor",
    ]
    assert none == []
    (product,) = changed
    assert product.values(["InternalId", "Name", "Values/SalesPrice"]) == (
        str(PRODUCT),
        "Filtro novo",
        "10.50",
    )
    assert first[2].values(["GovernmentalInformation/Id"]) == ("11222333000181",)


async def test_what_is_read_conforms(codec: Codec) -> None:
    """To the contracts of its transactions."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.app.keep_customer("111.444.777-35", "Exemplo", cidade_ibge="3550308", estado="SP")
        rig.app.keep_product(
            "FLT-1", "Filtro", ean="789", codigo_familia=7, peso_liq=Decimal("0.5")
        )
        found, _ = await read_all(rig)

    for one in found:
        header = one.envelope.header
        contract = REGISTRY.find(header.transaction, header.version)
        assert contract
        assert REGISTRY.check(contract, one) == (), header.transaction


async def test_an_empty_app_has_nothing(codec: Codec) -> None:
    """K-11: no records is an error of Omie's, and none of ours."""
    async with omie_rig(codec) as rig:
        found, cursor = await read_all(rig)
        at_once, same = await read_all(rig, cursor)
        calls = len(rig.omie.calls)
        rig.pass_time(61)
        later, still = await read_all(rig, cursor)

        assert (calls, len(rig.omie.calls)) == (3, 6)
    assert (found, at_once, later) == ([], [], [])
    assert (same, still) == (cursor, cursor)


async def test_a_record_that_moves_up_is_not_lost(codec: Codec) -> None:
    """One is deleted between two pages: the list is read again, and each record is known."""
    async with omie_rig(codec, page="2", reads="Item") as rig:
        ids = [rig.app.keep_product(f"P{n}", "x") for n in range(5)]
        assert isinstance(rig.adapter, Reader)
        first = await rig.adapter.read(Poll(""))
        rig.app.remove_product(ids[0])
        rig.pass_time(61)
        rest, _ = await read_all(rig, first.cursor)

    told = {one.values(["InternalId"])[0] for one in rest}
    told |= {(await codec.read(one.body)).values(["InternalId"])[0] for one in first.messages}
    assert told == {str(id) for id in ids}


async def test_a_change_on_a_page_already_read_is_not_lost(codec: Codec) -> None:
    """What changed after the first page was asked for is not older than what the next asks for."""
    async with omie_rig(codec, page="2", reads="Item") as rig:
        ids = [rig.app.keep_product(f"P{n}", "x") for n in range(4)]
        assert isinstance(rig.adapter, Reader)
        first = await rig.adapter.read(Poll(""))
        rig.pass_time(10)
        rig.app.keep_product("P0", "changed")
        rig.pass_time(10)
        rig.app.keep_product("P3", "later still")
        rig.pass_time(61)
        _, cursor = await read_all(rig, first.cursor)
        rig.pass_time(61)
        changed, _ = await read_all(rig, cursor)

    assert {one.values(["InternalId", "Name"]) for one in changed} == {(str(ids[0]), "changed")}


async def test_an_app_that_fails_is_not_empty(codec: Codec) -> None:
    """What is no JSON is a failure to read, and moves nothing."""
    async with omie_rig(codec) as rig:
        rig.omie.behave(ScriptedConduct(Conduct.PAGE))
        assert isinstance(rig.adapter, Reader)
        with pytest.raises(ReceiverFault) as refusal:
            await rig.adapter.read(Poll(""))

    assert refusal.value.fault.code == "UNREACHABLE"


# -- events ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["event", "evento"])
async def test_an_event_is_taken_in_both_spellings(codec: Codec, spelling: str) -> None:
    """It says that there is something to be read, and brings nothing itself."""
    event = {"messageId": "1", "topic": "Produto.Alterado", spelling: {}, "appKey": KEY}
    async with omie_rig(codec) as rig:
        assert isinstance(rig.adapter, Reader)
        inbound = await rig.adapter.read(Webhook(json.dumps(event).encode(), {}))

    assert inbound == Inbound(more=True)


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
