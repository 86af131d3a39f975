"""A server process of the benchmarks: `python -m tests.benchmarks.child ROLE ...`.

It tells its address in its first line, as JSON, and ends when it is told to or when whoever started
it has gone.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

import uvloop

from tests.benchmarks import sink
from tests.benchmarks.bare import App, Schemas, Table
from tests.benchmarks.recording import Recorder
from tests.benchmarks.serving import serve, tell, told_to_stop

LAST_WORDS = 10.0
"""Seconds to end in an orderly way once nobody is there any more."""


def main(role: str, *arguments: str) -> None:
    """Play a role until told to stop."""
    threading.Thread(target=_watch_parent, daemon=True).start()
    match role:
        case "sink":
            _run(_sink())
        case "bare":
            _run(_bare(Path(arguments[0])))
        case "bus":
            _bus(*arguments)
        case "peer":
            peer = importlib.import_module(f"tests.benchmarks.peers.with_{arguments[0]}")
            _run(peer.serve(*arguments[1:]))


def _watch_parent() -> None:
    """Whoever started us holds the other end of our input."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(LAST_WORDS)
    os._exit(1)


def _run(work: asyncio.Future[None] | object) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)  # type: ignore[arg-type]


async def _sink() -> None:
    server = await sink.serve()
    tell(server.sockets[0])
    await told_to_stop()


async def _bare(folder: Path) -> None:
    """The bare pipeline, in a server with the options of the bus's own."""
    table = Table(folder / "bare.db")
    await serve(App(table, Schemas()))
    await table.close()


def _bus(recording: str, *arguments: str) -> None:
    """`bus ARGUMENTS`, in this process, so that it can be watched."""
    from bus.edge.cli import main as bus  # noqa: PLC0415 - the other roles do without

    recorder = Recorder(Path(recording)) if recording else None
    try:
        bus(arguments, standalone_mode=False)
    finally:
        if recorder:
            recorder.save()


if __name__ == "__main__":
    main(*sys.argv[1:])
