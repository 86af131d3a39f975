"""`bus journal`: the journal as a whole."""

from __future__ import annotations

import asyncio

import click

from bus.config import Settings
from bus.core.journal_address import shown
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.command_line import say


@spoken.group("journal")
def command() -> None:
    """The journal as a whole."""


@command.command(name="copy", path="journal copy")
@spoken.argument("target")
@json_option
@with_settings("journal")
def copy(settings: Settings, target: str, as_json: bool) -> None:
    """Copy the journal, which is a file, into an empty database of PostgreSQL."""
    from bus.wiring import copy_journal

    asyncio.run(copy_journal(settings, target))
    if as_json:
        print_json({"journal": settings.journal, "target": shown(target)})
    else:
        told = {"file": settings.journal, "journal": shown(target)}
        click.echo(say("journal_copied", settings.language, **told))
