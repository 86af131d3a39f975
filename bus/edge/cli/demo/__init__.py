"""`bus demo`: the bus between three simulated applications plays a scenario, and stays up."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import click
import uvloop

from bus import demo
from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.demo.scenario import Scenario
from bus.edge.cli.demo.stage import DemoStage, staged
from bus.edge.cli.options import with_settings
from bus.edge.words.demo import say


@spoken.command("demo")
@spoken.option("--once", is_flag=True)
@with_settings("port")
def command(settings: Settings, once: bool) -> None:
    """Play the scenario; keep the bus running until Ctrl+C unless told otherwise."""
    with (
        tempfile.TemporaryDirectory(prefix="bus-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_demonstrate(Path(folder), settings, once=once))


async def _demonstrate(folder: Path, settings: Settings, *, once: bool) -> None:
    async with staged(folder, settings.port, settings.language) as stage:
        await Scenario(stage).play()
        if not once:
            _invite(stage)
            await _until_stopped()


def _invite(stage: DemoStage) -> None:
    """Say where everything is, and how to send a message oneself."""
    address, journal = stage.run.address, stage.folder / "journal.sqlite"
    message = stage.folder / "unit.xml"
    fields = {"id": "1|CX", "code": "CX", "description": "Caixa", "mode": "Sync"}
    fields |= {"uuid": stage.run.bus.ports.clock.new_id(), "generated_on": "2026-01-31T12:00:00"}
    message.write_bytes(demo.message("unit", **fields))
    click.secho(f"\n{say('running', stage.language)}", bold=True)
    for line in (
        f"{address}/health/ready   {address}/metrics",
        f"curl -i -u rm:{stage.passwords['rm']} --data-binary @{message} {address}/messages",
        f"BUS_JOURNAL={journal} {_program()} messages",
        f"RM {stage.rm.address}",
        f"Protheus {stage.protheus.address}",
        f"WMS {stage.wms.address}",
    ):
        click.echo(f"  {line}")


def _program() -> str:
    """How this program is called: by its name alone where a shell finds it so."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    return called.name if found and Path(found).resolve() == called.resolve() else str(called)


async def _until_stopped() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await stop.wait()
