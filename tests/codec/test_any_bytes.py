"""Any bytes give a document or a fault of the sender, and nothing else."""

import asyncio
import contextlib

from hypothesis import given
from hypothesis import strategies as st

from bus.contracts.registry import Registry
from bus.core.envelope import Carrier
from bus.core.errors import SenderFault
from tests.codec.samples import CODEC, in_soap, message, read, response

CONTRACTS = Registry()
SEEDS = (
    message(),
    response(),
    message(Transaction="UnitOfMeasure", version="2.000"),
    b'<?xml version="1.0" encoding="ISO-8859-1"?>' + message().decode().encode("latin-1"),
    message().decode().encode("utf-16"),
)
FRAGMENTS = (
    b"<", b">", b"/>", b"</", b"&", b"&#1;", b"&lt;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x ?>",
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\x81", b"<!DOCTYPE a>", b'xmlns="u"', b'xmlns:x="u"',
    b"<x:Code/>", b'<Code xsi:type="xs:int"/>', b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    b"<DecimalPlaces>" + b"9" * 5000 + b"</DecimalPlaces>", b"<DecimalPlaces>1_0</DecimalPlaces>",
    b"<BusinessContent/>", b"<Code>" * 300, b"encoding='utf-16'", b" ", b"\n", b"<Code a='1' b='2'/>",
    "<Code>ção</Code>".encode(), b"<Origin/>", b"<InternalId/>", b"Response", b"delete",
)  # fmt: skip


def everything(body: bytes, *, decoded: bool) -> None:
    """Reads, hashes, checks and writes a body; a fault of the sender is a good end."""
    with contextlib.suppress(SenderFault):
        document = read(body, decoded=decoded)
        header = document.envelope.header
        assert document.content_hash
        contract = CONTRACTS.find(header.transaction, header.version)
        for fault in CONTRACTS.check(contract, document) if contract else ():
            assert fault.path.startswith("/TOTVSMessage")
            assert fault.reason("pt")
            assert fault.remedy("en")
        again = CODEC.parse(document.write(header.uuid))
        assert again.envelope.header == header
        assert again.content_hash == document.content_hash
    with contextlib.suppress(SenderFault):
        CODEC.parse_answer(body)
    for each in (body, in_soap(body)):
        with contextlib.suppress(SenderFault):
            asyncio.run(CODEC.unwrap(each))
        with contextlib.suppress(SenderFault):
            CODEC.parse(each, Carrier.SOAP)


@given(st.binary(max_size=400), st.booleans())
def test_noise(body: bytes, decoded: bool) -> None:
    """Bytes that mean nothing."""
    everything(body, decoded=decoded)


@given(st.text(max_size=400), st.sampled_from(["utf-8", "utf-16", "utf-32", "cp1252", "utf-7"]))
def test_texts_in_any_encoding(text: str, encoding: str) -> None:
    """Texts that mean nothing."""
    everything(text.encode(encoding, "ignore"), decoded=False)


@given(st.lists(st.sampled_from([*FRAGMENTS, *SEEDS]), max_size=8), st.booleans())
def test_pieces_of_messages(pieces: list[bytes], decoded: bool) -> None:
    """Markup in any order."""
    everything(b"".join(pieces), decoded=decoded)


@given(st.data(), st.sampled_from(SEEDS), st.booleans())
def test_messages_that_were_damaged(data: st.DataObject, seed: bytes, decoded: bool) -> None:
    """A message that was cut, or had a piece replaced or put in, at any place."""
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed)))
        length = data.draw(st.integers(0, 40))
        piece = data.draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=8))
        seed = seed[:start] + piece + seed[start + length :]
    everything(seed, decoded=decoded)
