"""S8 and S11: what an attempt's outcome leads to, and when it is repeated."""

from dataclasses import replace

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.outcome import Outcome
from bus.core.route import RetryPolicy
from bus.journal.rows import AttemptRow
from tests.support.deployments import SOON, application, deployment, route
from tests.support.loopback import (
    Behaviour,
    breaks,
    hangs,
    is_busy,
    is_silent,
    is_unreachable,
    receives,
    refuses,
    says_ok,
    speaks,
)
from tests.support.messages import Message, question, step, unit
from tests.support.rig import Rig, Rigs

DAY = 86400.0
MICROSECONDS = 1_000_000
LONG_WAITS = RetryPolicy(attempts=3, first=100.0, longest=100.0, jitter=0.0, longest_pause=100.0)


async def outcomes(bus: Rig, message: str) -> list[str]:
    """What came of each attempt of a message's first delivery that has ended."""
    return [row.outcome for row in await _ended(bus, message) if row.number == 1]


async def fault_of(bus: Rig, message: str) -> str:
    """The code of the fault of the last attempt that has ended: the next may be under way."""
    *_, last = await _ended(bus, message)
    return last.fault.code if last.fault else ""


async def _ended(bus: Rig, message: str) -> list[AttemptRow]:
    return [row for row in sorted((await bus.trace(message)).attempts) if row.outcome]


class Outcomes:
    """S8: six outcomes, each with its consequence."""

    @pytest.mark.parametrize(
        ("behaviour", "state", "outcome", "code"),
        [
            (says_ok(), State.DELIVERED, Outcome.DELIVERED, ""),
            (receives(), State.AWAITING_RESPONSE, Outcome.RECEIVED, ""),
            (refuses(), State.REFUSED, Outcome.REFUSED, "REFUSED"),
            (is_silent(), State.UNKNOWN, Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
            (is_busy(), State.WAITING, Outcome.BUSY, "BUSY"),
            (is_unreachable(), State.WAITING, Outcome.UNREACHABLE, "UNREACHABLE"),
        ],
    )
    async def test_each_outcome_has_its_state(
        self, rigs: Rigs, behaviour: Behaviour, state: State, outcome: Outcome, code: str
    ) -> None:
        """And the attempt is kept with what was said and why."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(behaviour)

        id_ = await bus.accepted(step())
        await bus.until(lambda: _attempted(bus, id_), "the attempt has ended")

        assert await bus.states(id_) == (state,)
        assert await outcomes(bus, id_) == [outcome]
        assert await fault_of(bus, id_) == code
        assert (await bus.delivery(id_)).why == code

    async def test_what_the_destination_said_is_kept_as_it_came(self, rigs: Rigs) -> None:
        """Whoever asks later reads the very bytes."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent(b"<html>\xe7"))

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        (attempt,) = (await bus.trace(id_)).attempts
        assert attempt.answer == b"<html>\xe7"

    async def test_a_destination_that_never_answers_leaves_a_doubt(self, rigs: Rigs) -> None:
        """The call is ended at the application's time-out."""
        bus = await rigs.start(deployment(applications=[application("rm", timeout=0.05)]))
        bus.app("rm").will(hangs())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        assert await fault_of(bus, id_) == "OUTCOME_UNKNOWN"

    async def test_a_doubt_that_the_bus_repeats_by_itself_sends_nobody_to_look(
        self, rigs: Rigs
    ) -> None:
        """What it repeats no more does."""
        bus = await rigs.start()
        bus.app("rm").always(is_silent())
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DEAD)

        *before, last = [one.fault for one in (await bus.trace(id_)).attempts if one.fault]
        assert before
        assert all("sends it again by itself" in one.remedy("en") for one in before)
        assert "before repeating" in last.remedy("en")

    async def test_a_defect_of_an_adapter_leaves_a_doubt(self, rigs: Rigs) -> None:
        """Nobody knows how far it came; the bus goes on and tells of it."""
        bus = await rigs.start()
        bus.app("rm").will(breaks())

        id_ = await bus.accepted(step("7"))
        await bus.reaches(id_, State.UNKNOWN)
        await bus.reaches(await bus.accepted(step("8")), State.DELIVERED)

        assert await fault_of(bus, id_) == "ADAPTER_FAILED"
        ((what, error),) = bus.watcher.troubles
        assert (what, type(error)) == ("adapter of rm", ZeroDivisionError)
        bus.watcher.troubles.clear()

    async def test_an_adapter_that_cannot_be_opened_has_sent_nothing(self, rigs: Rigs) -> None:
        """Its configuration is wrong: it is tried again, until somebody mends it."""
        bus = await rigs.start()
        bus.pool.broken.add("rm")
        id_ = await bus.accepted(step())
        await bus.until(lambda: _fails(bus, id_, "ADAPTER_FAILED"), "it is told")

        bus.pool.broken.clear()
        await bus.reaches(id_, State.DELIVERED)

        assert (await bus.delivery(id_)).attempts == 1

    async def test_words_that_nobody_mapped_are_told_with_the_line_that_would_map_them(
        self, rigs: Rigs
    ) -> None:
        """Nobody knows what came of it, and the trace says what is missing."""
        bus = await rigs.start()
        bus.app("rm").will(speaks("Período 03 fechado na contabilidade"))

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        (attempt,) = (await bus.trace(id_)).attempts
        assert attempt.fault
        line = 'rm: error_texts: [{text: "fechado na contabilidade", means: refused}]'
        assert attempt.fault.remedy("pt").endswith(f"diga-o em routes.yaml: `{line}`.")

    async def test_busy_costs_no_attempt(self, rigs: Rigs) -> None:
        """Nothing was processed; every try is kept all the same."""
        bus = await rigs.start()
        bus.app("rm").will(*[is_busy()] * 10)

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED)

        row = await bus.delivery(id_)
        assert (row.tries, row.attempts) == (11, 1)
        assert await outcomes(bus, id_) == ["busy"] * 10 + ["delivered"]

    async def test_unreachable_costs_no_attempt(self, rigs: Rigs) -> None:
        """Nothing was sent."""
        bus = await rigs.start()
        bus.app("rm").will(*[is_unreachable()] * 5)

        id_ = await bus.accepted(unit())
        await _reached_at_last(bus, id_)

        row = await bus.delivery(id_)
        assert (row.tries, row.attempts) == (6, 1)

    async def test_a_busy_destination_decides_when_to_come_back(self, rigs: Rigs) -> None:
        """Its Retry-After counts, not our waits."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_busy(retry_after=40.0))
        id_ = await bus.accepted(step())
        await bus.until(lambda: _attempted(bus, id_), "the attempt has ended")

        row = await bus.delivery(id_)
        assert row.due_at == row.changed_at + 40 * MICROSECONDS
        bus.pass_time(30)
        await bus.looked()
        assert len(bus.app("rm").calls) == 1
        bus.pass_time(11)
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_busy_delivery_leaves_the_others_alone(self, rigs: Rigs) -> None:
        """The application is there."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_busy())

        await bus.accepted(step("7"))
        await bus.reaches(await bus.accepted(step("8")), State.DELIVERED)

    async def test_a_destination_that_was_removed_keeps_its_deliveries_waiting(
        self, rigs: Rigs
    ) -> None:
        """It may come back with the next configuration."""
        before = await rigs.start(run=False)
        id_ = await before.accepted(step())
        await before.stop()

        gone = await rigs.start(deployment(route("omie"), applications=[application("protheus")]))
        await gone.looked()

        assert await gone.states(id_) == (State.WAITING,)


