"""Databases of tests, on the server that `BUS_TEST_POSTGRES` names; each is a test's own.

One is made when a test first opens a journal in a folder. When that test is over it is emptied for
the next, which is a hundred times quicker than to drop it, or dropped where that cannot be.
"""

from __future__ import annotations

import atexit
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bus.store.postgres.connection import DatabaseAddress
from bus.store.postgres.migrate import migrate

SERVER = os.environ.get("BUS_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
PREFIX = "bus_test_"
LEAVING = 0.5
"""Seconds within which a connection that was closed is gone."""

_made: dict[Path, str] = {}
_spare: list[str] = []
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SCHEMAS = """
    SELECT nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'bus'"
_SEQUENCES = """
    SELECT setval(format('bus.%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'bus'
"""
_MADE = "SELECT * FROM bus.migrations ORDER BY 1"
_tables: list[tuple[object, ...]] = []
"""What made the tables of a journal."""
_template: list[str] = []
"""A database with the tables of a journal in which no bus ever ran: copied, and made once."""


def database_of(folder: Path) -> str:
    """The URL of the database that belongs to a folder of a test, made when first asked for."""
    if folder not in _made:
        _made[folder] = _spare.pop() if _spare else new_database()
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
            _tables[:] = connection.execute(_MADE).fetchall()
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


@contextmanager
def database_of_a_user(password: str) -> Iterator[str]:
    """The URL of a new database of a new user, who may do nothing else; both are gone afterwards."""
    name = f"{PREFIX}{secrets.token_hex(8)}"
    role = sql.Identifier(name)
    with psycopg.connect(SERVER, autocommit=True) as server:
        login = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
        server.execute(login)
        server.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8'").format(role, role))
    scheme, place, path, query, _ = urlsplit(url_of(name))
    host = place.rpartition("@")[2]
    try:
        yield urlunsplit((scheme, f"{name}:{password}@{host}", path, query, ""))
    finally:
        drop(name)
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(sql.SQL("DROP ROLE {}").format(role))


def free_databases() -> None:
    """Empty those of a test for the next one; drop what cannot be emptied."""
    while _made:
        _, name = _made.popitem()
        if _is_emptied(name):
            _spare.append(name)
        else:
            drop(name)


def _is_emptied(name: str) -> bool:
    """Make a database as new; False where somebody is connected, or it has more than a journal."""
    with closing(psycopg.connect(url_of(name), autocommit=True)) as connection:
        until = time.monotonic() + LEAVING
        while connection.execute(_OTHERS).fetchone() != (0,):
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        schemas = connection.execute(_SCHEMAS).fetchall()
        if schemas != [("bus",), ("public",)] or connection.execute(_MADE).fetchall() != _tables:
            return False
        try:
            connection.execute("SET session_replication_role = replica")  # facts are append-only
        except psycopg.errors.InsufficientPrivilege:
            return False
        with connection.transaction():  # one write to disk, not one for each table
            tables = [table for (table,) in connection.execute(_TABLES) if table != "migrations"]
            for table in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("bus", table)))
            connection.execute(_SEQUENCES)
    return True


@atexit.register
def _drop_spare() -> None:
    while _spare:
        drop(_spare.pop())


def drop(name: str) -> None:
    """Drop a database, whoever is connected."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
