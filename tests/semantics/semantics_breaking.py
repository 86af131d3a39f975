"""S8: what breaks in the bus itself is an attempt like any other: kept, told, tried again, bounded."""

import pytest

from bus.core.delivery import State
from bus.core.envelope import Response, Status
from bus.core.outcome import Outcome, Report
from tests.semantics.semantics_outcomes import fault_of, outcomes
from tests.support.journals import disk_full
from tests.support.loopback import Call
from tests.support.messages import Message, step, unit
from tests.support.rig import Rigs, code_of


async def breaks() -> None:
    """A defect of the bus."""
    raise ZeroDivisionError


async def tells_nonsense(call: Call) -> Report:
    """Its adapter reports ids that are none."""
    told = Response(call.uuid, Status.OK, ids=(None,))  # type: ignore[arg-type]  # a foreign adapter's
    return Report(Outcome.DELIVERED, b"{}", told)


class Breaking:
    """An attempt that breaks holds neither its lease nor its lane, and ends."""

    async def test_what_breaks_before_it_is_sent_is_tried_again_and_dies(self, rigs: Rigs) -> None:
        """As often as attempts are allowed; each is kept, told, and answered for in the end."""
        bus = await rigs.start()
        bus.journal.before("start", *[breaks] * 3)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DEAD)

        assert await outcomes(bus, id_) == ["withheld"] * 3
        assert await fault_of(bus, id_) == "INTERNAL"
        assert bus.app("rm").calls == []
        assert [type(error) for _, error in bus.watcher.troubles] == [ZeroDivisionError] * 3
        bus.watcher.troubles.clear()
        answer = await bus.answer(id_)
        assert answer
        assert [note.code for note in answer.notes] == ["INTERNAL"]

    async def test_what_works_again_is_sent(self, rigs: Rigs) -> None:
        """It had not been sent, so nothing is in doubt."""
        bus = await rigs.start()
        bus.journal.before("start", breaks)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert await outcomes(bus, id_) == ["withheld", "delivered"]
        bus.watcher.troubles.clear()

    async def test_its_lane_goes_on_as_behind_any_that_is_dead(self, rigs: Rigs) -> None:
        """A step waits for a person, who gives it up."""
        bus = await rigs.start()
        bus.journal.before("start", *[breaks] * 3)
        first, second = [await bus.accepted(step(note=note)) for note in "12"]
        await bus.reaches(first, State.DEAD)
        bus.watcher.troubles.clear()
        await bus.looked()
        assert await bus.states(second) == (State.WAITING,)

        await bus.discard(first)

        await bus.reaches(second, State.DELIVERED)

    async def test_a_caller_is_told_at_once_that_nothing_was_sent(self, rigs: Rigs) -> None:
        """It may repeat; nothing is sent later."""
        bus = await rigs.start()
        bus.journal.before("start", breaks)

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "INTERNAL"
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert bus.app("rm").calls == []
        bus.watcher.troubles.clear()

    async def test_what_the_journal_cannot_do_now_costs_no_attempt(self, rigs: Rigs) -> None:
        """It is no fault of the message: it is sent when the journal works again."""
        bus = await rigs.start()
        bus.journal.before("start", *[disk_full] * 5)

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert await outcomes(bus, id_) == ["busy"] * 5 + ["delivered"]
        assert (await bus.delivery(id_)).attempts == 1
        bus.watcher.troubles.clear()

    @pytest.mark.parametrize(("message", "state"), [(step(), State.UNKNOWN), (unit(), State.DEAD)])
    async def test_an_answer_that_breaks_the_bus_is_none(
        self, rigs: Rigs, message: Message, state: State
    ) -> None:
        """It was sent, and what came of it nobody can read; repeated where that does no harm."""
        bus = await rigs.start()
        bus.app("rm").always(tells_nonsense)

        id_ = await bus.accepted(message)
        await bus.reaches(id_, state)

        assert set(await outcomes(bus, id_)) == {"unknown"}
        assert await fault_of(bus, id_) == "INTERNAL"
        assert bus.watcher.troubles
        bus.watcher.troubles.clear()
