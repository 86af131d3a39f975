"""Options that several commands share: those of the settings, and how results are shown."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable
from typing import Any, cast

import click

from bus.config import Settings, load_settings
from bus.config.setting_texts import SETTING_TEXTS
from bus.config.settings import PREFIX
from bus.core.text import same, visible
from bus.edge.cli import spoken
from bus.edge.words.click import NO_NUMBER

Command = Callable[..., Any]

_COMMANDS = re.compile("[\x7f-\x9f\ud800-\udfff]")
"""What a terminal would obey, or nobody can encode, and json leaves as it is."""
_AS_JSON = f"{__name__}.json"


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command an option for each named setting, and `settings` made of them.

    The language is always among them, wherever it is asked for.
    """
    chosen = (*names, "language")

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> Any:  # noqa: ANN401 - what click passes
            named = {name: given.pop(name) for name in chosen}
            settings = load_settings(**named | {"language": spoken.asked_for()})
            return command(settings=settings, **given)

        made: Command = run
        for name in reversed(chosen):
            made = _option(name)(made)
        return made

    return decorate


def _option(name: str, *, kept: bool = True) -> Callable[[Command], Command]:
    """The option of a setting, from the table of settings."""
    field, text = Settings.model_fields[name], SETTING_TEXTS[name]
    default = "" if field.default is None else f"; {field.default}"
    told = same("{text} [{name}{default}]")
    return spoken.option(
        f"--{name.replace('_', '-')}",
        name,
        told=told.filled(text=text, name=f"{PREFIX}{name.upper()}", default=default),
        metavar="VALUE",
        expose_value=kept,
        **(spoken.remembers if name == "language" else {}),
    )


language_option = _option("language", kept=False)
"""The language of a command that reads no settings; `spoken.language` tells it."""


def _remember(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.meta[_AS_JSON] = value
    return value


json_option = spoken.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,
    callback=_remember,
)
"""The option of every command that prints."""

MOST = 2**63 - 1
"""The greatest number that the journal and the local API know."""


class Finite(click.FloatRange):
    """A number within bounds; nan, which is in no order, is none."""

    def convert(
        self,
        value: str | float,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """The number; BadParameter where it does not do."""
        number: float = super().convert(cast("float", value), param, ctx)
        if math.isnan(number):
            said = NO_NUMBER.filled({"value": str(value)})
            self.fail(said.told(spoken.language()), param, ctx)
        return number


number_option = spoken.option(
    "--number",
    type=click.IntRange(0, MOST),
    default=0,
    metavar="N",
)
"""The delivery that an act is about."""

reason_option = spoken.option("--reason", default="")
"""Why a person acts."""

message_argument = spoken.argument("message", metavar="ID")
"""A message: the id that the bus gave it, or its sender's UUID."""


def wants_json(context: click.Context) -> bool:
    """Whether the command was asked for JSON."""
    return bool(context.meta.get(_AS_JSON))


def print_json(value: object) -> None:
    """Print one JSON object on one line."""
    told = json.dumps(value, ensure_ascii=False, default=str)
    click.echo(_COMMANDS.sub(lambda each: f"\\u{ord(each[0]):04x}", told))


WIDEST = 120
"""Characters of a cell before others; the JSON of a command has all of them."""


def _bounded(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns, the first row being their headings; the last column is cut nowhere."""
    shown = [tuple(map(visible, row)) for row in rows]
    rows = [(*map(_bounded, row[:-1]), *row[-1:]) for row in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
