"""A journal that is not the one that ran here last: what may have been sent is not sent twice."""

import asyncio
import filecmp
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bus.core.delivery import State, Step
from bus.core.errors import BusFault
from bus.core.plan import PlannedDelivery
from bus.edge.story import story_of
from bus.engine.verify import verify
from bus.journal.commands import Claim, Operate
from bus.store.lineage import Vouched
from bus.store.sqlite import SqliteStore
from bus.store.sqlite.backup import back_up
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock

WRITER = """
import asyncio, sys
from pathlib import Path
from bus.clock import SystemClock
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample

async def write():
    store = await SqliteStore.open(Path(sys.argv[1]), SystemClock())
    await store.journal.accept(Sample().accepted())
    print("written", flush=True)
    await asyncio.sleep(3600)

asyncio.run(write())
"""


@asynccontextmanager
async def opened(
    file: Path, clock: HandClock, vouched: Vouched = Vouched.NOTHING
) -> AsyncIterator[SqliteStore]:
    """A journal, and then closed."""
    store = await SqliteStore.open(file, clock, vouched=vouched)
    try:
        yield store
    finally:
        await store.close()


async def put_back(file: Path, clock: HandClock, *commands: object) -> None:
    """Write a journal, copy it, let it go on without the copy, and put the copy in its place."""
    async with opened(file, clock) as store:
        for command in commands:
            await store.journal.accept(command)  # type: ignore[arg-type]
    shutil.copyfile(file, file.with_name("earlier"))
    async with opened(file, clock) as store:
        await store.journal.accept(Sample().accepted())
    shutil.copyfile(file.with_name("earlier"), file)


async def claimed(store: SqliteStore, *asks: str) -> list[Claim]:
    """What a worker gets."""
    return [*await store.journal.claim("worker", {"rm": 9}, 60.0, frozenset(asks))]


async def states(store: SqliteStore, sample: Sample) -> list[State]:
    """How the deliveries of a message stand."""
    trace = await store.history.trace(sample.id)
    assert trace
    return [row.state for row in trace.deliveries]


def safe(sample: Sample) -> tuple[PlannedDelivery, ...]:
    """One delivery that may be repeated."""
    return (PlannedDelivery("rm", "customers", sent_uuid=sample.uuid, safe=True),)


def lose(path: Path | str) -> None:
    """A file is gone."""
    Path(path).unlink()


def write(path: Path | str, content: bytes) -> None:
    """A file is put somewhere."""
    Path(path).write_bytes(content)


@pytest.fixture
def crashed(file: Path, checkout: Path) -> Path:
    """A journal whose process was killed after its first message."""
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "written"
        process.send_signal(signal.SIGKILL)
    return file


async def test_what_may_have_been_sent_is_unknown_when_its_turn_comes(
    file: Path, clock: HandClock
) -> None:
    """Of a journal that goes back in time; what may be repeated is sent, and nothing is lost."""
    unsafe, harmless = Sample(), Sample()
    await put_back(file, clock, unsafe.accepted(), harmless.accepted(plans=safe(harmless)))
    async with opened(file, clock) as store:
        claims = await claimed(store)
        told, found = store.restored, await verify(store.history, store.crossreference)

        assert [claim.message.id for claim in claims] == [harmless.id]
        assert await states(store, unsafe) == [State.UNKNOWN]
    trace = found.restorations
    assert told
    assert (told.code, told.details["count"]) == ("JOURNAL_RESTORED", "1")
    assert found.discrepancies == ()
    assert [fact.data["doubts"] for fact in trace] == [1]


async def test_many_doubts_do_not_keep_the_others_waiting(file: Path, clock: HandClock) -> None:
    """They take no room: one claim passes them all."""
    doubtful, harmless = [Sample() for _ in range(40)], Sample()
    await put_back(
        file,
        clock,
        *(sample.accepted() for sample in doubtful),
        harmless.accepted(plans=safe(harmless)),
    )
    async with opened(file, clock) as store:
        claims = await store.journal.claim("worker", {"rm": 2}, 60.0)
        found = await verify(store.history, store.crossreference)

    assert [claim.message.id for claim in claims] == [harmless.id]
    assert found.deliveries == {"unknown": 40, "sending": 1}
    assert found.discrepancies == ()


