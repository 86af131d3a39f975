"""What an application with interface tables must say, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from adapters.tables.adapter import TablesAdapter
from adapters.tables.checks import mistakes_in
from adapters.tables.composing_rows import RowComposer
from adapters.tables.inserting import RowWriter
from adapters.tables.interface_database import InterfaceDatabase
from adapters.tables.reading import TablesReading
from adapters.tables.settings import OPTIONS, settings_of
from bus.core.adapter_options import mistake
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec
from bus.ports.contracts import ContractFields

NO_DRIVER = Text(
    "Instale o driver do banco: pip install 'eai-bus[mariadb]', [oracle], [mssql] ou [firebird].",
    "Install the driver of the database: pip install 'eai-bus[mariadb]', [oracle], [mssql] or "
    "[firebird].",
)


class TablesKind:
    """Makes adapters for applications whose address is a database; `credentials` are its user's."""

    name = "tables"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application; BusFault where address or options make no sense."""
        settings = settings_of(application)
        try:
            database = InterfaceDatabase(application, settings)
        except (ImportError, SQLAlchemyError) as error:
            shown = type(error).__name__
            raise mistake(application, "address", shown, NO_DRIVER) from error
        composer = RowComposer(application, codec)
        reading = TablesReading(database, composer, settings.mapping.sources, settings.page)
        writer = RowWriter(database, application.name)
        return TablesAdapter(database, settings.mapping, reading, writer)

    def options(self) -> Mapping[str, Text]:
        """The options it understands."""
        return OPTIONS

    def features(self) -> frozenset[Feature]:
        """It reads rows, and finds out whether a message has become rows."""
        return frozenset({Feature.ASKS, Feature.READS})

    def mistakes(
        self, applications: Sequence[Application], contracts: ContractFields
    ) -> tuple[Fault, ...]:
        """Mappings that differ from their contracts, and sources that would take the same rows."""
        return mistakes_in(applications, contracts)

    def faults(self) -> tuple[KnownFault, ...]:
        """None: databases say what they like."""
        return ()
