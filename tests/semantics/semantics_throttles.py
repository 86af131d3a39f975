"""How much an application is sent: at once, within a time, of each transaction, and who goes first."""

import pytest

from bus.core.delivery import State
from bus.core.throttle import Rate, Throttle
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Gate
from tests.support.messages import step, unit
from tests.support.rig import Rig, Rigs

MINUTE = 60.0


class Rates:
    """No more attempts begin than a rate allows, wherever a stretch of its time begins."""

    async def test_what_exceeds_a_rate_waits_for_its_time_and_is_sent(self, rigs: Rigs) -> None:
        """Nothing is lost, and nothing costs an attempt."""
        slow = application("rm", rate=Rate(2, MINUTE))
        bus = await rigs.start(deployment(applications=[slow]))
        ids = [await bus.accepted(step(str(job))) for job in range(5)]
        await bus.looked()
        assert bus.app("rm").received == ["0", "1"]

        bus.pass_time(MINUTE - 1)
        await bus.looked()
        assert bus.app("rm").received == ["0", "1"]

        for sent in (4, 5):
            bus.pass_time(MINUTE)
            await bus.looked()
            assert len(bus.app("rm").calls) == sent
        for one in ids:
            assert await bus.states(one) == (State.DELIVERED,)
            assert (await bus.delivery(one)).tries == 1

    async def test_a_rate_is_kept_in_any_stretch(self, rigs: Rigs) -> None:
        """Also in one that begins in the middle of a minute."""
        slow = application("rm", rate=Rate(2, MINUTE))
        bus = await rigs.start(deployment(applications=[slow]))
        await bus.reaches(await bus.accepted(step("0")), State.DELIVERED)
        bus.pass_time(40)
        for job in ("1", "2", "3"):
            await bus.accepted(step(job))
        await bus.looked()
        assert bus.app("rm").received == ["0", "1"]

        bus.pass_time(30)
        await bus.looked()

        assert bus.app("rm").received == ["0", "1", "2"]

    async def test_a_rate_that_is_used_up_opens_by_itself(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever waits is sent when the time is over, and not when somebody comes by."""
        monkeypatch.setattr(Rig, "poll", 3600.0)
        bus = await rigs.start(deployment(applications=[application("rm", rate=Rate(1, 0.05))]))

        ids = [await bus.accepted(step(str(job))) for job in range(4)]

        for one in ids:
            await bus.reaches(one, State.DELIVERED)

    async def test_other_applications_are_not_slowed(self, rigs: Rigs) -> None:
        """The bound is of one."""
        bus = await rigs.start(
            deployment(route("rm", "omie"), applications=[application("rm", rate=Rate(1, MINUTE))])
        )

        ids = [await bus.accepted(step(str(job))) for job in range(3)]
        await bus.looked()

        assert [await bus.states(one) for one in ids] == [
            (State.DELIVERED, State.DELIVERED),
            (State.WAITING, State.DELIVERED),
            (State.WAITING, State.DELIVERED),
        ]


class TransactionBounds:
    """Each transaction may have bounds of its own."""

    async def test_one_that_is_full_does_not_hold_up_the_others(self, rigs: Rigs) -> None:
        """However many of it are due before them."""
        chosen = application("rm", concurrency=3, each_transaction=Throttle(1))
        bus, gates = await rigs.start(deployment(applications=[chosen])), [Gate() for _ in range(6)]
        bus.app("rm").will(*gates)
        steps = [await bus.accepted(step(str(job))) for job in range(5)]
        await gates[0].arrived()

        other = await bus.accepted(unit("KM"))
        await gates[1].arrived()
        await bus.looked_at_once()

        assert bus.app("rm").received == ["0", "01||KM"]
        for gate in gates:
            gate.open()
        for one in (*steps, other):
            await bus.reaches(one, State.DELIVERED)

    async def test_never_more_of_one_at_once(self, rigs: Rigs) -> None:
        """Where there is room for more of all."""
        chosen = application("rm", each_transaction=Throttle(2))
        bus, gates = await rigs.start(deployment(applications=[chosen])), [Gate() for _ in range(6)]
        bus.app("rm").will(*gates)
        ids = [await bus.accepted(step(str(job))) for job in range(6)]

        for number, gate in enumerate(gates):
            await gate.arrived()
            await bus.looked_at_once()
            assert len(bus.app("rm").calls) <= number + 2
            gate.open()
        for one in ids:
            await bus.reaches(one, State.DELIVERED)

    async def test_each_has_a_rate(self, rigs: Rigs) -> None:
        """What one has used up the other has still."""
        chosen = application("rm", each_transaction=Throttle(rate=Rate(2, MINUTE)))
        bus = await rigs.start(deployment(applications=[chosen]))
        for number in range(3):
            await bus.accepted(step(str(number)))
            await bus.accepted(unit(f"U{number}"))
        await bus.looked()
        assert sorted(bus.app("rm").received) == ["0", "01||U0", "01||U1", "1"]

        bus.pass_time(MINUTE + 1)
        await bus.looked()

        assert sorted(bus.app("rm").received) == ["0", "01||U0", "01||U1", "01||U2", "1", "2"]


class CallersFirst:
    """A caller does not wait behind what nobody waits for."""

    async def test_a_slot_is_kept_for_callers_once_one_came_by(self, rigs: Rigs) -> None:
        """The rest of a crowd never takes it."""
        bus = await rigs.start(deployment(applications=[application("rm", concurrency=2)]))
        assert (await bus.post(step("caller", mode="Sync"))).fault is None
        gate = Gate()
        bus.app("rm").will(gate)
        for job in range(3):
            await bus.accepted(step(str(job)))
        await gate.arrived()
        await bus.looked_at_once()
        assert bus.app("rm").received == ["caller", "0"]

        reception = await bus.post(step("9", mode="Sync"))

        assert reception.fault is None
        assert bus.app("rm").received == ["caller", "0", "9"]
        gate.open()
        await bus.settled()

    async def test_where_nobody_calls_nothing_is_kept(self, rigs: Rigs) -> None:
        """All slots serve those that there are."""
        bus = await rigs.start(deployment(applications=[application("rm", concurrency=2)]))
        gates = [Gate(), Gate()]
        bus.app("rm").will(*gates)

        for job in range(3):
            await bus.accepted(step(str(job)))

        for gate in gates:
            await gate.arrived()
        for gate in gates:
            gate.open()
        await bus.settled()

    async def test_a_caller_goes_before_a_backlog(self, rigs: Rigs) -> None:
        """It is the next that is sent, whatever is longer due."""
        bus = await rigs.start(deployment(applications=[application("rm", concurrency=1)]))
        gates = [Gate(), Gate()]
        bus.app("rm").will(*gates)
        for job in range(6):
            await bus.accepted(step(str(job)))
        await gates[0].arrived()

        posting = bus.posting(step("caller", mode="Sync"))
        await _accepted(bus, 7)
        gates[0].open()
        await gates[1].arrived()

        assert bus.app("rm").received == ["0", "caller"]
        gates[1].open()
        assert (await posting).fault is None
        await bus.settled()

    async def test_a_share_of_a_rate_is_kept_for_callers(self, rigs: Rigs) -> None:
        """What nobody waits for does not use it up."""
        bus = await rigs.start(deployment(applications=[application("rm", rate=Rate(4, MINUTE))]))
        await bus.post(step("caller", mode="Sync"))
        for job in range(5):
            await bus.accepted(step(str(job)))
        await bus.looked()
        assert bus.app("rm").received == ["caller", "0", "1"]

        reception = await bus.post(step("9", mode="Sync"))

        assert reception.fault is None
        assert bus.app("rm").received == ["caller", "0", "1", "9"]


async def _accepted(bus: Rig, count: int) -> None:
    """Wait until so many messages are accepted, and what is due has been looked at since."""

    async def enough() -> bool:
        return bus.watcher.seen["accepted"] >= count

    await bus.until(enough, f"{count} are accepted")
    await bus.looked_at_once()
