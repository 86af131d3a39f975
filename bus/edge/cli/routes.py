"""`bus routes`."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bus.config import Loaded, Settings
from bus.core.errors import BusFault, Fault
from bus.core.journal_address import shown
from bus.core.route import Route
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import running_client
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, in_lines
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.verbs.routes import RELOAD, ReloadIn, ReloadOut
from bus.edge.words.command_line import say


@spoken.group("routes")
def command() -> None:
    """The file of applications and routes."""


@command.command(name="check", path="routes check")
@spoken.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
@with_settings("routes", "contracts")
def check(settings: Settings, file: Path | None, as_json: bool) -> None:
    """Check a file of routes: every mistake with its line and remedy, or the table of its routes.

    Without FILE, the one that the bus would run. Exit code 0 when it is right, 1 when it has
    mistakes, 2 when it could not be read.
    """
    from bus.wiring import load_routes, open_codec, open_contracts

    chosen = settings.model_copy(update={"routes": file}) if file else settings
    contracts = open_contracts(chosen)
    try:
        loaded = load_routes(chosen, contracts, open_codec())
        loaded = replace(loaded, warnings=(*loaded.warnings, *contracts.broken()))
        asyncio.run(_try_adapters(loaded))
    except BusFault as refusal:
        _show_mistakes(refusal, chosen, as_json=as_json)
        unread = refusal.fault.detail("kind") in {"unreadable", "not_utf8"}
        raise SystemExit(IMPOSSIBLE if unread else REFUSED) from None
    names = {name: one.transaction for one in contracts.known() for name in one.spellings}
    if as_json:
        print_json(_as_json(loaded, chosen, names))
    else:
        _show(loaded, chosen, names)


async def _try_adapters(loaded: Loaded) -> None:
    """Open the adapter of each application, which sends nothing; BusFault with all that cannot."""
    from bus.adapter_kinds import AdapterPool, unopened
    from bus.wiring import open_codec

    pool = AdapterPool(open_codec())
    faults = unopened(pool, loaded.deployment.applications.values())
    await pool.close()
    if faults:
        raise BusFault(*loaded.placed(faults))


def _show_mistakes(refusal: BusFault, settings: Settings, *, as_json: bool) -> None:
    language, file = settings.language, str(settings.routes)
    if as_json:
        errors = [fault_to_dict(fault, language) for fault in refusal.faults]
        print_json({"file": file, "valid": False, "errors": errors, "warnings": []})
        return
    for fault in refusal.faults:
        click.echo(in_lines(fault, language, file))
    click.echo(say("wrong", language, file=file, count=len(refusal.faults)))


def _as_json(loaded: Loaded, settings: Settings, names: Mapping[str, str]) -> dict[str, Any]:
    routes = [
        {
            "name": route.name,
            "transactions": sorted({names[one] for one in route.transactions}),
            "versions": sorted(route.versions),
            "from": route.origin,
            "to": list(route.destinations),
            "modes": sorted(mode.value.lower() for mode in route.modes),
        }
        for route in loaded.deployment.routes
    ]
    return {
        "file": str(settings.routes),
        "valid": True,
        "errors": [],
        "warnings": [fault_to_dict(one, settings.language) for one in loaded.warnings],
        "applications": sorted(loaded.deployment.applications),
        "routes": routes,
    }


def _show(loaded: Loaded, settings: Settings, names: Mapping[str, str]) -> None:
    language, file, deployment = settings.language, str(settings.routes), loaded.deployment
    words = ("route", "transactions", "versions", "from", "to", "modes")
    heading = tuple(say(word, language) for word in words)
    if deployment.routes:
        print_table([heading, *(_row(route, language, names) for route in deployment.routes)])
    _show_warnings(loaded.warnings, language, file)
    counts = {"applications": len(deployment.applications), "routes": len(deployment.routes)}
    click.echo(say("right", language, file=file, **counts))


def _show_warnings(warnings: Iterable[Fault], language: Language, file: str) -> None:
    for warning in warnings:
        place = file if warning.path else ""  # else it is of a contract, and names its file
        click.echo(f"{say('warning', language)}: {in_lines(warning, language, place)}")


def _row(route: Route, language: Language, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        route.name,
        ", ".join(sorted({names[one] for one in route.transactions})),
        ", ".join(sorted(route.versions)) or say("any", language),
        route.origin,
        ", ".join(route.destinations),
        ", ".join(sorted(mode.value.lower() for mode in route.modes)),
    )


@command.command(name="reload", path="routes reload")
@json_option
@with_settings("journal", "routes")
def reload(settings: Settings, as_json: bool) -> None:
    """Have the bus that runs put its file of routes in force, as it is now.

    Exit code 0 when it is in force, 1 when it is refused: what was in force stays.
    """
    language, file = settings.language, str(settings.routes)
    try:
        done = asyncio.run(_reloaded(settings))
    except BusFault as refusal:
        _show_mistakes(refusal, settings, as_json=as_json)
        raise SystemExit(REFUSED) from None
    warnings = [one.fault() for one in done.warnings]
    if as_json:
        told = [fault_to_dict(one, language) for one in warnings]
        print_json({"file": file, "number": done.number, "errors": [], "warnings": told})
        return
    _show_warnings(warnings, language, file)
    click.echo(say("in_force", language, number=done.number))


async def _reloaded(settings: Settings) -> ReloadOut:
    with running_client(settings) as running:
        if running is None:
            raise BusFault(Fault("RELOAD_NEEDS_BUS", details={"path": shown(settings.journal)}))
        return await running.ask(RELOAD, ReloadIn(actor=getpass.getuser()))
