"""The adapter for EAIService in SOAP: the common suite, and what is its own."""

import asyncio
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.eai_soap import ADAPTER
from adapters.eai_soap.kind import OPTIONS
from adapters.protheus.known_faults import KNOWN_FAULTS
from bus.adapter_kinds import kind_named
from bus.core.errors import BusFault, Owner
from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec
from bus.testing.conversations import NO, OK, PAGE, XML, http, replies
from bus.testing.http_suite import HttpAdapterSuite
from bus.testing.raw_server import Line, RawServer, Request
from bus.testing.standard_messages import MESSAGE, UUID, receipt

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def envelope(content: bytes, soap: str = SOAP_11) -> bytes:
    """An envelope around a content."""
    head = f'<s:Envelope xmlns:s="{soap}"><s:Body>'.encode()
    return head + content + b"</s:Body></s:Envelope>"


def result(text: bytes, name: str = "receiveMessageResult", namespace: str = "urn:x") -> bytes:
    """An answer with a text, already escaped or CDATA, in its result."""
    head = f'<receiveMessageResponse xmlns="{namespace}"><{name}>'.encode()
    return envelope(head + text + f"</{name}></receiveMessageResponse>".encode())


def escaped(message: bytes) -> bytes:
    """A message as RM escapes it, line ends included."""
    text = message.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return text.replace(b"\n", b"&#xD;\n")


def cdata(message: bytes) -> bytes:
    """A message as CDATA."""
    return b"<![CDATA[" + message + b"]]>"


def fault(text: str, soap: str = SOAP_11, code: str = "") -> bytes:
    """A Fault that says a text; the server's, unless a code says otherwise."""
    said = escape(text)
    if soap == SOAP_11:
        parts = f"<faultcode>{code or 's:Server'}</faultcode><faultstring>{said}</faultstring>"
    else:
        reason = f'<s:Text xml:lang="pt">{said}</s:Text>'
        value = f"<s:Value>{code or 's:Receiver'}</s:Value>"
        parts = f"<s:Code>{value}</s:Code><s:Reason>{reason}</s:Reason>"
    return envelope(f"<s:Fault>{parts}</s:Fault>".encode(), soap)


async def exchange(
    codec: Codec,
    body: bytes,
    status: str = "200 OK",
    message: bytes = MESSAGE,
    known: tuple[KnownFault, ...] = KNOWN_FAULTS,
    **options: str,
) -> tuple[Report, Request]:
    """Send a message to an application that answers so: the report, and what it was sent."""

    async def says_it(line: Line) -> None:
        await line.hear()
        await line.say(http(status, body, XML))

    async with RawServer(says_it) as server:
        address = f"http://127.0.0.1:{server.port}/EAIService"
        application = Application(
            "erp", "PROTHEUS", address=address, known_faults=known, options=options
        )
        adapter = ADAPTER.open(application, codec)
        try:
            parcel = Parcel(application, await codec.read(MESSAGE), message, UUID, False, 20.0)
            return await adapter.send(parcel), server.requests[0]
        finally:
            await adapter.close()


class TestEaiSoap(HttpAdapterSuite):
    kind = ADAPTER

    def wrap(self, message: bytes) -> bytes:
        """The answer as RM writes it."""
        return result(escaped(message))

    def unwrap(self, body: bytes) -> bytes:
        """The message in a call."""
        return (etree.fromstring(body)[0][0][0].text or "").encode()

    async def test_a_probe_asks_for_the_wsdl(self, codec: Codec) -> None:
        """It is what every product with this service answers, and no message."""
        async with self.rig(codec, replies("200 OK", b"<definitions/>")) as rig:
            assert await rig.adapter.probe() is None

        assert [request.head.split(" HTTP")[0] for request in rig.server.requests] == [
            "GET /eai?wsdl"
        ]


def test_it_enters_by_the_door_of_all_adapters() -> None:
    """The bus knows it by its name."""
    assert kind_named("eai-soap") is ADAPTER


@pytest.mark.parametrize("content", ["cdata", "escaped"])
@pytest.mark.parametrize(
    "message", [MESSAGE, MESSAGE.replace(b"Unidade", b"<![CDATA[a]]>b &amp; c")]
)
async def test_a_call_is_spelt_as_configured(codec: Codec, content: str, message: bytes) -> None:
    """Namespace, action, operation, parameter and content are the application's own."""
    _, request = await exchange(
        codec,
        result(escaped(OK)),
        message=message,
        namespace="http://tempuri.org/",
        operation="RECEIVEMESSAGE",
        parameter="pXmlDocument",
        action="urn:act",
        content=content,
    )
    operation = etree.fromstring(request.body)[0][0]

    assert operation.tag == "{http://tempuri.org/}RECEIVEMESSAGE"
    assert operation[0].tag == "{http://tempuri.org/}pXmlDocument"
    assert (b"<![CDATA[" in request.body) is (content == "cdata")
    assert request.header("SOAPAction") == '"urn:act"'
    assert request.header("Content-Type") == "text/xml; charset=utf-8"
    sent = await codec.read((operation[0].text or "").encode())
    assert sent.values(["Description"]) == (await codec.read(message)).values(["Description"])


