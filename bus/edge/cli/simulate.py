"""`bus simulate`: plays an application until it is stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import uvloop

from adapters.keepfy.simulator import keepfy_simulator
from adapters.omie.simulator import omie_simulator
from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import rm_simulator
from adapters.simulation.behaviour import Behaviour, read_behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.core.errors import BusFault, Fault
from bus.core.route import Credentials
from bus.core.system_words import words_of
from bus.core.text import Details
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, language_option, print_json
from bus.edge.listening import cannot_listen
from bus.edge.words.simulation import NO_LEDGER, OTHER_ADDRESS, say
from bus.wiring import open_codec

PRODUCTS: Mapping[str, Callable[..., Simulator]] = {
    "keepfy": keepfy_simulator,
    "omie": omie_simulator,
    "protheus": protheus_simulator,
    "rm": rm_simulator,
}
"""What plays a product; all other names are played by the plain simulator."""


def _behaviour(_: click.Context, __: click.Parameter, text: str) -> Behaviour:
    try:
        return read_behaviour(text)
    except (ValueError, TypeError) as mistake:
        raise click.BadParameter(str(mistake)) from mistake


@spoken.command("simulate")
@spoken.argument("name")
@spoken.option("--host", default="127.0.0.1", show_default=True)
@spoken.option("--port", type=click.IntRange(0, 65_535), metavar="N", default=0)
@spoken.option("--ledger", type=click.Path(dir_okay=False, path_type=Path))
@spoken.option(
    "--behaviour",
    default="answer",
    callback=_behaviour,
)
@spoken.option("--register", "registers", multiple=True)
@spoken.option("--user", default="")
@spoken.option(
    "--bus",
    default="",
)
@spoken.option("--bus-user", default="")
@spoken.option("--source", default="")
@spoken.option(
    "--receipts",
    is_flag=True,
)
@json_option
@language_option
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
        raise click.UsageError(say("unset", spoken.language(), name=variable, user=user))
    return Credentials(user, os.environ[variable])


def _simulator(name: str, setting: Setting, behaviour: Behaviour) -> Simulator:
    """What plays it; BusFault where its ledger cannot be read or written."""
    file = str(setting.ledger)
    try:
        return PRODUCTS.get(name, Simulator)(open_codec(), setting, behaviour)
    except OSError as error:
        details: Details = {"file": file, "problem": words_of(error)}
        raise BusFault(Fault("FILE_UNWRITABLE", details=details)) from None
    except (ValueError, TypeError, KeyError):
        raise BusFault(
            Fault("FILE_UNREADABLE", details={"file": file, "problem": NO_LEDGER})
        ) from None


async def _play(name: str, setting: Setting, behaviour: Behaviour, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    simulator = _simulator(name, setting, behaviour)
    try:
        await simulator.come_back()
    except OSError as error:
        raise cannot_listen(error, setting.host, setting.port, OTHER_ADDRESS) from None
    async with simulator:
        ready = {"name": name, "address": simulator.address}
        if as_json:
            print_json(ready)
        else:
            click.echo(f"{name}: {simulator.address}")
        await stop.wait()
