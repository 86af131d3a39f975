"""How many functions of ours one message enters: what a reader follows, not what a machine spends.

`python -m tests.benchmarks.hops` shows the two numbers, `--list` the functions too. A message is
posted through the application of the HTTP door into a journal in memory; then it is delivered over
HTTP. Counted is what lies in bus, adapters, schemas and depara and has a name of its own, once each,
after others have gone the same way.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType

from bus.config import load_settings
from bus.edge.http.app import App
from bus.edge.intake import Intake
from bus.edge.log import LogObserver, Observers
from bus.edge.metrics import Metrics
from bus.engine.dispatch import Dispatcher
from bus.wiring import MEMORY, open_bus
from tests.benchmarks import sink
from tests.benchmarks.children import CHECKOUT
from tests.benchmarks.messages import PASSWORD, SENDER, Messages
from tests.benchmarks.wire import Broken

OURS = tuple(f"{CHECKOUT / name}/" for name in ("bus", "adapters", "schemas", "depara"))
WARM = 2
"""Messages that go the same way before one is watched: the first of each compiles and fills."""
PATIENCE = 20.0
"""Seconds after which a delivery is not coming."""

_ROUTES = f"""
applications:
  {SENDER}: {{product: RM, login: {{user: {SENDER}, password: {{file: password}}}}}}
  protheus:
    product: PROTHEUS
    adapter: http-xml
    address: ADDRESS
    de_para: application
    id_scope: application
    holds: {{Currency: 0}}
routes:
  registers: {{transactions: [Currency], from: {SENDER}, to: [protheus]}}
shared_ids: [{{entity: Company, between: [{SENDER}, protheus]}}]
"""


class Hops(Counter[CodeType]):
    """How often each function of ours was entered."""

    def entered(self, frame: FrameType, event: str, _: object) -> None:
        """Count a call; a coroutine that goes on is entered again, and still one function."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and code.co_name[0] != "<":
            self[code] += 1

    def shown(self) -> str:
        """How many, in how many files, and of which packages."""
        files = len({code.co_filename for code in self})
        packages = Counter(".".join(_place(code).parts[:2]) for code in self)
        parts = ", ".join(f"{name} {count}" for name, count in sorted(packages.items()))
        return f"{len(self)} functions in {files} files: {parts}"


@contextmanager
def watching() -> Iterator[Hops]:
    """Count what is entered in this thread, and in those that begin meanwhile."""
    hops = Hops()
    threading.setprofile(hops.entered)
    sys.setprofile(hops.entered)
    try:
        yield hops
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class Door:
    """The HTTP door of a bus that delivers when told to, and what became of its deliveries."""

    def __init__(self, app: App, metrics: Metrics, messages: Messages) -> None:
        self._app = app
        self._metrics = metrics
        self._messages = messages
        login = base64.b64encode(f"{SENDER}:{PASSWORD}".encode()).decode()
        self._headers = [(b"authorization", f"Basic {login}".encode())]

    async def post(self) -> None:
        """Post the next message; Broken where it is not accepted."""
        (body,) = self._messages.bodies(1)
        scope = {
            "type": "http", "method": "POST", "path": "/messages", "query_string": b"",
            "scheme": "http", "headers": self._headers, "client": ("127.0.0.1", 1),
        }  # fmt: skip
        told: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: dict[str, object]) -> None:
            told.append(event)

        await self._app(scope, receive, send)
        if told[0]["status"] != 202:
            raise Broken(f"the bus answered {told}")

    def delivered(self) -> float:
        """How many deliveries have ended well."""
        name = "bus_deliveries_succeeded_total"
        counted = (each.samples for each in self._metrics.registry.collect())
        return sum(one.value for samples in counted for one in samples if one.name == name)


@asynccontextmanager
async def door(folder: Path) -> AsyncIterator[tuple[Door, Dispatcher]]:
    """A bus on a journal in memory, whose dispatcher does not run yet."""
    server = await sink.serve()
    host, port = server.sockets[0].getsockname()
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    routes = folder / "routes.yaml"
    routes.write_text(_ROUTES.replace("ADDRESS", f"http://{host}:{port}/"), encoding="utf-8")
    metrics = Metrics()
    observer = Observers(metrics, LogObserver())
    settings = load_settings(journal=MEMORY, routes=routes)
    async with server, open_bus(settings, observer) as bus:
        yield (
            Door(App(bus, Intake(bus, observer), metrics, observer), metrics, Messages()),
            bus.dispatcher,
        )


async def measured(folder: Path) -> tuple[Hops, Hops]:
    """The functions that one accept enters, and those of one delivery."""
    async with door(folder) as (opened, dispatcher):
        dispatcher.wake_all()  # somebody older is always due: a post is accepted and not sent
        for _ in range(WARM):
            await opened.post()
        await _deliver(opened, dispatcher, WARM)
        dispatcher.wake_all()
        with watching() as accepting:
            await opened.post()
        with watching() as delivering:
            await _deliver(opened, dispatcher, WARM + 1)
    return accepting, delivering


async def _deliver(opened: Door, dispatcher: Dispatcher, count: int) -> None:
    running = asyncio.create_task(dispatcher.run())
    try:
        async with asyncio.timeout(PATIENCE):
            while opened.delivered() < count:  # noqa: ASYNC110 - the counter has no event
                await asyncio.sleep(0.001)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def main() -> None:
    """Measure, and show."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hops", description=__doc__)
    parser.add_argument("--list", action="store_true", help="show the functions too")
    listed = parser.parse_args().list
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Path(folder)))
    for name, hops in zip(("accept", "delivery"), found, strict=True):
        print(f"{name}: {hops.shown()}")
        for code in hops if listed else ():
            print(f"  {_place(code)}:{code.co_firstlineno} {code.co_qualname}")


def _place(code: CodeType) -> Path:
    return Path(code.co_filename).relative_to(CHECKOUT)


if __name__ == "__main__":
    main()
