"""What a body is that is no XML: it is told as what it is, with what to do."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from bus.codec.showing import shown
from bus.core.errors import Fault
from bus.core.text import Text

_LOOKED_AT = 400
"""Bytes of the beginning that tell what a body is."""

_ESCAPED = re.compile(r"&(?:amp;)*(?:lt|#0*60|#x0*3c);", re.IGNORECASE)
_CDATA = re.compile(r"(?:&(?:amp;)*lt;|<)!\[CDATA\[", re.IGNORECASE)

_BLANKS = BOM_UTF8 + b" \t\r\n"
_TOLD = 20
_EMPTY = Text("está vazio", "it is empty")
_TEXT = Text(
    "começa por “{start}”, e XML começa por um <",
    "it begins with “{start}”, and XML begins with a <",
)
_KINDS = (
    (r"[\[{]", Text("é JSON; envie a mensagem em XML", "it is JSON; send the message in XML")),
    (
        r"(?i:<!doctype html|<html)",
        Text("é uma página HTML, e não uma mensagem", "it is an HTML page, and no message"),
    ),
    (
        r"(?:\w+=)?%3[Cc]",
        Text(
            "está codificado como formulário; envie o XML no corpo, como ele é",
            "it is encoded as a form; send the XML in the body, as it is",
        ),
    ),
    (
        r"PD94bWwg|PFRPVFZT|PHNvYXA",
        Text("está em base64; envie o XML como ele é", "it is in base64; send the XML as it is"),
    ),
    (
        r"[\"']\s*<",
        Text("está entre aspas; envie o XML sem elas", "it is quoted; send the XML without quotes"),
    ),
    (r"PK\x03\x04", Text("é um arquivo zip; envie o XML", "it is a zip file; send the XML")),
)


def mistaken(utf8: bytes) -> Fault | None:
    """What a body that cannot be parsed is instead of XML; None where it seems to be XML."""
    rest = utf8.lstrip(_BLANKS)
    line = 1 + utf8.count(b"\n", 0, len(utf8) - len(rest))
    start = rest[:_LOOKED_AT].decode("utf-8", "replace")
    if not start:
        return Fault("MALFORMED_XML", details={"problem": _EMPTY})
    if _CDATA.match(start) or _ESCAPED.match(start):
        return Fault("WRAPPED_TWICE", line=line)
    kind = next((told for pattern, told in _KINDS if re.match(pattern, start)), None)
    if kind is None and not start.startswith("<"):
        kind = _TEXT.filled(start=shown(start, "", _TOLD))
    return Fault("MALFORMED_XML", line=line, details={"problem": kind}) if kind else None
