"""`bus messages`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import click

from bus.clock import SystemClock
from bus.config import Settings, applications_in
from bus.core.delivery import State
from bus.core.effect import EffectVerdict
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.story_json import ahead_to_dict
from bus.edge.words.command_line import EFFECT_WORDS, FACT_WORDS, behind, say, state_in
from bus.edge.words.pairs import first_waits, id_of
from bus.edge.words.times import time_of
from bus.journal.depara_rows import WaitRow
from bus.journal.facts import FactKind
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow, MessageState
from bus.ports.history import Ahead, Filter


class ListedMessage(NamedTuple):
    """A message with its deliveries, what each that waits for its turn waits behind, and for which
    ids those wait that lack one.
    """

    message: MessageRow
    deliveries: tuple[DeliveryRow, ...]
    ahead: Mapping[int, Ahead]
    awaits: tuple[WaitRow, ...] = ()


STATES = {one.value.replace(" ", "-"): one.value for one in (*State, MessageState.REJECTED)}
"""What `--state` may be, as it is typed."""

EFFECTS = {one.value.replace(" ", "-"): one for one in EffectVerdict if one}
"""What `--effect` may be, as it is typed."""

_AGO = re.compile(r"(\d{1,6})(s|m|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def moment(context: click.Context, option: click.Parameter, value: str) -> int:
    """A time in µs since 1970 UTC: `2026-01-31T10:00`, or so long ago: `30m`, `2h`, `3d`."""
    ago = _AGO.fullmatch(value)
    if ago:
        return SystemClock().now() - int(ago[1]) * _SECONDS[ago[2]] * MICROSECONDS
    try:
        return int(datetime.fromisoformat(value).timestamp()) * MICROSECONDS if value else 0
    except ValueError:
        examples = "2026-01-31, 2026-01-31T10:00, 30m, 2h, 3d"
        raise click.BadParameter(f"{value}: {examples}", context, option) from None


@spoken.command("messages")
@spoken.option("--transaction", default="")
@spoken.option("--from", "sender", default="")
@spoken.option("--to", "destination", default="")
@spoken.option(
    "--state",
    type=click.Choice(STATES, case_sensitive=False),
    default=None,
)
@spoken.option("--effect", type=click.Choice(EFFECTS, case_sensitive=False), default=None)
@spoken.option("--differs", is_flag=True)
@spoken.option("--key", default="")
@spoken.option(
    "--since",
    default="",
    callback=moment,
    metavar="TIME",
)
@spoken.option("--until", default="", callback=moment, metavar="TIME")
@spoken.option("--before", default="", metavar="ID")
@spoken.option("--limit", type=click.IntRange(1, 10_000), default=50, metavar="N")
@json_option
@with_settings("journal")
def command(
    settings: Settings,
    as_json: bool,
    state: str | None,
    effect: str | None,
    **chosen: Any,  # noqa: ANN401
) -> None:
    """List messages, newest first, each with how its deliveries stand."""
    wanted: Any = STATES.get(state or "", "")
    verdict = EFFECTS.get(effect or "", EffectVerdict.NONE)
    found = asyncio.run(_read(settings, Filter(state=wanted, effect=verdict, **chosen)))
    if as_json:
        for one in found:
            print_json(_as_json(one, settings.language))
    else:
        _show(found, settings.language, more=len(found) == chosen["limit"])


async def _read(settings: Settings, chosen: Filter) -> tuple[ListedMessage, ...]:
    from bus.engine.filter_names import FilterNames
    from bus.profiles import InstalledProfiles
    from bus.wiring import open_contracts, open_reading

    async with open_reading(settings) as (history, crossreference):
        versions = await history.configurations()
        applications = applications_in(versions[0].text, InstalledProfiles()) if versions else {}
        names = FilterNames(applications, tuple(open_contracts(settings).known()))
        found = await history.messages(await names.in_right_spelling(chosen, history))
        ahead = await history.ahead([row for _, rows in found for row in rows])
        lacking = any(row.state is State.AWAITING_DEPARA for _, rows in found for row in rows)
        waits = await crossreference.waits() if lacking else ()
    missing: dict[str, list[WaitRow]] = {}
    for wait in first_waits(waits, {row.id: row.sender for row, _ in found}):
        missing.setdefault(wait.message, []).append(wait)
    behind_of: dict[str, dict[int, Ahead]] = {}
    for one in ahead:
        behind_of.setdefault(one.message, {})[one.number] = one
    return tuple(
        ListedMessage(row, rows, behind_of.get(row.id, {}), tuple(missing.get(row.id, ())))
        for row, rows in found
    )


def _as_json(listed: ListedMessage, language: Language) -> dict[str, Any]:
    message, deliveries, ahead, awaits = listed
    return {
        "id": message.id,
        "uuid": message.uuid,
        "received_at": message.received_at,
        "state": message.state,
        "sender": message.sender,
        "transaction": message.transaction,
        "version": message.version,
        "event": message.event,
        "document": message.document,
        "erased_at": message.erased or None,
        "deliveries": [
            {
                "number": row.number,
                "kind": row.kind,
                "application": row.destination,
                "state": row.state,
                "reason": row.why,
                "effect": row.effect.value,
                "awaits": [one._asdict() for one in awaits if one.number == row.number],
                "behind": ahead_to_dict(ahead.get(row.number), language),
            }
            for row in deliveries
        ],
    }


def _show(found: tuple[ListedMessage, ...], language: Language, *, more: bool) -> None:
    if not found:
        click.echo(say("nothing", language))
        return
    heading = tuple(
        say(word, language) for word in ("id", "received", "sender", "message", "deliveries")
    )
    print_table([heading, *(_row(*one, language) for one in found)])
    if more:
        click.echo(say("more", language, id=found[-1][0].id))


def _row(
    message: MessageRow,
    deliveries: tuple[DeliveryRow, ...],
    ahead: Mapping[int, Ahead],
    awaits: tuple[WaitRow, ...],
    language: Language,
) -> tuple[str, ...]:
    stand = [
        _stands(
            row,
            ahead.get(row.number),
            [one for one in awaits if one.number == row.number],
            language,
        )
        for row in deliveries
    ]
    if message.state is MessageState.REJECTED:
        stand = [say("rejected", language)]
    if message.erased:
        stand.append(FACT_WORDS[FactKind.ERASED].told(language))
    what = f"{message.transaction} {message.version}"
    return message.id, time_of(message.received_at), message.sender, what, "; ".join(stand) or "-"


def _stands(
    row: DeliveryRow, ahead: Ahead | None, awaits: Sequence[WaitRow], language: Language
) -> str:
    told = [state_in(row.state, language)]
    told += [EFFECT_WORDS[row.effect].told(language)] if row.effect else []
    if row.state is State.AWAITING_DEPARA and awaits:
        first, *others = awaits
        told.append(say("lacking", language, entity=first.entity, id=id_of(first.key)))
        told += [say("and_more", language, count=len(others))] if others else []
    if ahead:
        told.append(behind(ahead, language))
        told += [ahead.fault.reason(language)] if ahead.fault else []
    return f"{row.destination}: {', '.join(told)}"
