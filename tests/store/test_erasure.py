"""Every store erases what was said of somebody, and keeps that it was said (LGPD)."""

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import psycopg
import pytest

from bus.core.delivery import State, Step
from bus.core.errors import Fault
from bus.core.plan import PlannedDelivery
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.translation import Swap
from bus.engine.verify import Breach, verify
from bus.journal.commands import Claim, Operate, OriginAnswer, Reject, Repeated
from bus.journal.erasure import Erase, Erased
from bus.journal.facts import FactKind
from bus.journal.retention import Prune
from bus.ports.history import Filter, History, Trace
from bus.store.memory import MemoryStore
from bus.store.postgres import PostgresStore, copy_into
from bus.store.postgres.connection import DatabaseAddress
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample, ended, noise
from tests.support.clock import HandClock
from tests.support.postgres import database_of
from tests.support.stores import Store, StoreKind

WHOM = "Ana-Lima-12345678909"
"""What must be found nowhere afterwards."""
BODY = noise(5_000) + WHOM.encode()
"""It cannot be compressed, so that it can be looked for in a file."""
ANSWER = f"<ResponseMessage>{WHOM}</ResponseMessage>".encode() * 50
FAULT = Fault("REFUSED", "/A/B", 7, {"application": "rm", "reason": WHOM, "value": WHOM})
TABLES = ("facts", "messages", "deliveries", "attempts", "answers", "bodies")


@pytest.fixture
async def sound(store: Store) -> AsyncIterator[Store]:
    """A journal that is proved to be sound in the end."""
    yield store
    found = await verify(store.history, store.crossreference)
    assert found.discrepancies == ()
    assert found.received == found.rejected + found.repeats + found.accepted


async def trace_of(store: Store, message: str) -> Trace:
    """Everything of a message."""
    trace = await store.history.trace(message)
    assert trace is not None
    return trace


async def claimed(store: Store) -> Claim:
    """The delivery that is due."""
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    return claim


async def sent(store: Store, sample: Sample | None = None) -> Sample:
    """A message that says everything of somebody, everywhere: busy first, and then delivered."""
    sample = sample or Sample(body=BODY)
    keys = (("Name", WHOM), ("Code", sample.code))
    plans = (PlannedDelivery("rm", "c", sent_uuid=sample.uuid, safe=True),)
    await store.journal.accept(sample.accepted(business_keys=keys, plans=plans))
    claim = await claimed(store)
    await store.journal.record_progress(claim, "call", f'"{WHOM}"')
    swap = Substitutions((Swap("Item", "/Code", "A", WHOM),), None)
    said = {"answer": OriginAnswer("OK", ANSWER, original=True), "raw": ANSWER, "fault": FAULT}
    await store.journal.record(
        ended(claim, Step.DELIVER, substitutions=swap, complaints=(FAULT,), **said)
    )
    return sample


async def rejected(store: Store) -> Sample:
    """A message that was rejected, with a fault that quotes it."""
    sample = Sample(body=BODY)
    await store.journal.reject(Reject(sample.entry, (FAULT,), sample.identity))
    return sample


async def discarded(store: Store) -> Sample:
    """A message that was refused in the middle of a send, and given up by a person in his words."""
    sample = Sample(body=BODY)
    await store.journal.accept(sample.accepted())
    claim = await claimed(store)
    await store.journal.record_progress(claim, "call", f'"{WHOM}"')
    answer = OriginAnswer("ERROR", ANSWER, "REFUSED")
    await store.journal.record(ended(claim, Step.REFUSE, answer=answer))
    await store.journal.act(Operate(sample.id, Step.DISCARD, 1, "ana", f"{WHOM} quer assim"))
    return sample


async def erase(store: Store, *samples: Sample, dry: bool = False) -> Erased:
    """Has their contents erased."""
    ids = tuple(one.id for one in samples)
    return await store.journal.erase(Erase(ids, "ana", "pedido 7", dry))


async def said(store: Store) -> str:
    """All that the journal keeps, as text."""
    history = store.history
    return "\n".join([repr(row) for name in TABLES async for row in await history.audit(name)])


@pytest.mark.parametrize("make", [sent, rejected, discarded])
async def test_nothing_of_it_is_left(sound: Store, make: object) -> None:
    """Neither what came, nor what was answered, nor the words of faults and people."""
    sample: Sample = await make(sound)  # type: ignore[operator]
    assert WHOM in await said(sound)
    assert (WHOM in repr((await trace_of(sound, sample.id)).progress)) == (make is discarded)

    done = await erase(sound, sample)

    assert [row.id for row in done.erased] == [sample.id]
    assert WHOM not in await said(sound)
    assert WHOM not in repr(await trace_of(sound, sample.id))
    assert await sound.history.body(sample.id) is None
    assert await sound.history.messages(Filter(key=WHOM)) == ()
    assert await sound.history.messages(Filter(key=sample.code)) == ()


