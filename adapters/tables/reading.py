"""What the tables of one application have for the bus, and what is written back beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from adapters.tables.composing_rows import RowComposer
from adapters.tables.interface_database import InterfaceDatabase, NotConnected
from adapters.tables.mapping import RowSource
from adapters.tables.reading_rows import InterfaceRow, mark_rows, new_rows
from bus.core.errors import Fault, ReceiverFault
from bus.ports.adapter import Inbound, InboundMessage, TakenMessage


class TablesReading:
    """Reads rows that are new, and marks them by what became of their messages.

    The cursor of a message is its UUID, which comes of the row and what it says.
    """

    def __init__(
        self,
        database: InterfaceDatabase,
        composer: RowComposer,
        sources: Sequence[RowSource],
        page: int,
    ) -> None:
        self._database = database
        self._composer = composer
        self._sources = sources
        self._page = page
        self._handed: dict[str, InterfaceRow] = {}
        self._refused: set[str] = set()
        """Messages that were rejected, and whose rows have no way to say so: told once."""

    async def read(self) -> Inbound:
        """The first rows that are new, source after source; ReceiverFault without a database."""
        try:
            found, more = await self._database.run(self._look)
        except NotConnected as away:
            raise ReceiverFault(self._database.fault(away.error)) from None
        except SQLAlchemyError as error:
            raise ReceiverFault(self._database.fault(error, "UNREACHABLE")) from None
        self._handed = {message.cursor: row for message, row in found}
        return Inbound(tuple(message for message, _ in found), more)

    async def mark(self, taken: Sequence[TakenMessage]) -> None:
        """Mark the rows of messages; ReceiverFault where they cannot be marked."""
        marks: dict[str, dict[Any, tuple[InterfaceRow, str | None]]] = {}
        for one in taken:
            if (row := self._handed.get(one.cursor)) is None:
                continue
            reason = _reason(one.fault) if one.fault else None
            if reason is not None and row.source.state.failed is None:
                self._refused.add(one.cursor)
            else:
                marks.setdefault(row.source.name, {})[row.key] = (row, reason)
        try:
            await self._database.run(lambda: self._write(marks))
        except NotConnected as away:
            raise ReceiverFault(self._database.fault(away.error)) from None
        except SQLAlchemyError as error:
            raise ReceiverFault(self._database.fault(error, "UNREACHABLE")) from None

    def _look(self) -> tuple[list[tuple[InboundMessage, InterfaceRow]], bool]:
        """In a thread: a page of messages with their rows, and whether there are more."""
        found: list[tuple[InboundMessage, InterfaceRow]] = []
        most = self._page + 1 + len(self._refused)
        skips = self._database.skips_locked
        with self._database.connected() as connection:
            for source in self._sources:
                rows = new_rows(connection, source, most, skip_locked=skips)
                found += self._composed(rows)
                if len(found) > self._page:
                    break
        return found[: self._page], len(found) > self._page

    def _composed(self, rows: Iterable[InterfaceRow]) -> list[tuple[InboundMessage, InterfaceRow]]:
        made = ((self._composer.message(row), row) for row in rows)
        return [(message, row) for message, row in made if message.cursor not in self._refused]

    def _write(self, marks: dict[str, dict[Any, tuple[InterfaceRow, str | None]]]) -> None:
        skips = self._database.skips_locked
        with self._database.connected() as connection:
            for source in self._sources:
                if of_it := marks.get(source.name):
                    mark_rows(connection, source, of_it, skip_locked=skips)
            connection.commit()


def _reason(fault: Fault) -> str:
    """Why, for who repairs the row: what happened, in Portuguese."""
    return fault.reason("pt")
