"""News between the processes of a journal, over LISTEN and NOTIFY."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Final

import orjson
import psycopg

from bus.core.errors import BusFault
from bus.ports.notifier import News
from bus.store.postgres.connection import DatabaseAddress
from bus.store.reader_thread import ReadingThread

CHANNEL: Final = "bus_news"
PAUSE: Final = 0.05
"""Seconds between two notices of a process."""
LONGEST: Final = 7_900
"""Bytes that a notice may have; of more it is told that there is more."""
GLANCE: Final = 0.1
"""Seconds after which a listener looks whether it is to end."""
AGAIN: Final = 1.0
"""Seconds until a listener tries again that lost its connection."""
MISSED: Final = News(missed=True)


class PostgresNotifier:
    """Tells by the connection that reads, and listens by one of its own. Implements `Notifier`."""

    def __init__(self, address: DatabaseAddress, reading: ReadingThread) -> None:
        self._address = address
        self._reading = reading
        self._name = secrets.token_hex(8)
        self._untold = News()
        self._telling: asyncio.Task[None] | None = None

    # -- telling -----------------------------------------------------------------------------------

    def tell(self, news: News) -> None:
        """Tell the others, at most once in a pause."""
        self._untold |= news
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def close(self) -> None:
        """Tell what is untold."""
        if self._telling:
            await self._telling

    async def _tell(self) -> None:
        while self._untold != News():
            news, self._untold = self._untold, News()
            with suppress(BusFault):  # whoever needs it polls
                await self._reading.ask(self._send, self._written(news))
            await asyncio.sleep(PAUSE)

    def _written(self, news: News) -> str:
        plain = {
            "from": self._name,
            "due": [*news.due],
            "answered": [*news.answered],
            "configured": news.configured,
        }
        text = orjson.dumps(plain)
        if news.missed or len(text) > LONGEST:
            text = orjson.dumps({"from": self._name, "missed": True})
        return text.decode()

    def _send(self, text: str) -> None:
        self._reading.database.statements("history.sql").where("notify", {"news": text})

    # -- listening ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def listening(self, hear: Callable[[News], None]) -> AsyncIterator[None]:
        """Hear what others tell; after a connection broke, that something was missed."""
        loop, ending = asyncio.get_running_loop(), threading.Event()

        def pass_on(news: News) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(hear, news)

        thread = threading.Thread(
            target=self._listen, args=(pass_on, ending), name="journal-listener", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ending.set()
            await asyncio.to_thread(thread.join)

    def _listen(self, pass_on: Callable[[News], None], ending: threading.Event) -> None:
        while not ending.is_set():
            with suppress(BusFault, psycopg.Error), closing(self._address.connect()) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                pass_on(MISSED)
                while not ending.is_set():
                    for notice in connection.notifies(timeout=GLANCE):
                        if news := self._read(notice.payload):
                            pass_on(news)
            ending.wait(AGAIN)

    def _read(self, payload: str) -> News | None:
        """What a notice tells; nothing of our own. An unreadable one may be about anything."""
        try:
            told: dict[str, Any] = orjson.loads(payload)
            if told.get("from") == self._name:
                return None
            if told.get("missed"):
                return MISSED
            due, answered = frozenset(told["due"]), frozenset(told["answered"])
            return News(due, answered, configured=bool(told.get("configured")))
        except (ValueError, TypeError, KeyError, AttributeError):
            return MISSED
