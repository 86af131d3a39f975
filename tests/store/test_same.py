"""Memory, SQLite and PostgreSQL are the same journal: any commands give the same results and the same rows."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.clock import SystemClock
from bus.core.delivery import IllegalStep, Step
from bus.core.identity import Identity
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.journal.commands import Claim, Confirm, Operate
from bus.journal.operate import NoSuchDelivery
from bus.ports.clock import Clock
from bus.ports.journal import Journal
from bus.store.memory import MemoryStore
from bus.store.postgres.shared_time import SharedTime
from tests.semantics.journal import TABLES
from tests.store.samples import Sample, ended
from tests.support.postgres import free_databases
from tests.support.stores import STORES, Store, StoreKind

APPLICATIONS = ("rm", "omie")
WORKERS = ("one", "two")
MINUTE = 60.0


@dataclass
class StillClock(SystemClock):
    """A clock that stands still until it is moved."""

    moved: float = 0.0

    def now(self) -> int:
        """Some time in 2026."""
        return 1_780_000_000_000_000 + int(self.moved * 1_000_000)

    def monotonic(self) -> float:
        """The same, as a stopwatch."""
        return self.moved


@dataclass
class Told:
    """What the commands so far led to: who holds what, and which messages there are."""

    claims: list[Claim] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


Command = Callable[[Journal, Told], Awaitable[object]]


@st.composite
def arrivals(draw: st.DrawFn) -> Command:
    """A message, perhaps a repeat, a correction, a cancellation, or a refused one."""
    destinations = draw(st.sampled_from([("rm",), ("omie",), APPLICATIONS, ()]))
    sample = Sample(
        id=f"0190000{next(_ids):09d}",
        uuid=draw(st.sampled_from(["1", "2", "3"])),
        code=draw(st.sampled_from(["A", "B/C", ""])),
        content=draw(st.sampled_from(["x", "x", "y"])),
    )
    plans = tuple(
        PlannedDelivery(
            name,
            "route",
            ordered=draw(st.booleans()),
            held=position > 0 and draw(st.booleans()),
            on_failure=draw(st.sampled_from(OnFailure)),
            safe=draw(st.booleans()),
            sent_uuid=draw(st.sampled_from([sample.id, sample.uuid])),
        )
        for position, name in enumerate(destinations)
    )
    acceptance = sample.accepted(
        plans=plans,
        answering=draw(st.integers(0, min(1, len(plans)))),
        answer_to=draw(st.sampled_from(["", "protheus"])),
        deadline=draw(st.sampled_from([None, 30.0])),
        worker="one",
        claims=draw(st.sampled_from([frozenset(), frozenset({"rm"})])),
    )
    refused = draw(st.integers(0, 9)) == 0

    async def arrive(journal: Journal, told: Told) -> object:
        told.messages.append(sample.id)
        if refused:
            return await journal.reject(sample.rejected())
        result = await journal.accept(acceptance)
        told.claims += getattr(result, "claims", ())
        return result

    return arrive


@st.composite
def claims(draw: st.DrawFn) -> Command:
    """A worker that asks for work."""
    worker = draw(st.sampled_from(WORKERS))
    room = {name: draw(st.integers(1, 3)) for name in draw(st.sets(st.sampled_from(APPLICATIONS)))}

    async def claim(journal: Journal, told: Told) -> object:
        claimed = await journal.claim(worker, room, MINUTE)
        told.claims += claimed
        return claimed

    return claim


@st.composite
def departures(draw: st.DrawFn) -> Command:
    """A worker that stops, whatever it was sending."""
    worker = draw(st.sampled_from(WORKERS))
    asks = draw(st.sets(st.sampled_from(APPLICATIONS)))

    async def leave(journal: Journal, told: Told) -> object:
        del told
        return await journal.end_leases(worker, frozenset(asks))

    return leave


@st.composite
def starts(draw: st.DrawFn) -> Command:
    """An attempt that begins."""
    which = draw(st.integers(0, 20))

    async def start(journal: Journal, told: Told) -> object:
        return await journal.start(told.claims[which % len(told.claims)]) if told.claims else None

    return start


@st.composite
def ends(draw: st.DrawFn) -> Command:
    """An attempt that ends, in any way, perhaps too late."""
    which = draw(st.integers(0, 20))
    step = draw(
        st.sampled_from([Step.DELIVER, Step.REFUSE, Step.MARK_UNKNOWN, Step.POSTPONE, Step.GIVE_UP])
    )
    changes = {
        "on_failure": draw(st.sampled_from(OnFailure)),
        "wait": draw(st.sampled_from([0.0, 45.0])),
        "costs": draw(st.booleans()),
        "pause": draw(st.sampled_from([None, 0.0, 20.0])),
        "raw": draw(st.binary(max_size=8)),
    }

    async def end(journal: Journal, told: Told) -> object:
        if not told.claims:
            return None
        return await journal.record(ended(told.claims[which % len(told.claims)], step, **changes))

    return end


@st.composite
def settlements(draw: st.DrawFn) -> Command:
    """A response that a destination sends by itself."""
    sample = Sample(
        id=f"0190000{next(_ids):09d}", sender=draw(st.sampled_from(APPLICATIONS)), uuid="r"
    )
    about = draw(st.integers(0, 9))
    heard = draw(st.sampled_from([None, Identity("rm/heard/1"), Identity("rm/heard/2")]))

    async def settle(journal: Journal, told: Told) -> object:
        message = told.messages[about % len(told.messages)] if told.messages else "unknown"
        return await journal.settle(sample.settling(message, identity=heard))

    return settle


@st.composite
def acts(draw: st.DrawFn) -> Command:
    """Something that a person does."""
    which = draw(st.integers(0, 20))
    step = draw(st.sampled_from([Step.REPLAY, Step.BLOCK, Step.UNBLOCK, Step.DISCARD]))
    number = draw(st.integers(0, 2))

    async def act(journal: Journal, told: Told) -> object:
        if not told.messages:
            return None
        message = told.messages[which % len(told.messages)]
        return await journal.act(Operate(message, step, number, actor="operator"))

    return act


@st.composite
def confirmations(draw: st.DrawFn) -> Command:
    """What a person says of a prerequisite, or takes back."""
    asked = Confirm(
        "rm", draw(st.sampled_from(["T-57", "T-74"])), "Ana", withdrawn=draw(st.booleans())
    )

    async def confirm(journal: Journal, _: Told) -> object:
        return await journal.confirm(asked)

    return confirm


_ids = itertools.count(1)
COMMANDS = st.one_of(
    arrivals(),
    arrivals(),
    claims(),
    starts(),
    departures(),
    ends(),
    ends(),
    settlements(),
    acts(),
    confirmations(),
)
PAUSES = st.sampled_from([0.0, 0.0, 0.0, 10.0, 70.0])


SCRIPTS = st.lists(st.tuples(PAUSES, COMMANDS), max_size=25)
ARRIVING = st.lists(arrivals(), min_size=2, max_size=12)
SQLITE, POSTGRES = (kind for kind in STORES if kind.lasting)
FEWER = settings(max_examples=settings().max_examples // 5)
"""Each on a database of its own."""


@given(SCRIPTS)
def test_any_commands_give_the_same_results_and_rows(
    script: Sequence[tuple[float, Command]],
) -> None:
    """Whatever happens, in whatever order."""
    asyncio.run(follow(SQLITE, script))


@FEWER
@given(SCRIPTS)
def test_any_commands_give_the_same_results_and_rows_on_a_server(
    script: Sequence[tuple[float, Command]],
) -> None:
    """Whatever happens, in whatever order."""
    asyncio.run(follow(POSTGRES, script))


@given(ARRIVING)
def test_a_batch_is_the_same_as_one_after_the_other(arriving: Sequence[Command]) -> None:
    """What shares a commit sees what came before it."""
    asyncio.run(arrive_together(SQLITE, arriving))


@FEWER
@given(ARRIVING)
def test_a_batch_is_the_same_as_one_after_the_other_on_a_server(
    arriving: Sequence[Command],
) -> None:
    """What shares a commit sees what came before it."""
    asyncio.run(arrive_together(POSTGRES, arriving))


async def follow(kind: StoreKind, script: Sequence[tuple[float, Command]]) -> None:
    """Carry out a script in memory and in a store, and compare."""
    clock, told = StillClock(), (Told(), Told())
    async with stores(kind, clock) as (memory, kept):
        for pause, command in script:
            clock.moved += pause
            expected = await result(command, memory.journal, told[0])
            assert await result(command, kept.journal, told[1]) == expected
        assert await everything(kept) == await everything(memory)
        said = await memory.history.confirmations()
        assert set(await kept.history.confirmations()) == set(said)


async def arrive_together(kind: StoreKind, arriving: Sequence[Command]) -> None:
    """Have messages arrive one after another in memory, and at once in a store; compare."""
    async with stores(kind, StillClock()) as (memory, kept):
        one_by_one = [await result(command, memory.journal, Told()) for command in arriving]
        together = await asyncio.gather(
            *(result(command, kept.journal, Told()) for command in arriving)
        )
        assert list(together) == one_by_one
        assert await everything(kept) == await everything(memory)


KEEP_STEP = SharedTime.keep_step


def keep_step_with_itself(time: SharedTime, _: int, ahead: int) -> int:
    """As beside a server whose clock stands still and moves with that of the test."""
    return KEEP_STEP(time, time.now() - ahead, ahead)


@asynccontextmanager
async def stores(kind: StoreKind, clock: Clock) -> AsyncIterator[tuple[MemoryStore, Store]]:
    """One in memory and one that lasts, both new; a server's clock stands still, too."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(SharedTime, "keep_step", keep_step_with_itself)
        kept = await kind.open(Path(folder), clock)
        try:
            yield MemoryStore(clock), kept
        finally:
            await kept.close()
            await asyncio.to_thread(free_databases)


async def result(command: Command, journal: Journal, told: Told) -> str:
    """What came of a command, with the types of all that is in it."""
    try:
        return repr(await command(journal, told))
    except (IllegalStep, NoSuchDelivery, KeyError) as error:
        return repr(error)


async def everything(store: Store) -> dict[str, list[str]]:
    """All rows of all tables."""
    return {
        table: sorted([plain(row) async for row in await store.history.audit(table)])
        for table in TABLES
    }


def plain(row: tuple[object, ...]) -> str:
    """A row in which a word of an enumeration is a word, but True is not 1."""
    return repr([str(value) if isinstance(value, str) else value for value in row])
