"""The command line: one command a file, imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from bus.core.errors import Refusal

COMMANDS = {
    "serve": "Run the bus.",
    "demo": "Run a bus with simulated applications and show what happens.",
    "send": "Post messages to a running bus and show its answers.",
    "validate": "Check messages against their contracts.",
    "messages": "List messages, newest first.",
    "trace": "Tell the story of one message.",
    "replay": "Send a message again.",
    "block": "Hold deliveries that wait.",
    "unblock": "Let blocked deliveries go on.",
    "discard": "Give deliveries up, with a reason.",
    "depara": "Show and change which ids name the same thing.",
    "routes": "Check the file of applications and routes.",
    "adapters": "Show the kinds of adapters and the products, or begin an adapter.",
    "schemas": "Show, compare and import the contracts.",
    "verify": "Prove that the journal lost and doubled nothing.",
    "simulate": "Play an application: rm, protheus, or a plain one.",
    "instruct": "Tell a simulated application what to do, and see what it keeps.",
}
"""What each command does. A command lives in the module of its name, as `command`."""


class LazyGroup(click.Group):
    """The commands of the table, none imported before it is called, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, from its module."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, for the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click promises
        """Run a command; a refusal is told, and decides the exit code."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            from bus.edge.cli.faults import tell_refusal

            ctx.exit(tell_refusal(refusal, ctx))


@click.command(cls=LazyGroup)
@click.version_option(package_name="eai-bus", prog_name="bus")
def main() -> None:
    """A message bus for ERPs: takes standard messages, delivers them in order, and proves it."""
