"""Writing: strict, the same for every destination, and true to what was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import schemas
from bus.core.contract import IdElement, IdRole
from bus.core.envelope import (
    DeliveryMode,
    Envelope,
    Header,
    InternalIdPair,
    MessageType,
    Note,
    Product,
    Status,
)
from bus.core.errors import SenderFault
from bus.core.translation import Swap, Translation
from bus.ports.codec import Reply
from depara.model import Key
from tests.codec.samples import CODEC, DESTINATION_UUID, UUID, business, message, read, response

ENVELOPE = etree.XMLSchema(etree.fromstring(schemas.envelope_xsd()))
AT = 1_769_860_800_123_456  # 2026-01-31T12:00:00.123456Z
ASKED = read(message(Transaction="CustomerVendor", BranchId="D MG 01 ", UserId="joana")).envelope


def tree(written: bytes) -> etree._Element:
    """What was written, which must be in the strict form."""
    root = etree.fromstring(written)
    ENVELOPE.assertValid(root)
    return root


def header_order(written: bytes) -> list[str]:
    """The names in the header."""
    return [str(child.tag) for child in tree(written)[0]]


def test_the_header_is_written_in_the_order_of_protheus() -> None:
    """Whatever the order it came in."""
    sent = message(
        DeliveryType="async",
        ContextName="PROTHEUS",
        UserId="joana",
        BranchSharingMode="C",
        BusinessUnitSharingMode="E",
        CompanySharingMode="E",
        BusinessUnit="MG ",
        Enterprise="D ",
    )

    written = read(sent).write(DESTINATION_UUID)

    assert header_order(written) == [
        "UUID",
        "Type",
        "Transaction",
        "StandardVersion",
        "SourceApplication",
        "CompanyId",
        "BranchId",
        "Enterprise",
        "BusinessUnit",
        "CompanySharingMode",
        "BusinessUnitySharingMode",
        "BranchSharingMode",
        "UserId",
        "Product",
        "GeneratedOn",
        "ContextName",
        "DeliveryType",
    ]
    assert b"<UUID>" + DESTINATION_UUID.encode() in written
    assert b"<DeliveryType>Async</DeliveryType>" in written
    assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<TOTVSMessage>')


def test_a_message_for_several_destinations_stays_one_message() -> None:
    """Each gets its own UUID; neither the document nor another destination's copy changes."""
    document = read(message())
    before = etree.tostring(document.root)

    first, second = (document.write(uuid) for uuid in ("one", "two"))

    assert first.replace(b"<UUID>one<", b"<UUID>two<") == second
    assert etree.tostring(document.root) == before
    assert document.envelope.header.uuid == UUID


def test_elements_that_we_do_not_know_are_passed_on() -> None:
    """They stand at the end of the header, as they came."""
    body = message().replace(b"<UUID>", b'<Environment kind="test">caf\xc3\xa9</Environment><UUID>')

    written = read(body).write(UUID)

    expected = '<Environment kind="test">café</Environment></MessageInformation>'.encode()
    assert expected in written


def test_the_name_of_the_schema_is_passed_on() -> None:
    """Some products look at it; nobody follows it."""
    location = b'xsi:noNamespaceSchemaLocation="xmlschema/general/events/Currency_2_001.xsd"'
    xsi = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = message().replace(b"<TOTVSMessage>", b"<TOTVSMessage " + xsi + b" " + location + b">")

    written = read(body).write(UUID)

    assert b"<TOTVSMessage " + xsi + b" " + location + b"><MessageInformation" in written
    assert written.count(xsi) == 1


def test_content_is_passed_on_as_it_is() -> None:
    """Order, blanks, attributes and foreign names of the content stay."""
    content = '<BusinessContent xmlns:x="urn:x"><b a="1">  </b><x:y/><a>&lt;&amp;&#13;"</a></BusinessContent>'

    written = read(message(business(content))).write(UUID)

    again = tree(written).find("BusinessMessage/BusinessContent")
    assert again is not None
    assert [child.tag for child in again] == ["b", "{urn:x}y", "a"]
    assert [child.text for child in again] == ["  ", None, '<&\r"']


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r<&>\"'")
)
tokens = texts.map(str.strip).filter(bool)
headers = st.builds(
    Header,
    uuid=tokens,
    type=st.just(MessageType.BUSINESS),
    transaction=tokens,
    version=tokens,
    standard_version=texts,
    source_application=texts,
    company=texts,
    branch=texts,
    enterprise=texts,
    business_unit=texts,
    company_sharing_mode=texts,
    business_unit_sharing_mode=texts,
    branch_sharing_mode=texts,
    user=texts,
    product=st.builds(Product, texts, texts),
    generated_on=texts,
    context=texts,
    delivery=st.none() | st.sampled_from(DeliveryMode),
)


