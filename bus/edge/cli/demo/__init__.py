"""`bus demo`: the bus between simulated applications plays a scenario, and stays up."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click
import uvloop

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.demo.scenario import Scenario
from bus.edge.cli.demo.service_orders import service_orders
from bus.edge.cli.demo.show import Show
from bus.edge.cli.demo.stage import staged
from bus.edge.cli.options import with_settings
from bus.edge.words.demo import say


@contextlib.asynccontextmanager
async def _maintenance(folder: Path, port: int, language: Language) -> AsyncIterator[Show]:
    async with staged(folder, port, language) as stage:
        yield Scenario(stage)


Open = Callable[[Path, int, Language], AbstractAsyncContextManager[Show]]
SCENARIOS: Mapping[str, Open] = {"rm-protheus": _maintenance, "omie-keepfy": service_orders}
"""What can be played, by name; the first, where none is named."""


@spoken.command("demo")
@spoken.option("--once", is_flag=True)
@spoken.option("--scenario", type=click.Choice(list(SCENARIOS)), default=next(iter(SCENARIOS)))
@with_settings("port")
def command(settings: Settings, scenario: str, *, once: bool) -> None:
    """Play the scenario; keep the bus running until Ctrl+C unless told otherwise."""
    with (
        tempfile.TemporaryDirectory(prefix="bus-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_demonstrate(SCENARIOS[scenario], Path(folder), settings, once=once))


async def _demonstrate(opens: Open, folder: Path, settings: Settings, *, once: bool) -> None:
    async with opens(folder, settings.port, settings.language) as show:
        await show.play()
        if not once:
            click.secho(f"\n{say('running', settings.language)}", bold=True)
            for line in show.hints():
                click.echo(f"  {line}")
            await _until_stopped()


async def _until_stopped() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()
