"""Applications that begin by hand: until a person puts one in force, nothing is sent to it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bus.core.activation import ACTIVATION, note_of
from bus.core.delivery import State
from bus.core.diagnosis import Confirmation
from bus.core.errors import BusFault, Fault
from bus.core.route import Deployment
from bus.engine.dispatch import POLL
from bus.journal.commands import NOT_SHARED, Claims, ClaimShare, Confirm
from tests.semantics.semantics_asking import in_doubt
from tests.support.deployments import application, deployment, route
from tests.support.loopback import says_ok
from tests.support.messages import step
from tests.support.rig import Rig, Rigs, code_of

DAY = 86400.0
BY_HAND = application("rm", by_hand=True, options={"category": "one"})


def by_hand() -> Deployment:
    """Where `rm` begins by hand."""
    return deployment(applications=[BY_HAND])


async def activated(bus: Rig, *, withdrawn: bool = False) -> None:
    """A person puts `rm` in force, or takes it out."""
    note = "" if withdrawn else note_of(BY_HAND)
    await bus.journal.confirm(Confirm("rm", ACTIVATION, "ana", note, withdrawn=withdrawn))


class ByHand:
    """An application that begins by hand is sent nothing until then."""

    async def test_what_comes_before_waits_and_is_sent_once_it_is_in_force(
        self, rigs: Rigs
    ) -> None:
        """However long it takes, in its order and at the cost of no attempt."""
        bus = await rigs.start(by_hand())
        ids = [await bus.accepted(step(str(job))) for job in range(3)]
        await bus.looked()
        bus.pass_time(30 * DAY)
        await bus.looked()
        before = [await bus.states(one) for one in ids]
        told = [fault.code for one in ids for fault in (await bus.message(one)).faults]
        calls = list(bus.app("rm").calls)

        await activated(bus)
        await bus.looked()

        assert (before, calls) == ([(State.WAITING,)] * 3, [])
        assert told == ["APPLICATION_INACTIVE"] * 3
        for one in ids:
            await bus.reaches(one, State.DELIVERED)
            row = await bus.delivery(one)
            assert row.attempts == 1
            assert row.tries <= 2  # one may have been made before the bus looked

    async def test_a_caller_is_told_at_once(self, rigs: Rigs) -> None:
        """503, and how to activate it; nothing of it is sent later."""
        bus = await rigs.start(by_hand())
        await bus.looked()

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "APPLICATION_INACTIVE"
        assert reception.fault
        assert reception.fault.status == 503
        (note,) = bus.response_in(reception).notes
        assert "bus application preview rm" in note.text
        await activated(bus)
        await bus.looked()
        assert bus.app("rm").calls == []

    async def test_a_caller_behind_others_in_the_queue_is_told_too(self, rigs: Rigs) -> None:
        """What waits for the activation does not keep it from being claimed."""
        bus = await rigs.start(by_hand(), run=False)
        for job in range(3):
            await bus.accepted(step(str(job)))
        posting = bus.posting(step("other", mode="Sync"))
        bus.run()

        assert code_of(await posting) == "APPLICATION_INACTIVE"
        assert bus.app("rm").calls == []

    async def test_taken_out_of_force_it_is_sent_nothing_more(self, rigs: Rigs) -> None:
        """Not even what was about to be claimed: each attempt asks once more."""
        bus = await rigs.start(by_hand(), run=False)
        await activated(bus)
        id_ = await bus.accepted(step())

        async def it_is_taken_out() -> None:
            await activated(bus, withdrawn=True)

        bus.journal.before("claim", it_is_taken_out)
        bus.run()
        await bus.until(lambda: _told_inactive(bus, id_), "it is put off")
        await bus.looked()

        row = await bus.delivery(id_)
        assert (row.state, row.attempts, bus.app("rm").calls) == (State.WAITING, 0, [])
        await activated(bus)
        await bus.reaches(id_, State.DELIVERED)

    async def test_what_was_confirmed_of_another_configuration_does_not_count(
        self, rigs: Rigs
    ) -> None:
        """Another option is another integration; what counts for nothing there changes nothing."""
        faster = replace(BY_HAND, timeout=BY_HAND.timeout + 1)
        bus = await rigs.start(deployment(applications=[faster]))
        await activated(bus)
        first = await bus.accepted(step("first"))
        await bus.reaches(first, State.DELIVERED)
        other = replace(BY_HAND, options={"category": "two"})
        await bus.stop()
        bus = await rigs.start(deployment(applications=[other]))
        second = await bus.accepted(step("second"))
        await bus.looked()
        reception = await bus.post(step("third", mode="Sync"))

        assert await bus.states(second) == (State.WAITING,)
        assert code_of(reception) == "APPLICATION_CHANGED"
        (note,) = bus.response_in(reception).notes
        assert "ana pôs em vigor" in note.text

    async def test_it_is_not_asked_what_became_of_a_message(self, rigs: Rigs) -> None:
        """What nobody knows stays so, until it is in force again."""
        bus = await rigs.start(by_hand())
        await activated(bus)
        id_ = await in_doubt(bus, says_ok())
        await activated(bus, withdrawn=True)
        await bus.looked()
        before = len(bus.app("rm").questions)
        bus.pass_time(DAY)
        await bus.looked()
        during = len(bus.app("rm").questions)
        await activated(bus)
        bus.pass_time(POLL)
        await bus.reaches(id_, State.DELIVERED)

        assert during == before

    async def test_it_is_not_asked_for_effects(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """None of what it said OK to before: that would be a call, too."""
        bus = await rigs.start(by_hand(), run=False)
        claim, asked = bus.journal.claim, []

        async def spy(  # noqa: PLR0913 - as the port has it
            worker: str,
            room: Mapping[str, int],
            lease: float,
            asks: frozenset[str] = frozenset(),
            checks: frozenset[str] = frozenset(),
            *,
            shares: Mapping[str, ClaimShare] = NOT_SHARED,
        ) -> Claims:
            asked.append("rm" in checks)
            return await claim(worker, room, lease, asks, checks, shares=shares)

        monkeypatch.setattr(bus.journal, "claim", spy)
        bus.run()
        await bus.looked()
        before, asked[:] = set(asked), []
        await activated(bus)
        await bus.looked()

        assert before == {False}
        assert asked[-1] is True

    async def test_while_the_journal_cannot_tell_nothing_is_sent(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In doubt it is not in force; what is due elsewhere goes on, and so does it afterwards."""
        both = deployment(route("rm", "north"), applications=[BY_HAND])
        bus = await rigs.start(both, run=False)
        await activated(bus)
        id_ = await bus.accepted(step())

        async def fails() -> tuple[Confirmation, ...]:
            raise BusFault(Fault("JOURNAL_FAILED", details={"problem": "read"}))

        with monkeypatch.context() as patched:
            patched.setattr(bus.store.history, "confirmations", fails)
            bus.run()
            await bus.reaches(id_, State.WAITING, State.DELIVERED)
            await bus.looked()
            calls, tries = list(bus.app("rm").calls), (await bus.delivery(id_)).tries
        troubles = list(bus.watcher.troubles)
        bus.watcher.troubles.clear()

        assert (calls, tries) == ([], 0)
        assert "in force" in troubles[0][0]
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)
        bus.watcher.troubles.clear()


async def _told_inactive(bus: Rig, message: str) -> bool:
    return (await bus.delivery(message)).why == "APPLICATION_INACTIVE"
