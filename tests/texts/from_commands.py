"""Refusals of what people ask on the command line, each run in the test's process."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

import click
from click.testing import CliRunner

from bus.core.errors import Refusal
from bus.edge.cli import main
from tests.cli.conftest import Place, furnished
from tests.cli.depara.conftest import ROUTES
from tests.support.published import CODE, content, publish, xsd
from tests.texts.from_messages import Provoked

WRONG = """
depara set Item 'rm:1|A' 'protheus:01|A'
depara set Item 'rm:1|A' 'protheus:01|B'
depara set Item 'rm:1|A' 'protheus:01|B' --replace
depara set Item rm:1 rm:1
depara set Item rm:1 rm:2
depara set Itm rm:1 wms:2
depara set Item rn:1 wms:2
depara set Warehouse rm:1 wms:2
depara show Item rm:9
depara show Item 'rm:1|a'
depara undo 1
depara undo 99
depara conflicts settle 99 --keep
depara export FOLDER/nowhere/pairs.csv
depara export FOLDER
depara import FOLDER/nowhere.csv
depara import FOLDER
depara history Item rm:99
depara orphans --application nobody
adapters new 'Bad Name' FOLDER
adapters new 'json' FOLDER
adapters new 'class' FOLDER
adapters new mine FOLDER/there
adapters new mine FOLDER/there
adapters new mine FOLDER/routes.yaml
adapters products NOBODY
adapters products PROTEUS
schemas example Nothing 1.000
schemas example Currency 9.000
schemas diff Currency_9_000 Currency_2_001
schemas diff Curency_2_001 Currency_2_001
schemas diff FOLDER/Nobody_1_000.xsd Currency_2_001
schemas diff FOLDER/xmlschema/general/events/Recursive_1_000.xsd FOLDER/xmlschema/general/events/Recursive_2_000.xsd
schemas import FOLDER/xmlschema
schemas import FOLDER/xmlschema --dry-run --replace 'Nobody 1.000'
schemas import FOLDER/empty --dry-run
diagnose nobody
diagnose protheus --confirm T-5 --by Ana
diagnose protheus --withdraw T-57 --by Ana
load --as nobody FOLDER
load --as rm FOLDER/nowhere.xml
load --as rm FOLDER/empty
trace nobody
replay nobody
settle nobody --done --reason because
block nobody
discard nobody --reason because
"""
RECURSIVE = (
    '<xs:complexType name="T"><xs:sequence><xs:element name="A" type="T" minOccurs="0"/>'
    '<xs:element name="N" minOccurs="0"/></xs:sequence></xs:complexType>'
)


def wrong_commands() -> Provoked:
    """Commands that name what there is not, or ask for what cannot be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnished(folder).file("routes.yaml", ROUTES.encode())
        (folder / "empty").mkdir()
        holding = content('<xs:element name="Own" type="T"/>')
        files = {
            "Plain_1_000.xsd": xsd(content(CODE)),
            "Recursive_1_000.xsd": xsd(RECURSIVE + holding),
        }
        files["Recursive_2_000.xsd"] = files["Recursive_1_000.xsd"].replace('"N"', '"M"')
        publish(folder, files)
        for line in WRONG.strip().splitlines():
            yield from _refusals(Place(folder), shlex.split(line.replace("FOLDER", name)))


def _refusals(place: Place, words: list[str]) -> Provoked:
    command, rest = _command(words)
    environment = {
        "BUS_JOURNAL": str(place.folder / "bus.db"),
        "BUS_ROUTES": str(place.folder / "routes.yaml"),
        "BUS_LANGUAGE": None,
        "BUS_CONTRACTS": None,
    }
    ended = CliRunner(env=environment).invoke(command, rest).exception
    if isinstance(ended, Refusal):
        yield from ((" ".join(words[:2]), fault) for fault in ended.faults)


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, below the program, which would tell what it refuses."""
    command: click.Command = main
    rest = iter(words)
    for word in rest:
        group = command if isinstance(command, click.Group) else None
        found = group.get_command(click.Context(group), word) if group else None
        if found is None:
            return command, [word, *rest]
        command = found
    return command, []