async def test_that_it_was_said_stays(sound: Store) -> None:
    """When, by whom, to whom, what came of it, and the hash; a fact tells who asked, and why."""
    sample = await sent(sound)
    before = await trace_of(sound, sample.id)

    await erase(sound, sample)

    after = await trace_of(sound, sample.id)
    *facts, told = after.facts
    assert (told.kind, told.actor, told.reason) == (FactKind.ERASED, "ana", "pedido 7")
    assert after.message.erased == told.at
    assert after.message._replace(erased=0) == before.message
    assert [fact[:7] for fact in facts] == [fact[:7] for fact in before.facts]
    assert [fact.data.get("planned") for fact in facts] == [
        fact.data.get("planned") for fact in before.facts
    ]
    assert [row.state for row in after.deliveries] == [State.DELIVERED]
    (attempt,) = after.attempts
    assert attempt.fault == Fault("REFUSED", "/A/B", 7)
    assert attempt.substitutions == NO_SUBSTITUTIONS
    assert (after.answers[0].status, after.answers[0].body) == ("OK", b"")
    assert await sound.history.find(sample.uuid) == (after.message,)


async def test_others_stay_as_they_are(sound: Store) -> None:
    """What is erased is one's own alone."""
    gone, kept = await sent(sound), await sent(sound)
    before = await trace_of(sound, kept.id)

    await erase(sound, gone)

    assert await trace_of(sound, kept.id) == before
    assert await sound.history.body(kept.id) == BODY
    assert len(await sound.history.messages(Filter(key=WHOM))) == 1


async def test_what_is_open_keeps_all_from_being_erased(sound: Store) -> None:
    """All or none: nobody should believe that it is done."""
    done, waits = await sent(sound), Sample(body=BODY)
    await sound.journal.accept(waits.accepted())

    tried = await erase(sound, done, waits, dry=True)
    told = await erase(sound, done, waits)

    assert [[row.id for row in rows] for rows in tried] == [[done.id], [], [waits.id]]
    assert [[row.id for row in rows] for rows in told] == [[], [], [waits.id]]
    assert await sound.history.body(done.id) == BODY
    assert (await claimed(sound)).body == BODY


async def test_a_trial_erases_nothing(sound: Store) -> None:
    """It tells what would be erased."""
    sample = await sent(sound)
    before = await said(sound)

    assert [row.id for row in (await erase(sound, sample, dry=True)).erased] == [sample.id]

    assert await said(sound) == before


async def test_twice_is_once(sound: Store) -> None:
    """One fact tells it."""
    sample = await sent(sound)
    await erase(sound, sample)

    again = await erase(sound, sample)

    assert [[row.id for row in rows] for rows in again] == [[], [sample.id], []]
    kinds = [fact.kind for fact in (await trace_of(sound, sample.id)).facts]
    assert kinds.count(FactKind.ERASED) == 1


async def test_a_repeat_of_it_is_a_repeat(sound: Store) -> None:
    """It is not sent twice because nobody knows what it said."""
    sample = await sent(sound)
    await erase(sound, sample)

    again = await sound.journal.accept(Sample(uuid=sample.uuid, body=BODY).accepted())

    assert isinstance(again, Repeated)


async def test_what_was_erased_can_be_let_go(sound: Store, clock: HandClock) -> None:
    """As all that is finished."""
    sample = await sent(sound)
    await erase(sound, sample)
    clock.advance(10)

    assert (await sound.journal.prune(Prune(clock.now()))).messages == 1

    assert await sound.history.trace(sample.id) is None


@pytest.mark.parametrize(("sql", "breach"), [
    ("DELETE FROM bodies", Breach.BODY_MISSING),
    ("UPDATE messages SET erased = 1", Breach.ERASURE_UNTOLD),
])  # fmt: skip
async def test_what_is_gone_without_a_fact_is_a_discrepancy(
    lasting: StoreKind, tmp_path: Path, clock: HandClock, sql: str, breach: Breach
) -> None:
    """An erasure is a fact."""
    store = await lasting.open(tmp_path, clock)
    await sent(store)
    run(lasting, tmp_path, sql)

    found = await verify(store.history, store.crossreference)

    assert breach in {one.kind for one in found.discrepancies}
    await store.close()


