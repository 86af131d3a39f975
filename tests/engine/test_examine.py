"""What would become of a message is found out without a journal, and leaves no trace in one."""

from pathlib import Path

from bus.core.envelope import DeliveryMode
from bus.core.plan import PlannedDelivery
from bus.core.route import Deployment, Strictness
from bus.engine.examine import Examined, Examiner
from bus.engine.post import Post
from tests.support import messages
from tests.support.contracts import WRONG
from tests.support.deployments import deployment, route
from tests.support.messages import Message, step, unit
from tests.support.rig import CODEC, CONTRACTS, rigs_over
from tests.support.stores import STORES

ID = "01900000-0000-7000-8000-000000000001"
TABLES = ("messages", "bodies", "deliveries", "lanes", "attempts", "answers", "waits", "facts")


async def examined(
    message: Message | bytes, configuration: Deployment | None = None, parent: str = ""
) -> Examined:
    """What an examiner says that has nothing but a codec, contracts and a deployment."""
    configured = configuration or deployment()
    body = message if isinstance(message, bytes) else message.xml()
    post = Post(body, configured.applications["protheus"], parent=parent)
    return await Examiner(CODEC, CONTRACTS, lambda: configured).examine(post, ID)


async def test_it_tells_what_would_become_of_a_message() -> None:
    """Contract, subject, what people search by, mode, routes, and the deliveries to make."""
    message = unit("CX")

    found = await examined(message, deployment(route("rm", "omie", answers="rm")))

    assert found.document
    assert found.document.raw == message.xml()
    assert found.contract == CONTRACTS.find("UnitOfMeasure", "2.000")
    assert (found.subject.entity, found.subject.own_id) == ("UnitOfMeasure", message.id)
    assert ("Code", "CX") in found.business_keys
    assert (found.mode, found.rules) == (DeliveryMode.ASYNC, "rm-omie")
    assert [one.name for one in found.routes] == ["rm-omie"]
    assert found.plan
    assert [one.destination for one in found.plan.deliveries] == ["rm", "omie"]
    assert {one.sent_uuid for one in found.plan.deliveries} == {message.uuid}
    assert found.plan.answering == 1
    assert found.warnings == found.faults == ()


async def test_nothing_is_left_in_a_journal() -> None:
    """The same message is planned again and again, and then accepted as the first of its kind."""
    async with rigs_over(STORES[0], Path()) as rigs:
        bus = await rigs.start(run=False)
        message = unit("CX")
        planned = [await examined(message, bus.deployment) for _ in range(2)]
        kept = [row for table in TABLES async for row in await bus.bus.history.audit(table)]
        id_ = await bus.accepted(message)
        (delivery,) = (await bus.trace(id_)).deliveries

    assert kept == []
    assert planned[0].plan == planned[1].plan
    assert planned[0].plan
    (plan,) = planned[0].plan.deliveries
    assert _planned(plan) == (delivery.destination, delivery.rule, delivery.sent_uuid)


def _planned(plan: PlannedDelivery) -> tuple[str, str, str]:
    return plan.destination, plan.rule, plan.sent_uuid


async def test_what_would_be_refused_says_why() -> None:
    """Unreadable, in another's name, without a route, or against its contract: a value, each."""
    elsewhere = deployment(route("rm", transactions=frozenset({"order"})))

    refused = [
        await examined(b"<html/>"),
        await examined(unit(source="omie")),
        await examined(unit(), elsewhere),
        await examined(step(note=WRONG)),
    ]

    codes = [one.faults[0].code for one in refused]
    assert codes == [
        "NOT_A_STANDARD_MESSAGE",
        "SOURCE_APPLICATION_REFUSED",
        "NO_ROUTE",
        "CONTRACT_VIOLATED",
    ]
    assert [one.document is None for one in refused] == [True, False, False, False]
    assert [one.plan for one in refused] == [None] * 4


async def test_what_a_route_lets_pass_is_a_warning() -> None:
    """It is planned all the same."""
    found = await examined(step(note=WRONG), deployment(route("rm", strictness=Strictness.WARN)))

    assert [one.code for one in found.warnings] == ["CONTRACT_VIOLATED"]
    assert found.plan
    assert found.faults == ()


async def test_where_no_condition_holds_nothing_is_planned() -> None:
    """All that took it by its header are named; none of them goes on."""
    found = await examined(unit(), deployment(route("rm", condition="false()")))

    assert (found.rules, found.routes, found.plan, found.faults) == ("rm", (), None, ())


async def test_a_message_that_a_person_sends_again_has_nobody_who_waits() -> None:
    """However its sender asked the first time."""
    asked = unit(mode="Sync")

    assert (await examined(asked)).mode is DeliveryMode.SYNC
    assert (await examined(asked, parent="earlier")).mode is DeliveryMode.ASYNC


async def test_answers_are_read_and_not_planned() -> None:
    """They end what was sent; where, the journal knows."""
    found = [await examined(messages.response("u-1")), await examined(messages.receipt("u-1"))]

    assert [one.envelope.header.type.value for one in found] == ["Response", "Receipt"]
    assert all(one.plan is None and not one.faults for one in found)
