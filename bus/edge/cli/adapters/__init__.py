"""`bus adapters`: one command a file."""

from __future__ import annotations

from bus.edge.cli import spoken

COMMANDS = {"list": "list", "new": "new", "products": "products"}
"""The commands, each in the module of its name."""


@spoken.group("adapters", package=__name__, modules=COMMANDS)
def command() -> None:
    """The kinds of adapters and the products: what the bus can speak to, and how one is added."""
