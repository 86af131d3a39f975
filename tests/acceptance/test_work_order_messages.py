"""What the messages of a work order need of the bus: whole, in order, by their ids, over SOAP.

Every message has all elements of its contract, and goes by the routes that ship. When SigaMNT or RM
sends one is theirs to decide; what is shown here is what the bus does with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.eai.simulator import EaiSimulator
from adapters.simulation.ledger import Effect
from bus.core.delivery import State
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from tests.support.back_office import CODEC, PROTHEUS, RM, Trio, back_office, code_of, contract
from tests.support.full_messages import Whole, id_of, introduce
from tests.support.messages import response

SYNC, ASYNC = DeliveryMode.SYNC, DeliveryMode.ASYNC
ITEMS = "ListOfMaintenanceOrderItem"
ITEM = "ListOfRequestItem/RequestItem"
COMES_LATER = ScriptedConduct(Conduct.BUSY, retry_after=0)
ORDER = id_of("PROTHEUS", "MaintenanceOrder", "7")


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


def refuses(text: str) -> ScriptedConduct:
    """Say no once, in these words."""
    return ScriptedConduct(Conduct.REFUSE, text=text)


def order(trio: Trio, uuid: str, *, code: str = "7", **changes: str) -> Whole:
    """A work order of Protheus, all of whose references RM knows."""
    whole = trio.whole(PROTHEUS, "MaintenanceOrder", "1.002")
    made = replace(whole, code=code, uuid=uuid, mode=ASYNC, changes=changes)
    introduce(made, trio.rm)
    return made


def of_order(trio: Trio, named: str, version: str, uuid: str, **changes: str) -> Whole:
    """A requisition or a write-off that names the order above; RM knows the rest of it."""
    whole = trio.whole(PROTHEUS, named, version)
    items = {"Request": "RequestItem", "StockTurnover": "StockTurnoverItem"}[named]
    named_by = {"MainOrderInternalId": ORDER, f"ListOf{items}/{items}/MainOrderInternalId": ORDER}
    made = replace(whole, uuid=uuid, changes={**named_by, **changes})
    introduce(replace(made, changes={**changes}), trio.rm)
    return made


async def sent(mine: EaiSimulator, *messages: Whole) -> None:
    """Post messages that nobody waits for, one after the other."""
    for each in messages:
        report = await mine.post(each.write())
        assert report.outcome is Outcome.RECEIVED, report.fault


async def taken_whole(reader: EaiSimulator, *messages: Whole) -> None:
    """The reader's clerk did what these say, in this order, with the very content that was sent."""
    came = [(entry.uuid, entry.content_hash) for entry in reader.received]
    expected = [(one.uuid, (await CODEC.read(one.write())).content_hash) for one in messages]
    assert came == expected


def deleting(body: bytes, number: int) -> bytes:
    """The same requisition, of which one item is to be deleted."""
    root = etree.fromstring(body)
    (note,) = root.xpath(f"//RequestItem[{number}]/Observation")
    event = etree.Element("Event")
    event.text = "delete"
    note.addnext(event)
    return etree.tostring(root)


# -- the order itself ------------------------------------------------------------------------------


@pytest.mark.rule("T-103", "T-104", "T-105", "T-106", "T-150", "T-151", "T-177", "T-178", "T-180")
@pytest.mark.rule("T-182")
async def test_every_stage_of_an_order_reaches_rm_whole_and_in_its_turn(trio: Trio) -> None:
    """Released without items, finished with them, reopened, finished anew by one service.

    The release is put off by RM, and what follows waits for it. A finishing that is as the first
    one is no repeat of it.
    """
    one_item = {f"{ITEMS}/MaintenanceOrderItem[2]": "", f"{ITEMS}/MaintenanceOrderItem/Code": "1"}
    stages = (
        order(trio, "u-released", Status="001", **{ITEMS: ""}),
        order(trio, "u-finished", Status="002"),
        order(trio, "u-reopened", Status="001"),
        order(trio, "u-finished-again", Status="002"),
        order(trio, "u-reopened-again", Status="001"),
        order(trio, "u-finished-as-one", Status="002", **one_item),
    )
    trio.rm.behave(COMES_LATER)
    await sent(trio.protheus, *stages)
    for one in stages:
        await trio.reaches(one.uuid, State.DELIVERED)

    await taken_whole(trio.rm, *stages)
    assert b"MaintenanceOrderItem>" not in stages[0].write()
    assert [await trio.route_of(one.uuid) for one in stages] == ["work-orders"] * len(stages)
    assert len(await trio.pairs(PROTHEUS, "MaintenanceOrder", ORDER)) == 2


