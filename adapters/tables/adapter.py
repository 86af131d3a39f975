"""Speaks to one application by the interface tables of its database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from adapters.tables.inserting import RowWriter
from adapters.tables.interface_database import InterfaceDatabase, NotConnected
from adapters.tables.mapping import RowTarget, TableMapping
from adapters.tables.reading import TablesReading
from adapters.tables.seen_tables import misfits
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.text import Text
from bus.ports.adapter import Inbound, Parcel, Poll, TakenMessage, Webhook

NO_PLACE = Text(
    "o mapeamento não tem lugar para {transaction}", "the mapping has no place for {transaction}"
)


class TablesAdapter:
    """Delivers into tables, and takes what is new in them."""

    def __init__(
        self,
        database: InterfaceDatabase,
        mapping: TableMapping,
        reading: TablesReading,
        writer: RowWriter,
    ) -> None:
        self._database = database
        self._mapping = mapping
        self._reading = reading
        self._writer = writer

    async def send(self, parcel: Parcel) -> Report:
        """Deliver by rows in one transaction."""
        target = self._target(parcel)
        if target is None:
            transaction = parcel.document.envelope.header.transaction
            problem = NO_PLACE.filled(transaction=transaction)
            return Report(Outcome.REFUSED, fault=self._database.told("IMPOSSIBLE_THERE", problem))
        return await self._writer.write(target, parcel)

    async def ask(self, parcel: Parcel) -> Report | None:
        """Whether the rows of a message are there, by its key."""
        target = self._target(parcel)
        return await self._writer.look(target, parcel) if target else None

    async def read(self, source: Poll | Webhook) -> Inbound:
        """The rows that are new; a call tells that there are some."""
        if isinstance(source, Webhook):
            return Inbound(more=True)
        return await self._reading.read()

    async def mark(self, taken: Sequence[TakenMessage]) -> None:
        """Write beside rows what became of them."""
        await self._reading.mark(taken)

    async def probe(self) -> Fault | None:
        """Whether the database answers, and its tables are as the mapping has them."""
        try:
            wrong = await self._database.run(self._misfits)
        except NotConnected as away:
            return self._database.fault(away.error)
        except SQLAlchemyError as error:
            return self._database.fault(error)
        return self._database.told("TABLES_DIFFER", wrong) if wrong else None

    async def close(self) -> None:
        """Let go of connections."""
        await self._database.close()

    def _misfits(self) -> Text | None:
        with self._database.connected() as connection:
            return misfits(connection, self._mapping)

    def _target(self, parcel: Parcel) -> RowTarget | None:
        transaction = parcel.document.envelope.header.transaction
        return self._mapping.targets.get(transaction.casefold())
