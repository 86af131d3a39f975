"""Interface tables of a database as a door: rows become messages, and messages become rows."""

from adapters.tables.kind import TablesKind

ADAPTER = TablesKind()
