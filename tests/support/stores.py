"""The stores that must keep the semantics: the one list of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bus.ports.clock import Clock
from bus.ports.depara import CrossReference
from bus.ports.history import History
from bus.ports.journal import Journal
from bus.ports.notifier import Notifier
from bus.store.memory import MemoryStore
from bus.store.postgres import PostgresStore
from bus.store.sqlite import SqliteStore
from tests.support.postgres import database_of


class Store(Protocol):
    """A journal, written and read by one process."""

    @property
    def clock(self) -> Clock:
        """The time of the journal, and this process's chance."""

    @property
    def journal(self) -> Journal:
        """Records what happens."""

    @property
    def history(self) -> History:
        """Reads it."""

    @property
    def crossreference(self) -> CrossReference:
        """Reads and changes the de-para."""

    @property
    def notifier(self) -> Notifier | None:
        """Tells other processes."""

    async def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How to open a store; `lasting` tells that it can be closed and opened again."""

    name: str
    open: Callable[[Path, Clock], Awaitable[Store]]
    lasting: bool


async def _memory(_: Path, clock: Clock) -> Store:
    return MemoryStore(clock)


async def _sqlite(folder: Path, clock: Clock) -> Store:
    return await SqliteStore.open(folder / "bus.db", clock)


async def _postgres(folder: Path, clock: Clock) -> Store:
    return await PostgresStore.open(database_of(folder), clock)


STORES = (
    StoreKind("memory", _memory, lasting=False),
    StoreKind("sqlite", _sqlite, lasting=True),
    StoreKind("postgres", _postgres, lasting=True),
)
