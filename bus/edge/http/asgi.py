"""One HTTP exchange in raw ASGI: reading a body within limits, and answering."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from bus.core.errors import Fault, SenderFault
from bus.core.text import Language

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

XML = b"application/xml; charset=utf-8"
JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a body may be: bytes once decompressed, compression ratio, seconds to arrive."""

    size: int = 10 * 1024**2
    ratio: int = 100
    seconds: float = 30.0


@dataclass(slots=True)
class Exchange:
    """A request and the way to answer it."""

    scope: Scope
    receive: Receive
    send: Send

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

    @property
    def address(self) -> str:
        """The address that was called, without the query."""
        host = self.header(b"host").decode("latin-1")
        return f"{self.scope['scheme']}://{host}{quote(self.path)}"

    @property
    def remote(self) -> str:
        """The address of the caller."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def header(self, name: bytes) -> bytes:
        """The first header of that lower-case name; empty where there is none."""
        for key, value in self.scope["headers"]:
            if key == name:
                return bytes(value)
        return b""

    async def body(self, limits: BodyLimits) -> bytes:
        """The whole body, decompressed; SenderFault where it exceeds a limit or stays away."""
        declared = self.header(b"content-length")
        if declared.isdigit() and int(declared) > limits.size:
            raise _too_large(limits)
        try:
            async with asyncio.timeout(limits.seconds):
                body = await self._read(limits)
        except TimeoutError:
            details = {"seconds": f"{limits.seconds:g}"}
            raise SenderFault(Fault("BODY_TIMEOUT", details=details)) from None
        encoding = self.header(b"content-encoding").strip().lower()
        return body if encoding in {b"", b"identity"} else _inflate(body, encoding, limits)

    async def _read(self, limits: BodyLimits) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise SenderFault(Fault("BODY_TRUNCATED"))
            chunk = event.get("body", b"")
            size += len(chunk)
            if size > limits.size:
                raise _too_large(limits)
            chunks.append(chunk)
            if not event.get("more_body"):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def answer(
        self,
        status: int,
        body: bytes,
        content_type: bytes = XML,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """Send the whole answer."""
        fields = [
            (b"content-type", content_type),
            (b"content-length", b"%d" % len(body)),
            *headers,
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": fields})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, *faults: Fault, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Answer faults as JSON, where no message is at hand to answer with a ResponseMessage."""
        body = orjson.dumps({"errors": [fault_to_dict(fault) for fault in faults]})
        await self.answer(faults[0].status, body, JSON, headers)


def fault_to_dict(fault: Fault, language: Language = "pt") -> dict[str, object]:
    """A fault as the APIs and commands show it."""
    return {
        "code": fault.code,
        "path": fault.path,
        "line": fault.line,
        "message": fault.reason(language),
        "hint": fault.remedy(language),
        "owner": fault.owner.value,
    }


def _too_large(limits: BodyLimits) -> SenderFault:
    return SenderFault(Fault("TOO_LARGE", details={"limit": str(limits.size)}))


def _inflate(body: bytes, encoding: bytes, limits: BodyLimits) -> bytes:
    """Decompress up to the limits, and never a byte beyond them."""
    refused = SenderFault(Fault("COMPRESSION_REFUSED", details={"ratio": str(limits.ratio)}))
    if encoding not in {b"gzip", b"x-gzip", b"deflate"}:
        raise refused
    most = min(limits.size, len(body) * limits.ratio)
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(body, most + 1)
    except zlib.error:
        raise refused from None
    if len(plain) > limits.size:
        raise _too_large(limits)
    if len(plain) > most or not inflater.eof:
        raise refused
    return plain
