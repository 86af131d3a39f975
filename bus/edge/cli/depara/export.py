"""`bus depara export`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault
from bus.core.system_words import words_of
from bus.core.text import Details
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import looking
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.depara import say
from depara.exchange import read_pairs, write_pairs


@spoken.command("depara export")
@spoken.argument("file", type=click.Path(path_type=Path), required=False)
@spoken.option("--entity", default="")
@spoken.option("--application", default="")
@json_option
@with_settings("journal")
def command(
    settings: Settings, file: Path | None, entity: str, application: str, as_json: bool
) -> None:
    """Write the pairs as CSV that `bus depara import` takes; without FILE, print them.

    The file is UTF-8 with the mark by which a spreadsheet knows it.
    """
    text = asyncio.run(_read(settings, entity, application))
    if as_json:
        for _, one, other in read_pairs(text.encode()):
            ids = [
                {**member.key._asdict(), "qualifier": member.qualifier} for member in (one, other)
            ]
            print_json({"one": ids[0], "other": ids[1]})
    elif file is None:
        click.echo(text, nl=False)
    else:
        _write(file, text)
        count = len(read_pairs(text.encode()))
        click.echo(say("exported", settings.language, file=file, count=count))


async def _read(settings: Settings, entity: str, application: str) -> str:
    async with looking(settings) as look:
        anchor = look.application(application) if application else ""
        rows = await look.rows(await look.entity(entity), anchor)
        if not rows and anchor and anchor not in look.applications:
            look.names.application(anchor)
        return write_pairs(rows, anchor)


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8-sig"))
    except OSError as error:
        details: Details = {"file": str(file), "problem": words_of(error)}
        raise BusFault(Fault("FILE_UNWRITABLE", details=details)) from None
