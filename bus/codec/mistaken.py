"""What a body is that is no XML: it is told as what it is, with what to do."""

from __future__ import annotations

import re

from bus.core.errors import Fault
from bus.core.text import Text

_LOOKED_AT = 400
"""Bytes of the beginning that tell what a body is."""

_ESCAPED = re.compile(r"&(?:amp;)*(?:lt|#0*60|#x0*3c);", re.IGNORECASE)
_CDATA = re.compile(r"(?:&(?:amp;)*lt;|<)!\[CDATA\[", re.IGNORECASE)

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
    start = utf8[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not start:
        problem = Text("está vazio", "it is empty")
        return None if utf8.strip() else Fault("MALFORMED_XML", details={"problem": problem})
    if _CDATA.match(start) or _ESCAPED.match(start):
        return Fault("WRAPPED_TWICE", line=1)
    for pattern, problem in _KINDS:
        if re.match(pattern, start):
            return Fault("MALFORMED_XML", line=1, details={"problem": problem})
    return None
