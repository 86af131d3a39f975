"""`bus journal`: the journal as a whole."""

from __future__ import annotations

import asyncio
import getpass

import click

from bus.config import Settings
from bus.core.journal_address import shown
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.options import json_option, print_json, reason_option, with_settings
from bus.edge.verbs.journal import PRUNE, PruneIn
from bus.edge.words.command_line import say
from bus.edge.words.times import time_of


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


@command.command(name="prune", path="journal prune")
@spoken.option("--dry-run", is_flag=True)
@reason_option
@json_option
@with_settings("keep_for", "keep_size", "journal", "routes")
def prune(settings: Settings, dry_run: bool, reason: str, as_json: bool) -> None:
    """Let go of what is finished, and too old or too much; what is open stays."""
    asked = PruneIn(
        keep_for=settings.keep_for,
        keep_size=settings.keep_size,
        actor=getpass.getuser(),
        reason=reason,
        dry=dry_run,
    )
    done = carry_out(settings, PRUNE, asked, existing=True)
    if as_json:
        print_json({"dry_run": dry_run, **done.model_dump()})
        return
    oldest = time_of(done.oldest) if done.oldest else "-"
    told = {"messages": done.messages, "size": f"{done.size / 1024**2:.1f}", "oldest": oldest}
    click.echo(say("would_prune" if dry_run else "pruned", settings.language, **told))
