"""`bus schemas diff`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.contract_diff import ContractDifference
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.faults import REFUSED, in_lines
from bus.edge.cli.messages import moment
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.words.schemas import CHANGE_WORDS, say

if TYPE_CHECKING:
    from bus.contracts.imports.compare import Compared
    from bus.engine.contract_impact import Broken

_HEADINGS = ("change", "where", "what", "was", "now", "breaks")
_SHOWN = 40


@spoken.command("schemas diff")
@spoken.argument("before", metavar="A")
@spoken.argument("after", metavar="B")
@spoken.option("--traffic", is_flag=True)
@spoken.option(
    "--since",
    default="",
    callback=moment,
    metavar="TIME",
)
@json_option
@with_settings("journal", "contracts")
def command(
    settings: Settings, before: str, after: str, traffic: bool, since: int, as_json: bool
) -> None:
    """Compare two contracts: `"Order 3.002"` or a file of an XSD, each.

    A change breaks the sender where what it may write is no longer valid, and the receiver where
    something may come that was not valid; of an answer, the other way round. Exit code 1 where
    messages of the journal would break, 0 otherwise.
    """
    from bus.contracts.imports.compare import compare
    from bus.wiring import open_contracts

    compared = compare(before, after, open_contracts(settings))
    broken = asyncio.run(_broken(settings, compared, since)) if traffic else None
    if as_json:
        print_json(_as_json(compared, broken, settings.language))
    else:
        _show(compared, settings.language)
        if broken is not None:
            _show_broken(compared, broken, settings.language)
    if broken and broken.messages:
        raise SystemExit(REFUSED)


async def _broken(settings: Settings, compared: Compared, since: int) -> Broken:
    """The messages of the journal, valid by the first contract, that the second would refuse."""
    from bus.engine.contract_impact import broken_by
    from bus.ports.history import Filter
    from bus.wiring import open_codec, open_history

    chosen = Filter(transaction=compared.before.transaction, since=since)
    codec, version = open_codec(settings.max_body), compared.before.version
    async with open_history(settings) as history:
        return await broken_by(history, codec, chosen, version, compared.checks())


def _as_json(compared: Compared, broken: Broken | None, language: Language) -> dict[str, object]:
    told: dict[str, object] = {
        "a": compared.before.name,
        "b": compared.after.name,
        "filled": [*compared.before.filled, *compared.after.filled],
        "breaks_sender": any(each.breaks_sender for each in compared.changes),
        "breaks_receiver": any(each.breaks_receiver for each in compared.changes),
        "changes": [change_to_dict(each) for each in compared.changes],
    }
    if broken is not None:
        messages = [
            {
                "id": each.message.id,
                "uuid": each.message.uuid,
                "sender": each.message.sender,
                "errors": [fault_to_dict(fault, language) for fault in each.faults],
            }
            for each in broken.messages
        ]
        told["traffic"] = {"checked": broken.checked, "broken": messages}
    return told


def change_to_dict(change: ContractDifference) -> dict[str, object]:
    """A change as JSON has it."""
    return {
        "kind": change.kind.value,
        "path": change.path,
        "aspect": change.aspect,
        "was": change.was,
        "now": change.now,
        "required": change.required,
        "breaks_sender": change.breaks_sender,
        "breaks_receiver": change.breaks_receiver,
    }


def _show(compared: Compared, language: Language) -> None:
    for side in (compared.before, compared.after):
        if side.filled:
            click.echo(f"{side.name}: {say('filled', language, includes=', '.join(side.filled))}")
    if not compared.changes:
        click.echo(say("no_difference", language))
        return
    headings = tuple(say(word, language) for word in _HEADINGS)
    print_table([headings, *(_row(each, language) for each in compared.changes)])


def _row(change: ContractDifference, language: Language) -> tuple[str, ...]:
    broken = (("sender", change.breaks_sender), ("receiver", change.breaks_receiver))
    return (
        CHANGE_WORDS[change.kind].told(language),
        change.path,
        say("required", language) if change.required else change.aspect,
        change.was[:_SHOWN],
        change.now[:_SHOWN],
        ", ".join(say(word, language) for word, breaks in broken if breaks),
    )


def _show_broken(compared: Compared, broken: Broken, language: Language) -> None:
    counts = {"checked": broken.checked, "broken": len(broken.messages)}
    names = {"a": compared.before.name, "b": compared.after.name}
    click.echo(say("traffic", language, **counts, **names))
    for each in broken.messages:
        for fault in each.faults:
            click.echo(in_lines(fault, language, each.message.id))
