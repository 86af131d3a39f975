"""Within Omie's limits: its block, calls that repeat, and what its faults mean."""

from __future__ import annotations

import asyncio

import pytest

from adapters.omie import ADAPTER
from adapters.omie.access import AppAccess
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.errors import RETRY_AFTER, BusFault, ReceiverFault
from bus.core.outcome import Outcome
from bus.core.route import Application, Credentials
from bus.ports.adapter import Poll, Reader
from bus.ports.codec import Codec
from tests.support.omie import (
    KEY,
    ONE_LINE,
    PLACE,
    PRODUCT,
    SECRET,
    item,
    line,
    message,
    omie_rig,
    stocked,
    write_off,
)

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


async def test_a_load_does_not_share_the_answer_to_a_question_from_before_it(codec: Codec) -> None:
    """What is under way may show less than there is by now: it is busy, and told for how long."""
    async with omie_rig(codec, reads="Item") as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(seconds=0.3))
        assert isinstance(rig.adapter, Reader)
        under_way = asyncio.create_task(rig.adapter.read(Poll("")))
        async with asyncio.timeout(5):
            while not rig.omie.calls:  # noqa: ASYNC110 - a simulator has no event
                await asyncio.sleep(0.01)
        with pytest.raises(ReceiverFault) as busy:
            await rig.adapter.read(Poll("", "Item"))
        found = await under_way

    assert busy.value.fault.code == "BUSY"
    assert int(busy.value.fault.detail(RETRY_AFTER)) > 30
    assert found.messages


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


async def test_keys_that_omie_refuses_are_told_until_the_minute_is_over(codec: Codec) -> None:
    """The same call again is not made within it, and is not told as Omie being busy."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.omie.behave(ScriptedConduct(Conduct.REFUSE, text="CHAVE DE ACESSO inválida"))
        first, again = [await rig.send(item(str(PRODUCT)), new=False) for _ in "12"]
        asked = len(rig.methods())
        rig.pass_time(61)
        later = await rig.send(item(str(PRODUCT)), new=False)

    codes = [one.fault.code for one in (first, again) if one.fault]
    assert codes == ["LOGIN_REFUSED_BY_RECEIVER"] * 2
    assert again.outcome is Outcome.UNREACHABLE
    assert (asked, later.outcome) == (len(rig.methods()) - 1, Outcome.DELIVERED)


async def test_what_the_bus_holds_back_itself_is_nobody_s_work(codec: Codec) -> None:
    """A call that went a moment ago is made again when its minute is over."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        there = item(str(PRODUCT))
        _, again = [await rig.send(there, new=False) for _ in "12"]

    assert again.fault
    assert "Nothing to do" in again.fault.remedy("en")


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


async def test_a_record_with_the_digits_of_a_key_is_read_whole(codec: Codec) -> None:
    """They are somebody's data there."""
    async with omie_rig(codec, reads="Item") as rig:
        rig.app.keep_product(f"EAN-{KEY}", f"Filtro {KEY}")
        assert isinstance(rig.adapter, Reader)
        (found,) = (await rig.adapter.read(Poll(""))).messages

    assert f"<Name>Filtro {KEY}</Name>".encode() in found.body
    assert f"<Code>EAN-{KEY}</Code>".encode() in found.body


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
