"""Backups are made beside the traffic, and put back without losing what was there."""

import asyncio
import stat
import threading
from pathlib import Path

import apsw
import pytest

from bus.core.errors import BusFault
from bus.journal.commands import Accepted
from bus.store.sqlite import SqliteStore, restore
from bus.store.sqlite.backup import back_up
from tests.store.samples import Sample, noise
from tests.support.clock import HandClock


def permissions(file: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(file.stat().st_mode)


def other_file(path: Path) -> Path:
    """Something else than a journal."""
    path.write_bytes(b"another")
    return path


def content(file: Path) -> bytes:
    """What is in a file."""
    return file.read_bytes()


async def read(file: Path, sample: Sample) -> bytes | None:
    """The body of a message in a file, if it is there."""
    async with SqliteStore.open_reading(file) as (history, _):
        return await history.body(sample.id)


async def test_a_backup_has_all_that_was_accepted_before(sqlite: SqliteStore, file: Path) -> None:
    """Whole, in one file of its owner alone, though it was still in the log."""
    sample, later = Sample(), Sample()
    await sqlite.journal.accept(sample.accepted())
    backup = file.with_name("backup")
    length = await sqlite.history.back_up(backup)
    await sqlite.journal.accept(later.accepted())

    assert permissions(backup) == 0o600
    assert length == len(content(backup))
    assert await read(backup, sample) == sample.body
    assert await read(backup, later) is None
    assert sorted(one.name for one in file.parent.glob("backup*")) == ["backup"]


async def test_a_backup_ends_beside_traffic_that_does_not(sqlite: SqliteStore, file: Path) -> None:
    """Commits go on all the while, and it does not begin anew at each."""
    for _ in range(20):
        await sqlite.journal.accept(Sample(body=noise(100_000)).accepted())
    copying = asyncio.create_task(sqlite.history.back_up(file.with_name("backup")))
    beside = 0
    while not copying.done():
        beside += isinstance(await sqlite.journal.accept(Sample().accepted()), Accepted)

    assert await copying > 20 * 100_000
    assert beside


async def test_nothing_is_overwritten_by_a_backup(sqlite: SqliteStore, file: Path) -> None:
    """A file that is there already may be the only good one."""
    there = other_file(file.with_name("backup"))

    with pytest.raises(BusFault) as refusal:
        await sqlite.history.back_up(there)

    assert refusal.value.fault.code == "BACKUP_FAILED"
    assert content(there) == b"another"


async def test_a_folder_that_is_not_there_is_told(sqlite: SqliteStore, file: Path) -> None:
    """And the journal goes on."""
    with pytest.raises(BusFault, match="BACKUP_FAILED"):
        await sqlite.history.back_up(file.parent / "nowhere" / "backup")

    await sqlite.journal.check()


async def test_a_backup_can_be_stopped(sqlite: SqliteStore, file: Path) -> None:
    """A bus that stops waits for none; half a copy is no backup, and is not left there."""
    for _ in range(20):
        await sqlite.journal.accept(Sample(body=noise(100_000)).accepted())
    stop = threading.Event()
    stop.set()

    with pytest.raises(BusFault, match="BACKUP_FAILED"):
        await asyncio.to_thread(back_up, file, file.with_name("backup"), stop)

    assert [*file.parent.glob("backup*")] == []


async def test_what_was_there_is_kept_beside(file: Path, clock: HandClock) -> None:
    """A restored journal has what the backup had; what it replaced can still be read."""
    first, second = Sample(), Sample()
    store = await SqliteStore.open(file, clock)
    await store.journal.accept(first.accepted())
    await store.history.back_up(file.with_name("backup"))
    await store.journal.accept(second.accepted())
    await store.close()

    kept = await asyncio.to_thread(restore, file, file.with_name("backup"))
    again = await asyncio.to_thread(restore, file, file.with_name("backup"))

    assert kept
    assert again
    assert kept != again
    assert await read(file, second) is None
    assert await read(file, first) == first.body
    assert await read(kept, second) == second.body
    assert permissions(file) == 0o600


async def test_a_backup_is_put_where_nothing_was(file: Path, clock: HandClock) -> None:
    """A new machine."""
    sample = Sample()
    store = await SqliteStore.open(file, clock)
    await store.journal.accept(sample.accepted())
    await store.close()
    fresh = file.with_name("fresh.db")

    kept = await asyncio.to_thread(restore, fresh, file)

    assert kept is None
    assert await read(fresh, sample) == sample.body


async def test_nothing_is_restored_under_a_running_bus(sqlite: SqliteStore, file: Path) -> None:
    """It would not notice before its next commit."""
    await sqlite.history.back_up(file.with_name("backup"))

    with pytest.raises(BusFault) as refusal:
        await asyncio.to_thread(restore, file, file.with_name("backup"))

    assert refusal.value.fault.code == "JOURNAL_IN_USE"
    await sqlite.journal.check()


def _missing(_: Path, __: Path) -> None:
    """Nothing."""


def _garbage(_: Path, backup: Path) -> None:
    """No database at all."""
    backup.write_bytes(b"certainly no database" * 100)


def _strange(_: Path, backup: Path) -> None:
    """Another database."""
    apsw.Connection(str(backup)).execute("CREATE TABLE strange (a)")


def _damaged(file: Path, backup: Path) -> None:
    """A journal with a page that is not one."""
    back_up(file, backup, threading.Event())
    image = bytearray(backup.read_bytes())
    image[4096:8192] = b"\xff" * 4096
    backup.write_bytes(image)


WRONG = {"missing": _missing, "garbage": _garbage, "other": _strange, "damaged": _damaged}


@pytest.mark.parametrize("what", WRONG)
async def test_only_a_sound_journal_is_put_in_place(
    file: Path, clock: HandClock, what: str
) -> None:
    """Else all stays as it is."""
    sample = Sample(body=noise(50_000))
    store = await SqliteStore.open(file, clock)
    await store.journal.accept(sample.accepted())
    await store.close()
    backup = file.with_name("backup")
    WRONG[what](file, backup)
    before = content(file)

    with pytest.raises(BusFault) as refusal:
        await asyncio.to_thread(restore, file, backup)

    assert refusal.value.fault.code == "BACKUP_UNUSABLE"
    assert content(file) == before
