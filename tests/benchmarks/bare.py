"""The bare pipeline: what the bus is held against.

The same server, libraries and disk, and nothing but what the job cannot do without: parse, validate,
commit the body, answer. No journal of facts, no lanes, no identities, no routes, no trace.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Protocol

import apsw
from lxml import etree

MOST_AT_ONCE: Final = 512
ACCEPTED: Final = b"<Accepted/>"
XSDS: Final = Path(__file__).resolve().parents[2] / "schemas" / "messages"


class Table:
    """One SQLite table, written by a thread that commits together whatever waits."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", "full")
        self._connection.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        self._loop = asyncio.get_running_loop()
        self._queue: list[tuple[bytes, asyncio.Future[None]]] = []
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="bare-writer", daemon=True)
        self._thread.start()

    async def keep(self, body: bytes) -> None:
        """Return when the body is on disk."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        with self._changed:
            self._queue.append((body, waiter))
            self._changed.notify()
        await waiter

    async def close(self) -> None:
        """Write what waits, then end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _run(self) -> None:
        while batch := self._take():
            with self._connection:
                self._connection.executemany(
                    "INSERT INTO bodies (body) VALUES (?)", [(body,) for body, _ in batch]
                )
            self._loop.call_soon_threadsafe(_tell, [waiter for _, waiter in batch])

    def _take(self) -> list[tuple[bytes, asyncio.Future[None]]]:
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
        return batch


def _tell(waiters: list[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


class Schemas:
    """The compiled contracts, by transaction."""

    def __init__(self) -> None:
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True)
        self._schemas = {
            file.name.partition("_")[0]: etree.XMLSchema(etree.parse(file))
            for file in XSDS.glob("*.xsd")
        }

    def parse(self, body: bytes) -> etree._Element:
        """The tree of a message."""
        return etree.fromstring(body, self._parser)

    def valid(self, root: etree._Element) -> bool:
        """Whether the content of a message conforms to its contract."""
        transaction = _child(_child(root, "MessageInformation"), "Transaction").text or ""
        content = _child(_child(root, "BusinessMessage"), "BusinessContent")
        return self._schemas[transaction].validate(content)


def _child(parent: etree._Element, name: str) -> etree._Element:
    return next(parent.iterchildren(name))


class Keeper(Protocol):
    """What keeps a message."""

    async def keep(self, body: bytes) -> None:
        """Return when it is safe."""


class App:
    """Raw ASGI: parse, validate, commit, answer."""

    def __init__(self, table: Keeper, schemas: Schemas) -> None:
        self._table = table
        self._schemas = schemas

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Take one message."""
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        valid = self._schemas.valid(self._schemas.parse(body))
        if valid:
            await self._table.keep(body)
        headers = [
            (b"content-type", b"application/xml; charset=utf-8"),
            (b"content-length", b"%d" % len(ACCEPTED)),
        ]
        await send(
            {
                "type": "http.response.start",
                "status": 202 if valid else 422,
                "headers": headers,
            }
        )
        await send({"type": "http.response.body", "body": ACCEPTED})
