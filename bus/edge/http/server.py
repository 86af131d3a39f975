"""Runs the bus: its dispatcher, the public HTTP server and the local API, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from bus.adapter_kinds import unopened
from bus.config import Settings
from bus.core.errors import BusFault
from bus.core.route import Deployment
from bus.core.text import Text
from bus.edge.amqp.door import AmqpDoor
from bus.edge.broker_watch import BrokerWatch
from bus.edge.http.app import App
from bus.edge.http.connection import Connection, Doorway
from bus.edge.http.local import local_api
from bus.edge.intake import Intake
from bus.edge.listening import OtherAddress, cannot_listen
from bus.edge.local_socket import local_socket, within_reach
from bus.edge.log import LogObserver, Observers
from bus.edge.metrics import Metrics
from bus.edge.turned_away import TurnedAway
from bus.store.lineage import Vouched
from bus.wiring import MEMORY, Bus, open_bus

SWITCH_INTERVAL = 0.0005
"""Seconds. The journal's thread waits this long at most for the interpreter, instead of 5 ms."""
ENOUGH_DESCRIPTORS = 65_536
KEPT_DESCRIPTORS = 128
"""Open files that no connection may take: of the journal, and of connections to destinations."""
BACKLOG = 2048
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not listened on
"""Addresses to listen on that nobody can call."""
PATIENCE = 3.0
"""Seconds that callers may still wait when the bus stops; then they are told what is certain."""
ANSWERING = 1.0
"""Seconds after that in which they are."""
GRACE = 2
"""Seconds that requests which are still open then get."""


@dataclass(frozen=True, slots=True)
class Running:
    """A bus that serves, and where."""

    bus: Bus
    address: str


class _Server(uvicorn.Server):
    """A server that leaves signals to the program, and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the program's handlers alone."""
        yield


def _server(app: Any, proxies: str = "", **options: Any) -> _Server:  # noqa: ANN401 - ASGI applications and options
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
        ws="none",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies.split(","),
        **options,
    )
    return _Server(config)


_OTHER = OtherAddress(
    Text(
        "Informe com --host ou BUS_HOST um endereço desta máquina, ou 0.0.0.0 para todos.",
        "Give an address of this machine with --host or BUS_HOST, or 0.0.0.0 for all.",
    ),
    Text(
        "Escolha outra porta com --port ou BUS_PORT.",
        "Choose another port with --port or BUS_PORT.",
    ),
)


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named, or event loops leave Nagle's delay (40 ms) on.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise cannot_listen(error, settings.host, settings.port, _OTHER) from None
    return listener


def _bind_locally(path: Path) -> socket.socket:
    """Listen on a socket file that is its owner's alone from its first moment."""
    _forget(path)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        with within_reach(path) as near:
            listener.bind(near)
    finally:
        os.umask(mask)
    return listener


@contextlib.contextmanager
def _bound_locally(path: Path) -> Iterator[socket.socket]:
    """A listener on a socket file, which is gone at the end."""
    listener = _bind_locally(path)
    ours = _which(path)
    try:
        yield listener
    finally:
        if _which(path) == ours:  # of several buses on one journal the one that began last has it
            _forget(path)


