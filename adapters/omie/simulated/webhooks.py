"""Events of a simulated Omie app, told one after the other until each is taken (facts 1.5)."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping

from aiohttp import ClientError, ClientSession, ClientTimeout

MAIN_TRIES = 5
"""How often an event is told before it goes to the queue of those that failed; both invented."""
PAUSE, LATER = 0.05, 0.5
"""Seconds between two tries, first and later; real ones are longer."""
PATIENCE = 7.0
"""Seconds within which an event must be taken."""


class Webhooks:
    """Tells the events of one app to one address, in their order."""

    def __init__(self, app_key: str, address: str, *, older: bool = False) -> None:
        self._app_key = app_key
        self._address = address
        self._event_name = "evento" if older else "event"
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._failed: list[bytes] = []
        self._again = False
        self._task = asyncio.create_task(self._tell_for_ever())
        self.told: list[bytes] = []

    def tell(self, topic: str, event: Mapping[str, object]) -> None:
        """Have an event told."""
        body = {
            "messageId": str(uuid.uuid4()),
            "topic": topic,
            self._event_name: dict(event),
            "author": {"email": "", "name": "", "userId": 0},
            "appKey": self._app_key,
            "appHash": "",
            "origin": "omie-connect-2.0",
        }
        self._waiting.put_nowait(json.dumps(body).encode())

    def ping(self) -> None:
        """What the portal sends when an address is registered."""
        self._waiting.put_nowait(b'{"ping":"omie"}')

    def repeat(self) -> None:
        """Tell the last event once more, as after an answer that was lost."""
        self._waiting.put_nowait(self.told[-1])

    async def caught_up(self) -> None:
        """Wait until all that was to be told has been taken, or failed."""
        await self._waiting.join()

    async def close(self) -> None:
        """Tell no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _tell_for_ever(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:
            while True:
                body = await self._next()
                again = self._again
                for _ in range(MAIN_TRIES):
                    if await self._is_taken(session, body):
                        self.told.append(body)
                        break
                    await asyncio.sleep(PAUSE)
                else:
                    self._failed.append(body)
                if not again:
                    self._waiting.task_done()

    async def _next(self) -> bytes:
        """The next event; while none comes, one that failed."""
        self._again = False
        try:
            return await asyncio.wait_for(self._waiting.get(), LATER if self._failed else None)
        except TimeoutError:
            self._again = True
            return self._failed.pop(0)

    async def _is_taken(self, session: ClientSession, body: bytes) -> bool:
        headers = {"Content-Type": "application/json"}
        try:
            async with session.post(self._address, data=body, headers=headers) as answer:
                return 200 <= answer.status < 300  # noqa: PLR2004 - HTTP's range of success
        except (ClientError, OSError):
            return False
