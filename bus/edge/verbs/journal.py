"""What may be done with the journal as a whole: copied into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from bus.edge.verbs.verb import Asked, Verb

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


BACKUP = Verb("journal/backup", BackupIn, BackupOut, back_up, patience=24 * 3600.0)
