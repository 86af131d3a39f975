"""The bus as it is delivered: `bus serve` on a file, with one origin and one destination."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bus.clock import SystemClock
from bus.config import load_settings
from bus.journal.commands import ChangeDepara
from bus.wiring import open_store
from depara.model import Key, Link, Member, Source
from tests.benchmarks.children import Child, Work, child
from tests.benchmarks.loading import PATIENCE, Load, ask, closed_load
from tests.benchmarks.messages import PASSWORD, SENDER, TRANSACTIONS, Messages
from tests.benchmarks.recording import BEGIN
from tests.benchmarks.wire import Address, Broken

ROOM = 64
"""How many deliveries the destination takes at once."""
LOOK_AGAIN = 0.01
"""Seconds between two looks at how far the bus is."""

_ROUTES = f"""
applications:
  {SENDER}:
    product: RM
    login: {{user: {SENDER}, password: {{file: password}}}}
DOOR  protheus:
    product: PROTHEUS
    adapter: http-xml
    address: ADDRESS
    concurrency: {ROOM}
    timeout: 1h          # a silent destination keeps what it has
    de_para: TRANSLATOR
    id_scope: application
    holds: {{Currency: 0}}  # as many as are sent
routes:
  registers:
    transactions: [{", ".join(TRANSACTIONS)}]
    from: {SENDER}
    to: [protheus]
"""
_DOOR = f"""    adapter: http-xml
    address: http://%s:%d/
    concurrency: {ROOM}
