"""The History port over a SQLite file: a reader in a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from bus.core.errors import BusFault, Fault
from bus.journal.commands import Configure
from bus.journal.rows import ConfigurationRow, DeliveryRow, MessageRow
from bus.ports.history import Filter, Stock, Trace
from bus.store.sqlite.reader import AUDITS, AuditedRow, Key, Reader
from bus.store.sqlite.reader_thread import ReadingThread


class SqliteHistory:
    """Reads the journal. `configure` records a configuration; None where the file is another's."""

    def __init__(
        self,
        reading: ReadingThread,
        configure: Callable[[Configure], Awaitable[object]] | None = None,
    ) -> None:
        self._reading = reading
        self._reader = Reader(reading.connection)
        self._configure = configure

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of a bus id (at most one) or a sender's UUID (newest first)."""
        return await self._reading.ask(self._reader.find, id_or_uuid)

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message, as of one moment."""
        return await self._reading.ask(self._reader.trace, message)

    async def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""
        return await self._reading.ask(self._reader.body, message)

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""
        return await self._reading.ask(self._reader.messages, chosen)

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""
        return await self._reading.ask(self._reader.stock)

    async def audit(self, table: str) -> AsyncIterator[AuditedRow]:
        """All rows of a table in the order of its keys; facts by message, then as they happened."""
        return self._rows(table, AUDITS[table].start)

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; a text that differs from the newest is recorded first."""
        if text and self._configure is None:
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": self._reading.path}))
        if text and self._configure:
            await self._configure(Configure(text, actor))
        return await self._reading.ask(self._reader.configurations)

    async def _rows(self, table: str, start: Key) -> AsyncIterator[AuditedRow]:
        after: Key | None = start
        while after is not None:
            rows, after = await self._reading.ask(self._reader.audit, table, after)
            for row in rows:
                yield row
