"""A real bus in a process of its own that is killed with SIGKILL, and senders that do not give up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

from bus import demo
from bus.config import load_settings
from bus.core.delivery import State
from bus.wiring import open_history

MAIN = "from bus.edge.cli import main; main()"
PASSWORD = "not-a-secret-of-anybody"
RECEIPTS = frozenset({200, 202, 504})
"""What says that a message was accepted; 504 is for a repeat of what became unknown."""

ROUTES = """
applications:
  rm: {{product: RM, login: {{user: rm, password: {{env: RM_PASSWORD}}}}}}
  safe: {{product: PROTHEUS, adapter: http-xml, address: "{safe}", concurrency: 8, timeout: 5s}}
  unsafe:
    product: PROTHEUS
    adapter: http-xml
    address: "{unsafe}"
    concurrency: 8
    timeout: 5s
    repeat_unsafe: [UnitOfMeasure]
routes:
  to-safe: {{transactions: [Currency], from: rm, to: [safe], retry: {{first: 50ms, longest: 200ms}}}}
  to-unsafe: {{transactions: [UnitOfMeasure], from: rm, to: [unsafe], on_failure: hold}}
"""


@dataclass(slots=True)
class Sent:
    """What one sender has a receipt for: per document, the UUIDs in the order of their receipts."""

    documents: dict[str, list[str]] = field(default_factory=dict)

    @property
    def uuids(self) -> list[str]:
        """Every UUID that has a receipt."""
        return [uuid for uuids in self.documents.values() for uuid in uuids]


class KilledBus:
    """Starts `bus serve`, kills it, starts it again on the same journal and port."""

    def __init__(self, folder: Path, safe: str, unsafe: str, port: int) -> None:
        self.journal = folder / "journal.sqlite"
        self.address = f"http://127.0.0.1:{port}"
        self._routes = folder / "routes.yaml"
        self._routes.write_text(ROUTES.format(safe=safe, unsafe=unsafe), encoding="utf-8")
        self._port = port
        self._log = (folder / "log").open("ab")
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        given = {
            "RM_PASSWORD": PASSWORD,
            "BUS_JOURNAL": str(self.journal),
            "BUS_ROUTES": str(self._routes),
            "BUS_PORT": str(self._port),
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            MAIN,
            "serve",
            "--json",
            env=os.environ | given,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
        )
        assert self._process.stdout
        assert json.loads(await self._process.stdout.readline())["address"] == self.address

    async def kill(self) -> None:
        """Kill it, as a power cut would the process."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self.kills += 1

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process
        self._process.terminate()
        return await self._process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._log.close()

    async def act(self, verb: str, message: str) -> None:
        """Do what an operator would, over the local API."""
        connector = aiohttp.UnixConnector(f"{self.journal}.sock")
        async with aiohttp.ClientSession(connector=connector) as http:
            wish = {"message": message, "actor": "operator", "reason": "looked at the destination"}
            url = f"http://bus/api/v1/messages/{verb}"
            async with http.post(url, json=wish) as response:
                assert response.status == 200, await response.text()

    async def states(self) -> dict[str, State]:
        """The state of every message's delivery, by UUID, read beside the running bus."""
        settings = load_settings(journal=str(self.journal))
        async with open_history(settings) as history:
            messages = await history.audit("messages")
            uuids = {str(row[0]): str(row[9]) async for row in messages}
            deliveries = await history.audit("deliveries")
            return {uuids[str(row[0])]: State(str(row[7])) async for row in deliveries}


async def send_until_stopped(
    address: str, transaction: str, prefix: str, sent: Sent, stop: asyncio.Event
) -> None:
    """Post messages of ever new documents, three of each in turn, each until it has a receipt."""
    number = 0
    headers = {"Authorization": aiohttp.encode_basic_auth("rm", PASSWORD)}
    async with aiohttp.ClientSession(headers=headers) as http:
        while not stop.is_set():
            document = f"{prefix}{number // 3}"
            uuid = f"{transaction}-{prefix}-{number}"
            if await _insist(http, address, _message(transaction, uuid, document, number), stop):
                sent.documents.setdefault(document, []).append(uuid)
            number += 1


async def _insist(
    http: aiohttp.ClientSession, address: str, message: bytes, stop: asyncio.Event
) -> bool:
    """Post until there is a receipt; an error of the connection says nothing, so post again."""
    while True:
        with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
            timeout = aiohttp.ClientTimeout(total=5)
            url = f"{address}/messages"
            async with http.post(url, data=message, timeout=timeout) as response:
                if response.status in RECEIPTS:
                    return True
                assert response.status == 503, await response.text()
        if stop.is_set():
            return False
        await asyncio.sleep(0.02)


def _message(transaction: str, uuid: str, document: str, number: int) -> bytes:
    fields = {"uuid": uuid, "id": document, "generated_on": "2026-01-31T12:00:00"}
    fields |= {"description": f"number {number}"}
    if transaction == "Currency":
        return demo.message("currency", code="USD", **fields)
    return demo.message("unit", code="UN", mode="Async", **fields)


@contextlib.asynccontextmanager
async def senders(address: str, count: int) -> AsyncIterator[dict[str, Sent]]:
    """Some senders of each transaction, running until the block ends."""
    sent = {"Currency": Sent(), "UnitOfMeasure": Sent()}
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(send_until_stopped(address, name, f"{name[0]}{n}-", sent[name], stop))
        for name in sent
        for n in range(count)
    ]
    try:
        yield sent
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def moment(chance: random.Random) -> float:
    """Seconds until the next kill: sometimes at once, sometimes in full swing."""
    return chance.choice((0.01, 0.05, 0.15, 0.4)) * chance.uniform(0.5, 1.5)
