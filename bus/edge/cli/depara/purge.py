"""`bus depara purge`."""

from __future__ import annotations

import asyncio
import getpass
import io
from collections.abc import Sequence
from pathlib import Path

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import open_client
from bus.edge.cli.depara.reading import CHUNK, bytes_of, chunks, fingerprint_of, told
from bus.edge.cli.options import json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import CHANGE, ChangeIn, PartIn, RowOut
from bus.edge.words.depara import say
from depara.exchange import KEYS, Listed, read_keys
from depara.model import Source
from depara.tables import Unreadable


@spoken.command("depara purge")
@spoken.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@spoken.option("--dry-run", is_flag=True)
@reason_option
@json_option
@with_settings("journal", "routes")
def command(settings: Settings, file: Path, dry_run: bool, reason: str, as_json: bool) -> None:
    """Close the pairs of a list of movements, entity;application;id a line; nothing is sent.

    What one application alone would be left to know closes too.
    """
    data = bytes_of(file)
    try:
        listed = read_keys(data)
    except Unreadable as unreadable:
        raise told(unreadable, file, KEYS) from None
    wanted = ChangeIn(
        actor=getpass.getuser(),
        source=Source.FILE,
        reason=reason or file.name,
        orphans=True,
        dry=dry_run,
        file="" if dry_run else fingerprint_of(io.BytesIO(data)),
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
    """The ids that closed, and the changes: one, unless somebody took it back meanwhile."""
    closed: list[RowOut] = []
    changes: dict[int, None] = {}
    async with open_client(settings) as client:
        for at, chunk in enumerate(chunks(listed), start=1):
            parts = [PartIn(**one.key._asdict()) for one in chunk]
            part = {"parts": parts, "more": at * CHUNK < len(listed)}
            done = await client.ask(CHANGE, wanted.model_copy(update=part))
            closed += done.closed
            changes |= {done.change: None} if done.change else {}
    return closed, [*changes]


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
