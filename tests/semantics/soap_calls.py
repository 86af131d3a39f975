"""Calls of receiveMessage, and their answers taken apart."""

from __future__ import annotations

from html import escape
from io import BytesIO

import aiohttp
from lxml import etree

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
TYPES = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}
TOTVS, TEMPURI = "http://www.totvs.com/", "http://tempuri.org/"


def call(
    message: str,
    operation: str = "receiveMessage",
    parameter: str = "inMsg",
    namespace: str = TOTVS,
    soap: str = SOAP_11,
) -> bytes:
    """A call that carries a text that is already escaped, or CDATA."""
    return (
        f'<s:Envelope xmlns:s="{soap}"><s:Header/><s:Body><{operation} xmlns="{namespace}">'
        f"<{parameter}>{message}</{parameter}></{operation}></s:Body></s:Envelope>"
    ).encode()


def escaped(message: bytes) -> str:
    """A message as text of an element."""
    return escape(message.decode(), quote=False)


def cdata(message: bytes) -> str:
    """A message as a CDATA section."""
    return f"<![CDATA[{message.decode()}]]>"


class Answered:
    """An answer over HTTP, taken apart."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.status, self.body, self.headers = status, body, headers
        self.envelope = etree.fromstring(body)
        self.content = self.envelope[0][0]

    @property
    def names(self) -> list[str]:
        """The tags of the answer and its result."""
        return [str(self.content.tag), str(self.content[0].tag)]

    @property
    def result(self) -> bytes:
        """The text of the result."""
        return (self.content[0].text or "").encode()

    @property
    def fault(self) -> str:
        """The words of the Fault."""
        assert etree.QName(self.content).localname == "Fault"
        return " ".join(str(text) for text in self.content.itertext())


async def post_to(
    http: aiohttp.ClientSession, url: str, body: bytes, soap: str = SOAP_11
) -> Answered:
    """Post bytes to a SOAP address."""
    headers = {"Content-Type": TYPES[soap]}
    async with http.post(url, data=BytesIO(body), headers=headers) as response:
        fields = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status, await response.read(), fields)
