"""SOAP around a standard message: a call of `receiveMessage`, and the answer to one.

A message travels as text, escaped or as CDATA, in the one parameter of the call. Namespaces and
letter case of operation, parameter and result differ from product to product: any is read, and a
call is answered in its own. Headers are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from bus.codec.markup import attribute_text, element_text
from bus.codec.names import local_name, tag_of
from bus.codec.place import line_of, name_of, path_of
from bus.core.errors import Fault, SenderFault
from bus.core.text import Language, Text
from bus.ports.codec import Carried, Unwrapped

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.codec.parser import Parsed, Parser

OPERATION = "receivemessage"
"""The one operation, in lower case."""
RESULTS = ("result", "return")
"""How the names of results end, in lower case; the second is Java's."""

_DECLARATION = re.compile(r"<\?xml\s[^>]*>")
_CODES = {"faultcode", "faultactor", "code", "node", "role"}
"""The parts of a Fault that are for programs, in lower case."""


class Version(Enum):
    """A version of SOAP, by the namespace of its envelope."""

    SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
    SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


_VERSIONS = {version.value: version for version in Version}


class Manner(Enum):
    """How an answer looks, for clients that look closely: the prefix of its envelope."""

    USUAL = "soap"
    WCF = "s"
    """As services made with WCF answer: no XML declaration inside the result either."""


@dataclass(frozen=True, slots=True)
class Call:
    """How a caller spells `receiveMessage`: its answer is spelt likewise.

    `qualified`: the parameter, and so the result, is in the namespace of the operation.
    """

    version: Version
    namespace: str
    operation: str
    qualified: bool


class Opened(NamedTuple):
    """A body that should be a call: how it is spelt (None: it is none), and what it carries."""

    call: Call | None
    carried: Carried


def open_call(parser: Parser, body: bytes) -> Opened:
    """The call in a body, parsed once; where there is none, the faults say why."""
    try:
        parsed = parser.parse(body)
        version, operation = _operation(parsed)
        parameter = _parameter(operation)
        # The lines of what carries a message are not those of the message.
        mended = tuple(one._replace(path="", line=0) for one in parsed.repairs)
        carried = Carried(_message_in(parameter), mended)
    except SenderFault as refusal:
        return Opened(None, Carried(faults=refusal.faults))
    namespace = tag_of(operation)[1:].rpartition("}")[0]
    qualified = tag_of(parameter).startswith("{")
    return Opened(Call(version, namespace, local_name(operation), qualified), carried)


def unwrap_answer(parser: Parser, body: bytes) -> Unwrapped:
    """What an answer carries: a message, or the words of a Fault; SenderFault where neither."""
    _, content = _content(parser.parse(body))
    if local_name(content).lower() == "fault":
        return Unwrapped(fault=_words(content) or "-", code=_code(content))
    for element in content.iter():
        if local_name(element).lower().endswith(RESULTS):
            return Unwrapped(_message_in(element))
    raise _not_soap(content, Text("não há resultado", "there is no result"))


def write_answer(call: Call, message: bytes, manner: Manner = Manner.USUAL) -> bytes:
    """The answer to a call: the message, escaped, in the result."""
    upper, lower = call.operation.isupper(), call.operation.islower()
    spelt = str.upper if upper else str.lower if lower else str
    answer, result = call.operation + spelt("Response"), call.operation + spelt("Result")
    own = f' xmlns="{attribute_text(call.namespace)}"' if call.namespace else ""
    none = ' xmlns=""' if call.namespace and not call.qualified else ""
    said = message.decode()
    if manner is Manner.WCF and (declaration := _DECLARATION.match(said)):
        said = said[declaration.end() :].lstrip()
    text = element_text(said)
    content = f"<{answer}{own}><{result}{none}>{text}</{result}></{answer}>"
    return _envelope(call.version, content, manner.value)


