"""S4: a message reaches its reader at a version that it takes, or is refused while it can be."""

from dataclasses import replace

import pytest

from bus.contracts.bridges import shipped_bridges
from bus.contracts.example import example_message
from bus.core.bridge import Bridge
from bus.core.contract import Contract
from bus.core.delivery import State
from bus.core.envelope import Envelope, Status
from bus.core.identity import scope_of
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, Deployment, IdScope, OnMissing, Strictness, TranslatedBy
from bus.edge.story import story_of
from bus.journal.commands import ChangeDepara
from bus.journal.rows import AttemptRow, MessageState
from depara.model import Key, Link, Member, Source
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Behaviour, Call, receives
from tests.support.messages import new_uuid, response, unit
from tests.support.rig import CODEC, CONTRACTS, REGISTRY, Rig, Rigs, code_of

NEWER, OLDER = "4.010", "3.002"
CARELESS = Bridge("Order", NEWER, OLDER)
"""A bridge that forgets what the other version has no place for."""


def order(version: str = NEWER, *, mode: str = "", full: bool = True) -> bytes:
    """An order of Protheus, as the examples have it."""
    made = example_message(_contract(version), "protheus", uuid=new_uuid(), at=0, full=full)
    delivery = f"<DeliveryType>{mode}</DeliveryType></MessageInformation>".encode()
    return made.replace(b"</MessageInformation>", delivery) if mode else made


def _contract(version: str) -> Contract:
    found = CONTRACTS.find("Order", version)
    assert found is not None
    return found


def taking(*versions: str, name: str = "rm", **changes: object) -> Application:
    """An application that takes orders at these versions alone."""
    return application(name, **({"accepts": {"order": frozenset(versions)}} | changes))


def orders_to(
    *applications: Application,
    strictness: Strictness = Strictness.REJECT,
    bridges: tuple[Bridge, ...] | None = None,
) -> Deployment:
    """Orders of Protheus to these applications, with the bridges that ship unless told others."""
    names = [one.name for one in applications]
    rule = route(*names, transactions=frozenset({"order"}), strictness=strictness, answers=names[0])
    made = deployment(rule, applications=applications)
    return replace(made, bridges=shipped_bridges() if bridges is None else bridges)


def sent(bus: Rig, name: str = "rm") -> Envelope:
    """The envelope of what an application was sent last, which conforms to its contract."""
    document = CODEC.parse(bus.app(name).calls[-1].parcel.message)
    header = document.envelope.header
    contract = CONTRACTS.find(header.transaction, header.version)
    assert contract is not None
    assert REGISTRY.check(contract, document) == ()
    return document.envelope


async def attempts(bus: Rig, message: str) -> tuple[AttemptRow, ...]:
    """The attempts of a message."""
    return (await bus.trace(message)).attempts


async def code(bus: Rig, message: str) -> str:
    """Why the last attempt of a message came to nothing."""
    fault = (await attempts(bus, message))[-1].fault
    return fault.code if fault else ""


def answers_in(version: str, *ids: tuple[str, str, str]) -> Behaviour:
    """It says OK in its own version, at once, and tells its ids."""

    async def behave(call: Call) -> Report:
        answer = response(call.uuid, transaction="Order", version=version, ids=ids)
        return await call.report(Outcome.DELIVERED, answer)

    return behave


_KEEP_ALL = {
    one.entity.casefold(): OnMissing.KEEP for one in _contract(NEWER).ids if one.entity
} | {"company": OnMissing.KEEP}


