"""The adapter for interface tables does its duties: the suites of the bus, and what they do not ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import OperationalError, connect
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.exc import SQLAlchemyError

from adapters.tables import ADAPTER
from adapters.tables.adapter import TablesAdapter
from adapters.tables.interface_database import InterfaceDatabase
from adapters.tables.reading import TablesReading
from adapters.tables.settings import settings_of
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, Credentials
from bus.ports.adapter import Parcel, TakenMessage
from bus.testing.reader_suite import ReaderSuite
from bus.testing.standard_messages import MESSAGE
from bus.testing.suite import PASSWORD, AdapterSuite, Scene, Stage
from tests.support.cutting import Cut, CuttingProxy, cutting
from tests.support.interface_tables import (
    CODEC,
    KINDS,
    WRITTEN,
    Warehouse,
    mapping_file,
    opened,
    user_of,
    warehouse,
    without_user,
    wms,
)
from tests.support.postgres import SERVER

Play = Callable[[Warehouse, CuttingProxy], None]
ARRIVED = "SELECT code, name, state FROM in_units"
DOUBT = (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")


def takes_it(house: Warehouse, way: CuttingProxy) -> None:
    """It is as it should be."""


def is_away(house: Warehouse, way: CuttingProxy) -> None:
    """Nobody is let in."""
    way.closed = True


def loses(cut: Cut, *, and_leaves: bool = False) -> Play:
    """The connection is lost at the commit."""

    def play(house: Warehouse, way: CuttingProxy) -> None:
        way.cut, way.closes = cut, and_leaves

    return play


def does_not_want_it(house: Warehouse, way: CuttingProxy) -> None:
    """A constraint of its own is against it."""
    house.do("ALTER TABLE in_units ADD CONSTRAINT no_units CHECK (code <> 'UN')")


def wants_no_keys(house: Warehouse, way: CuttingProxy) -> None:
    """Nothing keeps a second row with the same key out, and the commit does not arrive."""
    house.do("ALTER TABLE in_units DROP CONSTRAINT in_units_pkey")
    way.cut = Cut.BEFORE


SCENES = (
    Scene("takes it", takes_it, Outcome.DELIVERED, said=Outcome.DELIVERED),
    Scene("is away", is_away, Outcome.UNREACHABLE, "UNREACHABLE"),
    Scene("loses the answer", loses(Cut.AFTER), *DOUBT, said=Outcome.DELIVERED),
    Scene("loses the commit", loses(Cut.BEFORE), *DOUBT, said=Outcome.UNREACHABLE),
    Scene("loses the answer and is away", loses(Cut.AFTER, and_leaves=True), *DOUBT),
    Scene("cannot keep a second row out", wants_no_keys, *DOUBT),
    Scene(
        "does not want it",
        does_not_want_it,
        Outcome.REFUSED,
        "REFUSED",
        "no_units",
        said=Outcome.UNREACHABLE,
    ),
)


class TestTables(AdapterSuite, ReaderSuite):
    kind = ADAPTER
    scenes = SCENES
    arrives = b"UN Unidade N"
    mistakes = (
        ("address", "wms"),
        ("address", "postgresql://wms:password@127.0.0.1/wms"),
        ("address", "cobol://127.0.0.1/wms"),
        ("address", "postgresql://127.0.0.1/"),
        ("options.mapping_file", " "),
        ("options.mapping_file", "nowhere.yaml"),
        ("options.page", "501"),
        ("options.connect_timeout", "0"),
    )

    @asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """A warehouse that behaves as the scene says."""
        with (
            TemporaryDirectory() as name,
            warehouse("postgresql", Path(name)) as house,
            cutting() as way,
        ):
            scene.play(house, way)

            def arrived() -> list[bytes]:
                return [" ".join(row).encode() for row in house.rows(ARRIVED)]

            yield Stage(
                without_user(way.url(house.address.rpartition("/")[2])),
                arrived,
                {"mapping_file": mapping_file(Path(name))},
                Credentials(user_of(SERVER), PASSWORD),
            )

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """A warehouse with rows on several pages, of two sources."""
        with TemporaryDirectory() as name, warehouse("sqlite", Path(name)) as house:
            for number, code in enumerate(("UN", "KG", "MT", "LT"), 1):
                house.unit(number, code)
            house.do("INSERT INTO out_moves VALUES (7, 'I', NULL, 'N', NULL)")
            options = {"mapping_file": mapping_file(Path(name)), "page": "2"}
            yield Stage(house.address, list, options)


async def test_one_that_marks_what_the_bus_may_not_have_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A whole page, where the bus has its first message: the suite fails it."""
    honest = TablesReading.mark

    async def hasty(self: TablesReading, taken: list[TakenMessage]) -> None:
        everything = [TakenMessage(one, one) for one in self._handed]
        await honest(self, everything)

    monkeypatch.setattr(TablesReading, "mark", hasty)

    with pytest.raises(AssertionError):
        await TestTables().test_another_adapter_reads_on()


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in each database."""
    with warehouse(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=KINDS[1:])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse in each database that has logins and locks of rows."""
    with warehouse(request.param, tmp_path) as made:
        yield made


