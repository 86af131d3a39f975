"""S15: nothing is lost, and it is proved; what is broken is reported, and only that."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import NamedTuple, cast

import apsw
import pytest

from bus.core.delivery import Step
from bus.engine.verify import Breach, Verification, verify
from bus.engine.verify.discrepancy import BREACH_TEXTS
from bus.journal.apply import Command
from bus.journal.commands import ChangeDepara
from bus.ports.depara import CrossReference
from bus.ports.history import History
from bus.store.memory import MemoryStore
from bus.store.sqlite import SqliteStore
from depara.model import Key as PairKey
from depara.model import Link, Member, Source
from tests.engine.histories import HISTORIES, Chronicler, wanted, write_all
from tests.support.clock import HandClock
from tests.support.stores import Store, StoreKind

Key = tuple[str, ...]
Writing = Callable[[Chronicler], Awaitable[None]]

LANE = "UPDATE names SET {} WHERE kind = 'lane' AND \"key\" = '{}'"


class Breakage(NamedTuple):
    """A change to a sound journal, and the one thing that is then reported."""

    name: str
    kind: Breach
    sql: str
    message: str = ""
    number: int = 0


BREAKAGES = (
    # -- what was received ------------------------------------------------------------------------
    Breakage(
        "a message that the facts tell of is gone", Breach.MESSAGE_MISSING,
        "DELETE FROM messages WHERE id = 'again'", "again",
    ),
    Breakage(
        "a rejected message is gone", Breach.MESSAGE_MISSING,
        "DELETE FROM messages WHERE id = 'rejected'", "rejected",
    ),
    Breakage(
        "a message without its acceptance", Breach.ARRIVAL_MISSING,
        "DELETE FROM facts WHERE message = 'first' AND kind = 'accepted'", "first",
    ),
    Breakage(
        "a message without its rejection", Breach.ARRIVAL_MISSING,
        "DELETE FROM facts WHERE message = 'rejected'", "rejected",
    ),
    Breakage(
        "a message that was accepted twice", Breach.ARRIVED_TWICE,
        "INSERT INTO facts SELECT position + 1000000, at, kind, message, number, attempt, step,"
        " actor, reason, json_set(data, '$.planned', json_array()) FROM facts"
        " WHERE message = 'first' AND kind = 'accepted'", "first",
    ),
    Breakage(
        "a message whose state is not what was decided", Breach.ARRIVAL_DIFFERS,
        "UPDATE messages SET state = 'accepted' WHERE id = 'rejected'", "rejected",
    ),
    Breakage(
        "a fact that nobody can read", Breach.FACT_UNREADABLE,
        "UPDATE facts SET data = '{' WHERE message = 'first' AND kind = 'accepted'", "first",
    ),
    Breakage(
        "a confirmation that nobody can read", Breach.FACT_UNREADABLE,
        "INSERT INTO facts VALUES (9999999999, 1, 'prerequisite confirmed', '', 0, 0, '', 'Ana', '',"
        " '{}')", "",
    ),
    Breakage(
        "a body that is gone", Breach.BODY_MISSING,
        "DELETE FROM bodies WHERE message = 'again'", "again",
    ),
    Breakage(
        "a byte of a body", Breach.BODY_DIFFERS,
        "UPDATE bodies SET body = CAST('X' || substr(body, 2) AS BLOB) WHERE message = 'again'",
        "again",
    ),
    Breakage(
        "a byte of the body of a rejected message", Breach.BODY_DIFFERS,
        "UPDATE bodies SET body = CAST('X' || substr(body, 2) AS BLOB) WHERE message = 'rejected'",
        "rejected",
    ),
    Breakage(
        "another hash in the row of a message", Breach.HASH_DIFFERS,
        "UPDATE messages SET body_hash = 'another' WHERE id = 'again'", "again",
    ),
    Breakage(
        "a body that is there though it was erased", Breach.BODY_LEFT,
        "INSERT INTO facts SELECT position + 1000000, at, 'erased', message, 0, 0, '', 'ana', '', '{}'"
        " FROM facts WHERE message = 'again' AND kind = 'accepted';"
        "UPDATE messages SET erased = 1 WHERE id = 'again'", "again",
    ),
    Breakage(
        "an erasure of which no fact tells", Breach.ERASURE_UNTOLD,
        "UPDATE messages SET erased = 1 WHERE id = 'again'", "again",
    ),
    Breakage(
        "a body that is nobody's", Breach.ORPHAN,
        "INSERT INTO bodies SELECT 'nobody', body FROM bodies WHERE message = 'again'", "nobody",
    ),
    Breakage(
        "a delivery that is nobody's", Breach.ORPHAN,
        "DELETE FROM messages WHERE id = 'alone'; DELETE FROM facts WHERE message = 'alone';"
        "DELETE FROM bodies WHERE message = 'alone'", "alone",
    ),
    # -- deliveries -------------------------------------------------------------------------------
    Breakage(
        "a delivery that is gone", Breach.DELIVERY_MISSING,
        "DELETE FROM deliveries WHERE message = 'two' AND number = 2", "two", 2,
    ),
    Breakage(
        "the delivery of an answer that is gone", Breach.DELIVERY_MISSING,
        "DELETE FROM deliveries WHERE message = 'two' AND number = 4", "two", 4,
    ),
    Breakage(
        "one delivery too many", Breach.DELIVERY_UNPLANNED,
        "INSERT INTO deliveries SELECT message, 2, kind, destination, rule, '', 0, state, due_at,"
        " deadline, attempts, tries, worker, lease_until, started, safe, sent_uuid, reason, detail,"
        " changed_at, steps, asked, tries_before, confirmed, unheard, check_after, effect FROM deliveries WHERE message = 'alone'", "alone", 2,
    ),
    Breakage(
        "an effect of which no fact tells", Breach.EFFECT_DIFFERS,
        "UPDATE deliveries SET effect = 'confirmed' WHERE message = 'alone'", "alone", 1,
    ),
    Breakage(
        "an answer whose planning nobody told", Breach.DELIVERY_UNPLANNED,
        "DELETE FROM facts WHERE message = 'filtered' AND kind = 'planned'", "filtered", 1,
    ),
    Breakage(
        "another destination", Breach.PLAN_DIFFERS,
        "UPDATE deliveries SET destination = 'j1' WHERE message = 'alone'", "alone", 1,
    ),
    Breakage(
        "another place", Breach.PLAN_DIFFERS,
        "UPDATE deliveries SET seq = 9 WHERE message = 'second'", "second", 1,
    ),
    Breakage(
        "a place that cannot be", Breach.PLAN_DIFFERS,
        "UPDATE deliveries SET seq = 1 << 60 WHERE message = 'second'", "second", 1,
    ),
    Breakage(
        "another lane", Breach.PLAN_DIFFERS,
        "UPDATE deliveries SET lane = 'j1/erp/elsewhere' WHERE message = 'second'", "second", 1,
    ),
    Breakage(
        "more deliveries counted than planned", Breach.COUNT_DIFFERS,
        "UPDATE messages SET deliveries = 7 WHERE id = 'first'", "first",
    ),
    Breakage(
        "fewer copies counted than planned", Breach.COUNT_DIFFERS,
        "UPDATE messages SET planned = 0 WHERE id = 'first'", "first",
    ),
    Breakage(
        "another state", Breach.STATE_DIFFERS,
        "UPDATE deliveries SET state = 'delivered', due_at = NULL WHERE message = 'alone'",
        "alone", 1,
    ),
    Breakage(
        "an end that nobody told", Breach.STATE_DIFFERS,
        "DELETE FROM facts WHERE message = 'again' AND kind = 'attempt ended'", "again", 1,
    ),
    Breakage(
        "a step that there is not", Breach.STEP_ILLEGAL,
        "INSERT INTO facts SELECT position + 1000000, at, 'state changed', message, number, 0, 'replay',"
        " actor, reason, data FROM facts WHERE message = 'again' AND kind = 'attempt ended'",
        "again", 1,
    ),
    Breakage(
        "a replay that nobody told", Breach.STEP_ILLEGAL,
        "DELETE FROM facts WHERE message = 'two' AND step = 'replay' AND reason = 'REPEAT'",
        "two", 2,
    ),
    # -- attempts ---------------------------------------------------------------------------------
    Breakage(
        "an attempt without its outcome", Breach.ATTEMPT_OPEN,
        "UPDATE attempts SET outcome = '' WHERE message = 'again'", "again", 1,
    ),
    Breakage(
        "an attempt that was told and is gone", Breach.ATTEMPT_MISSING,
        "DELETE FROM attempts WHERE message = 'two' AND number = 2 AND attempt = 2", "two", 2,
    ),
    Breakage(
        "an attempt that began and is gone", Breach.ATTEMPT_MISSING,
        "DELETE FROM attempts WHERE message = 'sending'", "sending", 1,
    ),
    Breakage(
        "an attempt that nobody told", Breach.ATTEMPT_UNTOLD,
        "INSERT INTO attempts SELECT message, number, 9, worker, started_at, ended_at, outcome,"
        " fault, substitutions, answer FROM attempts WHERE message = 'again'", "again", 1,
    ),
    Breakage(
        "the end of an attempt that nobody told", Breach.ATTEMPT_UNTOLD,
        "UPDATE attempts SET outcome = 'busy', ended_at = 1 WHERE message = 'sending'",
        "sending", 1,
    ),
    Breakage(
        "a lease that outlived its sending", Breach.LEASE_LEFT,
        "UPDATE deliveries SET worker = 'worker', lease_until = 1 WHERE message = 'again'",
        "again", 1,
    ),
    Breakage(
        "a sending by nobody", Breach.LEASE_MISSING,
        "UPDATE deliveries SET worker = '' WHERE message = 'claimed'", "claimed", 1,
    ),
    Breakage(
        "a beginning that nobody told", Breach.START_DIFFERS,
        "UPDATE deliveries SET started = 1 WHERE message = 'claimed'", "claimed", 1,
    ),
    Breakage(
        "a beginning that the delivery forgot", Breach.START_DIFFERS,
        "UPDATE deliveries SET started = 0 WHERE message = 'sending'", "sending", 1,
    ),
    Breakage(
        "a delivery without a lane that nothing will send", Breach.STUCK,
        "UPDATE deliveries SET due_at = NULL WHERE message = 'alone'", "alone", 1,
    ),
    Breakage(
        "a response that may be late for ever", Breach.STUCK,
        "UPDATE deliveries SET due_at = NULL WHERE message = 'handed over'", "handed over", 1,
    ),
    Breakage(
        "a wait for an id that has no end", Breach.STUCK,
        "UPDATE deliveries SET due_at = NULL WHERE message = 'awaiting'", "awaiting", 1,
    ),
    Breakage(
        "a delivery that nothing wakes", Breach.WAIT_MISSING,
        "DELETE FROM pair_waits WHERE message = 'awaiting'", "awaiting", 1,
    ),
    Breakage(
        "a wait of a delivery that does not wait", Breach.WAIT_LEFT,
        "INSERT INTO pair_waits SELECT entity, application, scope, id, reader, 'woken', number,"
        " path, provider, provided_by, reader_scope FROM pair_waits WHERE message = 'awaiting'", "woken", 1,
    ),
    # -- the de-para ------------------------------------------------------------------------------
    Breakage(
        "a change of the de-para that nobody told", Breach.CHANGE_UNTOLD,
        "DELETE FROM facts WHERE kind = 'de-para changed'",
    ),
    Breakage(
        "a row of the de-para by a change that there is not", Breach.CHANGE_UNTOLD,
        "INSERT INTO pair_rows SELECT 99, identity, entity, application, scope, 'y', qualifier,"
        " since, until, source, 99, closed_by FROM pair_rows WHERE id = 'x'",
    ),
    Breakage(
        "a change of the de-para that is gone", Breach.CHANGE_MISSING,
        "DELETE FROM pair_changes",
    ),
    Breakage(
        "a row of the de-para that is gone", Breach.PAIRS_DIFFER,
        "DELETE FROM pair_rows WHERE id = 'x'",
    ),
    Breakage(
        "a row of the de-para too many", Breach.PAIRS_DIFFER,
        "INSERT INTO pair_rows SELECT 99, identity, entity, application, scope, 'y', qualifier,"
        " since, until, source, opened_by, closed_by FROM pair_rows WHERE id = 'x'",
    ),
    Breakage(
        "another id in a row of the de-para", Breach.PAIRS_DIFFER,
        "UPDATE pair_rows SET id = 'X' WHERE id = 'x'",
    ),
    Breakage(
        "a row of the de-para that names another thing", Breach.PAIRS_DIFFER,
        "UPDATE pair_rows SET identity = 99 WHERE id = 'x'",
    ),
    Breakage(
        "a row of the de-para that nobody closed", Breach.PAIRS_DIFFER,
        "UPDATE pair_rows SET until = since + 1, closed_by = opened_by WHERE id = 'x'",
    ),
    # -- answers ----------------------------------------------------------------------------------
    Breakage(
        "an answer that is gone", Breach.ANSWER_MISSING,
        "DELETE FROM answers WHERE message = 'again'", "again",
    ),
    Breakage(
        "the answer to a caller whose message was withdrawn is gone", Breach.ANSWER_MISSING,
        "DELETE FROM answers WHERE message = 'unsent' AND number = 1", "unsent",
    ),
    Breakage(
        "an answer that the message does not point to", Breach.ANSWER_OWED,
        "UPDATE messages SET answer = 0 WHERE id = 'unsent'", "unsent",
    ),
    Breakage(
        "the answer to a filtered message that it does not point to", Breach.ANSWER_OWED,
        "UPDATE messages SET answer = 0 WHERE id = 'filtered'", "filtered",
    ),
    Breakage(
        "another answer than was told", Breach.ANSWER_DIFFERS,
        "UPDATE messages SET answer = 2 WHERE id = 'released'", "released",
    ),
    Breakage(
        "an answer before anything was decided", Breach.ANSWER_DIFFERS,
        "UPDATE messages SET answer = 1 WHERE id = 'first'", "first",
    ),
    Breakage(
        "an answer that nobody told", Breach.ANSWER_DIFFERS,
        "DELETE FROM facts WHERE message = 'again' AND kind = 'answered'", "again",
    ),
    Breakage(
        "an answer that its origin takes and nothing brings", Breach.ANSWER_UNDELIVERED,
        "UPDATE messages SET answer_to = 'erp' WHERE id = 'again'", "again",
    ),
    # -- lanes ------------------------------------------------------------------------------------
    Breakage(
        "a lane that is gone", Breach.LANE_MISSING,
        "DELETE FROM names WHERE kind = 'lane' AND \"key\" = 'j1/erp/j1'",
    ),
    Breakage(
        "a lane that counts a place too many", Breach.LANE_COUNT,
        LANE.format("entered = entered + 1", "j1/erp/j1"),
    ),
    Breakage(
        "a lane that counts a place too few", Breach.LANE_COUNT,
        LANE.format("entered = entered - 1", "j1/erp/j1"),
    ),
    Breakage(
        "a head that has gone past what waits", Breach.LANE_HEAD,
        LANE.format("head = head + 1", "j1/erp/j1"), "first", 1,
    ),
    Breakage(
        "a head that stands at what is gone", Breach.LANE_HEAD,
        LANE.format("head = head - 1", "a1/erp/a1"), "again", 1,
    ),
    Breakage(
        "a head beyond the end", Breach.HEAD_BEYOND,
        LANE.format("head = head + 1", "a1/erp/a1"),
    ),
    Breakage(
        "a head that nothing will send", Breach.HEAD_STUCK,
        "UPDATE deliveries SET due_at = NULL WHERE message = 'first'", "first", 1,
    ),
    Breakage(
        "a time set out of turn", Breach.OUT_OF_TURN,
        "UPDATE deliveries SET due_at = 1 WHERE message = 'second'", "second", 1,
    ),
    Breakage(
        "one place for two", Breach.PLACE_SHARED,
        "UPDATE deliveries SET seq = 1 WHERE message = 'wrong'", "wrong", 1,
    ),
    Breakage(
        "a place that nobody has", Breach.PLACE_EMPTY,
        LANE.format("head = 1", "e1/erp/e1"),
    ),
    Breakage(
        "a message of which everything is gone", Breach.PLACE_UNTOLD,
        "DELETE FROM facts WHERE message = 'old'; DELETE FROM deliveries WHERE message = 'old';"
        "DELETE FROM attempts WHERE message = 'old'; DELETE FROM answers WHERE message = 'old';"
        "DELETE FROM bodies WHERE message = 'old'; DELETE FROM messages WHERE id = 'old'",
    ),
)  # fmt: skip


@pytest.fixture
def clock() -> HandClock:
    """A clock that the test can set."""
    return HandClock()


@dataclass(frozen=True)
class Journal:
    """A sound journal file, to be broken."""

    file: Path

    @contextmanager
    def broken(self) -> Iterator[apsw.Connection]:
        """Change what nothing but a defect could change."""
        connection = apsw.Connection(str(self.file))
        with connection:
            connection.execute("DROP TRIGGER facts_are_never_changed")
            connection.execute("DROP TRIGGER facts_are_never_removed")
            connection.execute("DROP INDEX deliveries_by_place")
            yield connection
        connection.close()

    @asynccontextmanager
    async def history(self) -> AsyncIterator[tuple[History, CrossReference]]:
        """Read it."""
        async with SqliteStore.open_reading(self.file) as reading:
            yield reading


async def _write_into(file: Path) -> None:
    clock = HandClock()
    store = await SqliteStore.open(file, clock)
    await write_all(store, clock)
    await store.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All histories in one file, written once."""
    file = tmp_path_factory.mktemp("sound") / "bus.db"
    asyncio.run(_write_into(file))
    return file


