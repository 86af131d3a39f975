"""The journal in a PostgreSQL database: several buses may share it."""

from bus.store.postgres.put_back import copy_into, restore_into
from bus.store.postgres.store import PostgresStore

__all__ = ["PostgresStore", "copy_into", "restore_into"]
