"""`bus schemas`: one command a file."""

from __future__ import annotations

import click

from bus.edge.cli.schemas.bridges import bridges
from bus.edge.cli.schemas.diff import diff
from bus.edge.cli.schemas.example import example
from bus.edge.cli.schemas.import_ import import_tree
from bus.edge.cli.schemas.list import list_contracts


@click.group(name="schemas")
def command() -> None:
    """Show, compare and import the contracts: each transaction at a version."""


for _command in (list_contracts, example, diff, bridges, import_tree):
    command.add_command(_command)
