"""`bus depara purge`."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from pathlib import Path

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli.acting import reason_option
from bus.edge.cli.depara.desk import chunks, open_desk
from bus.edge.cli.depara.reading import bytes_of, told
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.http.depara import ChangeIn, PartIn, RowOut
from bus.edge.words.depara import say
from depara.exchange import KEYS, Listed, read_keys
from depara.model import Source
from depara.tables import Unreadable


@click.command(name="purge")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say what would close, and record nothing.")
@reason_option
@json_option
@with_settings("journal", "routes")
def purge(settings: Settings, file: Path, dry_run: bool, reason: str, as_json: bool) -> None:
    """Close the pairs of a list of movements, entity;application;id a line; nothing is sent.

    What one application alone would be left to know closes too.
    """
    try:
        listed = read_keys(bytes_of(file))
    except Unreadable as unreadable:
        raise told(unreadable, file, KEYS) from None
    wanted = ChangeIn(
        actor=getpass.getuser(),
        source=Source.FILE,
        reason=reason or file.name,
        orphans=True,
        dry=dry_run,
    )
    closed, changes = asyncio.run(_purge(settings, listed, wanted))
    unknown = _unknown(listed, closed)
    if as_json:
        print_json(
            {
                "file": str(file),
                "dry_run": dry_run,
                "closed": [one.model_dump() for one in closed],
                "unknown": [{"line": line, **key._asdict()} for line, key in unknown],
                "changes": changes,
            }
        )
    else:
        _show(closed, unknown, settings.language, dry=dry_run)


async def _purge(
    settings: Settings, listed: Sequence[Listed], wanted: ChangeIn
) -> tuple[list[RowOut], list[int]]:
    closed: list[RowOut] = []
    changes: list[int] = []
    async with open_desk(settings) as desk:
        for chunk in chunks(listed):
            parts = [PartIn(**one.key._asdict()) for one in chunk]
            done = await desk.change(wanted.model_copy(update={"parts": parts}))
            closed += done.closed
            changes += [done.change] if done.change else []
    return closed, changes


def _unknown(listed: Sequence[Listed], closed: Sequence[RowOut]) -> list[Listed]:
    known = {(one.entity.casefold(), one.application, one.scope, one.id) for one in closed}
    return [one for one in listed if (one.key.entity.casefold(), *one.key[1:]) not in known]


def _show(
    closed: Sequence[RowOut], unknown: Sequence[Listed], language: Language, *, dry: bool
) -> None:
    for one in closed:
        click.echo(say("closed", language, entity=one.entity, id=f"{one.application}:{one.id}"))
    for line, key in unknown:
        id_ = f"{key.application}:{key.id}"
        click.echo(say("unknown", language, line=line, entity=key.entity, id=id_))
    click.echo(say("purged", language, closed=len(closed), unknown=len(unknown)))
    if dry:
        click.echo(say("tried", language))
