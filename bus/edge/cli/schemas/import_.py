"""`bus schemas import`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.faults import REFUSED, in_lines
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.cli.schemas.diff import change_to_dict
from bus.edge.faults import fault_to_dict
from bus.edge.words.schemas import CHANGE_WORDS, VERDICT_WORDS, say

if TYPE_CHECKING:
    from bus.contracts.imports.importer import ImportedFile
    from bus.core.contract_diff import ContractDifference

_SHOWN = 10


@spoken.command("schemas import")
@spoken.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@spoken.option(
    "--replace",
    "replacing",
    multiple=True,
    metavar="CONTRACT",
)
@spoken.option("--dry-run", is_flag=True)
@json_option
@with_settings("contracts")
def command(
    settings: Settings, folder: str, replacing: tuple[str, ...], dry_run: bool, as_json: bool
) -> None:
    """Import the published XSDs in DIR: each is added, the same, different, or failed and why.

    The files may include what is in their own tree; a missing envelope, and types that the bus has,
    are filled in, and named: of them nobody can say that they are as published. A contract in force
    never changes unless --replace names it. Exit code 1 where a file failed.
    """
    from bus.contracts.imports.importer import import_published
    from bus.wiring import open_contracts

    if settings.contracts is None and not dry_run:
        raise BusFault(Fault("CONTRACTS_FOLDER_MISSING"))
    counts: Counter[str] = Counter()
    target = None if dry_run else settings.contracts
    for found in import_published(open_contracts(settings), Path(folder), target, replacing):
        counts[found.verdict.value] += 1
        if as_json:
            print_json(_as_json(found, settings.language))
        else:
            _show(found, settings.language)
    if not as_json:
        _show_counts(counts, settings.language)
    if counts["failed"]:
        raise SystemExit(REFUSED)


def _as_json(found: ImportedFile, language: Language) -> dict[str, object]:
    return {
        "file": str(found.file),
        "verdict": found.verdict.value,
        "transaction": found.transaction,
        "version": found.version,
        "filled": found.filled,
        "errors": [fault_to_dict(fault, language) for fault in found.faults],
        "changes": [change_to_dict(each) for each in found.changes],
    }


def _show(found: ImportedFile, language: Language) -> None:
    """One line a file, and below it why, and what differs."""
    verdict = VERDICT_WORDS[found.verdict.value].told(language)
    click.echo(f"{found.file.name}: {verdict}")
    if found.filled:
        click.echo(f"    {say('filled', language, includes=', '.join(found.filled))}")
    for fault in () if found.verdict.value == "same" else found.faults:
        click.echo("    " + in_lines(fault, language).replace("\n", "\n    "))
    for change in found.changes[:_SHOWN]:
        click.echo(f"    {_change(change, language)}")
    more = len(found.changes) - _SHOWN
    if more > 0:
        click.echo(f"    … +{more}: bus schemas diff")


def _change(change: ContractDifference, language: Language) -> str:
    values = f": {change.was} → {change.now}" if change.aspect else ""
    return f"{CHANGE_WORDS[change.kind].told(language)} {change.path} {change.aspect}{values}"


def _show_counts(counts: Counter[str], language: Language) -> None:
    told = [f"{words.told(language)}: {counts[name]}" for name, words in VERDICT_WORDS.items()]
    click.echo("; ".join(told))
    if counts["added"] or counts["replaced"]:
        click.echo(say("restart", language))