async def test_a_call_without_options(codec: Codec) -> None:
    """The official contract is what is called where nothing else is said."""
    _, request = await exchange(codec, result(escaped(OK)))
    operation = etree.fromstring(request.body)[0][0]

    assert operation.tag == "{http://www.totvs.com/}receiveMessage"
    assert operation[0].tag == "{http://www.totvs.com/}inMsg"
    assert request.header("SOAPAction") == '"http://www.totvs.com/receiveMessage"'


@pytest.mark.parametrize("carried", [escaped, cdata])
@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        ("receiveMessageResult", "http://tempuri.org/"),
        ("RECEIVEMESSAGERESULT", ""),
        ("result", "u"),
        ("return", "http://ws.eai/"),
    ],
)
async def test_the_answer_is_found_by_its_name(
    codec: Codec, carried: object, name: str, namespace: str
) -> None:
    """Whatever the namespace and letter case; and what is kept is the message in it."""
    assert callable(carried)
    told, _ = await exchange(codec, result(carried(OK), name, namespace))
    refused, _ = await exchange(codec, result(carried(NO), name, namespace))
    received, _ = await exchange(codec, result(carried(receipt()), name, namespace))

    assert told.outcome is Outcome.DELIVERED
    assert (await codec.read_answer(told.answer)).response == told.response
    assert refused.outcome is Outcome.REFUSED
    assert received.outcome is Outcome.RECEIVED


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("status", ["500 Internal Server Error", "200 OK"])
@pytest.mark.parametrize(
    ("text", "outcome", "code", "owner"),
    [
        (
            "PRTCHKUSER : WebService inválido para este login",
            Outcome.UNREACHABLE,
            "LOGIN_REFUSED_BY_RECEIVER",
            Owner.ADMIN,
        ),
        (
            "AUTHENTICATION: USER NOT AUTHORIZED",
            Outcome.UNREACHABLE,
            "LOGIN_REFUSED_BY_RECEIVER",
            Owner.ADMIN,
        ),
        (
            "Mensagem PRODUCTIONORDER não configurada ou configurada incorretamente",
            Outcome.REFUSED,
            "MESSAGE_NOT_CONFIGURED_AT_RECEIVER",
            Owner.RECEIVER,
        ),
        ("Mensagem não processada. Tente novamente", Outcome.BUSY, "BUSY", Owner.RECEIVER),
        (
            "com.datasul.framework.dcl.exception.DatasulRuntimeException: Communication layer",
            Outcome.UNKNOWN,
            "OUTCOME_UNKNOWN",
            Owner.RECEIVER,
        ),
        ("", Outcome.UNKNOWN, "OUTCOME_UNKNOWN", Owner.RECEIVER),
    ],
    ids=["login", "user", "register", "again", "unmapped", "silent"],
)
async def test_a_fault_means_what_the_table_says(  # noqa: PLR0913, PLR0917 - the row and where
    codec: Codec, text: str, outcome: Outcome, code: str, owner: Owner, status: str, soap: str
) -> None:
    """A known Fault has an outcome and an owner; any other leaves doubt."""
    report, _ = await exchange(codec, fault(text, soap), status)

    assert report.outcome is outcome
    assert report.fault
    assert (report.fault.code, report.fault.owner) == (code, owner)
    assert text.rstrip(".") in report.fault.reason("pt")
    assert report.fault.remedy("pt")
    assert report.answer == fault(text, soap)


NOT_UNDERSTOOD = [
    ("s:MustUnderstand", "header not understood"),
    ("s:VersionMismatch", "wrong version"),
    ("s:Client", "o parâmetro inMsg não veio"),
    ("SOAP-ENV:Client.Parameter", "missing"),
    ("s:Sender", "bad call"),
    ("s:DataEncodingUnknown", "what encoding?"),
    ("a:ActionNotSupported", "The message with Action 'x' cannot be processed at the receiver"),
    ("s:Server", "It is due to a ContractFilter mismatch at the EndpointDispatcher."),
    ("soap:Server", "Server did not recognize the value of HTTP Header SOAPAction: x."),
    ("soap:Server", "The endpoint reference (EPR) for the Operation not found is /x"),
    ("soapenv:Server.userException", "org.xml.sax.SAXException: No such operation 'x'"),
]  # fmt: skip
"""Codes and words by which a call was not understood, and nothing of it processed."""


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12], ids=["1.1", "1.2"])
@pytest.mark.parametrize(("fault_code", "text"), NOT_UNDERSTOOD)
async def test_a_call_that_was_not_understood_leaves_no_doubt(
    codec: Codec, fault_code: str, text: str, soap: str
) -> None:
    """It waits for the admin, who is told its words and which options to look at."""
    body = fault(text, soap, fault_code)
    report, _ = await exchange(codec, body, "500 Internal Server Error", known=())

    assert report.outcome is Outcome.BUSY
    assert report.fault
    assert (report.fault.code, report.fault.owner) == ("CALL_NOT_UNDERSTOOD", Owner.ADMIN)
    assert text.rstrip(".") in report.fault.reason("pt")
    for option in ("namespace", "action", "operation", "parameter"):
        assert f"`{option}`" in report.fault.remedy("pt")
        assert option in OPTIONS


