"""The journal in a PostgreSQL database: several buses may share it."""

from bus.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
