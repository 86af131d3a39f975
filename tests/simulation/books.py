"""The books: what facts and tables tell, and what was raised and nobody expected."""

from __future__ import annotations

from collections.abc import Iterator

from bus.engine.verify import verify
from tests.simulation.findings import Finding, Flaw
from tests.simulation.world import World


async def wrong_books(world: World) -> list[Finding]:
    """What `bus verify` finds: facts and tables must tell the same."""
    told = await verify(world.store.history, world.store.crossreference)
    found = [
        Finding(Flaw.BOOKS, f"{one.message}/{one.number}: {one.kind} {one.problem.en}")
        for one in told.discrepancies
    ]
    if told.received != told.rejected + told.repeats + told.accepted:
        found.append(Finding(Flaw.BOOKS, f"not conserved: {told}"))
    return found


def troubles(world: World) -> Iterator[Finding]:
    """What was raised and nobody expected."""
    for what in world.chronicle.troubles:
        yield Finding(Flaw.TROUBLE, what)
    for context in world.loop.failures:
        error = context.get("exception")
        yield Finding(Flaw.TROUBLE, f"{context.get('message')}: {error!r}")
