"""`bus schemas example`."""

from __future__ import annotations

import click

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.cli.schemas.contract_names import contract_named


@spoken.command("schemas example")
@spoken.argument("transaction")
@spoken.argument("version")
@spoken.option("--full", is_flag=True)
@spoken.option(
    "--from",
    "sender",
    default="",
    metavar="NAME",
)
@json_option
@with_settings("contracts")
def command(
    settings: Settings, transaction: str, version: str, full: bool, sender: str, as_json: bool
) -> None:
    """Print an example message of a contract: it is valid, and may be sent as it is.

    Companies and people in it are invented. Each has a UUID of its own.
    """
    from bus.clock import SystemClock
    from bus.contracts.example import example_message
    from bus.wiring import open_contracts

    clock = SystemClock()
    contract = contract_named(transaction, version, open_contracts(settings))
    made = example_message(contract, sender, uuid=clock.new_id(), at=clock.now(), full=full)
    message = made.decode()
    if as_json:
        print_json(
            {
                "transaction": contract.transaction,
                "version": contract.version,
                "example": "full" if full else "minimal",
                "message": message,
            }
        )
    else:
        click.echo(message, nl=False)