@given(headers, texts)
def test_what_is_written_reads_as_what_it_was(header: Header, value: str) -> None:
    """Reading what was written gives the same header and the same content, for any texts."""
    document = read(message())
    written = CODEC.reply(
        Reply(Envelope(header), "uuid", AT, notes=(Note(value, "WARNING", value),))
    )

    again = read(written).envelope

    expected = header._replace(
        uuid="uuid",
        type=MessageType.RESPONSE,
        source_application="BUS",
        user="",
        generated_on="2026-01-31T12:00:00Z",
    )
    assert again.header == expected
    assert again.response is not None
    assert again.response.notes == (Note(allowed(value), "WARNING", allowed(value)),)
    assert again.response.received_uuid == header.uuid
    assert document.envelope == read(document.write(UUID)).envelope


def allowed(text: str) -> str:
    """A text without what XML cannot hold."""
    return "".join(each for each in text if each not in "\ufffe\uffff")


@pytest.mark.parametrize(
    "body", [message(), response(), message(business("<BusinessContent/>")), message(business(""))]
)
def test_reading_and_writing_again_changes_nothing(body: bytes) -> None:
    """Header and content hash survive."""
    document = read(body)
    uuid = document.envelope.header.uuid

    again = read(document.write(uuid))

    assert again.envelope == document.envelope
    assert again.content_hash == document.content_hash
    assert again.write(uuid) == document.write(uuid)


def test_our_answer_names_the_question() -> None:
    """SentBy is the asker's product, the UUID the asker's; company and branch are the asker's."""
    notes = (Note("Moeda < 1", code="VALUE"), Note("outra", "WARNING"))

    written = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT, Status.ERROR, notes))

    tree(written)
    envelope = read(written).envelope
    header, told = envelope.header, envelope.response
    assert (header.uuid, header.type) == (DESTINATION_UUID, MessageType.RESPONSE)
    assert (header.transaction, header.version) == ("CustomerVendor", "2.001")
    assert (header.company, header.branch, header.user) == ("1", "D MG 01 ", "")
    assert (header.source_application, header.delivery) == ("BUS", DeliveryMode.SYNC)
    assert header.generated_on == "2026-01-31T12:00:00Z"
    assert told is not None
    assert (told.received_uuid, told.sent_by, told.status) == (UUID, "RM", Status.ERROR)
    assert told.processed_on == "2026-01-31T12:00:00Z"
    assert told.notes == notes


def test_an_answer_without_notes_has_no_list_of_them() -> None:
    """An empty list would be read as a warning by some."""
    written = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT))

    tree(written)
    assert b"<Status>OK</Status></ProcessingInformation>" in written


def test_an_answer_is_passed_on_under_the_question_of_its_origin() -> None:
    """What the destination said stays; whose question it answers is set right."""
    original = response(Transaction="CURRENCY", CompanyId="9", SourceApplication="PRO")

    written = CODEC.parse_answer(original).write(ASKED, DESTINATION_UUID, AT)

    tree(written)
    envelope = read(written).envelope
    told = envelope.response
    assert told is not None
    assert (told.received_uuid, told.sent_by) == (UUID, "RM")
    assert (told.status, told.processed_on) == (Status.OK, "2026-01-31T10:00:01")
    assert told.notes == (Note("já existia", "WARNING", "3"),)
    assert told.ids == (InternalIdPair("Currency", "01|BRL", "1|BRL"),)
    assert (envelope.header.transaction, envelope.header.company) == ("CustomerVendor", "1")
    assert envelope.header.uuid == DESTINATION_UUID


def test_an_answer_that_is_passed_on_keeps_the_product_that_gave_it() -> None:
    """The origin keeps its de-para by the product in the answer."""
    original = response(SourceApplication="P1299").replace(b'name="RM"', b'name="PROTHEUS"')
    nameless = original.replace(b"PROTHEUS", b"").replace(b"P1299", b"")

    kept = read(CODEC.parse_answer(original).write(ASKED, "u", AT)).envelope.header
    ours = read(CODEC.parse_answer(nameless).write(ASKED, "u", AT)).envelope.header

    assert (kept.product.name, kept.source_application) == ("PROTHEUS", "P1299")
    assert (ours.product.name, ours.source_application) == ("RM", "BUS")


