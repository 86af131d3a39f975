"""`/webhooks/<application>`: what applications post in a form of their own, which adapters read.

A caller that can be given nothing but an address has its password there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import orjson

from bus.core.envelope import Carrier
from bus.core.errors import Fault, SenderFault
from bus.core.route import Application
from bus.edge.http.asgi import JSON, Exchange
from bus.edge.intake import Intake
from bus.edge.logins import UNREADABLE, Login
from bus.engine.post import Post
from bus.engine.read import read
from bus.engine.topics import HeardTopics
from bus.ports.adapter import Reader, Webhook
from bus.wiring import Bus

WEBHOOKS = "/webhooks/"
OURS = 500
"""The status from which on a fault is not the message's: all of it is to be posted again."""


class WebhookDoor:
    """Takes what an application posts, as the messages that its adapter finds in it."""

    def __init__(self, bus: Bus, intake: Intake) -> None:
        self._ports = bus.ports
        self._poller = bus.poller
        self._topics = HeardTopics(bus.ports)
        self._intake = intake

    async def meet(self, exchange: Exchange) -> None:
        """Take a call: 202 with the ids of its messages, or the refusal of the first refused."""
        arrival = replace(exchange.arrival(Carrier.HTTP), login=self._login(exchange))
        async with self._intake.admit(arrival) as post:
            application = self._reader(exchange, post.sender)
            source = Webhook(post.body, _headers(exchange))
            adapter = self._ports.open_adapter(application)
            inbound = await read(adapter, application, source)
            ids, refused = await self._take(post, [one.body for one in inbound.messages])
            if inbound.topic:
                await self._topics.heard(application, adapter, inbound.topic)
            if inbound.more:
                self._poller.wake(application.name)
        if refused:
            await exchange.refuse(refused)
        else:
            await exchange.answer(202, orjson.dumps({"messages": ids}), JSON)

    def _login(self, exchange: Exchange) -> Login:
        """The login that came, else the password in the address: many are given that alone.

        It stands behind the name of the application, or in `?token=`.
        """
        tokens = parse_qs(exchange.query).get(b"token", [])
        if secret := _told(exchange)[2]:
            tokens = [*tokens, secret.encode()]
        called = self._ports.deployment().applications.get(_name(exchange))
        login = exchange.login
        if login.presented or not tokens:
            return login
        if len(tokens) != 1 or not called or not called.login:
            return UNREADABLE
        return Login(called.login.user, tokens[0])

    def _reader(self, exchange: Exchange, caller: Application) -> Application:
        """The application that is called for: the caller itself, with an adapter that reads."""
        if _name(exchange) != caller.name:
            raise SenderFault(Fault("UNAUTHENTICATED"))
        shown = f"{WEBHOOKS}{caller.name}"  # behind it stands the password
        if exchange.method != "POST":
            raise exchange.misled("METHOD_NOT_ALLOWED", shown)
        if not caller.adapter or not isinstance(self._ports.open_adapter(caller), Reader):
            raise exchange.misled("PAGE_NOT_FOUND", shown)
        return caller

    async def _take(self, post: Post, bodies: list[bytes]) -> tuple[list[str], Fault | None]:
        """Have each accepted or rejected; what the bus cannot take now ends it."""
        ids: list[str] = []
        refused: Fault | None = None
        for body in bodies:
            result = await self._intake.take(replace(post, body=body, waits=False))
            ids.append(result.message)
            refused = refused or result.fault
            if result.fault and result.fault.status >= OURS:
                return ids, result.fault
        return ids, refused


def _name(exchange: Exchange) -> str:
    return _told(exchange)[0]


def _told(exchange: Exchange) -> tuple[str, str, str]:
    """The application that an address names, and the password that may stand behind it."""
    return exchange.path.removeprefix(WEBHOOKS).partition("/")


def _headers(exchange: Exchange) -> Mapping[str, str]:
    """The headers of a request, of several of a name the last; the login is not for others."""
    told = {name.decode("latin-1"): value.decode("latin-1") for name, value in _raw(exchange)}
    told.pop("authorization", None)
    return told


def _raw(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    return [(bytes(name).lower(), bytes(value)) for name, value in exchange.scope["headers"]]
