"""`bus validate`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.envelope import MessageType
from bus.core.errors import Fault, SenderFault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.annotate import shown_in_place
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, in_lines
from bus.edge.cli.message_files import body_of, message_in
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.command_line import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bus.codec.xml_codec import XmlCodec
    from bus.contracts.registry import Registry


USUAL = 10
"""How many differences of a message are told."""
MOST = 1_000


@dataclass(frozen=True, slots=True)
class ValidatedFile:
    """What was found in one file; `readable` where it is a standard message at all.

    `repairs` tell what was mended to read it. `more`: there are more faults than those. `text` is
    the message that their lines are of.
    """

    file: str
    transaction: str = ""
    version: str = ""
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Fault, ...] = ()
    readable: bool = True
    more: bool = False
    text: bytes = b""
    in_soap: bool = False

    @property
    def exit_code(self) -> int:
        """0 valid, 1 not valid, 2 could not be read."""
        if not self.readable:
            return IMPOSSIBLE
        return REFUSED if self.faults else 0


@spoken.command("validate")
@spoken.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@spoken.option(
    "--errors",
    "most",
    type=click.IntRange(1, MOST),
    default=USUAL,
    show_default=True,
    metavar="N",
)
@json_option
@with_settings("max_body", "contracts")
def command(settings: Settings, files: tuple[str, ...], most: int, as_json: bool) -> None:
    """Check messages against their contracts, without a running bus; `-` is standard input.

    Each difference is shown below its line of the message. A message may stand in a SOAP call, or
    be in JSON: an object with Header and Content. Exit code 1 where a message is not valid, 2 where
    a file could not be read as one.
    """
    from bus.wiring import open_codec, open_contracts

    codec, contracts = open_codec(settings.max_body), open_contracts(settings)
    worst = 0
    for file in files:
        examining = _examine(file, codec, contracts, settings.max_body, most)
        finding = asyncio.run(examining)
        worst = max(worst, finding.exit_code)
        if as_json:
            print_json(_as_json(finding, settings.language))
        else:
            for line in _as_lines(finding, settings.language):
                click.echo(line)
    if worst:
        raise SystemExit(worst)


async def _examine(
    file: str, codec: XmlCodec, contracts: Registry, most_body: int, most: int
) -> ValidatedFile:
    from bus.codec.conversion import MessageForm
    from bus.engine.examine import differences, repaired

    body = b""
    try:
        body = body_of(file, most_body)
        document, form, in_soap = message_in(file, body, codec, contracts.shapes)
    except SenderFault as refusal:
        return ValidatedFile(file, faults=refusal.faults, readable=False, text=body)
    header = document.envelope.header
    faults: tuple[Fault, ...] = ()
    if header.type is not MessageType.RECEIPT:
        faults = await differences(document, contracts, most + 1)
    finding = ValidatedFile(
        file, header.transaction, header.version, faults[:most], repaired(document.envelope),
        more=len(faults) > most, text=document.raw, in_soap=in_soap,
    )  # fmt: skip
    return _without_lines(finding) if form is MessageForm.JSON else finding


def _without_lines(finding: ValidatedFile) -> ValidatedFile:
    # The lines of a message in JSON are not those of its XML.
    faults = tuple(replace(fault, line=0) for fault in finding.faults)
    return replace(finding, faults=faults, text=b"")


def _as_json(finding: ValidatedFile, language: Language) -> dict[str, object]:
    return {
        "file": finding.file,
        "valid": not finding.faults,
        "transaction": finding.transaction,
        "version": finding.version,
        "errors": [_error(fault, language) for fault in finding.faults],
        "repairs": [_error(fault, language) for fault in finding.repairs],
        "more": finding.more,
    }


def _error(fault: Fault, language: Language) -> dict[str, object]:
    return {
        "path": fault.path,
        "line": fault.line,
        "code": fault.code,
        "message": fault.reason(language),
        "hint": fault.remedy(language),
        "owner": fault.owner.value,
        "value": fault.value,
        "allowed": fault.allowed(language),
        "message_pt": fault.reason("pt"),
        "message_en": fault.reason("en"),
        "hint_pt": fault.remedy("pt"),
        "hint_en": fault.remedy("en"),
        "allowed_pt": fault.allowed("pt"),
        "allowed_en": fault.allowed("en"),
    }


def _as_lines(finding: ValidatedFile, language: Language) -> Iterator[str]:
    """The verdict, then what is wrong: in its place where it has one, before that where not."""
    from bus.codec.source import SourceText

    yield _verdict(finding, language)
    for repair in finding.repairs:
        yield in_lines(repair, language, finding.file)
    placed = [fault for fault in finding.faults if fault.line and finding.text]
    for fault in finding.faults:
        if fault not in placed:
            yield in_lines(fault, language, finding.file)
    if placed:
        source = SourceText(finding.text)
        yield from shown_in_place(source, placed, language, finding.file)
    if finding.more:
        yield say("not_all", language, count=min(MOST, 10 * len(finding.faults)))


def _verdict(finding: ValidatedFile, language: Language) -> str:
    name = f"{finding.transaction} {finding.version}".strip()
    if not finding.readable:
        said = say("unread", language)
    elif finding.faults:
        said = say("refused", language, count=f"{len(finding.faults)}{'+' * finding.more}")
    else:
        said = say("valid", language)
    soap = f" ({say('in_soap', language)})" if finding.in_soap and finding.faults else ""
    return ": ".join(part for part in (finding.file, name, said) if part) + soap
