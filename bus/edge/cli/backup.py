"""`bus backup` and `bus restore`: the journal into a file, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bus.config import Settings
from bus.core.journal_address import shown
from bus.edge.cli import spoken
from bus.edge.cli.client import running_client
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.verbs.journal import BACKUP, BackupIn, BackupOut, copied
from bus.edge.words.command_line import say


@spoken.command("backup")
@spoken.argument("file")
@json_option
@with_settings("journal")
def backup(settings: Settings, file: str, as_json: bool) -> None:
    """Copy the journal, whether a bus runs on it or not."""
    done = asyncio.run(_copied(settings, BackupIn(file=str(Path(file).absolute()))))
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(say("backed_up", settings.language, **done.model_dump()))


async def _copied(settings: Settings, asked: BackupIn) -> BackupOut:
    """The copy that the bus makes; where none runs, ours: it takes the journal alone."""
    from bus.wiring import open_history

    with running_client(settings) as running:
        if running:
            return await running.ask(BACKUP, asked)
    async with open_history(settings) as history:
        return await copied(history, asked)


@spoken.command("restore")
@spoken.argument("file")
@json_option
@with_settings("journal")
def restore(settings: Settings, file: str, as_json: bool) -> None:
    """Put a backup in the place of the journal; no bus may run on it."""
    from bus.wiring import restore_journal

    kept, fault = asyncio.run(restore_journal(settings, Path(file)))
    language = settings.language
    if as_json:
        restored = fault_to_dict(fault, language) if fault else None
        print_json({"journal": shown(settings.journal), "kept": kept or None, "restored": restored})
        return
    click.echo(say("put_back", language, journal=shown(settings.journal), file=file))
    if kept:
        click.echo(say("put_aside", language, kept=kept))
    if fault:
        click.echo(f"{fault.reason(language)}\n    → {fault.remedy(language)}")
