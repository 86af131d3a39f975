"""`bus trace`."""

from __future__ import annotations

import asyncio

import click

from bus.config import Settings
from bus.core.errors import Fault, SenderFault
from bus.edge.cli import spoken
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import (
    json_option,
    message_argument,
    print_json,
    print_table,
    with_settings,
)
from bus.edge.cli.timeline import timeline
from bus.edge.story import story_of
from bus.edge.story_json import story_to_dict
from bus.edge.words.command_line import say
from bus.edge.words.times import time_of
from bus.journal.rows import MessageRow
from bus.ports.history import Trace

LISTED = ("id", "uuid", "received_at", "state", "sender", "transaction", "version")
"""What is told of each message where several have one UUID."""


@spoken.command("trace")
@message_argument
@json_option
@with_settings("journal")
def command(settings: Settings, message: str, as_json: bool) -> None:
    """Tell the story of a message: what happened when, why, and what to do.

    ID is the id that the bus gave it, or its sender's UUID; where several messages have that UUID,
    they are listed.
    """
    found, trace = asyncio.run(_read(settings, message))
    if trace is None:
        _list(found, message, settings, as_json=as_json)
        raise SystemExit(REFUSED)
    story = story_of(trace)
    if as_json:
        print_json(story_to_dict(story, settings.language))
    else:
        click.echo(timeline(story, settings.language))


async def _read(settings: Settings, message: str) -> tuple[tuple[MessageRow, ...], Trace | None]:
    from bus.wiring import open_history

    async with open_history(settings) as history:
        found = await history.find(message)
        if not found:
            raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": message}))
        return found, await history.trace(found[0].id) if len(found) == 1 else None


def _list(
    found: tuple[MessageRow, ...], message: str, settings: Settings, *, as_json: bool
) -> None:
    if as_json:
        for row in found:
            print_json({name: getattr(row, name) for name in LISTED})
        return
    click.echo(say("several", settings.language, id=message, count=len(found)))
    print_table([_row(row) for row in found])


def _row(row: MessageRow) -> tuple[str, ...]:
    what = f"{row.transaction} {row.version}"
    return f"  {row.id}", time_of(row.received_at), row.sender, what
