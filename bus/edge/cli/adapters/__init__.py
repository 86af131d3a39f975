"""`bus adapters`: one command a file."""

from __future__ import annotations

from bus.edge.cli import spoken

COMMANDS = {"list": "list", "new": "new"}
"""The commands, each in the module of its name."""


@spoken.group("adapters", package=__name__, modules=COMMANDS)
def command() -> None:
    """The kinds of adapters: what the bus can deliver to, and how one is added."""
