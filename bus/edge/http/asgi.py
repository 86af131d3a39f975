"""One HTTP exchange in raw ASGI: what a request brings, and answering it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from bus.core.envelope import Carrier
from bus.core.errors import Fault, SenderFault
from bus.core.text import Language
from bus.edge.faults import fault_to_dict
from bus.edge.intake import SOON, UNAVAILABLE, Arrival
from bus.edge.logins import UNREADABLE, Login

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

XML = b"application/xml; charset=utf-8"
JSON = b"application/json"

TOO_OFTEN = 429
HOST = re.compile(r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
"""Headers of every answer: it is one caller's alone, and nothing but what its type says."""
CHALLENGE = (b"www-authenticate", b'Basic realm="bus", charset="UTF-8"')


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the way to answer it."""

    scope: Scope
    receive: Receive
    send: Send
    language: Language

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.scope["path"])

    @property
    def method(self) -> str:
        """The method, upper case."""
        return str(self.scope["method"])

    @property
    def query(self) -> bytes:
        """What follows the question mark, as it came."""
        return bytes(self.scope["query_string"])

    def address(self, public: str = "") -> str:
        """The address that was called, without the query; below the public one where there is one.

        What a caller says in Host counts only where it can be a host.
        """
        host = self.header(b"host").decode("latin-1")
        if not HOST.fullmatch(host):
            name, port = self.scope.get("server") or ("localhost", None)
            name = f"[{name}]" if ":" in name else name
            host = f"{name}:{port}" if port else name
        return f"{public.rstrip('/') or self.scope['scheme'] + '://' + host}{quote(self.path)}"

    def header(self, name: bytes) -> bytes:
        """The first header of that lower-case name; empty where there is none."""
        return self._first(name) or b""

    def _first(self, name: bytes) -> bytes | None:
        for key, value in self.scope["headers"]:
            if key == name:
                return bytes(value)
        return None

    @property
    def login(self) -> Login:
        """The user and password of HTTP Basic; blank where there are none that can be read."""
        presented = self._first(b"authorization")
        if presented is None:
            return Login()
        scheme, _, encoded = presented.partition(b" ")
        if scheme.lower() != b"basic":
            return UNREADABLE
        try:
            user, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        except binascii.Error:
            return UNREADABLE
        login = Login(user.decode("utf-8", "replace"), password)
        return login if login.presented else UNREADABLE

    @property
    def remote(self) -> str:
        """The address of the caller; empty where it has none."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    async def gone(self) -> None:
        """Return once the caller has hung up; its body was read before."""
        if (await self.receive())["type"] != "http.disconnect":
            await asyncio.Event().wait()

    def arrival(self, carrier: Carrier) -> Arrival:
        """The body that this request brings."""
        length = self.header(b"content-length")
        return Arrival(
            carrier,
            self.login,
            _Chunks(self.receive),
            remote=self.remote,
            length=int(length) if length.isdigit() else None,
            compression=self.header(b"content-encoding").decode("latin-1").strip().lower(),
        )

    async def answer(
        self, status: int, body: bytes, content_type: bytes = XML, headers: Headers = ()
    ) -> None:
        """Send the whole answer."""
        fields = [
            (b"content-type", content_type),
            (b"content-length", b"%d" % len(body)),
            *ALWAYS,
            *headers,
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": fields})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, *faults: Fault) -> None:
        """Answer faults as JSON, where no message is at hand to answer with a ResponseMessage."""
        body = orjson.dumps({"errors": [fault_to_dict(fault, self.language) for fault in faults]})
        await self.answer(faults[0].status, body, JSON, advice(faults[0]))

    def misled(self, code: str, shown: str = "") -> SenderFault:
        """No such page, or not by that method; `shown` in place of a path with a secret."""
        path = (shown or self.path)[:200]
        return SenderFault(Fault(code, details={"path": path, "method": self.method}))


class _Chunks:
    """The body of a request, as it comes. A generator would cost every message a weak reference."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._more:
            raise StopAsyncIteration
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise SenderFault(Fault("BODY_TRUNCATED"))
        self._more = event.get("more_body", False)
        chunk: bytes = event.get("body", b"")
        return chunk


def advice(fault: Fault) -> list[tuple[bytes, bytes]]:
    """The headers that tell a caller what to do about a fault of ours."""
    if fault.code == "UNAUTHENTICATED":
        return [CHALLENGE]
    return [retry_after(SOON)] if fault.status in {UNAVAILABLE, TOO_OFTEN} else []


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """The header that tells when to come again."""
    return b"retry-after", b"%d" % max(1, round(seconds))
