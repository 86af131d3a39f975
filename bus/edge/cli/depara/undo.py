"""`bus depara undo`."""

from __future__ import annotations

import asyncio
import getpass

import click

from bus.config import Settings
from bus.edge.cli.acting import reason_option
from bus.edge.cli.depara.desk import open_desk
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.http.depara import ChangeIn, ChangeOut
from bus.edge.words.depara import say


@click.command(name="undo")
@click.argument("change", type=click.IntRange(1))
@reason_option
@json_option
@with_settings("journal", "routes")
def undo(settings: Settings, change: int, reason: str, as_json: bool) -> None:
    """Take a CHANGE back, by its number in `history`; say which messages used its ids.

    Exit code 1 where what came later stands in the way.
    """
    done = asyncio.run(_undo(settings, change, reason))
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


async def _undo(settings: Settings, change: int, reason: str) -> ChangeOut:
    async with open_desk(settings) as desk:
        return await desk.change(ChangeIn(actor=getpass.getuser(), reason=reason, undoes=change))