async def test_a_body_that_is_there_though_it_was_erased_is_a_discrepancy(
    lasting: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """Somebody put it back."""
    store = await lasting.open(tmp_path, clock)
    await erase(store, await sent(store))
    run(lasting, tmp_path, "INSERT INTO bodies SELECT id, '123' FROM messages")

    found = await verify(store.history, store.crossreference)

    assert [one.kind for one in found.discrepancies] == [Breach.BODY_LEFT]
    await store.close()


@pytest.mark.parametrize("erased", [False, True])
async def test_facts_lose_words_by_an_erasure_alone(
    lasting: StoreKind, tmp_path: Path, clock: HandClock, *, erased: bool
) -> None:
    """And never what they are: the database itself refuses it."""
    store = await lasting.open(tmp_path, clock)
    sample = await sent(store)
    if erased:
        await erase(store, sample)
    await store.close()

    change = "UPDATE facts SET kind = 'x'" if erased else "UPDATE facts SET reason = 'x'"
    with pytest.raises((apsw.ConstraintError, psycopg.Error), match="append-only"):
        run(lasting, tmp_path, change)


class Erasing:
    """A history that lacks a body at first, and from which it is erased once it was read."""

    def __init__(self, store: MemoryStore, sample: Sample) -> None:
        self._store = store
        self._sample = sample

    def __getattr__(self, name: str) -> object:
        return getattr(self._store.history, name)

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """The rows of a table."""
        return await self._store.history.audit("waits" if table == "bodies" else table)

    async def body(self, message: str) -> bytes | None:
        """What was received, and is no more."""
        body = await self._store.history.body(message)
        await erase(self._store, self._sample)
        return body


async def test_erasing_meanwhile_is_no_discrepancy(clock: HandClock) -> None:
    """A body and what is told of it are read one after the other."""
    store = MemoryStore(clock)
    history: History = Erasing(store, await sent(store))  # type: ignore[assignment]

    assert (await verify(history, store.crossreference)).discrepancies == ()


async def test_nothing_is_left_in_the_file(file: Path, clock: HandClock) -> None:
    """Neither in its pages nor in its log, while the bus goes on."""
    store = await SqliteStore.open(file, clock)
    samples = [await sent(store, Sample(body=BODY)) for _ in range(20)]
    whom = WHOM.encode()
    assert whom in b"".join(one.read_bytes() for one in parts(file))

    await erase(store, *samples)

    assert whom not in b"".join(one.read_bytes() for one in parts(file))
    await store.close()


async def test_it_is_copied_as_it_is(tmp_path: Path, file: Path, clock: HandClock) -> None:
    """A backup has what is left, and is as sound."""
    store = await SqliteStore.open(file, clock)
    await erase(store, await sent(store))
    await sent(store)
    await store.history.back_up(tmp_path / "copy.db")
    await store.close()

    async with SqliteStore.open_reading(tmp_path / "copy.db") as reading:
        found = await verify(reading.history, reading.crossreference)

    assert (found.discrepancies, found.accepted) == ((), 2)


async def test_it_goes_to_a_server_and_back(tmp_path: Path, file: Path, clock: HandClock) -> None:
    """With what was let go and what was erased, a journal is as sound wherever it is copied."""
    store = await SqliteStore.open(file, clock)
    await sent(store)
    clock.advance(10)
    assert (await store.journal.prune(Prune(clock.now()))).messages == 1
    gone, kept = await sent(store), await sent(store)
    await erase(store, gone)
    await store.close()

    url = database_of(tmp_path)
    copy_into(url, file, clock.now())
    server = await PostgresStore.open(url, clock)
    found = await verify(server.history, server.crossreference)
    trace = await trace_of(server, gone.id)
    body = await server.history.body(kept.id)
    await server.history.back_up(tmp_path / "copy.db")
    await server.close()
    async with SqliteStore.open_reading(tmp_path / "copy.db") as reading:
        again = await verify(reading.history, reading.crossreference)

    assert (found.discrepancies, found.accepted) == ((), 2)
    assert (again.discrepancies, again.accepted) == ((), 2)
    assert trace.message.erased > 0
    assert body == BODY


def parts(file: Path) -> list[Path]:
    """The file of a journal, and its log."""
    return [one for one in (file, Path(f"{file}-wal")) if one.exists()]


def run(kind: StoreKind, folder: Path, sql: str) -> None:
    """Have a statement carried out beside the bus."""
    if kind.name == "sqlite":
        apsw.Connection(str(folder / "bus.db")).execute(sql.replace("'123'", "x'31'"))
        return
    with DatabaseAddress(database_of(folder)).connect() as connection:
        connection.execute(sql.encode())
