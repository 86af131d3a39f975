"""Databases of tests, on the server that `BUS_TEST_POSTGRES` names; each is a test's own.

They are made when a test first opens a journal in a folder, and dropped when that test is over.
"""

from __future__ import annotations

import atexit
import os
import secrets
from contextlib import closing
from pathlib import Path

import psycopg

from bus.store.postgres.connection import DatabaseAddress
from bus.store.postgres.migrate import migrate

SERVER = os.environ.get("BUS_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
PREFIX = "bus_test_"

_made: dict[Path, str] = {}
_template: list[str] = []
"""A database with the tables of a journal in which no bus ever ran: copied, and made once."""


def database_of(folder: Path) -> str:
    """The URL of the database that belongs to a folder of a test, made when first asked for."""
    if folder not in _made:
        _made[folder] = new_database()
    return url_of(_made[folder])


def new_database(template: str = "") -> str:
    """The name of a database that nobody else has: with the tables of a journal, or as another."""
    name = f"{PREFIX}{secrets.token_hex(8)}"
    of = template or _with_tables()
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {of} ENCODING 'UTF8'")
    return name


def _with_tables() -> str:
    if not _template:
        name = new_database("template0")
        atexit.register(drop, name)
        with (
            closing(DatabaseAddress(url_of(name)).connect()) as connection,
            connection.transaction(),
        ):
            migrate(connection, 0)
        _template.append(name)
    return _template[0]


def url_of(name: str) -> str:
    """The URL of a database of the server."""
    head, _, rest = SERVER.partition("://")
    place, _, options = rest.partition("?")
    address = f"{head}://{place.partition('/')[0]}/{name}"
    return f"{address}?{options}" if options else address


def name_of(url: str) -> str:
    """The name of the database of a URL."""
    return url.partition("?")[0].rpartition("/")[2]


def drop_databases() -> None:
    """Drop those that were made so far, whoever is connected."""
    while _made:
        _, name = _made.popitem()
        drop(name)


def drop(name: str) -> None:
    """Drop a database, whoever is connected."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
