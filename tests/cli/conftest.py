"""A journal on disk, a bus that may run on it, and the command line to ask it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from bus import demo
from bus.config import Settings, load_settings
from bus.edge.cli import main
from bus.edge.http.server import running

PASSWORD = "not-a-secret-of-anybody"
ROUTES = """
applications:
  rm: {product: RM, login: {user: rm, password: {file: rm.password}}}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://127.0.0.1:9/", references: {Company: keep}}
routes:
  registers: {transactions: [Currency, UnitOfMeasure], from: rm, to: [protheus]}
"""


@dataclass(frozen=True)
class Place:
    """A folder with a file of routes and, once a bus ran, a journal, there or elsewhere."""

    folder: Path
    elsewhere: Path | None = None

    @property
    def journal(self) -> str:
        """Where the journal is."""
        return str(self.elsewhere or self.folder / "bus.db")

    @property
    def journal_file(self) -> Path:
        """The same, as a path."""
        return Path(self.journal)

    @property
    def settings(self) -> Settings:
        """The settings of a bus that runs here, on a port that is free."""
        return load_settings(
            journal=self.journal,
            routes=self.folder / "routes.yaml",
            host="127.0.0.1",
            port=0,
        )

    def bus(self, *arguments: str) -> Result:
        """Runs a command of the bus, here."""
        environment = {
            "BUS_JOURNAL": self.journal,
            "BUS_ROUTES": str(self.folder / "routes.yaml"),
            "BUS_LANGUAGE": None,
        }
        return CliRunner(env=environment).invoke(main, arguments)

    def json(self, *arguments: str) -> list[Any]:
        """What a command prints with --json, line by line."""
        return [json.loads(line) for line in self.bus(*arguments, "--json").stdout.splitlines()]

    def file(self, name: str, content: bytes) -> str:
        """A file here."""
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    @contextlib.contextmanager
    def bus_running(self) -> Iterator[str]:
        """A bus that runs here, in a thread of its own; its address."""
        address: Future[str] = Future()
        stop: Future[None] = Future()

        async def run() -> None:
            async with running(self.settings) as bus:
                address.set_result(bus.address)
                await asyncio.wrap_future(stop)

        with ThreadPoolExecutor(1) as thread:
            ended = thread.submit(asyncio.run, run())
            both: tuple[Future[Any], ...] = (address, ended)
            wait(both, return_when=FIRST_COMPLETED)
            try:
                if not address.done():
                    ended.result()  # raises what kept the bus from running
                yield address.result()
            finally:
                stop.set_result(None)
                ended.result(30)


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> Iterator[None]:
    """What the bus logs does not mix with what the commands print."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not matter."""
    for name in ("URL", "USER", "PASSWORD", "LANGUAGE", "JOURNAL", "ROUTES"):
        monkeypatch.delenv(f"BUS_{name}", raising=False)


def furnished(folder: Path) -> Place:
    """A folder with a right file of routes."""
    (folder / "routes.yaml").write_text(ROUTES, "utf-8")
    (folder / "rm.password").write_text(PASSWORD + "\n", "utf-8")
    return Place(folder)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with a right file of routes, in which nothing has happened yet."""
    return furnished(tmp_path)


def wrong_currency(uuid: str) -> bytes:
    """A currency with an element that its contract does not know."""
    return currency(uuid).replace(b"Symbol>", b"Simbolo>")


def currency(uuid: str = "u-1", code: str = "USD", **fields: str) -> bytes:
    """A currency that RM sends."""
    given = {"id": code, "description": "Dollar", "generated_on": "2026-01-31T10:00:00"}
    return demo.message("currency", uuid=uuid, code=code, **given | fields)


@dataclass(frozen=True)
class Story:
    """What happened at a place: one message that waits, one that was rejected, two of one UUID."""

    place: Place
    waiting: str
    rejected: str


@pytest.fixture(scope="session")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A journal whose bus took some messages and stopped."""
    place = furnished(tmp_path_factory.mktemp("story"))
    good = place.file("usd.xml", currency())
    bad = place.file("bad.xml", wrong_currency("u-2"))
    other = place.file("eur.xml", currency("u-3", "EUR"))
    with place.bus_running() as url:
        sent = send(place, url, good, bad, other)
    assert [one["status"] for one in sent] == [202, 422, 202]
    return Story(place, sent[0]["message"], sent[1]["message"])


@pytest.fixture
def story(told_once: Story, tmp_path: Path) -> Story:
    """A copy of that journal, for one test."""
    shutil.copytree(told_once.place.folder, tmp_path, dirs_exist_ok=True)
    return replace(told_once, place=Place(tmp_path))


def send(place: Place, url: str, *files: str) -> list[Any]:
    """Post files as RM."""
    login = ["--user", "rm", "--password", PASSWORD, "--url", url]
    return place.json("send", *login, *files)


Serve = Callable[[int, bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves one answer to every post; the address of the server."""
    servers: list[ThreadingHTTPServer] = []

    def served(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("X-Message-Id", "0199")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Stay silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()


def lines(result: Result) -> Sequence[str]:
    """What a command printed, line by line."""
    return result.stdout.splitlines()
