"""`bus schemas bridges`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bus.config import Settings
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.words.schemas import say

if TYPE_CHECKING:
    from bus.core.bridge import Bridge


@spoken.command("schemas bridges")
@json_option
@with_settings()
def command(settings: Settings, as_json: bool) -> None:
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
    word = "loses" if bridge.lost else "loses_nothing"
    price = say(word, language, count=len(bridge.lost))
    yield f"{bridge.transaction} {bridge.source} → {bridge.target}: {price}"
    yield from (f"    {say('lost', language)} {path}" for path in bridge.lost)
    for path, becomes in bridge.moved.items():
        yield f"    {say('moved', language)} {path} → {becomes}"
    for path, values in bridge.values.items():
        told = ", ".join(f"{was} → {becomes}" for was, becomes in values.items())
        yield f"    {say('value', language)} {path}: {told}"
    for path, text in bridge.defaults.items():
        yield f"    {say('default', language)} {path}: {text}"
