"""A cable to a broker that tests pull out and put in again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

COPYING = 65_536


class Cable:
    """Passes bytes on to a broker; `address` is its end on our side.

    `swallowing`: what the broker says is not passed on any more.
    """

    def __init__(self, broker: str) -> None:
        self._parts = urlsplit(broker)
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.swallowing = False
        self.cuts = 0

    @property
    def address(self) -> str:
        """Where a client connects."""
        return self._parts._replace(netloc=f"127.0.0.1:{self._port}").geturl()

    async def plug(self) -> None:
        """Take connections, always at the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break the connections that there are; new ones are taken."""
        self.cuts += 1
        for line in tuple(self._lines):
            line.transport.abort()

    async def unplug(self) -> None:
        """Break the connections, and take no more."""
        if self._server:
            self._server.close()
        await self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            host, port = self._parts.hostname, self._parts.port or 5672
            there, back = await asyncio.open_connection(host, port)
            self._lines |= {writer, back}
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer, deaf=True))
            self._lines -= {writer, back}

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, deaf: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(COPYING):
                if not (deaf and self.swallowing):
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