def test_a_receipt_says_that_we_have_it() -> None:
    """Which message and when; the mode of the sender is kept."""
    written = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT, status=None))

    tree(written)
    envelope = read(written).envelope
    assert envelope.header.type is MessageType.RECEIPT
    assert envelope.receipt is not None
    assert envelope.receipt.received_uuid == UUID
    assert envelope.receipt.received_on == "2026-01-31T12:00:00Z"


def test_what_xml_cannot_hold_is_left_out_of_what_we_say() -> None:
    """A log of an ERP may contain anything, and an answer must be readable."""
    note = Note("a\x00b\x1b\ud800\uffffc\r\n", "\x01E", "<\"'>\t")

    written = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT, notes=(note,)))

    told = read(written).envelope.response
    assert told is not None
    assert told.notes == (Note("abc\r\n", "E", "<\"'>\t"),)


def test_the_answer_of_a_destination_is_understood() -> None:
    """Even one that has no header, as some partners send."""
    bare = b"<TOTVSMessage><ResponseMessage><ProcessingInformation><Status>ok</Status>"
    bare += b"</ProcessingInformation></ResponseMessage></TOTVSMessage>"

    assert CODEC.parse_answer(response()).response == read(response()).envelope.response
    told = CODEC.parse_answer(bare).response
    assert told is not None
    assert told.status is Status.OK


def test_a_receipt_is_no_answer_yet() -> None:
    """The destination has it, and says nothing of the outcome."""
    receipt = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT, status=None))

    assert CODEC.parse_answer(receipt).response is None


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"<html/>", message(), response()[:-20], response().replace(b">OK<", b">?<")],
)
def test_what_is_no_answer_is_a_fault(body: bytes) -> None:
    """A caller can tell it from a ResponseMessage that says no."""
    with pytest.raises(SenderFault):
        CODEC.parse_answer(body)


# -- ids, and the message that an answer encloses --------------------------------------------------

ELEMENTS = (
    IdElement("InternalId", IdRole.OWN, "Currency"),
    IdElement("Part/InternalId", IdRole.OWN_PART, "Line"),
    IdElement("Target", IdRole.REFERENCE, by="Kind", cases=(("1", "Order"), ("2", "Request"))),
    IdElement("Of/Target", IdRole.REFERENCE, by="Kind", cases=(("1", "Order"), ("2", "Request"))),
)


def translated(content: str, *swaps: Swap, own: str = "") -> etree._Element:
    """A currency as its reader gets it."""
    by = Translation(swaps, elements=ELEMENTS, own=Key("Currency", "rm", "", own) if own else None)
    sent = message(business(f"<BusinessContent>{content}</BusinessContent>"))
    return tree(read(sent).write(DESTINATION_UUID, by))


def test_one_text_of_two_entities_is_put_by_its_sibling() -> None:
    """Each gets its own id, and neither the other's."""
    of = "".join(f"<Of><Kind>{kind}</Kind><Target>7</Target></Of>" for kind in "123")

    root = translated(of, *(Swap("Of/Target", name, "7", name) for name in ("Order", "Request")))

    assert [one.text for one in root.iter("Target")] == ["Order", "Request", "7"]


@pytest.mark.parametrize(
    ("swaps", "key"),
    [
        ([Swap("Part/InternalId", "Line", "1|BRL", "9", own=True)], "1|BRL"),
        ([Swap("InternalId", "Currency", "1|BRL", "5", own=True)], "5"),
    ],
)
def test_the_key_is_the_document_s_though_a_part_has_the_same_text(
    swaps: list[Swap], key: str
) -> None:
    """A part that gets another id changes nothing of the document."""
    root = translated("<Part><InternalId>1|BRL</InternalId></Part>", *swaps, own="1|BRL")

    assert root.findtext(".//Identification/key") == key


def test_an_answer_encloses_what_it_answers() -> None:
    """In the strict form, with what ends a CDATA section in it, once; a receipt does not."""
    sent = message(business("<BusinessContent><A><![CDATA[x]]></A></BusinessContent>"))
    reply = CODEC.reply(Reply(read(sent).envelope, DESTINATION_UUID, AT))
    receipt = CODEC.reply(Reply(ASKED, DESTINATION_UUID, AT, status=None))

    written = read(sent).enclosed_in(reply)

    assert tree(written).findtext(".//MessageContent") == sent.decode()
    assert read(sent).enclosed_in(written) == written
    assert read(sent).enclosed_in(receipt) == receipt


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_what_is_enclosed_is_text_whatever_its_encoding(encoding: str) -> None:
    """Its declaration stays where it still tells the truth; no byte order mark does."""
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{message().decode()}'

    enclosed = read(text.encode(encoding)).text.decode()

    assert enclosed.removeprefix("\n") == (text if encoding == "UTF-8" else message().decode())