@pytest.mark.rule("T-104", "T-105")
async def test_a_status_that_no_order_has_is_refused_and_never_sent(trio: Trio) -> None:
    """Its sender is told which there are."""
    whole = replace(order(trio, "u-wrong", Status="005"), mode=SYNC)
    report = await trio.protheus.post(whole.write())

    assert report.outcome is Outcome.REFUSED
    assert code_of(report) == "VALUE_NOT_LISTED"
    assert "Status" in str(report.fault)
    assert trio.rm.heard == ()


@pytest.mark.rule("T-107")
async def test_the_orders_of_a_plan_go_each_by_itself(trio: Trio) -> None:
    """Each gets its own pair; one that RM refuses holds up what is its own, and no other order."""
    plan = [order(trio, f"u-{code}", code=code, Status="001") for code in ("1", "2", "3")]
    trio.rm.behave(ScriptedConduct(), refuses("Movimento bloqueado"))
    await sent(trio.protheus, *plan[:2])
    await trio.reaches("u-2", State.REFUSED)
    later = order(trio, "u-2-later", code="2", Status="002")
    await sent(trio.protheus, plan[2], later)
    await trio.reaches("u-3", State.DELIVERED)

    first, second, third = [
        await trio.pairs(PROTHEUS, "MaintenanceOrder", one.own_id) for one in plan
    ]
    assert (len(first), len(second), len(third)) == (2, 0, 2)
    assert {id_ for name, id_ in first if name == RM} != {id_ for name, id_ in third if name == RM}
    assert (await trio.trace("u-2-later")).deliveries[0].state is State.WAITING


@pytest.mark.rule("T-101")
async def test_a_status_of_an_unknown_order_is_an_error_and_makes_none(trio: Trio) -> None:
    """RM is told in the call, in the words of Protheus; nothing is learnt of it."""
    whole = replace(trio.whole(RM, "MaintenanceOrder", "1.002"), changes={"Status": "004"})
    report = await trio.rm.post(whole.write())

    assert report.outcome is Outcome.REFUSED
    assert "esta mensagem não inclui, apenas altera" in str(report.fault)
    assert trio.protheus.erp.tables.of("STJ") == ()
    assert await trio.pairs(RM, "MaintenanceOrder", whole.own_id) == set()


@pytest.mark.rule("T-102")
async def test_what_a_billed_order_says_beside_its_status_is_told_to_be_ignored(
    trio: Trio,
) -> None:
    """Protheus takes the status; that inputs and costs are lost there is on the trace."""
    row = trio.protheus.erp.insert("MaintenanceOrder", "000007", {"Status": "002", "Number": "7"})
    assert row
    whole = replace(trio.whole(RM, "MaintenanceOrder", "1.002"), changes={"Status": "004"})
    bare = replace(whole, uuid="u-bare", changes={"Status": "004", ITEMS: ""})
    trio.protheus.erp.pairs.learn("RM", "MaintenanceOrder", whole.own_id, (row.id,))
    reports = [await trio.rm.post(each.write()) for each in (whole, bare)]
    told, nothing = [(await trio.trace(each.uuid)).message.faults for each in (whole, bare)]
    (kept,) = trio.protheus.erp.tables.of("STJ")

    assert [report.outcome for report in reports] == [Outcome.DELIVERED] * 2
    assert {fault.code for fault in told} == {"IGNORED_BY_READER"}
    assert [fault.path.rpartition("/")[2] for fault in told] == ["ItemInternalId", "TotalPrice"]
    assert nothing == ()
    assert dict(kept.values) == {"Status": "004", "Number": "7"}


