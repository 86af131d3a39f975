"""S4: what a destination answers is held to the contract too, and is never worse than a complaint."""

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.errors import Fault, Owner
from bus.core.outcome import Outcome
from bus.core.route import Strictness
from bus.edge.story import story_of
from bus.journal.facts import FactKind
from tests.support.deployments import answering_to_protheus, deployment, route
from tests.support.loopback import Behaviour, Call, receives, refuses, says_ok
from tests.support.messages import receipt, response, unit
from tests.support.rig import Rig, Rigs

PAIR = ("UnitOfMeasure", "01||UN", "UN-7")
RETURN = "/TOTVSMessage/ResponseMessage/ReturnContent"
STRANGE = f"{RETURN}/ListOfInternalId/InternalId/Situation"


def wrong(answer: bytes) -> bytes:
    """An answer with an element beside its pair that no contract has."""
    assert b"</Destination>" in answer
    return answer.replace(b"</Destination>", b"</Destination><Situation>1</Situation>")


def says_it_wrong(status: str = "OK") -> Behaviour:
    """It says OK, or that it will not, and returns what its contract does not have."""

    async def behave(call: Call) -> object:
        fault = Fault("REFUSED", details={"application": "rm", "problem": "no"})
        refused = status == "ERROR"
        answer = wrong(response(call.uuid, status, "no" if refused else "", ids=(PAIR,)))
        outcome = Outcome.REFUSED if refused else Outcome.DELIVERED
        return await call.report(outcome, answer, fault if refused else None)

    return behave  # type: ignore[return-value]


async def complaints(bus: Rig, message: str) -> list[tuple[str, str]]:
    """What the trace complains of: code and place."""
    story = story_of(await bus.trace(message))
    return [(one.code, one.path) for row in story.deliveries for one in row.complaints]


class Returned:
    """An answer that differs counts as it is; the trace says what differs, and who mends it."""

    async def test_what_differs_is_told_and_changes_nothing(self, rigs: Rigs) -> None:
        """Delivered, learnt, and answered as it came; the complaint is the receiver's."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(says_it_wrong())

        id_ = await bus.accepted(unit())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert (answer.status, answer.notes) == (Status.OK, ())
        assert await bus.states(id_) == (State.DELIVERED,)
        assert len(await bus.facts(id_, FactKind.LEARNT)) == 1
        assert await complaints(bus, id_) == [("ANSWER_DIFFERS", STRANGE)]
        ((told,),) = [row.complaints for row in story_of(await bus.trace(id_)).deliveries][:1]
        assert told.owner is Owner.RECEIVER
        assert "rm" in told.reason("pt")
        assert "Situation" in told.reason("en")

    async def test_what_is_right_is_not_complained_of(self, rigs: Rigs) -> None:
        """With ids, without, refused."""
        bus = await rigs.start()
        bus.app("rm").will(says_ok(PAIR), says_ok(), refuses())

        ids = [await bus.accepted(unit(str(number))) for number in range(3)]
        for id_, state in zip(ids, (State.DELIVERED, State.DELIVERED, State.REFUSED), strict=True):
            await bus.reaches(id_, state)

        assert [await complaints(bus, id_) for id_ in ids] == [[], [], []]

    async def test_a_caller_that_waits_is_answered_as_it_came(self, rigs: Rigs) -> None:
        """In the call, with what the destination returned."""
        bus = await rigs.start()
        bus.app("rm").will(says_it_wrong())

        reception = await bus.post(unit(mode="Sync"))

        assert bus.response_in(reception).status is Status.OK
        assert b"<Situation>1</Situation>" in reception.body
        assert await complaints(bus, reception.message) == [("ANSWER_DIFFERS", STRANGE)]

    async def test_a_no_is_checked_too(self, rigs: Rigs) -> None:
        """And stays that no."""
        bus = await rigs.start()
        bus.app("rm").will(says_it_wrong("ERROR"))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.REFUSED)

        assert await complaints(bus, id_) == [("ANSWER_DIFFERS", STRANGE)]

    @pytest.mark.parametrize("differs", [True, False])
    async def test_a_response_that_comes_by_itself_is_checked(
        self, rigs: Rigs, *, differs: bool
    ) -> None:
        """Once: a repeat of it tells nothing new."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = unit()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        told = response(message.uuid, ids=(PAIR,))
        for _ in range(2):
            await bus.post(wrong(told) if differs else told, "rm")

        assert await bus.states(id_) == (State.DELIVERED,)
        expected = [("ANSWER_DIFFERS", STRANGE)] if differs else []
        assert await complaints(bus, id_) == expected

    async def test_routes_that_check_nothing_complain_of_nothing(self, rigs: Rigs) -> None:
        """`strictness: off` is meant for both ways."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.OFF)))
        bus.app("rm").will(says_it_wrong())

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints(bus, id_) == []

    async def test_routes_that_reject_only_complain_of_answers(self, rigs: Rigs) -> None:
        """The effect exists."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.REJECT)))
        bus.app("rm").will(says_it_wrong())

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints(bus, id_) == [("ANSWER_DIFFERS", STRANGE)]

    async def test_only_the_first_differences_are_told(self, rigs: Rigs) -> None:
        """However many an answer has."""
        bus = await rigs.start()

        async def behave(call: Call) -> object:
            answer = response(call.uuid, ids=(PAIR,) * 40)
            return await call.report(Outcome.DELIVERED, wrong(answer))

        bus.app("rm").will(behave)  # type: ignore[arg-type]
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert len(await complaints(bus, id_)) == 10

    async def test_a_contract_that_cannot_be_used_changes_no_outcome(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What breaks while an answer is checked is told to the operator alone."""
        bus = await rigs.start()

        async def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("tests.support.contracts.TestedContracts.complaints", broken)
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints(bus, id_) == []
        assert [what for what, _ in bus.watcher.troubles] == ["an answer could not be checked"]
        bus.watcher.troubles.clear()

    async def test_a_receipt_returns_nothing_to_check(self, rigs: Rigs) -> None:
        """It says only that it came."""
        bus = await rigs.start()

        async def behave(call: Call) -> object:
            return await call.report(Outcome.RECEIVED, receipt(call.uuid))

        bus.app("rm").will(behave)  # type: ignore[arg-type]
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        assert await complaints(bus, id_) == []
