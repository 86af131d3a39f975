"""The thread that reads a journal file, so that the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import apsw

from bus.store.sqlite.connection import faults

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class ReadingThread:
    """A connection that only reads, and the one thread that uses it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")

    @property
    def path(self) -> str:
        """The file."""
        return self.connection.filename

    async def ask(
        self,
        question: Callable[Asked, Answer],
        *asked: Asked.args,
        **named: Asked.kwargs,
    ) -> Answer:
        """Put a question in the thread; a failing file is a BusFault."""

        def answer() -> Answer:
            with faults():
                return question(*asked, **named)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)

    async def close(self) -> None:
        """Answer what was asked, then let go of the file."""
        await self.ask(self.connection.close)
        self._thread.shutdown()
