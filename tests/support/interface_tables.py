"""Interface tables of an invented warehouse, in SQLite, PostgreSQL or MariaDB, and their mapping."""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
from sqlalchemy import create_engine, text

from adapters.tables import ADAPTER
from adapters.tables.adapter import TablesAdapter
from bus.core.route import Application, Credentials
from bus.wiring import open_codec
from tests.support.postgres import drop, new_database, url_of

MARIADB = os.environ.get("BUS_TEST_MARIADB") or "mariadb://root@127.0.0.1:3306/"
PASSWORD = "only-in-tests"
KINDS = ("sqlite", "postgresql", "mariadb")
CODEC = open_codec()
UNITS = """
sources:
  units:
    table: out_units
    key: number
    where: {site: "001"}
    state:
      column: state
      new: [N, null]
      taken: S
      failed: E
      time: done_at
      error: error
      error_length: 40
      attempts: tries
    message: UnitOfMeasure 2.000
    elements:
      Code: code
      InternalId: code
      Description: {column: name, default: "-"}
"""
MOVES = """
  moves:
    table: out_moves
    key: number
    state: {column: state, new: N, taken: S, failed: E, error: error, error_length: 40}
    message: StockTurnover 1.006
    elements:
      Code: {column: number}
      InternalId: number
      DocumentType: {column: kind, codes: {I: "INV"}}
      RegisterDateTime: {column: moved_on, as: datetime}
    details:
      table: out_lines
      key: move
      order: line
      element: ListOfStockTurnoverItem/StockTurnoverItem
      elements:
        ItemInternalId: item
        Quantity: {column: quantity, as: number, places: 3, sign: drop}
        BinLocation: {constant: ""}
"""
TARGETS = """
targets:
  units:
    message: UnitOfMeasure
    table: in_units
    key: {column: bus_key, length: 20}
    columns:
      code: {element: Code, length: 10}
      name: {element: Description, length: 60}
      state: {constant: N}
"""
TARGET_MOVES = """
  moves:
    message: StockTurnover
    table: in_moves
    key: {column: bus_key, length: 16, number: yes}
    columns:
      code: Code
      moved_on: {element: RegisterDateTime, as: date}
    details:
      table: in_lines
      number: line
      element: ListOfStockTurnoverItem/StockTurnoverItem
      columns:
        item: ItemInternalId
        quantity: {element: Quantity, as: number, places: 3}
        written: {element: Quantity, as: number, places: 2, comma: yes}
"""
SOURCES = UNITS + MOVES
WRITTEN = TARGETS + TARGET_MOVES
ALL = SOURCES + WRITTEN
TABLES = (
    """CREATE TABLE out_units (number INTEGER PRIMARY KEY, site CHAR(5), code VARCHAR(20),
       name CHAR(60), state CHAR(1), done_at TIMESTAMP NULL, error VARCHAR(40), tries INTEGER)""",
    """CREATE TABLE out_moves (number INTEGER PRIMARY KEY, kind CHAR(1), moved_on TIMESTAMP NULL,
       state CHAR(1), error VARCHAR(40))""",
    """CREATE TABLE out_lines (move INTEGER, line INTEGER, item VARCHAR(40),
       quantity DECIMAL(15,3), PRIMARY KEY (move, line))""",
    """CREATE TABLE in_units (bus_key VARCHAR(20) PRIMARY KEY, code VARCHAR(10), name VARCHAR(60),
       state CHAR(1))""",
    """CREATE TABLE in_moves (bus_key DECIMAL(18) PRIMARY KEY, code VARCHAR(10), moved_on DATE)""",
    """CREATE TABLE in_lines (bus_key DECIMAL(18), line INTEGER, item VARCHAR(40),
       quantity DECIMAL(15,3), written VARCHAR(20))""",
)


