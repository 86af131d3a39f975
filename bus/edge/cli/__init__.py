"""The command line: one command a file, imported when it is called."""

from __future__ import annotations

from typing import Any

import click

from bus.core.errors import Refusal
from bus.edge.cli import spoken

COMMANDS = {
    "serve": "serve",
    "demo": "demo",
    "send": "send",
    "load": "load",
    "load-from": "load_from",
    "validate": "validate",
    "convert": "convert",
    "messages": "messages",
    "trace": "trace",
    "replay": "operate:replay",
    "settle": "operate:settle",
    "block": "operate:block",
    "unblock": "operate:unblock",
    "discard": "operate:discard",
    "erase": "erase",
    "depara": "depara",
    "routes": "routes",
    "adapters": "adapters",
    "schemas": "schemas",
    "diagnose": "diagnose",
    "reconcile": "reconcile",
    "application": "application",
    "sharing": "sharing",
    "verify": "verify",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "journal": "journal",
    "simulate": "simulate",
    "instruct": "instruct",
}
"""Where each command lives: in the module of its name, but those that differ in a word together."""


class Program(spoken.Group):
    """`bus` itself."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click promises
        """Run a command; a refusal is told, and decides the exit code; so is what does not do."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            from bus.edge.cli.faults import tell_refusal

            ctx.exit(tell_refusal(refusal, ctx))
        except ValueError as mistake:
            from bus.edge.cli.faults import of_what_was_typed

            raise of_what_was_typed(mistake) from mistake


@click.command(cls=Program, path="", package=__name__, modules=COMMANDS)
@click.version_option(
    package_name="eai-bus", prog_name="bus", message="%(prog)s %(version)s", cls=spoken.Option
)
def main() -> None:
    """A message bus for ERPs."""
