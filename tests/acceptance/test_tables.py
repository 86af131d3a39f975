"""Interface tables as doors of a bus: rows come in by one, and become rows at another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.config import load_settings
from bus.core.errors import ReceiverFault
from bus.engine.verify import verify
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from bus.ports.observer import SilentObserver
from bus.wiring import open_reading
from tests.acceptance.killing import KilledBus, moment
from tests.support.cutting import cutting
from tests.support.interface_tables import KINDS, Warehouse, warehouse, without_user
from tests.support.postgres import database_of
from tests.support.tables_bus import numbered, reading_bus, routes, taken, until

CODES = "SELECT code FROM in_units ORDER BY code"


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in each database."""
    with warehouse(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in a file."""
    with warehouse("sqlite", tmp_path) as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in a database that several read at once."""
    with warehouse("mariadb", tmp_path) as made:
        yield made


async def test_rows_become_rows_elsewhere(house: Warehouse, tmp_path: Path) -> None:
    """With header and details; each row is marked, and written once."""
    house.unit(1, "UN", "Unidade")
    house.do(
        "INSERT INTO out_lines VALUES (7, 1, 'PORCA', -20)",
        "INSERT INTO out_lines VALUES (7, 2, 'PARAF', 1.5)",
        "INSERT INTO out_moves VALUES (7, 'I', '2026-01-31 10:00:00', 'N', NULL)",
    )
    async with reading_bus(house, tmp_path):
        await until(lambda: house.rows("SELECT code FROM in_moves") != [])
        await until(lambda: house.rows(CODES) == [("UN",)])
        await until(lambda: house.rows("SELECT state FROM out_moves") == [("S",)])

    lines = house.rows(
        "SELECT line, item, quantity, written FROM in_lines, in_moves "
        "WHERE in_lines.bus_key = in_moves.bus_key ORDER BY line"
    )
    assert [(line, item, float(quantity), written) for line, item, quantity, written in lines] == [
        (1, "PORCA", 20.0, "20,00"),
        (2, "PARAF", 1.5, "1,50"),
    ]
    assert house.states() == [(1, "S")]
    assert [str(day)[:10] for (day,) in house.rows("SELECT moved_on FROM in_moves")] == [
        "2026-01-31"
    ]


async def test_what_the_bus_rejects_is_told_to_who_repairs_it(
    file: Warehouse, tmp_path: Path
) -> None:
    """In the row, and in the bus with all that the row says; repaired, it goes."""
    file.unit(1, "x" * 20)
    file.do("INSERT INTO out_moves VALUES (7, 'Z', NULL, 'N', NULL)")
    async with reading_bus(file, tmp_path) as run:
        await until(lambda: file.states() == [(1, "E")])
        await until(lambda: file.rows("SELECT state FROM out_moves") == [("E",)])
        rejected = await taken(run)
        bodies = [await run.bus.history.body(one.id) for one in rejected]
        ((reason,),) = file.rows("SELECT error FROM out_units")
        file.do("UPDATE out_units SET code = 'UN', state = 'N'")
        await until(lambda: file.rows(CODES) == [("UN",)])

    assert [one.state for one in rejected] == [MessageState.REJECTED] * 2
    assert [one.faults[0].code for one in rejected][1] == "ROW_UNMAPPED"
    assert b'"kind": "Z"' in (bodies[1] or b"")
    assert reason
    assert file.rows("SELECT state, error, tries FROM out_units") == [("S", None, 2)]


async def test_a_row_that_was_taken_before_a_crash_is_marked_by_its_first_answer(
    file: Warehouse, tmp_path: Path
) -> None:
    """It is read again, known by its UUID, and written no second time."""
    file.unit(1, "UN")
    async with reading_bus(file, tmp_path) as run:
        await until(lambda: file.rows(CODES) == [("UN",)])
        await until(lambda: file.states() == [(1, "S")])
        file.do("UPDATE out_units SET state = 'N'")
        await until(lambda: file.states() == [(1, "S")])
        (message,) = await taken(run)
        trace = await run.bus.history.trace(message.id)

    assert trace
    assert [one.kind for one in trace.facts].count(FactKind.REPEATED) == 1
    assert file.rows(CODES) == [("UN",)]


@pytest.mark.rule("W-07", "W-08")
async def test_two_buses_post_each_row_once(server: Warehouse, tmp_path: Path) -> None:
    """On one journal: N rows make N messages, however many processes would read them."""
    journal = database_of(tmp_path)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    for number, code in numbered(20):
        server.unit(number, code)
    async with (
        reading_bus(server, folders[0], journal) as run,
        KilledBus(folders[1], routes(server, folders[1]), journal=journal) as other,
    ):
        for number, code in list(numbered(40))[20:]:
            server.unit(number, code)
        await until(lambda: len(server.rows(CODES)) == 40)
        await until(lambda: {state for _, state in server.states()} == {"S"})
        messages = await taken(run)
        traces = [await run.bus.history.trace(one.id) for one in messages]
        assert await other.stop() == 0

    assert len(messages) == 40
    assert not [
        fact for one in traces if one for fact in one.facts if fact.kind == FactKind.REPEATED
    ]
    assert server.rows(CODES) == [(code,) for _, code in numbered(40)]


@pytest.mark.timeout(180)
async def test_rows_survive_kills(server: Warehouse, tmp_path: Path) -> None:
    """While rows are read, marked and written: each makes one message and one row."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    count = 60
    async with KilledBus(tmp_path, routes(server, tmp_path, every="50ms")) as bus:
        for number, code in numbered(count):
            server.unit(number, code)
            if number % 25 == 0:
                await asyncio.sleep(moment(chance) / 8)
                await bus.kill()
                await bus.start()
        await until(lambda: len(server.rows(CODES)) >= count, 60)
        await until(lambda: {state for _, state in server.states()} == {"S"}, 60)
        assert await bus.stop() == 0
        async with open_reading(load_settings(journal=bus.journal)) as (history, pairs):
            verification = await verify(history, pairs)
            rows = [row async for row in await history.audit("messages")]

    assert verification.discrepancies == ()
    assert len(rows) == count
    assert server.rows(CODES) == [(code,) for _, code in numbered(count)]


async def test_a_database_that_comes_back_is_read_on(tmp_path: Path) -> None:
    """What was there, and what came meanwhile; that it was away is told."""
    with warehouse("postgresql", tmp_path) as house, cutting() as proxy:
        way = without_user(proxy.url(house.address.rpartition("/")[2]))
        house.unit(1, "UN")
        async with reading_bus(house, tmp_path, way=way) as run:
            await until(lambda: house.rows(CODES) == [("UN",)])
            heard = asyncio.Event()
            run.bus.poller._observer = _Heard(heard)  # noqa: SLF001 - who watches a running bus
            proxy.closed = True
            proxy.cut_all()
            house.unit(2, "KG")
            await asyncio.wait_for(heard.wait(), 20)
            proxy.closed = False
            await until(lambda: house.states() == [(1, "S"), (2, "S")])


class _Heard(SilentObserver):
    """Hears of a trouble."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    def troubled(self, what: str, error: BaseException) -> None:
        """It happened."""
        assert what == "reading wms failed"
        assert isinstance(error, ReceiverFault)
        self._event.set()
