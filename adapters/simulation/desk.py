"""The desk of a simulated application: takes a message, has it processed or not, answers or not."""

from __future__ import annotations

import asyncio
import html
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from aiohttp import web

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.carrier import Bring, PlainCarrier, SimulatedCarrier, basic
from adapters.simulation.clerk import Clerk, ClerkAnswer
from bus.core.envelope import DeliveryMode, Envelope, InternalIdPair, Status
from bus.core.errors import SenderFault
from bus.core.route import Credentials
from bus.ports.codec import Codec, Document, Reply

PATIENCE = 0.2  # s between two tries to bring a late response to the bus
PAGE = "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1><p>{text}</p></body></html>"
NOTHING_CAME = "Document is empty"
ANOTHER, STRANGE = "WhoIs", "UnheardOf"
LOCKED = "Mensagem não processada. Tente novamente"

# What the application says; the codec makes an answer to the message of it.
RESPONSE = """\
<TOTVSMessage><MessageInformation><SourceApplication>{name}</SourceApplication>\
<Product name="{product}" version="{version}"/></MessageInformation><ResponseMessage>\
<ProcessingInformation><ProcessedOn>{on}</ProcessedOn><Status>{status}</Status>{notes}\
</ProcessingInformation>{content}</ResponseMessage></TOTVSMessage>"""
NOTE = '<ListOfMessages><Message type="ERROR" code="1">{text}</Message></ListOfMessages>'
RETURN = "<ReturnContent>{content}</ReturnContent>"
IDS = "<ListOfInternalId>{pairs}</ListOfInternalId>"
PAIR = """\
<InternalId><Name>{name}</Name><Origin>{origin}</Origin>\
<Destination>{destination}</Destination></InternalId>"""


@dataclass(frozen=True, slots=True)
class Setting:
    """Which application is played; its name is its SourceApplication too.

    `product` is the trade name (empty: the name in capitals). `login` is what it demands; `bus` is
    where it sends, with `credentials` (empty: late responses never come). With `receipts` an
    asynchronous message is answered by a receipt, and by its response later. A repeated upsert of
    a transaction in `registers` updates. `ledger` outlives the process.
    """

    name: str = "simulated"
    product: str = ""
    product_version: str = "1.000"
    host: str = "127.0.0.1"
    port: int = 0
    ledger: Path | None = None
    login: Credentials | None = None
    bus: str = ""
    credentials: Credentials | None = None
    receipts: bool = False
    registers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Visit:
    """One message that came in, and how to meet it."""

    request: web.Request
    document: Document
    step: ScriptedConduct


