"""`bus schemas example`."""

from __future__ import annotations

import click

from bus.config import Settings
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.cli.schemas.contract_names import contract_named


@click.command(name="example")
@click.argument("transaction")
@click.argument("version")
@click.option("--full", is_flag=True, help="With every element, not only what its reader needs.")
@click.option(
    "--from",
    "sender",
    default="",
    metavar="NAME",
    help="The application that sends it, for SourceApplication; empty claims none.",
)
@json_option
@with_settings("contracts")
def example(
    settings: Settings, transaction: str, version: str, full: bool, sender: str, as_json: bool
) -> None:
    """Print an example message of a contract: it is valid, and may be sent as it is.

    Companies and people in it are invented. Each has a UUID of its own.
    """
    from bus.wiring import open_contracts, write_example

    contract = contract_named(transaction, version, open_contracts(settings))
    message = write_example(contract, sender, full=full).decode()
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
