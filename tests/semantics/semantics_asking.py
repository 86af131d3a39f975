"""S11: what nobody knows and nobody may repeat, its destination is asked about."""

import asyncio
from collections import Counter

import pytest

from bus.core.decide import ASK_AFTER, MOST_QUESTIONS
from bus.core.delivery import State, Step
from bus.core.envelope import Status
from bus.core.outcome import Outcome, Report
from bus.engine.question import ASK_WITHIN
from bus.journal.commands import ChangeDepara, Claim, RecordAttempt
from bus.journal.facts import FactKind
from bus.journal.rows import MICROSECONDS
from depara.model import Source
from tests.semantics.semantics_depara import crossing, key, know, pairs
from tests.support.deployments import answering_to_protheus, application, deployment, route
from tests.support.loopback import (
    Call,
    Gate,
    Knowledge,
    breaks,
    cannot_tell,
    hangs,
    is_busy,
    is_silent,
    never_got_it,
    receives,
    refuses,
    says_ok,
)
from tests.support.messages import response, step, unit
from tests.support.order_desk import CALLS, OrderDesk, orders_from
from tests.support.rig import Rig, Rigs, code_of

SHORT = 0.6
"""A deadline that a test waits for."""
ANSWERS = [
    (says_ok(), State.DELIVERED, "delivered"),
    (refuses(), State.REFUSED, "refused"),
    (receives(), State.AWAITING_RESPONSE, "received"),
]


async def outcomes(bus: Rig, message: str) -> list[str]:
    """What came of each attempt."""
    return [attempt.outcome for attempt in (await bus.trace(message)).attempts]


async def in_doubt(bus: Rig, *answers: Knowledge) -> str:
    """A message of which nobody knows, and whose destination could not tell at once."""
    bus.app("rm").will(is_silent())
    bus.app("rm").knows(cannot_tell(), *answers)
    id_ = await bus.accepted(step())
    await bus.reaches(id_, State.UNKNOWN)
    return id_


async def asked(bus: Rig, times: int) -> None:
    """Wait until `rm` was asked so often."""

    async def enough() -> bool:
        return len(bus.app("rm").questions) >= times

    await bus.until(enough, f"rm was asked {times} times")


