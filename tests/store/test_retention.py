"""Every store lets go of what is finished, with all that hangs on it, and of nothing else."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import apsw
import psycopg
import pytest

from bus.core.delivery import State, Step
from bus.core.effect import EffectVerdict
from bus.core.errors import BusFault, Fault
from bus.core.identity import Identity
from bus.core.learning import Lesson
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.engine.verify import Breach, verify
from bus.journal.commands import (
    Accepted,
    ChangeDepara,
    Claim,
    CursorMove,
    Forgotten,
    Operate,
    OriginAnswer,
    Repeated,
)
from bus.journal.effects import RecordEffect
from bus.journal.facts import FactKind
from bus.journal.retention import RETENTION, Prune, Pruned
from bus.journal.rows import MICROSECONDS
from bus.ports.history import Filter, History
from bus.store.memory import MemoryStore
from bus.store.postgres.connection import DatabaseAddress
from bus.store.sqlite import SqliteStore
from depara.model import Key, Link, Member, Source
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock
from tests.support.postgres import database_of
from tests.support.stores import Store, StoreKind

DAY = 86400.0
TABLES = ("facts", "messages", "deliveries", "attempts", "answers", "bodies")
ABSENT = Fault("EFFECT_ABSENT", details={"application": "rm", "ask": "Q 1.000", "owner": "ana"})


@pytest.fixture
async def sound(store: Store) -> AsyncIterator[Store]:
    """A journal that is proved to be sound in the end."""
    yield store
    found = await verify(store.history, store.crossreference)
    assert found.discrepancies == ()
    assert found.received == found.rejected + found.repeats + found.accepted


async def accepted(store: Store, sample: Sample, **changes: object) -> Accepted:
    """What came of a message that was accepted."""
    result = await store.journal.accept(sample.accepted(**changes))
    assert isinstance(result, Accepted)
    return result


async def claimed(store: Store) -> Claim:
    """The delivery that is due."""
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    return claim


async def sent(
    store: Store, step: Step = Step.DELIVER, sample: Sample | None = None, **changes: object
) -> Sample:
    """A message that was sent, and what came of it."""
    sample = sample or Sample()
    await accepted(store, sample)
    answer = OriginAnswer("OK" if step is Step.DELIVER else "ERROR", b"<ResponseMessage/>")
    claim = await claimed(store)
    await store.journal.record(ended(claim, step, **{"answer": answer, **changes}))
    return sample


async def prune(store: Store, clock: HandClock, days: float = 90, **changes: object) -> Pruned:
    """Lets go of what is finished and has been quiet for so many days."""
    before = clock.now() - int(days * DAY * MICROSECONDS)
    asked = Prune(before, actor="ana", reason="old")
    return await store.journal.prune(asked._replace(**changes))  # type: ignore[arg-type]


async def is_there(store: Store, sample: Sample) -> bool:
    """Whether a message is kept."""
    return await store.history.trace(sample.id) is not None


async def test_what_is_finished_goes_with_all_that_is_its_own(
    sound: Store, clock: HandClock
) -> None:
    """It is not found any more, by whatever name; a fact tells how many went, and who wished it."""
    gone = await sent(sound)
    clock.advance(100 * DAY)
    kept = await sent(sound)

    assert await prune(sound, clock) == Pruned(1, "")

    history = sound.history
    assert await history.trace(gone.id) is None
    assert await history.find(gone.uuid) == ()
    assert await history.messages(Filter(key=gone.code)) == ()
    assert len(await history.messages(Filter(key=kept.code))) == 1
    assert await history.facts(gone.id) == ()
    for table in TABLES:
        rows = [row async for row in await history.audit(table)]
        assert not any(gone.id in map(str, row) for row in rows if row[2:3] != ("",))
    assert await history.body(kept.id) == kept.body
    facts = [row async for row in await history.audit("facts")]
    (told,) = [row for row in facts if FactKind.PRUNED in row]
    assert told[6:] == (
        "ana",
        "old",
        {"messages": 1, "first": gone.id, "last": gone.id, "changes": []},
    )


async def test_the_oldest_that_is_kept_is_known(sound: Store, clock: HandClock) -> None:
    """So that people see what they still have."""
    assert await sound.history.oldest() == 0
    first = await sent(sound)
    trace = await sound.history.trace(first.id)
    assert trace is not None
    assert await sound.history.oldest() == trace.message.received_at
    clock.advance(100 * DAY)
    await sent(sound)

    await prune(sound, clock)

    assert await sound.history.oldest() > trace.message.received_at


async def test_what_they_taught_is_told_on(sound: Store, clock: HandClock) -> None:
    """The de-para stays, and the fact of letting go tells what of it they brought."""
    links = tuple(
        Link(Member(Key("item", "erp", "", code)), (Member(Key("item", "rm", "", f"r{code}")),))
        for code in ("A", "B")
    )
    for _ in range(2):
        await sent(sound, lesson=Lesson(links=links))
        links = tuple(Link(one.one, (Member(Key("item", "wms", "", "w")),)) for one in links[:1])
    clock.advance(100 * DAY)

    assert (await prune(sound, clock)).messages == 2

    assert await sound.crossreference.known([Key("item", "erp", "", "A")]) != {}
    facts = await sound.history.facts("")
    (told,) = [fact.data["changes"] for fact in facts if fact.kind == FactKind.PRUNED]
    assert [change for change, _ in told] == [1, 2]  # type: ignore[attr-defined]


async def test_rejected_messages_go_too(sound: Store, clock: HandClock) -> None:
    """Nothing of them is open, and what comes under their identity is new."""
    sample = Sample()
    await sound.journal.reject(sample.rejected())
    clock.advance(100 * DAY)

    assert (await prune(sound, clock)).messages == 1

    await accepted(sound, Sample(uuid=sample.uuid))


# -- never open work -------------------------------------------------------------------------------


async def waiting(store: Store, _: HandClock) -> None:
    """It was not sent yet."""
    await accepted(store, Sample())


async def being_sent(store: Store, _: HandClock) -> None:
    """A worker has it."""
    await accepted(store, Sample())
    await claimed(store)


async def refused(store: Store, _: HandClock) -> None:
    """Its destination said no: a person may send it again."""
    await sent(store, Step.REFUSE)


async def dead(store: Store, _: HandClock) -> None:
    """The bus gave up."""
    await sent(store, Step.GIVE_UP)


async def unknown(store: Store, _: HandClock) -> None:
    """Nobody knows what became of it."""
    await sent(store, Step.MARK_UNKNOWN)


async def blocked(store: Store, _: HandClock) -> None:
    """A person holds it."""
    sample = Sample()
    await accepted(store, sample)
    await store.journal.act(Operate(sample.id, Step.BLOCK))


async def held(store: Store, _: HandClock) -> None:
    """One copy is delivered, and the other one held."""
    plans = (PlannedDelivery("rm", "c"), PlannedDelivery("omie", "c", held=True))
    await accepted(store, Sample(), plans=plans)
    await store.journal.record(ended(await claimed(store)))


async def answer_undelivered(store: Store, _: HandClock) -> None:
    """It is delivered, and its origin has not been told yet."""
    await accepted(store, Sample(), answer_to="protheus")
    await store.journal.record(ended(await claimed(store)))


async def effect_due(store: Store, _: HandClock) -> None:
    """Its destination is to be asked for its effect."""
    await _with_effect(store)


async def effect_absent(store: Store, _: HandClock) -> None:
    """Its destination does not show it: somebody has to look."""
    sample = await _with_effect(store)
    trace = await store.history.trace(sample.id)
    assert trace is not None
    asked = RecordEffect(trace.deliveries[0], EffectVerdict.ABSENT, ABSENT)
    assert (await store.journal.record_effect(asked)).due_at is None


async def _with_effect(store: Store) -> Sample:
    sample = Sample()
    plans = (PlannedDelivery("rm", "c", sent_uuid=sample.uuid, check_after=1.0),)
    await accepted(store, sample, plans=plans)
    await store.journal.record(ended(await claimed(store)))
    return sample


async def in_conflict(store: Store, _: HandClock) -> None:
    """What it taught stands against what is known, and nobody has decided."""
    ids = [Member(Key("item", "rm", "", code)) for code in ("1", "2")]
    links = [Link(Member(Key("item", "erp", "", "A")), (one,)) for one in ids]
    await store.crossreference.amend(ChangeDepara("ana", Source.PERSON, links=(links[0],)))
    sample = await sent(store, lesson=Lesson(links=(links[1],)))
    (conflict,) = await store.crossreference.conflicts()
    assert conflict.message == sample.id


async def discarded_behind_the_head(store: Store, _: HandClock) -> None:
    """Its lane has not passed it."""
    first, second = Sample(code="same"), Sample(code="same")
    await accepted(store, first)
    await accepted(store, second)
    await store.journal.act(Operate(second.id, Step.DISCARD, 1, "ana", "why not"))


async def corrected_by_what_is_open(store: Store, _: HandClock) -> None:
    """What stands in its place may fail, and then its sender may come back to this."""
    await sent(store, Step.REFUSE, Sample(uuid="same", code="same"))
    await accepted(store, Sample(uuid="same", code="same", content="two"))


async def corrected_twice(store: Store, _: HandClock) -> None:
    """So it is where what stands in its place was replaced itself."""
    await sent(store, Step.REFUSE, Sample(uuid="same", code="same"))
    await sent(store, Step.REFUSE, Sample(uuid="same", code="same", content="two"))
    await accepted(store, Sample(uuid="same", code="same", content="three"))


async def repeated_lately(store: Store, clock: HandClock) -> None:
    """Its sender still asks for it."""
    sample = await sent(store)
    clock.advance(200 * DAY)
    again = await store.journal.accept(Sample(uuid=sample.uuid).accepted())
    assert isinstance(again, Repeated)
    clock.advance(-150 * DAY)


@pytest.mark.parametrize(
    "make",
    [
        waiting,
        being_sent,
        refused,
        dead,
        unknown,
        blocked,
        held,
        answer_undelivered,
        effect_due,
        effect_absent,
        in_conflict,
        discarded_behind_the_head,
        corrected_by_what_is_open,
        corrected_twice,
        repeated_lately,
    ],
)
async def test_what_is_open_is_never_let_go(
    sound: Store, clock: HandClock, make: Callable[[Store, HandClock], Awaitable[None]]
) -> None:
    """However old it is."""
    await make(sound, clock)
    clock.advance(100 * DAY)
    there = [row async for row in await sound.history.audit("messages")]

    assert await prune(sound, clock) == Pruned(0, "")

    assert [row async for row in await sound.history.audit("messages")] == there


async def test_what_is_young_is_kept(sound: Store, clock: HandClock) -> None:
    """By what happened to it last, not by when it came."""
    sample = Sample()
    await accepted(sound, sample)
    clock.advance(100 * DAY)
    await sound.journal.record(ended(await claimed(sound)))
    clock.advance(10 * DAY)

    assert (await prune(sound, clock)).messages == 0
    clock.advance(81 * DAY)
    assert (await prune(sound, clock)).messages == 1


# -- what comes later ------------------------------------------------------------------------------


async def test_what_comes_again_is_not_taken_for_new(sound: Store, clock: HandClock) -> None:
    """It may have been sent, so it is not sent again: its sender is told."""
    sample = await sent(sound)
    clock.advance(100 * DAY)
    await prune(sound, clock)

    again = await sound.journal.accept(Sample(uuid=sample.uuid).accepted())
    await sound.journal.reject(Sample(uuid=sample.uuid).rejected())
    after = await sound.journal.accept(Sample(uuid=sample.uuid).accepted())

    assert isinstance(again, Forgotten)
    assert again.identity.message == sample.id
    assert after == again


async def test_what_was_never_sent_is_new_when_it_comes_again(
    sound: Store, clock: HandClock
) -> None:
    """It cannot do harm."""
    sample = Sample()
    await accepted(sound, sample)
    await sound.journal.act(Operate(sample.id, Step.DISCARD, 1, "ana", "why not"))
    clock.advance(100 * DAY)
    await prune(sound, clock)

    await accepted(sound, Sample(uuid=sample.uuid))


async def test_an_identity_by_content_is_forgotten_after_its_window(
    sound: Store, clock: HandClock
) -> None:
    """Where senders repeat their uuids, what is told apart by content may come back later."""
    identity = Identity("erp/by-content", window=int(DAY * MICROSECONDS))
    await accepted(sound, Sample(), identity=identity)
    await sound.journal.record(ended(await claimed(sound)))
    clock.advance(100 * DAY)
    await prune(sound, clock)

    await accepted(sound, Sample(), identity=identity)


async def test_a_lane_goes_on_behind_what_was_let_go(sound: Store, clock: HandClock) -> None:
    """Its places are counted on, whatever was let go between those that stay."""
    samples = [Sample(code="same") for _ in range(4)]
    for sample, step in zip(
        samples, (Step.DELIVER, Step.REFUSE, Step.DELIVER, Step.DELIVER), strict=True
    ):
        await sent(sound, step, sample, on_failure=OnFailure.CONTINUE)
    clock.advance(100 * DAY)

    assert (await prune(sound, clock)).messages == 3

    last = await accepted(sound, Sample(code="same"))
    assert last.deliveries[0].seq == 5
    assert last.deliveries[0].due_at is not None
    assert await is_there(sound, samples[1])


async def test_a_replay_leaves_no_gap_that_nobody_explains(sound: Store, clock: HandClock) -> None:
    """What was sent again had two places in its lane."""
    replayed = await sent(sound, Step.REFUSE, Sample(code="same"), on_failure=OnFailure.CONTINUE)
    await sent(sound, sample=Sample(code="same"))
    await sound.journal.act(Operate(replayed.id, Step.REPLAY, 1, "ana"))
    await sound.journal.record(ended(await claimed(sound)))
    clock.advance(100 * DAY)
    await sent(sound, sample=Sample(code="same"))

    assert (await prune(sound, clock)).messages == 2


# -- how -------------------------------------------------------------------------------------------


async def test_a_trial_lets_nothing_go(sound: Store, clock: HandClock) -> None:
    """It tells how much would."""
    sample = await sent(sound)
    clock.advance(100 * DAY)

    assert (await prune(sound, clock, dry=True)).messages == 1

    assert await is_there(sound, sample)
    assert all(fact.kind != FactKind.PRUNED for fact in await sound.history.facts(""))


async def test_it_goes_on_where_it_stopped(sound: Store, clock: HandClock) -> None:
    """A commit looks at few messages; the next ones are those behind."""
    samples = [await sent(sound) for _ in range(5)]
    clock.advance(100 * DAY)

    first = await prune(sound, clock, limit=2)
    assert first == Pruned(2, samples[1].id)
    assert await prune(sound, clock, limit=2, after=first.last) == Pruned(2, samples[3].id)
    assert await prune(sound, clock, limit=2, after=samples[3].id) == Pruned(1, "")


async def test_who_has_lost_the_right_lets_nothing_go(sound: Store, clock: HandClock) -> None:
    """Of several buses one is at it."""
    sample = await sent(sound)
    clock.advance(100 * DAY)
    assert await sound.journal.lease_cursor(RETENTION, "one", 60.0) == ""
    assert await sound.journal.lease_cursor(RETENTION, "two", 60.0) is None
    clock.advance(61)
    assert await sound.journal.lease_cursor(RETENTION, "two", 60.0) == ""

    with pytest.raises(BusFault) as refusal:
        await prune(sound, clock, cursor=CursorMove(RETENTION, "", "one", 60.0))

    assert refusal.value.fault.code == "SOURCE_LOST"
    assert await is_there(sound, sample)
    moved = await prune(sound, clock, cursor=CursorMove(RETENTION, "", "two", 60.0))
    assert moved.messages == 1


async def test_the_size_is_less_afterwards(sound: Store, clock: HandClock) -> None:
    """Room that is used again does not count."""
    empty = await sound.history.size()
    for _ in range(20):
        await sent(sound, sample=Sample(body=random.randbytes(20_000)))
    full = await sound.history.size()
    assert full >= empty + 20 * 20_000
    clock.advance(100 * DAY)

    await prune(sound, clock)

    assert await sound.history.size() <= full - 20 * 20_000


async def test_no_name_is_left_of_what_is_gone(
    lasting: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """But for the identity of what may have been sent, and for the lanes and ids of documents."""
    store = await lasting.open(tmp_path, clock)
    gone = await sent(store)
    await store.journal.reject(Sample().rejected())
    clock.advance(100 * DAY)
    await prune(store, clock)
    await store.close()

    names = _run(lasting, tmp_path, "SELECT kind, name FROM names ORDER BY kind")
    assert names == [("document", gone.code), ("identity", gone.uuid), ("lane", gone.code)]


async def test_facts_stay_as_long_as_their_message(
    lasting: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """Those of the bus itself for ever."""
    store = await lasting.open(tmp_path, clock)
    await sent(store)
    await prune(store, clock, before=0)
    await store.history.configurations("text", "ana")
    await store.close()

    for removal in (
        "DELETE FROM facts WHERE message <> ''",
        "DELETE FROM facts WHERE message = ''",
    ):
        with pytest.raises((apsw.ConstraintError, psycopg.Error), match="append-only"):
            _run(lasting, tmp_path, removal)


def _run(kind: StoreKind, folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Have a statement carried out beside the bus."""
    if kind.name == "sqlite":
        return apsw.Connection(str(folder / "bus.db")).execute(sql).fetchall()
    with DatabaseAddress(database_of(folder)).connect() as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


