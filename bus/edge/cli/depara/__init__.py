"""`bus depara`: one command a file."""

from __future__ import annotations

from bus.edge.cli import spoken

COMMANDS = {
    "list": "list",
    "show": "show",
    "history": "history",
    "set": "set",
    "import": "import_",
    "export": "export",
    "orphans": "orphans",
    "conflicts": "conflicts",
    "undo": "undo",
    "purge": "purge",
    "waiting": "waiting",
}
"""The commands, each in the module of its name."""


@spoken.group("depara", package=__name__, modules=COMMANDS)
def command() -> None:
    """The de-para: which ids of which applications name the same thing."""
