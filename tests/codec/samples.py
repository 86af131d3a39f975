"""Messages to read, check and write; the companies are invented."""

from __future__ import annotations

from bus.codec.document import XmlDocument
from bus.codec.xml_codec import XmlCodec
from bus.core.envelope import Carrier

CODEC = XmlCodec()
UUID = "0b0e5b6a-6a51-4c7e-9a3f-9d9a1c1f0001"
SOAP_CALL = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<receiveMessage xmlns="http://www.totvs.com/"><inMsg>TEXT</inMsg></receiveMessage>'
    b"</s:Body></s:Envelope>"
)
DESTINATION_UUID = "11111111-2222-4333-8444-555555555555"

HEADER = {
    "UUID": UUID,
    "Type": "BusinessMessage",
    "Transaction": "Currency",
    "StandardVersion": "1.0",
    "SourceApplication": "RM",
    "CompanyId": "1",
    "BranchId": "1",
    "GeneratedOn": "2026-01-31T10:00:00",
    "DeliveryType": "Sync",
}
EVENT = (
    "<BusinessEvent><Entity>Currency</Entity><Event>upsert</Event>"
    '<Identification><key name="InternalId">1|BRL</key></Identification></BusinessEvent>'
)
CONTENT = (
    "<BusinessContent><CompanyId>1</CompanyId><Code>BRL</Code><InternalId>1|BRL</InternalId>"
    "<Description>Real &amp; cêntimo</Description></BusinessContent>"
)
RESPONSE = """<ResponseMessage>
<ReceivedMessage><SentBy>PROTHEUS</SentBy><UUID>asked</UUID></ReceivedMessage>
<ProcessingInformation><ProcessedOn>2026-01-31T10:00:01</ProcessedOn><Status>OK</Status>
<ListOfMessages><Message type="WARNING" code="3">já existia</Message></ListOfMessages>
</ProcessingInformation>
<ReturnContent><ListOfInternalId><InternalId><Name>Currency</Name><Origin>01|BRL</Origin>
<Destination>1|BRL</Destination></InternalId></ListOfInternalId></ReturnContent>
</ResponseMessage>"""


def message(part: str = "", *, version: str = "2.001", **header: str) -> bytes:
    """A message with a header; one that is None is left out."""
    fields = HEADER | header
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text != "-")
    given = f' version="{version}"' if version else ""
    return (
        f'<TOTVSMessage>\n<MessageInformation{given}>{inside}<Product name="RM" version="12"/>'
        f"</MessageInformation>\n{part or business()}\n</TOTVSMessage>"
    ).encode()


def business(content: str = CONTENT, event: str = EVENT) -> str:
    """A BusinessMessage whose content begins on its third line."""
    return f"<BusinessMessage>\n{event}\n{content}</BusinessMessage>"


def response(**header: str) -> bytes:
    """An OK to a currency, with the pair of ids."""
    return message(RESPONSE, Type="Response", **header)


def read(body: bytes, *, decoded: bool = False) -> XmlDocument:
    """The document of a body; `decoded`: of the text that SOAP carries."""
    return CODEC.parse(in_soap(body), Carrier.SOAP) if decoded else CODEC.parse(body)


def in_soap(body: bytes) -> bytes:
    """A call of receiveMessage that carries a text."""
    text = body.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    start, end = SOAP_CALL.split(b"TEXT")
    return start + text + end
