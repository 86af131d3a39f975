"""The destination: an application that answers every message at once, or keeps silent until told.

It looks for the UUID and fills it into a ready ResponseMessage, of an answer into a receipt: no XML is parsed, so that the time
is the bus's. `PUT /silent` and `PUT /talkative` tell it how to be, `GET /count` what it has seen.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final, cast

from tests.benchmarks.wire import content_length

_ANSWER: Final = """<?xml version="1.0" encoding="UTF-8"?>
<TOTVSMessage>
  <MessageInformation version="1.000">
    <UUID>%s</UUID>
    <Type>Response</Type>
    <Transaction>%s</Transaction>
    <StandardVersion>1.0</StandardVersion>
    <SourceApplication>protheus</SourceApplication>
    <CompanyId>T1</CompanyId>
    <BranchId>D MG 01</BranchId>
    <Product name="PROTHEUS" version="12.1.2210"/>
    <GeneratedOn>2026-03-31T10:20:31</GeneratedOn>
    <DeliveryType>Sync</DeliveryType>
  </MessageInformation>
  <ResponseMessage>
    <ReceivedMessage>
      <SentBy>erp</SentBy>
      <UUID>%s</UUID>
    </ReceivedMessage>
    <ProcessingInformation>
      <ProcessedOn>2026-03-31T10:20:31</ProcessedOn>
      <Status>OK</Status>
    </ProcessingInformation>
    <ReturnContent>
      <ListOfInternalId>
        <InternalId>
          <Name>%sInternalId</Name>
          <Origin>%s</Origin>
          <Destination>T1|D MG 01|%s</Destination>
        </InternalId>
      </ListOfInternalId>
    </ReturnContent>
  </ResponseMessage>
</TOTVSMessage>
"""
_RECEIPT: Final = b"""<TOTVSMessage><MessageInformation version="1.000"><UUID>%b-r</UUID>\
<Type>Receipt</Type><Transaction>%b</Transaction><SourceApplication>erp</SourceApplication>\
<Product name="RM" version="12"/></MessageInformation><ReceiptMessage><ReceivedMessage>\
<SentBy>protheus</SentBy><UUID>%b</UUID></ReceivedMessage></ReceiptMessage></TOTVSMessage>"""
_TEMPLATE: Final = _ANSWER.replace("%s", "%b").encode()


class Sink:
    """What the application remembers: the UUIDs, how often each came, and who waits."""

    def __init__(self) -> None:
        self.posts = 0
        self.seen: set[bytes] = set()
        self.silent = False
        self.waiting: list[tuple[Desk, bytes]] = []

    def take(self, desk: Desk, body: bytes) -> None:
        """Answer a message, or keep it waiting."""
        uuid = _between(body, b"<UUID>", b"</UUID>")
        self.posts += 1
        self.seen.add(uuid)
        if self.silent:
            self.waiting.append((desk, _answer_to(body, uuid)))
        else:
            desk.answer(_answer_to(body, uuid))

    def become(self, *, silent: bool) -> None:
        """Keep silent from now on; or answer, also those who wait."""
        self.silent = silent
        if not silent:
            waiting, self.waiting = self.waiting, []
            for desk, answer in waiting:
                desk.answer(answer)

    def count(self) -> bytes:
        """How many posts came, and of how many messages, as JSON."""
        return json.dumps({"posts": self.posts, "messages": len(self.seen)}).encode()


class Desk(asyncio.Protocol):
    """One connection to the application."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Collect a request."""
        self._got = data = self._got + data if self._got else data
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 or len(data) < end + content_length(data[:end]):
            return
        self._got = b""
        if data.startswith(b"POST "):
            self._sink.take(self, data[end:])
        elif data.startswith(b"PUT "):
            self._sink.become(silent=data.startswith(b"PUT /silent "))
            self.answer(b"{}")
        else:
            self.answer(self._sink.count())

    def answer(self, body: bytes) -> None:
        """Send an answer."""
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )


def _answer_to(body: bytes, uuid: bytes) -> bytes:
    transaction = _between(body, b"<Transaction>", b"</Transaction>")
    if b"<ResponseMessage>" in body:
        return _RECEIPT % (uuid, transaction, uuid)
    id_ = _between(body, b'<key name="InternalId">', b"</key>")
    return _TEMPLATE % (uuid, transaction, uuid, transaction, id_, id_)


def _between(body: bytes, start: bytes, end: bytes) -> bytes:
    at = body.index(start) + len(start)
    return body[at : body.index(end, at)]


async def serve() -> asyncio.Server:
    """An application that listens on a free port."""
    sink = Sink()
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Desk(sink), "127.0.0.1", 0)