@pytest.fixture
def journal(sound: Path, tmp_path: Path) -> Journal:
    """A copy of it to break."""
    return Journal(Path(shutil.copy(sound, tmp_path)))


def is_balanced(told: Verification) -> bool:
    """Whether everything received is accounted for."""
    return told.received == told.rejected + told.repeats + told.accepted


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
async def test_a_sound_journal_has_no_discrepancies(
    store_kind: StoreKind, tmp_path: Path, clock: HandClock, history: Writing
) -> None:
    """Whatever has happened in it."""
    store = await store_kind.open(tmp_path, clock)
    await history(Chronicler(store, clock))

    told = await verify(store.history, store.crossreference)
    await store.close()

    assert told.discrepancies == ()
    assert is_balanced(told)


async def test_what_was_received_and_what_became_of_it_is_counted(
    store_kind: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """From the facts and from the tables."""
    store = await store_kind.open(tmp_path, clock)
    await HISTORIES[0](Chronicler(store, clock))

    told = await verify(store.history, store.crossreference)
    await store.close()

    assert (told.received, told.rejected, told.repeats, told.accepted) == (6, 1, 2, 3)
    assert told.deliveries == {"delivered": 2}


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.name)
async def test_what_is_broken_is_reported_and_only_that(
    journal: Journal, breakage: Breakage
) -> None:
    """One row of each kind, broken behind the back of the bus."""
    with journal.broken() as connection:
        connection.execute(breakage.sql)

    async with journal.history() as history:
        told = await verify(*history)

    found = [(one.kind, one.message, one.number) for one in told.discrepancies]
    assert found == [(breakage.kind, breakage.message, breakage.number)]