async def test_the_trace_tells_why_nobody_knows(file: Path, clock: HandClock) -> None:
    """In the fact, and where the delivery stands."""
    sample = Sample()
    await put_back(file, clock, sample.accepted())
    async with opened(file, clock) as store:
        await claimed(store)
        trace = await store.history.trace(sample.id)

    assert trace
    assert trace.deliveries[0].why == "JOURNAL_RESTORED"
    assert "JOURNAL_RESTORED" in {fact.reason for fact in trace.facts}
    (told,) = story_of(trace).deliveries
    assert told.untold
    assert told.untold.code == "MAYBE_SENT_BEFORE"
    assert f"`bus settle {sample.id} --done`" in told.untold.remedy("en")


async def test_its_destination_is_asked_where_it_can_be(file: Path, clock: HandClock) -> None:
    """Before anything is sent."""
    sample = Sample()
    await put_back(file, clock, sample.accepted())
    async with opened(file, clock) as store:
        first = await claimed(store, "rm")
        second = await claimed(store, "rm")

    assert first == []
    assert [(claim.message.id, claim.asks) for claim in second] == [(sample.id, True)]


async def test_a_lane_waits_behind_what_is_in_doubt(file: Path, clock: HandClock) -> None:
    """Each in its turn: the second is in doubt only once the first is settled."""
    first, second = Sample(code="C"), Sample(code="C")
    await put_back(file, clock, first.accepted(), second.accepted())
    async with opened(file, clock) as store:
        await claimed(store)
        before = await states(store, second)
        await store.journal.act(Operate(first.id, Step.DELIVER, 1, "ana", "it is there"))
        claims = await claimed(store)

        assert before == [State.WAITING]
        assert claims == []
        assert await states(store, second) == [State.UNKNOWN]


async def test_a_person_who_looked_has_it_sent(file: Path, clock: HandClock) -> None:
    """A doubt is settled once, also across a restart."""
    sample = Sample()
    await put_back(file, clock, sample.accepted())
    async with opened(file, clock) as store:
        await claimed(store)
    async with opened(file, clock) as store:
        told = store.restored
        await store.journal.act(Operate(sample.id, Step.REPLAY, 1, "ana", "not there"))
        (claim,) = await claimed(store)
        await store.journal.record(ended(claim))
        found = await verify(store.history, store.crossreference)

        assert await states(store, sample) == [State.DELIVERED]
    assert told is None
    assert found.discrepancies == ()


async def test_what_a_person_held_is_in_doubt_when_it_is_let_go(
    file: Path, clock: HandClock
) -> None:
    """The original may have let it go."""
    sample = Sample()
    async with opened(file, clock) as store:
        await store.journal.accept(sample.accepted())
        await store.journal.act(Operate(sample.id, Step.BLOCK, 1, "ana"))
    await put_back(file, clock)
    async with opened(file, clock) as store:
        await store.journal.act(Operate(sample.id, Step.UNBLOCK, 1, "ana"))
        claims = await claimed(store)

        assert claims == []
        assert await states(store, sample) == [State.UNKNOWN]


async def test_what_was_claimed_and_not_begun_is_in_doubt(file: Path, clock: HandClock) -> None:
    """It is not simply sent as after a crash."""
    sample = Sample()
    async with opened(file, clock) as store:
        await store.journal.accept(sample.accepted())
        await claimed(store)
    await put_back(file, clock)
    async with opened(file, clock) as store:
        claims = await claimed(store)
        found = await verify(store.history, store.crossreference)

        assert claims == []
        assert await states(store, sample) == [State.UNKNOWN]
    assert found.discrepancies == ()


@pytest.mark.parametrize("harmless", [False, True])
async def test_what_a_caller_waited_for_is_not_taken_back(
    file: Path, clock: HandClock, *, harmless: bool
) -> None:
    """That nothing was sent is not known, whether sending twice does harm or not."""
    sample = Sample()
    plans = {"plans": safe(sample)} if harmless else {}
    await put_back(file, clock, sample.accepted(deadline=5.0, answering=1, **plans))
    clock.advance(60)
    async with opened(file, clock) as store:
        await store.journal.claim("worker", {}, 60.0)

        assert await states(store, sample) == [State.UNKNOWN]


async def test_doubts_are_told_at_each_start_while_there_are_any(
    file: Path, clock: HandClock
) -> None:
    """An application may be away for long."""
    await put_back(file, clock, Sample().accepted())
    for _ in range(2):
        async with opened(file, clock) as store:
            told = store.restored

        assert told
        assert told.details["count"] == "1"


@pytest.mark.parametrize("with_witness", [False, True])
async def test_a_copy_is_noticed(file: Path, clock: HandClock, *, with_witness: bool) -> None:
    """By itself, or with all that lay beside it: the original may have gone on."""
    sample = Sample()
    async with opened(file, clock) as store:
        await store.journal.accept(sample.accepted())
    elsewhere = file.parent / "elsewhere"
    shutil.copytree(file.parent, elsewhere)
    if not with_witness:
        lose(elsewhere / "bus.db.witness")
    async with opened(elsewhere / "bus.db", clock) as store:
        assert await claimed(store) == []
        assert store.restored
        assert await states(store, sample) == [State.UNKNOWN]


