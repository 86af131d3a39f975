"""A whole bus in the test's process: real HTTP, real SQLite, a simulated destination."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import aiohttp
import pytest

from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus import demo
from bus.config import load_settings
from bus.edge.http.app import App
from bus.edge.http.server import Running, running
from bus.wiring import open_codec

PASSWORD = "only-in-tests"

ROUTES = """
applications:
  rm: {{product: RM, login: {{user: rm, password: {{file: password}}}}}}
  other: {{product: OMIE, login: {{user: other, password: {{file: password}}}}}}
  protheus: {{product: PROTHEUS, adapter: http-xml, address: "{protheus}", timeout: 5s, references: {{Company: keep}}}}
routes:
  registers:
    transactions: [Currency, UnitOfMeasure]
    from: rm
    to: [protheus]
    deadline: 2s
    retry: {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
"""


class Answer(NamedTuple):
    """What an application answered."""

    status: int
    body: bytes
    headers: dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Whole:
    """A running bus, its destination, and a session that is logged in as rm."""

    run: Running
    protheus: Simulator
    http: aiohttp.ClientSession
    journal: Path

    @property
    def url(self) -> str:
        """Where messages go."""
        return f"{self.run.address}/messages"

    async def post(
        self, message: bytes | BinaryIO, **options: object
    ) -> tuple[int, bytes, dict[str, str]]:
        """Post a message: status, body, headers in lower case."""
        async with self.http.post(self.url, data=message, **options) as response:  # type: ignore[arg-type]
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, await response.read(), headers


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    """A running bus with one destination."""
    async with whole_bus(tmp_path) as bus:
        yield bus


@contextlib.asynccontextmanager
async def whole_bus(
    folder: Path, deadline: str = "2s", routed: str = ROUTES, **settings: object
) -> AsyncIterator[Whole]:
    """A running bus in a folder, with other settings than usual."""
    codec = open_codec()
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    registers = frozenset({"currency", "unitofmeasure"})
    async with Simulator(codec, Setting(name="protheus", registers=registers)) as protheus:
        routes = folder / "routes.yaml"
        text = routed.format(protheus=protheus.address).replace("2s", deadline)
        routes.write_text(text, encoding="utf-8")
        journal = folder / "journal.sqlite"
        given: dict[str, object] = {"journal": str(journal), "routes": routes, "port": 0}
        headers = {"Authorization": aiohttp.encode_basic_auth("rm", PASSWORD)}
        async with (
            running(load_settings(**given | settings)) as run,
            aiohttp.ClientSession(headers=headers) as http,
        ):
            yield Whole(run, protheus, http, journal)


async def in_process(app: App, path: str, body: bytes = b"", method: str = "POST") -> Answer:
    """Ask an application that no server runs, logged in as rm."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    login = aiohttp.encode_basic_auth("rm", PASSWORD).encode()
    scope = {"type": "http", "path": path, "method": method, "query_string": b""}
    await app(scope | {"headers": [(b"authorization", login)]}, receive, send)
    start, end = sent
    return Answer(start["status"], end["body"], dict(start["headers"]))


def unit(uuid: str, code: str = "UN", mode: str = "Async", id_: str = "1|UN") -> bytes:
    """A UnitOfMeasure upsert."""
    return demo.message(
        "unit",
        uuid=uuid,
        code=code,
        id=id_,
        description="Unidade",
        mode=mode,
        generated_on="2026-01-31T12:00:00",
    )
