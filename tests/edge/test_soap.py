"""SOAP receiveMessage over real HTTP: what products call, and what nobody should."""

from __future__ import annotations

import asyncio
import socket
from html import escape
from pathlib import Path

import aiohttp
import pytest
import requests
import zeep
from lxml import etree
from requests.auth import HTTPBasicAuth

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.core.envelope import Carrier
from bus.engine.operate import Replay
from bus.wiring import open_codec
from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus
from tests.semantics.eai_service import EaiService, EaiServiceSuite
from tests.semantics.soap_calls import (
    SOAP_11,
    SOAP_12,
    TEMPURI,
    TOTVS,
    TYPES,
    Answered,
    call,
    cdata,
    escaped,
    post_to,
)

PATHS = ["/EAISERVICE.apw", "/EAIService", "/EAIService/MEX", "/eai2-ws/EAIService"]


async def post(
    whole: Whole, body: bytes, path: str = "/EAISERVICE.apw", soap: str = SOAP_11
) -> Answered:
    """Post bytes to a SOAP address of the bus."""
    return await post_to(whole.http, whole.run.address + path, body, soap)


def said(answered: Answered) -> str:
    """The notes of the ResponseMessage in a result, which came with 200."""
    assert answered.status == 200
    response = open_codec().parse_answer(answered.result).response
    assert response
    return " ".join(note.text for note in response.notes)


def client(whole: Whole, path: str, wsdl: str = "?wsdl") -> zeep.Client:
    """A zeep client, logged in as rm."""
    session = requests.Session()
    session.auth = HTTPBasicAuth("rm", PASSWORD)
    return zeep.Client(
        f"{whole.run.address}{path}{wsdl}", transport=zeep.transports.Transport(session=session)
    )


async def state(whole: Whole, uuid: str) -> State:
    """The state of the one delivery of a message."""
    (message,) = await whole.run.bus.history.find(uuid)
    trace = await whole.run.bus.history.trace(message.id)
    assert trace
    return trace.deliveries[0].state


async def reaches(whole: Whole, uuid: str, wanted: State) -> None:
    """Wait until a message stands so."""
    async with asyncio.timeout(10):
        while await state(whole, uuid) is not wanted:  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


class TestBus(EaiServiceSuite):
    """The conversations that every EAI service is held to, with the bus."""

    @pytest.fixture
    def service(self, whole: Whole) -> EaiService:
        """The bus."""
        return EaiService(whole.run.address + PATHS[1], ("rm", PASSWORD))


# -- zeep ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wsdl", ["?wsdl", "?WSDL", "?singleWsdl"])
@pytest.mark.parametrize("path", [*PATHS, "/eaiservice.APW", "/EAISERVICE/mex"])
async def test_a_client_made_from_the_wsdl_is_answered(whole: Whole, path: str, wsdl: str) -> None:
    """A client that reads the WSDL, at any of the addresses, calls that address and is answered."""

    def ask() -> tuple[str, str]:
        made = client(whole, path, wsdl)
        (port,) = made.wsdl.services["EAIService"].ports.values()
        address = port.binding_options["address"]
        return address, made.service.receiveMessage(inMsg=unit("z-1", mode="Sync").decode())

    address, result = await asyncio.to_thread(ask)
    response = open_codec().parse_answer(result.encode()).response

    assert address == whole.run.address + path
    assert response
    assert response.received_uuid == "z-1"
    assert response.ids[0].origin == "1|UN"


