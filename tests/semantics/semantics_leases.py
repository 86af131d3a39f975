"""S10: claiming is not sending, and late news is news."""

import asyncio

import pytest

from bus.core.delivery import State, Step
from bus.core.errors import Owner
from bus.core.outcome import Outcome, Report
from bus.core.route import RetryPolicy
from bus.edge.story import story_of
from bus.engine import dispatch
from bus.journal.facts import FactKind
from bus.ports.history import Trace
from tests.support.deployments import application, deployment, route
from tests.support.journals import Disturbance, disk_full
from tests.support.loopback import (
    Behaviour,
    Call,
    Gate,
    hangs,
    is_busy,
    is_silent,
    refuses,
    says_ok,
)
from tests.support.messages import Message, response, step, unit
from tests.support.rig import Rig, Rigs


def beyond_lease(bus: Rig) -> float:
    """Seconds after which nobody holds a lease any more."""
    return bus.bus.dispatcher.lease + 1


async def silence() -> None:
    """A journal that never says anything."""
    await asyncio.Event().wait()


class Starts:
    """The start of an attempt is on disk before its first byte leaves."""

    @pytest.mark.parametrize(
        ("message", "facts", "attempts"),
        [(step(), [FactKind.STARTED], 1), (unit(event="delete"), [FactKind.STARTED], 1)],
    )
    async def test_an_attempt_that_may_not_be_repeated_is_recorded_before_it_is_sent(
        self, rigs: Rigs, message: Message, facts: list[FactKind], attempts: int
    ) -> None:
        """Whatever happens then, nobody takes it for unsent."""
        bus = await rigs.start()
        seen: list[Trace] = []
        bus.app("rm").will(_witness(bus, seen))

        await bus.reaches(await bus.accepted(message), State.DELIVERED)

        (trace,) = seen
        assert [fact.kind for fact in trace.facts if fact.number] == facts
        assert len(trace.attempts) == attempts
        assert trace.attempts[0].ended_at == 0
        assert trace.deliveries[0].started

    async def test_where_repeating_is_safe_nothing_is_recorded_before(self, rigs: Rigs) -> None:
        """One commit less."""
        bus = await rigs.start()
        seen: list[Trace] = []
        bus.app("rm").will(_witness(bus, seen))

        await bus.reaches(await bus.accepted(unit()), State.DELIVERED)

        (trace,) = seen
        assert [fact.kind for fact in trace.facts] == [FactKind.ACCEPTED]
        assert trace.attempts == ()

    async def test_what_began_too_late_is_not_sent_and_is_nobody_s_fault(self, rigs: Rigs) -> None:
        """A bus that stood still until its lease was over: its reader is not left alone for that."""
        soon = RetryPolicy(first=10.0, longest=10.0, jitter=0.0, longest_pause=10.0)
        reader = application("rm", pause_after=2)
        bus = await rigs.start(deployment(route("rm", retry=soon), applications=[reader]))
        bus.app("rm").will(is_busy(), says_ok())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.WAITING)

        async def stands_still() -> None:
            bus.clock.advance(beyond_lease(bus))

        bus.journal.before("claim", stands_still)
        await bus.reaches(id_, State.DELIVERED)

        trace = await bus.trace(id_)
        told = [one.fault.code if one.fault else "" for one in trace.attempts]
        assert told == ["BUSY", "LEASE_OVER", ""]
        assert len(bus.app("rm").calls) == 2
        assert trace.deliveries[0].attempts == 1
        assert await bus.bus.history.pauses() == ()

    async def test_a_claim_leaves_no_fact(self, rigs: Rigs) -> None:
        """It says nothing of the world (ADR 4)."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())

        (claim,) = await bus.claim("rm")

        assert (claim.delivery.state, claim.delivery.worker) == (State.SENDING, "another")
        assert [fact.kind for fact in await bus.facts(id_)] == [FactKind.ACCEPTED]

    async def test_what_one_worker_claimed_another_does_not_get(self, rigs: Rigs) -> None:
        """One delivery, one worker."""
        bus = await rigs.start(run=False)
        await bus.accepted(step())

        first = await bus.claim("rm", worker="one")
        second = await bus.claim("rm", worker="two")

        assert (len(first), len(second)) == (1, 0)

    async def test_a_worker_whose_lease_is_over_sends_nothing(self, rigs: Rigs) -> None:
        """It asks just before, and is told no."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        (claim,) = await bus.claim("rm")

        bus.clock.advance(61)
        started = await bus.bus.ports.journal.start(claim)

        assert not started
        assert await bus.facts(id_, FactKind.STARTED) == []

    async def test_a_worker_that_was_held_up_sends_nothing(self, rigs: Rigs) -> None:
        """An attempt must fit into what is left of its lease; if it does not, another makes it."""
        bus = await rigs.start()

        async def takes_long() -> None:
            bus.clock.advance(45)

        bus.journal.before("start", takes_long)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 1
        row = await bus.delivery(id_)
        assert (row.tries, row.attempts) == (2, 1)

    async def test_an_outcome_that_cannot_be_written_is_written_later(self, rigs: Rigs) -> None:
        """It happened: the bus keeps trying, and sends nothing twice."""
        bus = await rigs.start()
        bus.journal.before("record", disk_full, disk_full, disk_full)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert len(bus.app("rm").calls) == 1
        assert [what for what, _ in bus.watcher.troubles] == ["an outcome waits to be recorded"] * 3
        bus.watcher.troubles.clear()