# -- requisitions ----------------------------------------------------------------------------------


@pytest.mark.rule("T-165", "T-166", "T-167")
async def test_a_requisition_that_changes_stays_the_same_one(trio: Trio) -> None:
    """The whole with a further item, an item that goes, and the same anew, in this order.

    The bus knows the requisition and what stays in it by one pair each, closes the pair of what
    went, and learns that of what came.
    """
    goes, comes = id_of("PROTHEUS", "RequestItem", "7.2"), id_of("PROTHEUS", "RequestItem", "7.9")
    stays = id_of("PROTHEUS", "RequestItem", "7.1")
    first = of_order(trio, "Request", "1.010", "u-first", **{f"{ITEM}[2]": ""})
    whole = of_order(trio, "Request", "1.010", "u-whole")
    anew = of_order(trio, "Request", "1.010", "u-anew", **{f"{ITEM}[2]/InternalId": comes})
    await trio.protheus.post(order(trio, "u-order", Status="001").write())
    await trio.reaches("u-order", State.DELIVERED)
    for each in (first, whole):
        assert (await trio.protheus.post(each.write())).outcome is Outcome.DELIVERED
    kept = [await trio.pairs(PROTHEUS, "Request", first.own_id)]
    before = [await trio.pairs(PROTHEUS, "RequestItem", id_) for id_ in (stays, goes, comes)]
    trio.rm.behave(COMES_LATER)
    gone = replace(whole, uuid="u-gone", mode=ASYNC)
    await trio.protheus.post(deleting(gone.write(), 2))
    await trio.protheus.post(replace(anew, mode=ASYNC).write())
    await trio.reaches("u-anew", State.DELIVERED)
    kept.append(await trio.pairs(PROTHEUS, "Request", first.own_id))
    after = [await trio.pairs(PROTHEUS, "RequestItem", id_) for id_ in (stays, goes, comes)]

    assert [entry.uuid for entry in trio.rm.received][1:] == [
        "u-first",
        "u-whole",
        "u-gone",
        "u-anew",
    ]
    effects = [entry.effect for entry in trio.rm.received][1:]
    assert effects == [Effect.CREATED, Effect.UPDATED, Effect.UPDATED, Effect.UPDATED]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 2
    assert [len(one) for one in before] == [2, 2, 0]
    assert [len(one) for one in after] == [2, 0, 2]
    assert before[0] == after[0]


@pytest.mark.rule("T-89")
async def test_a_requisition_that_rm_splits_is_one_here_and_two_there(trio: Trio) -> None:
    """RM answers with a movement for stocked products and one for others: both are its names.

    What cancels it goes by the one id that SigaMNT knows.
    """
    whole = replace(of_order(trio, "Request", "1.010", "u-split"), mode=ASYNC)
    await sent(trio.protheus, order(trio, "u-order", Status="001"))
    await trio.reaches("u-order", State.DELIVERED)
    trio.rm.behave(ScriptedConduct(Conduct.RECEIPT, seconds=3600))
    await sent(trio.protheus, whole)
    await trio.reaches("u-split", State.AWAITING_RESPONSE)
    two = tuple(("Request", whole.own_id, f"1|{number}") for number in (901, 902))
    said = response("u-split", transaction="Request", version="1.010", ids=two, own_uuid="u-said")
    await trio.rm.post(said)
    await trio.reaches("u-split", State.DELIVERED)
    cancels = replace(_asked(trio, whole, "CancelRequest", "1.000"), mode=ASYNC)
    await sent(trio.protheus, cancels)
    await trio.reaches("u-asked", State.DELIVERED)

    known = await trio.pairs(PROTHEUS, "Request", whole.own_id)
    assert known == {(PROTHEUS, whole.own_id), (RM, "1|901"), (RM, "1|902")}
    assert [one for one in trio.rm.heard if one == "u-asked"] == ["u-asked"]