class Warehouse:
    """The database of the warehouse, as its own people work in it."""

    def __init__(self, address: str, credentials: Credentials | None) -> None:
        self.address = address
        self.kind = address.partition(":")[0]
        self.credentials = credentials
        _, _, place = address.partition("://")
        driver = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
        user = f"{credentials.user}:{credentials.password}@" if credentials else ""
        self.engine = create_engine(f"{driver.get(self.kind, self.kind)}://{user}{place}")

    def do(self, *statements: str) -> None:
        """Carry statements out, in one transaction."""
        with self.engine.begin() as connection:
            for one in statements:
                connection.execute(text(one))

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """What is there, with texts as they are without the blanks that pad them."""
        with self.engine.connect() as connection:
            found = connection.execute(text(question)).all()
        return [tuple(_trimmed(value) for value in row) for row in found]

    def unit(self, number: int, code: str, name: str = "Unidade", state: str = "'N'") -> None:
        """A row of a unit."""
        self.do(
            f"INSERT INTO out_units (number, site, code, name, state) VALUES ({number}, '001', "  # noqa: S608 - a test's own
            f"'{code}', '{name}', {state})"
        )

    def states(self) -> list[tuple[Any, ...]]:
        """Number and state of the units."""
        return self.rows("SELECT number, state FROM out_units ORDER BY number")


def _trimmed(value: object) -> object:
    return value.rstrip() if isinstance(value, str) else value


@contextmanager
def warehouse(kind: str, folder: Path) -> Iterator[Warehouse]:
    """A warehouse with empty tables; its database is gone afterwards."""
    with _database(kind, folder) as (address, credentials):
        made = Warehouse(address, credentials)
        made.do(*TABLES)
        try:
            yield made
        finally:
            made.engine.dispose()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, Credentials | None]]:
    match kind:
        case "sqlite":
            yield f"sqlite:///{folder / 'warehouse.sqlite'}", None
        case "postgresql":
            url = url_of(_postgres())
            yield without_user(url), Credentials(user_of(url), PASSWORD)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
        case _:
            with _mariadb() as name:
                yield f"{without_user(MARIADB).rstrip('/')}/{name}", Credentials(name, PASSWORD)


@cache
def _postgres() -> str:
    """A database of PostgreSQL for one test after the other: to make one takes its time."""
    name = new_database("template0")
    atexit.register(drop, name)
    return name


@contextmanager
def _mariadb() -> Iterator[str]:
    """A database of MariaDB of a name that nobody else has, and a user of that name."""
    at = urlsplit(MARIADB)
    name = f"bus_test_{secrets.token_hex(8)}"
    host, port, user = at.hostname, at.port or 3306, at.username
    with (
        pymysql.connect(host=host, port=port, user=user, password=at.password or "") as server,
        server.cursor() as cursor,
    ):
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"CREATE USER {name}@'%' IDENTIFIED BY '{PASSWORD}'")
        cursor.execute(f"GRANT ALL ON {name}.* TO {name}@'%'")
        try:
            yield name
        finally:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"DROP USER {name}@'%'")


def without_user(url: str) -> str:
    """A URL without the user in it."""
    head, _, place = url.partition("://")
    return f"{head}://{place.rpartition('@')[2]}"


def user_of(url: str) -> str:
    """The user in a URL."""
    return urlsplit(url).username or "postgres"


def mapping_file(folder: Path, told: str = ALL, name: str = "mapping.yaml") -> str:
    """A mapping file in a folder."""
    file = folder / name
    file.write_text(told, "utf-8")
    return str(file)


def wms(house: Warehouse, folder: Path, told: str = ALL, **changes: Any) -> Application:
    """The warehouse as an application of the bus."""
    options = {"mapping_file": mapping_file(folder, told), "company": "1", "branch": "1"}
    given = {"timeout": 10.0, "read_every": 60.0, **changes}
    options |= given.pop("options", {})
    return Application(
        "wms",
        "WMS",
        "tables",
        house.address,
        credentials=house.credentials,
        options=options,
        **given,
    )


def opened(application: Application) -> TablesAdapter:
    """Its adapter."""
    adapter = ADAPTER.open(application, CODEC)
    assert isinstance(adapter, TablesAdapter)
    return adapter