async def test_a_pair_is_proved_though_what_brought_it_is_gone(
    sqlite: SqliteStore, file: Path, clock: HandClock
) -> None:
    """Row by row, as before."""
    link = Link(Member(Key("item", "erp", "", "A")), (Member(Key("item", "rm", "", "1")),))
    await sent(sqlite, lesson=Lesson(links=(link,)))
    clock.advance(100 * DAY)
    assert (await prune(sqlite, clock)).messages == 1
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute("UPDATE pair_rows SET id = '2' WHERE application = 'rm'")

    found = await verify(sqlite.history, sqlite.crossreference)

    assert [one.kind for one in found.discrepancies] == [Breach.PAIRS_DIFFER]


async def test_a_message_with_a_damaged_fact_is_kept(
    sqlite: SqliteStore, file: Path, clock: HandClock
) -> None:
    """Somebody has to look at it; the others go."""
    damaged, sound = await sent(sqlite), await sent(sqlite)
    clock.advance(100 * DAY)
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute("DROP TRIGGER facts_are_never_changed")
        connection.execute("UPDATE facts SET data = '{' WHERE message = ?", (damaged.id,))

    assert (await prune(sqlite, clock)).messages == 1

    assert await is_there(sqlite, damaged)
    assert not await is_there(sqlite, sound)


