"""One connection of a lean HTTP/1.1 client, which keeps it open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, cast


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


class Broken(Exception):
    """A server that did not do its work: its figures would mean nothing."""


class Line(asyncio.Protocol):
    """Asks one thing at a time, and tells when the whole answer is there."""

    def __init__(
        self, answered: Callable[[Line, int, bytes], None], lost: Callable[[], None]
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._got = b""
        self._transport: asyncio.Transport | None = None
        self.since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes, since: float) -> None:
        """Send a request, whose latency counts from `since`."""
        assert self._transport is not None
        self.since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect an answer."""
        self._got = data = self._got + data if self._got else data
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 or len(data) < end + content_length(data[:end]):
            return
        self._got = b""
        self._answered(self, int(data[9:12]), data[end:])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell it: a server that keeps its connections does not close them."""
        self._lost()

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()


def content_length(head: bytes) -> int:
    """The length that a head declares."""
    head = head.lower()
    start = head.index(b"content-length:") + 15
    return int(head[start : head.index(b"\r\n", start)])