class Versions:
    """A reader gets the version that it takes, where a bridge leads there."""

    @pytest.mark.rule("T-41")
    @pytest.mark.parametrize(("came", "taken"), [(NEWER, OLDER), (OLDER, NEWER)])
    async def test_a_message_is_brought_to_the_version_that_its_reader_takes(
        self, rigs: Rigs, came: str, taken: str
    ) -> None:
        """Down or up: what leaves is valid there, and says so; the UUID and all else stay."""
        bus = await rigs.start(orders_to(taking(taken)))
        body = order(came)

        id_ = await bus.accepted(body)
        await bus.reaches(id_, State.DELIVERED)

        before, after = CODEC.parse(body).envelope, sent(bus)
        assert after == before._replace(header=before.header._replace(version=taken))
        assert (await bus.message(id_)).version == came

    async def test_each_reader_gets_its_own(self, rigs: Rigs) -> None:
        """What one of them takes as it is, is not changed for the other."""
        bus = await rigs.start(
            orders_to(taking(OLDER), taking(NEWER, name="old"), application("any"))
        )

        id_ = await bus.accepted(order(NEWER))
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED, State.DELIVERED)

        told = [sent(bus, name).header.version for name in ("rm", "old", "any")]
        assert told == [OLDER, NEWER, NEWER]
        rows = [one.substitutions.rows() for one in await attempts(bus, id_)]
        assert sorted(map(len, rows)) == [0, 0, 1]

    async def test_what_was_lost_is_kept_with_the_attempt(self, rigs: Rigs) -> None:
        """From which version to which, and each path that said something, with how often."""
        bus = await rigs.start(orders_to(taking(OLDER)))

        id_ = await bus.accepted(order(NEWER))
        await bus.reaches(id_, State.DELIVERED)

        (attempt,) = await attempts(bus, id_)
        (change,) = attempt.substitutions.rows()
        assert (change["before"], change["after"]) == (NEWER, OLDER)
        assert ["Observation", 1] in change["lost"]
        assert len(change["lost"]) == len(shipped_bridges()[1].lost)

    async def test_nothing_is_lost_of_what_says_nothing(self, rigs: Rigs) -> None:
        """A minimal order goes over the same bridge at no price."""
        bus = await rigs.start(orders_to(taking(OLDER)))

        id_ = await bus.accepted(order(NEWER, full=False))
        await bus.reaches(id_, State.DELIVERED)

        (attempt,) = await attempts(bus, id_)
        assert attempt.substitutions.rows()[0]["lost"] == []

    async def test_other_transactions_are_nobodys_business(self, rigs: Rigs) -> None:
        """A declaration is about the transaction that it names."""
        bus = await rigs.start(deployment(applications=[taking("9.999")]))

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)