def _witness(bus: Rig, seen: list[Trace]) -> Behaviour:
    """Reads the journal as the first byte arrives."""

    async def behave(call: Call) -> Report:
        (row,) = await bus.bus.history.find(call.uuid)
        seen.append(await bus.trace(row.id))
        return await says_ok()(call)

    return behave


class LostLeases:
    """A worker that is gone has sent nothing if it had not started; else nobody knows."""

    @pytest.mark.parametrize("message", [step(), unit()])
    async def test_what_had_not_started_waits_again(self, rigs: Rigs, message: Message) -> None:
        """Another worker sends it."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(message)
        await bus.claim("rm")

        bus.clock.advance(61)
        bus.run()
        await bus.reaches(id_, State.DELIVERED)

        (fact,) = await bus.facts(id_, FactKind.LEASE_EXPIRED)
        assert (fact.actor, fact.attempt) == ("another", 1)
        assert len(bus.app("rm").calls) == 1

    async def test_what_had_started_is_a_doubt(self, rigs: Rigs) -> None:
        """Nothing is sent again."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        (claim,) = await bus.claim("rm")
        await bus.bus.ports.journal.start(claim)

        bus.clock.advance(61)
        bus.run()
        await bus.reaches(id_, State.UNKNOWN)

        assert (await bus.delivery(id_)).reason == "LEASE_EXPIRED"
        (attempt,) = (await bus.trace(id_)).attempts
        assert attempt.outcome == "unknown"
        assert bus.app("rm").calls == []

    async def test_a_doubt_from_a_lost_lease_says_whose_it_is_and_what_to_do(
        self, rigs: Rigs
    ) -> None:
        """For itself, for those behind it, and in the log; until a person has said what became."""
        bus = await rigs.start(run=False)
        first, second = await bus.accepted(step(note="1")), await bus.accepted(step(note="2"))
        (claim,) = await bus.claim("rm")
        await bus.bus.ports.journal.start(claim)

        bus.clock.advance(61)
        bus.run()
        await bus.reaches(first, State.UNKNOWN)

        (own,) = story_of(await bus.trace(first)).deliveries
        (ahead,) = (await bus.trace(second)).ahead
        for fault in (own.untold, ahead.fault):
            assert fault
            assert (fault.code, fault.owner) == ("SENDING_INTERRUPTED", Owner.ADMIN)
            assert f"`bus settle {first} --done`" in fault.remedy("en")
        assert bus.watcher.seen["lost: LEASE_EXPIRED"] == 1

        await bus.settle(first, done=False)

        (ahead,) = (await bus.trace(second)).ahead
        assert ahead.fault
        assert ahead.fault.code == "SAID_NOT_DONE"
        assert "I looked" in ahead.fault.reason("en")

    async def test_a_lease_that_still_runs_is_respected(self, rigs: Rigs) -> None:
        """A slow worker is not a lost one."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        await bus.claim("rm")

        bus.run()
        bus.pass_time(55)
        await bus.bus.ports.journal.claim("third", {"rm": 10}, 60.0)

        assert (await bus.delivery(id_)).worker == "another"

    async def test_a_lost_lease_of_what_may_be_repeated_costs_an_attempt(self, rigs: Rigs) -> None:
        """It may have been sent."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(unit())
        await bus.claim("rm")

        bus.clock.advance(61)
        bus.run()
        await bus.reaches(id_, State.DELIVERED)

        assert (await bus.delivery(id_)).attempts == 2

    async def test_a_doubt_from_a_lost_lease_holds_its_lane(self, rigs: Rigs) -> None:
        """Like any other doubt."""
        bus = await rigs.start(run=False)
        await bus.accepted(step(note="1"))
        second = await bus.accepted(step(note="2"))
        (claim,) = await bus.claim("rm")
        await bus.bus.ports.journal.start(claim)

        bus.clock.advance(61)
        bus.run()
        await bus.looked()

        assert await bus.states(second) == (State.WAITING,)