def write_fault(version: Version, text: str, language: Language, *, ours: bool) -> bytes:
    """A Fault that tells a text in a language. `ours`: the caller did nothing wrong."""
    said = element_text(text)
    if version is Version.SOAP_11:
        code = "soap:Server" if ours else "soap:Client"
        content = f"<faultcode>{code}</faultcode><faultstring>{said}</faultstring>"
    else:
        code = "soap:Receiver" if ours else "soap:Sender"
        content = (
            f"<soap:Code><soap:Value>{code}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="{language}">{said}</soap:Text></soap:Reason>'
        )
    return _envelope(version, f"<soap:Fault>{content}</soap:Fault>", Manner.USUAL.value)


def _envelope(version: Version, content: str, prefix: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<{prefix}:Envelope xmlns:{prefix}="{version.value}"><{prefix}:Body>{content}'
        f"</{prefix}:Body></{prefix}:Envelope>"
    ).encode()


def _operation(parsed: Parsed) -> tuple[Version, _Element]:
    version, operation = _content(parsed)
    if local_name(operation).lower() != OPERATION:
        name = name_of(operation)
        raise _not_soap(operation, Text(f"a operação é {name}", f"the operation is {name}"))
    return version, operation


def _parameter(operation: _Element) -> _Element:
    if len(operation) > 1:
        several = Text("há mais de um parâmetro", "there is more than one parameter")
        raise _not_soap(operation, several)
    for parameter in operation:
        return parameter
    raise _not_soap(operation, Text("falta o parâmetro", "the parameter is missing"))


def _content(parsed: Parsed) -> tuple[Version, _Element]:
    """The version of an envelope, and the first element in its body."""
    root = parsed.root
    namespace, _, name = tag_of(root)[1:].rpartition("}")
    version = _VERSIONS.get(namespace)
    if version is None or name != "Envelope":
        shown = name_of(root)
        raise _not_soap(root, Text(f"a raiz é <{shown}>", f"its root is <{shown}>"))
    bodies = list(root.iterchildren(f"{{{namespace}}}Body"))
    if len(bodies) > 1 or any(_is_second(each) for body in bodies for each in body[1:]):
        several = Text("há mais de uma chamada no Body", "there is more than one call in its Body")
        raise _not_soap(root, several)
    for content in (each for body in bodies for each in body):
        return version, content
    raise _not_soap(root, Text("o Body falta ou está vazio", "its Body is missing or empty"))


def _message_in(element: _Element) -> bytes:
    """The message in a parameter or result: its text, or the element that stands there unescaped.

    The declaration goes: it tells the encoding of a text that SOAP has decoded since.
    """
    if len(element) > 1 or (
        len(element) and ((element.text or "") + (element[0].tail or "")).strip()
    ):
        several = Text(
            "o parâmetro traz mais que uma mensagem", "the parameter holds more than one message"
        )
        raise _not_soap(element, several)
    for message in element:
        return etree.tostring(message, encoding="UTF-8", xml_declaration=False, with_tail=False)
    text = (element.text or "").strip()
    declaration = _DECLARATION.match(text)
    return text[declaration.end() if declaration else 0 :].encode()


def _is_second(element: _Element) -> bool:
    """Whether an element of a body is a call or an answer, and no part that others refer to."""
    name = local_name(element).lower()
    return name.startswith(OPERATION) or name == "fault"


def _words(fault: _Element) -> str:
    """What a Fault says to people, on one line."""
    parts = (part for part in fault if local_name(part).lower() not in _CODES)
    return " ".join(" ".join(text.split()) for part in parts for text in part.itertext()).strip()


def _code(fault: _Element) -> str:
    """The code of a Fault; in SOAP 1.2 the first Value, that of the Code itself."""
    for part in fault:
        if local_name(part).lower() in {"faultcode", "code"}:
            text = next((text for each in part.itertext() if (text := each.strip())), "")
            return text.rpartition(":")[2].partition(".")[0]
    return ""


def _not_soap(element: _Element, problem: Text) -> SenderFault:
    details = {"problem": problem}
    return SenderFault(Fault("NOT_SOAP", path_of(element), line_of(element), details))
