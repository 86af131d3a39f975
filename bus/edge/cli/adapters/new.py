"""`bus adapters new`."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.system_words import words_of
from bus.core.text import NOTHING, Details, Text
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.adapters import say

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 31
"""Characters of the name of an adapter, as of an application."""


@spoken.command("adapters new")
@spoken.argument("name")
@spoken.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@json_option
@with_settings()
def command(settings: Settings, name: str, folder: Path, as_json: bool) -> None:
    """Begin an adapter of your own: writes the package DIR/NAME, ready to install and test.

    It exchanges messages by JSON files in a folder, both ways; docs/write-an-adapter.md explains
    its lines.
    """
    from bus.edge.cli.adapters.template import files_of

    _refuse(name)
    made = folder / name
    try:
        made.mkdir(parents=True)
        for path, text in files_of(name).items():
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except FileExistsError as error:
        raise _unfit(
            str(error.filename),
            Text("isso já existe", "that exists already"),
            Text("Escolha outro nome ou outra pasta.", "Choose another name or folder."),
        ) from None
    except OSError as error:
        details: Details = {"file": str(error.filename), "problem": words_of(error)}
        raise BusFault(Fault("FILE_UNWRITABLE", details=details)) from None
    if as_json:
        print_json({"folder": str(made), "files": sorted(files_of(name))})
        return
    click.echo(say("made", settings.language, folder=made))
    for path in sorted(files_of(name)):
        click.echo(f"    {path}")
    click.echo(say("next", settings.language))
    click.echo(f"    cd {made} && pip install -e '.[test]' && pytest && bus adapters list")


def _refuse(name: str) -> None:
    """Refuse a name that makes no package, or one that would be in another's way."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise _unfit(
            name,
            Text("não serve para um pacote", "makes no package"),
            Text(
                "Use até {most} letras minúsculas, algarismos e hífens{better}.",
                "Use up to {most} lower-case letters, digits and hyphens{better}.",
            ).filled(most=LONGEST, better=_better(name)),
        )
    package = name.replace("-", "_")
    hint = Text("Escolha outro nome.", "Choose another name.")
    if keyword.iskeyword(package):
        raise _unfit(name, Text("é uma palavra do Python", "is a word of Python"), hint)
    if package in sys.stdlib_module_names:
        raise _unfit(name, Text("é um módulo do Python", "is a module of Python"), hint)
    if taken := _taken(name, package):
        raise _unfit(name, Text(f"já é de {taken}", f"belongs to {taken} already"), hint)


def _better(name: str) -> Text:
    """The nearest name that would do."""
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:LONGEST].rstrip("-")
    return Text(f", como {near}", f", such as {near}") if near else NOTHING


def _taken(name: str, package: str) -> str:
    """The package that has this name already, among those that are installed."""
    from bus.adapter_kinds import announced
    from bus.entry_points import package_of

    if name in announced():
        return package_of(announced()[name][0])[0]
    if package in packages_distributions():
        return packages_distributions()[package][0]
    return package if importlib.util.find_spec(package) else ""


def _unfit(value: str, problem: Text, hint: Text) -> SenderFault:
    details: Details = {"value": value, "problem": problem, "hint": hint}
    return SenderFault(Fault("NAME_INVALID", details=details))
