"""What libxml2 says of a text that it cannot parse, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bus.core.errors import Fault
from bus.core.text import Details, Text, same

if TYPE_CHECKING:
    from lxml import etree

DEPTH = 256
"""The most levels that libxml2 takes without `huge_tree`."""

_TEXT_LENGTH = 10_000_000
_NAME_LENGTH = 50_000

# What libxml2 says (from the beginning), the limit, and of what.
_LIMITS = (
    ("Excessive depth", DEPTH, Text("níveis", "levels")),
    ("Name too long", _NAME_LENGTH, Text("bytes num nome", "bytes in one name")),
    (
        ".*(?:too long|too big|limit exceeded)",
        _TEXT_LENGTH,
        Text("bytes num texto", "bytes in one text"),
    ),
)

# What libxml2 says, and what that means; `\1` is a part of what it said.
_PROBLEMS = (
    (
        "Opening and ending tag mismatch: (.+) line ([0-9]+) and (.+)",
        Text(
            r"<\1>, aberto na linha \2, é fechado por </\3>",
            r"<\1>, opened at line \2, is closed by </\3>",
        ),
    ),
    (
        "(?:Premature end of data in tag|Couldn't find end of Start Tag) (.+) line ([0-9]+)",
        Text(
            r"o texto acaba sem fechar <\1>, aberto na linha \2",
            r"the text ends without closing <\1>, opened at line \2",
        ),
    ),
    (
        "Document is empty|Start tag expected.*",
        Text(
            "está vazio ou não começa por um elemento",
            "it is empty or does not begin with an element",
        ),
    ),
    (
        "Extra content at the end.*",
        Text(
            "há conteúdo depois do último elemento",
            "there is content after the last element",
        ),
    ),
    (
        "Entity '(.+)' not defined",
        Text(
            r"a entidade &\1; não existe em XML; escreva o próprio caractere",
            r"XML has no entity &\1;; write the character itself",
        ),
    ),
    (
        ".*EntityRef.*",
        Text(
            "há um & solto no texto; escreva &amp;",
            "there is a bare & in the text; write &amp;",
        ),
    ),
    (
        "StartTag: invalid element name",
        Text(
            "há um < solto no texto (escreva &lt;) ou um nome de elemento inválido",
            "there is a bare < in the text (write &lt;), or an invalid name of an element",
        ),
    ),
    (
        "Attribute (.+) redefined",
        Text(
            r"o atributo \1 aparece duas vezes",
            r"attribute \1 appears twice",
        ),
    ),
    (
        "Namespace prefix (.+?) (?:for .+ )?on (.+) is not defined",
        Text(
            r"o prefixo \1 de <\2> não foi declarado",
            r"prefix \1 of <\2> is not declared",
        ),
    ),
)

_PLACE = re.compile(r"\s*, line \d+, column \d+\s*\Z")
_LONGEST = 200


def fault_of(error: etree.XMLSyntaxError) -> Fault:
    """The fault that a syntax error stands for: TOO_COMPLEX or MALFORMED_XML."""
    said = _PLACE.sub("", error.msg or "").strip()
    for pattern, limit, what in _LIMITS:
        if re.match(pattern, said, re.DOTALL):
            details: Details = {"limit": str(limit), "what": what}
            return Fault("TOO_COMPLEX", line=error.lineno or 0, details=details)
    return Fault("MALFORMED_XML", line=error.lineno or 0, details={"problem": _in_our_words(said)})


def _in_our_words(said: str) -> Text:
    for pattern, meaning in _PROBLEMS:
        match = re.fullmatch(pattern, said, re.DOTALL)
        if match:
            return Text(match.expand(meaning.pt)[:_LONGEST], match.expand(meaning.en)[:_LONGEST])
    return same(said[:_LONGEST])
