"""The desk of a simulated application: takes a message, processes it or not, answers or not."""

from __future__ import annotations

import asyncio
import base64
import html
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from aiohttp import ClientError, ClientSession, web

from adapters.http_xml.behaviour import Conduct, Step
from adapters.http_xml.ledger import Effect, Ledger
from bus.core.envelope import BusinessEvent, Envelope, MessageType, Status
from bus.core.errors import SenderFault
from bus.core.route import Credentials
from bus.ports import Codec, Document, Reply

XML = {"Content-Type": "application/xml; charset=utf-8"}
PATIENCE = 0.2  # s between two tries to bring a late response to the bus
PAGE = "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1><p>{text}</p></body></html>"

# What the application says; the codec makes an answer to the message of it.
RESPONSE = """\
<TOTVSMessage><MessageInformation><SourceApplication>{name}</SourceApplication>\
<Product name="{product}" version="1.000"/></MessageInformation><ResponseMessage>\
<ProcessingInformation><ProcessedOn>{on}</ProcessedOn><Status>{status}</Status>{notes}\
</ProcessingInformation>{ids}</ResponseMessage></TOTVSMessage>"""
NOTE = '<ListOfMessages><Message type="ERROR" code="1">{text}</Message></ListOfMessages>'
IDS = """\
<ReturnContent><ListOfInternalId><InternalId><Name>{transaction}</Name><Origin>{origin}</Origin>\
<Destination>{destination}</Destination></InternalId></ListOfInternalId></ReturnContent>"""


@dataclass(frozen=True, slots=True)
class Setting:
    """Which application is played; its name is its SourceApplication too.

    `login` is what it demands; `bus` is where late responses go, with `credentials` (empty: they
    never come). A repeated upsert of a transaction in `registers` updates. `ledger` outlives the
    process.
    """

    name: str = "simulated"
    host: str = "127.0.0.1"
    port: int = 0
    ledger: Path | None = None
    login: Credentials | None = None
    bus: str = ""
    credentials: Credentials | None = None
    registers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Visit:
    """One message that came in, and how to meet it."""

    request: web.Request
    document: Document
    step: Step


