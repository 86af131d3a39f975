"""The public ASGI application: one table of addresses over raw handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from bus.core.errors import Refusal
from bus.edge.broker_watch import BrokerWatch
from bus.edge.faults import finding_to_dict, our_mistake
from bus.edge.http.asgi import JSON, Exchange, Receive, Scope, Send
from bus.edge.http.messages import Messages
from bus.edge.http.soap import SoapDoor, is_service
from bus.edge.http.webhooks import WEBHOOKS, WebhookDoor
from bus.edge.intake import Intake
from bus.edge.metrics import Metrics
from bus.edge.words.times import time_of
from bus.ports.observer import Observer
from bus.wiring import Bus

Handler = Callable[[Exchange], Awaitable[None]]

PATIENCE = 0.5
"""Seconds that who asks for readiness waits for applications: a silent one makes no bus late."""
METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class App:
    """Answers HTTP. What is not a message is small and rare; the message path goes first."""

    def __init__(
        self,
        bus: Bus,
        intake: Intake,
        metrics: Metrics,
        observer: Observer,
        broker: BrokerWatch | None = None,
    ) -> None:
        self._bus = bus
        self._broker = broker
        self._metrics = metrics
        self._observer = observer
        self._messages = Messages(bus, intake)
        self._soap = SoapDoor(intake, bus.settings)
        self._webhooks = WebhookDoor(bus, intake)
        self._pages: dict[str, Handler] = {
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/metrics": self._show_metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI scope; whatever goes wrong, its caller is told."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send, self._bus.settings.language)
        try:
            await self._meet(exchange)
        except Refusal as refusal:
            await exchange.refuse(*refusal.faults)
        except Exception as error:  # noqa: BLE001 - nobody is left without an answer
            self._observer.troubled("a request failed", error)
            await exchange.refuse(our_mistake(error))

    async def _meet(self, exchange: Exchange) -> None:
        if exchange.path == "/messages" and exchange.method == "POST":
            await self._messages.post(exchange)
        elif is_service(exchange.path):
            await self._soap.meet(exchange)
        elif exchange.path.startswith(WEBHOOKS):
            await self._webhooks.meet(exchange)
        else:
            await self._other(exchange)

    async def _other(self, exchange: Exchange) -> None:
        """Pages, and `/messages/{id or UUID}` with or without `/answer`."""
        first, *rest = exchange.path.removeprefix("/").split("/")
        page = self._pages.get(exchange.path)
        if page is None and first != "messages":
            raise exchange.misled("PAGE_NOT_FOUND")
        if exchange.path == "/messages" or exchange.method not in {"GET", "HEAD"}:
            raise exchange.misled("METHOD_NOT_ALLOWED")
        match rest:
            case _ if page:
                await page(exchange)
            case [id_]:
                await self._messages.show(exchange, id_)
            case [id_, "answer"]:
                await self._messages.show_answer(exchange, id_)
            case _:
                raise exchange.misled("PAGE_NOT_FOUND")

    async def _live(self, exchange: Exchange) -> None:
        await exchange.answer(200, orjson.dumps({"status": "live"}), JSON)

    async def _ready(self, exchange: Exchange) -> None:
        """Ready: the journal records and can be read. Of applications it is told who answers.

        So it is of the broker: without it messages come by the other doors. The oldest message that
        is kept tells how far back the journal goes.
        """
        await self._bus.ports.journal.check()
        await self._bus.history.find("-")
        applications = self._bus.deployment.applications.values()
        found = await self._bus.probes.findings(applications, PATIENCE)
        language = self._bus.settings.language
        told = {name: finding_to_dict(one, language) for name, one in found.items()}
        ready: dict[str, object] = {"status": "ready", "applications": told}
        if oldest := await self._bus.history.oldest():
            ready["oldest_message"] = time_of(oldest)
        if self._broker:
            ready["broker"] = self._broker.told(language)
        body = orjson.dumps(ready)
        await exchange.answer(200, body, JSON)

    async def _show_metrics(self, exchange: Exchange) -> None:
        body = await self._metrics.render(self._bus.history, self._bus.dispatcher.slots)
        await exchange.answer(200, body, METRICS_TYPE)
