"""A server that says exactly the bytes that a test wants, and counts what it hears."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Request:
    """One request that came in whole."""

    head: str
    body: bytes

    @property
    def method(self) -> str:
        """Its first word."""
        return self.head.partition(" ")[0]

    def header(self, name: str) -> str:
        """A header of it; empty where there is none."""
        for line in self.head.splitlines()[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return ""


@dataclass
class Line:
    """One connection, seen from the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[Request] = field(default_factory=list)

    async def hear(self) -> Request:
        """Read one whole request."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        request = Request(head, b"")
        if request.header("Transfer-Encoding"):
            raise AssertionError("messages go with their length")
        request.body = await self.reader.readexactly(int(request.header("Content-Length") or 0))
        self.requests.append(request)
        return request

    async def say(self, said: bytes) -> None:
        """Send these bytes now."""
        self.writer.write(said)
        await self.writer.drain()

    async def ended_by_peer(self) -> None:
        """Wait until the other side has gone."""
        with suppress(ConnectionError):
            while await self.reader.read(65_536):
                pass

    def reset(self) -> None:
        """Break the connection off, so that the peer gets an RST."""
        peer = self.writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Play = Callable[[Line], Awaitable[object]]


class RawServer:
    """Plays each connection that comes, in a context; the last play is for all further ones."""

    def __init__(self, *plays: Play, tls: ssl.SSLContext | None = None) -> None:
        self._plays = plays
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.lines: list[Line] = []
        self.errors: list[BaseException] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def requests(self) -> list[Request]:
        """All requests heard, by connection and in order."""
        return [request for line in self.lines for request in line.requests]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        assert not self.errors

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._running.add(task)
        line = Line(reader, writer)
        self.lines.append(line)
        play = self._plays[min(len(self.lines), len(self._plays)) - 1]
        try:
            await play(line)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the peer went, or the test is over
        except Exception as error:  # noqa: BLE001 - a broken play must fail its test
            self.errors.append(error)
        finally:
            writer.close()
            self._running.discard(task)