class AskedAtOnce:
    """An attempt whose outcome is unknown ends by what the destination says of it."""

    @pytest.mark.parametrize(("answer", "state", "outcome"), ANSWERS)
    async def test_what_the_destination_says_is_the_outcome(
        self, rigs: Rigs, answer: Knowledge, state: State, outcome: str
    ) -> None:
        """As if it had said so in the call."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(answer)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, state)

        assert await outcomes(bus, id_) == [outcome]
        assert len(bus.app("rm").calls) == 1
        (question,) = bus.app("rm").questions
        assert question.uuid == bus.app("rm").calls[0].uuid
        assert question.parcel.message == bus.app("rm").calls[0].parcel.message

    async def test_what_never_came_is_sent_again(self, rigs: Rigs) -> None:
        """It says so, so that does no harm; nor is it left alone: it is there."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(never_got_it())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert await outcomes(bus, id_) == ["unreachable", "delivered"]
        assert (await bus.delivery(id_)).attempts == 1
        (attempt, _) = (await bus.trace(id_)).attempts
        assert attempt.fault
        assert attempt.fault.code == "NOTHING_ARRIVED"

    async def test_ids_are_learnt_and_the_origin_is_answered(self, rigs: Rigs) -> None:
        """The answer that a question brings is one like any other."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(is_silent())
        bus.app("omie").knows(says_ok(("Job", "7", "700")))

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert "omie:700" in await pairs(bus, "protheus:7", "Job")
        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.OK

    @pytest.mark.parametrize(
        ("answer", "status"), [(says_ok(), Status.OK), (refuses(), Status.ERROR)]
    )
    async def test_a_caller_gets_the_answer_that_it_brought(
        self, rigs: Rigs, answer: Knowledge, status: Status
    ) -> None:
        """Within its deadline it never hears of the doubt."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(answer)

        reception = await bus.post(step(mode="Sync"))

        assert reception.fault is None
        assert bus.response_in(reception).status is status

    async def test_a_caller_s_message_that_never_came_goes_again_in_time(self, rigs: Rigs) -> None:
        """It waits, so it is sent at once."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(never_got_it())

        reception = await bus.post(step(mode="Sync"))

        assert bus.response_in(reception).status is Status.OK
        assert len(bus.app("rm").calls) == 2

    async def test_a_question_takes_no_longer_than_a_caller_waits(self, rigs: Rigs) -> None:
        """It is told that nobody knows, and the destination is asked again later."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(hangs(), says_ok())

        reception = await asyncio.wait_for(bus.post(step(mode="Sync")), 10)

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        await asyncio.wait_for(bus.reaches(reception.message, State.UNKNOWN), ASK_WITHIN / 2)
        bus.pass_time(6)
        await bus.reaches(reception.message, State.DELIVERED)

    @pytest.mark.parametrize("answer", [cannot_tell(), is_silent(), is_busy()])
    async def test_what_is_no_answer_leaves_the_doubt(self, rigs: Rigs, answer: Knowledge) -> None:
        """It cannot tell, nobody can read what it said, or it wants to be asked later."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(answer)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        row = await bus.delivery(id_)
        assert row.due_at == row.changed_at + ASK_AFTER[1] * MICROSECONDS
        assert (row.asked, row.attempts) == (1, 1)
        assert await outcomes(bus, id_) == ["unknown"]

    async def test_an_adapter_that_breaks_when_asked_leaves_the_doubt(self, rigs: Rigs) -> None:
        """And somebody is told."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(breaks())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        assert (await bus.delivery(id_)).due_at
        (trouble,) = bus.watcher.troubles
        assert isinstance(trouble[1], ZeroDivisionError)
        bus.watcher.troubles.clear()

    async def test_nobody_is_asked_where_repeating_is_safe(self, rigs: Rigs) -> None:
        """It is sent again instead."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(says_ok())

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        assert len(bus.app("rm").calls) == 2
        assert bus.app("rm").questions == []

    async def test_nobody_is_asked_who_cannot_be(self, rigs: Rigs) -> None:
        """Its kind does not declare that it asks: the doubt is a person's at once."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)
        bus.pass_time(10_000)
        await bus.looked()

        assert (await bus.delivery(id_)).due_at is None
        assert bus.app("rm").questions == []

    async def test_an_answer_for_an_origin_is_never_asked_about(self, rigs: Rigs) -> None:
        """It may be sent twice."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("protheus").will(is_silent())
        bus.app("protheus").knows(says_ok())

        await bus.accepted(step())
        await bus.answered(2)

        assert bus.app("protheus").questions == []


class AskedLater:
    """What it could not tell at once is asked again, in growing pauses, until a person's turn comes."""

    @pytest.mark.parametrize(("answer", "state", "outcome"), ANSWERS)
    async def test_what_it_says_then_settles_the_doubt(
        self, rigs: Rigs, answer: Knowledge, state: State, outcome: str
    ) -> None:
        """The attempt has that outcome now, and began when it did."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, answer)
        (before,) = (await bus.trace(id_)).attempts

        bus.pass_time(6)
        await bus.reaches(id_, state)

        (attempt,) = (await bus.trace(id_)).attempts
        assert attempt.outcome == outcome
        assert abs(attempt.started_at - before.started_at) < MICROSECONDS
        row = await bus.delivery(id_)
        assert (row.attempts, row.asked) == (1, 0)
        first, second = bus.app("rm").questions
        assert (first.uuid, first.parcel.message) == (second.uuid, second.parcel.message)

    async def test_what_never_came_is_sent_again(self, rigs: Rigs) -> None:
        """By the bus alone: nobody was told anything yet."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, never_got_it())

        bus.pass_time(6)
        await bus.reaches(id_, State.DELIVERED)

        assert await outcomes(bus, id_) == ["unreachable", "delivered"]

    async def test_ids_are_learnt_and_the_origin_is_answered(self, rigs: Rigs) -> None:
        """As by any answer; those behind it in its lane go on."""
        bus = await rigs.start(crossing())
        bus.app("omie").will(is_silent())
        bus.app("omie").knows(cannot_tell(), says_ok(("Job", "7", "700")))
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)
        behind = await bus.accepted(step())

        bus.pass_time(6)
        await bus.reaches(behind, State.DELIVERED)

        assert "omie:700" in await pairs(bus, "protheus:7", "Job")
        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.OK

    async def test_it_is_asked_about_in_the_ids_in_which_it_left(self, rigs: Rigs) -> None:
        """Though a person took the pair away since: what is answered teaches it anew."""
        bus = await rigs.start(crossing())
        await know(bus, "protheus:7", "omie:700", "Job")
        bus.app("omie").will(is_silent())
        bus.app("omie").knows(cannot_tell(), says_ok(("Job", "700", "700")))
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)
        parted = ChangeDepara("ana", Source.PERSON, parts=(key("omie:700", "Job"),))
        await bus.store.crossreference.amend(parted)

        bus.pass_time(6)
        await bus.reaches(id_, State.DELIVERED)

        assert "omie:700" in await pairs(bus, "protheus:7", "Job")
        (attempt,) = (await bus.trace(id_)).attempts
        assert [swap.after for swap in attempt.substitutions.swaps] == ["700"]

    async def test_pauses_grow_and_in_the_end_it_is_a_person_s(self, rigs: Rigs) -> None:
        """Who never can tell is not asked for ever."""
        bus = await rigs.start()
        id_ = await in_doubt(bus)

        waits = []
        for times in range(1, MOST_QUESTIONS):
            row = await bus.delivery(id_)
            assert row.due_at
            waits.append((row.due_at - row.changed_at) // MICROSECONDS)
            bus.pass_time(waits[-1] + 1)
            await asked(bus, times + 1)
            await bus.until(lambda n=times: _said(bus, id_, n), "it has said so")  # type: ignore[misc]
        bus.pass_time(100_000)
        await bus.looked()

        assert waits == [5, 30, 120, 600, 3600, 3600, 3600]
        assert len(bus.app("rm").questions) == MOST_QUESTIONS
        row = await bus.delivery(id_)
        assert (row.state, row.due_at, row.why) == (State.UNKNOWN, None, "OUTCOME_UNKNOWN")

    async def test_one_worker_asks_at_a_time(self, rigs: Rigs) -> None:
        """Until its lease is over; then another may."""
        bus = await rigs.start(run=False)
        bus.app("rm").knows()
        id_ = await bus.accepted(step())
        (claim,) = await bus.claim("rm")
        await bus.journal.start(claim)
        bus.clock.advance(61)
        await _claims(bus, room=0)

        claims = [await _claims(bus) for _ in range(2)]
        bus.clock.advance(61)
        claims.append(await _claims(bus))

        assert [len(some) for some in claims] == [1, 0, 1]
        assert [one.asks for some in claims for one in some] == [True, True]
        assert claims[0][0].body
        assert await bus.states(id_) == (State.UNKNOWN,)

    async def test_questions_respect_the_room(self, rigs: Rigs) -> None:
        """They are calls like others."""
        bus = await rigs.start(run=False)
        bus.app("rm").knows()
        for job in "123":
            await bus.accepted(step(job))
        for claim in await bus.claim("rm"):
            await bus.journal.start(claim)
        bus.clock.advance(61)

        assert [len(await _claims(bus, room)) for room in (0, 2, 2)] == [0, 2, 1]

    async def test_who_is_away_is_not_asked(self, rigs: Rigs) -> None:
        """Nothing is sent there either until the pause is over."""
        bus = await rigs.start(run=False)
        bus.app("rm").knows()
        for job in "12":
            await bus.accepted(step(job))
        lost, away = await bus.claim("rm")
        await bus.journal.start(lost)
        bus.clock.advance(50)
        row = away.delivery
        outage = RecordAttempt(row.message, row.number, row.tries, row.worker, None, Step.POSTPONE)
        await bus.journal.record(outage._replace(outcome=Outcome.UNREACHABLE, wait=900, pause=60))
        bus.clock.advance(11)
        await _claims(bus, room=0)

        assert await _claims(bus) == ()
        bus.clock.advance(61)
        assert len(await _claims(bus)) == 1

    async def test_a_last_question_that_nobody_heard_of_is_the_last(self, rigs: Rigs) -> None:
        """Its worker is gone: nobody asks a ninth time."""
        bus = await rigs.start(run=False)
        bus.app("rm").knows()
        id_ = await bus.accepted(step())
        (claim,) = await bus.claim("rm")
        await bus.journal.start(claim)
        bus.clock.advance(61)
        await _claims(bus, room=0)
        for _ in range(MOST_QUESTIONS):
            bus.clock.advance(61)
            assert len(await _claims(bus)) == 1
        bus.clock.advance(61)

        assert await _claims(bus) == ()
        row = await bus.delivery(id_)
        assert (row.state, row.due_at, row.why) == (State.UNKNOWN, None, "LEASE_EXPIRED")

    async def test_a_response_that_never_came_is_asked_for(self, rigs: Rigs) -> None:
        """The destination has the message, and never said what came of it."""
        bus = await rigs.start(deployment(applications=[application("rm", response_within=60.0)]))
        bus.app("rm").will(receives())
        bus.app("rm").knows(says_ok())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        bus.pass_time(61)
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 1

    async def test_why_nobody_knows_stays_told(self, rigs: Rigs) -> None:
        """That it was asked in vain is not why."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        bus.app("rm").knows(cannot_tell())
        id_ = await bus.accepted(step())
        await gate.arrived()
        bus.pass_time(bus.bus.dispatcher.lease + 1)
        await bus.until(lambda: _said(bus, id_, 2), "its lease is over, and it could not tell")

        row = await bus.delivery(id_)
        assert (row.asked, row.why) == (1, "LEASE_EXPIRED")
        gate.open()
        await bus.reaches(id_, State.DELIVERED)

    async def test_questions_are_told_in_the_trace(self, rigs: Rigs) -> None:
        """Each that was in vain, and the one that settled it."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, cannot_tell(), says_ok())
        bus.pass_time(6)
        await bus.until(lambda: _said(bus, id_, 1), "it could not tell")
        bus.pass_time(31)
        await bus.reaches(id_, State.DELIVERED)

        facts = [fact for fact in await bus.facts(id_) if "asked" in fact.data]
        assert [(fact.kind, fact.step, fact.data["asked"]) for fact in facts] == [
            (FactKind.ENDED, Step.ASK, 1),
            (FactKind.STATE_CHANGED, Step.ASK, 2),
            (FactKind.ENDED, Step.DELIVER, 3),
        ]


class AskedForCallers:
    """A caller that was told that nobody knows: what is settled later stays true for it (S12)."""

    async def _told(self, bus: Rig, answer: Knowledge) -> tuple[str, bytes]:
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(cannot_tell(), answer)
        message = step(mode="Sync").xml()
        reception = await bus.post(message)
        assert code_of(reception) == "OUTCOME_UNKNOWN"
        bus.pass_time(6)
        return reception.message, message

    async def test_an_ok_that_comes_late_is_what_a_repeat_gets(self, rigs: Rigs) -> None:
        """The doubt is over for it too."""
        bus = await rigs.start()
        id_, message = await self._told(bus, says_ok())
        await bus.reaches(id_, State.DELIVERED)

        again = await bus.post(message)

        assert (again.message, again.fault) == (id_, None)
        assert bus.response_in(again).status is Status.OK
        assert len(bus.app("rm").calls) == 1

    async def test_what_never_came_is_taken_back(self, rigs: Rigs) -> None:
        """It was told ERROR: nothing is sent later by the bus alone. A repeat is a new attempt."""
        bus = await rigs.start()
        id_, message = await self._told(bus, never_got_it())
        await bus.reaches(id_, State.DISCARDED)
        await bus.looked()

        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.ERROR
        assert (await bus.delivery(id_)).reason == "WITHDRAWN"
        assert len(bus.app("rm").calls) == 1
        again = await bus.post(message)
        assert bus.response_in(again).status is Status.OK
        assert len(bus.app("rm").calls) == 2

    async def test_copies_follow_the_answer(self, rigs: Rigs) -> None:
        """Born held, they are released by the OK that a question brings."""
        bus = await rigs.start(deployment(route("rm", "omie", answers="rm")))
        id_, _ = await self._told(bus, says_ok())

        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)


