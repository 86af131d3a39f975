"""`bus simulate`: plays an application until it is stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import uvloop

from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import rm_simulator
from adapters.simulation.behaviour import Behaviour, read_behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.core.route import Credentials
from bus.edge.cli.options import json_option, print_json
from bus.wiring import open_codec

HELP = """Plays an application until Ctrl+C.

NAME rm or protheus: that product, with its web service EAIService, its tables, its de-para and its
limits. Any other NAME: an application that takes everything over plain HTTP; the name is a word of
its address, http://HOST:PORT/NAME.

The password that it demands is read from BUS_SIMULATE_PASSWORD, the one that it presents to the bus
from BUS_SIMULATE_BUS_PASSWORD. `bus instruct` tells it what to do while it runs.
"""

PRODUCTS: Mapping[str, Callable[..., Simulator]] = {
    "protheus": protheus_simulator,
    "rm": rm_simulator,
}
"""What plays a product; all other names are played by the plain simulator."""


def _behaviour(_: click.Context, __: click.Parameter, text: str) -> Behaviour:
    try:
        return read_behaviour(text)
    except (ValueError, TypeError) as mistake:
        raise click.BadParameter(str(mistake)) from mistake


@click.command(help=HELP)
@click.argument("name")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, default=0, help="0: any that is free.")
@click.option(
    "--ledger", type=click.Path(dir_okay=False, path_type=Path), help="What it processed."
)
@click.option(
    "--behaviour",
    default="answer",
    callback=_behaviour,
    help="A conduct (answer, refuse, busy, ...) or JSON with sequence, chances, always, seed.",
)
@click.option("--register", "registers", multiple=True, help="A transaction whose upsert repeats.")
@click.option("--user", default="", help="The user that it demands.")
@click.option(
    "--bus",
    default="",
    help="Where it sends: the bus's /messages; for rm and protheus, its /EAIService.",
)
@click.option("--bus-user", default="", help="The user that it presents to the bus.")
@click.option("--source", default="", help="Its SourceApplication, if not NAME.")
@click.option(
    "--receipts",
    is_flag=True,
    help="Answer asynchronous messages by a receipt, later by a response.",
)
@json_option
def command(
    name: str,
    host: str,
    port: int,
    ledger: Path | None,
    behaviour: Behaviour,
    registers: tuple[str, ...],
    user: str,
    bus: str,
    bus_user: str,
    source: str,
    receipts: bool,
    as_json: bool,
) -> None:
    """Play until SIGINT or SIGTERM."""
    setting = Setting(
        name=source or name,
        host=host,
        port=port,
        ledger=ledger,
        login=_credentials(user, "BUS_SIMULATE_PASSWORD"),
        bus=bus,
        credentials=_credentials(bus_user, "BUS_SIMULATE_BUS_PASSWORD"),
        receipts=receipts,
        registers=frozenset(registers),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_play(name, setting, behaviour, as_json=as_json))


def _credentials(user: str, variable: str) -> Credentials | None:
    """A user with the password in a variable; none without a user."""
    if not user:
        return None
    if variable not in os.environ:
        raise click.UsageError(f"{variable} is not set.")
    return Credentials(user, os.environ[variable])


async def _play(name: str, setting: Setting, behaviour: Behaviour, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    kind = PRODUCTS.get(name, Simulator)
    async with kind(open_codec(), setting, behaviour) as simulator:
        ready = {"name": name, "address": simulator.address}
        if as_json:
            print_json(ready)
        else:
            click.echo(f"{name}: {simulator.address}")
        await stop.wait()
