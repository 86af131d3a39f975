"""Second parts: of two, none is dropped without a word or passed on unchecked."""

from __future__ import annotations

import gzip

import pytest

from bus.codec.parser import Limits, Parser
from bus.codec.soap import open_call
from bus.core.errors import SenderFault
from tests.codec.samples import CONTENT, EVENT, message, read, response
from tests.edge.conftest import Whole, unit
from tests.semantics.soap_calls import call, escaped

PART = f"<BusinessMessage>{EVENT}{CONTENT}</BusinessMessage>"
RECEIPT = "<ReceiptMessage><ReceivedMessage><UUID>1</UUID></ReceivedMessage></ReceiptMessage>"
RETURN = "<ReturnContent/>"


def parts(*inside: str) -> bytes:
    """A message with these in its BusinessMessage."""
    return message(f"<BusinessMessage>{''.join(inside)}</BusinessMessage>")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (message(PART + PART), "BusinessMessage"),
        (message(PART + PART.replace("BusinessMessage", "BUSINESSMESSAGE")), "BusinessMessage"),
        (message(PART + '<x:BusinessMessage xmlns:x="urn:x"/>'), "BusinessMessage"),
        (message(PART).replace(b"</TOTVSMessage>", b"<MessageInformation/></TOTVSMessage>"), "MessageInformation"),
        (parts(EVENT, CONTENT, CONTENT), "BusinessContent"),
        (parts(EVENT, CONTENT, CONTENT.replace("BusinessContent", "businesscontent")), "BusinessContent"),
        (parts(EVENT, '<x:BUSINESSCONTENT xmlns:x="urn:x"><Evil/></x:BUSINESSCONTENT>', CONTENT), "BusinessContent"),
        (parts(EVENT, EVENT, CONTENT), "BusinessEvent"),
        (parts(EVENT.replace("</BusinessEvent>", "<Event>delete</Event></BusinessEvent>"), CONTENT), "Event"),
        (response().replace(b"</ProcessingInformation>", b"<Status>OK</Status></ProcessingInformation>"), "Status"),
        (response().replace(b"</ResponseMessage>", b"<RETURNCONTENT/></ResponseMessage>"), "ReturnContent"),
        (message(RECEIPT.replace("</ReceiptMessage>", RETURN + "<x:returncontent xmlns:x='urn:x'/></ReceiptMessage>"), Type="Receipt"), "ReturnContent"),
    ],
)  # fmt: skip
def test_a_second_part_is_refused(body: bytes, what: str) -> None:
    """Whatever its prefix or letter case."""
    with pytest.raises(SenderFault) as refused:
        read(body)

    fault = refused.value.fault
    assert (fault.code, fault.detail("what")) == ("SECOND_PART", what)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"</inMsg>", b"</inMsg><inMsg>&lt;a/&gt;</inMsg>"),
        (b"<inMsg>", b"<inMsg/><inMsg>"),
        (b"</inMsg>", b"<TOTVSMessage/></inMsg>"),
        (b"</soap:Body>", b"</soap:Body><soap:Body/>"),
    ],
)
def test_a_call_carries_one_message(before: bytes, after: bytes) -> None:
    """One parameter, one text or element in it, one body."""
    body = call(escaped(unit("s-1"))).decode()
    soap = body[body.index("<") + 1 : body.index(":")] if ":Envelope" in body else "soap"
    name = body[body.index("&lt;") - 30 : body.index("&lt;")].rpartition("<")[2].partition(">")[0]
    opening, closing = f"<{name}>".encode(), f"</{name.split()[0]}>".encode()
    spelt = {b"<inMsg>": opening, b"</inMsg>": closing, b"</soap:Body>": f"</{soap}:Body>".encode()}
    assert spelt[before] in body.encode()
    new = after.replace(b"<inMsg>", opening).replace(b"</inMsg>", closing)
    new = new.replace(b"<inMsg/>", opening + closing).replace(b"soap:", soap.encode() + b":")
    opened = open_call(Parser(Limits()), body.encode().replace(spelt[before], new, 1))

    assert [fault.code for fault in opened.carried.faults] == ["NOT_SOAP"]


async def test_a_body_is_one_gzip_member(whole: Whole) -> None:
    """A second one, or what follows, would be dropped."""
    packed = gzip.compress(unit("g-1"))
    for body in (packed + gzip.compress(b"<a/>"), packed + b"more"):
        status, told, _ = await whole.post(body, headers={"content-encoding": "gzip"})
        assert (status, b"COMPRESSION_REFUSED" in told) == (413, True)
