"""When an application takes nothing, and how many sessions it has for all of the bus."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bus.core.closed_hours import ClosedHours
from bus.core.delivery import State
from bus.core.route import Deployment
from bus.edge.story import story_of
from tests.support.deployments import application, deployment
from tests.support.loopback import Gate
from tests.support.messages import step
from tests.support.rig import Rig, Rigs, code_of

HOUR = 3600.0
EVERY_DAY = frozenset(range(7))


def closed(rigs: Rigs, since: int = -5) -> Deployment:
    """Where `rm` is closed for two hours by its clock, from so many minutes from now on."""
    now = datetime.fromtimestamp(rigs.clock.now() / 1_000_000, tz=UTC)
    first = now + timedelta(minutes=since)
    begins = first.hour * 60 + first.minute
    stretch = ClosedHours(EVERY_DAY, begins, (begins + 125) % 1440)
    return deployment(applications=[application("rm", closed=(stretch,), zone=ZoneInfo("UTC"))])


class ClosedApplications:
    """In its closed hours an application is sent nothing."""

    async def test_what_comes_meanwhile_waits_and_is_sent_when_it_opens(self, rigs: Rigs) -> None:
        """In its order, and at the cost of no attempt; the trace says until when."""
        bus = await rigs.start(closed(rigs))
        ids = [await bus.accepted(step(str(job))) for job in range(3)]
        await bus.looked()
        bus.pass_time(HOUR)
        await bus.looked()
        assert bus.app("rm").calls == []
        (told,) = story_of(await bus.trace(ids[0])).deliveries
        assert told.pause
        assert told.pause.paused_until > bus.clock.now()

        # What was claimed before these hours passed and is sent after them has lost its lease.
        await bus.until(lambda: _claims_nothing(bus), "nothing is being claimed")
        bus.pass_time(2 * HOUR)

        for one in ids:
            await bus.reaches(one, State.DELIVERED)
            assert (await bus.delivery(one)).tries == 1

    async def test_a_caller_is_told_at_once(self, rigs: Rigs) -> None:
        """503, with the hour from which it may come; nothing of it is sent later."""
        bus = await rigs.start(closed(rigs))

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "CLOSED_HOURS"
        assert reception.fault
        assert reception.fault.status == 503
        (note,) = bus.response_in(reception).notes
        assert "rm não recebe nada antes de 20" in note.text
        bus.pass_time(3 * HOUR)
        await bus.looked()
        assert bus.app("rm").calls == []

    async def test_what_was_taken_just_before_waits_too(self, rigs: Rigs) -> None:
        """It was claimed while the application was open, and is put off until it opens again."""
        bus = await rigs.start(closed(rigs, since=10), run=False)
        id_ = await bus.accepted(step())

        async def it_closes() -> None:
            bus.clock.advance(15 * 60)

        bus.journal.before("claim", it_closes)
        bus.run()
        await bus.until(lambda: _put_off(bus, id_), "it is put off")

        row = await bus.delivery(id_)
        assert (row.state, row.attempts) == (State.WAITING, 0)
        assert row.due_at
        assert row.due_at > bus.clock.now() + HOUR * 1_000_000
        bus.pass_time(3 * HOUR)
        await bus.reaches(id_, State.DELIVERED)


async def _claims_nothing(bus: Rig) -> bool:
    return not bus.journal.claiming


async def _put_off(bus: Rig, message: str) -> bool:
    return (await bus.delivery(message)).why == "CLOSED_HOURS"


class Sessions:
    """All processes together send an application no more at once than it has licences for."""

    async def test_several_processes_share_its_sessions(self, rigs: Rigs) -> None:
        """What one is sending leaves the others so much less."""
        licensed = deployment(applications=[application("rm", sessions=2)])
        one, other = await rigs.start(licensed), await rigs.start(licensed)
        gates = [Gate() for _ in range(6)]
        one.app("rm").will(*gates)
        ids = [await (one if job % 2 else other).accepted(step(str(job))) for job in range(6)]

        for number, gate in enumerate(gates):
            await gate.arrived()
            await one.looked_at_once()
            await other.looked_at_once()
            assert len(one.app("rm").calls) <= number + 2
            gate.open()

        for id_ in ids:
            await one.reaches(id_, State.DELIVERED)
