"""What an application must say in its configuration for this adapter, and what is made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.eai_soap.carriage import Content, SoapCarriage, Spelling
from adapters.http_xml.adapter import HttpXmlAdapter
from adapters.http_xml.kind import HttpXmlKind, client_to
from bus.core.adapter_options import mistake
from bus.core.known_faults import KnownFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec

NAMESPACE = "http://www.totvs.com/"
OPERATION = "receiveMessage"
PARAMETER = "inMsg"

OPTIONS = {
    "action": Text(
        "A SOAPAction; o namespace e a operação, se não for dita.",
        "The SOAPAction; namespace and operation where it is not given.",
    ),
    "content": Text(
        "Como a mensagem vai no parâmetro: cdata ou escaped.",
        "How the message stands in the parameter: cdata or escaped.",
    ),
    "namespace": Text(
        f"O namespace da operação, como no WSDL; {NAMESPACE}, se não for dito.",
        f"The operation's namespace, as in the WSDL; {NAMESPACE} where it is not given.",
    ),
    "operation": Text(
        f"O nome da operação, como no WSDL; {OPERATION}, se não for dito.",
        f"The operation's name, as in the WSDL; {OPERATION} where it is not given.",
    ),
    "parameter": Text(
        f"O nome do parâmetro, como no WSDL; {PARAMETER}, se não for dito.",
        f"The parameter's name, as in the WSDL; {PARAMETER} where it is not given.",
    ),
}

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_VISIBLE = re.compile(r"[!#-\[\]-~]*")  # no blank, quote or backslash: fit for a header


class EaiSoapKind:
    """Makes adapters for applications that offer `receiveMessage` over SOAP 1.1."""

    name = "eai-soap"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application; BusFault where address or options make no sense."""
        spelling = _spelling(application)
        headers = {"SOAPAction": f'"{_action(application, spelling)}"'}
        channel = client_to(application, codec.most_answer, headers)
        return HttpXmlAdapter(application, codec, channel, SoapCarriage(spelling))

    def options(self) -> Mapping[str, Text]:
        """The options it understands: its own, and those of http-xml."""
        return {**OPTIONS, **HttpXmlKind().options()}

    def features(self) -> frozenset[Feature]:
        """None: it delivers alone."""
        return frozenset()

    def faults(self) -> tuple[KnownFault, ...]:
        """What any EAI may say."""
        return HttpXmlKind().faults()


def _spelling(application: Application) -> Spelling:
    hint = Text(
        "Use os nomes que constam no WSDL da aplicação.",
        "Use the names in the WSDL of the application.",
    )
    return Spelling(
        _matching(application, "namespace", NAMESPACE, _VISIBLE, hint),
        _matching(application, "operation", OPERATION, _NAME, hint),
        _matching(application, "parameter", PARAMETER, _NAME, hint),
        _content(application),
    )


def _action(application: Application, spelling: Spelling) -> str:
    namespace = spelling.namespace
    joined = namespace if namespace.endswith("/") or not namespace else f"{namespace}/"
    hint = Text(
        "Use a soapAction que consta no WSDL da aplicação.",
        "Use the soapAction in the WSDL of the application.",
    )
    return _matching(application, "action", joined + spelling.operation, _VISIBLE, hint)


def _content(application: Application) -> Content:
    text = application.options.get("content", Content.CDATA.value)
    hint = Text("Use cdata ou escaped.", "Use cdata or escaped.")
    if text not in list(Content):
        raise mistake(application, "options.content", text, hint)
    return Content(text)


def _matching(
    application: Application,
    option: str,
    default: str,
    pattern: re.Pattern[str],
    hint: Text,
) -> str:
    text = application.options.get(option, default)
    if not pattern.fullmatch(text):
        raise mistake(application, f"options.{option}", text, hint)
    return text