class VersionsRefused:
    """What could never be delivered is not accepted; what cannot leave is not sent."""

    @pytest.mark.parametrize("mode", ["Async", "Sync"])
    async def test_without_a_bridge_a_message_is_rejected(self, rigs: Rigs, mode: str) -> None:
        """While its sender can be told: which version, and what is taken instead."""
        bus = await rigs.start(orders_to(taking(OLDER), bridges=()))

        reception = await bus.post(order(NEWER, mode=mode))

        assert code_of(reception) == "VERSION_NOT_ACCEPTED"
        assert reception.fault is not None
        assert reception.fault.status == 422
        assert reception.fault.details["accepted"] == OLDER
        assert bus.response_in(reception).status is Status.ERROR
        assert (await bus.message(reception.message)).state is MessageState.REJECTED
        assert bus.app("rm").calls == []

    async def test_one_reader_without_a_way_is_enough(self, rigs: Rigs) -> None:
        """A message goes to all of its destinations or to none."""
        bus = await rigs.start(orders_to(application("any"), taking("9.999")))

        reception = await bus.post(order(NEWER))

        assert code_of(reception) == "VERSION_NOT_ACCEPTED"
        assert bus.app("any").calls == []

    async def test_the_same_message_is_taken_once_there_is_a_way(self, rigs: Rigs) -> None:
        """A rejected message may come again, under its UUID."""
        bus = await rigs.start(orders_to(taking(OLDER), bridges=()))
        body = order(NEWER)
        await bus.post(body)

        bus = await rigs.start(orders_to(taking(OLDER)))

        await bus.reaches(await bus.accepted(body), State.DELIVERED)

    async def test_a_way_that_is_gone_since_ends_the_delivery_at_once(self, rigs: Rigs) -> None:
        """An accepted message does not wait for nothing: it is dead, its origin is told why."""
        bus = await rigs.start(orders_to(taking(OLDER)), run=False)
        id_ = await bus.accepted(order(NEWER))

        bus = await rigs.start(orders_to(taking(OLDER), bridges=()))
        await bus.reaches(id_, State.DEAD)

        assert bus.app("rm").calls == []
        assert await code(bus, id_) == "VERSION_NOT_ACCEPTED"
        assert (await bus.delivery(id_)).why == "VERSION_NOT_ACCEPTED"
        answer = await bus.answer(id_)
        assert answer is not None
        assert "3.002" in answer.notes[0].text

    async def test_it_is_sent_when_the_way_is_back(self, rigs: Rigs) -> None:
        """By a person, who sees to both."""
        bus = await rigs.start(orders_to(taking(OLDER)), run=False)
        id_ = await bus.accepted(order(NEWER))
        bus = await rigs.start(orders_to(taking(OLDER), bridges=()))
        await bus.reaches(id_, State.DEAD)

        await bus.stop()
        bus = await rigs.start(orders_to(taking(OLDER)))
        await bus.replay(id_)

        await bus.reaches(id_, State.DELIVERED)
        assert sent(bus).header.version == OLDER

    async def test_what_we_transformed_wrongly_is_not_sent(self, rigs: Rigs) -> None:
        """It is our fault, and nobody waits for it to mend itself."""
        bus = await rigs.start(orders_to(taking(OLDER), bridges=(CARELESS,)))

        id_ = await bus.accepted(order(NEWER))
        await bus.reaches(id_, State.DEAD)

        assert bus.app("rm").calls == []
        assert await code(bus, id_) == "TRANSFORMATION_INVALID"
        fault = (await attempts(bus, id_))[-1].fault
        assert fault
        assert fault.path.startswith("/TOTVSMessage/BusinessMessage/BusinessContent/")
        assert fault.details["contract"] == "Order 3.002"

    async def test_a_caller_is_told_at_once(self, rigs: Rigs) -> None:
        """ERROR, nothing was sent, and nothing will be."""
        bus = await rigs.start(orders_to(taking(OLDER), bridges=(CARELESS,)))

        reception = await bus.post(order(NEWER, mode="Sync"))

        assert code_of(reception) == "TRANSFORMATION_INVALID"
        assert bus.response_in(reception).status is Status.ERROR
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert bus.app("rm").calls == []

    async def test_what_its_sender_had_wrong_is_not_our_fault(self, rigs: Rigs) -> None:
        """A route that lets a difference pass lets it pass over the bridge too."""
        bus = await rigs.start(orders_to(taking(OLDER), strictness=Strictness.WARN))
        body = order(NEWER).replace(b"<RegisterDate>", b"<RegisterDate>31/01/2026 ")

        id_ = await bus.accepted(body)
        await bus.reaches(id_, State.DELIVERED)

        document = CODEC.parse(bus.app("rm").calls[-1].parcel.message)
        assert document.envelope.header.version == OLDER
        assert document.values(["RegisterDate"])[0].startswith("31/01/2026 ")


