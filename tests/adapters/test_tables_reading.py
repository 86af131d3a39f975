"""Rows that become messages: new ones alone, whole, and marked by what became of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.tables.adapter import TablesAdapter
from bus.core.element import Element
from bus.core.errors import Fault, ReceiverFault
from bus.ports.adapter import Inbound, InboundMessage, Poll, TakenMessage
from tests.support.interface_tables import (
    ALL,
    CODEC,
    KINDS,
    UNITS,
    Warehouse,
    opened,
    warehouse,
    wms,
)

NO = Fault("ROW_UNMAPPED", details={"application": "wms", "table": "t", "key": "1", "problem": "x"})


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in each database."""
    with warehouse(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in a file, for what is the same in each database."""
    with warehouse("sqlite", tmp_path) as made:
        yield made


@asynccontextmanager
async def reading(
    house: Warehouse, folder: Path, told: str = ALL, **options: str
) -> AsyncIterator[TablesAdapter]:
    """An adapter to the warehouse."""
    adapter = opened(wms(house, folder, told, options=options))
    try:
        yield adapter
    finally:
        await adapter.close()


async def contents(inbound: Inbound) -> list[Element]:
    """What the messages say."""
    return [(await CODEC.read(one.body)).content() for one in inbound.messages]


def took(inbound: Inbound, *rejected: int) -> list[TakenMessage]:
    """The bus has these messages, but for those it rejected."""
    return [
        TakenMessage(one.cursor, f"m{at}", NO if at in rejected else None)
        for at, one in enumerate(inbound.messages)
    ]


async def test_new_rows_come_in_the_order_of_their_keys_and_are_marked(
    house: Warehouse, tmp_path: Path
) -> None:
    """Also those whose state is NULL; not those of another site, nor what was dealt with."""
    house.unit(2, "KG", "Quilo", "NULL")
    house.unit(1, "007", "Metro  ")
    house.unit(3, "X", state="'S'")
    house.do("INSERT INTO out_units (number, site, code, state) VALUES (4, '002', 'Y', 'N')")

    async with reading(house, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        again = await adapter.read(Poll(inbound.messages[0].cursor))
        await adapter.mark(took(inbound))
        after = await adapter.read(Poll(""))

    found = await contents(inbound)
    assert [one.text_at("Code") for one in found] == ["007", "KG"]
    assert [one.text_at("Description") for one in found] == ["Metro", "Quilo"]
    assert again == inbound
    assert (after.messages, after.more) == ((), False)
    assert house.states() == [(1, "S"), (2, "S"), (3, "S"), (4, "N")]
    assert house.rows("SELECT tries, error, done_at IS NULL FROM out_units WHERE number = 1") == [
        (1, None, False)
    ]


async def test_a_rejected_row_has_its_reason_beside_it(house: Warehouse, tmp_path: Path) -> None:
    """In Portuguese, as much of it as fits; each try is counted."""
    house.unit(1, "UN")

    async with reading(house, tmp_path) as adapter:
        await adapter.mark(took(await adapter.read(Poll("")), 0))

    ((state, error, tries),) = house.rows("SELECT state, error, tries FROM out_units")
    assert (state, tries) == ("E", 1)
    assert error == NO.reason("pt")[:40]
    assert len(error) == 40


async def test_a_row_that_was_repaired_is_another_message(house: Warehouse, tmp_path: Path) -> None:
    """One that was only set back to new is the same again."""
    house.unit(1, "UN")
    async with reading(house, tmp_path) as adapter:
        first = await adapter.read(Poll(""))
        await adapter.mark(took(first, 0))
        house.do("UPDATE out_units SET state = 'N'")
        same = await adapter.read(Poll(""))
        house.do("UPDATE out_units SET name = 'Unidade nova'")
        repaired = await adapter.read(Poll(""))
        await adapter.mark(took(repaired))

    assert same == first
    assert repaired.messages[0].cursor != first.messages[0].cursor
    assert house.rows("SELECT state, error, tries FROM out_units") == [("S", None, 2)]


async def test_a_row_that_changes_while_it_is_taken_is_not_marked(
    house: Warehouse, tmp_path: Path
) -> None:
    """What the bus has is what it said before: it is read again."""
    house.unit(1, "UN")
    house.unit(2, "KG")
    async with reading(house, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        house.do("UPDATE out_units SET name = 'Outra' WHERE number = 1")
        house.do("UPDATE out_units SET state = 'X' WHERE number = 2")
        await adapter.mark(took(inbound))

    assert house.states() == [(1, "N"), (2, "X")]


async def test_a_lower_key_may_show_later(file: Warehouse, tmp_path: Path) -> None:
    """What is new is read, whatever its number is."""
    file.unit(5, "UN")
    async with reading(file, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        await adapter.mark(took(inbound))
        file.unit(4, "KG")
        later = await adapter.read(Poll(inbound.messages[-1].cursor))

    assert [one.text_at("Code") for one in await contents(later)] == ["KG"]


async def test_a_header_comes_with_its_details(house: Warehouse, tmp_path: Path) -> None:
    """In their order; details without a header are left alone, a header without details is one."""
    house.do(
        "INSERT INTO out_lines VALUES (7, 2, 'PARAF', -1.5)",
        "INSERT INTO out_lines VALUES (7, 1, 'PORCA', 20)",
        "INSERT INTO out_lines VALUES (8, 1, 'SOLTA', 1)",
        "INSERT INTO out_moves VALUES (7, 'I', '2026-01-31 10:00:00', 'N', NULL)",
        "INSERT INTO out_moves VALUES (9, 'I', NULL, 'N', NULL)",
    )
    async with reading(house, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        await adapter.mark(took(inbound))

    move, empty = await contents(inbound)
    assert move.text_at("RegisterDateTime") == "2026-01-31T10:00:00"
    assert move.text_at("DocumentType") == "INV"
    lines = move.all("ListOfStockTurnoverItem/StockTurnoverItem")
    assert [(one.text_at("ItemInternalId"), one.text_at("Quantity")) for one in lines] == [
        ("PORCA", "20.000"),
        ("PARAF", "1.500"),
    ]
    assert lines[0].first("BinLocation") is not None
    assert empty.first("ListOfStockTurnoverItem") is None
    assert house.rows("SELECT number, state FROM out_moves ORDER BY number") == [
        (7, "S"),
        (9, "S"),
    ]


async def test_a_detail_that_changes_makes_another_message(file: Warehouse, tmp_path: Path) -> None:
    """It belongs to what its header says."""
    file.do(
        "INSERT INTO out_lines VALUES (7, 1, 'PORCA', 20)",
        "INSERT INTO out_moves VALUES (7, 'I', NULL, 'N', NULL)",
    )
    async with reading(file, tmp_path) as adapter:
        first = await adapter.read(Poll(""))
        file.do("UPDATE out_lines SET quantity = 21")
        second = await adapter.read(Poll(""))
        await adapter.mark(took(second))

    assert first.messages[0].cursor != second.messages[0].cursor
    assert file.rows("SELECT state FROM out_moves") == [("S",)]


async def test_a_row_that_makes_no_message_is_rejected_with_all_it_says(
    file: Warehouse, tmp_path: Path
) -> None:
    """The row itself goes to the bus, with what is wrong with it."""
    file.do("INSERT INTO out_moves VALUES (7, 'Z', NULL, 'N', NULL)")
    async with reading(file, tmp_path) as adapter:
        (message,) = (await adapter.read(Poll(""))).messages
        await adapter.mark([TakenMessage(message.cursor, "m1", message.faults[0])])

    row = json.loads(message.body)
    assert row["table"] == "out_moves"
    assert row["row"]["number"] == "7"
    assert [one.code for one in message.faults] == ["ROW_UNMAPPED"]
    assert "o código “Z”" in message.faults[0].reason("pt")
    assert file.rows("SELECT state FROM out_moves") == [("E",)]


NO_FAILED = UNITS.replace("      failed: E\n", "")


async def test_what_cannot_be_marked_as_failed_is_told_once(
    file: Warehouse, tmp_path: Path
) -> None:
    """It stays new, and does not stand in the way of the others."""
    for number in range(1, 5):
        file.unit(number, f"U{number}")
    async with reading(file, tmp_path, NO_FAILED, page="2") as adapter:
        first = await adapter.read(Poll(""))
        await adapter.mark(took(first, 0, 1))
        second = await adapter.read(Poll(""))
        await adapter.mark(took(second))
        third = await adapter.read(Poll(""))

    assert [one.text_at("Code") for one in await contents(second)] == ["U3", "U4"]
    assert (third.messages, third.more) == ((), False)
    assert file.states() == [(1, "N"), (2, "N"), (3, "S"), (4, "S")]


@pytest.fixture(params=KINDS[1:])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in each database whose rows can be locked one by one."""
    with warehouse(request.param, tmp_path) as made:
        yield made


async def test_a_locked_row_does_not_stop_the_others(server: Warehouse, tmp_path: Path) -> None:
    """It is passed over, and taken when its lock is gone."""
    for number, code in enumerate(("UN", "KG", "MT"), 1):
        server.unit(number, code)
    async with reading(server, tmp_path) as adapter:
        with server.engine.connect() as person, person.begin():
            person.exec_driver_sql("UPDATE out_units SET name = 'x' WHERE number = 2")
            async with asyncio.timeout(4):
                others = await adapter.read(Poll(""))
                await adapter.mark(took(others))
        rest = await adapter.read(Poll(""))

    assert [one.text_at("Code") for one in await contents(others)] == ["UN", "MT"]
    assert [one.text_at("Code") for one in await contents(rest)] == ["KG"]


async def test_a_row_that_is_locked_when_it_is_marked_comes_again(
    server: Warehouse, tmp_path: Path
) -> None:
    """Whoever has it locked may change it; the others are marked."""
    server.unit(1, "UN")
    server.unit(2, "KG")
    async with reading(server, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        with server.engine.connect() as person, person.begin():
            person.exec_driver_sql("UPDATE out_units SET tries = 9 WHERE number = 1")
            async with asyncio.timeout(4):
                await adapter.mark(took(inbound))
            person.rollback()
        again = await adapter.read(Poll(""))

    assert again.messages == inbound.messages[:1]
    assert server.states() == [(1, "N"), (2, "S")]


async def test_a_database_that_is_not_there_is_told(file: Warehouse, tmp_path: Path) -> None:
    """By read and by mark, and no file is made."""
    file.unit(1, "UN")
    place = tmp_path / "warehouse.sqlite"
    async with reading(file, tmp_path) as adapter:
        inbound = await adapter.read(Poll(""))
        file.engine.dispose()
        place.rename(tmp_path / "away")
        async with reading(file, tmp_path) as other:
            with pytest.raises(ReceiverFault) as refusal:
                await other.read(Poll(""))
    assert refusal.value.fault.code == "UNREACHABLE"
    assert not place.exists()
    assert isinstance(inbound.messages[0], InboundMessage)