class Desk:
    """Meets messages as told, and notes in the ledger what it processed."""

    def __init__(self, codec: Codec, setting: Setting, ledger: Ledger) -> None:
        self._codec = codec
        self._setting = setting
        self._ledger = ledger
        self._late: set[asyncio.Task[None]] = set()
        self.heard: list[str] = []

    async def meet(self, request: web.Request, step: Step) -> web.StreamResponse:
        """Take the message of a request, and do with it as the step says."""
        if step.do is Conduct.DROP_BEFORE:
            return _hang_up(request)
        if step.do is Conduct.DENY or not self._admits(request):
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
        try:
            document = self._codec.read(await request.read())
        except SenderFault as fault:
            return web.Response(status=400, text=str(fault))
        self.heard.append(document.envelope.header.uuid)
        return await self._CONDUCTS[step.do](self, _Visit(request, document, step))

    async def close(self) -> None:
        """Give up responses that the bus has not taken."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _admits(self, request: web.Request) -> bool:
        login = self._setting.login
        return not login or request.headers.get("Authorization") == _basic(login)

    async def _answer(self, visit: _Visit) -> web.StreamResponse:
        body = self._process(visit)
        await asyncio.sleep(visit.step.seconds)
        return web.Response(body=body, headers=XML)

    async def _receipt(self, visit: _Visit) -> web.StreamResponse:
        response = self._process(visit)
        if self._setting.bus:
            task = asyncio.create_task(self._respond_later(response, visit.step.seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        receipt = self._codec.receipt(visit.document.envelope, str(uuid.uuid4()), _now())
        return web.Response(body=receipt, headers=XML)

    async def _twice(self, visit: _Visit) -> web.StreamResponse:
        answer = _over_the_wire(self._process(visit))
        return _hang_up(visit.request, answer + answer)

    async def _empty(self, visit: _Visit) -> web.StreamResponse:
        self._process(visit)
        return web.Response()

    async def _page(self, visit: _Visit) -> web.StreamResponse:
        self._process(visit)
        page = PAGE.format(text=html.escape(visit.step.text))
        return web.Response(status=502, text=page, content_type="text/html")

    async def _cut(self, visit: _Visit) -> web.StreamResponse:
        answer = _over_the_wire(self._process(visit))
        return _hang_up(visit.request, answer[: len(answer) * 3 // 4])

    async def _wrong_uuid(self, visit: _Visit) -> web.StreamResponse:
        self._process(visit)
        envelope = visit.document.envelope
        other = replace(envelope, header=replace(envelope.header, uuid=str(uuid.uuid4())))
        return web.Response(body=self._say(other), headers=XML)

    async def _drop_after(self, visit: _Visit) -> web.StreamResponse:
        self._process(visit)
        await asyncio.sleep(visit.step.seconds)
        return _hang_up(visit.request)

    async def _refuse(self, visit: _Visit) -> web.StreamResponse:
        notes = _filled(NOTE, text=visit.step.text)
        await asyncio.sleep(visit.step.seconds)
        body = self._say(visit.document.envelope, status=Status.ERROR, notes=notes)
        return web.Response(body=body, headers=XML)

    async def _fail(self, visit: _Visit) -> web.StreamResponse:
        return web.Response(status=500, text=visit.step.text)

    async def _busy(self, visit: _Visit) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": str(visit.step.retry_after)})

    def _process(self, visit: _Visit) -> bytes:
        """Note the message in the ledger, and write the answer to it."""
        entry = self._ledger.process(visit.document, self._internal_id(visit.document))
        if entry.effect is Effect.ANSWERED:
            return self._say(visit.document.envelope)
        pair = {"origin": entry.internal_id, "destination": entry.destination}
        ids = _filled(IDS, transaction=entry.transaction, **pair)
        return self._say(visit.document.envelope, ids=ids)

    def _say(
        self, to: Envelope, *, status: Status = Status.OK, notes: str = "", ids: str = ""
    ) -> bytes:
        now = _now()
        original = RESPONSE.format(
            name=html.escape(self._setting.name),
            product=html.escape(self._setting.name.upper()),
            on=datetime.fromtimestamp(now // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            status=status,
            notes=notes,
            ids=ids,
        )
        return self._codec.reply(Reply(to, str(uuid.uuid4()), now, original=original.encode()))

    def _internal_id(self, document: Document) -> str:
        envelope = document.envelope
        if envelope.header.type is not MessageType.BUSINESS:
            return ""
        (found,) = self._codec.values(document, ("InternalId",))
        if found or not isinstance(envelope.business, BusinessEvent):
            return found
        keys = {name.casefold(): value for name, value in envelope.business.keys}
        return keys.get("internalid", "")

    async def _respond_later(self, response: bytes, seconds: float) -> None:
        """Bring the response to the bus, again and again until it has it."""
        credentials = self._setting.credentials
        headers = {**XML, **({"Authorization": _basic(credentials)} if credentials else {})}
        wait = seconds
        async with ClientSession(headers=headers) as session:
            while True:
                await asyncio.sleep(wait)
                if await _taken(session, self._setting.bus, response):
                    return
                wait = PATIENCE

    _CONDUCTS: ClassVar = {
        Conduct.ANSWER: _answer,
        Conduct.RECEIPT: _receipt,
        Conduct.TWICE: _twice,
        Conduct.EMPTY: _empty,
        Conduct.PAGE: _page,
        Conduct.CUT: _cut,
        Conduct.WRONG_UUID: _wrong_uuid,
        Conduct.DROP_AFTER: _drop_after,
        Conduct.REFUSE: _refuse,
        Conduct.FAIL: _fail,
        Conduct.BUSY: _busy,
    }


async def _taken(session: ClientSession, address: str, response: bytes) -> bool:
    try:
        async with session.post(address, data=response) as answer:
            return answer.status < 500  # noqa: PLR2004 - what the bus refuses, it refuses for good
    except (ClientError, OSError):
        return False


def _filled(template: str, **texts: str) -> str:
    return template.format(**{name: html.escape(text) for name, text in texts.items()})


def _over_the_wire(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _hang_up(request: web.Request, last_words: bytes = b"") -> web.StreamResponse:
    """End the connection, after a few raw bytes; the response returned goes nowhere."""
    if request.transport:
        request.transport.write(last_words)
        request.transport.close()
    return web.Response()


def _basic(login: Credentials) -> str:
    return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()


def _now() -> int:
    return time.time_ns() // 1000  # noqa: TID251 - an application has a clock of its own
