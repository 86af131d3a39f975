"""What is written is what is read: every row, every value."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pytest

from bus.core.delivery import State
from bus.core.errors import Fault
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.translation import Swap
from bus.journal.facts import NO_DATA, Data, FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    BusinessKeyRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
    ProgressRow,
)
from bus.journal.unit import Changes, Tables
from bus.store.history import AUDITS, AuditedRow, HistoryReader, Key
from bus.store.memory import MemoryTables
from bus.store.postgres.connection import DatabaseAddress
from bus.store.postgres.database import PostgresDatabase
from bus.store.postgres.shared_time import SharedTime
from bus.store.postgres.tables import PostgresTables
from bus.store.rows import BodyRow
from bus.store.sqlite.connection import open_for_writing
from bus.store.sqlite.migrate import migrate
from bus.store.sqlite.tables import SqliteTables
from tests.store.samples import FAULTS
from tests.support.clock import HandClock
from tests.support.postgres import database_of

Row = TypeVar("Row", bound=tuple[Any, ...])
Kept = SqliteTables | PostgresTables

TEXTS = ("", "plain", "ção \U0001f600", 'quote " and \\', "two\nlines", "a/b|c ")
NUMBERS = (0, 1, 2**62, -5)
BYTES = (b"", b"\x00\xff<a>", bytes(range(256)))
MANY = 300
"""More rows than one statement writes."""


@pytest.fixture
def sqlite_tables(file: Path) -> Iterator[SqliteTables]:
    """The tables of a journal in a file."""
    with closing(open_for_writing(file)) as opened:
        migrate(opened, 0)
        yield SqliteTables(opened, 0, lambda *_: None)


@pytest.fixture
def postgres_tables(tmp_path: Path) -> Iterator[PostgresTables]:
    """The tables of a journal on a server."""
    with closing(
        PostgresDatabase(DatabaseAddress(database_of(tmp_path)), lambda _: None)
    ) as opened:
        yield PostgresTables(opened, SharedTime(HandClock()))


KEPT = ("sqlite", "postgres")
"""The stores with tables in a database."""


@pytest.fixture(params=KEPT)
def tables(request: pytest.FixtureRequest) -> Kept:
    """The tables of each database in turn."""
    found: Kept = request.getfixturevalue(f"{request.param}_tables")
    return found


def values(hint: object) -> tuple[object, ...]:
    """What may stand in a column."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(hint)
    table: dict[object, tuple[object, ...]] = {
        str: TEXTS,
        int: NUMBERS,
        bool: (True, False),
        bytes: BYTES,
        tuple[Fault, ...]: ((), FAULTS),
        Fault | None: (None, *FAULTS),
        Substitutions: (NO_SUBSTITUTIONS, Substitutions((Swap("A/B", "Item", "1", None),))),
        Data: (NO_DATA, {"planned": [[1, "rm", "lane", 2, "waiting"]]}),
    }
    return table.get(hint, (None, *NUMBERS))


def rows(kind: type[Row], count: int = MANY) -> list[Row]:
    """Rows with every kind of value in every column, each under a key of its own."""
    chance = random.Random(kind.__name__)
    hints = get_type_hints(kind)
    made = []
    for number in range(count):
        row = {name: chance.choice(values(hint)) for name, hint in hints.items()}
        key = next(iter(hints))
        made.append(kind(**row | {key: number if hints[key] is int else f"{key} {number} ção"}))
    return made


def saved(tables: Tables, **changes: object) -> None:
    """Commits some changes."""
    done = Changes(**changes)  # type: ignore[arg-type]
    with committing(tables):
        tables.save(done)


@contextmanager
def committing(tables: Tables) -> Iterator[None]:
    """A commit, where the tables know such a thing."""
    if isinstance(tables, SqliteTables | PostgresTables):
        with tables.commit():
            yield
    else:
        yield


def audited(tables: Kept | PostgresTables, table: str) -> list[AuditedRow]:
    """All rows of a table, read through."""
    reader, found = HistoryReader(tables.database), []
    after: Key | None = AUDITS[table].start
    while after is not None:
        some, after = reader.audit(table, after)
        found += some
    return found


def exactly(found: Any, expected: Any) -> bool:
    """Whether rows are equal in values and types: True is not 1, a state is no mere text."""
    return sorted(map(repr, found)) == sorted(map(repr, expected))


def test_messages(tables: Kept) -> None:
    """They come back by id, and when all are read."""
    written = {row.id: row for row in rows(MessageRow)}
    saved(tables, messages=written)

    assert exactly(tables.messages([*written, "unknown"]), written.values())
    assert exactly(audited(tables, "messages"), written.values())


def test_deliveries(tables: Kept) -> None:
    """They come back by key; what is due may be nothing, what is true is True."""
    made = [row._replace(lane=f"lane {n}", seq=n) for n, row in enumerate(rows(DeliveryRow))]
    written = {(row.message, row.number): row for row in made}
    saved(tables, deliveries=written)

    assert exactly(tables.deliveries([*written, ("unknown", 1)]), made)
    assert exactly(audited(tables, "deliveries"), made)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(LaneRow, "lanes"), (IdentityRow, "identities"), (ApplicationRow, "applications")],
)
def test_rows_with_a_simple_key(tables: Kept, kind: type[Any], name: str) -> None:
    """They come back by their first field."""
    written = {row[0]: row for row in rows(kind)}
    saved(tables, **{name: written})

    assert exactly(getattr(tables, name)([*written, "unknown"]), written.values())


