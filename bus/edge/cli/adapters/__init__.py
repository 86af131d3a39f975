"""`bus adapters`: one command a file."""

from __future__ import annotations

import click

from bus.edge.cli.adapters.list import list_adapters
from bus.edge.cli.adapters.new import new
from bus.edge.cli.adapters.products import list_products


@click.group(name="adapters")
def command() -> None:
    """The kinds of adapters and the products: what the bus can speak to, and how one is added."""


for _command in (list_adapters, list_products, new):
    command.add_command(_command)
