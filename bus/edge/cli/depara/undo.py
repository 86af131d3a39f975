"""`bus depara undo`."""

from __future__ import annotations

import getpass

import click

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.options import MOST, json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import CHANGE, ChangeIn
from bus.edge.words.depara import say


@spoken.command("depara undo")
@spoken.argument("change", type=click.IntRange(1, MOST))
@reason_option
@json_option
@with_settings("journal", "routes")
def command(settings: Settings, change: int, reason: str, as_json: bool) -> None:
    """Take a CHANGE back, by its number in `history`; say which messages used its ids.

    Exit code 1 where what came later stands in the way.
    """
    asked = ChangeIn(actor=getpass.getuser(), reason=reason, undoes=change)
    done = carry_out(settings, CHANGE, asked)
    if as_json:
        print_json(done.model_dump())
        return
    language = settings.language
    click.echo(say("undone", language, number=change, change=done.change))
    if done.uses:
        click.echo(say("used", language, count=len(done.uses)))
        for message in done.uses:
            click.echo(f"  {message}")
    else:
        click.echo(say("unused", language))
    if done.woken:
        click.echo(say("woken", language, count=done.woken))
