"""The journal in one SQLite file: one writer thread, group commit, readers beside it."""

from bus.store.sqlite.backup import restore
from bus.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "restore"]
