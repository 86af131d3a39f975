"""What RM and Protheus refuse, over SOAP on the routes that ship: who must act, and when it goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.web import Request, StreamResponse

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import SimulatedDesk
from bus.core.delivery import State
from bus.core.envelope import DeliveryMode
from bus.core.errors import Owner
from bus.engine.depara_changes import DeparaChange, IdPair
from bus.engine.operate import Replay
from depara.model import Key, Member
from tests.support.back_office import PROTHEUS, RM, Trio, back_office, until
from tests.support.full_messages import Whole, id_of


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


def refuses(text: str) -> ScriptedConduct:
    """Say no once, in these words."""
    return ScriptedConduct(Conduct.REFUSE, text=text)


def written_off(trio: Trio) -> Whole:
    """A write-off of RM that nobody waits for."""
    return replace(trio.whole(RM, "StockTurnover", "1.006"), mode=DeliveryMode.ASYNC)


@pytest.mark.parametrize(
    ("text", "code", "advice"),
    [
        pytest.param(
            "Data width error - Field: TJ_CUSTMAA",
            "FIELD_TOO_NARROW_AT_RECEIVER",
            "16",
            marks=[pytest.mark.rule("T-187"), pytest.mark.rule("T-188")],
        ),
        pytest.param(
            "Valor inválido para o campo Município",
            "NOT_SET_UP_AT_RECEIVER",
            "Livros Fiscais",
            marks=pytest.mark.rule("T-60"),
        ),
        pytest.param(
            "HELP: AF060NOTXA", "NOT_SET_UP_AT_RECEIVER", "cotação", marks=pytest.mark.rule("T-76")
        ),
        pytest.param(
            "Natureza não informada. Verifique o parâmetro: MV_SLMNATR",
            "NOT_SET_UP_AT_RECEIVER",
            "SIGACFG",
        ),
    ],
)
async def test_what_protheus_must_mend_is_final_until_a_person_sends_it_again(
    trio: Trio, text: str, code: str, advice: str
) -> None:
    """The clock does not repeat it and nothing is waited for; once it is mended, a replay arrives."""
    trio.protheus.behave(refuses(text))
    whole = written_off(trio)
    await trio.rm.post(whole.write())
    stopped = await trio.reaches(whole.uuid, State.REFUSED)

    (delivery,) = [row for row in stopped.deliveries if row.destination == PROTHEUS]
    (fault,) = [each.fault for each in stopped.attempts if each.fault and each.number == 1]
    assert (fault.code, fault.owner) == (code, Owner.RECEIVER)
    assert advice in fault.remedy("pt")
    assert delivery.due_at is None
    await trio.run.bus.operators.replay(Replay(stopped.message, actor="ana"))
    await trio.reaches(whole.uuid, State.DELIVERED)
    assert len(trio.protheus.erp.tables.of("SD3")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Centro de Custo não encontrado no de/para!",
        "CENTRO DE CUSTO NAO ENCONTRADO NO DE-PARA",
        "CostCenter 1|CostCenter 5 não encontrada no De/Para",
        "Não há de/para cadastrado para 1|CostCenter 5.",
    ],
)
async def test_what_has_no_pair_in_protheus_is_waited_for(trio: Trio, text: str) -> None:
    """In whatever words, with the id or without: it goes on when that register has arrived."""
    trio.protheus.behave(refuses(text))
    whole = written_off(trio)
    await trio.rm.post(whole.write())
    waiting = await trio.reaches(whole.uuid, State.AWAITING_DEPARA)
    (wait,) = await trio.run.bus.ports.crossreference.waits(waiting.message.id)
    center = replace(trio.whole(RM, "CostCenter", "2.000"), code="5", uuid="u-center")
    await trio.rm.post(center.write())

    assert (wait.entity, wait.id) == ("CostCenter", "1|CostCenter 5")
    (fault,) = [each.fault for each in waiting.attempts if each.fault]
    assert "A entrega recomeça" in fault.remedy("pt")
    await trio.reaches(whole.uuid, State.DELIVERED)
    assert trio.protheus.heard == (whole.uuid, "u-center", whole.uuid)


async def test_a_text_without_an_id_chooses_none_among_several(trio: Trio) -> None:
    """A person decides: nobody knows which of two cost centres Protheus lacks."""
    trio.protheus.behave(refuses("Centro de Custo não encontrado no de/para!"))
    item = "ListOfStockTurnoverItem/StockTurnoverItem[2]/CostCenterInternalId"
    whole = replace(written_off(trio), changes={item: "1|CostCenter 6"})
    await trio.rm.post(whole.write())

    refused = await trio.reaches(whole.uuid, State.REFUSED)
    (fault,) = [each.fault for each in refused.attempts if each.fault]
    assert "O barramento não espera" in fault.remedy("pt")
    assert "recomeça" not in fault.remedy("pt")


@pytest.mark.parametrize(
    ("given", "state", "owner"),
    [
        ("{text: estoque fechado, owner: sender, advice: Reabra o mês.}", State.REFUSED, "sender"),
        ("{text: estoque fechado, means: unknown}", State.UNKNOWN, "receiver"),
        (
            "{text: estoque fechado, waits_for: CostCenter}",
            State.AWAITING_DEPARA,
            "bus admin",
        ),
    ],
)
async def test_an_admin_says_what_a_text_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, state: State, owner: str
) -> None:
    """In routes.yaml, before all that its product knows."""
    added = ("    product: PROTHEUS\n", f"    product: PROTHEUS\n    error_texts: [{given}]\n")
    async with back_office(tmp_path, monkeypatch, added) as trio:
        trio.protheus.behave(refuses("Atenção: ESTOQUE FECHADO, parâmetro MV_ULMES"))
        whole = written_off(trio)
        await trio.rm.post(whole.write())
        stopped = await trio.reaches(whole.uuid, state)

    (fault,) = [each.fault for each in stopped.attempts if each.fault]
    assert fault.owner.value == owner
    assert ("Reabra o mês." in fault.remedy("pt")) == ("advice" in given)


@pytest.mark.rule("T-07")
@pytest.mark.parametrize("sender", [RM, PROTHEUS])
@pytest.mark.parametrize("mode", list(DeliveryMode))
async def test_a_want_of_licences_puts_a_message_off(
    trio: Trio, sender: str, mode: DeliveryMode
) -> None:
    """Neither ERP processed it: it is sent again by itself, and costs no attempt."""
    mine, other = trio.sides(sender)
    other.behave(refuses("Não há licença disponível"))
    whole = replace(trio.whole(sender, "StockTurnover", "1.006"), mode=mode)
    await mine.post(whole.write())
    trace = await trio.reaches(whole.uuid, State.DELIVERED)

    codes = [each.fault.code for each in trace.attempts if each.fault and each.number == 1]
    assert codes == ["BUSY"]
    assert trace.deliveries[0].attempts == 1
    assert other.heard == (whole.uuid, whole.uuid)


@pytest.mark.rule("T-07")
async def test_no_more_calls_are_under_way_than_a_protheus_is_given(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many documents are due at once: `concurrency` of the example says two."""
    met, most = SimulatedDesk.meet, [0, 0]

    async def counted(
        desk: SimulatedDesk, request: Request, step: ScriptedConduct
    ) -> StreamResponse:
        most[0] += 1
        most[1] = max(most)
        try:
            return await met(desk, request, step)
        finally:
            most[0] -= 1

    monkeypatch.setattr(SimulatedDesk, "meet", counted)
    trio.protheus.behave(always=ScriptedConduct(seconds=0.05))
    named = ("MainOrderInternalId", "ListOfStockTurnoverItem/StockTurnoverItem/MainOrderInternalId")
    apart = dict.fromkeys(named, "")  # of no order: each goes in a lane of its own
    first = replace(written_off(trio), changes=apart)
    all_of_them = [replace(first, uuid=f"u-{number}", code=str(number)) for number in range(8)]
    for each in all_of_them:
        await trio.rm.post(each.write())
    for each in all_of_them:
        await trio.reaches(each.uuid, State.DELIVERED)

    assert most[1] == 2


