"""A package of other people whose adapter reads a table of rows that are marked when taken.

As warehouse systems keep them: rows get their numbers before they can be seen, so that a smaller
one may come later, and a row is another's until it is marked.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature, Inbound, InboundMessage, Parcel, Poll, Webhook
from bus.ports.codec import Codec
from tests.support.messages import unit

PAGE = 3
TABLE = "CREATE TABLE IF NOT EXISTS moves (number INTEGER PRIMARY KEY, code TEXT, taken TEXT DEFAULT 'N')"


def add(file: Path, rows: Mapping[int, str]) -> None:
    """The application writes rows."""
    with closing(sqlite3.connect(file)) as base, base:
        base.execute(TABLE)
        base.executemany("INSERT INTO moves (number, code) VALUES (?, ?)", rows.items())


def unmarked(file: Path) -> list[int]:
    """The rows that nobody has taken, as the application sees it."""
    with closing(sqlite3.connect(file)) as base:
        found = base.execute("SELECT number FROM moves WHERE taken <> 'S' ORDER BY number")
        return [number for (number,) in found]


class TableSource:
    """Reads unmarked rows in the order of their numbers.

    A cursor names the rows of a page that were taken so far. The one that comes back is on disk at
    the bus: its rows are marked, and never come again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.asked: list[str] = []
        self.passing: Callable[[str], None] = lambda _: None
        """Told that it is read, before it is and after."""

    async def read(self, source: Poll | Webhook) -> Inbound:
        """Mark what the bus has, and give what is left."""
        assert isinstance(source, Poll)
        self.passing("before read")
        self.asked.append(source.cursor)
        rows = await asyncio.to_thread(self._rows, json.loads(source.cursor or "[]"))
        self.passing("after read")
        messages = (
            InboundMessage(
                unit(code, uuid=f"move-{number}").xml(),
                json.dumps([row[0] for row in rows[: at + 1]]),
            )
            for at, (number, code) in enumerate(rows[:PAGE])
        )
        return Inbound(tuple(messages), more=len(rows) > PAGE)

    def _rows(self, taken: list[int]) -> list[tuple[int, str]]:
        with closing(sqlite3.connect(self._file)) as base:
            with base:
                marked = "UPDATE moves SET taken = 'S' WHERE number = ? AND taken = 'N'"
                base.executemany(marked, [(number,) for number in taken])
            unmarked = "SELECT number, code FROM moves WHERE taken = 'N' ORDER BY number LIMIT ?"
            return base.execute(unmarked, (PAGE + 1,)).fetchall()


class TableAdapter(TableSource):
    """An adapter that reads a table and takes nothing."""

    async def send(self, parcel: Parcel) -> Report:
        """It takes nothing."""
        details = {"application": parcel.application.name, "problem": "nothing is taken here"}
        return Report(Outcome.REFUSED, fault=Fault("REFUSED", details=details))

    async def ask(self, parcel: Parcel) -> Report | None:
        """It cannot tell."""
        return None

    async def probe(self) -> Fault | None:
        """It is there."""
        return None

    async def close(self) -> None:
        """Nothing is open."""


class TableKind:
    """Makes adapters for applications whose address is file:///path/of/a/database."""

    name = "table-source"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application."""
        return TableAdapter(Path(unquote(urlsplit(application.address).path)))

    def options(self) -> Mapping[str, Text]:
        """There are none."""
        return {}

    def features(self) -> frozenset[Feature]:
        """It reads."""
        return frozenset({Feature.READS})

    def faults(self) -> tuple[KnownFault, ...]:
        """It knows no texts."""
        return ()


ADAPTER = TableKind()
