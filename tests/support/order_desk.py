"""An application that takes an order in three calls over real HTTP, and who speaks to it so."""

import asyncio
import socket
import struct
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from tests.support.loopback import Behaviour, Call

CALLS: Final = ("create", "items", "confirm")
"""The calls that make an order, in their order."""
WAYS: Final = ("refused", "500", "reset")
"""How a call fails: nobody listens, it answers 500, it breaks off when it has heard."""


class OrderDesk:
    """A server on loopback that counts the calls it carried out, and fails once at one of them."""

    def __init__(self, fails_at: str = "", way: str = "", *, carries_out: bool = False) -> None:
        self.carried_out: Counter[str] = Counter()
        self.orders: list[str] = []
        self._trouble = (fails_at, way)
        self._carries_out = carries_out
        """Whether it has done what it was asked when it breaks off."""
        self._server: asyncio.Server | None = None
        self._place = socket.socket()
        """Keeps the port while nobody listens, or another process might be given it."""
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port: int = self._place.getsockname()[1]

    async def __aenter__(self) -> Self:
        await self.listen()
        if self._trouble == (CALLS[0], "refused"):
            await self.leave()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.leave()
        self._place.close()

    async def listen(self) -> None:
        """Be there, from now on without trouble if it was away."""
        self._server = await asyncio.start_server(
            self._take, "127.0.0.1", self.port, reuse_port=True
        )

    async def leave(self) -> None:
        """Listen no more."""
        self._trouble = ("", "") if self._trouble[1] == "refused" else self._trouble
        if self._server:
            self._server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            call = head.split()[1].strip("/")
            await self._carry_out(call, writer)
        writer.close()

    async def _carry_out(self, call: str, writer: asyncio.StreamWriter) -> None:
        way = self._fails(call)
        if way != "500" and (way != "reset" or self._carries_out):
            self.carried_out[call] += 1
        if way == "reset":
            peer = writer.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        if self._next_is_refused(call):
            await self.leave()
        status = "500 No" if way else "200 OK"
        body = f"order-{self.carried_out['create']}"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()

    def _fails(self, call: str) -> str:
        if self._trouble[0] != call:
            return ""
        way, self._trouble = self._trouble[1], ("", "")
        return way

    def _next_is_refused(self, call: str) -> bool:
        fails_at, way = self._trouble
        return way == "refused" and CALLS.index(call) + 1 == CALLS.index(fails_at)


def orders_from(desk: OrderDesk) -> Behaviour:
    """An adapter that makes the three calls, and none that was made."""

    async def send(call: Call) -> Report:
        progress = call.parcel.progress
        for one in CALLS:
            if one in progress.done:
                continue
            status, body = await _post(desk, one)
            if status != "200":
                return _failed(call, status)
            await progress.record(one, {"order": body})
        return Report(Outcome.DELIVERED)

    return send


async def _post(desk: OrderDesk, call: str) -> tuple[str, str]:
    """The status and the text of an answer; instead of a status how the call failed."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    except ConnectionError:
        return "refused", ""
    try:
        writer.write(f"POST /{call} HTTP/1.1\r\nHost: desk\r\n\r\n".encode())
        answer = (await reader.read()).decode()
    except ConnectionError:
        return "reset", ""
    finally:
        writer.close()
    return answer.split()[1] if answer else "reset", answer.rpartition("\r\n")[2]


def _failed(call: Call, status: str) -> Report:
    outcome, code = {
        "refused": (Outcome.UNREACHABLE, "UNREACHABLE"),
        "500": (Outcome.BUSY, "BUSY"),  # it rolls back, as its maker promises
        "reset": (Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
    }[status]
    details = {"application": call.parcel.application.name, "problem": status}
    return Report(outcome, fault=Fault(code, details=details))