@pytest.mark.rule("T-154")
async def test_what_is_planned_later_is_a_requisition_of_its_own(trio: Trio) -> None:
    """It follows the first one of its order, and gets another id."""
    first = replace(of_order(trio, "Request", "1.010", "u-first"), mode=ASYNC)
    second = replace(first, uuid="u-second", code="8")
    introduce(second, trio.rm)
    await sent(trio.protheus, order(trio, "u-order", Status="001"))
    trio.rm.behave(COMES_LATER)
    await sent(trio.protheus, first, second)
    await trio.reaches("u-second", State.DELIVERED)

    assert [entry.uuid for entry in trio.rm.received] == ["u-order", "u-first", "u-second"]
    ids = [await trio.pairs(PROTHEUS, "Request", one.own_id) for one in (first, second)]
    assert [len(one) for one in ids] == [2, 2]
    assert not ids[0] & ids[1]


@pytest.mark.rule("T-98", "T-163", "T-168")
@pytest.mark.parametrize(
    ("named", "version"), [("TraceabilityRequest", "2.000"), ("StockLevel", "1.001")]
)
async def test_a_question_is_answered_while_its_order_stands_still(
    trio: Trio, named: str, version: str
) -> None:
    """It waits for nothing that is queued: RM's answer comes in the call, as RM gave it."""
    trio.rm.behave(refuses("Movimento bloqueado"))
    await sent(trio.protheus, order(trio, "u-order", Status="001"))
    await trio.reaches("u-order", State.REFUSED)
    stuck = replace(of_order(trio, "Request", "1.010", "u-stuck"), mode=ASYNC)
    await sent(trio.protheus, stuck)
    question = trio.whole(PROTHEUS, named, version)
    report = await trio.protheus.post(question.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    assert b"<ReturnContent>" in report.answer
    assert trio.rm.heard == ("u-order", question.uuid)
    assert (await trio.trace("u-stuck")).deliveries[0].state is State.WAITING


@pytest.mark.rule("T-163")
@pytest.mark.parametrize("kind", ["000", "001"])
async def test_both_kinds_of_requisition_go_as_what_they_are(trio: Trio, kind: str) -> None:
    """For purchase or from stock: SigaMNT has decided it, and nothing changes that."""
    await trio.protheus.post(order(trio, "u-order", Status="001").write())
    whole = of_order(trio, "Request", "1.010", "u-kind", Type=kind)
    report = await trio.protheus.post(whole.write())

    assert report.outcome is Outcome.DELIVERED, report.fault
    (made,) = trio.rm.movements.requisitions.values()
    assert made.kind == kind


# -- write-offs ------------------------------------------------------------------------------------


@pytest.mark.rule("T-112", "T-156")
@pytest.mark.parametrize("planned", [True, False])
async def test_a_realised_input_is_written_off_planned_before_or_not(
    trio: Trio, planned: bool
) -> None:
    """Without a requisition it needs none; it only follows its order."""
    path = "ListOfStockTurnoverItem/StockTurnoverItem/RequestItemInternalId"
    changes = {} if planned else {path: ""}
    whole = replace(of_order(trio, "StockTurnover", "1.006", "u-off", **changes), mode=ASYNC)
    assert (b"RequestItemInternalId" in whole.write()) is planned
    trio.rm.behave(COMES_LATER)
    await sent(trio.protheus, order(trio, "u-order", Status="001"), whole)
    await trio.reaches("u-off", State.DELIVERED)

    assert [entry.uuid for entry in trio.rm.received] == ["u-order", "u-off"]
    assert trio.rm.received[-1].content_hash == (await CODEC.read(whole.write())).content_hash
    assert len(await trio.pairs(PROTHEUS, "StockTurnover", whole.own_id)) == 2


@pytest.mark.rule("T-86", "T-137")
async def test_what_rm_writes_off_refers_to_the_order_of_protheus(trio: Trio) -> None:
    """Bought or from stock, a thing or a service: by RM's id of the order, which Protheus knows."""
    path = "ListOfStockTurnoverItem/StockTurnoverItem/MainOrderInternalId"
    whole = trio.whole(RM, "StockTurnover", "1.006")
    stranger = {"MainOrderInternalId": "1|404", path: "1|404"}
    stray = replace(whole, uuid="u-stray", code="8", changes=stranger)
    known, unknown = [await trio.rm.post(each.write()) for each in (whole, stray)]

    assert known.outcome is Outcome.DELIVERED, known.fault
    assert trio.protheus.received[-1].uuid == whole.uuid
    assert unknown.outcome is Outcome.REFUSED
    assert "MaintenanceOrder 1|404 não encontrada no de/para!" in str(unknown.fault)
    assert await trio.pairs(RM, "StockTurnover", stray.own_id) == set()


# -- what RM refuses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "version", "text"),
    [
        pytest.param(*row[1:], marks=[pytest.mark.rule(rule) for rule in row[0].split()])
        for row in (
            ("T-91", "Request", "1.010", "O item já foi faturado parcialmente"),
            ("T-170", "Request", "1.010", "O item possui vínculo com outro movimento"),
            ("T-98", "CancelRequest", "1.000", "A solicitação não pode ser excluída"),
            ("T-99", "CancelRequest", "1.000", "A SA possui relacionamento com o movimento"),
            ("T-99", "CancelMaintenanceOrder", "1.000", "A OS possui movimentos relacionados"),
            ("T-184", "MaintenanceOrder", "1.002", "A OS está Faturada e não pode ser alterada"),
            ("T-159", "CancelRequest", "1.000", "O estorno não está definido na integração"),
        )
    ],
)
async def test_what_rm_does_not_allow_reaches_the_user_in_its_words(
    trio: Trio, named: str, version: str, text: str
) -> None:
    """In the call, once and for good: nothing is sent in its place, and the pairs stay."""
    made = of_order(trio, "Request", "1.010", "u-made")
    await trio.protheus.post(order(trio, "u-order", Status="001").write())
    await trio.reaches("u-order", State.DELIVERED)
    assert (await trio.protheus.post(made.write())).outcome is Outcome.DELIVERED
    before = await trio.pairs(PROTHEUS, "Request", made.own_id)
    trio.rm.behave(refuses(text))
    report = await trio.protheus.post(_asked(trio, made, named, version).write())

    assert report.outcome is Outcome.REFUSED
    assert report.response is not None
    assert report.response.notes[0].text == text
    trace = await trio.trace("u-asked")
    assert [row.state for row in trace.deliveries] == [State.REFUSED]
    assert trace.deliveries[0].due_at is None
    assert trio.rm.heard[-1:] == ("u-asked",)
    assert await trio.pairs(PROTHEUS, "Request", made.own_id) == before


def _asked(trio: Trio, made: Whole, named: str, version: str) -> Whole:
    """What SigaMNT asks of RM: that the requisition changes, or is cancelled, or its order is."""
    if named == "MaintenanceOrder":
        return replace(order(trio, "u-asked", Status="001"), mode=SYNC)
    if named == "Request":
        return replace(made, uuid="u-asked", changes={**made.changes, f"{ITEM}[2]": ""})
    target = {"CancelRequest": ("RequestInternalId", made.own_id)}.get(
        named, ("MaintenanceOrderInternalId", ORDER)
    )
    changes = dict([target]) | ({"Type": "000"} if named == "CancelRequest" else {})
    cancels = contract(named, version)
    return Whole(cancels, trio.protheus.product, PROTHEUS, "u-asked", changes=changes)