"""
_DELIVERED = re.compile(rb"^bus_deliveries_succeeded_total\{.*\} ([\d.e+]+)$", re.MULTILINE)


@dataclass(slots=True)
class Product:
    """A running bus and its destination, and how many messages they have had."""

    bus: Child
    destination: Address
    messages: Messages
    origin: Address | None = None
    """Where the answers go, where they are delivered."""
    others: tuple[Child, ...] = ()
    """More processes of the bus, on the same journal."""
    accepted: int = 0

    def accept(self, count: int, connections: int) -> Load:
        """Post messages, as fast as they are accepted."""
        load = closed_load(self.bus.address, self.messages.posts(count), connections)
        self.took(load)
        return load

    def call(self, count: int, connections: int) -> Load:
        """Post messages in SOAP, as fast as they are accepted."""
        load = closed_load(self.bus.address, self.messages.calls(count), connections)
        if set(load.statuses) != {200} or b"ReceiptMessage" not in load.last_answer:
            raise Broken(f"the bus answered {dict(load.statuses)}: {load.last_answer[:300]!r}")
        self.accepted += len(load.latencies)
        return load

    def through(self, count: int, connections: int) -> float:
        """Post messages until all are delivered and recorded; how many a second."""
        posts = self.messages.posts(count)
        began = time.perf_counter()
        others = (bus.address for bus in self.others)
        self.took(closed_load(self.bus.address, posts, connections, *others))
        self.settle()
        return count / (time.perf_counter() - began)

    def works(self, count: int, rate: Callable[[], float]) -> Work:
        """Have it do so many messages, and sum up what its processes used."""
        if not self.others:
            return self.bus.works(count, rate)
        rest = replace(self, bus=self.others[0], others=self.others[1:])
        used: list[Work] = []

        def beside() -> float:
            used.append(rest.works(count, rate))
            return used[0].rate

        mine = self.bus.works(count, beside)
        return mine._replace(processor=mine.processor + used[0].processor)

    def took(self, load: Load) -> None:
        """Every message of a load must have got its receipt."""
        if set(load.statuses) != {202}:
            raise Broken(f"the bus answered {dict(load.statuses)}")
        self.accepted += len(load.latencies)

    def silence(self) -> None:
        """Have the destination keep its next messages unanswered, so that all others wait."""
        ask(self.destination, "PUT", "/silent")

    def deliver(self) -> float:
        """Have the destination answer, and the seconds until all is delivered and recorded."""
        began = time.perf_counter()
        ask(self.destination, "PUT", "/talkative")
        self.settle()
        return time.perf_counter() - began

    def settle(self) -> None:
        """Wait until everything is delivered and recorded; each message exactly once."""
        deadline = time.perf_counter() + PATIENCE
        while not self._settled():
            if time.perf_counter() > deadline:
                raise Broken(f"of {self.accepted} messages, only {self._seen()} were delivered")
            time.sleep(LOOK_AGAIN)
        posts = self._seen()["posts"]
        if posts != self.accepted:
            raise Broken(f"{self.accepted} messages were delivered by {posts} posts")

    def begun(self) -> None:
        """Wait until the destination has had more than was accepted from us: others send, too."""
        deadline = time.perf_counter() + PATIENCE
        while self._seen()["messages"] <= self.accepted:
            if time.perf_counter() > deadline:
                raise Broken("nobody else has sent anything")
            time.sleep(LOOK_AGAIN)

    def memory(self) -> float:
        """The resident memory of the bus, in MB of 1,000,000 bytes."""
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.bus.pid)], capture_output=True, check=True
        )
        return int(told.stdout) * 1024 / 1e6

    def watch(self) -> None:
        """Have the recorder of a profile begin."""
        os.kill(self.bus.pid, BEGIN)

    def _settled(self) -> bool:
        if self.origin and self._seen(self.origin)["messages"] < self.accepted:
            return False
        return self._seen()["messages"] >= self.accepted and self._recorded() >= self.accepted

    def _seen(self, where: Address | None = None) -> dict[str, int]:
        seen: dict[str, int] = json.loads(ask(where or self.destination, "GET", "/count"))
        return seen

    def _recorded(self) -> int:
        told = [ask(bus.address, "GET", "/metrics") for bus in (self.bus, *self.others)]
        return round(sum(float(count) for one in told for count in _DELIVERED.findall(one)))


@contextmanager
def product(  # noqa: PLR0913 - the variants that are measured
    folder: Path,
    *,
    recording: Path | None = None,
    translates: bool = False,
    answers: bool = False,
    journal: str = "",
    processes: int = 1,
) -> Iterator[Product]:
    """A bus that serves from a folder of its own, warm, with nothing left to deliver.

    Its journal is a file in there, or the one named, of as many processes as are asked for.

    It learns an id from every answer. Where it `translates`, it also puts the company and branch of
    each message into the destination's ids, and looks for its own; with `answers` the origin is
    sent the answer of each message, by a process of its own too.
    """
    folder.mkdir(exist_ok=True)
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    journal = journal or str(folder / "bus.db")
    asyncio.run(_enter_company(journal))
    (folder / "origin").mkdir(exist_ok=True)
    with child(folder, "sink") as sink, child(folder / "origin", "sink") as origin:
        host, port = sink.address
        routes = folder / "routes.yaml"
        text = _ROUTES.replace("ADDRESS", f"http://{host}:{port}/")
        text = text.replace("TRANSLATOR", "bus" if translates else "application")
        text = text.replace("DOOR", _DOOR % origin.address if answers else "")
        routes.write_text(text, encoding="utf-8")
        serve = ("serve", "--json", "--port", "0", "--journal", journal)
        arguments = (str(recording or ""), *serve, "--routes", str(routes))
        with ExitStack() as stack:
            bus, *others = [
                stack.enter_context(child(folder, "bus", *arguments)) for _ in range(processes)
            ]
            back = origin.address if answers else None
            running = Product(bus, sink.address, Messages(), back, tuple(others))
            running.accept(200, connections=16)
            running.settle()
            try:
                yield running
            finally:
                # The bus, when it stops, gives what is under way some time: a silence would use it up.
                os.kill(sink.pid, signal.SIGTERM)


async def _enter_company(journal: str) -> None:
    """What an admin does before any load."""
    company, other = (
        Member(Key("Company", name, "", id_))
        for name, id_ in ((SENDER, "1|1"), ("protheus", "T1|D MG 01"))
    )
    async with open_store(load_settings(journal=journal), SystemClock()) as store:
        asked = ChangeDepara("benchmark", Source.PERSON, links=(Link(company, (other,)),))
        await store.crossreference.amend(asked)
