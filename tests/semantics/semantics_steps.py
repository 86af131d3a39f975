"""A send of several calls goes on at the one that failed: none that was answered is made again."""

import asyncio
from collections import Counter

import pytest

from bus.core.delivery import State
from bus.core.outcome import Outcome, Report
from bus.ports.adapter import ProgressLost
from bus.ports.history import Trace
from tests.semantics.semantics_depara import crossing, reader
from tests.semantics.semantics_outcomes import LONG_WAITS
from tests.support.deployments import deployment, route
from tests.support.journals import disk_full
from tests.support.loopback import Behaviour, Call, Gate, is_busy, is_silent, refuses, says_ok
from tests.support.messages import Message, cancellation, step, unit
from tests.support.order_desk import CALLS, WAYS, OrderDesk, orders_from
from tests.support.rig import Rig, Rigs, code_of

ONCE = Counter(dict.fromkeys(CALLS, 1))
SHORT = 0.3
"""A deadline that a test waits for."""


def records(*names: str, then: Behaviour) -> Behaviour:
    """It makes calls that are answered, then goes on so."""

    async def behave(call: Call) -> Report:
        for name in names:
            await call.parcel.progress.record(name, {"of": name})
        return await then(call)

    return behave


async def steps(bus: Rig, message: str) -> list[str]:
    """The calls that are recorded of a message."""
    return [one.name for one in (await bus.trace(message)).progress]


