"""What is documented exists and is read; what exists is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bus.config import Settings
from bus.config.settings import PREFIX
from bus.edge.cli import main
from bus.edge.metrics import Metrics

GUIDES = (
    "README.md",
    "README.pt-BR.md",
    "CONTRIBUTING.md",
    "Makefile",
    "Dockerfile",
    "docker-compose.yml",
)
ELSEWHERE = {"--build", "--help", "--version", "--prefix", "--check"}
"""Options of other programs that our documents name, and of click."""

SILENT = {"bus instruct behave", "bus instruct leave"}
"""Commands that print nothing."""


def guides(checkout: Path) -> dict[str, str]:
    """Every document by its name."""
    files = [*(checkout / name for name in GUIDES), *sorted((checkout / "docs").rglob("*.md"))]
    return {file.name: file.read_text("utf-8") for file in files}


def sources(checkout: Path) -> str:
    """All of the program."""
    files = [file for top in ("bus", "adapters") for file in (checkout / top).rglob("*.py")]
    return "\n".join(file.read_text("utf-8") for file in files)


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command by how it is called."""
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from commands(found, *path, name)


COMMANDS = dict(commands(main, "bus"))


def options(command: click.Command) -> set[str]:
    """The options of a command."""
    return {option for each in command.params for option in (*each.opts, *each.secondary_opts)}


def test_every_variable_that_is_documented_exists(checkout: Path) -> None:
    """It is a setting, or the program reads it by its name."""
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    others = set(re.findall(r"\bBUS_[A-Z_]*[A-Z]\b", sources(checkout)))
    for file in (checkout / "tests" / "support").glob("*.py"):  # those of the tests themselves
        others |= set(re.findall(r"\bBUS_TEST_[A-Z]+\b", file.read_text("utf-8")))

    for name, text in guides(checkout).items():
        named = set(re.findall(r"\bBUS_[A-Z_]*[A-Z]\b", text))
        assert named <= settings | others, name


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_documented_and_read(checkout: Path, setting: str) -> None:
    """A setting that nothing reads promises what nobody does."""
    program = [
        file.read_text("utf-8")
        for file in (checkout / "bus").rglob("*.py")
        if file.name not in {"settings.py", "setting_texts.py"}
    ]

    assert f"`{PREFIX}{setting.upper()}`" in guides(checkout)["configuration.md"]
    assert any(
        re.search(rf"(settings|chosen|self\._settings)\.{setting}\b", text) for text in program
    )


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_an_option_of_the_bus(setting: str) -> None:
    """As docs/configuration.md says."""
    assert f"--{setting.replace('_', '-')}" in options(COMMANDS["bus serve"])


def test_every_command_and_option_that_is_documented_exists(checkout: Path) -> None:
    """Each line of a document that calls the bus could be typed."""
    for name, text in guides(checkout).items():
        for line in re.findall(r"(?:^|[`|] ?)(bus [a-z][^`|\n]*)", text, re.MULTILINE):
            words = line.partition("#")[0].split()
            path = next(
                (" ".join(words[:n]) for n in (4, 3, 2) if " ".join(words[:n]) in COMMANDS), ""
            )
            if path:
                asked = {word.partition("=")[0] for word in words if word.startswith("--")}
                assert asked - ELSEWHERE <= options(COMMANDS[path]), (name, line)


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_that_prints_takes_json(path: str) -> None:
    """But for the demonstration, as the README says."""
    prints = not isinstance(COMMANDS[path], click.Group) and path not in SILENT
    assert "--json" in options(COMMANDS[path]) or not prints or path == "bus demo"


@pytest.mark.parametrize("name", ["README.md", "README.pt-BR.md", "CHANGELOG.md"])
def test_no_more_is_promised_of_doubles_than_is_kept(checkout: Path, name: str) -> None:
    """Where repeating is safe a message may arrive twice: nothing is delivered "once"."""
    text = (checkout / name).read_text("utf-8")

    assert re.search("never silently twice|nunca em dobro sem avisar", text, re.IGNORECASE)
    assert re.findall("order, once|exactly once|uma vez só|exatamente uma vez", text) == []


def test_every_command_is_documented(checkout: Path) -> None:
    """By its name, in some document."""
    everything = "\n".join(guides(checkout).values())
    for path, command in COMMANDS.items():
        if not isinstance(command, click.Group):
            assert path in everything, path


def test_metrics_are_those_that_are_documented(checkout: Path) -> None:
    """All of them, and no other."""
    operate = guides(checkout)["operate.md"]
    named = {name.removesuffix("_total") for name in re.findall(r"`(bus_[a-z_]+)`", operate)}

    assert named == {metric.name for metric in Metrics().registry.collect()}


def test_every_test_that_a_document_names_is_there(checkout: Path) -> None:
    """What shows a row of docs/reliability.md can be run."""
    text = (checkout / "docs" / "reliability.md").read_text("utf-8")
    named = set(re.findall(r"\btest_\w+", text))
    folders = (checkout / "tests", checkout / "bus" / "testing")
    written = "\n".join(
        file.read_text("utf-8") for folder in folders for file in folder.rglob("*.py")
    )

    assert len(named) > 40
    assert named <= set(re.findall(r"def (test_\w+)", written))
