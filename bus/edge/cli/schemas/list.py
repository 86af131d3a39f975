"""`bus schemas list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.errors import Language
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.words.command_line import choose

if TYPE_CHECKING:
    from bus.core.contract import Contract

_HEADINGS = (
    ("contrato", "contract"),
    ("título", "title"),
    ("forma", "shape"),
    ("ciclo", "lifecycle"),
    ("dono", "owner"),
    ("provisório", "provisional"),
)


@click.command(name="list")
@json_option
@with_settings("contracts")
def list_contracts(settings: Settings, as_json: bool) -> None:
    """List the contracts that the bus knows."""
    from bus.wiring import open_contracts

    known = open_contracts(settings).known()
    if as_json:
        for contract in known:
            print_json(_as_json(contract))
        return
    headings = tuple(choose(words, settings.language) for words in _HEADINGS)
    print_table([headings, *(_row(contract, settings.language) for contract in known)])


def _as_json(contract: Contract) -> dict[str, object]:
    return {
        "transaction": contract.transaction,
        "version": contract.version,
        "title_pt": contract.title_pt,
        "title_en": contract.title_en,
        "shape": contract.shape.value,
        "lifecycle": contract.lifecycle.value,
        "entity": contract.entity,
        "owner": contract.owner,
        "provisional": contract.provisional,
    }


def _row(contract: Contract, language: Language) -> tuple[str, ...]:
    return (
        contract.name,
        choose((contract.title_pt, contract.title_en), language),
        contract.shape,
        contract.lifecycle,
        contract.owner,
        choose(("sim", "yes"), language) if contract.provisional else "",
    )
