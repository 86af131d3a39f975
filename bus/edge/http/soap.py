"""SOAP `receiveMessage`: the same posts as at `/messages`, at the addresses of the products."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bus.codec.markup import attribute_text
from bus.codec.parser import LONG, Limits, Parser
from bus.codec.soap import Call, Version, read_call, write_answer, write_fault
from bus.core.envelope import Carrier
from bus.core.errors import Fault, Refusal, SenderFault
from bus.edge.http.asgi import Exchange
from bus.edge.http.messages import Messages, advice, headers_of
from bus.wiring import Bus

PATHS = frozenset({"/eaiservice.apw", "/eaiservice", "/eaiservice/mex", "/eai2-ws/eaiservice"})
"""The addresses at which products have their web service, in lower case."""

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

    def __init__(self, bus: Bus, messages: Messages) -> None:
        self._language = bus.settings.language
        self._messages = messages
        self._parser = Parser(Limits(body=bus.settings.max_body))
        self._wsdl = WSDL.read_text("utf-8")

    async def meet(self, exchange: Exchange) -> None:
        """Handle a request to one of the addresses."""
        if exchange.method == "POST":
            await self._post(exchange)
        elif exchange.method in {"GET", "HEAD"} and _asks_for_wsdl(exchange):
            await self._show_wsdl(exchange)
        else:
            details = {"path": exchange.path[:200], "method": exchange.method}
            await exchange.refuse(Fault("METHOD_NOT_ALLOWED", details=details))

    async def _post(self, exchange: Exchange) -> None:
        """Answer a call in its own words; with a Fault where nobody could read them."""
        try:
            body, reception = await self._messages.take(exchange, Carrier.SOAP)
        except Refusal as refusal:
            await self._fail(exchange, refusal.fault, refusal.fault.status)
            return
        if reception.fault and reception.fault.code in UNREADABLE:
            await self._fail(exchange, reception.fault, FAULT_STATUS, *headers_of(reception))
            return
        try:
            call = await self._call(body)
        except SenderFault as refusal:  # only where we failed before anybody read it
            await self._fail(exchange, refusal.fault, FAULT_STATUS)
            return
        answer = write_answer(call, reception.body)
        await exchange.answer(200, answer, MEDIA_TYPES[call.version], headers_of(reception))

    async def _call(self, body: bytes) -> Call:
        if len(body) > LONG:
            return await asyncio.to_thread(read_call, self._parser, body)
        return read_call(self._parser, body)

    async def _fail(
        self, exchange: Exchange, fault: Fault, status: int, *headers: tuple[bytes, bytes]
    ) -> None:
        version = _version_of(exchange)
        reason, remedy = fault.reason(self._language), fault.remedy(self._language)
        where = f" [{fault.path}]" if fault.path else ""
        text = f"{fault.code}: {reason}{where} {remedy}"
        body = write_fault(version, text, ours=fault.status >= FAULT_STATUS)
        await exchange.answer(status, body, MEDIA_TYPES[version], (*headers, *advice(fault)))

    async def _show_wsdl(self, exchange: Exchange) -> None:
        address = attribute_text(exchange.address)
        body = self._wsdl.replace("{address}", address).encode()
        await exchange.answer(200, body, MEDIA_TYPES[Version.SOAP_11])


def _asks_for_wsdl(exchange: Exchange) -> bool:
    asked = exchange.query.lower().partition(b"&")[0].partition(b"=")[0]
    return asked in {b"wsdl", b"singlewsdl"}


def _version_of(exchange: Exchange) -> Version:
    """The version that a caller speaks, by the type of its body."""
    media_type = exchange.header(b"content-type").lower()
    return Version.SOAP_12 if b"application/soap+xml" in media_type else Version.SOAP_11
