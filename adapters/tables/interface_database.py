"""The database of an application: connections in threads of their own, and what its errors mean."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.types import UserDefinedType

from adapters.tables.settings import TablesSettings
from bus.core.errors import Fault
from bus.core.known_faults import searchable
from bus.core.route import Application
from bus.core.text import Text, same

Result = TypeVar("Result")

LOCK_WAIT = 5.0
"""Seconds that a statement waits for what somebody else has locked."""
SHOWN = 300
LOGIN_REFUSED = re.compile(
    r"password authentication failed|access denied for user|login failed|invalid username"
    r"|role .* does not exist|your user name and password are not defined|no password supplied"
)
LOCKED = re.compile(
    r"lock wait timeout|lock timeout|deadlock|database is locked|could not obtain lock|ora-00054"
    r"|ora-00060|update conflicts"
)
SKIPS_LOCKED = frozenset({"postgresql", "mysql", "mariadb"})
"""The databases in which a read passes over what others have locked."""


class AsItIs(UserDefinedType[object]):
    """A column whose values go to the driver as they are: the database knows its type."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401
        """SQLite has neither decimals nor dates: it is given their texts."""
        return _as_text if dialect.name == "sqlite" else None


def _as_text(value: object) -> object:
    return value if value is None or isinstance(value, (int, str, bytes)) else str(value)


class NotConnected(Exception):
    """No connection could be had: nothing was done."""

    def __init__(self, error: SQLAlchemyError) -> None:
        super().__init__(str(error))
        self.error = error


class InterfaceDatabase:
    """One application's database. What blocks runs in threads that it shares with nobody."""

    def __init__(self, application: Application, settings: TablesSettings) -> None:
        self._application = application
        known = application.credentials
        url = settings.url
        if known is not None and url.get_backend_name() != "sqlite":
            url = url.set(username=known.user, password=known.password)
        self._secret = known.password if known is not None else ""
        threads = application.concurrency + 2  # those that send, one that reads, one that probes
        self._engine = create_engine(
            _opened(url),
            connect_args=_limits(url, settings.connect_timeout, application.timeout),
            pool_size=threads,
            max_overflow=0,
            pool_timeout=settings.connect_timeout,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        if url.get_backend_name() == "sqlite":
            _begin_at_once(self._engine)
        self._closed = False
        self._threads = ThreadPoolExecutor(threads, f"tables-{application.name}")

    @property
    def skips_locked(self) -> bool:
        """Whether a read can pass over what others have locked."""
        return self._engine.dialect.name in SKIPS_LOCKED

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do what blocks beside the event loop; a cancellation does not wait for its end."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection; NotConnected where there is none. What is not committed is undone."""
        try:
            connection = self._engine.connect()
            connection.begin()
        except SQLAlchemyError as error:
            raise NotConnected(error) from error
        with connection:
            try:
                yield connection
            finally:
                if self._closed:  # nobody will take it again
                    connection.invalidate()

    def fault(self, error: SQLAlchemyError, code: str = "") -> Fault:
        """What an error of the database is told as, without the password."""
        words = self.words(error)
        if not code:
            code = "UNREACHABLE"
            if LOGIN_REFUSED.search(searchable(words)):
                code = "LOGIN_REFUSED_BY_RECEIVER"
        return self.told(code, same(words))

    def told(self, code: str, problem: Text) -> Fault:
        """A fault of this application."""
        return Fault(code, details={"application": self._application.name, "problem": problem})

    def words(self, error: SQLAlchemyError) -> str:
        """What the database said: its first line, shortened."""
        said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error)
        if self._secret:
            said = said.replace(self._secret, "***")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return (lines[0] if lines else type(error).__name__)[:SHOWN].rstrip(". ")

    def is_locked(self, error: SQLAlchemyError) -> bool:
        """Whether an error says that somebody else had locked what was wanted."""
        return bool(LOCKED.search(searchable(self.words(error))))

    async def close(self) -> None:
        """Let go of the connections that nobody uses."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._engine.dispose)


def _opened(url: URL) -> URL:
    """A file of SQLite is opened where it is there, and never made."""
    if url.get_backend_name() != "sqlite":
        return url
    file = f"file:{quote(url.database or '')}"
    return url.set(database=file, query={"mode": "rw", "uri": "true"})


def _limits(url: URL, connecting: float, within: float) -> Mapping[str, object]:
    """What a driver is told of times: connecting, waiting for a lock, and any one statement."""
    wait = min(LOCK_WAIT, within / 3)
    match url.get_backend_name():
        case "sqlite":
            return {"timeout": wait}
        case "postgresql":
            milliseconds = (
                f"-c lock_timeout={wait * 1000:.0f} -c statement_timeout={within * 1000:.0f}"
            )
            return {"connect_timeout": max(2, round(connecting)), "options": milliseconds}
        case "mysql" | "mariadb":
            return {
                "connect_timeout": max(1, round(connecting)),
                "read_timeout": max(1, round(within)),
                "write_timeout": max(1, round(within)),
                "init_command": f"SET SESSION innodb_lock_wait_timeout = {max(1, round(wait))}",
            }
        case "oracle":
            return {"tcp_connect_timeout": connecting}
        case "mssql":
            return {"timeout": max(1, round(connecting))}
        case _:
            return {}


def _begin_at_once(engine: Any) -> None:  # noqa: ANN401 - what events are about
    """A transaction of SQLite holds the file from its beginning: what was read in it stays so."""

    @event.listens_for(engine, "connect")
    def _no_transactions_of_its_own(connection: Any, _: object) -> None:  # noqa: ANN401
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as a mapping names it: `schema.table`, or `table`."""

    schema: str | None
    name: str

    @classmethod
    def of(cls, written: str) -> TableName:
        """The parts of a name."""
        schema, dot, name = written.rpartition(".")
        return cls(schema if dot else None, name)
