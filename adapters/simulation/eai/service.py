"""The web service EAIService as a product offers it: its address, its WSDL, its answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from bus.core.envelope import Carrier
from bus.core.errors import SenderFault
from bus.ports.codec import Codec, Document

WSDL = Path(__file__).with_name("service.wsdl")
STATUS = "GETSTATUS"
MEDIA_TYPE = "text/xml"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    "{content}</soap:Body></soap:Envelope>"
)
FAULT = (
    "<soap:Fault><faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring></soap:Fault>"
)

_ASKS_STATUS = re.compile(rb"<(?:[\w.-]+:)?GETSTATUS[\s/>]", re.IGNORECASE)

# The second operation in the WSDL, where the product has one.
STATUS_PARTS = {
    "status_elements": """\
<xs:element name="GETSTATUS"><xs:complexType/></xs:element>
      <xs:element name="GETSTATUSRESPONSE"><xs:complexType><xs:sequence>
        <xs:element name="GETSTATUSRESULT" type="xs:string"/>
      </xs:sequence></xs:complexType></xs:element>""",
    "status_messages": """\
<wsdl:message name="GETSTATUSSoapIn">
    <wsdl:part name="parameters" element="tns:GETSTATUS"/>
  </wsdl:message>
  <wsdl:message name="GETSTATUSSoapOut">
    <wsdl:part name="parameters" element="tns:GETSTATUSRESPONSE"/>
  </wsdl:message>""",
    "status_port": """\
<wsdl:operation name="GETSTATUS">
      <wsdl:input message="tns:GETSTATUSSoapIn"/>
      <wsdl:output message="tns:GETSTATUSSoapOut"/>
    </wsdl:operation>""",
    "status_binding": """\
<wsdl:operation name="GETSTATUS">
      <soap:operation soapAction="{namespace}GETSTATUS" style="document"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>""",
}


@dataclass(frozen=True, slots=True)
class EaiService:
    """How a product spells its service; implements the `Wrapping` of simulated applications.

    `line_end` is how it writes line ends in its answers; `status`: it has the operation GETSTATUS;
    `answers_empty`: a call without a message gets an ERROR in a ResponseMessage, not a Fault.
    `elsewhere` are folders below which an installation may have it too.
    """

    path: str
    namespace: str
    action: str
    operation: str
    parameter: str
    response: str
    result: str
    line_end: str = "\n"
    status: bool = False
    answers_empty: bool = False
    media_type: str = MEDIA_TYPE
    elsewhere: tuple[str, ...] = ()

    def is_at(self, path: str) -> bool:
        """Whether it is at a path, in any letter case."""
        paths = (f"{folder}{self.path}" for folder in ("", *self.elsewhere))
        return path.casefold() in {one.casefold() for one in paths}

    async def read(self, codec: Codec, body: bytes) -> Document:
        """The message in a call, whatever its spelling; SenderFault where there is none."""
        return await codec.read(body, Carrier.SOAP)

    def is_empty(self, body: bytes) -> bool:
        """Whether the parameter of a call is empty, of a product that answers that."""
        if not self.answers_empty:
            return False
        name = re.escape(self.parameter.encode())
        empty = rb"<(?:[\w.-]+:)?%b\b[^>]*(?:/>|>\s*(?:<!\[CDATA\[\s*\]\]>)?\s*</)" % name
        return re.search(empty, body, re.IGNORECASE) is not None

    def wrap(self, message: bytes) -> bytes:
        """The answer that carries a message, escaped."""
        text = escape(message.decode(), quote=False).replace("\n", self.line_end)
        return self._answer(self.response, self.result, text)

    def unreadable(self, fault: SenderFault) -> web.Response:
        """A Fault of the sender's."""
        return self._fault("Client", str(fault))

    def failure(self, text: str) -> web.Response:
        """A Fault of the product's own."""
        return self._fault("Server", text)

    def asks_status(self, body: bytes) -> bool:
        """Whether a body calls GETSTATUS, of a product that has it."""
        return self.status and bool(_ASKS_STATUS.search(body[:2000]))

    def say_status(self) -> web.Response:
        """The answer to GETSTATUS."""
        body = self._answer(f"{STATUS}RESPONSE", f"{STATUS}RESULT", "OK")
        return web.Response(body=body, content_type=MEDIA_TYPE, charset="utf-8")

    def wsdl(self, address: str) -> str:
        """The description of the service at an address."""
        parts = {
            name: part.format(namespace=self.namespace) if self.status else ""
            for name, part in STATUS_PARTS.items()
        }
        return Template(WSDL.read_text("utf-8")).substitute(
            parts,
            address=escape(address),
            namespace=escape(self.namespace),
            action=escape(self.action),
            operation=self.operation,
            parameter=self.parameter,
            response=self.response,
            result=self.result,
        )

    def _answer(self, response: str, result: str, text: str) -> bytes:
        inner = (
            f'<{response} xmlns="{escape(self.namespace)}"><{result}>{text}</{result}></{response}>'
        )
        return ENVELOPE.format(content=inner).encode()

    def _fault(self, code: str, text: str) -> web.Response:
        body = ENVELOPE.format(content=FAULT.format(code=code, text=escape(text, quote=False)))
        return web.Response(status=500, text=body, content_type=MEDIA_TYPE, charset="utf-8")
