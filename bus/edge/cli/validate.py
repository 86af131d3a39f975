"""`bus validate`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.envelope import MessageType
from bus.core.errors import Fault, Language, SenderFault
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, in_lines
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.cli.schemas.naming import unknown_contract
from bus.edge.cli.words import choose

if TYPE_CHECKING:
    from bus.ports import Codec, Contracts, Document
    from bus.xml.contracts import Registry


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one file; `readable` where it is a standard message at all."""

    file: str
    transaction: str = ""
    version: str = ""
    faults: tuple[Fault, ...] = ()
    readable: bool = True

    @property
    def exit_code(self) -> int:
        """0 valid, 1 not valid, 2 could not be read."""
        if not self.readable:
            return IMPOSSIBLE
        return REFUSED if self.faults else 0


@click.command(name="validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@json_option
@with_settings("max_body", "contracts")
def command(settings: Settings, files: tuple[str, ...], as_json: bool) -> None:
    """Check messages against their contracts, without a running bus; `-` is standard input.

    A file whose name ends in .json holds a message in JSON: an object with Header and Content. Exit
    code 1 where a message is not valid, 2 where a file could not be read as one.
    """
    from bus.wiring import open_codec, open_contracts

    codec, contracts = open_codec(settings.max_body), open_contracts(settings)
    worst = 0
    for file in files:
        finding = _examine(file, codec, contracts, settings.max_body)
        worst = max(worst, finding.exit_code)
        if as_json:
            print_json(_as_json(finding, settings.language))
        else:
            click.echo(_as_text(finding, settings.language))
    if worst:
        raise SystemExit(worst)


def _examine(file: str, codec: Codec, contracts: Registry, most: int) -> Finding:
    from bus.wiring import xml_of_json

    try:
        with click.open_file(file, "rb") as opened:
            body = opened.read(most + 1)
        told_in_json = file.lower().endswith(".json") and len(body) <= most
        document = codec.read(xml_of_json(body, contracts) if told_in_json else body)
    except OSError as error:
        details = {"file": file, "problem": error.strerror or str(error)}
        return Finding(file, faults=(Fault("FILE_UNREADABLE", details=details),), readable=False)
    except SenderFault as refusal:
        return Finding(file, faults=refusal.faults, readable=False)
    header = document.envelope.header
    faults = _differences(document, contracts)
    if told_in_json:  # its lines are not those of the XML
        faults = tuple(replace(fault, line=0) for fault in faults)
    return Finding(file, header.transaction, header.version, faults)


def _differences(document: Document, contracts: Contracts) -> tuple[Fault, ...]:
    header = document.envelope.header
    if header.type is MessageType.RECEIPT:
        return ()
    contract = contracts.find(header.transaction, header.version)
    if contract is None:
        return (unknown_contract(header.transaction, header.version, contracts),)
    if contracts.conforms(contract, document):
        return ()
    return asyncio.run(contracts.explain(contract, document))


def _as_json(finding: Finding, language: Language) -> dict[str, object]:
    return {
        "file": finding.file,
        "valid": not finding.faults,
        "transaction": finding.transaction,
        "version": finding.version,
        "errors": [
            {
                "path": fault.path,
                "line": fault.line,
                "code": fault.code,
                "message": fault.reason(language),
                "hint": fault.remedy(language),
            }
            for fault in finding.faults
        ],
    }


def _as_text(finding: Finding, language: Language) -> str:
    if finding.faults:
        return "\n".join(in_lines(fault, language, finding.file) for fault in finding.faults)
    name = f"{finding.transaction} {finding.version}".rstrip()
    return f"{finding.file}: {name}: {choose(('válida', 'valid'), language)}"