def _which(path: Path) -> int:
    """The number of a file; 0 where there is none."""
    return path.stat().st_ino if path.exists() else 0


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def running(settings: Settings, vouched: Vouched = Vouched.NOTHING) -> AsyncIterator[Running]:
    """A bus that accepts and delivers, from the first line of the block to its last."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    metrics = Metrics()
    observer = Observers(metrics, LogObserver())
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(_bind(settings))
        host, port = listener.getsockname()[:2]
        address = settings.public_address.rstrip("/") or f"http://{_named(host)}:{port}"
        bus = await stack.enter_async_context(open_bus(settings, observer, address, vouched))
        for fault in unopened(bus.ports.open_adapter, bus.deployment.applications.values()):
            observer.troubled("an adapter cannot be opened", BusFault(fault))
        metrics.know(one.transaction for one in bus.ports.contracts.known())
        turned_away = TurnedAway(metrics)
        intake = Intake(bus, observer, turned_away)
        stack.push_async_callback(intake.drain)
        watch = BrokerWatch(bus.broker, metrics) if bus.broker else None
        app = App(bus, intake, metrics, observer, watch)
        public = _server(app, settings.proxies, **_within(settings, turned_away))
        servers = [(public, listener)]
        if settings.journal != MEMORY:
            near = stack.enter_context(_bound_locally(local_socket(settings.journal)))
            servers.append((_server(local_api(bus)), near))
        await stack.enter_async_context(_serving(servers))
        stack.push_async_callback(bus.dispatcher.leave)
        # What began last ends first: whoever comes while the bus stops is still told so.
        for work in _works(bus, intake):
            stack.push_async_callback(_end, asyncio.create_task(work))
        if bus.broker and watch:
            door = AmqpDoor(bus, bus.broker, intake, watch)
            door.open()
            stack.push_async_callback(door.close)
        stack.push_async_callback(_stop, bus, intake)
        yield Running(bus, address)


def _works(bus: Bus, intake: Intake) -> Iterator[Coroutine[Any, Any, None]]:
    """What a bus does by itself, each until it is cancelled."""
    yield from (
        bus.dispatcher.run(),
        bus.neighbours.run(),
        bus.poller.run(),
        bus.retention.run(),
    )
    if bus.reloader:
        bus.reloader.follow(intake.follow)
        bus.reloader.follow(_tell)
        yield bus.reloader.run()


def _tell(deployment: Deployment) -> None:
    log = structlog.get_logger("bus")
    log.info("configuration in force", configuration=deployment.number)


def _named(host: str) -> str:
    """A host as an address has it; where it listens on all, others know the machine by its name."""
    if host in EVERYWHERE:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _within(settings: Settings, turned_away: TurnedAway) -> dict[str, Any]:
    """The options of a server whose connections have limits."""
    seconds = settings.head_timeout
    most = min(settings.max_connections, _descriptors() - KEPT_DESCRIPTORS)
    doorway = Doorway(most, seconds, settings.language, turned_away)
    return {
        "http": functools.partial(Connection, doorway),
        "timeout_keep_alive": seconds,
        "backlog": BACKLOG,
    }


def _descriptors() -> int:
    """How many files and connections this process may have open: as many as it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return ENOUGH_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


async def _stop(bus: Bus, intake: Intake) -> None:
    """Take nothing more, and let nobody wait longer than a moment for what may never come."""
    intake.stop()
    asyncio.get_running_loop().call_later(PATIENCE, _hurry, bus, intake)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(intake.drain(), PATIENCE + ANSWERING)


def _hurry(bus: Bus, intake: Intake) -> None:
    intake.hurry()
    bus.waiters.hurry()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@contextlib.asynccontextmanager
async def _serving(servers: Sequence[tuple[_Server, socket.socket]]) -> AsyncIterator[None]:
    """All of them serve; at the end none takes more, and each answers what it has."""
    tasks = [asyncio.create_task(server.serve([listener])) for server, listener in servers]
    for server, _ in servers:
        await server.listens.wait()
    try:
        yield
    finally:
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


async def serve(
    settings: Settings, ready: Callable[[Running], None], vouched: Vouched = Vouched.NOTHING
) -> None:
    """Serve until SIGINT or SIGTERM; open requests are answered first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    log = structlog.get_logger("bus")
    async with running(settings, vouched) as run:
        if settings.host in EVERYWHERE and not settings.public_address:
            log.warning("no public address", address=run.address, setting="BUS_PUBLIC_ADDRESS")
        log.info("bus ready", address=run.address, configuration=run.bus.deployment.number)
        ready(run)
        await stop.wait()
        log.info("bus stopping")
