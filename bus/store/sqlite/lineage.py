"""Whether a journal is the one that ran here last, and what is in doubt where it is not.

A copy, or a journal that goes back in time, does not know what was sent since. What may not be sent
twice is in doubt then: when its turn comes it counts as sent, and nobody knows how that ended.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

import apsw

from bus.core.errors import BusFault, Fault
from bus.core.text import Details, Text
from bus.store.sqlite.migrate import version_of
from bus.store.sqlite.tables import SqliteTables
from bus.store.sqlite.witness import Testimony, new_generation, stamped
from bus.store.statements import statements


class Vouched(StrEnum):
    """What a person vouches for, who has the bus open a journal."""

    NOTHING = "nothing"
    LOSS = "loss"  # what is missing is lost, and the bus is to go on without it
    MOVED = "moved"  # it was moved here while no bus ran on it, and none has since


class Lineage(StrEnum):
    """What a journal is to the one that ran here last. The comment is the meaning."""

    SAME = "same"
    FIRST = "first"  # nothing ran here yet, or a bus that kept no witness
    COPIED = "copied"  # the same in another file, or without its witness
    REPLACED = "replaced"  # another journal, or a backup
    BACK = "back in time"  # what was recorded last is not in it
    CRASHED = "crashed"  # nor is it, and it was not closed: as if its log were missing


WORDS: dict[Lineage, Text] = {
    Lineage.COPIED: Text(
        "é uma cópia, ou foi movido para cá", "it is a copy, or was moved to this place"
    ),
    Lineage.REPLACED: Text(
        "é um backup ou o diário de outro lugar", "it is a backup, or the journal of another place"
    ),
    Lineage.BACK: Text(
        "volta no tempo: falta o que foi gravado por último",
        "it goes back in time: what was recorded last is missing",
    ),
    Lineage.CRASHED: Text("perdeu o que foi gravado por último", "it lost what was recorded last"),
}
"""How a journal is told whose deliveries are in doubt."""
EARLIER = Text("foi restaurado antes", "it was restored earlier")


def refuse_what_is_gone(path: Path, file: int, told: Testimony | None, vouched: Vouched) -> None:
    """Raise BusFault where the journal that ran here is gone, or what is here has another's log."""
    if told is None:
        return
    if not os.fstat(file).st_size:
        if told.position and vouched is not Vouched.LOSS:
            raise BusFault(Fault("JOURNAL_GONE", details={"path": str(path)}))
        return
    log = Path(f"{path}-wal")
    if stamped(file) != told.generation and log.exists() and log.stat().st_size:
        raise BusFault(Fault("JOURNAL_LOG_FOREIGN", details={"path": str(path)}))


def lineage_of(connection: apsw.Connection, file: int, told: Testimony | None) -> Lineage:
    """What an open journal is to the one that its witness knows."""
    generation = connection.pragma("application_id")
    if told is None:
        return Lineage.COPIED if generation else Lineage.FIRST
    if not version_of(connection):
        return Lineage.CRASHED if told.position else Lineage.FIRST
    if told.generation != generation:
        return Lineage.REPLACED
    same = os.fstat(file).st_ino == told.file
    newest = {"message": told.message, "position": told.position}
    has_fact = statements(__package__, "tables.sql")["open_has_fact"]
    if not told.position or connection.execute(has_fact, newest).get:
        return Lineage.SAME if same else Lineage.COPIED
    return Lineage.CRASHED if same and told.running else Lineage.BACK


def as_vouched(lineage: Lineage, vouched: Vouched, path: Path) -> Lineage:
    """What it counts as, by what a person vouches for; BusFault where nobody did."""
    if lineage is Lineage.CRASHED and vouched is not Vouched.LOSS:
        raise BusFault(Fault("JOURNAL_LOG_MISSING", details={"path": str(path)}))
    if lineage is Lineage.COPIED and vouched is Vouched.MOVED:
        return Lineage.FIRST
    return lineage


def begin(tables: SqliteTables, lineage: Lineage, path: Path, now: int) -> Fault | None:
    """Begin another generation where it is not the same; what is to be told while it has doubts."""
    if lineage is Lineage.SAME:
        return _restored(path, EARLIER, tables.doubted) if tables.doubted else None
    past = lineage is Lineage.CRASHED or tables.has_messages()
    restored = lineage in WORDS and past
    doubts = tables.begin_generation(new_generation(), lineage if restored else "", now)
    return _restored(path, WORDS[lineage], doubts) if restored else None


def _restored(path: Path, why: Text, doubts: int) -> Fault:
    details: Details = {"path": str(path), "why": why, "count": str(doubts)}
    return Fault("JOURNAL_RESTORED", details=details)


def testimony_of(file: int, lineage: Lineage, told: Testimony | None) -> Testimony:
    """What a witness knows of a journal that was just opened."""
    known = Testimony(stamped(file), os.fstat(file).st_ino, running=True)
    if told is None or lineage is not Lineage.SAME:
        return known
    return known._replace(message=told.message, position=told.position)
