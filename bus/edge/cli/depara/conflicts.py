"""`bus depara conflicts`."""

from __future__ import annotations

import asyncio
import getpass
from typing import Any

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.depara.reading import looking
from bus.edge.cli.depara.set import show_change
from bus.edge.cli.options import MOST, json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import CHANGE, ChangeIn
from bus.edge.words.depara import say
from bus.edge.words.pairs import id_of
from bus.edge.words.times import time_of
from bus.journal.depara_rows import ConflictRow
from depara.model import Member


@spoken.group("depara conflicts", invoke_without_command=True)
@json_option
@with_settings("journal")
@click.pass_context
def command(context: click.Context, settings: Settings, as_json: bool) -> None:
    """List the conflicts that need a person; `settle` decides one."""
    if context.invoked_subcommand:
        return
    found = asyncio.run(_read(settings))
    if as_json:
        for one in found:
            print_json(_as_json(one))
        return
    for one in found:
        _show(one, settings.language)
    if not found:
        click.echo(say("none", settings.language))


async def _read(settings: Settings) -> tuple[ConflictRow, ...]:
    async with looking(settings) as look:
        return await look.crossreference.conflicts()


def _as_json(conflict: ConflictRow) -> dict[str, Any]:
    plain = conflict._asdict()
    one, other = conflict.one, conflict.other
    plain |= {"one": [*one.key, one.qualifier], "other": [*other.key, other.qualifier]}
    plain["against"] = [[*each.key, each.qualifier] for each in conflict.against]
    return plain


def _id(member: Member) -> str:
    return id_of(member.key) + (f" [{member.qualifier}]" if member.qualifier else "")


def _show(conflict: ConflictRow, language: Language) -> None:
    pair = f"{_id(conflict.one)} = {_id(conflict.other)}"
    against = ", ".join(map(_id, conflict.against))
    number, entity = conflict.number, conflict.entity
    click.echo(say("conflict", language, number=number, entity=entity, pair=pair))
    click.echo("    " + say("stands", language, against=against))
    at = time_of(conflict.at)
    click.echo("    " + say("taught_by", language, at=at, message=conflict.message or "-"))
    click.echo("    " + say("how_to_settle", language, number=number))


@command.command(name="settle", path="depara conflicts settle")
@spoken.argument("number", type=click.IntRange(1, MOST))
@spoken.option("--keep", "choice", flag_value="keep")
@spoken.option("--replace", "choice", flag_value="replace")
@reason_option
@json_option
@with_settings("journal", "routes")
def settle(settings: Settings, number: int, choice: str | None, reason: str, as_json: bool) -> None:
    """Decide conflict NUMBER: what was known stays, or the new pair counts."""
    if choice is None:
        raise click.UsageError(spoken.usage("choice"))
    replace = choice == "replace"
    asked = ChangeIn(actor=getpass.getuser(), reason=reason, settles=number, replace=replace)
    done = carry_out(settings, CHANGE, asked)
    if as_json:
        print_json(done.model_dump())
        return
    click.echo(say("settled", settings.language, number=number))
    show_change(done, settings.language)
