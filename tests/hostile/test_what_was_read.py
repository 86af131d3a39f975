"""Refusals keep what was read of a message, and say what the body is instead of one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bus.codec.envelope_faults import LONGEST
from bus.core.errors import SenderFault
from bus.ports.codec import EnvelopeRefused
from tests.codec.samples import UUID, message, read
from tests.edge.conftest import Whole, unit, whole_bus
from tests.semantics.soap_calls import SOAP_11, call, escaped, post_to


def refused(body: bytes) -> SenderFault:
    """The refusal of a body."""
    with pytest.raises(SenderFault) as caught:
        read(body)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        message(DeliveryType="Sincrono"),
        message(Type="Pedido"),
        message().replace(b' version="2.001"', b""),
        message().replace(b"</BusinessMessage>", b"</Wrong>"),
        message()[:-30],
        message("<Nothing/>"),
        message().replace(b"BRL", b"&nbsp;"),
        message().replace(b"BRL", b"<a>" * 300),
        message().decode().replace("BRL", "&nbsp;").encode("utf-16"),
    ],
)
def test_who_sent_it_is_kept(body: bytes) -> None:
    """UUID and Product, wherever reading ended."""
    refusal = refused(body)

    assert isinstance(refusal, EnvelopeRefused)
    header = refusal.envelope.header
    assert (header.uuid, header.product.name, header.transaction) == (UUID, "RM", "Currency")


def test_nothing_is_invented() -> None:
    """Where the header itself cannot be read, nothing is kept."""
    assert not isinstance(refused(b"<a>"), EnvelopeRefused)
    assert not isinstance(refused(b"<!DOCTYPE a []>" + message()), EnvelopeRefused)


@pytest.mark.parametrize("name", ["UUID", "Transaction", "SourceApplication", "CompanyId"])
def test_names_are_bounded(name: str) -> None:
    """What becomes a key or a label has a limit; what is kept of it too."""
    refusal = refused(message(**{name: "x" * 10_000}))

    assert [fault.code for fault in refusal.faults] == ["ENVELOPE_TOO_LONG"]
    assert isinstance(refusal, EnvelopeRefused)
    assert max(len(text) for text in refusal.envelope.header if isinstance(text, str)) == LONGEST


@pytest.mark.parametrize("soap", [False, True])
async def test_a_refused_envelope_is_found_by_its_uuid(whole: Whole, soap: bool) -> None:
    """And the answer names it."""
    body = unit("found-by-uuid", mode="Sincrono")
    if soap:
        address = f"{whole.run.address}/EAIService"
        told = (await post_to(whole.http, address, call(escaped(body)), SOAP_11)).result
    else:
        _, told, _ = await whole.post(body)

    assert await whole.run.bus.history.find("found-by-uuid")
    assert b"<UUID>found-by-uuid</UUID>" in told


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "MALFORMED_XML", "vazio"),
        (b" \n ", "MALFORMED_XML", "vazio"),
        (b'\n{"Header": {}}', "MALFORMED_XML", "JSON"),
        (b"[1]", "MALFORMED_XML", "JSON"),
        (b"&lt;TOTVSMessage/&gt;", "WRAPPED_TWICE", "duas vezes"),
        (b"&amp;lt;TOTVSMessage/&amp;gt;", "WRAPPED_TWICE", "duas vezes"),
        (b"&#60;TOTVSMessage/>", "WRAPPED_TWICE", "duas vezes"),
        (b"\n<![CDATA[<TOTVSMessage/>]]>", "WRAPPED_TWICE", "duas vezes"),
        (b"xml=%3CTOTVSMessage%3E", "MALFORMED_XML", "formul"),
        (b"PFRPVFZTTWVzc2FnZT4=", "MALFORMED_XML", "base64"),
        (b'"<TOTVSMessage/>"', "MALFORMED_XML", "aspas"),
        (b"<TOTVSMessage>&#55357;</TOTVSMessage>", "MALFORMED_XML", "substituto"),
        (b"<TOTVSMessage>&#x1FFFFFF;</TOTVSMessage>", "MALFORMED_XML", ""),
        (b"<TOTVSMessage a=b/>", "MALFORMED_XML", "aspas"),
        (b"<TOTVSMessage a='<'/>", "MALFORMED_XML", "&lt;"),
        (b"<TOTVSMessage><!-- a", "MALFORMED_XML", "coment"),
        (b"<TOTVSMessage><![CDATA[ a", "MALFORMED_XML", "CDATA"),
        (b"<TOTVSMessage>]]></TOTVSMessage>", "MALFORMED_XML", "]]&gt;"),
        (b"<TOTVSMessage><?xml version='1.0'?></TOTVSMessage>", "MALFORMED_XML", ""),
        (b"<TOTVSMessage", "MALFORMED_XML", ""),
        (b"<TOTVSMessage x:y:z='1'/>", "MALFORMED_XML", ""),
        (b"<TOTVSMessage></TOTVSMessage", "MALFORMED_XML", ""),
        (b"<TOTVSMessage a='1' a='2'/>", "MALFORMED_XML", "duas vezes"),
    ],
)
def test_what_it_is_instead_is_said_in_the_language(body: bytes, code: str, words: str) -> None:
    """Nothing of what a library says in English."""
    fault = refused(body).fault
    pt, en = fault.reason("pt"), fault.reason("en")

    assert fault.code == code
    assert words in pt
    assert pt != en
    for english in ("expected", "StartTag", "xmlParse", "invalid", "not ", "error"):
        assert english not in pt.replace("&lt;", ""), pt


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"<?xml version='1.0'?>\n\n<!DOCTYPE a>\n<a/>", 3),
        (b"<!-- a\n\n -->\n<!DOCTYPE a>\n<a/>", 4),
        (b"<!DOCTYPE a>\n<a/>", 1),
        (b"\n\n<?xml version='1.0' encoding='gbk'?><a/>", 3),
        (b"\xef\xbb\xbf\n<a>\n</b>", 3),
        (b"\xef\xbb\xbf\n\n<!DOCTYPE a><a/>", 3),
        ("<a>\n\n".encode("utf-16") + b"\x00\xd8\x00", 3),
        (b'\n\n{"Header": {}}', 3),
        (b"\n&lt;TOTVSMessage/&gt;", 2),
    ],
)
def test_a_line_is_that_of_what_is_blamed(body: bytes, line: int) -> None:
    """Of the DOCTYPE, of the declaration, behind a byte order mark."""
    assert refused(body).fault.line == line


@pytest.mark.parametrize("soap", [False, True])
async def test_the_limit_is_the_same_whatever_the_carrier(tmp_path: Path, soap: bool) -> None:
    """BUS_MAX_BODY, also above the ten million characters that libxml2 lets one text have."""
    body = unit("long").replace(b"Unidade", b"U" * 10_500_000).partition(b"?>")[2]
    async with whole_bus(tmp_path, max_body=12_000_000) as whole:
        if soap:
            address = f"{whole.run.address}/EAIService"
            told = (await post_to(whole.http, address, call(escaped(body)), SOAP_11)).result
        else:
            _, told, _ = await whole.post(io.BytesIO(body))

    assert b"ReceiptMessage" in told


def test_a_long_body_is_held_to_the_levels_of_others() -> None:
    """The parser for long texts knows no limit of 256 by itself."""
    deep = b"<a>" * 300 + b"x" * 10_100_000 + b"</a>" * 300

    assert refused(message(f"<BusinessMessage>{deep.decode()}</BusinessMessage>")).fault.code == (
        "TOO_COMPLEX"
    )