@pytest.mark.parametrize("namespace", [TOTVS, TEMPURI, "http://www.totvs.com", "urn:a&b"])
@pytest.mark.parametrize(
    ("operation", "parameter", "response", "result"),
    [
        ("RECEIVEMESSAGE", "INMSG", "RECEIVEMESSAGERESPONSE", "RECEIVEMESSAGERESULT"),
        ("receiveMessage", "pXmlDocument", "receiveMessageResponse", "receiveMessageResult"),
        ("ReceiveMessage", "inMsg", "ReceiveMessageResponse", "ReceiveMessageResult"),
        ("receivemessage", "inmsg", "receivemessageresponse", "receivemessageresult"),
    ],
    ids=lambda name: name,
)
async def test_clients_of_other_wsdls_understand_the_answer(  # noqa: PLR0913, PLR0917 - the names
    whole: Whole,
    tmp_path: Path,
    namespace: str,
    operation: str,
    parameter: str,
    response: str,
    result: str,
) -> None:
    """A client made from a product's own WSDL, whatever its names, finds its result."""
    text = await (await whole.http.get(whole.run.address + PATHS[1] + "?wsdl")).text()
    for ours, theirs in (
        (TOTVS, escape(namespace)),
        ("receiveMessageResponse", response),
        ("receiveMessageResult", result),
        ('"receiveMessage"', f'"{operation}"'),
        ('"tns:receiveMessage"', f'"tns:{operation}"'),
        ("inMsg", parameter),
    ):
        text = text.replace(ours, theirs)
    file = tmp_path / "product.wsdl"
    file.write_text(text, encoding="utf-8")

    def ask() -> str:
        session = requests.Session()
        session.auth = HTTPBasicAuth("rm", PASSWORD)
        made = zeep.Client(str(file), transport=zeep.transports.Transport(session=session))
        return str(made.service[operation](**{parameter: unit("z-2").decode()}))

    assert "<ReceiptMessage>" in await asyncio.to_thread(ask)


async def test_a_zeep_client_hears_a_fault(whole: Whole) -> None:
    """What is no message is a Fault that a client raises, with the code and what to do."""

    def ask() -> None:
        client(whole, PATHS[1]).service.receiveMessage(inMsg="OK?")

    with pytest.raises(zeep.exceptions.Fault, match="MALFORMED_XML"):
        await asyncio.to_thread(ask)


# -- what is answered ------------------------------------------------------------------------------


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("carried", [escaped, cdata])
async def test_the_answer_is_in_the_callers_words(whole: Whole, soap: str, carried: object) -> None:
    """Namespace, letter case and SOAP version of the answer are those of the call."""
    assert callable(carried)
    body = call(carried(unit("u-1")), "RECEIVEMESSAGE", "INMSG", TEMPURI, soap)
    answered = await post(whole, body, soap=soap)
    (message,) = await whole.run.bus.history.find("u-1")

    assert answered.status == 200
    assert answered.headers["content-type"] == TYPES[soap]
    assert answered.headers["x-message-id"] == message.id
    assert answered.envelope.tag == f"{{{soap}}}Envelope"
    assert answered.names == [
        f"{{{TEMPURI}}}RECEIVEMESSAGERESPONSE",
        f"{{{TEMPURI}}}RECEIVEMESSAGERESULT",
    ]
    assert b"<ReceiptMessage>" in answered.result
    assert b"&lt;ReceiptMessage&gt;" in answered.body
    assert message.carrier == Carrier.SOAP
    assert await whole.run.bus.history.body(message.id) == body


async def test_an_unqualified_parameter_has_an_unqualified_result(whole: Whole) -> None:
    """RPC clients put only the operation in a namespace, and expect the same of the answer."""
    body = (
        f'<s:Envelope xmlns:s="{SOAP_11}" xmlns:n="urn:n"><s:Body><n:receiveMessage>'
        f"<a>{escaped(unit('u-2'))}</a></n:receiveMessage></s:Body></s:Envelope>"
    ).encode()

    answered = await post(whole, body)

    assert answered.names == ["{urn:n}receiveMessageResponse", "receiveMessageResult"]


@pytest.mark.parametrize(
    ("path", "prefix", "declared"),
    [
        ("/EAIService/MEX", "s", False),
        ("/rm/eaiservice/", "s", False),
        ("/EAISERVICE.apw", "soap", True),
        ("/eai2-ws/EAIService", "soap", True),
    ],
)
async def test_answers_at_the_addresses_of_rm_are_as_its_own(
    whole: Whole, path: str, prefix: str, *, declared: bool
) -> None:
    """Clients there undo the entities of all of it, parse once, and walk s:Envelope/s:Body."""
    answered = await post(whole, call(escaped(unit("u-5", mode="Sync"))), path)
    undone = answered.body.decode().replace("&lt;", "<").replace("&gt;", ">")

    assert answered.status == 200
    assert answered.envelope.prefix == prefix
    assert (undone.count("<?xml") == 2) is declared
    if not declared:
        root = etree.fromstring(undone.encode())
        assert len(list(root.iter("{*}TOTVSMessage"))) == 1


