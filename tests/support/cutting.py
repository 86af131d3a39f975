"""A way to a server that can be cut at a commit: before it arrives there, or before it is answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from urllib.parse import urlsplit

from tests.support.postgres import SERVER

COMMIT = b"COMMIT"
CHUNK = 1 << 16


class Cut(Enum):
    """When a connection is cut. The comment is the meaning."""

    NEVER = 0
    BEFORE = 1  # what was to be committed does not reach the server
    AFTER = 2  # it is committed, and nobody hears of it


class CuttingProxy:
    """Passes bytes on, between a bus and the server of the tests.

    `closed`: nobody else is let in; `closes`: nobody is any more once it has cut.
    """

    def __init__(self) -> None:
        self.cut = Cut.NEVER
        self.closed = self.closes = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database: str) -> str:
        """The URL of a database by this way."""
        user = urlsplit(SERVER).username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{self._listener.getsockname()[1]}/{database}"

    def cut_all(self) -> None:
        """Cut all connections that there are now."""
        ends, self._open = self._open[1:], self._open[:1]
        for end in ends:
            _end(end)

    def close(self) -> None:
        """Pass nothing on any more."""
        self.cut_all()
        _end(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                bus, _ = self._listener.accept()
                if self.closed:
                    _end(bus)
                    continue
                found = urlsplit(SERVER)
                server = socket.create_connection((found.hostname, found.port or 5432))
                self._open += [bus, server]
                threading.Thread(target=self._ask, args=(bus, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(bus, server), daemon=True).start()

    def _ask(self, bus: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while asked := bus.recv(CHUNK):
                if COMMIT in asked and self.cut is Cut.BEFORE:
                    self._break(bus, server)
                    return
                server.sendall(asked)
        _end(server)

    def _answer(self, bus: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(CHUNK):
                if COMMIT in answer and self.cut is Cut.AFTER:
                    self._break(bus, server)
                    return
                bus.sendall(answer)
        _end(bus)

    def _break(self, bus: socket.socket, server: socket.socket) -> None:
        self.cut = Cut.NEVER
        self.closed = self.closed or self.closes
        _end(bus)
        _end(server)


@contextmanager
def cutting() -> Iterator[CuttingProxy]:
    """A way to the server of the tests."""
    proxy = CuttingProxy()
    try:
        yield proxy
    finally:
        proxy.close()


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
