"""What a text tells people to use is there: commands, options, settings, keys, documents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from bus.config.settings import PREFIX, Settings
from bus.core.text import Text
from bus.edge.cli import main
from tests.texts.judging import KEYS, foreign_words

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("bus", "adapters")
_COMMAND = re.compile(r"\bbus((?: [a-z-]+)+)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_SETTING = re.compile(r"\bBUS_[A-Z_]+\b")
_DOCUMENT = re.compile(r"\bdocs/[\w./-]+\.md\b")
_KEY = re.compile(r"`([a-z]+(?:_[a-z]+)*)`")


@cache
def texts() -> tuple[tuple[str, Text], ...]:
    """Every text that stands in the programs, with its place; what fills one is `{x}`."""
    found = []
    for package in PACKAGES:
        for file in sorted((CHECKOUT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="Text"), args=[pt, en]):
                        place = f"{file.relative_to(CHECKOUT)}:{node.lineno}"
                        found.append((place, Text(written(pt), written(en))))
    return tuple(found)


def written(part: ast.expr) -> str:
    """The words of a string of a program."""
    pieces = part.values if isinstance(part, ast.JoinedStr) else [part]
    return "".join(
        each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else "{x}"
        for each in pieces
    )


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = f"{above} {name}".strip()
        yield path, command
        if isinstance(command, click.Group):
            yield from commands(command, path)


COMMANDS = dict(commands(main))
OPTIONS = {
    option
    for command in (main, *COMMANDS.values())
    for each in command.params
    for option in (*each.opts, *each.secondary_opts)
} | {"--help"}
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

VALUES = {"yes", "no"}
"""What a key may have, where a text puts it as it puts keys."""


def wrong_names(text: str, variables: set[str]) -> Iterator[str]:
    """The names in a text that nothing is called."""
    for told in _COMMAND.findall(text):
        if not is_command(told.split()):
            yield f"bus{told}"
    yield from set(_OPTION.findall(text)) - OPTIONS
    yield from set(_SETTING.findall(text)) - SETTINGS - variables
    yield from (path for path in _DOCUMENT.findall(text) if not (CHECKOUT / path).exists())
    yield from set(_KEY.findall(text)) - KEYS - VALUES


def is_command(words: list[str]) -> bool:
    """Whether words name a command; behind one that is no group, they may be anything."""
    command: click.Command | None = main
    for at in range(1, len(words) + 1):
        if isinstance(command, click.Group):
            command = COMMANDS.get(" ".join(words[:at]))
    return command is not None


@cache
def variables_of_commands() -> frozenset[str]:
    """Variables of the environment that commands read themselves."""
    return frozenset(
        node.value
        for file in (CHECKOUT / "bus" / "edge" / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _SETTING.fullmatch(node.value)
    )


def test_what_a_text_tells_to_use_is_there() -> None:
    """In the Portuguese of every text, where "bus" is the program and never the thing."""
    known = set(variables_of_commands())
    wrong = {place: found for place, text in texts() if (found := [*wrong_names(text.pt, known)])}

    assert len(texts()) > 900
    assert wrong == {}


def test_both_languages_tell_to_use_the_same() -> None:
    """Options, settings, documents and keys."""
    named = (_OPTION, _SETTING, _DOCUMENT, _KEY)
    wrong = [
        place
        for place, text in texts()
        if any(set(each.findall(text.pt)) != set(each.findall(text.en)) for each in named)
    ]

    assert wrong == []


def test_every_text_is_in_its_language() -> None:
    """No word of the other one, names and code left aside."""
    wrong = {place: found for place, text in texts() if (found := [*foreign_words(text)])}

    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "veja `bus trase`",
        "veja `bus depara sett`",
        "veja bus depara conflicts setle",
        "use --nothing",
        "falta BUS_NOTHING",
        "veja docs/nothing.md",
        "reveja `conditions` da rota",
    ],
)
def test_what_is_not_there_is_found(text: str) -> None:
    """A command, an option, a setting, a document, a key."""
    assert list(wrong_names(text, set()))
