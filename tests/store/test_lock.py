"""One process a file: a second is refused, and one that was killed leaves nothing behind."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from bus.core.delivery import State, Step
from bus.core.errors import BusFault
from bus.journal.commands import Accepted
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock

HOLDER = """
import asyncio, sys
from pathlib import Path
from bus.clock import SystemClock
from bus.journal.commands import Accepted
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample

async def hold():
    store = await SqliteStore.open(Path(sys.argv[1]), SystemClock())
    sample = Sample()
    await store.journal.accept(sample.accepted())
    (claim,) = await store.journal.claim("holder", {"rm": 1}, 3600.0)
    await store.journal.start(claim)
    print(sample.id, flush=True)
    await asyncio.sleep(3600)

asyncio.run(hold())
"""


@pytest.fixture
def holder(file: Path, checkout: Path) -> "subprocess.Popen[str]":
    """Another process that holds the journal, in the middle of an attempt."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], cwd=checkout, stdout=subprocess.PIPE, text=True
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    """What a process says first: by then it holds the journal."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_a_second_process_is_refused_until_the_first_is_gone(
    holder: "subprocess.Popen[str]", file: Path, clock: HandClock
) -> None:
    """It is told which file is in use; a kill -9 gives it free, and ends the leases of the dead."""
    with holder:
        message = await asyncio.to_thread(first_line, holder)
        with pytest.raises(BusFault) as refusal:
            await SqliteStore.open(file, clock)
        holder.send_signal(signal.SIGKILL)
    store = await SqliteStore.open(file, clock)
    claims = await store.journal.claim("heir", {"rm": 9}, 60.0)
    trace = await store.history.trace(message)
    await store.close()

    assert refusal.value.fault.code == "JOURNAL_IN_USE"
    assert refusal.value.fault.details["path"] == str(file)
    assert claims == ()
    assert trace is not None
    assert trace.deliveries[0].state is State.UNKNOWN


@pytest.mark.parametrize("way", ["symbolic link", "hard link", "lock removed"])
async def test_the_lock_is_of_the_file_whatever_it_is_called(
    sqlite: SqliteStore, file: Path, clock: HandClock, way: str
) -> None:
    """Another name leads to the same journal, and nothing beside it can be removed to open it."""
    other = file
    if way == "symbolic link":
        other = file.with_name("link.db")
        other.symlink_to(file)
    elif way == "hard link":
        other = file.with_name("link.db")
        other.hardlink_to(file)
    else:
        for beside in file.parent.glob("bus.db.*"):
            beside.unlink()

    with pytest.raises(BusFault) as refusal:
        await SqliteStore.open(other, clock)

    assert refusal.value.fault.code == "JOURNAL_IN_USE"
    await sqlite.journal.check()


async def test_reading_needs_no_lock(sqlite: SqliteStore, file: Path) -> None:
    """People look into a journal while a bus is writing it; both see the same."""
    sample = Sample()
    await sqlite.journal.accept(sample.accepted())

    async with SqliteStore.open_reading(file) as (history, _):
        (found,) = await history.find(sample.id)
        (claim,) = await sqlite.journal.claim("worker", {"rm": 1}, 60.0)
        await sqlite.journal.record(ended(claim, Step.REFUSE))
        trace = await history.trace(sample.id)

    assert found.uuid == sample.uuid
    assert trace is not None
    assert trace.deliveries[0].state is State.REFUSED


async def test_a_reader_cannot_write(sqlite: SqliteStore, file: Path) -> None:
    """Not even a configuration."""
    async with SqliteStore.open_reading(file) as (history, _):
        with pytest.raises(BusFault) as refusal:
            await history.configurations("routes: []", "somebody")

    assert refusal.value.fault.code == "JOURNAL_IN_USE"


async def test_a_file_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    """A mistyped path is told, and leaves no file."""
    missing = tmp_path / "missing.db"

    with pytest.raises(BusFault) as refusal:
        async with SqliteStore.open_reading(missing):
            pass

    assert refusal.value.fault.code == "JOURNAL_UNREADABLE"
    assert str(missing) in refusal.value.fault.reason("pt")
    assert not missing.exists()


def test_a_file_that_is_no_journal_is_left_as_it_is(file: Path, clock: HandClock) -> None:
    """And the journal that should be there can be opened once it is back."""
    file.write_bytes(b"certainly no database" * 100)

    for _ in range(2):
        with pytest.raises(BusFault, match="JOURNAL_UNREADABLE"):
            asyncio.run(SqliteStore.open(file, clock))

    assert file.read_bytes() == b"certainly no database" * 100


async def test_a_stranger_that_locks_the_file_is_told_to_all_who_wait(
    sqlite: SqliteStore, file: Path
) -> None:
    """At once, not to one after the other; when it is gone, the journal goes on."""
    sqlite._opened.writing.set_busy_timeout(50)  # noqa: SLF001 - our patience is longer than a test
    samples = [Sample() for _ in range(20)]
    stranger = apsw.Connection(str(file))
    stranger.execute("BEGIN IMMEDIATE")

    results = await asyncio.gather(
        *(sqlite.journal.accept(sample.accepted()) for sample in samples), return_exceptions=True
    )
    stranger.execute("ROLLBACK")
    again = await asyncio.gather(*(sqlite.journal.accept(one.accepted()) for one in samples))

    assert {str(result).split(":")[0] for result in results} == {"JOURNAL_FAILED"}
    assert all(isinstance(result, Accepted) for result in again)
