"""`bus validate`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.envelope import Header, MessageType
from bus.core.errors import Fault, Refusal, SenderFault
from bus.core.plan import strictness_of
from bus.core.route import Deployment, Route, Strictness
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.annotate import shown_in_place
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, labelled
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
    header: Header | None = None
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Fault, ...] = ()
    readable: bool = True
    more: bool = False
    text: bytes = b""
    in_soap: bool = False
    lets_pass: tuple[str, ...] = ()
    """The routes that take it though it differs, by the file of routes; where that is known."""

    @property
    def contract(self) -> tuple[str, str]:
        """Its transaction and version; empty where it could not be read."""
        return (self.header.transaction, self.header.version) if self.header else ("", "")

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
@with_settings("max_body", "contracts", "routes")
def command(settings: Settings, files: tuple[str, ...], most: int, as_json: bool) -> None:
    """Check messages against their contracts, without a running bus; `-` is standard input.

    Each difference is shown below its line of the message. A message may stand in a SOAP call, or
    be in JSON: an object with Header and Content. Exit code 1 where a message is not valid, 2 where
    a file could not be read as one. Where the file of routes can be read, it is told which of them
    take a message though it differs.
    """
    from bus.wiring import open_codec, open_contracts

    codec, contracts = open_codec(settings.max_body), open_contracts(settings)
    deployment = _deployment(settings, contracts, codec)
    worst = 0
    for file in files:
        examining = _examine(file, codec, contracts, settings.max_body, most)
        finding = asyncio.run(examining)
        finding = replace(finding, lets_pass=_lets_pass(finding, deployment, contracts))
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
        file, header, faults[:most], repaired(document.envelope),
        more=len(faults) > most, text=document.raw, in_soap=in_soap,
    )  # fmt: skip
    return _without_lines(finding) if form is MessageForm.JSON else finding


def _deployment(settings: Settings, contracts: Registry, codec: XmlCodec) -> Deployment | None:
    """What the file of routes says; None where it is not there, or is not right."""
    from bus.wiring import load_routes

    try:
        return load_routes(settings, contracts, codec).deployment
    except Refusal:
        return None


def _lets_pass(
    finding: ValidatedFile, deployment: Deployment | None, contracts: Registry
) -> tuple[str, ...]:
    """The routes that take a message though it differs, from the application that it names."""
    header = finding.header
    if deployment is None or header is None or not finding.faults:
        return ()
    source = header.source_application.casefold()
    routes: list[Route] = []
    for application in deployment.applications.values():
        names = application.source_applications or {application.name}
        if source in {name.casefold() for name in names}:
            routes += deployment.routes_for(header, application.name)
    contract = contracts.find(header.transaction, header.version)
    if not routes or strictness_of(routes, contract) is Strictness.REJECT:
        return ()
    return tuple(dict.fromkeys(route.name for route in routes))


def _without_lines(finding: ValidatedFile) -> ValidatedFile:
    # The lines of a message in JSON are not those of its XML.
    faults = tuple(replace(fault, line=0) for fault in finding.faults)
    return replace(finding, faults=faults, text=b"")


def _as_json(finding: ValidatedFile, language: Language) -> dict[str, object]:
    return {
        "file": finding.file,
        "valid": not finding.faults,
        "transaction": finding.contract[0],
        "version": finding.contract[1],
        "errors": [_error(fault, language) for fault in finding.faults],
        "repairs": [_error(fault, language) for fault in finding.repairs],
        "more": finding.more,
        "lets_pass": list(finding.lets_pass),
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
    if finding.header and finding.faults:
        passing = say("let_pass", language, routes=", ".join(finding.lets_pass))
        yield passing if finding.lets_pass else say("not_let_pass", language)
    for repair in finding.repairs:
        yield labelled(repair, language, finding.file)
    placed = [fault for fault in finding.faults if fault.line and finding.text]
    for fault in finding.faults:
        if fault not in placed:
            yield labelled(fault, language, finding.file)
    if placed:
        source = SourceText(finding.text)
        yield from shown_in_place(source, placed, language, finding.file)
    if finding.more:
        yield say("not_all", language, count=min(MOST, 10 * len(finding.faults)))


def _verdict(finding: ValidatedFile, language: Language) -> str:
    name = " ".join(finding.contract).strip()
    if not finding.readable:
        said = say("unread", language)
    elif finding.faults:
        said = say("refused", language, count=f"{len(finding.faults)}{'+' * finding.more}")
    else:
        said = say("valid", language)
    soap = f" ({say('in_soap', language)})" if finding.in_soap and finding.faults else ""
    return ": ".join(part for part in (finding.file, name, said) if part) + soap