def test_a_row_of_every_kind_is_broken() -> None:
    """So that no kind of discrepancy is only believed to be found; two have tests of their own."""
    others = {Breach.FILE_DAMAGED, Breach.WAIT_NEEDLESS}
    assert {one.kind for one in BREAKAGES} == set(Breach) - others


class BrokenWaking(NamedTuple):
    """What is taken out of the journal, and whether the pair is there before the wait begins."""

    function: str
    pair_first: bool


async def _that_waits(store: Store, clock: HandClock, *, pair_first: bool) -> None:
    """A delivery begins to wait for an id, and its pair is made after that or just before."""
    write = Chronicler(store, clock)
    missing = wanted("awaiting", "k1")
    link = Link(Member(missing.key), (Member(PairKey("Item", "k1", "", "x")),))
    asked = ChangeDepara("ana", Source.PERSON, links=(link,))
    await write.accept("awaiting", "k1")
    claim = await write.begin("k1")
    if pair_first:
        await store.crossreference.amend(asked)
    await write.end(claim, Step.AWAIT_DEPARA)
    if not pair_first:
        await store.crossreference.amend(asked)


@pytest.mark.parametrize(
    "broken",
    [BrokenWaking("_wake_all", pair_first=False), BrokenWaking("_known", pair_first=True)],
    ids=["a new pair wakes nobody", "a pair of a moment before is overlooked"],
)
async def test_a_wait_for_a_pair_that_exists_is_reported(
    store_kind: StoreKind,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: BrokenWaking,
) -> None:
    """Whatever is broken of the waking."""
    monkeypatch.setattr(f"bus.journal.depara.{broken.function}", lambda *_: ())
    clock = HandClock()
    store = await store_kind.open(tmp_path, clock)
    await _that_waits(store, clock, pair_first=broken.pair_first)

    told = await verify(store.history, store.crossreference)
    await store.close()

    (found,) = told.discrepancies
    assert (found.kind, found.message, found.number) == (Breach.WAIT_NEEDLESS, "awaiting", 1)
    assert "Item awaiting" in found.problem.en


