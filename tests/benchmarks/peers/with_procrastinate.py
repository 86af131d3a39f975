"""procrastinate: jobs in PostgreSQL, one INSERT each, by a worker in the same process."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import procrastinate

from tests.benchmarks.bare import App, Schemas
from tests.benchmarks.peers.destination import post
from tests.benchmarks.serving import serve as serve_app


class Deferred:
    """Keeps a message as a job."""

    def __init__(self, task: Any) -> None:
        self._task = task

    async def keep(self, body: bytes) -> None:
        """Return when the job is committed."""
        await self._task.defer_async(body=body.decode())


async def serve(url: str, database: str, _: str, room: str) -> None:
    """Take messages and deliver them to a URL, so many at once."""
    connector = procrastinate.PsycopgConnector(conninfo=database, min_size=4, max_size=16)
    app = procrastinate.App(connector=connector)
    lines = aiohttp.TCPConnector(limit=int(room))
    async with aiohttp.ClientSession(connector=lines) as session, app.open_async():

        @app.task(name="deliver")
        async def deliver(body: str) -> None:
            await post(session, url, body.encode())

        await app.schema_manager.apply_schema_async()
        working = asyncio.create_task(
            app.run_worker_async(concurrency=int(room), install_signal_handlers=False)
        )
        await serve_app(App(Deferred(deliver), Schemas()))
        working.cancel()
