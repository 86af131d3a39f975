"""`bus schemas diff`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.contract_diff import ChangeKind, ContractDifference
from bus.core.errors import Language
from bus.edge.cli.faults import REFUSED, in_lines
from bus.edge.cli.messages import moment
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.http.asgi import fault_to_dict
from bus.edge.words.command_line import choose

if TYPE_CHECKING:
    from bus.contracts.imports.compare import Compared
    from bus.engine.contract_impact import Broken

KIND_WORDS: dict[ChangeKind, tuple[str, str]] = {
    ChangeKind.ADDED: ("novo", "added"),
    ChangeKind.REMOVED: ("retirado", "removed"),
    ChangeKind.TIGHTENED: ("mais estrito", "tightened"),
    ChangeKind.LOOSENED: ("mais livre", "loosened"),
    ChangeKind.CHANGED: ("outro", "changed"),
}
"""How a part changed."""

FILLED = (
    "preenchido pelo barramento, pois ninguém publicou, e por isso não comparado: {includes}",
    "filled in by the bus, as nobody published it, and so not compared: {includes}",
)
"""What is said of includes that the tree of a file lacks."""

_HEADINGS = (
    ("mudança", "change"),
    ("onde", "where"),
    ("o quê", "what"),
    ("era", "was"),
    ("é", "is"),
    ("quebra", "breaks"),
)
_REQUIRED = ("obrigatório", "required")
_SENDER = ("quem envia", "sender")
_RECEIVER = ("quem recebe", "receiver")
_NONE = ("Nenhuma diferença.", "No differences.")
_TRAFFIC = (
    "Mensagens que valiam por {a}: {checked}; não valeriam por {b}: {broken}.",
    "Messages valid by {a}: {checked}; not valid by {b}: {broken}.",
)
_SHOWN = 40


@click.command(name="diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--traffic", is_flag=True, help="Say which messages of the journal B would break.")
@click.option(
    "--since",
    default="",
    callback=moment,
    metavar="TIME",
    help="With --traffic: of those received since then, or so long ago.",
)
@json_option
@with_settings("journal", "contracts")
def diff(
    settings: Settings, before: str, after: str, traffic: bool, since: int, as_json: bool
) -> None:
    """Compare two contracts: `"Order 3.002"` or a file of an XSD, each.

    A change breaks the sender where what it may write is no longer valid, and the receiver where
    something may come that was not valid; of an answer, the other way round. Exit code 1 where
    messages of the journal would break, 0 otherwise.
    """
    from bus.wiring import broken_messages, compare_contracts

    compared = compare_contracts(settings, before, after)
    broken = asyncio.run(broken_messages(settings, compared, since)) if traffic else None
    if as_json:
        print_json(_as_json(compared, broken, settings.language))
    else:
        _show(compared, settings.language)
        if broken is not None:
            _show_broken(compared, broken, settings.language)
    if broken and broken.messages:
        raise SystemExit(REFUSED)


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
            told = choose(FILLED, language).format(includes=", ".join(side.filled))
            click.echo(f"{side.name}: {told}")
    if not compared.changes:
        click.echo(choose(_NONE, language))
        return
    headings = tuple(choose(words, language) for words in _HEADINGS)
    print_table([headings, *(_row(each, language) for each in compared.changes)])


def _row(change: ContractDifference, language: Language) -> tuple[str, ...]:
    broken = ((_SENDER, change.breaks_sender), (_RECEIVER, change.breaks_receiver))
    return (
        choose(KIND_WORDS[change.kind], language),
        change.path,
        choose(_REQUIRED, language) if change.required else change.aspect,
        change.was[:_SHOWN],
        change.now[:_SHOWN],
        ", ".join(choose(words, language) for words, breaks in broken if breaks),
    )


def _show_broken(compared: Compared, broken: Broken, language: Language) -> None:
    counts = {"checked": broken.checked, "broken": len(broken.messages)}
    names = {"a": compared.before.name, "b": compared.after.name}
    click.echo(choose(_TRAFFIC, language).format(**counts, **names))
    for each in broken.messages:
        for fault in each.faults:
            click.echo(in_lines(fault, language, each.message.id))