@pytest.mark.parametrize("pair_first", [False, True])
async def test_a_wait_that_was_ended_is_not(
    store_kind: StoreKind, tmp_path: Path, clock: HandClock, pair_first: bool
) -> None:
    """The same, with nothing broken."""
    store = await store_kind.open(tmp_path, clock)
    await _that_waits(store, clock, pair_first=pair_first)

    told = await verify(store.history, store.crossreference)
    await store.close()

    assert told.discrepancies == ()


def spoil(file: Path, name: str, at: int, content: bytes) -> None:
    """Write over the first page of a table or an index, as a failing disk does."""
    connection = apsw.Connection(str(file))
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).get
    size = connection.pragma("page_size")
    connection.close()
    with file.open("r+b") as image:
        image.seek((page - 1) * size + at)
        image.write(content)


async def test_what_sqlite_finds_wrong_with_the_file_is_told(journal: Journal) -> None:
    """An index that has forgotten its rows: the facts and the tables agree all the same."""
    spoil(journal.file, "deliveries_by_place", 3, bytes(2))
    async with journal.history() as history:
        told = await verify(*history)

    assert {one.kind for one in told.discrepancies} == {Breach.FILE_DAMAGED}
    assert is_balanced(told)
    assert all("damaged: " in one.problem.en for one in told.discrepancies)


