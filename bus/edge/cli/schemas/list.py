"""`bus schemas list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.words.schemas import say

if TYPE_CHECKING:
    from bus.core.contract import Contract

_HEADINGS = ("contract", "title", "shape", "lifecycle", "owner", "provisional")


@spoken.command("schemas list")
@json_option
@with_settings("contracts")
def command(settings: Settings, as_json: bool) -> None:
    """List the contracts that the bus knows."""
    from bus.wiring import open_contracts

    known = open_contracts(settings).known()
    if as_json:
        for contract in known:
            print_json(_as_json(contract))
        return
    headings = tuple(say(word, settings.language) for word in _HEADINGS)
    print_table([headings, *(_row(contract, settings.language) for contract in known)])


def _as_json(contract: Contract) -> dict[str, object]:
    return {
        "transaction": contract.transaction,
        "version": contract.version,
        "title": contract.title.as_dict(),
        "shape": contract.shape.value,
        "lifecycle": contract.lifecycle.value,
        "entity": contract.entity,
        "owner": contract.owner,
        "module": contract.module,
        "provisional": contract.provisional,
    }


def _row(contract: Contract, language: Language) -> tuple[str, ...]:
    return (
        contract.name,
        contract.title.told(language),
        contract.shape,
        contract.lifecycle,
        contract.keeper,
        say("yes", language) if contract.provisional else "",
    )
