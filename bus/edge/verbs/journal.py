"""What may be done with the journal as a whole: copied into a file, or rid of what is finished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.core.errors import Fault, SenderFault
from bus.edge.verbs.verb import Asked, Verb
from bus.engine.retention import Kept

if TYPE_CHECKING:
    from bus.ports.history import History
    from bus.wiring import Bus


class BackupIn(Asked):
    """Where the copy goes: a new file, seen from the process of the bus."""

    file: str


class BackupOut(BaseModel):
    """The copy, and its length in bytes."""

    file: str
    length: int


async def copied(history: History, asked: BackupIn) -> BackupOut:
    """Copy the journal as of one moment, beside the traffic."""
    length = await history.back_up(Path(asked.file))
    return BackupOut(file=asked.file, length=length)


async def back_up(bus: Bus, asked: BackupIn) -> BackupOut:
    """Copy the journal of a bus."""
    return await copied(bus.history, asked)


class PruneIn(Asked):
    """What is to stay of what is finished; where neither is said, what the settings of the bus say.

    `dry`: nothing is let go of.
    """

    keep_for: Annotated[float, Field(gt=0)] | None = None
    keep_size: Annotated[int, Field(gt=0)] | None = None
    actor: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(max_length=2000)] = ""
    dry: bool = False


class PruneOut(BaseModel):
    """How many messages were let go of, or would be for their age; what the journal is then.

    `size` in bytes; `oldest` is when the oldest that is kept was received (µs since 1970; 0: none).
    """

    messages: int
    size: int
    oldest: int


async def prune(bus: Bus, asked: PruneIn) -> PruneOut:
    """Let go of what is finished, and too old or too much."""
    kept = Kept(asked.keep_for, asked.keep_size)
    if kept == Kept():
        kept = bus.retention.kept
    if kept == Kept():
        raise SenderFault(Fault("RETENTION_UNSET"))
    done = await bus.retention.prune(kept, asked.actor, asked.reason, dry=asked.dry)
    return PruneOut(**done._asdict())


PRUNE = Verb("journal/prune", PruneIn, PruneOut, prune, patience=24 * 3600.0)
BACKUP = Verb("journal/backup", BackupIn, BackupOut, back_up, patience=24 * 3600.0)
