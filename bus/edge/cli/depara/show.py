"""`bus depara show`."""

from __future__ import annotations

import asyncio

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import (
    entity_argument,
    id_argument,
    looking,
    row_as_json,
    show_rows,
)
from bus.edge.cli.messages import moment
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.ports.depara import PairFilter
from depara.model import PairRow


@spoken.command("depara show")
@entity_argument
@id_argument
@spoken.option("--at", default="", callback=moment, metavar="TIME")
@json_option
@with_settings("journal")
def command(settings: Settings, entity: str, id_: tuple[str, str], at: int, as_json: bool) -> None:
    """Show the thing that an id names: all its ids, since when, and whence."""
    rows = asyncio.run(_read(settings, entity, id_, at))
    if as_json:
        for row in rows:
            print_json(row_as_json(row))
    else:
        show_rows(rows, settings.language)


async def _read(
    settings: Settings, entity: str, given: tuple[str, str], at: int
) -> tuple[PairRow, ...]:
    async with looking(settings) as look:
        entity, application = await look.entity(entity), look.application(given[0])
        rows = await look.crossreference.rows(PairFilter(entity, application, given[1], at))
        if not rows:
            raise await look.unknown(entity, application, given[1])
        return rows