def test_documents(tables: Kept) -> None:
    """They come back by sender, entity and id, whatever signs these have."""
    written = {row[:3]: row for row in rows(DocumentRow)}
    saved(tables, documents=written)

    assert exactly(tables.documents([*written, ("a", "b", "c")]), written.values())


def test_attempts_and_answers(tables: Kept) -> None:
    """They come back byte for byte."""
    attempts = {row[:3]: row for row in rows(AttemptRow)}
    answers = {row[:2]: row for row in rows(AnswerRow)}
    saved(tables, attempts=attempts, answers=answers)

    assert exactly(audited(tables, "attempts"), attempts.values())
    assert exactly(audited(tables, "answers"), answers.values())
    assert exactly(tables.answers([*answers, ("unknown", 1)]), answers.values())


def test_progress(either: Tables) -> None:
    """It comes back by delivery, and is gone when that is over; what comes then is kept."""
    made = [row._replace(number=1) for row in rows(ProgressRow)]
    saved(either, progress={row[:3]: row for row in made})
    first, *others = made

    assert exactly(either.progress([row[:2] for row in made] + [("unknown", 1)]), made)

    anew = first._replace(name="anew")
    saved(either, unprogressed={first[:2]}, progress={anew[:3]: anew})

    assert exactly(either.progress([row[:2] for row in made]), [anew, *others])


def test_facts(tables: Kept) -> None:
    """They come back by message, each message's in the order in which they happened."""
    told = [row._replace(message=f"message {n % 7}") for n, row in enumerate(rows(FactRow))]
    saved(tables, facts=told[:100])
    saved(tables, facts=told[100:])

    expected = sorted(told, key=lambda fact: fact.message)
    assert list(map(repr, audited(tables, "facts"))) == list(map(repr, expected))


def test_bodies(tables: Kept) -> None:
    """They come back byte for byte, however long."""
    messages = {row.id: row for row in rows(MessageRow, 30)}
    bodies = [BodyRow(id_, bytes([n]) * 10**n) for n, id_ in enumerate([*messages][:6])]
    saved(tables, messages=messages, bodies=bodies)

    assert exactly(tables.bodies([id_ for id_, _ in bodies]), bodies)
    assert exactly(audited(tables, "bodies"), bodies)


def test_business_keys(tables: Kept) -> None:
    """They can be read as the rows that they are; one that comes twice is one."""
    written = rows(BusinessKeyRow)
    saved(tables, business_keys=[*written, *written[:5]])

    asked = "SELECT name, value, message FROM business_keys"
    found = tables.database.connection.execute(asked).fetchall()
    assert exactly(map(BusinessKeyRow._make, found), written)


@pytest.fixture(params=["memory", *KEPT])
def either(request: pytest.FixtureRequest) -> Tables:
    """The tables of each store in turn."""
    if request.param == "memory":
        return MemoryTables()
    kept: Kept = request.getfixturevalue(f"{request.param}_tables")
    return kept


def test_a_place_goes_from_one_delivery_to_another_in_one_commit(either: Tables) -> None:
    """It is given up before it is taken, in whatever order the two are written."""
    first, second = (
        row._replace(lane="lane", seq=0, state=State.REFUSED) for row in rows(DeliveryRow, 2)
    )
    saved(either, deliveries={first[:2]: first._replace(seq=1)})

    taken = second._replace(seq=1)
    saved(either, deliveries={second[:2]: taken, first[:2]: first})

    (found,) = either.deliveries_at([("lane", 1), ("lane", 2)])
    assert found[:2] == second[:2]


@pytest.mark.parametrize(("name", "shown"), [("sqlite", "a\0b"), ("postgres", "a\ufffdb")])
def test_a_nul_is_kept_or_shown_as_what_it_is_not(
    request: pytest.FixtureRequest, name: str, shown: str
) -> None:
    """PostgreSQL has none in a text: it stands there as the sign for what cannot be written."""
    tables: Kept = request.getfixturevalue(f"{name}_tables")
    (row,) = rows(MessageRow, 1)
    saved(tables, messages={row.id: row._replace(uuid="a\0b")})

    (found,) = tables.messages([row.id])
    assert found.uuid == shown


@pytest.mark.parametrize("length", [250, 251, 100_000])
def test_a_name_may_be_of_any_length(tables: Kept, length: int) -> None:
    """Who chooses ids and UUIDs is outside: no index is a limit to them."""
    lanes = {name: LaneRow(name, 7, 3) for name in ("x" * length, "x" * length + "y", "é" * length)}
    saved(tables, lanes=lanes)
    saved(tables, lanes={name: row._replace(head=4) for name, row in lanes.items()})

    assert exactly(tables.lanes([*lanes]), [row._replace(head=4) for row in lanes.values()])