async def test_a_file_that_cannot_be_read_through_is_told_as_damaged(journal: Journal) -> None:
    """Not as a failure of the command."""
    spoil(journal.file, "facts", 0, b"\xff" * 64)
    async with journal.history() as history:
        told = await verify(*history)

    assert {one.kind for one in told.discrepancies} == {Breach.FILE_DAMAGED}


@pytest.mark.parametrize("sql", [
    "DELETE FROM facts WHERE message = 'rejected'",
    "DELETE FROM messages WHERE id = 'again'",
])  # fmt: skip
async def test_a_record_that_is_gone_upsets_the_balance(journal: Journal, sql: str) -> None:
    """The two records are counted apart."""
    with journal.broken() as connection:
        connection.execute(sql)

    async with journal.history() as history:
        assert not is_balanced(await verify(*history))


async def test_a_body_may_be_gone_where_a_fact_tells_that_it_was_erased(journal: Journal) -> None:
    """The law may ask for it."""
    with journal.broken() as connection:
        connection.execute(
            "INSERT INTO facts SELECT position + 1000000, at, 'erased', message, 0, 0, '', 'ana',"
            " '', '{}' FROM facts WHERE message = 'again' AND kind = 'accepted';"
            "UPDATE messages SET erased = 1 WHERE id = 'again';"
            "DELETE FROM bodies WHERE message = 'again'"
        )

    async with journal.history() as history:
        assert (await verify(*history)).discrepancies == ()


