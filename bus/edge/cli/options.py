"""Options that several commands share: those of the settings, and how results are shown."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from bus.config import Settings, load_settings
from bus.config.settings import PREFIX
from bus.core.text import Language

Command = Callable[..., Any]

_AS_JSON = f"{__name__}.json"
_LANGUAGE = f"{__name__}.language"


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command an option for each named setting, and `settings` made of them.

    Every command takes `--language`.
    """
    chosen = (*names, "language")

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> Any:  # noqa: ANN401 - what click passes
            settings = load_settings(**{name: given.pop(name) for name in chosen})
            click.get_current_context().meta[_LANGUAGE] = settings.language
            return command(settings=settings, **given)

        made: Command = run
        for name in reversed(chosen):
            made = _option(name)(made)
        return made

    return decorate


def _option(name: str) -> Callable[[Command], Command]:
    """The option of a setting, from the table of settings."""
    field = Settings.model_fields[name]
    default = "" if field.default is None else f"; {field.default}"
    said = f"{field.description} [{PREFIX}{name.upper()}{default}]"
    eager = name == "language"
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        help=said,
        metavar="VALUE",
        is_eager=eager,
        callback=_remember(_LANGUAGE) if eager else None,
    )


def _remember(key: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def kept(context: click.Context, _: click.Parameter, value: Any) -> Any:  # noqa: ANN401
        context.meta[key] = value
        return value

    return kept


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,
    callback=_remember(_AS_JSON),
    help="Print JSON, one object a line.",
)
"""The option of every command that prints."""

message_argument = click.argument("message", metavar="ID")
"""A message: the id that the bus gave it, or its sender's UUID."""


def wants_json(context: click.Context) -> bool:
    """Whether the command was asked for JSON."""
    return bool(context.meta.get(_AS_JSON))


def language_of(context: click.Context) -> Language:
    """The language that was asked for, where the settings could not even be read."""
    return "en" if context.meta.get(_LANGUAGE) == "en" else "pt"


def print_json(value: object) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns, the first row being their headings."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