async def test_no_namespace_at_all(whole: Whole) -> None:
    """A call in no namespace is answered in none."""
    answered = await post(whole, call(escaped(unit("u-3")), namespace=""))

    assert answered.names == ["receiveMessageResponse", "receiveMessageResult"]


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "UTF-16", "nonsense"])
@pytest.mark.parametrize("blanks", ["", "\r\n   "])
async def test_the_inner_declaration_tells_nothing(
    whole: Whole, declared: str, blanks: str
) -> None:
    """SOAP has decoded the text: an encoding that the message declares is not believed."""
    bare = unit("u-4", mode="Sync").decode().replace("Unidade", "Peça ação").partition("?>")[2]
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    message = (blanks + declaration + bare + blanks).encode()

    answered = await post(whole, call(cdata(message)))
    document = open_codec().parse(call(cdata(message)), Carrier.SOAP)

    assert said(answered) == ""
    assert document.raw.decode() == bare.rstrip("\r\n ")
    assert document.envelope.repairs == ()
    assert document.values(["Description"]) == ("Peça ação",)


async def test_the_envelope_may_be_in_any_encoding(whole: Whole) -> None:
    """The declaration of the envelope is believed."""
    message = unit("u-5", mode="Sync").decode().replace("Unidade", "Peça").encode()
    declaration = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    body = (declaration + call(escaped(message)).decode()).encode("latin-1")

    answered = await post(whole, body)

    assert said(answered) == ""
    assert open_codec().parse(body, Carrier.SOAP).values(["Description"]) == ("Peça",)


async def test_a_message_that_stands_there_as_xml(whole: Whole) -> None:
    """A message that is neither escaped nor CDATA, but XML within the XML, is taken too."""
    bare = unit("u-6").decode().partition("?>")[2]
    answered = await post(whole, call(bare))

    assert b"<ReceiptMessage>" in answered.result


async def test_our_own_faults_are_answers(whole: Whole) -> None:
    """Contract, identity, source: all come as a ResponseMessage ERROR with 200."""
    contract = await post(whole, call(escaped(unit("u-7", code="MUITO-LONGO"))))
    await post(whole, call(escaped(unit("u-8"))))
    await reaches(whole, "u-8", State.DELIVERED)
    reused = await post(whole, call(escaped(unit("u-8", code="KG"))))
    incomplete = await post(whole, call("&lt;TOTVSMessage/&gt;"))

    assert "/BusinessContent/Code" in said(contract)
    assert "u-8" in said(reused)
    assert "MessageInformation" in said(incomplete)


async def test_a_destination_that_is_away_is_an_answer(whole: Whole) -> None:
    """What is 503 at /messages is 200 with an ERROR here."""
    await whole.protheus.leave()

    assert "protheus" in said(await post(whole, call(escaped(unit("u-9", mode="Sync")))))


async def test_later_attempts_read_the_message_again(whole: Whole) -> None:
    """A message that waited, and one that a person repeats, are read from the SOAP body."""
    whole.protheus.behave(
        ScriptedConduct(Conduct.BUSY, retry_after=0), ScriptedConduct(Conduct.REFUSE)
    )
    await post(whole, call(cdata(unit("u-10"))))
    await reaches(whole, "u-10", State.REFUSED)
    (message,) = await whole.run.bus.history.find("u-10")
    await whole.run.bus.operators.replay(Replay(message, actor="ana"))
    await reaches(whole, "u-10", State.DELIVERED)

    assert whole.protheus.heard == ("u-10",) * 3
    assert [entry.uuid for entry in whole.protheus.received] == ["u-10"]


