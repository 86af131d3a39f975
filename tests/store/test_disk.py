"""Promise 1: what was accepted is on disk. Its power fails at any moment; all receipts are there."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from bus.clock import SystemClock
from bus.core.delivery import State
from bus.core.errors import BusFault
from bus.engine.verify import verify
from bus.journal.commands import Accepted
from bus.store.sqlite import SqliteStore, checkpoint
from tests.store.crashing_disk import CrashingDisk
from tests.store.samples import Sample, ended

SENDERS = 5
ENDLESS = 10**9
_names = (f"crashing-{number}" for number in itertools.count())


@pytest.fixture(autouse=True)
def busy_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is moved into the file all the time, so that crashes meet that too."""
    monkeypatch.setattr(checkpoint, "PAGES", 60)
    monkeypatch.setattr(checkpoint, "FEW", 20)


@dataclass
class Receipts:
    """What the journal has promised: messages that were accepted, and those that were delivered."""

    accepted: dict[str, Sample] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)


@asynccontextmanager
async def opened(path: Path, disk: CrashingDisk) -> AsyncIterator[SqliteStore]:
    """A journal on a disk that may crash, also while it is opened or closed."""
    store = await SqliteStore.open(path, SystemClock(), vfs=disk.name)
    try:
        yield store
    finally:
        with suppress(BusFault, apsw.Error):
            await store.close()


async def work(store: SqliteStore, receipts: Receipts, disk: CrashingDisk, enough: int) -> None:
    """Accept and deliver until the disk crashes, or there are enough receipts."""
    chance = random.Random(enough)

    async def send() -> None:
        while not disk.crashed and len(receipts.accepted) < enough:
            sample = Sample(code=f"C{chance.randrange(9)}", body=chance.randbytes(3000))
            if isinstance(await store.journal.accept(sample.accepted()), Accepted):
                receipts.accepted[sample.id] = sample

    async def deliver() -> None:
        while not disk.crashed and len(receipts.accepted) < enough:
            for claim in await store.journal.claim("worker", {"rm": 3}, 60.0):
                await store.journal.start(claim)
                await store.journal.record(ended(claim))
                receipts.delivered.add(claim.message.id)

    with suppress(BusFault):
        await asyncio.gather(deliver(), *(send() for _ in range(SENDERS)))


async def crash(folder: Path, disk: CrashingDisk, enough: int = ENDLESS) -> Receipts:
    """What was promised by the time the power failed."""
    receipts = Receipts()
    with suppress(BusFault, apsw.Error):
        async with opened(folder / "bus.db", disk) as store:
            await work(store, receipts, disk, enough)
    return receipts


async def missing(folder: Path, survivors: Mapping[str, bytes], receipts: Receipts) -> list[str]:
    """What was promised and is not there when the journal is opened again."""
    await asyncio.to_thread(restore, folder, survivors)
    store = await SqliteStore.open(folder / "bus.db", SystemClock())
    try:
        assert (await verify(store.history, store.crossreference)).discrepancies == ()
        return [why async for why in complaints(store, receipts)]
    finally:
        await store.close()


def restore(folder: Path, survivors: Mapping[str, bytes]) -> None:
    """Write what is left of a disk."""
    folder.mkdir()
    for name, image in survivors.items():
        (folder / name).write_bytes(image)


async def complaints(store: SqliteStore, receipts: Receipts) -> AsyncIterator[str]:
    """Each promise that was not kept."""
    for id_, sample in receipts.accepted.items():
        if await store.history.body(id_) != sample.body:
            yield f"{id_} was accepted"
    for id_ in receipts.delivered:
        trace = await store.history.trace(id_)
        if trace is None or trace.deliveries[0].state is not State.DELIVERED:
            yield f"{id_} was delivered"


@pytest.fixture
def disks() -> Iterator[list[CrashingDisk]]:
    """Disks that are taken away after the test."""
    made: list[CrashingDisk] = []
    yield made
    for disk in made:
        disk.unregister()


def disk_in(disks: list[CrashingDisk], *, life: int = ENDLESS, honest: bool = True) -> CrashingDisk:
    """A disk for one test."""
    disks.append(CrashingDisk(next(_names), life=life, honest=honest))
    return disks[-1]


async def prove(tmp_path: Path, disks: list[CrashingDisk], seed: int) -> Receipts:
    """Let the power fail at some moment, more than once as things come back, and find everything."""
    chance = random.Random(seed)
    disk = disk_in(disks, life=int(10 ** chance.uniform(0, 3.6)))
    receipts = await crash(tmp_path, disk)

    for attempt in range(3):
        survivors = disk.survivors(chance)
        assert await missing(tmp_path / f"after-{attempt}", survivors, receipts) == []
    return receipts


@pytest.mark.parametrize("seed", range(25))
async def test_what_was_accepted_survives_a_crash_at_any_moment(
    tmp_path: Path, disks: list[CrashingDisk], seed: int
) -> None:
    """Whatever the disk had not synced by then."""
    await prove(tmp_path, disks, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1_000, 2_000))
async def test_what_was_accepted_survives_a_crash_at_many_a_moment(
    tmp_path: Path, disks: list[CrashingDisk], seed: int
) -> None:
    """The same, a thousand times."""
    await prove(tmp_path, disks, seed)


@pytest.fixture
def no_checkpoints(busy_checkpoints: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log stays as it is: nothing syncs it but commits."""
    monkeypatch.setattr(checkpoint, "PAGES", ENDLESS)


@pytest.mark.usefixtures("no_checkpoints")
async def test_a_crash_without_syncs_is_noticed(tmp_path: Path, disks: list[CrashingDisk]) -> None:
    """The proof can fail: with synchronous=OFF the same crash loses receipts."""
    disk = disk_in(disks)
    receipts = Receipts()
    async with opened(tmp_path / "bus.db", disk) as store:
        store._opened.writing.pragma("synchronous", "off")  # noqa: SLF001 - no setting for it
        await work(store, receipts, disk, 30)
        survivors = disk.survivors()

    assert await missing(tmp_path / "after", survivors, receipts) != []


@pytest.mark.usefixtures("no_checkpoints")
async def test_a_disk_that_lies_is_noticed(tmp_path: Path, disks: list[CrashingDisk]) -> None:
    """The proof can fail: a disk that says it has synced and has not loses receipts."""
    disk = disk_in(disks)
    receipts = Receipts()
    async with opened(tmp_path / "bus.db", disk) as store:
        disk.honest = False
        await work(store, receipts, disk, 30)
        survivors = disk.survivors()

    assert await missing(tmp_path / "after", survivors, receipts) != []


async def test_the_log_is_moved_while_messages_come(
    tmp_path: Path, disks: list[CrashingDisk]
) -> None:
    """So the crashes above met checkpoints, and a log that began anew."""
    path = tmp_path / "bus.db"
    async with opened(path, disk_in(disks)) as store:
        before = path.stat().st_size
        await work(store, Receipts(), disk_in(disks), 300)
        log = path.with_name("bus.db-wal").stat().st_size

        assert path.stat().st_size > before
        assert log < path.stat().st_size
