"""`bus verify`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.command_line import say, state_in
from bus.edge.words.times import time_of

if TYPE_CHECKING:
    from bus.engine.verify import Verification


@spoken.command("verify")
@json_option
@with_settings("journal")
def command(settings: Settings, as_json: bool) -> None:
    """Compare the journal's facts with its tables: nothing lost, nothing doubled.

    Every message received is rejected, a repeat or accepted, and every accepted one has exactly its
    planned deliveries. Exit code 1 where something differs.
    """
    found = asyncio.run(_verify(settings))
    if as_json:
        print_json(_as_json(found, settings.language))
    else:
        _show(found, settings)
    if found.discrepancies:
        raise SystemExit(REFUSED)


async def _verify(settings: Settings) -> Verification:
    from bus.engine.verify import verify
    from bus.wiring import open_reading

    async with open_reading(settings) as (history, crossreference):
        return await verify(history, crossreference)


def _counts(found: Verification) -> dict[str, int]:
    return {
        "received": found.received,
        "rejected": found.rejected,
        "repeats": found.repeats,
        "accepted": found.accepted,
    }


def _as_json(found: Verification, language: Language) -> dict[str, object]:
    discrepancies = [
        {
            "kind": one.kind,
            "message": one.message,
            "number": one.number,
            "problem": one.problem.told(language),
        }
        for one in found.discrepancies
    ]
    return {
        **_counts(found),
        "deliveries": dict(found.deliveries),
        "restorations": [{"at": fact.at, **fact.data} for fact in found.restorations],
        "discrepancies": discrepancies,
    }


def _show(found: Verification, settings: Settings) -> None:
    language = settings.language
    click.echo(say("conserved", language, **_counts(found)))
    for state, count in found.deliveries.items():
        click.echo(f"  {state_in(state, language)}: {count}")
    for fact in found.restorations:
        told = {"at": time_of(fact.at), "count": fact.data["doubts"]}
        click.echo(say("restored", language, **told))
    if not found.discrepancies:
        click.echo(say("proved", language))
        return
    click.echo(say("discrepancies", language, count=len(found.discrepancies)))
    for one in found.discrepancies:
        place = f"{one.message} {one.number or ''}".strip()
        click.echo("  " + ": ".join(part for part in (place, one.problem.told(language)) if part))
