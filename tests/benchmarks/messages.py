"""The messages that are sent: registers of 3 KB, each its own document, ready for the wire.

The contracts so far are smaller than that. So an element that nobody searches by holds a long text,
which stands for the elements that they lack. UnitOfMeasure has none, so it is only validated.
"""

from __future__ import annotations

import base64
import random
import uuid
from html import escape
from string import Template

SIZE = 3_000
"""Bytes of a message."""
SENDER = "erp"
PASSWORD = "wide-open-for-benchmarks"

_HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<TOTVSMessage>
  <MessageInformation version="$version">
    <UUID>$uuid</UUID>
    <Type>BusinessMessage</Type>
    <Transaction>$transaction</Transaction>
    <StandardVersion>1.0</StandardVersion>
    <SourceApplication>erp</SourceApplication>
    <CompanyId>1</CompanyId>
    <BranchId>1</BranchId>
    <Product name="RM" version="12.1.2209"/>
    <GeneratedOn>2026-03-31T10:20:30</GeneratedOn>
    <ContextName>RM</ContextName>
    <DeliveryType>Async</DeliveryType>
  </MessageInformation>
  <BusinessMessage>
    <BusinessEvent>
      <Entity>$transaction</Entity>
      <Event>upsert</Event>
      <Identification><key name="InternalId">$id</key></Identification>
    </BusinessEvent>
"""
_CURRENCY = """    <BusinessContent>
      <CompanyId>$padding</CompanyId>
      <BranchId>1</BranchId>
      <CompanyInternalID>1|1</CompanyInternalID>
      <Code>$code</Code>
      <InternalId>$id</InternalId>
      <Description>Moeda de demonstração $code</Description>
      <Symbol>US$$</Symbol>
      <DecimalPlaces>2</DecimalPlaces>
    </BusinessContent>
"""
_UNIT = """    <BusinessContent>
      <Code>$code</Code>
      <InternalId>$id</InternalId>
      <Description>$padding</Description>
    </BusinessContent>
"""
_ITEM = """    <BusinessContent>
      <CompanyId>1</CompanyId>
      <BranchId>1</BranchId>
      <CompanyInternalId>1|1</CompanyInternalId>
      <Code>$code</Code>
      <InternalId>$id</InternalId>
      <Name>Item de demonstração $code</Name>
      <Active>true</Active>
      <UnitOfMeasureCode>UN</UnitOfMeasureCode>
      <UnitOfMeasureInternalId>UN</UnitOfMeasureInternalId>
      <ListOfComercialFamilyItem/>
    </BusinessContent>
"""
_END = """  </BusinessMessage>
</TOTVSMessage>
"""
_KINDS = {
    "Currency": ("2.001", Template(_HEADER + _CURRENCY + _END)),
    "UnitOfMeasure": ("2.000", Template(_HEADER + _UNIT + _END)),
    # As RM sends it: whoever saves an item waits for what its reader says.
    "Item": ("4.005", Template(_HEADER.replace("Async", "Sync") + _ITEM + _END)),
}
_WORDS = "Textos de um cadastro com acentuação, usado pelas filiais em pedidos e notas. "


TRANSACTIONS = tuple(_KINDS)
"""The transactions of which messages can be made."""


class Messages:
    """An endless supply of messages, no two alike; the same ones for the same seed.

    `first` is the number before that of the first document.
    """

    def __init__(self, seed: int = 1, transaction: str = TRANSACTIONS[0], first: int = 0) -> None:
        self._chance = random.Random(seed)
        self._transaction = transaction
        self._version, self._template = _KINDS[transaction]
        self._made = first

    def bodies(self, count: int) -> list[bytes]:
        """The next messages."""
        return [self._next() for _ in range(count)]

    def posts(self, count: int) -> list[bytes]:
        """The next messages, each as a whole HTTP request of the sender."""
        return [_post(body) for body in self.bodies(count)]

    def calls(self, count: int) -> list[bytes]:
        """The next messages, each in a SOAP call, escaped, as a whole HTTP request."""
        return [_call(body) for body in self.bodies(count)]

    def _next(self) -> bytes:
        self._made += 1
        fields = {
            "uuid": str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            "transaction": self._transaction,
            "version": self._version,
            "id": f"50|{self._made:06d}",
            "code": f"{self._made % 1000:03d}",
        }
        unpadded = self._template.substitute(fields, padding="").encode()
        padding = _padding(SIZE - len(unpadded))
        return self._template.substitute(fields, padding=padding).encode()


def _padding(size: int) -> str:
    words = (_WORDS * (size // len(_WORDS) + 1)).encode()[:size]
    return words.decode("utf-8", "ignore")


def _post(body: bytes, path: str = "/messages", media_type: str = "application/xml") -> bytes:
    """The HTTP request that posts a message to the bus."""
    login = base64.b64encode(f"{SENDER}:{PASSWORD}".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bus.example\r\nUser-Agent: erp\r\n"
        f"Authorization: Basic {login}\r\nContent-Type: {media_type}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _call(body: bytes) -> bytes:
    """The HTTP request that calls receiveMessage with a message."""
    text = escape(body.decode())
    envelope = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<receiveMessage xmlns="http://www.totvs.com/"><inMsg>{text}</inMsg></receiveMessage>'
        "</soap:Body></soap:Envelope>"
    )
    return _post(envelope.encode(), "/EAISERVICE.apw", "text/xml")
