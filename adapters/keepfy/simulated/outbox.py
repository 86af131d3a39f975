"""Events of a simulated Keepfy, posted one after the other, each until the bus has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout

PAUSE = 0.05
"""Seconds between two tries; real ones are longer."""
PATIENCE = 10.0
"""Seconds within which an event must be taken."""
SERVER_ERROR = 500


class PostedEvent(NamedTuple):
    """What the bus said of an event at last: 2XX that it has it, 4XX that it never will."""

    status: int
    answer: Any


class Outbox:
    """Posts to one address, in order; what is refused is not posted again."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._waiting: asyncio.Queue[tuple[bytes, asyncio.Future[PostedEvent]]] = asyncio.Queue()
        self._task = asyncio.create_task(self._post_for_ever())
        self.tries = 0

    def post(self, event: Mapping[str, Any]) -> asyncio.Future[PostedEvent]:
        """Have an event posted; the future tells what the bus said of it."""
        said: asyncio.Future[PostedEvent] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((json.dumps(event).encode(), said))
        return said

    async def close(self) -> None:
        """Post no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _post_for_ever(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:
            while True:
                body, said = await self._waiting.get()
                while not (posted := await self._try(session, body)):  # noqa: ASYNC110 - it asks the bus
                    await asyncio.sleep(PAUSE)
                if not said.done():
                    said.set_result(posted)

    async def _try(self, session: ClientSession, body: bytes) -> PostedEvent | None:
        headers = {"Content-Type": "application/json"}
        self.tries += 1
        try:
            async with session.post(self._address, data=body, headers=headers) as answer:
                if answer.status >= SERVER_ERROR:
                    return None
                return PostedEvent(answer.status, json.loads(await answer.text()))
        except (ClientError, OSError, ValueError):
            return None