class AskedMeanwhile:
    """While a question is due or under way others act: what they know, and do, stands."""

    async def test_a_replay_while_a_question_is_due_ends_the_asking(self, rigs: Rigs) -> None:
        """A person has decided."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, never_got_it())

        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)
        bus.pass_time(100)
        await bus.looked()

        assert (len(bus.app("rm").calls), len(bus.app("rm").questions)) == (2, 1)

    @pytest.mark.parametrize("answer", [never_got_it(), refuses(), says_ok(), is_silent()])
    async def test_an_answer_that_comes_after_a_replay_moves_nothing(
        self, rigs: Rigs, answer: Knowledge
    ) -> None:
        """It is about the attempt before."""
        bus, gate, sending = await rigs.start(), Gate(), Gate()
        id_ = await in_doubt(bus, gate)
        bus.pass_time(6)
        await gate.arrived()
        bus.app("rm").will(sending)
        await bus.replay(id_)
        await sending.arrived()

        gate.open(answer)  # type: ignore[arg-type]
        await _attempts_under_way(bus, 1)
        assert await bus.states(id_) == (State.SENDING,)
        sending.open()
        await bus.reaches(id_, State.DELIVERED)
        await bus.looked()

        assert len(bus.app("rm").calls) == 2

    async def test_an_older_answer_does_not_speak_for_a_newer_doubt(self, rigs: Rigs) -> None:
        """It never got the first: of the second that says nothing."""
        bus, gate = await rigs.start(), Gate()
        id_ = await in_doubt(bus, gate)
        bus.pass_time(6)
        await gate.arrived()
        bus.app("rm").will(is_silent())
        await bus.replay(id_)
        await asked(bus, 3)
        await bus.reaches(id_, State.UNKNOWN)

        gate.open(never_got_it())  # type: ignore[arg-type]
        await _attempts_under_way(bus, 0)

        assert await bus.states(id_) == (State.UNKNOWN,)
        assert len(bus.app("rm").calls) == 2

    @pytest.mark.parametrize("under_way", [False, True])
    async def test_the_destination_s_own_response_settles_it(
        self, rigs: Rigs, *, under_way: bool
    ) -> None:
        """Whether a question is due or under way; what that brings comes too late."""
        bus, gate, message = await rigs.start(), Gate(refuses()), step()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(cannot_tell(), gate)
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.UNKNOWN)
        if under_way:
            bus.pass_time(6)
            await gate.arrived()

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")
        gate.open()
        bus.pass_time(6)
        await bus.looked()
        await _attempts_under_way(bus, 0)

        assert await bus.states(id_) == (State.DELIVERED,)
        assert len(bus.app("rm").questions) == (2 if under_way else 1)

    async def test_a_person_settles_it_while_a_question_is_due(self, rigs: Rigs) -> None:
        """And nobody is asked any more."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, refuses())

        await bus.settle(id_, done=True)
        bus.pass_time(6)
        await bus.looked()

        assert await bus.states(id_) == (State.DELIVERED,)
        assert len(bus.app("rm").questions) == 1

    async def test_a_person_gives_it_up_while_a_question_is_due(self, rigs: Rigs) -> None:
        """Then it is over."""
        bus = await rigs.start()
        id_ = await in_doubt(bus, says_ok())

        await bus.discard(id_)
        bus.pass_time(6)
        await bus.looked()

        assert await bus.states(id_) == (State.DISCARDED,)
        assert len(bus.app("rm").questions) == 1


