"""S14, S15 and promise 5: clocks that jump, processes that end, and an account that adds up."""

import asyncio
from collections.abc import Sequence

import pytest

from bus.core.delivery import State
from bus.core.errors import BusFault
from bus.engine.verify import verify
from bus.journal.facts import FactKind
from tests.support.deployments import application, deployment, route
from tests.support.journals import disk_full
from tests.support.loopback import (
    Gate,
    hangs,
    is_busy,
    is_silent,
    is_unreachable,
    receives,
    refuses,
)
from tests.support.messages import response, step, unit
from tests.support.rig import Rig, Rigs, Told

HOUR = 3600.0


class Clocks:
    """S14: order depends on no clock, and due times on one that never runs backwards."""

    @pytest.mark.parametrize("jump", [-HOUR, HOUR, -30 * 24 * HOUR])
    async def test_a_clock_that_jumps_does_not_change_the_order(
        self, rigs: Rigs, jump: float
    ) -> None:
        """Messages before and after the jump arrive in the order of acceptance."""
        bus = await rigs.start(run=False)
        for number in range(4):
            await bus.accepted(step(note=str(number)))
            bus.clock.jump(jump)
        last = await bus.accepted(step(note="last"))

        bus.run()
        await bus.reaches(last, State.DELIVERED)

        assert bus.app("rm").texts == ["0", "1", "2", "3", "last"]

    async def test_facts_never_run_backwards(self, rigs: Rigs) -> None:
        """Whoever reads a trace reads it in order."""
        bus = await rigs.start()
        bus.app("rm").will(is_busy(), is_busy())
        id_ = await bus.accepted(step())
        bus.clock.jump(-HOUR)
        await bus.reaches(id_, State.DELIVERED)

        times = [fact.at for fact in await bus.facts(id_)]
        assert times == sorted(times)

    async def test_a_wait_does_not_grow_when_the_clock_is_set_back(self, rigs: Rigs) -> None:
        """An hour back is not an hour more."""
        bus = await rigs.start()
        bus.app("rm").will(is_busy(retry_after=0.0))
        bus.clock.jump(-HOUR)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_lane_does_not_halt_when_the_clock_is_set_back(self, rigs: Rigs) -> None:
        """What finishing makes due is sent at once, not at the next look around."""
        bus, gate = await rigs.start(kind=Told), Gate()
        bus.app("rm").will(gate)
        ids = [await bus.accepted(step(note=str(number))) for number in range(40)]
        await gate.arrived()
        bus.clock.jump(-HOUR)

        gate.open()
        await bus.reaches(ids[-1], State.DELIVERED)

        assert len(bus.app("rm").calls) == 40

    async def test_a_deadline_does_not_grow_when_the_clock_is_set_back(self, rigs: Rigs) -> None:
        """A user does not wait an hour for an answer."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=0.3))), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(note="1"))
        await gate.arrived()
        bus.clock.jump(-HOUR)

        reception = await asyncio.wait_for(bus.post(step(note="2", mode="Sync")), 10)
        gate.open()

        assert reception.fault
        assert reception.fault.status == 503

    async def test_a_clock_that_is_set_forward_loses_no_news(self, rigs: Rigs) -> None:
        """The lease of a worker seems over while it still sends: its news settles the doubt."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()
        bus.clock.jump(HOUR)
        await bus.reaches(id_, State.UNKNOWN)

        gate.open()
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 1

    async def test_a_lease_does_not_grow_when_the_clock_is_set_back(self, rigs: Rigs) -> None:
        """What a lost worker held is found by the time that passes."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        await bus.claim("rm")

        bus.clock.jump(-HOUR)
        bus.clock.advance(61)
        bus.run()
        await bus.reaches(id_, State.DELIVERED)


class Accounts:
    """S15 and promise 1: what is received adds up, and what is not on disk was not accepted."""

    async def test_received_is_rejected_and_repeats_and_accepted(self, rigs: Rigs) -> None:
        """Two independent records, one sum."""
        bus = await rigs.start(deployment(route("rm", condition="//Code != 'NO'")))
        bus.app("rm").will(refuses(), is_silent())
        messages = [unit("A"), unit("B"), unit("C"), unit("NO"), unit("TOO LONG")]
        for one in messages:
            await bus.post(one)
            await bus.settled()

        for one in messages[2:]:
            await bus.post(one)
        await bus.post(b"not XML")
        told = await verify(bus.bus.history, bus.bus.ports.crossreference)

        assert (told.received, told.rejected, told.repeats, told.accepted) == (9, 3, 2, 4)
        assert told.discrepancies == ()

    async def test_what_the_journal_does_not_take_is_not_accepted(self, rigs: Rigs) -> None:
        """The sender is told so, nothing is sent, and the next one finds everything in order."""
        bus = await rigs.start()
        bus.journal.before("accept", disk_full)
        message = step()

        with pytest.raises(BusFault) as refusal:
            await bus.post(message)
        await bus.looked()
        assert refusal.value.fault.code == "JOURNAL_FAILED"
        assert bus.app("rm").calls == []
        assert await bus.bus.history.find(message.uuid) == ()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_rejection_that_the_journal_does_not_take_is_not_told(self, rigs: Rigs) -> None:
        """What is answered is on disk, refusals too."""
        bus = await rigs.start()
        bus.journal.before("reject", disk_full)

        with pytest.raises(BusFault):
            await bus.post(unit("TOO LONG"))

    async def test_a_journal_that_fails_a_while_stops_nothing_for_ever(self, rigs: Rigs) -> None:
        """The bus goes on as soon as it can."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        bus.journal.before("claim", disk_full, disk_full)

        bus.run()
        await bus.reaches(id_, State.DELIVERED)

        assert [what for what, _ in bus.watcher.troubles] == ["claiming failed"] * 2
        bus.watcher.troubles.clear()

    async def test_a_receipt_leaves_after_the_commit(self, rigs: Rigs) -> None:
        """Whoever has it can already ask for the message."""
        bus = await rigs.start()

        for number in range(20):
            reception = await bus.post(step(str(number)))
            assert await bus.bus.history.body(reception.message) is not None


