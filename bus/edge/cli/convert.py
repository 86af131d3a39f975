"""`bus convert`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.bridge import HEADER_PATH
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.suggest import unknown_contract
from bus.core.system_words import words_of
from bus.core.text import Details, Language, Text
from bus.edge.cli import spoken
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, in_lines
from bus.edge.cli.message_files import body_of, message_in
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.words.command_line import say

if TYPE_CHECKING:
    from bus.codec.xml_codec import XmlCodec
    from bus.contracts.registry import Registry
    from bus.edge.cli.message_files import MessageRead

_STDIN = "stdin"
"""What the file is called that comes of standard input in a folder."""
_OBEYED = re.compile("[\x7f-\x9f]")
"""What a terminal would obey, and both forms may hold as it is."""
_UNREAD = frozenset(
    {
        "FILE_UNREADABLE",
        "TOO_LARGE",
        "MALFORMED_XML",
        "BAD_ENCODING",
        "DOCTYPE_REFUSED",
        "NOT_A_STANDARD_MESSAGE",
    }
)
_GIVEN = {
    "problem": Text("um dos arquivos dados está ali", "one of the files given is there"),
    "hint": Text("Dê outro lugar com -o.", "Give another place with -o."),
}
_WRITTEN = {
    "problem": Text("outra mensagem já foi gravada ali", "another message was written there"),
    "hint": Text(
        "Dois dos arquivos dados têm o mesmo nome: converta cada um por si, com outro -o.",
        "Two of the files given have one name: convert each by itself, with another -o.",
    ),
}
_NO_FIELDS = Text(
    "não se conhecem os elementos do contrato", "the elements of its contract are not known"
)


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """What came of one file: its message in a form, and where that was put; or faults.

    `repairs` tell what was mended to read it, and so is not in what came of it.
    """

    file: str
    form: str = ""
    transaction: str = ""
    version: str = ""
    text: str = ""
    out: str = ""
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Fault, ...] = ()
    exit_code: int = 0

    def failed(self, exit_code: int, *faults: Fault) -> ConvertedFile:
        """The same, of which nothing came."""
        return replace(self, text="", faults=faults, exit_code=exit_code)


@spoken.command("convert")
@spoken.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@spoken.option("--to", "form", type=click.Choice(["json", "xml"]), default=None)
@spoken.option("--out", "-o", type=click.Path(path_type=Path), default=None, metavar="PATH")
@json_option
@with_settings("max_body", "contracts")
def command(
    settings: Settings, files: tuple[str, ...], form: str | None, out: Path | None, as_json: bool
) -> None:
    """Write messages in their other form: XML in JSON, JSON in XML. No bus need run.

    Exit code 1 where a message is refused, 2 where a file could not be read as one, or not written.
    """
    from bus.wiring import open_codec, open_contracts

    language = settings.language
    if len(files) > 1 and not (out or as_json):
        raise click.UsageError(say("needs_folder", language))
    codec, contracts = open_codec(settings.max_body), open_contracts(settings)
    folder = _Folder(files, out) if out else None
    worst = 0
    for file in files:
        converted = _converted(file, form, codec, contracts, settings.max_body)
        if folder and not converted.faults:
            converted = folder.put(converted)
        worst = max(worst, converted.exit_code)
        if as_json:
            print_json(_as_json(converted, language))
        else:
            _tell(converted, language)
    if worst:
        raise SystemExit(worst)


def _converted(
    file: str, form: str | None, codec: XmlCodec, contracts: Registry, most: int
) -> ConvertedFile:
    from bus.engine.examine import repaired

    try:
        read = message_in(file, body_of(file, most), codec, contracts.shapes)
    except SenderFault as refusal:
        exit_code = IMPOSSIBLE if _is_unread(refusal.fault) else REFUSED
        return ConvertedFile(file).failed(exit_code, *refusal.faults)
    header, form = read.document.envelope.header, form or read.form.other
    repairs = repaired(read.document.envelope)
    converted = ConvertedFile(file, form, header.transaction, header.version, repairs=repairs)
    try:
        return replace(converted, text=_written(read, form, codec, contracts))
    except SenderFault as refusal:
        return converted.failed(REFUSED, *refusal.faults)


def _is_unread(fault: Fault) -> bool:
    """Whether a file is no message in XML or JSON at all: of such JSON the line is known."""
    return fault.code in _UNREAD or (fault.code == "MALFORMED_JSON" and fault.line > 0)


def _written(read: MessageRead, form: str, codec: XmlCodec, contracts: Registry) -> str:
    """A message in a form, with nothing in it that a terminal would obey; or SenderFault."""
    from bus.codec.conversion import MessageForm, in_json, in_xml

    document = read.document
    if MessageForm.JSON in {form, read.form}:
        _require_fields(read, contracts)
    if form == MessageForm.JSON:
        text = in_json(document, contracts.shapes, codec.parse).decode()
        return _OBEYED.sub(lambda each: f"\\u{ord(each[0]):04x}", text)
    return _OBEYED.sub(lambda each: f"&#{ord(each[0])};", in_xml(document).decode())


def _require_fields(read: MessageRead, contracts: Registry) -> None:
    """Refuse what stands in a content of which nobody knows what is a list, a number, an order."""
    from bus.codec.conversion import needs_contract

    header = read.document.envelope.header
    if not needs_contract(read.document) or contracts.shapes(header.transaction, header.version):
        return
    if contracts.find(header.transaction, header.version) is None:
        known = contracts.known()
        raise SenderFault(unknown_contract(header.transaction, header.version, known, HEADER_PATH))
    raise SenderFault(Fault("NOT_IN_JSON", details={"problem": _NO_FIELDS}))


class _Folder:
    """Where files go: into one file, or each into a folder under its own name."""

    def __init__(self, files: tuple[str, ...], out: Path) -> None:
        self._out = out
        self._is_folder = len(files) > 1 or out.is_dir()
        self._given = {Path(file).resolve() for file in files}
        self._written: set[Path] = set()

    def put(self, converted: ConvertedFile) -> ConvertedFile:
        """Write one down; what stands where it should go is never one of the files given."""
        place = self._out
        if self._is_folder:
            name = Path(_STDIN if converted.file == "-" else converted.file).stem
            place = self._out / f"{name}.{converted.form}"
        try:
            self._write(place, converted.text)
        except BusFault as failure:
            return converted.failed(IMPOSSIBLE, *failure.faults)
        return replace(converted, out=str(place))

    def _write(self, place: Path, text: str) -> None:
        target = place.resolve()
        for known, told in ((self._given, _GIVEN), (self._written, _WRITTEN)):
            if target in known:
                raise BusFault(Fault("FILE_TAKEN", details={"file": str(place), **told}))
        try:
            if self._is_folder:
                self._out.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        except OSError as error:
            details: Details = {"file": str(place), "problem": words_of(error)}
            raise BusFault(Fault("FILE_UNWRITABLE", details=details)) from None
        self._written.add(target)


def _as_json(converted: ConvertedFile, language: Language) -> dict[str, object]:
    return {
        "file": converted.file,
        "converted": not converted.faults,
        "to": converted.form,
        "transaction": converted.transaction,
        "version": converted.version,
        "out": converted.out,
        "text": "" if converted.out else converted.text,
        "errors": [fault_to_dict(fault, language) for fault in converted.faults],
        "repairs": [fault_to_dict(repair, language) for repair in converted.repairs],
    }


def _tell(converted: ConvertedFile, language: Language) -> None:
    for fault in (*converted.repairs, *converted.faults):
        click.echo(in_lines(fault, language, converted.file), err=True)
    if converted.out:
        click.echo(
            say(
                "converted",
                language,
                file=converted.file,
                contract=f"{converted.transaction} {converted.version}".strip(),
                out=converted.out,
            )
        )
    else:
        click.echo(converted.text.encode(), nl=False)
