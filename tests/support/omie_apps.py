"""A running bus between apps of a simulated Omie, whose events it is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.omie import ADAPTER
from adapters.omie.simulated.books import OmieApp, Row
from adapters.omie.simulator import OmieSimulator
from bus.config import load_settings
from bus.edge.http.server import Running, running

PASSWORD = "only-in-tests"
MOST_SECONDS = 15
APPLICATION = """  {name}:
    product: OMIE
    adapter: omie
    address: "{omie}"
    login: {{user: {name}, password: {{file: password}}}}
    credentials: {{user: {name}, password: {{file: password}}}}
    read_every: 100ms
    takes_answers: false
    extensions: {extensions}
    options: {{reads: "{reads}"}}
"""
CHANGES = ("Upsert", "Alterar", "Excluir", "Incluir")

Fill = Callable[[OmieSimulator], object]


@dataclass
class OmieApps:
    """The bus, and the apps that it is between; its files are in `place`."""

    omie: OmieSimulator
    place: Path
    run: Running = field(init=False)
    passed: float = 0.0

    def app(self, name: str) -> OmieApp:
        """The books of an app."""
        return self.omie.app(name)

    def pass_time(self, seconds: float) -> None:
        """Let time pass at once, for Omie and for who keeps to its limits."""
        self.omie.pass_time(seconds)
        self.passed += seconds

    def changes(self, app: str) -> list[str]:
        """The methods by which an app was changed, in order."""
        return [
            call.method
            for call in self.omie.calls
            if call.app_key == app and call.method.startswith(CHANGES)
        ]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(MOST_SECONDS):
            while not holds():  # noqa: ASYNC110 - the books have no event
                await asyncio.sleep(0.02)


Apps = TypeVar("Apps", bound=OmieApps)


def fill_nothing(_: OmieSimulator) -> None:
    """The apps are empty."""


@contextlib.asynccontextmanager
async def between(
    bus: Apps, names: Sequence[str], rules: str, reads: str, *, extended: bool = False
) -> AsyncIterator[Apps]:
    """The bus runs by these rules of a file of routes, between the apps of these names."""
    told = {"omie": bus.omie.address, "reads": reads, "extensions": str(extended).lower()}
    applications = "".join(APPLICATION.format(name=name, **told) for name in names)
    routes = bus.place / "routes.yaml"
    routes.write_text(f"applications:\n{applications}{rules}", "utf-8")
    (bus.place / "password").write_text(PASSWORD, "utf-8")
    settings = load_settings(journal=str(bus.place / "journal.sqlite"), routes=routes, port=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ADAPTER, "_now", lambda: time.monotonic() + bus.passed)
        async with running(settings) as bus.run:
            for name in names:
                bus.omie.webhooks(name, f"{bus.run.address}/webhooks/{name}/{PASSWORD}")
            yield bus


def only(rows: dict[int, Row]) -> Row:
    """The one record of a register."""
    (row,) = rows.values()
    return row
