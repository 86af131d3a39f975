"""The bare stages of a delivery, each by itself: send and read the answer; record it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from lxml import etree

from tests.benchmarks.bare import Table
from tests.benchmarks.children import child
from tests.benchmarks.loading import run, submitted
from tests.benchmarks.messages import Messages
from tests.benchmarks.product import ROOM
from tests.benchmarks.wire import Address, Broken

STATUS = "ResponseMessage/ProcessingInformation/Status"


@dataclass(slots=True)
class Stages:
    """A destination to send to, and a folder to record in. Rates are messages a second."""

    destination: Address
    folder: Path
    supply: Messages
    answers: list[bytes]

    def send(self, count: int) -> float:
        """POST messages with the client library of the bus, and parse each answer."""
        return run(self._send(self.supply.bodies(count)))

    def record(self, count: int) -> float:
        """Commit as many answers, grouped."""
        return run(self._record([self.answers[0]] * count))

    async def _send(self, bodies: Sequence[bytes]) -> float:
        address = "http://{}:{}/".format(*self.destination)
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def send(body: bytes) -> None:
                async with session.post(address, data=body) as response:
                    answer = await response.read()
                if etree.fromstring(answer).findtext(STATUS) != "OK":
                    raise Broken(f"the destination answered {answer[:300]!r}")
                self.answers[:] = [answer]

            return await submitted(send, bodies, ROOM)

    async def _record(self, answers: Sequence[bytes]) -> float:
        table = Table(self.folder / f"answers-{time.monotonic_ns()}.db")
        try:
            return await submitted(table.keep, answers, ROOM)
        finally:
            await table.close()


@contextmanager
def stages() -> Iterator[Stages]:
    """The bare stages, with a destination of their own."""
    with tempfile.TemporaryDirectory() as name, child(Path(name), "sink") as sink:
        bare = Stages(sink.address, Path(name), Messages(seed=3), [])
        bare.send(200)
        yield bare