class SimulatedDesk:
    """Meets messages as told, and has the clerk process what is to be processed."""

    def __init__(
        self,
        codec: Codec,
        setting: Setting,
        clerk: Clerk,
        wrapping: SimulatedCarrier | None = None,
        bring: Bring | None = None,
    ) -> None:
        self._codec = codec
        self._setting = setting
        self._clerk = clerk
        self._wrapping: SimulatedCarrier = wrapping or PlainCarrier()
        self._bring = bring
        self._late: set[asyncio.Task[None]] = set()
        self.heard: list[str] = []

    async def meet(self, request: web.Request, step: ScriptedConduct) -> web.StreamResponse:
        """Take the message of a request, and do with it as the step says."""
        if step.do is Conduct.DROP_BEFORE:
            return hang_up(request)
        if step.do is Conduct.DENY or not self.admits(request):
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
        body = await request.read()
        if self._wrapping.is_empty(body):
            said = ClerkAnswer(Status.ERROR, NOTHING_CAME)
            return self._sent(self._wrapping.wrap(self._original(said).encode()))
        try:
            document = await self._wrapping.read(self._codec, body)
        except SenderFault as fault:
            return self._wrapping.unreadable(fault)
        header = document.envelope.header
        self.heard.append(header.uuid)
        is_async = header.delivery is DeliveryMode.ASYNC
        do = step.do
        if do is Conduct.ANSWER and is_async and self._setting.receipts:
            do = Conduct.RECEIPT
        return await self._CONDUCTS[do](self, _Visit(request, document, step))

    def admits(self, request: web.Request) -> bool:
        """Whether a request brings the login that is demanded."""
        login = self._setting.login
        return not login or request.headers.get("Authorization") == basic(login)

    async def close(self) -> None:
        """Give up responses that the bus has not taken."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _answer(self, visit: _Visit) -> web.StreamResponse:
        body = await self._process(visit)
        await asyncio.sleep(visit.step.seconds)
        return self._sent(body)

    async def _ok_without_effect(self, visit: _Visit) -> web.StreamResponse:
        said = self._clerk.pretend(visit.document)
        return self._sent(await self._worded(visit.document.envelope, said))

    async def _receipt(self, visit: _Visit) -> web.StreamResponse:
        response = await self._said(visit.document.envelope, self._clerk.process(visit.document))
        if self._bring:
            task = asyncio.create_task(self._respond_later(response, visit.step.seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        receipt = self._codec.reply(
            Reply(visit.document.envelope, str(uuid.uuid4()), now(), status=None)
        )
        return self._sent(self._wrapping.wrap(receipt))

    async def _twice(self, visit: _Visit) -> web.StreamResponse:
        answer = self._over_the_wire(await self._process(visit))
        return hang_up(visit.request, answer + answer)

    async def _empty(self, visit: _Visit) -> web.StreamResponse:
        await self._process(visit)
        return web.Response()

    async def _page(self, visit: _Visit) -> web.StreamResponse:
        await self._process(visit)
        page = PAGE.format(text=html.escape(visit.step.text))
        return web.Response(status=502, text=page, content_type="text/html")

    async def _cut(self, visit: _Visit) -> web.StreamResponse:
        answer = self._over_the_wire(await self._process(visit))
        return hang_up(visit.request, answer[: len(answer) * 3 // 4])

    async def _wrong_uuid(self, visit: _Visit) -> web.StreamResponse:
        said = self._clerk.process(visit.document)
        envelope = visit.document.envelope
        other = envelope._replace(header=envelope.header._replace(uuid=str(uuid.uuid4())))
        return self._sent(self._wrapping.wrap(await self._said(other, said)))

    async def _another_transaction(self, visit: _Visit) -> web.StreamResponse:
        said = self._clerk.process(visit.document)
        envelope = visit.document.envelope
        other = envelope._replace(header=envelope.header._replace(transaction=ANOTHER))
        return self._sent(self._wrapping.wrap(await self._said(other, said)))

    async def _without_ids(self, visit: _Visit) -> web.StreamResponse:
        said = replace(self._clerk.process(visit.document), ids=())
        return self._sent(await self._worded(visit.document.envelope, said))

    async def _strange_ids(self, visit: _Visit) -> web.StreamResponse:
        said = self._clerk.process(visit.document)
        strange = tuple(
            replace(one, name=STRANGE, destination=one.destination.ljust(300, "0"))
            for one in said.ids
        )
        return self._sent(await self._worded(visit.document.envelope, replace(said, ids=strange)))

    async def _drop_after(self, visit: _Visit) -> web.StreamResponse:
        await self._process(visit)
        await asyncio.sleep(visit.step.seconds)
        return hang_up(visit.request)

    async def _refuse(self, visit: _Visit) -> web.StreamResponse:
        return await self._say_no(visit, visit.step.text)

    async def _try_again(self, visit: _Visit) -> web.StreamResponse:
        return await self._say_no(visit, LOCKED)

    async def _fail(self, visit: _Visit) -> web.StreamResponse:
        return self._wrapping.failure(visit.step.text)

    async def _busy(self, visit: _Visit) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": str(visit.step.retry_after)})

    async def _say_no(self, visit: _Visit, text: str) -> web.StreamResponse:
        await asyncio.sleep(visit.step.seconds)
        return self._sent(
            await self._worded(visit.document.envelope, ClerkAnswer(Status.ERROR, text))
        )

    async def _process(self, visit: _Visit) -> bytes:
        """Have the message processed: the body that answers it."""
        return await self._worded(visit.document.envelope, self._clerk.process(visit.document))

    async def _worded(self, to: Envelope, said: ClerkAnswer) -> bytes:
        return self._wrapping.wrap(said.text.encode() if said.bare else await self._said(to, said))

    async def _said(self, to: Envelope, said: ClerkAnswer) -> bytes:
        """The ResponseMessage that says it."""
        answer = await self._codec.read_answer(self._original(said).encode())
        return answer.write(to, str(uuid.uuid4()), now())

    def _original(self, said: ClerkAnswer) -> str:
        """A ResponseMessage that says it, and not of which message."""
        content = said.content + _listed(said.ids)
        return RESPONSE.format(
            name=html.escape(self._setting.name),
            product=html.escape(self._setting.product or self._setting.name.upper()),
            version=html.escape(self._setting.product_version),
            on=datetime.fromtimestamp(now() // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            status=said.status,
            notes=_filled(NOTE, text=said.text) if said.text else "",
            content=RETURN.format(content=content) if content else "",
        )

    def _sent(self, body: bytes) -> web.Response:
        media_type = f"{self._wrapping.media_type}; charset=utf-8"
        return web.Response(body=body, headers={"Content-Type": media_type})

    def _over_the_wire(self, body: bytes) -> bytes:
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {self._wrapping.media_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _respond_later(self, response: bytes, seconds: float) -> None:
        """Bring the response to the bus, again and again until it has it."""
        wait = seconds
        while self._bring:
            await asyncio.sleep(wait)
            if await self._bring(response):
                return
            wait = PATIENCE

    _CONDUCTS: ClassVar = {
        Conduct.ANSWER: _answer,
        Conduct.OK_WITHOUT_EFFECT: _ok_without_effect,
        Conduct.RECEIPT: _receipt,
        Conduct.TWICE: _twice,
        Conduct.EMPTY: _empty,
        Conduct.PAGE: _page,
        Conduct.CUT: _cut,
        Conduct.WRONG_UUID: _wrong_uuid,
        Conduct.ANOTHER_TRANSACTION: _another_transaction,
        Conduct.WITHOUT_IDS: _without_ids,
        Conduct.STRANGE_IDS: _strange_ids,
        Conduct.DROP_AFTER: _drop_after,
        Conduct.REFUSE: _refuse,
        Conduct.TRY_AGAIN: _try_again,
        Conduct.FAIL: _fail,
        Conduct.BUSY: _busy,
    }


def now() -> int:
    """The application's own clock: µs since 1970."""
    return time.time_ns() // 1000  # noqa: TID251 - an application has a clock of its own


def _listed(ids: tuple[InternalIdPair, ...]) -> str:
    return IDS.format(pairs="".join(map(_pair, ids))) if ids else ""


def _pair(pair: InternalIdPair) -> str:
    return _filled(PAIR, name=pair.name, origin=pair.origin, destination=pair.destination)


def _filled(template: str, **texts: str) -> str:
    return template.format(**{name: html.escape(text) for name, text in texts.items()})


def hang_up(request: web.Request, last_words: bytes = b"") -> web.StreamResponse:
    """End the connection, after a few raw bytes; the response returned goes nowhere."""
    if request.transport:
        request.transport.write(last_words)
        request.transport.close()
    return web.Response()