@asynccontextmanager
async def at(application: Application) -> AsyncIterator[TablesAdapter]:
    """An adapter, closed in the end."""
    adapter = opened(application)
    try:
        yield adapter
    finally:
        await adapter.close()


async def send(adapter: TablesAdapter, body: bytes = MESSAGE, within: float = 10.0) -> Report:
    """Deliver a message."""
    return await adapter.send(await parcel(body, within))


async def parcel(body: bytes = MESSAGE, within: float = 10.0) -> Parcel:
    """A message on its way."""
    document = await CODEC.read(body)
    uuid = document.envelope.header.uuid
    return Parcel(Application("wms", "WMS"), document, body, uuid, False, within)


async def test_a_message_that_is_repeated_makes_no_second_row(
    house: Warehouse, tmp_path: Path
) -> None:
    """Its key comes of its UUID and is as long as the mapping says; another has another."""
    other = MESSAGE.replace(b"<UUID>6b0d", b"<UUID>7b0d")
    async with at(wms(house, tmp_path)) as adapter:
        outcomes = [(await send(adapter, body)).outcome for body in (MESSAGE, MESSAGE, other)]

    assert outcomes == [Outcome.DELIVERED] * 3
    keys = [key for (key,) in house.rows("SELECT bus_key FROM in_units")]
    assert len(set(keys)) == len(keys) == 2
    assert {len(key) for key in keys} == {20}


async def test_a_repeat_makes_no_second_row_where_no_index_keeps_it_out(
    house: Warehouse, tmp_path: Path
) -> None:
    """The key is looked for first."""
    house.do(
        "CREATE TABLE plain (bus_key VARCHAR(20), code VARCHAR(10), name VARCHAR(60), state CHAR(1))"
    )
    mapping = WRITTEN.replace("table: in_units", "table: plain")
    async with at(wms(house, tmp_path, mapping)) as adapter:
        outcomes = [(await send(adapter)).outcome for _ in range(2)]

    assert outcomes == [Outcome.DELIVERED] * 2
    assert house.rows("SELECT code FROM plain") == [("UN",)]


async def test_what_does_not_fit_is_refused_before_anything_is_written(
    house: Warehouse, tmp_path: Path
) -> None:
    """It names the element and how much fits."""
    long = MESSAGE.replace(b"<Code>UN<", b"<Code>UNIDADE-MUITO-LONGA<")
    async with at(wms(house, tmp_path)) as adapter:
        report = await send(adapter, long)

    assert report.outcome is Outcome.REFUSED
    assert "não cabe em 10" in (report.fault.reason("pt") if report.fault else "")
    assert house.rows(ARRIVED) == []


async def test_a_detail_that_is_refused_leaves_nothing_behind(
    house: Warehouse, tmp_path: Path
) -> None:
    """Header and details are one."""
    house.do("ALTER TABLE in_moves RENAME TO gone")
    move = MOVE.encode()
    async with at(wms(house, tmp_path)) as adapter:
        report = await send(adapter, move)

    assert report.outcome in {Outcome.REFUSED, Outcome.UNREACHABLE}
    assert house.rows("SELECT * FROM in_lines") == []


async def test_what_the_mapping_does_not_name_is_refused(house: Warehouse, tmp_path: Path) -> None:
    """With the name of the transaction."""
    unknown = MESSAGE.replace(b"UnitOfMeasure", b"Currency")
    async with at(wms(house, tmp_path)) as adapter:
        report = await send(adapter, unknown)
        asked = await adapter.ask(await parcel(unknown))

    assert report.outcome is Outcome.REFUSED
    assert "Currency" in str(report.fault)
    assert asked is None


async def test_a_locked_table_is_busy(server: Warehouse, tmp_path: Path) -> None:
    """Nothing is written, and it is tried again."""
    locks = {
        "postgresql": "LOCK TABLE in_units IN ACCESS EXCLUSIVE MODE",
        "mariadb": "SELECT 1 FROM in_units WHERE bus_key > '' FOR UPDATE",  # and what is between
    }
    async with at(wms(server, tmp_path, timeout=3.0)) as adapter:
        with server.engine.connect() as person, person.begin():
            person.exec_driver_sql(locks[server.kind])
            async with asyncio.timeout(8):
                report = await send(adapter)
        after = await send(adapter)

    assert report.outcome is Outcome.BUSY, report
    assert after.outcome is Outcome.DELIVERED