async def test_a_long_message_is_taken(whole: Whole) -> None:
    """A message of megabytes is read, outside the loop."""
    long = unit("u-11").replace(b"Unidade", b"U" * 3_000_000)
    answered = await post(whole, call(escaped(long)))

    assert answered.status == 200
    assert b"<ReceiptMessage>" in answered.result


# -- Faults ----------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
SOAP_CALL = call(escaped(unit("f-1"))).decode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MALFORMED_XML"),
        (b"OK", "MALFORMED_XML"),
        (b"\x00\xff\xfe", ""),
        (b'{"a": 1}', "MALFORMED_XML"),
        (unit("f-2"), "NOT_SOAP"),
        (b"<Envelope><Body/></Envelope>", "NOT_SOAP"),
        (SOAP_CALL.replace(SOAP_11, "urn:soap").encode(), "NOT_SOAP"),
        (SOAP_CALL[:-20].encode(), "MALFORMED_XML"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"/>'.encode(), "NOT_SOAP"),
        (f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body/></s:Envelope>'.encode(), "NOT_SOAP"),
        (call("x", operation="sendMessage"), "NOT_SOAP"),
        (call("").replace(b"<inMsg></inMsg>", b"text"), "NOT_SOAP"),
        (call(""), "MALFORMED_XML"),
        (call("OK"), "MALFORMED_XML"),
        (call("&lt;a/&gt;"), "NOT_A_STANDARD_MESSAGE"),
        (call("<a/>"), "NOT_A_STANDARD_MESSAGE"),
        (call("&lt;TOTVSMessage&gt;"), "MALFORMED_XML"),
        ((BOMB + SOAP_CALL).encode(), "DOCTYPE_REFUSED"),
        (call(escaped(BOMB.encode() + b"<TOTVSMessage>&b;</TOTVSMessage>")), "DOCTYPE_REFUSED"),
        (call("&b;"), "MALFORMED_XML"),
        (call("&lt;a&gt;" * 300), "TOO_COMPLEX"),
        (call("<a>" * 300), "TOO_COMPLEX"),
        (call("<a/>" * 200_001), "TOO_COMPLEX"),
        (call("&lt;a/&gt;" * 200_001), "TOO_COMPLEX"),
    ],
)
async def test_what_is_no_message_in_soap_is_a_fault(whole: Whole, body: bytes, code: str) -> None:
    """HTTP 500 with a Fault of the sender's; it is kept as a rejected message all the same."""
    answered = await post(whole, body)
    kept = await whole.run.bus.history.body(answered.headers["x-message-id"])

    assert answered.status == 500
    assert code in answered.fault
    assert "soap:Client" in answered.fault
    assert kept == body


async def test_a_fault_in_soap_1_2(whole: Whole) -> None:
    """A caller of SOAP 1.2 is told in SOAP 1.2."""
    answered = await post(whole, b"<a/>", soap=SOAP_12)

    assert answered.status == 500
    assert answered.headers["content-type"] == TYPES[SOAP_12]
    assert answered.content.tag == f"{{{SOAP_12}}}Fault"
    assert "soap:Sender" in answered.fault


@pytest.mark.parametrize("login", [None, ("rm", "wrong")])
async def test_who_is_not_known_is_not_heard(whole: Whole, login: tuple[str, str] | None) -> None:
    """Without the right password: 401, how to log in, and a Fault that says what to do."""
    headers = {"Authorization": aiohttp.encode_basic_auth(*login)} if login else {}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(whole.run.address + PATHS[0], data=call(escaped(unit("f-3")))) as response,
    ):
        answered = Answered(response.status, await response.read(), {})

    assert answered.status == 401
    assert response.headers["www-authenticate"].startswith("Basic")
    assert answered.fault.startswith("soap:Client UNAUTHENTICATED: Usuário ou senha não")
    assert "Use as credenciais que o administrador do barramento deu" in answered.fault
    assert await whole.run.bus.history.find("f-3") == ()