class Steps:
    """What was done of a send is on disk before the next call, and is not done again."""

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("call", CALLS)
    @pytest.mark.parametrize("message", [unit(), step()], ids=["safe", "unsafe"])
    async def test_no_call_that_was_answered_is_made_again(
        self, rigs: Rigs, message: Message, call: str, way: str
    ) -> None:
        """Wherever it fails, and however; a doubt that a person must decide goes on there too."""
        bus = await rigs.start()
        async with OrderDesk(call, way) as desk:
            bus.app("rm").always(orders_from(desk))
            id_ = await bus.accepted(message)
            await bus.until(lambda: _tried(bus, id_), "it has failed once")
            await _mend(bus, desk, id_, way)
            await bus.until(lambda: _delivered(bus, id_), "it is delivered")

        assert desk.carried_out == ONCE
        assert (await bus.trace(id_)).deliveries[0].steps == 0

    async def test_what_later_calls_need_of_an_answer_is_kept(self, rigs: Rigs) -> None:
        """And which calls were made is shown to people while the send is not over."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(records("create", "items", then=is_busy()), gate)

        id_ = await bus.accepted(step())
        await gate.arrived()

        done = bus.app("rm").calls[1].parcel.progress.done
        assert done == {"create": {"of": "create"}, "items": {"of": "items"}}
        assert await steps(bus, id_) == ["create", "items"]
        assert (await bus.delivery(id_)).steps == 2
        gate.open()
        await bus.reaches(id_, State.DELIVERED)
        assert await steps(bus, id_) == []

    async def test_a_call_is_on_disk_before_the_next_one(self, rigs: Rigs) -> None:
        """Whoever asks sees it while the attempt is under way."""
        bus, seen = await rigs.start(), list[Trace]()

        async def looks(call: Call) -> Report:
            seen.append(await bus.trace(id_))
            return await says_ok()(call)

        gate = Gate(records("create", then=looks))
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        gate.open()
        await bus.reaches(id_, State.DELIVERED)

        assert [one.value for one in seen[0].progress] == ['{"of": "create"}']

    async def test_a_journal_in_trouble_is_told_again(self, rigs: Rigs) -> None:
        """It happened: the next call waits until that is on disk."""
        bus = await rigs.start()
        bus.journal.before("record_progress", disk_full, disk_full)
        bus.app("rm").will(records("create", then=is_busy()))

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert "create" in bus.app("rm").calls[1].parcel.progress.done
        assert len(bus.watcher.troubles) == 2
        bus.watcher.troubles.clear()

    async def test_who_lost_the_lease_records_nothing_and_is_told(self, rigs: Rigs) -> None:
        """Nothing more may be sent: another may be doing that."""
        bus, lost = await rigs.start(), asyncio.Event()

        async def too_late(call: Call) -> Report:
            bus.pass_time(bus.bus.dispatcher.lease + 1)
            await bus.until(lambda: _is(bus, id_, State.UNKNOWN), "its lease is over")
            with pytest.raises(ProgressLost):
                await call.parcel.progress.record("create", 1)
            lost.set()
            return await is_busy()(call)

        bus.app("rm").will(too_late)
        id_ = await bus.accepted(step())
        await asyncio.wait_for(lost.wait(), 20)
        await bus.looked()

        assert await bus.states(id_) == (State.UNKNOWN,)
        assert await steps(bus, id_) == []

    async def test_a_lost_lease_that_its_adapter_does_not_expect_is_a_doubt(
        self, rigs: Rigs
    ) -> None:
        """What goes on there is another's to say; nothing is sent again for it."""
        bus = await rigs.start()

        async def too_late(call: Call) -> Report:
            bus.pass_time(bus.bus.dispatcher.lease + 1)
            await bus.until(lambda: _is(bus, id_, State.UNKNOWN), "its lease is over")
            await call.parcel.progress.record("create", 1)
            raise AssertionError

        bus.app("rm").will(too_late)
        id_ = await bus.accepted(step())
        await bus.until(lambda: _outcome(bus, id_, Outcome.UNKNOWN), "it has ended")
        await bus.looked()

        assert await bus.states(id_) == (State.UNKNOWN,)
        assert len(bus.app("rm").calls) == 1

    async def test_a_caller_is_not_told_that_nothing_was_sent(self, rigs: Rigs) -> None:
        """At the deadline a call was made: what came of the whole nobody knows (S12)."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        bus.app("rm").will(records("create", then=is_busy()))
        bus.app("rm").always(is_busy())

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        assert await bus.states(reception.message) == (State.UNKNOWN,)

    async def test_a_deadline_that_comes_between_two_tries_is_a_doubt_too(self, rigs: Rigs) -> None:
        """Its time runs out while it waits for its next try."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        gate, told = Gate(records("create", then=is_busy())), asyncio.Event()
        bus.app("rm").will(gate)
        posting = bus.posting(step(mode="Sync"))
        await gate.arrived()

        async def until_told() -> None:
            await told.wait()

        bus.journal.before("claim", *[until_told] * 3)
        gate.open()
        reception = await posting
        told.set()

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        await bus.reaches(reception.message, State.UNKNOWN)
        assert len(bus.app("rm").calls) == 1

    async def test_each_of_several_ids_has_calls_of_its_own(self, rigs: Rigs) -> None:
        """What was done for the first is not done for the second."""
        bus = await rigs.start(crossing(applications=(reader(split_by=frozenset({"job"})),)))
        began_with: list[dict[str, object]] = []

        async def takes(call: Call) -> Report:
            began_with.append(dict(call.parcel.progress.done))
            return await records("create", then=says_ok())(call)

        bus.app("omie").will(says_ok(("Job", "7", "700"), ("Job", "7", "701")))
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)
        bus.app("omie").always(takes)

        await bus.reaches(await bus.accepted(cancellation()), State.DELIVERED)

        assert began_with == [{}, {}]

    async def test_a_person_sends_on_where_it_stopped(self, rigs: Rigs) -> None:
        """A replay repeats no call that was answered."""
        bus = await rigs.start()
        bus.app("rm").will(records("create", then=is_silent()))
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)

        assert "create" in bus.app("rm").calls[1].parcel.progress.done

    @pytest.mark.parametrize("by_person", [True, False], ids=["replayed", "repeated"])
    async def test_what_goes_as_a_new_message_goes_on_there_too(
        self, rigs: Rigs, *, by_person: bool
    ) -> None:
        """Its copies were withdrawn with a refusal; the calls before that were made all the same."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(records("create", then=refuses("no stock")))
        message = step(mode="Sync")
        id_ = (await bus.post(message)).message

        again = await bus.replay(id_, 2) if by_person else (await bus.post(message)).message
        await bus.reaches(again, State.DELIVERED, State.DELIVERED)

        assert again != id_
        assert "create" in bus.app("rm").calls[1].parcel.progress.done

    async def test_a_correction_begins_anew(self, rigs: Rigs) -> None:
        """What was done of the old content is not done of the new one."""
        bus = await rigs.start()
        bus.app("rm").will(records("create", then=refuses("no stock")))
        wrong = step()
        await bus.reaches(await bus.accepted(wrong), State.REFUSED)

        await bus.reaches(await bus.accepted(step("8", uuid=wrong.uuid)), State.DELIVERED)

        assert bus.app("rm").calls[1].parcel.progress.done == {}


class StepsRestarted:
    """Which calls were made outlives the process that made them."""

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("call", CALLS)
    async def test_another_process_goes_on_at_the_call_that_failed(
        self, lasting: Rigs, call: str, way: str
    ) -> None:
        """It failed in one process; the next knows what was done."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        async with OrderDesk(call, way) as desk:
            bus.app("rm").will(orders_from(desk))
            id_ = await bus.accepted(step())
            await bus.until(lambda: _tried(bus, id_), "it has failed once")
            bus.app("rm").always(orders_from(desk))

            again = await lasting.restart()
            await _mend(again, desk, id_, way)
            again.pass_time(LONG_WAITS.first + 1)
            await again.until(lambda: _delivered(again, id_), "it is delivered")

        assert desk.carried_out == ONCE

    async def test_a_process_that_dies_between_calls_leaves_a_doubt_that_goes_on(
        self, lasting: Rigs
    ) -> None:
        """The call under way may have arrived: a person decides, and repeats none of the others."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(records("create", then=gate))
        id_ = await bus.accepted(step())
        await gate.arrived()

        again = await lasting.restart()
        await again.reaches(id_, State.UNKNOWN)
        await again.replay(id_)
        await again.reaches(id_, State.DELIVERED)

        assert again.app("rm").calls[1].parcel.progress.done == {"create": {"of": "create"}}


async def _mend(bus: Rig, desk: OrderDesk, message: str, way: str) -> None:
    """What has to happen outside so that it can go on."""
    if way == "refused":
        await desk.listen()
    if await bus.states(message) == (State.UNKNOWN,):
        await bus.replay(message)


async def _tried(bus: Rig, message: str) -> bool:
    row = await bus.delivery(message)
    return row.tries > 0 and row.state is not State.SENDING


async def _delivered(bus: Rig, message: str) -> bool:
    """Time passes only while it waits: an attempt on a slow machine keeps its lease."""
    row = await bus.delivery(message)
    if row.state is State.WAITING:
        bus.pass_time(1)
    return row.state is State.DELIVERED


async def _is(bus: Rig, message: str, state: State) -> bool:
    return await bus.states(message) == (state,)


async def _outcome(bus: Rig, message: str, outcome: Outcome) -> bool:
    facts = await bus.facts(message)
    return any(fact.data.get("outcome") == outcome for fact in facts)
