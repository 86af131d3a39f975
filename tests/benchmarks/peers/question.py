"""The same validated job by others: HTTP in, checked against the contract, kept durably, delivered.

Each is held against the whole way of the bus in the same rounds, a second and a second of processor
time, that of the broker or database counted. None of them keeps order, translates, traces, answers
or knows a repeat; the bus does, and has its journal in a file.
"""

from __future__ import annotations

import importlib.util
import json
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg
from kombu.connection import Connection

from tests.benchmarks.children import Child, child
from tests.benchmarks.loading import PATIENCE, ask, closed_load
from tests.benchmarks.measuring import (
    Effort,
    Question,
    Row,
    Target,
    compared,
    interleave,
)
from tests.benchmarks.messages import Messages
from tests.benchmarks.processes import used
from tests.benchmarks.product import LOOK_AGAIN, ROOM, product
from tests.benchmarks.wire import Address, Broken
from tests.support.brokers import AMQP
from tests.support.postgres import SERVER, drop, url_of

NAME = "peers"
USUAL = 3_000


class Peer(NamedTuple):
    """Another way to do the job, the server that it keeps messages in, and what is to be reached."""

    module: str
    name: str
    server: str
    rate: Target | None = None
    economy: Target | None = None


PEERS = (
    Peer("faststream", "FastStream + RabbitMQ", "beam.smp", Target(1.5, 3), Target(1.2, 2)),
    Peer("celery", "Celery + RabbitMQ", "beam.smp", Target(5, 10)),
    Peer("procrastinate", "procrastinate + PostgreSQL", "postgres"),
)
Reading = tuple[float, float]
"""Messages a second, and a second of processor time."""


def answer(effort: Effort) -> list[Row]:
    """Two rows for each of them."""
    lacking = [one.module for one in PEERS if importlib.util.find_spec(one.module) is None]
    if lacking:
        names = ", ".join(lacking)
        raise SystemExit(f"not installed: {names}; make peers installs them")
    count = effort.count(USUAL, least=2 * ROOM)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        ours = stack.enter_context(product(Path(name) / "bus"))
        runs = [
            _timed(ours.bus.pid, (), count, lambda: ours.through(count, ROOM)),
            *(Running(Path(name), one, stack).measure(count) for one in PEERS),
        ]
        bus, *others = interleave(effort.rounds, *runs)
    rows = []
    for peer, readings in zip(PEERS, others, strict=True):
        pairs = (("messages a second", peer.rate), ("a second of processor time", peer.economy))
        for at, (what, target) in enumerate(pairs):
            mine, theirs = [one[at] for one in bus], [one[at] for one in readings]
            rows.append(compared(NAME, f"{what}, the bus / {peer.name}", mine, theirs, target))
    return rows


class Running:
    """A peer that serves, warm, and its destination."""

    def __init__(self, folder: Path, peer: Peer, stack: ExitStack) -> None:
        home = folder / peer.module
        home.mkdir()
        self._peer, self._messages = peer, Messages()
        self._sent = 0
        self._sink = stack.enter_context(child(home, "sink")).address
        url = f"http://{self._sink.host}:{self._sink.port}/"
        place = _database(stack) if peer.server == "postgres" else _queue(stack)
        self._child: Child = stack.enter_context(
            child(home, "peer", peer.module, url, *place, str(ROOM))
        )
        self._through(2 * ROOM)

    def measure(self, count: int) -> Callable[[], Reading]:
        """What so many messages take."""
        servers = (self._peer.server,)
        return _timed(self._child.pid, servers, count, lambda: self._through(count))

    def _through(self, count: int) -> float:
        posts = self._messages.posts(count)
        began = time.perf_counter()
        load = closed_load(self._child.address, posts, ROOM)
        if set(load.statuses) != {202}:
            raise Broken(f"{self._peer.name} answered {dict(load.statuses)}")
        self._sent += count
        while _seen(self._sink) < self._sent:
            if time.perf_counter() > began + PATIENCE:
                raise Broken(f"{self._peer.name} delivered {_seen(self._sink)} of {self._sent}")
            time.sleep(LOOK_AGAIN)
        return count / (time.perf_counter() - began)


def _seen(sink: Address) -> int:
    return int(json.loads(ask(sink, "GET", "/count"))["messages"])


def _timed(
    pid: int, servers: tuple[str, ...], count: int, run: Callable[[], float]
) -> Callable[[], Reading]:
    def measure() -> Reading:
        before = used(pid, *servers)
        rate = run()
        return rate, count / (used(pid, *servers) - before)

    return measure


def _queue(stack: ExitStack) -> tuple[str, str]:
    name = f"bus-peer-{secrets.token_hex(4)}"

    def delete() -> None:
        with Connection(AMQP) as connection:
            connection.default_channel.queue_delete(name)

    stack.callback(delete)
    return AMQP, name


def _database(stack: ExitStack) -> tuple[str, str]:
    name = f"bus_test_{secrets.token_hex(8)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    stack.callback(drop, name)
    return url_of(name), ""


QUESTION = Question(NAME, "What do others take for the same job?", answer, apart=True)