def test_the_texts_of_a_kind_tell_the_same_in_both_languages() -> None:
    """With the same details."""
    for kind in Breach:
        text = BREACH_TEXTS[kind].text
        assert _details(text.pt) == _details(text.en)
        assert text.pt != text.en


def _details(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# -- beside a bus that goes on -------------------------------------------------------------------


class Stepping(MemoryStore):
    """A journal whose commands wait until they are let through, one at a time."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.turns = asyncio.Semaphore(0)
        self.hands = clock

    async def _carry_out(self, command: Command) -> object:
        await self.turns.acquire()
        return await super()._carry_out(command)

    async def write(self, *histories: Writing) -> None:
        """Write histories, as fast as they are let."""
        for history in histories:
            await history(Chronicler(self, self.hands))


class Moving:
    """A history that is read row by row, while now and then a command gets through."""

    def __init__(self, store: Stepping, seed: int) -> None:
        self._store = store
        self._chance = random.Random(seed)
        self.trace = store.history.trace
        self.damage = store.history.damage
        self.body = store.history.body

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """All rows of a table, each as it is when it is its turn."""
        return self._rows(table)

    async def _rows(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        last: Key | None = None
        while row := await self._after(table, last):
            last, found = row
            yield found
            if self._chance.random() < 0.1:
                self._store.turns.release()
                await asyncio.sleep(0)

    async def _after(self, table: str, last: Key | None) -> tuple[Key, tuple[object, ...]] | None:
        rows = [row async for row in await self._store.history.audit(table)]
        width = {"deliveries": 2, "attempts": 3, "answers": 2, "waits": 11}.get(table, 1)
        for at, row in enumerate(rows):
            key = cast("Key", (at,) if table == "facts" else row[:width])
            if last is None or key > last:
                return key, row
        return None


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("stuck", [False, True])
async def test_what_goes_on_meanwhile_is_no_discrepancy(
    clock: HandClock, seed: int, stuck: bool
) -> None:
    """The tables are read one after the other; what is wrong all the time is found all the same."""
    store = Stepping(clock)
    store.turns = asyncio.Semaphore(10_000)
    await store.write(*HISTORIES[:3], HISTORIES[-1])
    if stuck:
        rows = store.tables.kept.deliveries
        rows["first", 1] = rows["first", 1]._replace(due_at=None)
    store.turns = asyncio.Semaphore(0)
    going_on = asyncio.create_task(store.write(*HISTORIES[3:-1]))

    told = await verify(cast("History", Moving(store, seed)), store.crossreference)
    for _ in range(1_000):
        store.turns.release()
    await going_on

    found = [(one.kind, one.message) for one in told.discrepancies]
    assert found == ([(Breach.HEAD_STUCK, "first")] if stuck else [])
    assert is_balanced(told)
