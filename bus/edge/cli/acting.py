"""What `replay`, `block`, `unblock` and `discard` have in common."""

from __future__ import annotations

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli.local import Operation, carry_out
from bus.edge.cli.options import print_json
from bus.edge.words.command_line import say, state_in

number_option = click.option(
    "--number",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="One delivery of the message, by its number in `bus trace`; without it, all.",
)
"""The delivery that an act is about."""

reason_option = click.option("--reason", default="", help="Why; it is kept in the journal.")
"""Why a person acts."""


def act(settings: Settings, wish: Operation, *, as_json: bool) -> None:
    """Carry a wish out and print what came of it."""
    done = carry_out(settings, wish)
    if as_json:
        print_json(done)
        return
    language: Language = settings.language
    click.echo(say("done", language, message=done["message"]))
    for row in done["moved"]:
        state = state_in(row["state"], language)
        click.echo(f"  {row['number']} → {row['application']}: {state}")
