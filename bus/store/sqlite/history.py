"""The History port over a SQLite file: a reader in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import apsw

from bus.core.errors import BusFault, Fault
from bus.core.journal import ConfigurationRow, DeliveryRow, MessageRow
from bus.ports import Filter, Stock, Trace
from bus.store.journal import Configure
from bus.store.sqlite.connecting import faults
from bus.store.sqlite.reading import AUDITS, AuditedRow, Key, Reader

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class SqliteHistory:
    """Reads the journal. `configure` records a configuration; None where the file is another's."""

    def __init__(
        self,
        connection: apsw.Connection,
        configure: Callable[[Configure], Awaitable[object]] | None = None,
    ) -> None:
        self._connection = connection
        self._reader = Reader(connection)
        self._configure = configure
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of a bus id (at most one) or a sender's UUID (newest first)."""
        return await self._ask(self._reader.find, id_or_uuid)

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message, as of one moment."""
        return await self._ask(self._reader.trace, message)

    async def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""
        return await self._ask(self._reader.body, message)

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""
        return await self._ask(self._reader.messages, chosen)

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""
        return await self._ask(self._reader.stock)

    async def audit(self, table: str) -> AsyncIterator[AuditedRow]:
        """All rows of a table in the order of its keys; facts by message, then as they happened."""
        return self._rows(table, AUDITS[table].start)

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; a text that differs from the newest is recorded first."""
        if text and self._configure is None:
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": self._connection.filename}))
        if text and self._configure:
            await self._configure(Configure(text, actor))
        return await self._ask(self._reader.configurations)

    async def close(self) -> None:
        """Answer what was asked, then let go of the file."""
        await self._ask(self._connection.close)
        self._thread.shutdown()

    async def _rows(self, table: str, start: Key) -> AsyncIterator[AuditedRow]:
        after: Key | None = start
        while after is not None:
            rows, after = await self._ask(self._reader.audit, table, after)
            for row in rows:
                yield row

    async def _ask(
        self,
        question: Callable[Asked, Answer],
        *asked: Asked.args,
        **named: Asked.kwargs,
    ) -> Answer:
        def answer() -> Answer:
            with faults():
                return question(*asked, **named)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)
