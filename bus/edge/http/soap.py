"""SOAP `receiveMessage`: standard messages in calls, at the addresses of the products."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bus.codec.markup import attribute_text
from bus.codec.parser import LONG, Limits, Parser
from bus.codec.soap import Manner, Opened, Version, open_call, write_answer, write_fault
from bus.config import Settings
from bus.core.envelope import Carrier
from bus.core.errors import Fault, Refusal
from bus.edge.http.asgi import Exchange, Headers, advice
from bus.edge.http.messages import headers_of
from bus.edge.intake import Intake

SERVICE = "/eaiservice"
"""What the addresses have in common at which products have their web service, in lower case.

`/EAISERVICE.apw`, `/ws/EAISERVICE.apw`, `/EAIService/MEX`, `/eai2-ws/EAIService`, `.asmx`: proxies
and clients put more before and behind it.
"""
OF_RM = ("/eaiservice", "/eaiservice/mex")
"""How the addresses of RM's service end, whose clients know its answers to the letter."""
OF_ANOTHER = "/eai2-ws/"
OTHERS = ("/messages/", "/health/")
"""How addresses begin that are no web service, whatever is in them."""

# What these say of a body, it is no TOTVSMessage in SOAP. All else is told in a ResponseMessage.
UNREADABLE = frozenset(
    {
        "BAD_ENCODING",
        "DOCTYPE_REFUSED",
        "MALFORMED_XML",
        "NOT_A_STANDARD_MESSAGE",
        "NOT_SOAP",
        "TOO_COMPLEX",
        "TOO_LARGE",
        "WRAPPED_TWICE",
    }
)
FAULT_STATUS = 500
MEDIA_TYPES = {
    Version.SOAP_11: b"text/xml; charset=utf-8",
    Version.SOAP_12: b"application/soap+xml; charset=utf-8",
}
WSDL = Path(__file__).with_name("eai_service.wsdl")


class SoapDoor:
    """Takes calls of receiveMessage, and says how to call it."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._parser = Parser(Limits(body=settings.max_body))
        self._public = settings.public_address
        self._wsdl = WSDL.read_text("utf-8")

    async def meet(self, exchange: Exchange) -> None:
        """Handle a request to one of the addresses."""
        if exchange.method == "POST":
            await self._post(exchange)
        elif exchange.method in {"GET", "HEAD"} and _asks_for_wsdl(exchange):
            await self._show_wsdl(exchange)
        else:
            raise exchange.misled("METHOD_NOT_ALLOWED")

    async def _post(self, exchange: Exchange) -> None:
        """Answer a call in its own words; with a Fault where nobody could read them."""
        try:
            async with self._intake.admit(exchange.arrival(Carrier.SOAP)) as post:
                opened = await self._open(post.body)
                whole = replace(post, carried=opened.carried)
                result = await self._intake.take_unless(exchange.gone, whole)
        except Refusal as refusal:
            await self._fail(exchange, refusal.fault, refusal.fault.status, advice(refusal.fault))
            return
        if result is None:
            return
        call, headers = opened.call, headers_of(result)
        fault = result.fault or next(iter(opened.carried.faults), None)
        if fault and (call is None or fault.code in UNREADABLE):
            await self._fail(exchange, fault, FAULT_STATUS, headers)
        elif call:
            answer = write_answer(call, result.body, _manner_at(exchange.path))
            await exchange.answer(200, answer, MEDIA_TYPES[call.version], headers)

    async def _open(self, body: bytes) -> Opened:
        """The call that a body holds; a long one is read beside the event loop."""
        if len(body) > LONG:
            return await asyncio.to_thread(open_call, self._parser, body)
        return open_call(self._parser, body)

    async def _fail(self, exchange: Exchange, fault: Fault, status: int, headers: Headers) -> None:
        version, language = _version_of(exchange), exchange.language
        where = f" [{fault.path}]" if fault.path else ""
        text = f"{fault.code}: {fault.reason(language)}{where} {fault.remedy(language)}"
        body = write_fault(version, text, language, ours=fault.status >= FAULT_STATUS)
        await exchange.answer(status, body, MEDIA_TYPES[version], headers)

    async def _show_wsdl(self, exchange: Exchange) -> None:
        address = attribute_text(exchange.address(self._public))
        body = self._wsdl.replace("{address}", address).encode()
        await exchange.answer(200, body, MEDIA_TYPES[Version.SOAP_11])


def is_service(path: str) -> bool:
    """Whether an address is one at which a product would have its web service."""
    lower = path.lower()
    return SERVICE in lower and not lower.startswith(OTHERS)


def _manner_at(path: str) -> Manner:
    lower = path.lower().rstrip("/")
    of_rm = lower.endswith(OF_RM) and OF_ANOTHER not in lower
    return Manner.WCF if of_rm else Manner.USUAL


def _asks_for_wsdl(exchange: Exchange) -> bool:
    asked = exchange.query.lower().partition(b"&")[0].partition(b"=")[0]
    return asked in {b"wsdl", b"singlewsdl"}


def _version_of(exchange: Exchange) -> Version:
    """The version that a caller speaks, by the type of its body."""
    media_type = exchange.header(b"content-type").lower()
    return Version.SOAP_12 if b"application/soap+xml" in media_type else Version.SOAP_11