async def test_what_is_not_read_keeps_its_status(tmp_path: Path) -> None:
    """Too large, or too many at a time: as at /messages, with a Fault."""
    async with whole_bus(tmp_path, max_body=20_000, max_in_flight=1) as whole:
        large = await post(whole, call(" " * 20_000))
        whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=1.0))
        first = asyncio.create_task(post(whole, call(escaped(unit("f-4", mode="Sync")))))
        async with asyncio.timeout(10):
            while not whole.protheus.heard:  # noqa: ASYNC110 - the simulator has no event
                await asyncio.sleep(0.02)
        full = await post(whole, call(escaped(unit("f-5"))))
        await first

    assert large.status == 413
    assert "TOO_LARGE" in large.fault
    assert (full.status, full.headers["retry-after"]) == (503, "1")
    assert "OVERLOADED" in full.fault
    assert "soap:Server" in full.fault


# -- the address -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/EAIService"), ("PUT", "/EAIService?wsdl"), ("GET", "/EAIService?a")],
)
async def test_other_requests_are_refused(whole: Whole, method: str, path: str) -> None:
    """Only calls, and the question how to call."""
    async with whole.http.request(method, whole.run.address + path) as response:
        told = await response.json()

    assert response.status == 405
    assert told["errors"][0]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_hostile_host_stays_a_value(whole: Whole) -> None:
    """What a caller says of the host is escaped in the WSDL."""
    headers = {"Host": 'a"/><b c="&'}
    async with whole.http.get(whole.run.address + "/EAIService?wsdl", headers=headers) as response:
        text = await response.read()

    assert response.status == 200
    assert not etree.fromstring(text).findall(".//{*}b")


@pytest.mark.parametrize(
    "path",
    [
        "/ws/EAISERVICE.apw",
        "/EAIService/",
        "/EAIService.asmx",
        "/EAIService.svc",
        "/totvs/eaiservice/mex/",
    ],
)
async def test_a_neighbouring_address_is_taken(whole: Whole, path: str) -> None:
    """Clients and proxies put more before and behind what the products have."""
    answered = await post(whole, call(escaped(unit("n-1"))), path)

    assert answered.status == 200
    assert await whole.run.bus.history.find("n-1")


@pytest.mark.parametrize("path", ["/messages/EAIService", "/health/eaiservice", "/service"])
async def test_what_only_holds_the_word_is_no_service(whole: Whole, path: str) -> None:
    """Messages and pages keep their addresses."""
    async with whole.http.post(whole.run.address + path, data=b"<a/>") as response:
        assert response.status in {404, 405}


@pytest.mark.parametrize(
    ("host", "told"),
    [("erp-bus.example:9", "http://erp-bus.example:9/"), ('a"/><b', "{bus}/"), ("a b", "{bus}/")],
)
async def test_the_wsdl_names_an_address_that_can_be_called(
    whole: Whole, host: str, told: str
) -> None:
    """What stands in Host where it can be a host; else the one that was called."""
    headers = {"Host": host}
    async with whole.http.get(whole.run.address + "/EAIService?wsdl", headers=headers) as response:
        text = await response.text()

    assert f'"{told.format(bus=whole.run.address)}EAIService"' in text
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_wsdl_without_a_host_has_an_address(whole: Whole) -> None:
    """HTTP/1.0 needs none."""
    host, port = whole.run.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /EAIService?wsdl HTTP/1.0\r\n\r\n")
    text = (await reader.read(-1)).decode()
    writer.close()

    assert f'"{whole.run.address}/EAIService"' in text


async def test_the_public_address_goes_before_all_others(tmp_path: Path) -> None:
    """In the WSDL, and where a caller is told to ask."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with whole_bus(tmp_path, port=port, public_address="https://bus.example/eai/") as whole:
        async with whole.http.get(f"http://127.0.0.1:{port}/EAIService?wsdl") as response:
            text = await response.text()

        assert '"https://bus.example/eai/EAIService"' in text
        assert (
            whole.run.bus.answers.status_address("1") == "https://bus.example/eai/messages/1/answer"
        )
