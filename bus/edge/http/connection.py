"""One connection of the public server, within limits that hold before anybody has logged in.

uvicorn's protocol, and over it: the bytes and the time of a request's head, the time for what is
left of a body that was answered already, the time in which an answer is taken, the number of
connections. An upgrade that is offered is no business of ours: it is ignored, and the request read.
"""

from __future__ import annotations

import asyncio
import http
from dataclasses import dataclass
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from bus.core.errors import Fault
from bus.core.text import Language
from bus.edge.faults import fault_to_dict
from bus.edge.turned_away import TurnedAway

MOST_HEAD = 32 * 1024
"""Bytes of the first line and the headers of a request, together."""
LINGER = 1.0
"""Seconds in which what still comes is dropped after the answer to a head that is too large."""
_LENGTHS = ("Content-Length", "Transfer-Encoding")
"""The headers that tell how long a body is."""
_OFFERS = frozenset({b"upgrade", b"http2-settings"})


@dataclass(frozen=True, slots=True)
class Doorway:
    """What every connection of a server goes by: its limits, and who is told of those refused."""

    connections: int
    seconds: float
    """How long a head may take, and a connection be idle."""
    language: Language
    turned_away: TurnedAway


class Connection(HttpToolsProtocol):
    """A connection from its first byte to its last."""

    def __init__(self, doorway: Doorway, **given: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**given)
        self._doorway = doorway
        self._heads = 0
        self._head_size = 0
        self._reading_head = True
        self._body_is_whole = True
        self._closed = False
        self._due: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    # -- the connection ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, unless there are as many as there may be."""
        super().connection_made(transport)
        limit = self._doorway.connections
        if len(self.connections) > limit:
            self._refuse("TOO_MANY_CONNECTIONS", limit=str(limit))
        else:
            self._expect("HEAD_TIMEOUT")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._closed = True
        self._expect_nothing()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, within the limits of a head."""
        if self._closed:
            return
        self._unset_keepalive_if_required()
        heads = self._heads if self._reading_head else -1
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            of_length = any(header in str(error) for header in _LENGTHS)
            self._refuse("LENGTH_INVALID" if of_length else "HTTP_INVALID")
        if self._reading_head and heads == self._heads and not self._closed:
            self._head_size += len(data)
            if not self._head_is_too_large() and self._due is None:
                self._expect("HEAD_TIMEOUT")

    # -- a request ---------------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """Serve the request, if its head is within the limit and it wants to go on in HTTP."""
        if self._closed:
            return
        size = len(self.url) + 4 * len(self.headers)
        for name, value in self.headers:
            size += len(name) + len(value)
        self._head_size = size
        if self._head_is_too_large() or self.parser.should_upgrade():
            return
        self._reading_head, self._body_is_whole = False, False
        self._heads, self._head_size = self._heads + 1, 0
        self._expect_nothing()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand on a part of the body."""
        if not self._closed and not self._reading_head:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Look for the next head."""
        if self._closed or self._reading_head:
            return
        self._reading_head, self._body_is_whole = True, True
        self._expect_nothing()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """What is left of a body after its answer is not waited for without end."""
        super().on_response_complete()
        if not self._body_is_whole and self._due is None:
            self._expect("BODY_UNWANTED")

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read the request again as one that offers nothing, with all that follows its head."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse("METHOD_NOT_ALLOWED", method="CONNECT", path="-")
            return
        version = self.parser.get_http_version().encode()
        head = [method + b" " + self.url + b" HTTP/" + version]
        for name, value in self.headers:
            kept = value if name != b"connection" else _without_offers(value)
            if name not in _OFFERS and (kept or name != b"connection"):
                head.append(name + b": " + kept)
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([*head, b"", b""]) + rest)

    # -- limits ------------------------------------------------------------------------------------

    def _head_is_too_large(self) -> bool:
        """Refuse the head if it is."""
        if self._head_size <= MOST_HEAD:
            return False
        self._refuse("HEAD_TOO_LARGE", limit=str(MOST_HEAD))
        return True

    def _expect(self, otherwise: str) -> None:
        """Close the connection unless something comes in time."""
        self._expect_nothing()
        self._due = self.loop.call_later(self._doorway.seconds, self._give_up, otherwise)

    def _expect_nothing(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _give_up(self, why: str) -> None:
        self._due = None
        if self._is_answering():
            self._expect(why)  # the next head may wait for the answer to the request before it
            return
        self._refuse(why, seconds=f"{self._doorway.seconds:g}")

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, code: str, **details: str) -> None:
        """Say why, where nobody else is being answered, and close."""
        self._closed = True
        self._expect_nothing()
        fault = Fault(code, details=details)
        self._doorway.turned_away.note(code, address=self.client[0] if self.client else "")
        if self._body_is_whole and not self._is_answering():
            self.transport.write(_answer(fault, self._doorway.language))
            if code == "HEAD_TOO_LARGE":
                # Closed with bytes unread, the connection is reset and the answer lost.
                self.transport.write_eof()
                self.loop.call_later(LINGER, self.transport.close)
                return
        self.transport.close()

    # -- whoever does not take what is sent --------------------------------------------------------

    def pause_writing(self) -> None:
        """An answer that nobody takes does not wait without end."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self._doorway.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It was taken."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.flow is not None:
            super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """An idle connection is closed, whether or not its last answer was taken."""
        super().timeout_keep_alive_handler()
        self._unread = self._unread or self.loop.call_later(
            self._doorway.seconds, self.transport.abort
        )


def _without_offers(connection: bytes) -> bytes:
    tokens = [token.strip() for token in connection.split(b",")]
    return b", ".join(token for token in tokens if token.lower() not in _OFFERS)


def _answer(fault: Fault, language: Language) -> bytes:
    body = orjson.dumps({"errors": [fault_to_dict(fault, language)]})
    phrase = http.HTTPStatus(fault.status).phrase
    head = (
        f"HTTP/1.1 {fault.status} {phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
