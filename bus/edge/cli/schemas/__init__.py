"""`bus schemas`: one command a file."""

from __future__ import annotations

from bus.edge.cli import spoken

COMMANDS = {
    "list": "list",
    "example": "example",
    "diff": "diff",
    "bridges": "bridges",
    "import": "import_",
}
"""The commands, each in the module of its name."""


@spoken.group("schemas", package=__name__, modules=COMMANDS)
def command() -> None:
    """The contracts: each transaction at a version."""
