"""A real bus in a process of its own that is killed with SIGKILL, and started again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

from bus.config import load_settings
from bus.core.delivery import Reason, State
from bus.wiring import open_history
from tests.support.brokers import free_port
from tests.support.postgres import database_of

MAIN = "from bus.edge.cli import main; main()"
PASSWORD = "not-a-secret-of-anybody"
IMPOSSIBLE = 2
"""The exit code of a command that could not even try: of `serve`, that another has the journal."""

ROUTES = """
shared_ids: [{{entity: Company, between: [rm, pos, desk, plant, shop, safe, unsafe, till, counter, shelf, late]}}]
applications:
  rm: {{product: RM, timeout: 5s, login: {{user: rm, password: {{env: RM_PASSWORD}}}}}}
  pos: {{product: POS, timeout: 5s, login: {{user: pos, password: {{env: RM_PASSWORD}}}}}}
  desk: {{product: POS, timeout: 5s, login: {{user: desk, password: {{env: RM_PASSWORD}}}}}}
  plant: {{product: RM, timeout: 5s, login: {{user: plant, password: {{env: RM_PASSWORD}}}}}}
  shop:
    product: RM
    login: {{user: shop, password: {{env: RM_PASSWORD}}}}
    adapter: http-xml
    address: "{shop}"
    concurrency: 8
    timeout: 5s
  safe:
    product: PROTHEUS
    adapter: http-xml
    address: "{safe}"
    concurrency: 8
    timeout: 5s
    holds: {{Currency: 0}}
  unsafe:
    product: PROTHEUS
    adapter: http-xml
    address: "{unsafe}"
    concurrency: 8
    timeout: 5s
    repeat_unsafe: [UnitOfMeasure]
  till:
    product: PROTHEUS
    adapter: http-xml
    address: "{till}"
    concurrency: 8
    timeout: 5s
    repeat_unsafe: [UnitOfMeasure]
  counter:
    product: PROTHEUS
    adapter: eai-soap
    address: "{counter}"
    concurrency: 8
    timeout: 5s
    repeat_unsafe: [UnitOfMeasure]
  shelf:
    product: WMS
    adapter: http-xml
    address: "{shelf}"
    concurrency: 8
    timeout: 5s
    id_scope: application
    repeat_unsafe: [Item]
  late:
    product: PROTHEUS
    login: {{user: late, password: {{env: RM_PASSWORD}}}}
    adapter: http-xml
    address: "{late}"
    concurrency: 8
    timeout: 5s
    response_within: 20s
    repeat_unsafe: [UnitOfMeasure]
routes:
  to-safe:
    transactions: [Currency]
    from: rm
    to: [safe]
    on_failure: continue
    retry: {{first: 50ms, longest: 200ms}}
  to-unsafe:
    transactions: [UnitOfMeasure]
    from: rm
    to: [unsafe]
    on_failure: hold
    retry: {{first: 50ms, longest: 200ms}}
  to-till:
    transactions: [UnitOfMeasure]
    from: pos
    to: [till]
    modes: [sync]
    default_mode: sync
    deadline: 400ms
    on_failure: hold
  to-counter:
    transactions: [UnitOfMeasure]
    from: desk
    to: [counter]
    modes: [sync]
    default_mode: sync
    deadline: 400ms
    on_failure: hold
  to-shelf:
    transactions: [Item, UnitOfMeasure]
    from: plant
    to: [shelf]
    on_failure: hold
    retry: {{first: 50ms, longest: 200ms}}
  to-late:
    transactions: [UnitOfMeasure]
    from: shop
    to: [late]
    on_failure: hold
    retry: {{first: 50ms, longest: 200ms}}
"""
"""`safe` takes snapshots, `unsafe` movements, and `till` movements for which their sender waits.

`counter` is `till` by SOAP. What `shelf` gets names ids that come later; `late` gives a receipt, and
its answer later, which the bus brings to `shop`, who sent it.
"""


class Standing(NamedTuple):
    """A delivery as it stands in the journal."""

    message: str
    uuid: str
    state: State
    reason: Reason


class KilledBus:
    """Starts `bus serve`, kills it, starts it again on the same journal and port."""

    main = MAIN

    def __init__(
        self,
        folder: Path,
        routes: str,
        port: int = 0,
        environment: Mapping[str, str] | None = None,
        journal: str = "",
    ) -> None:
        self.journal = journal or self.journal_in(folder)
        self._port = port or free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._routes = folder / "routes.yaml"
        self._routes.write_text(routes, encoding="utf-8")
        self._log = folder / "log"
        self._environment = environment or {"RM_PASSWORD": PASSWORD}
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    def journal_in(self, folder: Path) -> str:
        """The journal of a bus in a folder."""
        return str(folder / "journal.sqlite")

    async def start(self) -> None:
        """Start it and wait until it is ready; again while a command has the journal to itself."""
        while True:
            process = self._process = await self.command("serve", "--json")
            assert process.stdout
            said = await process.stdout.readline()
            if said and json.loads(said).get("address") == self.address:
                return
            assert await process.wait() == IMPOSSIBLE, said

    async def command(self, *words: str, **environment: str) -> asyncio.subprocess.Process:
        """Run the command line of the bus on this journal."""
        given = {
            "BUS_JOURNAL": self.journal,
            "BUS_ROUTES": str(self._routes),
            "BUS_PORT": str(self._port),
        }
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                self.main,
                *words,
                env=os.environ | {**self._environment, **given, **environment},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def kill(self) -> None:
        """Kill it, as a power cut would the process."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self.kills += 1

    def freeze(self) -> None:
        """Let it do nothing, as a machine that is paused."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process
        self._process.terminate()
        return await self._process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, raised: object, *_: object) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        troubles = self.troubles()
        assert raised or not troubles, "\n".join(troubles)

    def troubles(self) -> list[str]:
        """What the bus says in its log that it did not expect itself."""
        log = self._log.read_text(encoding="utf-8", errors="replace")
        return [line for line in log.splitlines() if "exception" in line or "Traceback" in line]

    async def standings(self) -> list[Standing]:
        """How every delivery stands, read beside the running bus."""
        settings = load_settings(journal=self.journal)
        async with open_history(settings) as history:
            deliveries = [row async for row in await history.audit("deliveries")]
            messages = await history.audit("messages")
            uuids = {str(row[0]): str(row[9]) async for row in messages}
            return [
                Standing(str(row[0]), uuids[str(row[0])], State(str(row[7])), Reason(str(row[17])))
                for row in deliveries
            ]


def moment(chance: random.Random) -> float:
    """Seconds until the next kill: sometimes at once, sometimes in full swing."""
    return chance.choice((0.02, 0.1, 0.3, 1.0, 2.0)) * chance.uniform(0.5, 1.5)


class KilledBusOnServer(KilledBus):
    """The same, on a database."""

    def journal_in(self, folder: Path) -> str:
        """The database of the test."""
        return database_of(folder)
