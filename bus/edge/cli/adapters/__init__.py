"""`bus adapters`: one command a file."""

from __future__ import annotations

import click

from bus.edge.cli.adapters.list import list_adapters
from bus.edge.cli.adapters.new import new


@click.group(name="adapters")
def command() -> None:
    """The kinds of adapters: what the bus can deliver to, and how one is added."""


for _command in (list_adapters, new):
    command.add_command(_command)