class Restarts:
    """Promise 7: a process may end at any time; the next one goes on where it stood."""

    async def test_what_was_accepted_is_sent(self, lasting: Rigs) -> None:
        """Though nobody had begun."""
        bus = await lasting.start(run=False)
        ids = [await bus.accepted(step(note=str(number))) for number in range(5)]

        bus = await lasting.restart()
        await bus.reaches(ids[-1], State.DELIVERED)

        assert bus.app("rm").texts == ["0", "1", "2", "3", "4"]

    async def test_what_was_being_sent_is_a_doubt_at_once(self, lasting: Rigs) -> None:
        """Its worker is gone: nobody waits for its lease."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step(note="1"))
        await gate.arrived()
        behind = await bus.accepted(step(note="2"))

        bus = await lasting.restart()
        await bus.reaches(id_, State.UNKNOWN)
        await bus.looked()

        assert bus.app("rm").texts == ["1"]
        await bus.discard(id_)
        await bus.reaches(behind, State.DELIVERED)

    async def test_what_was_being_sent_and_may_be_repeated_is_sent_again(
        self, lasting: Rigs
    ) -> None:
        """Twice does no harm there."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(unit())
        await gate.arrived()

        bus = await lasting.restart()
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 2

    async def test_what_was_claimed_and_not_begun_is_sent(self, lasting: Rigs) -> None:
        """A claim is not an attempt."""
        bus = await lasting.start(run=False)
        id_ = await bus.accepted(step())
        await bus.claim("rm")

        bus = await lasting.restart()
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 1

    async def test_a_repeat_after_a_restart_is_a_repeat(self, lasting: Rigs) -> None:
        """It gets the answer of before, byte for byte."""
        bus = await lasting.start()
        message = step(mode="Sync")
        first = await bus.post(message)

        bus = await lasting.restart()
        repeat = await bus.post(message)

        assert repeat.body == first.body
        assert len(bus.app("rm").calls) == 1

    async def test_a_failure_holds_its_lane_across_a_restart(self, lasting: Rigs) -> None:
        """Until a person acts."""
        bus = await lasting.start()
        bus.app("rm").will(refuses())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.REFUSED)
        second = await bus.accepted(step(note="2"))

        bus = await lasting.restart()
        await bus.looked()
        assert await bus.states(second) == (State.WAITING,)
        await bus.replay(first)
        await bus.reaches(second, State.DELIVERED)

        assert bus.app("rm").texts == ["1", "1", "2"]

    async def test_a_response_after_a_restart_ends_what_waits_for_it(self, lasting: Rigs) -> None:
        """The destination does not know that we were gone."""
        bus = await lasting.start()
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        bus = await lasting.restart()
        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")

        assert await bus.states(id_) == (State.DELIVERED,)

    async def test_an_answer_that_was_owed_is_delivered(self, lasting: Rigs) -> None:
        """The origin gets it, however late."""
        taker = application("protheus", takes_answers=True)
        bus = await lasting.start(deployment(applications=[taker]))
        bus.app("protheus").will(hangs())
        message = step()
        id_ = await bus.accepted(message)
        await bus.until(lambda: _told(bus.pool.of("protheus").calls, 1), "the answer is sent")

        bus = await lasting.restart()
        await bus.until(lambda: _told(bus.pool.of("protheus").calls, 2), "it is sent again")
        await bus.settled()

        assert {one.received_uuid for one in bus.app("protheus").answers} == {message.uuid}
        assert (await bus.delivery(id_, 2)).state is State.DELIVERED

    async def test_what_a_waiting_sender_can_no_longer_hear_is_not_sent(
        self, lasting: Rigs
    ) -> None:
        """Its deadline has passed while the bus was down."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(note="1"))
        await gate.arrived()
        posting = bus.posting(step(note="2", mode="Sync"))
        await bus.until(lambda: _told(bus.pool.of("rm").calls, 1), "it is under way")
        await bus.until(lambda: _accepted(bus, 2), "it waits behind")
        posting.cancel()
        (waiting,) = [row for row in await bus.deliveries() if row.deadline]

        lasting.clock.advance(60)
        bus = await lasting.restart()
        await bus.reaches(waiting.message, State.DISCARDED)

        assert bus.app("rm").texts == ["1"]

    async def test_held_copies_stay_held(self, lasting: Rigs) -> None:
        """Until the doubt of the one that answers ends."""
        bus = await lasting.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(is_silent())
        reception = await bus.post(step(mode="Sync"))

        bus = await lasting.restart()
        await bus.looked()
        assert await bus.states(reception.message) == (State.HELD, State.UNKNOWN)
        await bus.replay(reception.message, 2)

        await bus.reaches(reception.message, State.DELIVERED, State.DELIVERED)

    async def test_an_outage_is_remembered(self, lasting: Rigs) -> None:
        """The application is tried again with one delivery."""
        bus = await lasting.start()
        bus.app("rm").always(is_unreachable())
        for code in ("A", "B", "C"):
            await bus.accepted(unit(code))
        await bus.until(lambda: _told(bus.pool.of("rm").calls, 1), "it is tried")

        await bus.stop()
        before = len(bus.app("rm").calls)
        bus.app("rm").always(hangs())
        bus = await lasting.restart()
        await bus.until(lambda: _told_in_time(bus, before + 1), "it is tried again")
        await bus.looked_at_once()

        assert len(bus.app("rm").calls) == before + 1

    async def test_nothing_is_lost_by_many_restarts(self, lasting: Rigs) -> None:
        """Each message is delivered, in order, whatever was going on when the process ended."""
        bus = await lasting.start()
        ids: list[str] = []
        for round_ in range(5):
            bus.app("rm").will(is_busy(), hangs(), is_busy())
            ids += [await bus.accepted(unit("UN", f"{round_}.{n}")) for n in range(3)]
            ids.append(await bus.accepted(unit("KG", f"{round_}")))
            bus.app("rm").recover()
            bus = await lasting.restart()
        for one in ids:
            await bus.reaches(one, State.DELIVERED)

        ends = [fact for one in ids for fact in await bus.facts(one, FactKind.ENDED)]
        assert sum(fact.step == "deliver" for fact in ends) == len(ids)
        seen = list(dict.fromkeys(text for text in bus.app("rm").texts if "." in text))
        assert seen == [f"{round_}.{n}" for round_ in range(5) for n in range(3)]


async def _told(seen: Sequence[object], number: int) -> bool:
    return len(seen) >= number


async def _told_in_time(bus: Rig, number: int) -> bool:
    bus.pass_time(1)
    return await _told(bus.app("rm").calls, number)


async def _accepted(bus: Rig, number: int) -> bool:
    """Whether the bus has heard of so many acceptances: the journal has them a moment before."""
    return bus.watcher.seen["accepted"] >= number
