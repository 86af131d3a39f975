"""`bus depara conflicts`."""

from __future__ import annotations

import asyncio
import getpass
import json
from typing import Any

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli.acting import reason_option
from bus.edge.cli.depara.desk import open_desk
from bus.edge.cli.depara.reading import looking
from bus.edge.cli.depara.set import show_change
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.http.depara import ChangeIn, ChangeOut
from bus.edge.story import time_of
from bus.edge.words.depara import say
from bus.edge.words.pairs import id_of
from bus.journal.depara_rows import ConflictRow
from depara.model import Key


@click.group(name="conflicts", invoke_without_command=True)
@json_option
@with_settings("journal")
@click.pass_context
def conflicts(context: click.Context, settings: Settings, as_json: bool) -> None:
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
    for name in ("one", "other", "against"):
        plain[name] = json.loads(plain[name])
    return plain


def _id(kept: list[str]) -> str:
    return id_of(Key(*kept[:-1])) + (f" [{kept[-1]}]" if kept[-1] else "")


def _show(conflict: ConflictRow, language: Language) -> None:
    plain = _as_json(conflict)
    pair = f"{_id(plain['one'])} = {_id(plain['other'])}"
    against = ", ".join(_id(one) for one in plain["against"])
    number, entity = conflict.number, conflict.entity
    click.echo(say("conflict", language, number=number, entity=entity, pair=pair))
    click.echo("    " + say("stands", language, against=against))
    at = time_of(conflict.at)
    click.echo("    " + say("taught_by", language, at=at, message=conflict.message or "-"))
    click.echo("    " + say("how_to_settle", language, number=number))


@conflicts.command(name="settle")
@click.argument("number", type=click.IntRange(1))
@click.option("--keep", "choice", flag_value="keep", help="What was known stays.")
@click.option("--replace", "choice", flag_value="replace", help="The new pair counts.")
@reason_option
@json_option
@with_settings("journal", "routes")
def settle(settings: Settings, number: int, choice: str | None, reason: str, as_json: bool) -> None:
    """Decide conflict NUMBER: what was known stays, or the new pair counts."""
    if choice is None:
        raise click.UsageError("--keep | --replace")
    done = asyncio.run(_settle(settings, number, reason, replace=choice == "replace"))
    if as_json:
        print_json(done.model_dump())
        return
    click.echo(say("settled", settings.language, number=number))
    show_change(done, settings.language)


async def _settle(settings: Settings, number: int, reason: str, *, replace: bool) -> ChangeOut:
    wanted = ChangeIn(actor=getpass.getuser(), reason=reason, settles=number, replace=replace)
    async with open_desk(settings) as desk:
        return await desk.change(wanted)
