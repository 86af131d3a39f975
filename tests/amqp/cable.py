"""A cable to a server, such as a broker, that tests pull out and put in again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

COPYING = 65_536
USUAL = {"amqp": 5672, "redis": 6379}
MOMENT = 0.2
"""Seconds in which what was passed on arrives."""


class Cable:
    """Passes bytes on to a server; `address` is its end on our side.

    `delay`: seconds that all bytes are under way, each time.

    `swallowing`: what the broker says is not passed on any more; `hold`: not until it is set.
    `cut_at`: what breaks it when it comes from our side, passed on or not (`passes`); `deaf_at`:
    what makes it swallow.
    """

    def __init__(self, broker: str) -> None:
        self._parts = urlsplit(broker)
        self._server: asyncio.Server | None = None
        self._port = 0
        self.lines: set[asyncio.StreamWriter] = set()
        self.reachable = True
        self.swallowing = False
        self.delay = 0.0
        self.hold: asyncio.Event | None = None
        self.cut_at = b""
        self.passes = False
        self.deaf_at = b""

    @property
    def address(self) -> str:
        """Where a client connects."""
        login = self._parts.netloc.rpartition("@")[0]
        at = f"{login}@" if login else ""
        return self._parts._replace(netloc=f"{at}127.0.0.1:{self._port}").geturl()

    async def plug(self) -> None:
        """Take connections, always at the same port; nothing changes where it is plugged."""
        if self._server and self._server.is_serving():
            return
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break the connections that there are; new ones are taken."""
        for line in tuple(self.lines):
            line.transport.abort()

    async def unplug(self) -> None:
        """Break the connections, and take no more."""
        if self._server:
            self._server.close()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            port = self._parts.port or USUAL[self._parts.scheme]
            there, back = await asyncio.open_connection(self._parts.hostname, port)
            self.lines |= {writer, back}
            await asyncio.gather(self._copy_out(reader, back), self._copy_back(there, writer))
            self.lines -= {writer, back}

    async def _copy_out(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(COPYING):
                await asyncio.sleep(self.delay)
                if self.deaf_at and self.deaf_at in data:
                    self.swallowing = True
                if self.cut_at and self.cut_at in data:
                    await self._break(data if self.passes else data[: len(data) // 2], sink)
                sink.write(data)
                await sink.drain()
        sink.close()

    async def _break(self, last: bytes, sink: asyncio.StreamWriter) -> None:
        self.swallowing = True
        self.cut_at = b""
        sink.write(last)
        await sink.drain()
        await asyncio.sleep(MOMENT)
        self.swallowing = False
        self.cut()
        raise ConnectionResetError

    async def _copy_back(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(COPYING):
                await asyncio.sleep(self.delay)
                if self.hold:
                    await self.hold.wait()
                if not self.swallowing:
                    sink.write(data)
                    await sink.drain()
        sink.close()


@contextlib.asynccontextmanager
async def cable_to(broker: str) -> AsyncIterator[Cable]:
    """A cable that is in its socket."""
    cable = Cable(broker)
    await cable.plug()
    try:
        yield cable
    finally:
        await cable.unplug()
