"""The thread that reads a journal, so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from bus.store.database import Database

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class ReadingThread:
    """A connection that only reads, and the one thread that uses it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")

    async def ask(
        self,
        question: Callable[Asked, Answer],
        *asked: Asked.args,
        **named: Asked.kwargs,
    ) -> Answer:
        """Put a question in the thread; a failing journal is a BusFault."""

        def answer() -> Answer:
            with self.database.faults():
                try:
                    return question(*asked, **named)
                except Exception:
                    if not self.database.renewed():
                        raise
                return question(*asked, **named)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)

    async def close(self) -> None:
        """Answer what was asked, then let go of the journal."""
        await self.ask(self.database.close)
        self._thread.shutdown()
