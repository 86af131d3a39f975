"""The conversations that whoever offers `receiveMessage` is held to: the bus, and simulated ERPs.

A test subclasses `EaiServiceSuite` and gives the fixture `service`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
import pytest
import requests
import zeep
from requests.auth import HTTPBasicAuth

from bus import demo
from bus.core.envelope import Response, Status
from bus.wiring import open_codec
from tests.semantics.soap_calls import (
    SOAP_11,
    TEMPURI,
    TOTVS,
    Answered,
    call,
    cdata,
    escaped,
    post_to,
)


@dataclass(frozen=True)
class EaiService:
    """Where a service is, the login that it demands, and the operation in its WSDL."""

    url: str
    login: tuple[str, str]
    operation: str = "receiveMessage"

    async def post(self, body: bytes, login: tuple[str, str] | None = None) -> Answered:
        """Post bytes, logged in."""
        headers = {"Authorization": aiohttp.encode_basic_auth(*(login or self.login))}
        async with aiohttp.ClientSession(headers=headers) as http:
            return await post_to(http, self.url, body)

    def client(self, wsdl: str) -> zeep.Client:
        """A client made from its WSDL."""
        session = requests.Session()
        session.auth = HTTPBasicAuth(*self.login)
        return zeep.Client(self.url + wsdl, transport=zeep.transports.Transport(session=session))


def unit(uuid: str, mode: str = "Sync", **fields: str) -> bytes:
    """An upsert of a unit of measure by RM."""
    given = {"code": "CX", "id": "1|CX", "description": "Caixa"} | fields
    now = "2026-01-31T12:00:00"
    return demo.message("unit", uuid=uuid, mode=mode, generated_on=now, **given)


def response_in(answered: Answered) -> Response:
    """The ResponseMessage in a result, which came with 200."""
    assert answered.status == 200
    response = open_codec().parse_answer(answered.result).response
    assert response
    return response


class EaiServiceSuite:
    """Subclass it as `Test...`."""

    @pytest.mark.parametrize("wsdl", ["?wsdl", "?WSDL", "?singleWsdl"])
    async def test_a_client_made_from_the_wsdl(self, service: EaiService, wsdl: str) -> None:
        """A client that reads the WSDL calls the operation and is answered about its message."""

        def ask() -> str:
            made = service.client(wsdl)
            return str(made.service[service.operation](unit("z-1").decode()))

        response = open_codec().parse_answer((await asyncio.to_thread(ask)).encode()).response

        assert response
        assert (response.received_uuid, response.status) == ("z-1", Status.OK)
        assert response.ids[0].origin == "1|CX"
        assert response.ids[0].destination

    @pytest.mark.parametrize("carried", [escaped, cdata], ids=["escaped", "cdata"])
    @pytest.mark.parametrize(
        ("operation", "parameter", "namespace"),
        [
            ("RECEIVEMESSAGE", "INMSG", TOTVS),
            ("receiveMessage", "inMsg", TEMPURI),
            ("receiveMessage", "pXmlDocument", "http://www.totvs.com"),
            ("ReceiveMessage", "xml", ""),
        ],
    )
    async def test_any_spelling_is_read(
        self,
        service: EaiService,
        operation: str,
        parameter: str,
        namespace: str,
        carried: object,
    ) -> None:
        """Namespace, letter case, parameter and carriage do not matter."""
        assert callable(carried)
        body = call(carried(unit("u-1")), operation, parameter, namespace)

        response = response_in(await service.post(body))

        assert (response.received_uuid, response.status) == ("u-1", Status.OK)

    async def test_a_message_that_stands_there_as_xml(self, service: EaiService) -> None:
        """A message that is neither escaped nor CDATA is taken too."""
        bare = unit("u-2").decode().partition("?>")[2]

        assert response_in(await service.post(call(bare))).received_uuid == "u-2"

    @pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "nonsense"])
    async def test_the_inner_declaration_tells_nothing(
        self, service: EaiService, declared: str
    ) -> None:
        """SOAP has decoded the text, whatever the message declares."""
        message = unit("u-3", description="Peça").decode().partition("?>")[2]
        declaration = f'<?xml version="1.0" encoding="{declared}"?>'

        response = response_in(await service.post(call(cdata((declaration + message).encode()))))

        assert response.status is Status.OK

    async def test_an_asynchronous_message_is_taken(self, service: EaiService) -> None:
        """It is answered by a receipt or, at once, by its response."""
        answered = await service.post(call(cdata(unit("u-4", mode="Async"))))
        document = open_codec().parse(answered.result)
        said = document.envelope.receipt or document.envelope.response

        assert answered.status == 200
        assert said
        assert said.received_uuid == "u-4"

    async def test_a_mistake_in_the_content_is_an_answer(self, service: EaiService) -> None:
        """A unit without code is refused by a ResponseMessage with 200, which says why."""
        message = unit("u-5", mode="Sync").replace(
            b"<Code>CX</Code>", b"<Code>TOO-LONG-A-CODE</Code>"
        )
        message = message.replace(b"<Description>Caixa</Description>", b"")

        response = response_in(await service.post(call(escaped(message))))

        assert response.status is Status.ERROR
        assert response.received_uuid == "u-5"
        assert response.notes[0].text

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"OK",
            b'{"a": 1}',
            unit("f-1"),
            f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body/></s:Envelope>'.encode(),
            call("x", operation="sendMessage"),
            call("&lt;TOTVSMessage&gt;"),
            b"<!DOCTYPE a>" + call(escaped(unit("f-2"))),
        ],
    )
    async def test_what_is_no_message_in_soap_is_a_fault(
        self, service: EaiService, body: bytes
    ) -> None:
        """HTTP 500 with a Fault that says so."""
        answered = await service.post(body)

        assert answered.status == 500
        assert answered.fault

    async def test_a_call_without_a_message(self, service: EaiService) -> None:
        """A Fault too."""
        answered = await service.post(call(""))

        assert answered.status == 500
        assert answered.fault

    async def test_who_is_not_known_is_not_heard(self, service: EaiService) -> None:
        """Without the right password: 401."""
        headers = {"Authorization": aiohttp.encode_basic_auth(service.login[0], "wrong")}
        body = call(escaped(unit("f-3")))
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(service.url, data=body) as answer,
        ):
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Basic")

    async def test_only_the_wsdl_is_got(self, service: EaiService) -> None:
        """A GET that does not ask for the WSDL gets none."""
        async with aiohttp.ClientSession() as http, http.get(service.url) as answer:
            assert answer.status in {404, 405}
