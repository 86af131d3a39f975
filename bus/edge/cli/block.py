"""`bus block`."""

from __future__ import annotations

import click

from bus.config import Settings
from bus.edge.cli.acting import act, number_option, reason_option
from bus.edge.cli.local import Operation
from bus.edge.cli.options import json_option, message_argument, with_settings


@click.command(name="block")
@message_argument
@number_option
@reason_option
@json_option
@with_settings("journal", "routes")
def command(settings: Settings, message: str, number: int, reason: str, as_json: bool) -> None:
    """Hold deliveries that wait, until somebody unblocks them."""
    act(settings, Operation("block", message, number, reason), as_json=as_json)
