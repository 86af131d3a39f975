"""What the server processes have in common: they serve until told to, and tell where."""

from __future__ import annotations

import asyncio
import json
import signal
import socket

import uvicorn

from tests.benchmarks.bare import App


async def serve(app: App) -> None:
    """Serve with the options of the bus's own server, until told to stop."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="off", ws="none"
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)  # before it tells its address: the load may come at once
    serving = asyncio.create_task(uvicorn.Server(config).serve([listener]))
    tell(listener)
    await serving


def tell(listener: socket.socket) -> None:
    """Say where it listens."""
    host, port = listener.getsockname()[:2]
    print(json.dumps({"address": f"http://{host}:{port}"}), flush=True)


async def told_to_stop() -> None:
    """Wait for the signal."""
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    await stop.wait()
