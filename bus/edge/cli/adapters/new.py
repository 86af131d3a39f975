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
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.adapters import say

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 31
"""Characters of the name of an adapter, as of an application."""


@click.command(name="new")
@click.argument("name")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@json_option
@with_settings()
def new(settings: Settings, name: str, folder: Path, as_json: bool) -> None:
    """Begin an adapter of your own: writes the package DIR/NAME, ready to install and test.

    It delivers each message as a file into a folder; docs/write-an-adapter.md explains its lines.
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
            ("isso já existe", "that exists already"),
            ("Escolha outro nome ou outra pasta.", "Choose another name or folder."),
        ) from None
    except OSError as error:
        details = {"file": str(error.filename), "problem": error.strerror or str(error)}
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
            ("não serve para um pacote", "makes no package"),
            (
                f"Use até {LONGEST} letras minúsculas, algarismos e hífens{_better(name, 'pt')}.",
                f"Use up to {LONGEST} lower-case letters, digits and hyphens{_better(name, 'en')}.",
            ),
        )
    package = name.replace("-", "_")
    hint = ("Escolha outro nome.", "Choose another name.")
    if keyword.iskeyword(package):
        raise _unfit(name, ("é uma palavra do Python", "is a word of Python"), hint)
    if package in sys.stdlib_module_names:
        raise _unfit(name, ("é um módulo do Python", "is a module of Python"), hint)
    if taken := _taken(name, package):
        raise _unfit(name, (f"já é de {taken}", f"belongs to {taken} already"), hint)


def _better(name: str, language: str) -> str:
    """The nearest name that would do."""
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:LONGEST].rstrip("-")
    words = {"pt": ", como", "en": ", such as"}[language]
    return f"{words} {near}" if near else ""


def _taken(name: str, package: str) -> str:
    """The package that has this name already, among those that are installed."""
    from bus.adapter_kinds import announced
    from bus.entry_points import package_of

    if name in announced():
        return package_of(announced()[name][0])[0]
    if package in packages_distributions():
        return packages_distributions()[package][0]
    return package if importlib.util.find_spec(package) else ""


def _unfit(value: str, problem: tuple[str, str], hint: tuple[str, str]) -> SenderFault:
    details = {"value": value, "problem_pt": problem[0], "problem_en": problem[1]}
    details |= {"hint_pt": hint[0], "hint_en": hint[1]}
    return SenderFault(Fault("NAME_INVALID", details=details))
