"""`bus depara waiting`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from shlex import quote
from typing import Any, NamedTuple

import click

from bus.config import Settings
from bus.core.delivery import FAILED, GONE, Kind, State
from bus.core.identity import SEPARATOR
from bus.core.route import TranslatedBy
from bus.core.suggest import command_to_set
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.depara.reading import Look, looking
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.depara import REMEDIES, REMEDIES_THERE, say
from bus.edge.words.pairs import first_waits, id_of, provided
from bus.journal.depara_rows import ENDLESS, Provider, WaitRow
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.ports.history import Filter

STOPPED = FAILED | {State.BLOCKED, State.UNKNOWN, State.DISCARDED}
"""Where a message brings no id any more, unless a person acts."""


class Wait(NamedTuple):
    """An id that a delivery waits for, and what is known now of the message that would bring it."""

    row: WaitRow
    provider: Provider
    there: bool
    """Whether the reader keeps its own de-para, so that no pair of ours would help."""


@spoken.command("depara waiting")
@json_option
@with_settings("journal")
def command(settings: Settings, as_json: bool) -> None:
    """List who waits for which id, and what would bring it; what never ends by itself is marked."""
    found = asyncio.run(_read(settings))
    for wait in found:
        if as_json:
            print_json(_as_json(wait, settings.language))
        else:
            _show(wait, settings.language)
    if not found and not as_json:
        click.echo(say("none", settings.language))


async def _read(settings: Settings) -> list[Wait]:
    async with looking(settings) as look:
        first = first_waits(await look.crossreference.waits(), await _senders(look))
        now = [await _as_known_now(look, row) for row in first]
        return [Wait(row, await _provider(look, row), _there(look, row)) for row in now]


async def _senders(look: Look) -> dict[str, str]:
    """The senders of the messages that wait."""
    messages = {row.message for row in await look.crossreference.waits()}
    found = [row for id_ in messages for row in await look.history.find(id_)]
    return {row.id: row.sender for row in found}


async def _as_known_now(look: Look, row: WaitRow) -> WaitRow:
    """A wait for what had not come or taught nothing, with the newest message of it, if any."""
    if row.provider not in {Provider.NEVER_SEEN, Provider.SILENT}:
        return row
    scoped = SEPARATOR.join([row.scope, row.id]) if row.scope else row.id
    about = SEPARATOR.join([row.entity.casefold(), scoped])
    asked = Filter(sender=row.application, key=row.id)
    for message, deliveries in await look.history.messages(asked):
        if message.about == about:
            provider = _came_to(row.reader, message, deliveries)
            return row._replace(provider=provider, provided_by=message.id)
    return row


def _came_to(reader: str, message: MessageRow, deliveries: Iterable[DeliveryRow]) -> Provider:
    """What a message that came is to a reader; how far it is there is looked at afterwards."""
    if message.state is MessageState.REJECTED:
        return Provider.REJECTED
    if any(one.destination == reader and one.kind is Kind.COPY for one in deliveries):
        return Provider.UNDER_WAY
    return Provider.UNROUTED


async def _provider(look: Look, row: WaitRow) -> Provider:
    """What is known now: it may have ended since, or stopped, or be under way again."""
    if row.provider not in {Provider.UNDER_WAY, Provider.STOPPED} or not row.provided_by:
        return row.provider
    theirs = [
        one for one in await _deliveries(look, row.provided_by) if one.destination == row.reader
    ]
    if not theirs:
        return row.provider
    mine = {one.lane for one in await _deliveries(look, row.message) if one.number == row.number}
    if any(one.lane in mine - {""} for one in theirs if one.state not in GONE):
        return Provider.BEHIND  # whoever waits for an id has its lane's turn
    states = {one.state for one in theirs}
    if states & STOPPED:
        return Provider.STOPPED
    return Provider.SILENT if states <= GONE else Provider.UNDER_WAY


async def _deliveries(look: Look, message: str) -> Sequence[DeliveryRow]:
    trace = await look.history.trace(message)
    return trace.deliveries if trace else ()


def _there(look: Look, row: WaitRow) -> bool:
    reader = look.applications.get(row.reader)
    return reader is not None and reader.de_para is TranslatedBy.APPLICATION


def _remedy(wait: Wait, language: Language) -> str:
    row = wait.row
    mine = quote(f"{row.application}:{row.id}")
    words = REMEDIES_THERE if wait.there else REMEDIES
    ended = wait.provider is Provider.SILENT and not row.provided_by  # and is no longer kept
    return (
        words[Provider.NEVER_SEEN if ended else wait.provider]
        .filled(
            entity=row.entity,
            reader=row.reader,
            message=row.message,
            number=row.number,
            provider=row.provided_by,
            command=command_to_set(row.key, row.reader, row.reader_scope),
            show=f"bus depara show {row.entity} {mine}",
        )
        .told(language)
    )


def _as_json(wait: Wait, language: Language) -> dict[str, Any]:
    return {
        **wait.row._asdict(),
        "provider": wait.provider,
        "endless": wait.provider in ENDLESS,
        "remedy": _remedy(wait, language),
    }


def _show(wait: Wait, language: Language) -> None:
    row = wait.row
    details = {"message": row.message, "number": row.number, "destination": row.reader}
    details |= {"entity": row.entity, "id": id_of(row.key), "path": row.path}
    click.echo(say("awaits", language, **details))
    mark = f"[{say('endless', language)}] " if wait.provider in ENDLESS else ""
    click.echo(f"    {mark}{provided(wait.provider, row.provided_by, language)}")
    click.echo(f"    → {_remedy(wait, language)}")
