"""What libxml2 says of a text that it cannot parse, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bus.core.errors import Fault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from lxml import etree

DEPTH = 256
"""The most levels that libxml2 takes without `huge_tree`."""

LONGEST_TEXT = 10_000_000
_NAME_LENGTH = 50_000

# What libxml2 says (from the beginning), the limit, and of what.
_LIMITS = (
    ("Excessive depth", DEPTH, Text("níveis", "levels")),
    ("Name too long", _NAME_LENGTH, Text("bytes num nome", "bytes in one name")),
    (
        ".*(?:too long|too big|limit exceeded)",
        LONGEST_TEXT,
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
        Text("não tem nenhum elemento", "it has no element"),
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
        "(?:Namespaced )?Attribute (.+?)(?: in '.*')? redefined",
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

# What is wrong in a name, a value or a piece of markup: the same is said in many ways.
_MORE: tuple[tuple[str, Text], ...] = (
    (
        "AttValue: .* expected|attributes construct error|Specification mandate.* for attribute.*",
        Text(
            "o valor de um atributo falta ou não está entre aspas",
            "the value of an attribute is missing or not between quotes",
        ),
    ),
    (
        "Unescaped '<' not allowed in attributes values",
        Text(
            "há um < no valor de um atributo; escreva &lt;",
            "there is a < in the value of an attribute; write &lt;",
        ),
    ),
    (
        "(?:PCDATA invalid Char value|invalid character in|Invalid char).*?([0-9]+)?",
        Text("há um caractere que XML proíbe", "there is a character that XML forbids"),
    ),
    (
        ".*(?:[Cc]omment not terminated|Comment must not contain|hyphen).*",
        Text(
            "um comentário não está fechado, ou tem -- dentro",
            "a comment is not closed, or has -- in it",
        ),
    ),
    (
        "CData section not finished.*",
        Text("um CDATA não está fechado: falta ]]>", "a CDATA is not closed: ]]> is missing"),
    ),
    (
        "Sequence '\\]\\]>' not allowed in content",
        Text(
            "há ]]> solto no texto; escreva ]]&gt;", "there is a bare ]]> in the text; write ]]&gt;"
        ),
    ),
    (
        "XML declaration allowed only at the start.*|.*reserved.*'?xml'?.*",
        Text(
            "a declaração <?xml …?> só pode estar no começo: há outra no meio",
            "the declaration <?xml …?> may stand only at the start: there is another within",
        ),
    ),
    (
        ".*(?:xmlParsePI|ParsePI|PI ).*",
        Text("uma instrução <? não está fechada", "an instruction <? is not closed"),
    ),
    (
        "error parsing attribute name.*",
        Text(
            "uma tag tem algo que não é um atributo, ou lhe falta o >",
            "a tag has something that is no attribute, or its > is missing",
        ),
    ),
    (
        "xmlParseCharRef: .*",
        Text("uma referência &#…; não é um caractere", "a reference &#…; is no character"),
    ),
    (
        ".*(?:XML declaration|[Mm]alformed decl|Blank needed|String not|standalone|version).*",
        Text("a declaração <?xml …?> está errada", "the declaration <?xml …?> is wrong"),
    ),
    (
        ".*(?:proper UTF-8|encoding|Bytes:).*",
        Text("há bytes que não são UTF-8", "there are bytes that are not UTF-8"),
    ),
    (
        ".*(?:not a valid URI|namespace|Namespace|QName|xmlns).*",
        Text("um espaço de nomes ou prefixo está errado", "a namespace or a prefix is wrong"),
    ),
    (
        ".*(?:'>'|\">\"|EndTag|'</').*",
        Text(
            "falta um > ou o fechamento de um elemento", "a > or the end of an element is missing"
        ),
    ),
)
_ELSE = Text("há um erro de sintaxe neste ponto", "there is an error of syntax at this point")
_NUMBER_OF_CHARACTER = re.compile(r"xmlParseCharRef: invalid xmlChar value ([0-9]+)")
_SURROGATES = range(0xD800, 0xE000)

_PLACE = re.compile(r"\s*, line \d+, column \d+\s*\Z")
_LONGEST = 200


def problem_of(error: etree.XMLSyntaxError) -> Text:
    """What a syntax error means, for a text about any file of XML."""
    fault = fault_of(error)
    limit = Text("passa do limite de {limit} {what}", "it exceeds the limit of {limit} {what}")
    return limit.filled(fault.details) if "limit" in fault.details else _in_our_words(_said(error))


def fault_of(error: etree.XMLSyntaxError) -> Fault:
    """The fault that a syntax error stands for: TOO_COMPLEX or MALFORMED_XML."""
    said = _said(error)
    for pattern, limit, what in _LIMITS:
        if re.match(pattern, said, re.DOTALL):
            details: Details = {"limit": str(limit), "what": what}
            return Fault("TOO_COMPLEX", line=error.lineno or 0, details=details)
    return Fault("MALFORMED_XML", line=error.lineno or 0, details={"problem": _in_our_words(said)})


def _said(error: etree.XMLSyntaxError) -> str:
    return _PLACE.sub("", error.msg or "").strip()


def _in_our_words(said: str) -> Text:
    for pattern, meaning in _PROBLEMS:
        match = re.fullmatch(pattern, said, re.DOTALL)
        if match:
            return Text(match.expand(meaning.pt)[:_LONGEST], match.expand(meaning.en)[:_LONGEST])
    number = _NUMBER_OF_CHARACTER.fullmatch(said)
    if number:
        return _no_character(int(number[1]))
    return next((told for pattern, told in _MORE if re.fullmatch(pattern, said, re.DOTALL)), _ELSE)


def _no_character(code: int) -> Text:
    if code in _SURROGATES:
        return Text(
            f"&#{code}; é metade de um par substituto de UTF-16; escreva o próprio caractere, ou a "
            "referência dele inteiro, como &#128512;",
            f"&#{code}; is one half of a surrogate pair of UTF-16; write the character itself, or "
            "one reference for all of it, such as &#128512;",
        )
    return Text(
        f"&#{code}; não é um caractere de XML; retire-o",
        f"&#{code}; is no character of XML; remove it",
    )
