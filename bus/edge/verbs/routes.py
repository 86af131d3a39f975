"""What may be done with the configuration of a bus that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.core.errors import BusFault, Fault
from bus.core.journal_address import shown
from bus.edge.verbs.verb import Asked, FaultOut, Verb

if TYPE_CHECKING:
    from bus.wiring import Bus


class ReloadIn(Asked):
    """Who has the file of routes put in force."""

    actor: Annotated[str, Field(max_length=200)] = ""


class ReloadOut(BaseModel):
    """The number of what is in force now, and what is to be warned of in it."""

    number: int
    warnings: list[FaultOut]


async def reload(bus: Bus, asked: ReloadIn) -> ReloadOut:
    """Put the file of routes in force as it is now; where it is wrong, what runs goes on."""
    if bus.reloader is None:
        raise BusFault(Fault("RELOAD_NEEDS_BUS", details={"path": shown(bus.settings.journal)}))
    done = await bus.reloader.reload(asked.actor)
    return ReloadOut(number=done.number, warnings=[FaultOut.of(one) for one in done.warnings])


RELOAD = Verb("routes/reload", ReloadIn, ReloadOut, reload)
