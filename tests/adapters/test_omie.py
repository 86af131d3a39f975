"""The adapter for Omie does its duties, against a simulated one: the suites of the bus."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from adapters.omie import ADAPTER
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from bus.core.outcome import Outcome
from bus.ports.codec import Codec
from bus.testing.reader_suite import ReaderSuite
from bus.testing.suite import CREDENTIALS, AdapterSuite, Scene, Stage, nothing
from tests.support.omie import (
    ONE_LINE,
    PLACE,
    PRODUCT,
    stocked,
)

ADJUSTED = f"{PRODUCT} {PLACE} SAI 2.00 30/01/2026".encode()


Play = Callable[[OmieSimulator], None]


def change(*conducts: Conduct, **how: Any) -> Play:
    """Tells the cost as it should, and meets the calls after it so."""

    def play(omie: OmieSimulator) -> None:
        omie.behave(ScriptedConduct(), *(ScriptedConduct(one, **how) for one in conducts))

    return play


def says(text: str) -> Play:
    """Refuses the change with this text."""
    return change(Conduct.REFUSE, text=text)


def is_away(omie: OmieSimulator) -> None:
    """Nobody listens: see `stage`."""


DOUBT = (Outcome.UNKNOWN, "OUTCOME_UNKNOWN")
BUSY = (Outcome.BUSY, "BUSY")
SCENES = (
    Scene("takes it", nothing, Outcome.DELIVERED, said=Outcome.DELIVERED),
    Scene("is away", is_away, Outcome.UNREACHABLE, "UNREACHABLE"),
    Scene("loses the answer", change(Conduct.DROP_AFTER), *DOUBT, said=Outcome.DELIVERED),
    Scene("says a page", change(Conduct.PAGE), *DOUBT, "no JSON", said=Outcome.DELIVERED),
    Scene("says nothing", change(Conduct.EMPTY), *DOUBT, "no JSON", said=Outcome.DELIVERED),
    Scene("is cut", change(Conduct.CUT), *DOUBT, said=Outcome.DELIVERED),
    Scene("fails", change(Conduct.FAIL), *DOUBT, "no JSON", said=Outcome.UNREACHABLE),
    Scene("loses two answers", change(Conduct.DROP_AFTER, Conduct.DROP_AFTER), *DOUBT),
    Scene(
        "is busy",
        change(Conduct.BUSY, retry_after=7),
        *BUSY,
        "429",
        7.0,
        said=Outcome.UNREACHABLE,
    ),
    Scene(
        "refuses",
        says("O preenchimento da tag [obs] é obrigatório !"),
        Outcome.REFUSED,
        "REFUSED",
        "obrigatório",
        said=Outcome.UNREACHABLE,
    ),
    Scene(
        "does not know the keys",
        change(Conduct.DENY),
        Outcome.UNREACHABLE,
        "LOGIN_REFUSED_BY_RECEIVER",
        "chave de acesso",
        said=Outcome.UNREACHABLE,
    ),
)


class TestOmie(AdapterSuite, ReaderSuite):
    kind = ADAPTER
    message = ONE_LINE
    arrives = ADJUSTED
    scenes = SCENES
    mistakes = (
        ("address", "app.omie.com.br/api/v1"),
        ("options.motive", "XXX"),
        ("options.value", "much"),
        ("options.on_change", "perhaps"),
        ("options.reads", "Warehouse, Zebra"),
        ("options.page", "501"),
    )

    @asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """An Omie with one app that behaves as the scene says."""
        if scene.play is is_away:
            with socket.socket() as unheard:
                unheard.bind(("127.0.0.1", 0))
                yield Stage(f"http://127.0.0.1:{unheard.getsockname()[1]}/api/v1/", list)
            return
        async with omie_simulator(self.codec_of_simulator, Setting(login=CREDENTIALS)) as omie:
            app = omie.app(CREDENTIALS.user)
            stocked(app)
            scene.play(omie)

            def arrived() -> list[bytes]:
                return [told(row) for row in app.adjustments.values()]

            yield Stage(omie.address, arrived)

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """An app with three records of each register, on pages of two."""
        async with omie_simulator(self.codec_of_simulator, Setting(login=CREDENTIALS)) as omie:
            app = omie.app(CREDENTIALS.user)
            app.clock = lambda: datetime(2026, 1, 31, 10, 0, len(app.customers))  # noqa: DTZ001
            for number in range(3):
                app.keep_warehouse(f"L{number}", "Central")
                app.keep_product(f"P{number}", "Filtro")
                app.keep_customer(f"0000000000000{number}", "Exemplo")
            yield Stage(omie.address, list, {"page": "2"})

    @pytest.fixture(autouse=True)
    def codec_of_the_simulator(self, codec: Codec) -> None:
        """The simulator has the codec of the suite."""
        self.codec_of_simulator = codec


def told(row: dict[str, object]) -> bytes:
    """An adjustment in a line."""
    names = ("id_prod", "codigo_local_estoque", "tipo", "quan", "data")
    return " ".join(str(row[name]) for name in names).encode()
