"""Whether a file is the journal that ran here last, by its witness."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from bus.core.errors import BusFault, Fault
from bus.store.lineage import EARLIER, WORDS, Lineage, Vouched, restored
from bus.store.sqlite.migrate import version_of
from bus.store.sqlite.tables import SqliteTables
from bus.store.sqlite.witness import Testimony, new_generation, stamped
from bus.store.statements import statements


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
        return restored(str(path), EARLIER, tables.doubted) if tables.doubted else None
    past = lineage is Lineage.CRASHED or tables.has_messages()
    back = lineage in WORDS and past
    doubts = tables.begin_generation(new_generation(), lineage if back else "", now)
    return restored(str(path), WORDS[lineage], doubts) if back else None


def testimony_of(file: int, lineage: Lineage, told: Testimony | None) -> Testimony:
    """What a witness knows of a journal that was just opened."""
    known = Testimony(stamped(file), os.fstat(file).st_ino, running=True)
    if told is None or lineage is not Lineage.SAME:
        return known
    return known._replace(message=told.message, position=told.position)
