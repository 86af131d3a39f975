"""The public ASGI application: one table of addresses over raw handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from bus.core.errors import Fault, Refusal
from bus.edge.http.asgi import JSON, Exchange, Receive, Scope, Send
from bus.edge.http.auth import Logins
from bus.edge.http.messages import Messages
from bus.edge.http.soap import PATHS, SoapDoor
from bus.edge.metrics import Metrics
from bus.ports.observer import Observer
from bus.wiring import Bus

Handler = Callable[[Exchange], Awaitable[None]]

METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class App:
    """Answers HTTP. What is not a message is small and rare; the message path goes first."""

    def __init__(self, bus: Bus, metrics: Metrics, observer: Observer) -> None:
        self._bus = bus
        self._metrics = metrics
        self.messages = Messages(bus, Logins(bus.deployment.applications), observer)
        self._soap = SoapDoor(bus, self.messages)
        self._pages: dict[str, Handler] = {
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/metrics": self._show_metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI scope."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        if exchange.path == "/messages" and exchange.method == "POST":
            await self.messages.post(exchange)
            return
        if exchange.path.lower() in PATHS:
            await self._soap.meet(exchange)
            return
        await self._other(exchange)

    async def _other(self, exchange: Exchange) -> None:
        page = self._pages.get(exchange.path)
        known = page or exchange.path == "/messages" or exchange.path.startswith("/messages/")
        details = {"path": exchange.path[:200], "method": exchange.method}
        if not known:
            await exchange.refuse(Fault("PAGE_NOT_FOUND", details=details))
        elif exchange.path == "/messages" or exchange.method not in {"GET", "HEAD"}:
            await exchange.refuse(Fault("METHOD_NOT_ALLOWED", details=details))
        elif page:
            await page(exchange)
        else:
            await self._message(exchange)

    async def _message(self, exchange: Exchange) -> None:
        """`/messages/{id or UUID}` and `/messages/{id or UUID}/answer`."""
        _, _, id_, *rest = exchange.path.split("/")
        if rest == ["answer"]:
            await self.messages.show_answer(exchange, id_)
        elif rest == []:
            await self.messages.show(exchange, id_)
        else:
            details = {"path": exchange.path[:200]}
            await exchange.refuse(Fault("PAGE_NOT_FOUND", details=details))

    async def _live(self, exchange: Exchange) -> None:
        await exchange.answer(200, orjson.dumps({"status": "live"}), JSON)

    async def _ready(self, exchange: Exchange) -> None:
        """Ready means that the journal answers."""
        try:
            await self._bus.history.find("-")
        except Refusal as refusal:
            await exchange.refuse(*refusal.faults)
            return
        await exchange.answer(200, orjson.dumps({"status": "ready"}), JSON)

    async def _show_metrics(self, exchange: Exchange) -> None:
        body = await self._metrics.render(self._bus.history)
        await exchange.answer(200, body, METRICS_TYPE)