class AskedAfterRestarts:
    """Questions outlive the process that would have asked them."""

    async def test_another_process_asks(self, lasting: Rigs) -> None:
        """What was due is due."""
        bus = await lasting.start()
        id_ = await in_doubt(bus, says_ok())

        again = await lasting.restart()
        again.pass_time(6)
        await again.reaches(id_, State.DELIVERED)

        assert len(again.app("rm").calls) == 1

    @pytest.mark.parametrize(
        ("answer", "calls"), [(says_ok(), 1), (never_got_it(), 2)], ids=["done", "never came"]
    )
    async def test_a_process_that_died_while_sending_has_its_destination_asked(
        self, lasting: Rigs, answer: Knowledge, calls: int
    ) -> None:
        """Nobody has to look, and nothing goes twice."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        bus.app("rm").knows(answer)
        id_ = await bus.accepted(step())
        await gate.arrived()

        again = await lasting.restart()
        await again.reaches(id_, State.DELIVERED)

        assert len(again.app("rm").calls) == calls

    async def test_a_process_that_died_while_asking_asks_again(self, lasting: Rigs) -> None:
        """Once its lease is over."""
        bus, gate = await lasting.start(), Gate()
        id_ = await in_doubt(bus, gate, says_ok())
        bus.pass_time(6)
        await gate.arrived()

        again = await lasting.restart()
        again.pass_time(again.bus.dispatcher.lease + 1)
        await again.reaches(id_, State.DELIVERED)


class AskedBetweenSteps:
    """A send of several calls whose doubt is settled by asking needs nobody."""

    @pytest.mark.parametrize("at_once", [True, False])
    @pytest.mark.parametrize("carried_out", [True, False])
    @pytest.mark.parametrize("call", CALLS)
    async def test_it_goes_on_where_the_destination_says_that_it_stands(
        self, rigs: Rigs, call: str, *, carried_out: bool, at_once: bool
    ) -> None:
        """The call that broke off was carried out or was not: each is made once."""
        bus = await rigs.start()
        async with OrderDesk(call, "reset", carries_out=carried_out) as desk:
            bus.app("rm").always(orders_from(desk))
            bus.app("rm").knows(*([] if at_once else [cannot_tell()]), _looks_at(desk))
            id_ = await bus.accepted(step())
            if not at_once:
                await bus.reaches(id_, State.UNKNOWN)
                bus.pass_time(6)
            await bus.reaches(id_, State.DELIVERED)

        assert desk.carried_out == Counter(dict.fromkeys(CALLS, 1))


def _looks_at(desk: OrderDesk) -> Knowledge:
    """It finds which calls arrived, records those, and says whether that is all."""

    async def behave(call: Call) -> Report:
        progress = call.parcel.progress
        for one in CALLS:
            if desk.carried_out[one] and one not in progress.done:
                await progress.record(one, {"found": True})
        whole = desk.carried_out.total() == len(CALLS)
        return Report(Outcome.DELIVERED if whole else Outcome.UNREACHABLE)

    return behave


async def _claims(bus: Rig, room: int = 10) -> tuple[Claim, ...]:
    return await bus.journal.claim("another", {"rm": room}, 60.0, frozenset({"rm"}))


async def _said(bus: Rig, message: str, questions: int) -> bool:
    facts = await bus.facts(message, FactKind.STATE_CHANGED)
    return len(facts) >= questions


async def _attempts_under_way(bus: Rig, number: int) -> None:
    async def so() -> bool:
        return len(bus.bus.dispatcher._tasks) == number  # noqa: SLF001 - questions leave no state

    await bus.until(so, f"{number} attempts or questions are under way")