class Outages:
    """S8: an application that cannot be reached is left alone, and found again."""

    async def test_while_it_is_away_nothing_else_is_tried(self, rigs: Rigs) -> None:
        """One failure tells of all."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable())
        first = await bus.accepted(step("7"))
        await bus.until(lambda: _attempted(bus, first), "the attempt has ended")

        others = [await bus.accepted(step(job)) for job in ("8", "9")]
        bus.pass_time(50)
        await bus.looked()

        assert bus.app("rm").received == ["7"]
        for one in others:
            assert await bus.states(one) == (State.WAITING,)

    async def test_other_applications_go_on(self, rigs: Rigs) -> None:
        """The pause is of one application."""
        bus = await rigs.start(deployment(route("rm", "omie", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.WAITING, State.DELIVERED)

    async def test_its_return_is_tried_with_one_delivery(self, rigs: Rigs) -> None:
        """Not with everything at once."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").always(is_unreachable())
        ids = [await bus.accepted(step("0"))]
        await bus.until(lambda: _attempted(bus, ids[0]), "the attempt has ended")
        ids += [await bus.accepted(step(str(job))) for job in range(1, 6)]

        bus.pass_time(101)
        await bus.until(lambda: _calls(bus, 2), "it is tried again")
        bus.pass_time(1)
        await bus.looked()

        assert len(bus.app("rm").calls) == 2

    async def test_once_it_is_back_everything_flows(self, rigs: Rigs) -> None:
        """In the order of the lanes, nothing lost."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable())
        ids = [await bus.accepted(step("0", "first"))]
        await bus.until(lambda: _attempted(bus, ids[0]), "the attempt has ended")
        ids += [await bus.accepted(step(str(job))) for job in range(6)]

        bus.pass_time(101)
        for one in ids:
            await bus.reaches(one, State.DELIVERED)

        assert sorted(bus.app("rm").received) == ["0", "0", "0", "1", "2", "3", "4", "5"]

    async def test_a_waiting_sender_is_served_in_spite_of_the_pause(self, rigs: Rigs) -> None:
        """A person waits; and perhaps it is back."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable())
        first = await bus.accepted(step("7"))
        await bus.until(lambda: _attempted(bus, first), "the attempt has ended")

        reception = await bus.post(step("8", mode="Sync"))

        assert reception.fault is None
        assert bus.response_in(reception).status is Status.OK

    async def test_the_pause_ends_with_the_first_success(self, rigs: Rigs) -> None:
        """Also one of a waiting sender."""
        bus = await rigs.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable())
        first = await bus.accepted(step("7"))
        await bus.until(lambda: _attempted(bus, first), "the attempt has ended")
        await bus.post(step("8", mode="Sync"))

        await bus.reaches(await bus.accepted(step("9")), State.DELIVERED)