class LateNews:
    """What a late worker or a late response tells is always recorded, and never overwrites."""

    @pytest.mark.parametrize(
        ("news", "state"), [(says_ok(), State.DELIVERED), (refuses("no"), State.REFUSED)]
    )
    async def test_definite_news_settles_a_doubt(
        self, rigs: Rigs, news: Behaviour, state: State
    ) -> None:
        """The worker was thought lost, and comes back with an answer."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.UNKNOWN)

        gate.open(news)
        await bus.reaches(id_, state)

        answer = await bus.answer(id_)
        assert answer
        assert answer.status == ("OK" if state is State.DELIVERED else "ERROR")
        assert len(bus.app("rm").calls) == 1

    async def test_doubtful_news_leaves_the_doubt(self, rigs: Rigs) -> None:
        """It is kept as a fact."""
        bus, gate = await rigs.start(), Gate(is_silent())
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.UNKNOWN)

        gate.open()
        await bus.until(lambda: _late(bus, id_), "the news is kept")

        assert await bus.states(id_) == (State.UNKNOWN,)

    @pytest.mark.parametrize(
        ("news", "state"), [(says_ok(), State.DELIVERED), (refuses("no"), State.UNKNOWN)]
    )
    async def test_of_an_earlier_attempt_only_an_ok_settles_a_doubt(
        self, rigs: Rigs, news: Behaviour, state: State
    ) -> None:
        """It arrived, whichever attempt brought it; a no says nothing of the attempt after it."""
        bus, old = await rigs.start(), Gate()
        bus.app("rm").will(old, is_silent())
        id_ = await bus.accepted(step())
        await old.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.UNKNOWN)
        await bus.replay(id_)
        await bus.until(lambda: _tried_twice(bus, id_), "the second attempt has ended")

        old.open(news)
        await bus.until(lambda: _told_of_both(bus, id_), "the news of the first is kept")

        assert await bus.states(id_) == (state,)

    async def test_late_news_lets_the_lane_go_on(self, rigs: Rigs) -> None:
        """What waited behind the doubt is sent."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        first = await bus.accepted(step(note="1"))
        second = await bus.accepted(step(note="2"))
        await gate.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(first, State.UNKNOWN)

        gate.open()
        await bus.reaches(second, State.DELIVERED)

        assert await bus.states(first) == (State.DELIVERED,)

    async def test_a_late_no_does_not_overwrite_a_new_owner_s_attempt(self, rigs: Rigs) -> None:
        """A person replayed it meanwhile: the new attempt decides, the old news is a fact."""
        bus, old, new = await rigs.start(), Gate(refuses("once")), Gate()
        id_ = await _replayed_under_way(bus, old, new)

        old.open()
        await bus.until(lambda: _late(bus, id_), "the news is kept")
        assert await bus.states(id_) == (State.SENDING,)
        new.open()
        await bus.reaches(id_, State.DELIVERED)

        attempts = sorted((await bus.trace(id_)).attempts)
        assert [row.outcome for row in attempts] == ["refused", "delivered"]

    async def test_a_late_ok_says_how_the_new_attempt_ends(self, rigs: Rigs) -> None:
        """Not before it is over, for what is under way may still arrive: then, whatever it says."""
        bus, old, new = await rigs.start(), Gate(), Gate(refuses("twice"))
        id_ = await _replayed_under_way(bus, old, new)

        old.open()
        await bus.until(lambda: _late(bus, id_), "the news is kept")
        assert await bus.states(id_) == (State.SENDING,)
        new.open()
        await bus.reaches(id_, State.DELIVERED)

        trace = await bus.trace(id_)
        assert [row.outcome for row in sorted(trace.attempts)] == ["delivered", "refused"]
        assert [row.status for row in trace.answers] == ["OK"]

    async def test_a_lease_that_ends_after_a_late_ok_leaves_no_doubt(self, rigs: Rigs) -> None:
        """What became of the second try nobody knows; the first one arrived."""
        bus, old, new = await rigs.start(), Gate(), Gate(hangs())
        id_ = await _replayed_under_way(bus, old, new)
        old.open()
        await bus.until(lambda: _late(bus, id_), "the news is kept")

        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.DELIVERED)

        assert [row.status for row in (await bus.trace(id_)).answers] == ["OK"]

    async def test_a_late_ok_ends_what_would_be_sent_again(self, rigs: Rigs) -> None:
        """The second try found it busy; there is no third, and the sender is told OK."""
        waits = RetryPolicy(first=600.0, jitter=0.0)
        bus, old = await rigs.start(deployment(route("rm", retry=waits))), Gate()
        bus.app("rm").will(old, is_busy())
        id_ = await bus.accepted(unit())
        await old.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.until(lambda: _postponed(bus, id_), "it is to be sent again")

        old.open()
        await bus.reaches(id_, State.DELIVERED)
        bus.pass_time(7200)
        await bus.looked()

        assert len(bus.app("rm").calls) == 2
        assert [row.status for row in (await bus.trace(id_)).answers] == ["OK"]

    async def test_late_news_does_not_undo_what_a_person_gave_up(self, rigs: Rigs) -> None:
        """Somebody decided; the news is there to read."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.UNKNOWN)
        await bus.discard(id_)

        gate.open()
        await bus.until(lambda: _late(bus, id_), "the news is kept")

        assert await bus.states(id_) == (State.DISCARDED,)

    async def test_a_safe_delivery_taken_over_is_settled_by_its_new_owner(self, rigs: Rigs) -> None:
        """It was sent twice, which does no harm; the late one is a fact."""
        bus, old = await rigs.start(), Gate()
        bus.app("rm").will(old)
        id_ = await bus.accepted(unit())
        await old.arrived()
        bus.pass_time(beyond_lease(bus))
        await bus.reaches(id_, State.DELIVERED)

        old.open(refuses("seen already"))
        await bus.until(lambda: _late(bus, id_), "the news is kept")

        assert await bus.states(id_) == (State.DELIVERED,)
        assert len(bus.app("rm").calls) == 2

    async def test_a_response_settles_a_doubt(self, rigs: Rigs) -> None:
        """The destination tells by itself what came of it."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.UNKNOWN)

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")

        assert await bus.states(id_) == (State.DELIVERED,)
        (fact,) = [f for f in await bus.facts(id_) if f.step == Step.DELIVER]
        assert fact.actor == "rm"

    async def test_a_response_may_overtake_the_attempt_s_own_end(self, rigs: Rigs) -> None:
        """It comes on another connection while the receipt is still on its way."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        message = step()
        id_ = await bus.accepted(message)
        await gate.arrived()

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")
        assert await bus.states(id_) == (State.DELIVERED,)
        gate.open(is_silent())
        await bus.until(lambda: _late(bus, id_), "the attempt has ended")

        assert await bus.states(id_) == (State.DELIVERED,)


async def _late(bus: Rig, message: str) -> bool:
    return bool(await bus.facts(message, FactKind.LATE_OUTCOME))


async def _replayed_under_way(bus: Rig, old: Gate, new: Gate) -> str:
    """A message whose first try lost its lease, and which a person sent again meanwhile."""
    bus.app("rm").will(old, new)
    id_ = await bus.accepted(step())
    await old.arrived()
    bus.pass_time(beyond_lease(bus))
    await bus.reaches(id_, State.UNKNOWN)
    await bus.replay(id_)
    await new.arrived()
    return id_


async def _postponed(bus: Rig, message: str) -> bool:
    row = await bus.delivery(message)
    return row.tries == 2 and row.state is State.WAITING


async def _tried_twice(bus: Rig, message: str) -> bool:
    row = await bus.delivery(message)
    return row.tries == 2 and row.state == State.UNKNOWN


async def _told_of_both(bus: Rig, message: str) -> bool:
    attempts = (await bus.trace(message)).attempts
    first = next(row for row in attempts if row.attempt == 1)
    return first.outcome != Outcome.UNKNOWN


class Stopping:
    """A bus that is stopped lets attempts end; one that is killed leaves them to the next."""

    async def test_what_is_under_way_may_end(self, rigs: Rigs) -> None:
        """A planned stop leaves no doubts."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()

        stopping = bus.stop_gently()
        gate.open()
        await stopping

        assert await bus.states(id_) == (State.DELIVERED,)

    async def test_what_is_cut_off_is_not_said_to_be_sent(self, lasting: Rigs) -> None:
        """A doubt where the first byte may have left, and what had not begun waits again."""
        bus = await lasting.start(run=False)
        worker = bus.bus.dispatcher.worker
        begun, not_begun = await bus.accepted(step("1")), await bus.accepted(step("2"))
        claims = await bus.claim("rm", worker=worker)
        for claim in claims:
            if claim.message.id == begun:
                await bus.bus.ports.journal.start(claim)

        await bus.bus.dispatcher.leave()

        assert await bus.states(begun) == (State.UNKNOWN,)
        assert (await bus.delivery(begun)).reason == "LEASE_EXPIRED"
        assert await bus.states(not_begun) == (State.WAITING,)
        assert bus.watcher.seen["cut off"] == len(claims) == 2
        assert bus.watcher.seen["lost: LEASE_EXPIRED"] == 1

        another = await lasting.start()
        await another.reaches(not_begun, State.DELIVERED)
        assert await another.states(begun) == (State.UNKNOWN,)

    async def test_what_is_cut_off_and_can_be_asked_about_is_asked_by_the_next(
        self, rigs: Rigs
    ) -> None:
        """As after a crash."""
        bus = await rigs.start(run=False)
        bus.app("rm").knows(says_ok())
        id_ = await bus.accepted(step())
        (claim,) = await bus.claim("rm", worker=bus.bus.dispatcher.worker)
        await bus.bus.ports.journal.start(claim)

        await bus.bus.dispatcher.leave()
        bus.run()
        await bus.reaches(id_, State.DELIVERED)

        assert bus.app("rm").calls == []

    async def test_a_worker_that_leaves_ends_no_lease_of_another(self, rigs: Rigs) -> None:
        """Those go on sending."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        await bus.claim("rm", worker="another")

        await bus.bus.dispatcher.leave()

        assert await bus.states(id_) == (State.SENDING,)
        assert bus.watcher.seen["cut off"] == 0

    @pytest.mark.parametrize(("mine", "state"), [(True, State.WAITING), (False, State.SENDING)])
    async def test_what_is_claimed_in_the_commit_in_which_a_worker_leaves_is_not_forgotten(
        self, rigs: Rigs, *, mine: bool, state: State
    ) -> None:
        """Whoever asked for it is gone before the answer; what another claims is the other's."""
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        worker = bus.bus.dispatcher.worker if mine else "another"

        await asyncio.gather(bus.claim("rm", worker=worker), bus.bus.dispatcher.leave())

        assert await bus.states(id_) == (state,)

    async def test_what_is_accepted_after_that_waits_for_the_next(self, rigs: Rigs) -> None:
        """Nothing is begun that nobody would see end."""
        bus = await rigs.start()
        await bus.reaches(await bus.accepted(step("1")), State.DELIVERED)
        await bus.stop_gently()

        await bus.bus.dispatcher.leave()
        late = await bus.accepted(step("2"))

        assert await bus.states(late) == (State.WAITING,)
        assert len(bus.app("rm").calls) == 1

    @pytest.mark.parametrize("trouble", [disk_full, silence])
    async def test_what_cannot_be_recorded_at_the_end_is_left_to_the_next(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch, trouble: Disturbance
    ) -> None:
        """A journal that refuses, or says nothing, does not keep the bus from stopping."""
        monkeypatch.setattr(dispatch, "LEAVING", 0.05)
        bus = await rigs.start(run=False)
        id_ = await bus.accepted(step())
        await bus.claim("rm", worker=bus.bus.dispatcher.worker)
        bus.journal.before("end_leases", trouble)

        await bus.bus.dispatcher.leave()

        assert await bus.states(id_) == (State.SENDING,)
        assert [what for what, _ in bus.watcher.troubles] == [
            "attempts that were cut off could not be recorded"
        ]
        bus.watcher.troubles.clear()

    async def test_workers_share_the_work_and_send_nothing_twice(self, rigs: Rigs) -> None:
        """Each delivery has one of them, and the lanes keep their order."""
        workers = [await rigs.start(), await rigs.start()]

        await asyncio.gather(
            *[workers[n % 2].post(step(str(n % 10), f"{n:02}")) for n in range(60)]
        )
        await workers[0].settled()

        seen = [call.text for call in workers[0].app("rm").calls]
        assert sorted(seen) == [f"{number:02}" for number in range(60)]
        for row in await workers[0].deliveries():
            assert (row.state, row.tries) == (State.DELIVERED, 1)

    async def test_what_one_worker_leaves_is_taken_by_another(self, rigs: Rigs) -> None:
        """Any number of workers share a journal."""
        first = await rigs.start(run=False)
        id_ = await first.accepted(step())
        await first.stop()

        second = await rigs.start()
        await second.reaches(id_, State.DELIVERED)

    async def test_new_messages_do_not_overtake_those_that_are_due(self, rigs: Rigs) -> None:
        """Where an application is slow, the longest due goes first."""
        bus = await rigs.start(deployment(applications=[application("rm", concurrency=1)]))
        gates = [Gate() for _ in range(5)]
        bus.app("rm").will(*gates)

        for number in range(5):
            await bus.accepted(step(str(number)))
            await gates[0].arrived()
        for gate in gates:
            await gate.arrived()
            gate.open()
        await bus.settled()

        assert bus.app("rm").received == ["0", "1", "2", "3", "4"]

    async def test_an_application_is_sent_no_more_at_once_than_it_bears(self, rigs: Rigs) -> None:
        """Its concurrency bounds the attempts under way."""
        bus = await rigs.start(
            deployment(route("rm"), applications=[application("rm", concurrency=2)])
        )
        gates = [Gate() for _ in range(6)]
        bus.app("rm").will(*gates)
        ids = [await bus.accepted(step(str(job))) for job in range(6)]

        for number, gate in enumerate(gates):
            await gate.arrived()
            await bus.looked_at_once()
            assert len(bus.app("rm").calls) <= number + 2
            gate.open()
        for one in ids:
            await bus.reaches(one, State.DELIVERED)
