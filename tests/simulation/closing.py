"""The end of a history: faults stop, the bus comes to rest, and a person clears up what has stopped."""

from __future__ import annotations

import asyncio

from bus.core.delivery import State
from bus.journal.rows import DeliveryRow
from tests.simulation.people import STOPPED
from tests.simulation.script import Deed
from tests.simulation.stage import FEED
from tests.simulation.world import World

GLANCE = 5.0
"""Seconds between two looks at whether everything has settled."""
LONGEST = 4 * 3600.0
"""Seconds after which what has not settled never will."""
ROUNDS = 40
"""How often a person goes through what has stopped, before it counts as stuck."""


async def settle(world: World) -> bool:
    """No faults any more: wait until the bus has nothing to do; False where that never comes."""
    for destination in world.destinations.values():
        destination.calm, destination.down_until = True, 0.0
    until = world.time() + LONGEST
    while world.time() < until:
        await asyncio.sleep(GLANCE)
        if world.is_idle and not any(map(_goes_on, world.deliveries())):
            return True
    return False


async def clear_up(world: World) -> bool:
    """A person goes through what has stopped until all is done; False where it cannot be."""
    chance = world.chance("clearing up")
    for _ in range(ROUNDS):
        stopped = [row for row in world.deliveries() if row.state in STOPPED]
        waits = world.keepers.waited_for()
        if not stopped and not waits:
            return True
        process = world.a_process(0.0)
        if process is None:
            return False
        for wait in waits:
            await world.keepers.supply(process, wait)
        for row in stopped:
            deed = chance.choice((Deed.OVERWRITE, Deed.DISCARD))
            if FEED in world.destinations and row.state is State.UNKNOWN:
                deed = chance.choice((deed, Deed.DONE, Deed.NOT_DONE))
            deed = Deed.UNBLOCK if row.state is State.BLOCKED else deed
            await world.people.intervene(process, deed, row)
        if not await settle(world):
            return False
    return False


def _goes_on(row: DeliveryRow) -> bool:
    if row.state in {State.WAITING, State.UNKNOWN}:
        return row.due_at is not None
    return row.state in {State.SENDING, State.AWAITING_RESPONSE}
