"""`bus simulate`: plays an application until it is stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import click
import uvloop

from adapters.http_xml.behaviour import Behaviour, read_behaviour
from adapters.http_xml.desk import Setting
from adapters.http_xml.simulator import Simulator
from bus.core.route import Credentials
from bus.edge.cli.options import json_option, print_json
from bus.wiring import open_codec

HELP = """Faz o papel de uma aplicação até Ctrl+C. / Plays an application until Ctrl+C.

NAME is a word of the address: http://HOST:PORT/NAME. The password that it demands is read from
BUS_SIMULATE_PASSWORD, the one that it presents to the bus from BUS_SIMULATE_BUS_PASSWORD.
"""


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
@click.option("--bus", default="", help="Where late responses go: the bus's /messages.")
@click.option("--bus-user", default="", help="The user that it presents to the bus.")
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
    as_json: bool,
) -> None:
    """Play until SIGINT or SIGTERM."""
    setting = Setting(
        name=name,
        host=host,
        port=port,
        ledger=ledger,
        login=_credentials(user, "BUS_SIMULATE_PASSWORD"),
        bus=bus,
        credentials=_credentials(bus_user, "BUS_SIMULATE_BUS_PASSWORD"),
        registers=frozenset(registers),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_play(setting, behaviour, as_json=as_json))


def _credentials(user: str, variable: str) -> Credentials | None:
    """A user with the password in a variable; none without a user."""
    if not user:
        return None
    if variable not in os.environ:
        raise click.UsageError(f"{variable} is not set.")
    return Credentials(user, os.environ[variable])


async def _play(setting: Setting, behaviour: Behaviour, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with Simulator(open_codec(), setting, behaviour) as simulator:
        ready = {"name": setting.name, "address": simulator.address}
        if as_json:
            print_json(ready)
        else:
            click.echo(f"{setting.name}: {simulator.address}")
        await stop.wait()
