"""S4: what a destination answers is held to the contract too, and is never worse than a complaint."""

from typing import Any

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.errors import Fault, Owner
from bus.core.outcome import Outcome
from bus.core.route import Strictness
from bus.edge.story import story_of
from bus.journal.facts import FactKind
from depara.model import IdLimits
from tests.support.deployments import answering_to_protheus, application, deployment, route
from tests.support.loopback import Behaviour, Call, receives, refuses, says_ok
from tests.support.messages import receipt, response, unit
from tests.support.rig import Rig, Rigs

PAIR = ("UnitOfMeasure", "01||UN", "UN-7")
RETURN = "/TOTVSMessage/ResponseMessage/ReturnContent"
ENTRY = f"{RETURN}/ListOfInternalId/InternalId"
FROM, TO = f"{ENTRY}/Origin", f"{ENTRY}/Destination"
TRANSACTION = "/TOTVSMessage/MessageInformation/Transaction"
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
        """With ids, without where they are known, for a delete, refused."""
        bus = await rigs.start()
        bus.app("rm").will(says_ok(PAIR), says_ok(), says_ok(), refuses())
        sent = (unit(), unit(), unit(event="delete"), unit("KG"))
        states = (State.DELIVERED, State.DELIVERED, State.DELIVERED, State.REFUSED)
        ids = []
        for message, state in zip(sent, states, strict=True):
            ids.append(await bus.accepted(message))
            await bus.reaches(ids[-1], state)

        assert [await complaints(bus, id_) for id_ in ids] == [[], [], [], []]

    @pytest.mark.parametrize("late", [False, True])
    @pytest.mark.parametrize(
        ("answer", "path", "word", "learnt"),
        [
            ({"transaction": "Item", "ids": (PAIR,)}, TRANSACTION, "UnitOfMeasure", 1),
            ({"ids": (("Zebra", "01||UN", "7"),)}, f"{ENTRY}/Name", "Zebra", 1),
            ({"ids": (("Currency", "01||UN", "7"),)}, f"{ENTRY}/Name", "Currency", 1),
            ({"ids": ()}, f"{RETURN}/ListOfInternalId", "01||UN", 0),
            ({"ids": (("UnitOfMeasure", "01||UN", "X" * 300),)}, TO, "300", 0),
            ({"ids": (("UnitOfMeasure", "01||UN", ""),)}, TO, "Destination", 0),
            ({"ids": (("UnitOfMeasure", "01||OTHER", "7"),)}, FROM, "01||OTHER", 0),
            (
                {"ids": (PAIR, ("UnitOfMeasure", "01||OTHER", "7"))},
                FROM.replace("Id/O", "Id[2]/O"),
                "01||OTHER",
                1,
            ),
        ],
    )
    async def test_what_no_xsd_tells_is_told_too(  # noqa: PLR0913 - a row of the table
        self,
        rigs: Rigs,
        answer: dict[str, Any],
        path: str,
        word: str,
        learnt: int,
        *,
        late: bool,
    ) -> None:
        """Of another transaction, of ids that cannot be, without an id: delivered all the same."""
        bus = await rigs.start()
        message = unit()

        async def behave(call: Call) -> object:
            return await call.report(Outcome.DELIVERED, response(call.uuid, **answer))

        bus.app("rm").will(receives() if late else behave)  # type: ignore[arg-type]
        id_ = await bus.accepted(message)
        if late:
            await bus.reaches(id_, State.AWAITING_RESPONSE)
            await bus.post(response(message.uuid, **answer), "rm")
        await bus.reaches(id_, State.DELIVERED)

        (row,) = story_of(await bus.trace(id_)).deliveries
        (told,) = row.complaints
        assert (told.code, told.path, told.owner) == ("ANSWER_DIFFERS", path, Owner.RECEIVER)
        assert word in told.reason("pt")
        assert word in told.reason("en")
        assert len(await bus.facts(id_, FactKind.LEARNT)) == learnt
        assert ("bus depara set" in told.remedy("en")) == (not learnt or "[2]" in path)
        assert len(bus.app("rm").calls) == 1

    async def test_an_id_that_is_longer_than_a_product_keeps_is_told_and_learnt(
        self, rigs: Rigs
    ) -> None:
        """It may be right, and who reads it may cut it."""
        reader = application("rm", id_limits=IdLimits(longest=50))
        bus = await rigs.start(deployment(route("rm"), applications=[reader]))
        bus.app("rm").will(says_ok(("UnitOfMeasure", "01||UN", "X" * 51)))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints(bus, id_) == [("ANSWER_DIFFERS", TO)]
        assert len(await bus.facts(id_, FactKind.LEARNT)) == 1

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
