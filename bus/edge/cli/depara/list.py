"""`bus depara list`."""

from __future__ import annotations

import asyncio

import click

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import looking, row_as_json, show_rows
from bus.edge.cli.messages import moment
from bus.edge.cli.options import MOST, json_option, print_json, with_settings
from bus.edge.words.depara import say
from bus.ports.depara import PairFilter, last_chosen
from depara.model import PairRow


@spoken.command("depara list")
@spoken.option("--entity", default="")
@spoken.option("--application", default="")
@spoken.option("--id", "id_", default="")
@spoken.option("--at", default="", callback=moment, metavar="TIME")
@spoken.option("--after", type=click.IntRange(0, MOST), default=0, metavar="N")
@spoken.option("--limit", type=click.IntRange(1, 10_000), default=100, metavar="N")
@json_option
@with_settings("journal")
def command(
    settings: Settings,
    entity: str,
    application: str,
    id_: str,
    at: int,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """List ids, each with what the other applications call the same thing."""
    chosen = PairFilter(entity, application, id_, at, after, limit)
    rows, last = asyncio.run(_read(settings, chosen))
    if as_json:
        for row in rows:
            print_json(row_as_json(row))
    elif not rows:
        click.echo(say("none", settings.language))
    else:
        show_rows(rows, settings.language)
        if last:
            click.echo(say("more", settings.language, after=last))


async def _read(settings: Settings, chosen: PairFilter) -> tuple[tuple[PairRow, ...], int]:
    async with looking(settings) as look:
        wanted = PairFilter(
            await look.entity(chosen.entity),
            look.application(chosen.application) if chosen.application else "",
            chosen.id,
            chosen.at,
            chosen.after,
            chosen.limit,
        )
        rows = await look.crossreference.rows(wanted)
        if not rows and wanted.application and wanted.application not in look.applications:
            look.names.application(wanted.application)
        return rows, last_chosen(rows, wanted)