@pytest.mark.rule("T-132")
async def test_a_city_without_a_pair_is_waited_for_until_a_person_enters_it(trio: Trio) -> None:
    """Nobody loads cities: the message is held with that reason, and no pair is made of itself."""
    city = id_of("PROTHEUS", "City", "5")
    trio.rm.behave(refuses(f"City {city} não encontrada no de/para!"))
    whole = replace(trio.whole(PROTHEUS, "Order", "4.010"), mode=DeliveryMode.ASYNC)
    await trio.protheus.post(whole.write())
    held = await trio.reaches(whole.uuid, State.AWAITING_DEPARA)
    (wait,) = await trio.run.bus.ports.crossreference.waits(held.message.id)
    before = await trio.pairs(PROTHEUS, "City", city)
    pair = IdPair(Member(Key("City", PROTHEUS, "", city)), Member(Key("City", RM, "", "1|5")))
    await trio.run.bus.amending.change(DeparaChange("ana", links=(pair,)))
    await trio.reaches(whole.uuid, State.DELIVERED)

    assert (wait.entity, wait.id) == ("City", city)
    (fault,) = [each.fault for each in held.attempts if each.fault]
    assert city in fault.reason("pt")
    assert before == set()
    assert trio.rm.heard == (whole.uuid, whole.uuid)


@pytest.mark.rule("T-144", "T-146")
async def test_a_purge_of_old_movements_sends_nothing(trio: Trio) -> None:
    """Their pairs close in the bus; neither ERP hears of it, and SigaMNT keeps what it has.

    To clean that is for its users.
    """
    whole = written_off(trio)
    await trio.rm.post(whole.write())
    await until(lambda: _all_delivered(trio, whole.uuid))
    heard = trio.protheus.heard, trio.rm.heard
    key = Key("StockTurnover", RM, "", whole.own_id)
    known = await trio.pairs(RM, "StockTurnover", whole.own_id)
    await trio.run.bus.amending.change(DeparaChange("ana", parts=(key,), orphans=True))
    after = replace(trio.whole(RM, "UnitOfMeasure", "2.000"), uuid="u-after")
    await trio.rm.post(after.write())

    assert len(known) == 2
    assert await trio.pairs(RM, "StockTurnover", whole.own_id) == set()
    assert trio.protheus.heard == (*heard[0], "u-after")
    assert trio.rm.heard == heard[1]
    assert len(trio.protheus.erp.tables.of("SD3")) == 1


async def _all_delivered(trio: Trio, uuid: str) -> bool:
    """Whether a message and the answer to it have arrived."""
    rows = (await trio.trace(uuid)).deliveries
    return len(rows) > 1 and all(row.state is State.DELIVERED for row in rows)