class GivingUp:
    """S8 and S11: what is repeated, and until when."""

    async def test_what_cannot_be_sent_is_given_up_by_age(self, rigs: Rigs) -> None:
        """After three days; its origin is told why."""
        bus = await rigs.start(deployment(route("rm", retry=replace(SOON, max_age=3 * DAY))))
        bus.app("rm").always(is_unreachable())
        id_ = await bus.accepted(step())
        bus.pass_time(3 * DAY - 60)
        await bus.until(lambda: _calls(bus, 3), "it is tried for days")
        assert await bus.states(id_) in {(State.WAITING,), (State.SENDING,)}

        bus.pass_time(120)
        await bus.until(lambda: _is(bus, id_, State.DEAD), "it is given up")

        assert (await bus.delivery(id_)).reason == "RETRIES_EXHAUSTED"
        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.ERROR
        assert answer.notes[0].code == "RETRIES_EXHAUSTED"
        assert "rm" in answer.notes[0].text

    async def test_attempts_that_may_be_repeated_are_used_up(self, rigs: Rigs) -> None:
        """Then it is dead, and says that nobody knows (ADR 11)."""
        bus = await rigs.start()
        bus.app("rm").always(is_silent())

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DEAD)

        assert await outcomes(bus, id_) == ["unknown"] * SOON.attempts
        answer = await bus.answer(id_)
        assert answer
        assert "não se sabe" in answer.notes[0].text.casefold()

    @pytest.mark.rule("X-22")
    async def test_what_keeps_failing_leaves_the_queue_and_is_replayed_after_the_correction(
        self, rigs: Rigs
    ) -> None:
        """It is not tried for ever: it stands aside with its cause until a person sends it again."""
        bus = await rigs.start()
        bus.app("rm").always(is_silent())
        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DEAD)
        await bus.looked()
        assert len(bus.app("rm").calls) == SOON.attempts
        assert await fault_of(bus, id_) == "OUTCOME_UNKNOWN"

        bus.app("rm").always(says_ok())
        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)

        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.OK

    async def test_waits_grow_between_attempts(self, rigs: Rigs) -> None:
        """A destination in trouble is not hammered."""
        policy = RetryPolicy(attempts=9, first=100.0, factor=2.0, longest=1000.0, jitter=0.0)
        bus = await rigs.start(deployment(route("rm", retry=policy)))
        bus.app("rm").always(is_silent())
        id_ = await bus.accepted(unit())

        waits = []
        for number in range(1, 6):
            await bus.until(lambda n=number: _tried(bus, id_, n), "it is tried")  # type: ignore[misc]
            row = await bus.delivery(id_)
            assert row.due_at
            waits.append((row.due_at - row.changed_at) // MICROSECONDS)
            bus.pass_time(waits[-1] + 1)

        assert waits == [100, 200, 400, 800, 1000]

    @pytest.mark.parametrize(
        ("message", "repeated"),
        [
            (unit(), True),
            (question(), True),
            (unit(event="delete"), False),
            (step(), False),
            (unit("", id=""), False),
        ],
    )
    async def test_a_doubt_is_repeated_only_where_that_does_no_harm(
        self, rigs: Rigs, message: Message, repeated: bool
    ) -> None:
        """Queries and snapshots by id; never deletions, steps, or what has no id."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())

        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.DELIVERED if repeated else State.UNKNOWN)

        assert len(bus.app("rm").calls) == (2 if repeated else 1)

    @pytest.mark.parametrize(
        ("message", "keys", "repeated"),
        [
            (step(), {"repeat_safe": frozenset({"step"})}, True),
            (unit(), {"repeat_unsafe": frozenset({"unitofmeasure"})}, False),
        ],
    )
    async def test_an_application_may_say_what_may_be_repeated(
        self, rigs: Rigs, message: Message, keys: dict[str, frozenset[str]], repeated: bool
    ) -> None:
        """It knows its own duplicates."""
        bus = await rigs.start(deployment(applications=[application("rm", **keys)]))
        bus.app("rm").will(is_silent())

        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.DELIVERED if repeated else State.UNKNOWN)


async def _attempted(bus: Rig, message: str) -> bool:
    return await _tried(bus, message, 1)


async def _tried(bus: Rig, message: str, times: int) -> bool:
    row = await bus.delivery(message)
    return row.tries >= times and row.state is not State.SENDING


async def _fails(bus: Rig, message: str, code: str) -> bool:
    attempts = (await bus.trace(message)).attempts
    return any(row.fault.code == code for row in attempts if row.fault)


async def _calls(bus: Rig, number: int) -> bool:
    return len(bus.app("rm").calls) >= number


async def _is(bus: Rig, message: str, state: State) -> bool:
    bus.pass_time(1)
    return await bus.states(message) == (state,)


async def _reached_at_last(bus: Rig, message: str) -> None:
    await bus.until(lambda: _is(bus, message, State.DELIVERED), "it is delivered")
