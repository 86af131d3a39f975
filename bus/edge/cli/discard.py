"""`bus discard`."""

from __future__ import annotations

import click

from bus.config import Settings
from bus.edge.cli.acting import act, number_option
from bus.edge.cli.local import Operation
from bus.edge.cli.options import json_option, message_argument, with_settings


@click.command(name="discard")
@message_argument
@click.option("--reason", required=True, help="Why; the sender is told, and the journal keeps it.")
@number_option
@json_option
@with_settings("journal", "routes")
def command(settings: Settings, message: str, number: int, reason: str, as_json: bool) -> None:
    """Give deliveries up for good; what waits behind them goes on."""
    act(settings, Operation("discard", message, number, reason), as_json=as_json)
