"""The stage of the demonstration: a bus, and the applications that it stands between."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import rm_simulator
from adapters.simulation.desk import Setting
from adapters.simulation.eai.simulator import EaiSimulator
from adapters.simulation.simulator import Simulator
from bus import demo
from bus.config import load_settings
from bus.core.route import Credentials
from bus.core.text import Language
from bus.edge.http.server import Running, running
from bus.edge.log import configure
from bus.wiring import open_codec

USERS = ("rm", "protheus", "bus")
REGISTERS = frozenset({"currency", "unitofmeasure", "customervendor", "item"})


@dataclass(frozen=True, slots=True)
class DemoStage:
    """What the scenario is played on; `passwords` by user."""

    run: Running
    rm: EaiSimulator
    protheus: EaiSimulator
    wms: Simulator
    folder: Path
    passwords: Mapping[str, str]
    language: Language


@contextlib.asynccontextmanager
async def staged(folder: Path, port: int, language: Language) -> AsyncIterator[DemoStage]:
    """Start everything in a folder; port 0 takes a free one."""
    passwords = _passwords(folder)
    settings = load_settings(
        journal=str(folder / "journal.sqlite"),
        routes=folder / "routes.yaml",
        port=port,
        language=language,
    )
    settings = settings.model_copy(update={"port": settings.port or free_port()})
    bus = f"http://127.0.0.1:{settings.port}/EAIService"
    configure("error", settings.log_format)
    async with (
        rm_simulator(open_codec(), _setting("rm", bus, passwords)) as rm,
        protheus_simulator(open_codec(), _setting("protheus", bus, passwords)) as protheus,
        Simulator(open_codec(), Setting(name="wms", registers=REGISTERS)) as wms,
    ):
        routes = demo.routes(rm=rm.address, protheus=protheus.address, wms=wms.address)
        settings.routes.write_text(routes, encoding="utf-8")
        async with running(settings) as run:
            yield DemoStage(run, rm, protheus, wms, folder, passwords, settings.language)


def _passwords(folder: Path) -> dict[str, str]:
    made = {user: secrets.token_urlsafe(12) for user in USERS}
    for user, password in made.items():
        (folder / f"{user}.password").write_text(password, encoding="utf-8")
    return made


def _setting(name: str, bus: str, passwords: Mapping[str, str]) -> Setting:
    return Setting(
        name=name,
        bus=bus,
        login=Credentials("bus", passwords["bus"]),
        credentials=Credentials(name, passwords[name]),
    )


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
