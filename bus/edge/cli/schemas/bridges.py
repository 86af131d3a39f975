"""`bus schemas bridges`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.errors import Language
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.command_line import choose

if TYPE_CHECKING:
    from bus.core.bridge import Bridge

_LOSES_NOTHING = ("nada se perde", "nothing is lost")
_LOSES = ("perde {count} elemento(s)", "loses {count} element(s)")
_LOST = ("perdido", "lost")
_MOVED = ("movido", "moved")
_VALUE = ("valor", "value")
_DEFAULT = ("se faltar", "if missing")


@click.command(name="bridges")
@json_option
@with_settings()
def bridges(settings: Settings, as_json: bool) -> None:
    """Show the ways between versions of a transaction, and what is lost on each.

    A message goes over one where its destination takes another version (`accepts` and
    `product_version` in routes.yaml).
    """
    from bus.contracts.bridges import shipped_bridges

    for bridge in shipped_bridges():
        if as_json:
            print_json(as_json_object(bridge))
        else:
            for line in lines_of(bridge, settings.language):
                click.echo(line)


def as_json_object(bridge: Bridge) -> dict[str, object]:
    """A bridge as JSON has it."""
    return {
        "transaction": bridge.transaction,
        "from": bridge.source,
        "to": bridge.target,
        "lost": list(bridge.lost),
        "moved": dict(bridge.moved),
        "values": {path: dict(values) for path, values in bridge.values.items()},
        "defaults": dict(bridge.defaults),
    }


def lines_of(bridge: Bridge, language: Language) -> Iterator[str]:
    """The way and its price in one line, and below it each thing that happens on it."""
    words = _LOSES if bridge.lost else _LOSES_NOTHING
    price = choose(words, language).format(count=len(bridge.lost))
    yield f"{bridge.transaction} {bridge.source} → {bridge.target}: {price}"
    yield from (f"    {choose(_LOST, language)} {path}" for path in bridge.lost)
    for path, becomes in bridge.moved.items():
        yield f"    {choose(_MOVED, language)} {path} → {becomes}"
    for path, values in bridge.values.items():
        told = ", ".join(f"{was} → {becomes}" for was, becomes in values.items())
        yield f"    {choose(_VALUE, language)} {path}: {told}"
    for path, text in bridge.defaults.items():
        yield f"    {choose(_DEFAULT, language)} {path}: {text}"
