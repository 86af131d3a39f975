"""The journal is deleted, cut or replaced while it is written: nothing more is promised."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bus.core.errors import BusFault
from bus.journal.commands import Accepted
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample
from tests.support.clock import HandClock


@pytest.fixture
async def written(file: Path, clock: HandClock) -> AsyncIterator[SqliteStore]:
    """A journal with something in it, file and log; and a copy of it as it was before."""
    store = await SqliteStore.open(file, clock)
    await store.history.back_up(file.with_name("backup"))
    await store.journal.accept(Sample().accepted())
    yield store
    await store.close()


def move(file: Path, name: Path) -> None:
    """A file gets another name."""
    file.rename(name)


def delete(file: Path) -> None:
    """The file is gone."""
    file.unlink()


def delete_log(file: Path) -> None:
    """The log is gone."""
    Path(f"{file}-wal").unlink()


def replace(file: Path) -> None:
    """Another file has its name."""
    shutil.copyfile(file, file.with_name("other"))
    file.with_name("other").rename(file)


def overwrite(file: Path) -> None:
    """The same file has the content of another."""
    shutil.copyfile(file.with_name("backup"), file)


def cut(file: Path) -> None:
    """The file is shorter."""
    os.truncate(file, file.stat().st_size - 4096)


def empty(file: Path) -> None:
    """The file has nothing in it."""
    os.truncate(file, 0)


def content(file: Path) -> bytes | None:
    """What is in a file, if it is there."""
    return file.read_bytes() if file.exists() else None


def log_of(file: Path) -> bytes | None:
    """What is in the log of a journal."""
    return content(Path(f"{file}-wal"))


HARM = [delete, delete_log, replace, overwrite, cut, empty]


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
async def test_nothing_is_accepted_or_sent_by_a_journal_that_is_lost(
    written: SqliteStore, file: Path, harm: Callable[[Path], None]
) -> None:
    """From the first commit on, and for as long as the bus runs."""
    assert isinstance(await written.journal.accept(Sample().accepted()), Accepted)
    harm(file)

    for _ in range(2):
        with pytest.raises(BusFault) as refusal:
            await written.journal.accept(Sample().accepted())
        assert refusal.value.fault.code == "JOURNAL_LOST"
    for asked in (written.journal.check(), written.journal.claim("worker", {"rm": 9}, 60.0)):
        with pytest.raises(BusFault, match="JOURNAL_LOST"):
            await asked


@pytest.mark.parametrize("harm", [delete, replace, overwrite], ids=lambda harm: harm.__name__)
async def test_what_lies_in_its_place_is_left_alone(
    file: Path, clock: HandClock, harm: Callable[[Path], None]
) -> None:
    """The bus that lost its journal closes without a trace; so the log beside it is still there."""
    store = await SqliteStore.open(file, clock)
    await store.history.back_up(file.with_name("backup"))
    await store.journal.accept(Sample().accepted())
    harm(file)
    with pytest.raises(BusFault, match="JOURNAL_LOST"):
        await store.journal.accept(Sample().accepted())
    before, log = content(file), log_of(file)
    await store.close()

    assert (content(file), log_of(file)) == (before, log)
    assert log


async def test_a_journal_that_is_back_is_not_trusted(written: SqliteStore, file: Path) -> None:
    """What was committed meanwhile was told to have failed: only a start tells what is there."""
    away = file.with_name("away")
    move(file, away)
    with pytest.raises(BusFault, match="JOURNAL_LOST"):
        await written.journal.check()
    move(away, file)

    with pytest.raises(BusFault, match="JOURNAL_LOST"):
        await written.journal.check()


async def test_whoever_reads_beside_it_does_no_harm(written: SqliteStore, file: Path) -> None:
    """A reader comes and goes."""
    async with SqliteStore.open_reading(file) as (history, _):
        await history.stock()

    await written.journal.check()
