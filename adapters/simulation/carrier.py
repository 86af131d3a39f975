"""What is around the messages of a simulated application: how they come, and how it answers."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import ClientError, ClientSession, web

from bus.core.errors import SenderFault
from bus.core.route import Credentials
from bus.ports.codec import Codec, Document

XML = "application/xml"

Bring = Callable[[bytes], Awaitable[bool]]
"""Brings a late response to the bus: whether the bus has it, or will never take it."""


class SimulatedCarrier(Protocol):
    """A carrier of messages, as who receives them sees it."""

    @property
    def media_type(self) -> str:
        """The type of its bodies."""

    async def read(self, codec: Codec, body: bytes) -> Document:
        """The message in a body; SenderFault where there is none."""

    def is_empty(self, body: bytes) -> bool:
        """Whether a body carries nothing at all, which is answered by an ERROR."""

    def wrap(self, message: bytes) -> bytes:
        """The body that carries an answer, or a bare text."""

    def unreadable(self, fault: SenderFault) -> web.Response:
        """What is said of a body without a message."""

    def failure(self, text: str) -> web.Response:
        """What is said when the application itself fails."""


class PlainCarrier:
    """The body is the message."""

    media_type = XML

    async def read(self, codec: Codec, body: bytes) -> Document:
        """The message that the body is."""
        return await codec.read(body)

    def is_empty(self, body: bytes) -> bool:
        """Whether a body is empty."""
        return not body

    def wrap(self, message: bytes) -> bytes:
        """The answer as it is."""
        return message

    def unreadable(self, fault: SenderFault) -> web.Response:
        """HTTP 400."""
        return web.Response(status=400, text=str(fault))

    def failure(self, text: str) -> web.Response:
        """HTTP 500 with a text."""
        return web.Response(status=500, text=text)


def bring_by_http(address: str, login: Credentials | None) -> Bring:
    """Brings responses by a plain POST."""
    headers = {"Content-Type": f"{XML}; charset=utf-8"}
    if login:
        headers["Authorization"] = basic(login)

    async def bring(response: bytes) -> bool:
        try:
            async with (
                ClientSession(headers=headers) as session,
                session.post(address, data=response) as answer,
            ):
                return answer.status < 500  # noqa: PLR2004 - what the bus refuses is final
        except (ClientError, OSError):
            return False

    return bring


def basic(login: Credentials) -> str:
    """The header of HTTP Basic for a login."""
    return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
