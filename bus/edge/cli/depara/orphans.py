"""`bus depara orphans`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import bytes_of, looking, named, row_as_json, told
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.depara import say
from depara.model import PairRow
from depara.orphans import alone, colliding, compare, strangers, too_long
from depara.tables import Unreadable, read_list

SHOWN = 100
"""So many lines of a section are shown at most; --json has all."""

Found = dict[str, tuple[PairRow | str, ...]]
"""By section, the rows or ids that somebody should look at."""


@spoken.command("depara orphans")
@spoken.option(
    "--against",
    type=click.Path(path_type=Path, allow_dash=True),
    default=None,
    metavar="FILE",
)
@spoken.option("--application", default="")
@spoken.option("--entity", default="")
@json_option
@with_settings("journal")
def command(
    settings: Settings, against: Path | None, application: str, entity: str, as_json: bool
) -> None:
    """Show ids that will not do: known to one application alone, gone, or alike to a reader."""
    if bool(against) != bool(application):
        raise click.UsageError(spoken.usage("against"))
    found, limits = asyncio.run(_read(settings, entity, application, _ids(against)))
    if as_json:
        print_json({name: [_plain(one) for one in rows] for name, rows in found.items()})
    else:
        _show(found, settings.language, application=application, limits=limits)


def _ids(file: Path | None) -> tuple[str, ...] | None:
    if file is None:
        return None
    try:
        return read_list(bytes_of(file))
    except Unreadable as unreadable:
        raise told(unreadable, file) from None


async def _read(
    settings: Settings, entity: str, application: str, ids: tuple[str, ...] | None
) -> tuple[Found, str]:
    """What was found, and how much of an id each application keeps that does not keep all."""
    async with looking(settings) as look:
        rows = await look.rows(await look.entity(entity))
        if ids is not None:
            name = look.names.application(application).name
            missing = compare(rows, name, ids)
            return {"gone": missing.gone, "unpaired": missing.unpaired}, ""
        readers = {one.name: one.id_limits for one in look.applications.values()}
        alike = dict.fromkeys(row for group in colliding(rows, readers) for row in group)
        found: Found = {
            "alone": alone(rows),
            "strangers": strangers(rows, look.applications),
            "colliding": tuple(alike),
            "too_long": too_long(rows, readers),
        }
        short = (f"{name}: {kept.longest}" for name, kept in readers.items() if kept.longest)
        return found, ", ".join(short)


def _plain(one: PairRow | str) -> object:
    return row_as_json(one) if isinstance(one, PairRow) else one


def _show(found: Found, language: Language, **details: str) -> None:
    for name, rows in found.items():
        if rows:
            click.echo(say(name, language, count=len(rows), **details))
            for line in _lines(rows, language):
                click.echo(f"  {line}")
    if not any(found.values()):
        click.echo(say("well", language))


def _lines(rows: tuple[PairRow | str, ...], language: Language) -> Iterable[str]:
    for one in rows[:SHOWN]:
        yield f"{one.entity} {named(one, language)}" if isinstance(one, PairRow) else one
    if len(rows) > SHOWN:
        yield say("and_more", language, count=len(rows) - SHOWN)
