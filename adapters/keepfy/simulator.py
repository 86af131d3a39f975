"""A simulated branch of Keepfy: `async with keepfy_simulator(codec, setting) as keepfy`.

It takes unified messages at its address, `?branchId=` with them, answers GraphQL at `/graphql`, and
posts events to the webhook that its setting names as `bus`, in order, each until it is taken.
`POST /simulator/events` has it post one; `POST /simulator/sessions` ends all sessions.

    keepfy.post(order.forecast(labour("M1", material("L1", "kf-item-1", "kf-warehouse-2", 2))))
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aiohttp import web

from adapters.keepfy.simulated.books import Branch
from adapters.keepfy.simulated.outbox import Outbox, PostedEvent
from adapters.keepfy.simulated.questions import Questions
from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct
from adapters.simulation.desk import Setting, hang_up
from adapters.simulation.json_wire import carried_out
from adapters.simulation.simulator import Simulator
from bus.ports.codec import Codec

ROOT = "/unified-message"
NAMES = ("ITEM", "WAREHOUSE", "UNITOFMEASURE", "COSTCENTER", "SELLER", "STOCKLEVEL")
Answer = dict[str, Any]
TOKEN = "access-token"  # noqa: S105 - the name of a header
PROCESSED_ON = "2026-01-31T10:00:00"
UNPROCESSED = frozenset({Conduct.OK_WITHOUT_EFFECT, Conduct.FAIL, Conduct.BUSY, Conduct.REFUSE})


class KeepfySimulator(Simulator):
    """Plays a branch of Keepfy while its context is open."""

    def __init__(
        self, codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
    ) -> None:
        super().__init__(codec, setting, behaviour)
        self.branch = Branch()
        self.questions = Questions(self.branch, self._setting.login)
        self._outbox: Outbox | None = None

    @property
    def graphql(self) -> str:
        """Where it answers GraphQL."""
        return f"{self.root}/graphql"

    @property
    def tries(self) -> int:
        """How often events were posted, taken or not."""
        return self._outbox.tries if self._outbox else 0

    def post(self, event: Mapping[str, Any], bus: str = "") -> asyncio.Future[PostedEvent]:
        """Have an event posted, to a webhook from now on; the future tells what the bus said."""
        if not self._outbox:
            self._outbox = Outbox(bus or self._setting.bus)
        return self._outbox.post(event)

    async def leave(self) -> None:
        """Stop listening, and post no more."""
        await super().leave()
        outbox, self._outbox = self._outbox, None
        if outbox:
            await outbox.close()

    def _path(self) -> str:
        return ROOT

    def _add_pages(self, pages: web.Application) -> None:
        pages.router.add_post("/graphql", self._ask)
        pages.router.add_post("/simulator/events", self._event)
        pages.router.add_post("/simulator/sessions", self._end)

    async def _ask(self, request: web.Request) -> web.Response:
        answer = self.questions.answer(await request.read(), request.headers.get(TOKEN, ""))
        return web.json_response(answer)

    async def _event(self, request: web.Request) -> web.Response:
        try:
            event = json.loads(await request.text())
        except ValueError:
            return web.json_response({"error": "send an event"}, status=400)
        if not self._setting.bus:
            return web.json_response({"error": "--bus is not set"}, status=400)
        said = await self.post(event)
        return web.json_response({"status": said.status, "answer": said.answer})

    async def _end(self, _: web.Request) -> web.Response:
        self.questions.end_sessions()
        return web.json_response({})

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        step = self._behaviour.next()
        if step.do is Conduct.DROP_BEFORE:
            return hang_up(request)
        body = await request.read()
        await asyncio.sleep(step.seconds)
        status, answer = self._answered(request, body, step)
        return _carried_out(request, step, status, answer)

    def _answered(
        self, request: web.Request, body: bytes, step: ScriptedConduct
    ) -> tuple[int, Answer]:
        token = request.headers.get(TOKEN, "")
        if step.do is Conduct.DENY or not self.questions.admits(token):
            return 401, _error("UNAUTHENTICATED", "no access token that is known")
        if step.do is Conduct.TRY_AGAIN:
            return 429, _error("TOO_MANY_REQUESTS", "too many requests")
        if not request.query.get("branchId"):
            return 400, _error("REQUIRED_BRANCH_ID", "branchId is required")
        message = _message(body)
        if message is None:
            return 400, _error("VALIDATION_ERROR", "the body is no unified message")
        if step.do is Conduct.REFUSE:
            return 200, _receipt(message, status="Error", text=step.text)
        ids = [] if step.do in UNPROCESSED else self.branch.take(message)
        if step.do is Conduct.WITHOUT_IDS:
            ids = []
        other = {"UUID": str(uuid.uuid4())} if step.do is Conduct.WRONG_UUID else {}
        return 200, _receipt(message, ids=ids, **other)


def keepfy_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> KeepfySimulator:
    """A branch of Keepfy, which listens while its context is open; its login are key and secret."""
    return KeepfySimulator(codec, setting, behaviour)


def _message(body: bytes) -> Answer | None:
    try:
        told = json.loads(body, parse_float=Decimal)
        header, content = told["Header"], told["Content"]
        good = header["Transaction"] in NAMES and bool(header["UUID"]) and isinstance(content, dict)
    except (ValueError, TypeError, KeyError):
        return None
    return told if good else None


def _receipt(
    message: Answer, ids: object = (), status: str = "OK", text: str = "", **received: str
) -> Answer:
    header = message["Header"]
    details = [{"Code": "BUSINESS_ERROR", "Message": text}] if text else []
    return {
        "Header": {
            "UUID": str(uuid.uuid4()),
            "Type": "Receipt",
            "Transaction": header["Transaction"],
            "SourceApplication": "KEEPFY",
            "ProductName": "KEEPFY",
            "ProductVersion": "1",
            "GeneratedOn": PROCESSED_ON,
            "DeliveryType": "Sync",
        },
        "Content": {
            "ReceivedMessage": {
                "UUID": header["UUID"],
                "Event": header.get("Event", ""),
                "SentBy": header["SourceApplication"],
                **received,
            },
            "ProcessingInformation": {
                "Status": status,
                "ProcessedOn": PROCESSED_ON,
                "Details": details,
            },
            "ReturnContent": {"ListOfInternalId": list(ids) if isinstance(ids, list) else []},
        },
    }


def _error(code: str, text: str) -> Answer:
    return {"code": code, "message": text}


def _carried_out(
    request: web.Request, step: ScriptedConduct, status: int, answer: Answer
) -> web.StreamResponse:
    """The answer, or what the step puts in its place on the wire."""
    body = json.dumps(answer, ensure_ascii=False, default=str).encode()
    wait = {"Retry-After": str(step.retry_after)}
    busy = web.Response(status=503, headers=wait)
    return carried_out(request, step, status, body, busy)
