"""Connections to the server: how each is set up, and what of a server cannot be worked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.types.numeric import Int8Dumper

from bus.core.errors import BusFault, Fault
from bus.core.journal_address import shown
from bus.core.text import Text
from bus.store.postgres.problems import OLDEST, failed, unreachable

SCHEMA: Final = "bus"
"""Where the tables of a journal are in their database."""

_SECONDS_TO_CONNECT: Final = 10
_SESSION: Final = f"""
SET search_path = {SCHEMA};
SET client_min_messages = warning;
SET lock_timeout = '60s';
SET idle_in_transaction_session_timeout = '60s';
SET enable_sort = off;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local');
"""
"""A commit is on disk when it returns, whatever the server is used to. A process that hangs within
one does not hold up the others for ever. What is asked for in an order that an index has is read in
that order until there is enough, even where the server has not counted its rows yet: it would read
all of them, and sort."""
_NETWORK: Final = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # ms
}


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """The way to a database; it never shows the password of its URL."""

    url: str

    @property
    def place(self) -> str:
        """The URL without its password."""
        return shown(self.url)

    def __repr__(self) -> str:
        return f"DatabaseAddress({self.place!r})"

    def connect(self) -> psycopg.Connection:
        """A connection on which each statement is a transaction of its own unless one is begun."""
        settings = {"connect_timeout": _SECONDS_TO_CONNECT, "application_name": "eai-bus"}
        try:
            connection = psycopg.connect(self.url, autocommit=True, **settings, **_NETWORK)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise unreachable(self.place, error) from None  # its words may hold the password
        try:
            _refuse_unfit(connection)
            connection.execute(_SESSION)
        except psycopg.Error as error:
            connection.close()
            raise failed(error) from error
        except BusFault:
            connection.close()
            raise
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection


def _refuse_unfit(connection: psycopg.Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise _unfit(
            Text(
                f"o servidor é o PostgreSQL {version}, e é preciso o {OLDEST} ou mais novo",
                f"the server is PostgreSQL {version}, and {OLDEST} or newer is needed",
            )
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise _unfit(
            Text(
                f"o banco de dados guarda textos em {encoding}, e é preciso UTF8",
                f"the database keeps texts in {encoding}, and UTF8 is needed",
            )
        )


def _unfit(problem: Text) -> BusFault:
    return BusFault(Fault("JOURNAL_FAILED", details={"problem": problem}))