async def test_what_is_late_is_undone(house: Warehouse, tmp_path: Path) -> None:
    """Nothing is committed after its time, for the bus has counted it as unknown by then."""
    async with at(wms(house, tmp_path)) as adapter:
        report = await send(adapter, within=-1.0)

    assert report.outcome is Outcome.UNREACHABLE
    assert house.rows(ARRIVED) == []


async def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    """As a login that was refused, to whoever sends, reads or probes."""
    with warehouse("mariadb", tmp_path) as house:
        wrong = Credentials(house.credentials.user if house.credentials else "", PASSWORD)
        async with at(replace(wms(house, tmp_path), credentials=wrong)) as adapter:
            report, fault = await send(adapter), await adapter.probe()

    assert report.fault
    assert fault
    assert {report.fault.code, fault.code} == {"LOGIN_REFUSED_BY_RECEIVER"}
    assert report.outcome is Outcome.UNREACHABLE
    assert PASSWORD not in repr((report, fault))


async def test_a_table_that_is_not_as_the_mapping_has_it_is_told(
    house: Warehouse, tmp_path: Path
) -> None:
    """By the probe: a column that is not there, with the nearest; one that is too narrow."""
    async with at(wms(house, tmp_path)) as adapter:
        well = await adapter.probe()
        house.do("ALTER TABLE out_units RENAME COLUMN tries TO attempts")
        renamed = await adapter.probe()

    assert well is None
    assert renamed
    assert renamed.code == "TABLES_DIFFER"
    assert "out_units has no column tries" in renamed.reason("en")


async def test_a_column_that_is_too_narrow_is_told(server: Warehouse, tmp_path: Path) -> None:
    """Before what goes there is cut or refused."""
    server.do("ALTER TABLE in_units DROP COLUMN name", "ALTER TABLE in_units ADD name VARCHAR(5)")
    async with at(wms(server, tmp_path)) as adapter:
        fault = await adapter.probe()

    assert fault
    assert "in_units.name cabem 5 caracteres, e o mapeamento diz 60" in fault.reason("pt")


MOVE = """<TOTVSMessage><MessageInformation version="1.006"><UUID>m-1</UUID>
<Type>BusinessMessage</Type><Transaction>StockTurnover</Transaction>
<StandardVersion>1.0</StandardVersion><SourceApplication>erp</SourceApplication>
<CompanyId>1</CompanyId><BranchId>1</BranchId><Product name="ERP" version="1"/>
<GeneratedOn>2026-01-31T10:00:00</GeneratedOn></MessageInformation><BusinessMessage><BusinessEvent>
<Entity>StockTurnover</Entity><Event>upsert</Event></BusinessEvent><BusinessContent><Code>7</Code>
<RegisterDateTime>2026-01-31T10:00:00</RegisterDateTime><ListOfStockTurnoverItem>
<StockTurnoverItem><ItemInternalId>PORCA</ItemInternalId><Quantity>20</Quantity></StockTurnoverItem>
</ListOfStockTurnoverItem></BusinessContent></BusinessMessage></TOTVSMessage>"""


async def test_no_fault_shows_the_password(tmp_path: Path) -> None:
    """Though a driver may repeat it."""
    with warehouse("mariadb", tmp_path) as house:
        application = wms(house, tmp_path)
        database = InterfaceDatabase(application, settings_of(application))
        said = SQLAlchemyError(f"cannot log in with {house_password(house)}.\nNor without")

        assert database.words(said) == "cannot log in with ***"
        await database.close()


def house_password(house: Warehouse) -> str:
    """The password of the bus at a warehouse."""
    assert house.credentials
    return house.credentials.password


async def test_nobody_changes_a_file_between_a_look_and_a_mark(tmp_path: Path) -> None:
    """SQLite locks no rows: the bus holds the file for the time of a transaction."""
    with warehouse("sqlite", tmp_path) as house:
        application = wms(house, tmp_path)
        database = InterfaceDatabase(application, settings_of(application))
        with (
            database.connected(),
            closing(connect(tmp_path / "warehouse.sqlite", timeout=0)) as one,
            pytest.raises(OperationalError, match="locked"),
        ):
            one.execute("UPDATE out_units SET state = 'X'")
        await database.close()
