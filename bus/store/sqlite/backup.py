"""A journal copied into one file beside the process that writes it, or put in place of another."""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from pathlib import Path

import apsw

from bus.core.errors import BusFault, Fault
from bus.core.text import Text
from bus.store.sqlite.connection import FileLock, failed, open_for_reading
from bus.store.sqlite.migrate import version_of
from bus.store.sqlite.problems import problem_of
from bus.store.sqlite.witness import new_generation

EXISTS = Text("já existe", "it exists already")
IS_FOLDER = Text("é uma pasta", "it is a folder")
_NAME_A_FILE = Text(
    "Dê o nome de um arquivo, como {file}.", "Give the name of a file, such as {file}."
)
NAME_ANOTHER = Text(
    "O que está ali fica como está: dê um nome que ainda não exista.",
    "What is there stays as it is: give a name that is not there yet.",
)
_NEEDS = Text(
    "Dê um caminho novo, numa pasta em que o barramento possa gravar e com espaço para o diário "
    "inteiro.",
    "Give a new path, in a folder where the bus may write, with room for all of the journal.",
)
_STEPS = 100
"""Steps of SQLite's machine between two looks at whether to stop; a row copied is a few of them."""
_NO_DAMAGE = frozenset({"ok", "*** in database main ***"})
ITSELF = Text("é o próprio diário", "it is the journal itself")
NO_JOURNAL = Text("não é um diário", "it is no journal")


def back_up(journal: Path, file: Path, stop: threading.Event) -> int:
    """Copy a journal as of one moment into a new file of its owner alone; its length in bytes.

    It is a generation of its own: wherever it is opened, it is noticed to be a copy. Once it is to
    `stop`, BusFault, and nothing is left of it.
    """
    part = Path(f"{file}.part")
    try:
        if file.is_dir():
            raise BusFault(
                backup_failed(file, IS_FOLDER, _NAME_A_FILE.filled(file=f"{file / 'bus.backup'}"))
            )
        if file.exists():
            raise BusFault(backup_failed(file, EXISTS, NAME_ANOTHER))
        part.unlink(missing_ok=True)
        _copy(journal, part, stop)
        part.rename(file)
        synced(file.parent)
        return file.stat().st_size
    except (OSError, apsw.Error) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise BusFault(backup_failed(file, problem_of(error))) from error


def backup_failed(file: Path, problem: Text, hint: Text = _NEEDS) -> Fault:
    """No backup was made."""
    return Fault("BACKUP_FAILED", details={"file": str(file), "problem": problem, "hint": hint})


def _copy(journal: Path, part: Path, stop: threading.Event) -> None:
    """Copy in one statement, which no commit beside it makes begin anew."""
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(open_for_reading(journal)) as reading:
        reading.set_progress_handler(stop.is_set, _STEPS)
        reading.execute("VACUUM INTO ?", (str(part),))
    with closing(apsw.Connection(str(part))) as copied:
        copied.pragma("application_id", new_generation())
    synced(part)


def synced(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def restore(journal: Path, backup: Path) -> Path | None:
    """Put a copy of a backup in the place of a journal; where the journal that was there lies now.

    BusFault where a bus runs on it, or where the backup is no sound journal.
    """
    journal = journal.resolve()
    if journal == backup.resolve():
        raise BusFault(Fault("BACKUP_UNUSABLE", details={"file": str(backup), "problem": ITSELF}))
    refuse_unusable(backup)
    lock = FileLock(journal)
    try:
        part = Path(f"{journal}.restored")
        part.unlink(missing_ok=True)
        back_up(backup, part, threading.Event())
        kept = _put_aside(journal)
        part.rename(journal)
        synced(journal.parent)
    except OSError as error:
        raise failed(error) from error
    finally:
        lock.release()
    return kept


def refuse_unusable(backup: Path) -> None:
    """Raise BusFault where a file is no sound journal."""
    problem: str | Text
    try:
        backup.stat()
        with closing(open_for_reading(backup)) as reading:
            problem = NO_JOURNAL if not version_of(reading) else "; ".join(damage(reading))
    except (apsw.Error, OSError) as error:
        problem = problem_of(error)
    except BusFault as refusal:
        problem = refusal.fault.details.get("problem", NO_JOURNAL)
    if backup.is_dir():
        problem = IS_FOLDER
    if problem:
        details = {"file": str(backup), "problem": problem}
        raise BusFault(Fault("BACKUP_UNUSABLE", details=details))


def damage(reading: apsw.Connection) -> tuple[str, ...]:
    """What SQLite itself finds wrong with a file; nothing where it is sound."""
    try:
        found = "\n".join(str(row[0]) for row in reading.execute("PRAGMA integrity_check(20)"))
    except apsw.CorruptError as error:
        found = str(error)
    return tuple(line for line in found.splitlines() if line not in _NO_DAMAGE)


def _put_aside(journal: Path) -> Path | None:
    """Give a journal and its log another name; None where there was none."""
    Path(f"{journal}-shm").unlink(missing_ok=True)
    if not journal.stat().st_size:
        return None
    number = 1
    while (aside := Path(f"{journal}.replaced-{number}")).exists():
        number += 1
    log = Path(f"{journal}-wal")
    if log.exists():
        log.rename(f"{aside}-wal")
    journal.rename(aside)
    return aside