async def test_what_was_moved_is_taken_as_it_is_where_a_person_says_so(
    file: Path, clock: HandClock
) -> None:
    """And from then on it is the one that runs here."""
    sample = Sample()
    async with opened(file, clock) as store:
        await store.journal.accept(sample.accepted())
    moved = file.parent / "moved.db"
    shutil.copyfile(file, moved)
    async with opened(moved, clock, Vouched.MOVED) as store:
        told = store.restored
    async with opened(moved, clock) as store:
        (claim,) = await claimed(store)

        assert (told, store.restored) == (None, None)
    assert claim.message.id == sample.id


async def test_that_it_was_moved_does_not_excuse_what_is_missing(
    file: Path, clock: HandClock
) -> None:
    """A journal that goes back in time is told all the same."""
    await put_back(file, clock, Sample().accepted())
    async with opened(file, clock, Vouched.MOVED) as store:
        assert store.restored


async def test_a_backup_is_noticed_even_where_nothing_happened_since(
    file: Path, clock: HandClock
) -> None:
    """It is a generation of its own."""
    async with opened(file, clock) as store:
        await store.journal.accept(Sample().accepted())
    backup = file.with_name("backup")
    await asyncio.to_thread(back_up, file, backup, threading.Event())
    shutil.copyfile(backup, file)
    async with opened(file, clock) as store:
        assert store.restored


async def test_one_that_was_killed_goes_on_as_before(crashed: Path, clock: HandClock) -> None:
    """A crash is no reason for doubt."""
    async with opened(crashed, clock) as store:
        claims = await claimed(store)

        assert store.restored is None
    assert len(claims) == 1


async def test_a_log_that_is_missing_is_told_and_needs_a_yes(
    crashed: Path, clock: HandClock
) -> None:
    """As often as it is tried; with the yes the bus goes on, and the journal says so for ever."""
    lose(f"{crashed}-wal")
    for _ in range(2):
        with pytest.raises(BusFault) as refusal:
            await SqliteStore.open(crashed, clock)
        assert refusal.value.fault.code == "JOURNAL_LOG_MISSING"

    async with opened(crashed, clock, Vouched.LOSS) as store:
        found = await verify(store.history, store.crossreference)
    async with opened(crashed, clock) as store:
        assert store.restored is None
    assert [fact.data["why"] for fact in found.restorations] == ["crashed"]


@pytest.mark.parametrize("left", [None, b""])
async def test_a_journal_that_is_gone_is_not_begun_anew_without_a_yes(
    file: Path, clock: HandClock, left: bytes | None
) -> None:
    """Deleted, or empty."""
    async with opened(file, clock) as store:
        await store.journal.accept(Sample().accepted())
    lose(file)
    if left is not None:
        write(file, left)

    for _ in range(2):
        with pytest.raises(BusFault) as refusal:
            await SqliteStore.open(file, clock)
        assert refusal.value.fault.code == "JOURNAL_GONE"
    async with opened(file, clock, Vouched.LOSS) as store:
        await store.journal.accept(Sample().accepted())


async def test_a_log_of_another_journal_is_not_mixed_in(crashed: Path, clock: HandClock) -> None:
    """A backup that was put over a journal by hand, its log left beside it."""
    backup = crashed.with_name("backup")
    await asyncio.to_thread(back_up, crashed, backup, threading.Event())
    shutil.copyfile(backup, crashed)
    write(f"{crashed}-wal", b"the log of another")

    with pytest.raises(BusFault) as refusal:
        await SqliteStore.open(crashed, clock)

    assert refusal.value.fault.code == "JOURNAL_LOG_FOREIGN"
    assert filecmp.cmp(crashed, backup, shallow=False)


async def test_a_journal_of_a_bus_that_kept_no_witness_is_trusted(
    file: Path, clock: HandClock
) -> None:
    """An older one; from then on it has one."""
    sample = Sample()
    async with opened(file, clock) as store:
        await store.journal.accept(sample.accepted())
        store._opened.writing.pragma("application_id", 0)  # noqa: SLF001 - as older ones have it
    lose(f"{file}.witness")
    async with opened(file, clock) as store:
        told = store.restored
    async with opened(file, clock) as store:
        claims = await claimed(store)

        assert (told, store.restored) == (None, None)
    assert len(claims) == 1