class Letting:
    """A history from which a message is let go before a table is read."""

    def __init__(self, store: MemoryStore, table: str, clock: HandClock) -> None:
        self._store = store
        self._table = table
        self._clock = clock

    def __getattr__(self, name: str) -> object:
        return getattr(self._store.history, name)

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """The rows of a table, after what is read before it."""
        if table == self._table:
            assert (await prune(self._store, self._clock)).messages == 1
        return await self._store.history.audit(table)


@pytest.mark.parametrize("table", ["facts", "lanes", "messages", "deliveries", "bodies"])
async def test_letting_go_meanwhile_is_no_discrepancy(clock: HandClock, table: str) -> None:
    """The two records are read one after the other."""
    store = MemoryStore(clock)
    sample = await sent(store)
    await store.journal.accept(Sample(uuid=sample.uuid).accepted())
    clock.advance(100 * DAY)
    await sent(store)
    history: History = Letting(store, table, clock)  # type: ignore[assignment]

    found = await verify(history, store.crossreference)

    assert found.discrepancies == ()
    assert found.received == found.rejected + found.repeats + found.accepted


async def test_the_states_of_what_is_kept_are_as_they_were(sound: Store, clock: HandClock) -> None:
    """What stays goes on."""
    await sent(sound)
    open_ = Sample()
    await accepted(sound, open_)
    clock.advance(100 * DAY)
    await prune(sound, clock)

    claim = await claimed(sound)

    assert claim.body == open_.body
    recorded = await sound.journal.record(ended(claim))
    assert recorded.delivery.state is State.DELIVERED
