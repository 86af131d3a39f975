"""A journal copied into another, row by row, whatever the drivers of the two."""

from __future__ import annotations

from collections.abc import Callable

from bus.store.database import Database
from bus.store.puts import PUTS

_OF_PAIRS = {"pair_rows", "pair_changes", "pair_conflicts", "pair_waits"}


def copy_rows(source: Database, target: Database, stopped: Callable[[], bool]) -> bool:
    """Copy all rows of a journal into the empty tables of another, as of one moment.

    Within one transaction of the target, which the caller ends; False where it was `stopped`.
    """
    files = {file: target.statements(file) for file in ("tables.sql", "pairs.sql")}
    with source.moment():
        for table in PUTS:
            file = "pairs.sql" if table in _OF_PAIRS else "tables.sql"
            write = files[file].writer(table, raw=True)
            for rows in source.all_of(table):
                if stopped():
                    return False
                write(rows)
    return True
