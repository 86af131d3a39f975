"""`bus depara history`."""

from __future__ import annotations

import asyncio

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import (
    Look,
    entity_argument,
    id_argument,
    looking,
    row_as_json,
    source_in,
)
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.words.depara import say
from bus.edge.words.pairs import id_of
from bus.edge.words.times import time_of
from bus.journal.depara_rows import ChangeRow
from bus.ports.depara import PairFilter
from depara.model import Key, PairRow

Story = tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]


@spoken.command("depara history")
@entity_argument
@id_argument
@spoken.option("--scope", default="")
@json_option
@with_settings("journal")
def command(
    settings: Settings, entity: str, id_: tuple[str, str], scope: str, as_json: bool
) -> None:
    """Tell all that happened to an id: each change, by whom, whence and why."""
    rows, changes = asyncio.run(_read(settings, entity, id_, scope))
    if as_json:
        print_json(
            {
                "rows": [row_as_json(row) for row in rows],
                "changes": [one._asdict() for one in changes],
            }
        )
    else:
        _show(rows, changes, settings.language)


async def _read(settings: Settings, entity: str, given: tuple[str, str], scope: str) -> Story:
    async with looking(settings) as look:
        entity, application = await look.entity(entity), look.application(given[0])
        key = Key(entity, application, scope, given[1])
        rows, changes = await look.crossreference.history(await _scoped(look, key))
        if not rows:
            raise await look.unknown(entity, application, given[1])
        return rows, changes


async def _scoped(look: Look, key: Key) -> Key:
    """The key of an id whose scope was not said, where it has just one."""
    rows = await look.crossreference.rows(PairFilter(key.entity, key.application, key.id))
    scopes = {row.scope for row in rows if row.key._replace(scope="") == key}
    return key._replace(scope=scopes.pop()) if len(scopes) == 1 else key


def _show(rows: tuple[PairRow, ...], changes: tuple[ChangeRow, ...], language: Language) -> None:
    for change in changes:
        click.echo(_told(change, language))
        for row in rows:
            sign = {row.opened_by: "+", row.closed_by: "-"}.get(change.number)
            if sign:
                qualifier = f" [{row.qualifier}]" if row.qualifier else ""
                place = f"{say('identity', language)} {row.identity}"
                click.echo(f"  {sign} {row.entity} {id_of(row.key)}{qualifier}  ({place})")
    click.echo()
    words = ("id", "qualifier", "since", "until")
    table = [tuple(say(word, language) for word in words)]
    table += [
        (id_of(row.key), row.qualifier, time_of(row.since), time_of(row.until) if row.until else "")
        for row in rows
    ]
    print_table(table)


def _told(change: ChangeRow, language: Language) -> str:
    parts = [
        f"{say('change', language)} {change.number}",
        time_of(change.at),
        f"{source_in(change.source, language)} {change.actor}".strip(),
    ]
    if change.message:
        parts.append(f"{say('message', language)} {change.message}")
    if change.undoes:
        parts.append(say("undoes", language, number=change.undoes))
    if change.reason:
        parts.append(change.reason)
    return "  ".join(parts)