class VersionsAnswered:
    """What a reader answers is its own version's; its origin has the version that it sent."""

    @pytest.mark.parametrize("mode", ["Async", "Sync"])
    async def test_an_answer_goes_back_under_the_version_that_was_sent(
        self, rigs: Rigs, mode: str
    ) -> None:
        """And is otherwise unchanged."""
        bus = await rigs.start(orders_to(taking(OLDER)))
        bus.app("rm").will(answers_in(OLDER, ("Order", "01|1", "7|1")))

        id_ = await bus.accepted(order(NEWER, mode=mode))
        await bus.reaches(id_, State.DELIVERED)

        stored = await bus.bus.answers.stored(id_)
        assert stored is not None
        assert CODEC.parse(stored.body).envelope.header.version == NEWER
        assert bus.response_in(stored).ids[0].destination == "7|1"

    @pytest.mark.parametrize("later", [False, True])
    async def test_an_answer_is_held_to_the_version_that_its_sender_was_sent(
        self, rigs: Rigs, *, later: bool
    ) -> None:
        """In the call or afterwards: the complaint names the contract of the reader's version."""
        bus = await rigs.start(orders_to(taking(OLDER)))
        body = order(NEWER)
        sent = CODEC.parse(body)
        uuid, own = sent.envelope.header.uuid, sent.values(["InternalId"])[0]
        told = response(uuid, transaction="Order", version=OLDER, ids=(("Order", own, "7|1"),))
        wrong = told.replace(b"</Destination>", b"</Destination><Situation>1</Situation>")

        async def says_it(call: Call) -> Report:
            return await call.report(Outcome.DELIVERED, wrong)

        bus.app("rm").will(receives() if later else says_it)
        id_ = await bus.accepted(body)
        if later:
            await bus.reaches(id_, State.AWAITING_RESPONSE)
            await bus.post(wrong, "rm")
        await bus.reaches(id_, State.DELIVERED)

        (row,) = story_of(await bus.trace(id_)).deliveries
        assert [one.detail("contract") for one in row.complaints] == [f"Order {OLDER}"]

    async def test_an_answer_teaches_whatever_its_version(self, rigs: Rigs) -> None:
        """The ids name the same things in both."""
        bus = await rigs.start(orders_to(taking(OLDER, id_scope=IdScope.WHOLE)))
        body = order(NEWER)
        own = CODEC.parse(body).values(["InternalId"])[0]
        bus.app("rm").will(answers_in(OLDER, ("Order", own, "7|1")))

        await bus.reaches(await bus.accepted(body), State.DELIVERED)

        key = Key("Order", "rm", "", "7|1")
        rows = (await bus.store.crossreference.known([key])).get(key, ())
        assert {row.id for row in rows} == {own, "7|1"}

    async def test_ids_are_translated_before_the_bridge(self, rigs: Rigs) -> None:
        """A reader whose ids the bus writes gets both, and each change is kept."""
        reader = taking(
            OLDER,
            de_para=TranslatedBy.BUS,
            id_scope=IdScope.WHOLE,
            references=_KEEP_ALL,
        )
        bus = await rigs.start(orders_to(reader))
        body = order(NEWER)
        own = CODEC.parse(body).values(["InternalId"])[0]
        header = CODEC.parse(body).envelope.header
        scope = scope_of(
            bus.deployment.applications["protheus"], "Order", header.company, header.branch
        )
        one = Member(Key("Order", "protheus", scope, own))
        link = Link(one, (Member(Key("Order", "rm", "", "7|1")),))
        await bus.store.crossreference.amend(ChangeDepara("ana", Source.PERSON, links=(link,)))

        id_ = await bus.accepted(body)
        await bus.reaches(id_, State.DELIVERED)

        document = CODEC.parse(bus.app("rm").calls[-1].parcel.message)
        assert document.values(["InternalId"]) == ("7|1",)
        assert sent(bus).header.version == OLDER
        (attempt,) = await attempts(bus, id_)
        changed = [row["path"] for row in attempt.substitutions.rows()]
        assert changed == ["InternalId", "/TOTVSMessage/MessageInformation/@version"]

    async def test_a_response_that_comes_later_knows_what_was_sent(self, rigs: Rigs) -> None:
        """What was lost stays with the attempt when the reader's own response ends it."""
        bus = await rigs.start(orders_to(taking(OLDER)))
        bus.app("rm").will(receives())
        id_ = await bus.accepted(order(NEWER))
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        (before,) = await attempts(bus, id_)

        uuid = bus.app("rm").calls[0].uuid
        await bus.post(response(uuid, transaction="Order", version=OLDER), sender="rm")
        await bus.reaches(id_, State.DELIVERED)

        (after,) = await attempts(bus, id_)
        assert before.substitutions.transformation
        assert after.substitutions == before.substitutions