@pytest.mark.parametrize("fault_code", ["s:Server", "s:Receiver", "s:Server.Sender", ""])
async def test_a_fault_of_the_server_that_nobody_knows_leaves_doubt(
    codec: Codec, fault_code: str
) -> None:
    """It may come after the effect."""
    body = fault("java.lang.NullPointerException", SOAP_11, fault_code)
    report, _ = await exchange(codec, body, "500 Internal Server Error")

    assert report.outcome is Outcome.UNKNOWN
    assert report.unmapped == "java.lang.NullPointerException"


async def test_a_text_that_is_known_is_not_to_be_mapped(codec: Codec) -> None:
    """Nor one that a closed door says, or an ERROR in a message, which is plain."""
    known = "Mensagem não processada. Tente novamente"
    for body, status in (
        (fault(known), "500 Internal Server Error"),
        (fault("no"), "401 Unauthorized"),
        (result(cdata(NO)), "200 OK"),
    ):
        report, _ = await exchange(codec, body, status)
        assert report.unmapped == ""


async def test_a_closed_door_says_more_than_the_code_of_its_fault(codec: Codec) -> None:
    """Who did not admit us says so by the status, whatever its Fault calls it."""
    report, _ = await exchange(codec, fault("no", SOAP_11, "s:Client"), "401 Unauthorized")

    assert report.outcome is Outcome.UNREACHABLE
    assert report.fault
    assert report.fault.code == "LOGIN_REFUSED_BY_RECEIVER"


@pytest.mark.parametrize("known", [KNOWN_FAULTS, ()], ids=["Protheus", "another"])
async def test_what_a_product_says_is_understood_of_that_product_alone(
    codec: Codec, known: tuple[KnownFault, ...]
) -> None:
    """Nobody knows what the same words mean elsewhere."""
    text = "Mensagem X não configurada ou configurada incorretamente"
    report, _ = await exchange(codec, fault(text, SOAP_11), known=known)

    assert report.fault
    assert report.outcome is (Outcome.REFUSED if known else Outcome.UNKNOWN)
    assert report.fault.remedy("en").endswith("by routine CFGA020.") is bool(known)


async def test_a_refusal_in_the_result(codec: Codec) -> None:
    """Protheus says in the result that it does not know the transaction."""
    text = "Mensagem X nao configurada ou configurada incorretamente para processamento pelo EAI"
    report, _ = await exchange(codec, result(text.encode()))

    assert report.outcome is Outcome.REFUSED
    assert report.fault
    assert report.fault.code == "MESSAGE_NOT_CONFIGURED_AT_RECEIVER"


@pytest.mark.parametrize(
    "body",
    [
        b"OK",
        b"",
        PAGE,
        result(b"OK"),
        result(b""),
        result(cdata(PAGE)),
        result(escaped(OK))[:-40],
        result(escaped(OK[:-20])),
        result(escaped(MESSAGE)),
        envelope(b""),
        envelope(b"<a/>"),
        fault(OK.decode()),
        b"<!DOCTYPE a>" + result(escaped(OK)),
        result(escaped(b"<!DOCTYPE a>" + OK[39:])),
    ],
)
async def test_what_is_no_answer_leaves_doubt(codec: Codec, body: bytes) -> None:
    """A plain OK, a page, nothing, half of it: nobody knows what became of the message."""
    report, _ = await exchange(codec, body)

    assert report.outcome is Outcome.UNKNOWN
    assert report.answer == body


async def test_another_bus_that_is_full(codec: Codec) -> None:
    """A Fault with a status that says more is believed: 503 comes before anything is read."""
    report, _ = await exchange(codec, fault("OVERLOADED"), "503 Service Unavailable")

    assert report.outcome is Outcome.BUSY


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("content", "base64"),
        ("operation", "receive message"),
        ("operation", ""),
        ("parameter", "a><b"),
        ("namespace", "a\r\nX: y"),
        ("action", 'a"b'),
        ("connect_timeout", "soon"),
    ],
)
async def test_an_option_that_makes_no_sense(codec: Codec, option: str, value: str) -> None:
    """A mistake in the options is named when the adapter opens."""
    application = Application("rm", "RM", address="https://rm/eai", options={option: value})

    with pytest.raises(BusFault) as refusal:
        ADAPTER.open(application, codec)

    assert option in ADAPTER.options()
    assert refusal.value.fault.path == f"applications.rm.options.{option}"


@given(junk=st.binary(max_size=40), at=st.integers(0, 400))
def test_any_bytes_give_a_report(codec: Codec, junk: bytes, at: int) -> None:
    """Whatever comes back is told as an outcome."""
    whole = result(escaped(OK))
    body = whole[:at] + junk + whole[at + len(junk) :]
    report, _ = asyncio.run(exchange(codec, body))

    assert report.outcome is Outcome.DELIVERED or report.fault
