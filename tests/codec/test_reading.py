"""Reading an envelope: any order, any letter case, no namespace or any."""

from collections.abc import Callable

import pytest

from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    DeliveryMode,
    Event,
    InternalIdPair,
    MessageType,
    Note,
    Product,
    Receipt,
    Response,
    Status,
)
from bus.core.errors import Fault, SenderFault
from bus.wiring import open_codec
from tests.codec.samples import (
    CONTENT,
    EVENT,
    RESPONSE,
    UUID,
    business,
    message,
    read,
    response,
)


def refusal(body: bytes) -> tuple[Fault, ...]:
    """The faults for which a body is refused."""
    with pytest.raises(SenderFault) as refused:
        read(body)
    return refused.value.faults


def test_a_message_says_who_sends_what() -> None:
    """Every field of the header arrives as it was sent."""
    header = read(message()).envelope.header

    assert header.uuid == UUID
    assert header.type is MessageType.BUSINESS
    assert (header.transaction, header.version) == ("Currency", "2.001")
    assert (header.source_application, header.standard_version) == ("RM", "1.0")
    assert header.product == Product("RM", "12")
    assert header.delivery is DeliveryMode.SYNC


def test_blanks_of_company_and_branch_are_kept() -> None:
    """In Protheus `D MG 01 ` is another branch than `D MG 01`."""
    header = read(message(CompanyId=" ", BranchId="D MG 01 ")).envelope.header

    assert (header.company, header.branch) == (" ", "D MG 01 ")


def test_blanks_around_tokens_are_not() -> None:
    """A UUID in a line of its own is the same UUID."""
    header = read(message(UUID=f"\n  {UUID}\n", DeliveryType=" async ")).envelope.header

    assert header.uuid == UUID
    assert header.delivery is DeliveryMode.ASYNC


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-31T20:26:42",
        "2026-01-31T18:12:36Z",
        "2026-01-31T11:47:00-03:00",
        "2026-01-31T13:48:45.6345288-05:00",
    ],
)
def test_every_form_of_date_in_use_is_kept(moment: str) -> None:
    """GeneratedOn stays a text."""
    assert read(message(GeneratedOn=moment)).envelope.header.generated_on == moment


def test_what_need_not_be_there_may_be_missing() -> None:
    """Without Product, SourceApplication, mode and place a message is still a message."""
    rare = dict.fromkeys(("SourceApplication", "CompanyId", "BranchId", "DeliveryType"), "-")
    body = message(**rare).replace(b'<Product name="RM" version="12"/>', b"")

    header = read(body).envelope.header

    assert header.product == Product()
    assert header.delivery is None
    assert header.source_application == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BusinessMessage", MessageType.BUSINESS),
        ("BUSINESSMESSAGE", MessageType.BUSINESS),
        ("Response", MessageType.RESPONSE),
        ("responsemessage", MessageType.RESPONSE),
        ("Receipt", MessageType.RECEIPT),
        ("ReceiptMessage", MessageType.RECEIPT),
    ],
)
def test_a_type_is_known_by_all_its_names(written: str, meant: MessageType) -> None:
    """Products spell the three types in several ways."""
    receipt = "<ReceiptMessage><ReceivedMessage><UUID>u</UUID></ReceivedMessage></ReceiptMessage>"
    parts = business() + RESPONSE + receipt

    assert read(message(parts, Type=written)).envelope.header.type is meant


@pytest.mark.parametrize("case", [str.lower, str.upper, str.swapcase])
def test_letter_case_does_not_matter(case: Callable[[str], str]) -> None:
    """Names of the envelope in another letter case are the same envelope and the same content."""
    strict = message().decode()
    names = ["TOTVSMessage", "MessageInformation", "BusinessMessage", "BusinessEvent", "Event"]
    names += ["BusinessContent", "Transaction", "UUID", "Product", "Identification", "key"]
    loose = strict
    for name in names:
        loose = loose.replace(f"<{name}>", f"<{case(name)}>").replace(
            f"</{name}>", f"</{case(name)}>"
        )
    loose = loose.replace("<key name=", f"<{case('key')} {case('name')}=")
    loose = loose.replace('<Product name="RM" ', f'<{case("Product")} {case("name")}="RM" ')
    loose = loose.replace(
        "<MessageInformation version", f"<{case('MessageInformation')} {case('version')}"
    )

    document, expected = read(loose.encode()), read(strict.encode())

    assert document.envelope == expected.envelope
    assert document.content_hash == expected.content_hash


def test_the_parts_may_come_in_any_order() -> None:
    """Content before the event, keys before Event, the header last: one message."""
    event = (
        "<BusinessEvent><Identification><Key name='InternalId'>1|BRL</Key></Identification>"
        "<Event>UPSERT</Event><Entity>Currency</Entity></BusinessEvent>"
    )
    strict = message().decode()
    head = strict[strict.index("<MessageInformation") : strict.index("<BusinessMessage")]
    body = f"<TOTVSMessage>{business(event, CONTENT)}{head}</TOTVSMessage>".encode()

    document, expected = read(body), read(message())

    assert document.envelope == expected.envelope
    assert document.content_hash == expected.content_hash


def test_an_event_tells_entity_and_keys() -> None:
    """Identification may have several keys, each with its name as sent."""
    event = (
        "<BusinessEvent><Entity>Invoice</Entity><Event>Delete</Event><Identification>"
        '<key name="CompanyId">01</key><Key name="InternalID">01| |7</Key></Identification>'
        "</BusinessEvent>"
    )

    told = read(message(business(event=event))).envelope.business

    keys = (("CompanyId", "01"), ("InternalID", "01| |7"))
    assert told == BusinessEvent("Invoice", Event.DELETE, keys)


def test_a_request_tells_its_operation() -> None:
    """WhoIs asks, it tells of nothing that happened."""
    request = "<BusinessRequest><Operation>WhoIs</Operation></BusinessRequest>"

    told = read(message(business("<BusinessContent/>", request))).envelope.business

    assert told == BusinessRequest("WhoIs")


def test_a_namespace_is_removed_and_told() -> None:
    """A message that inherited its carrier's namespace is read as the standard has it."""
    body = message().replace(b"<TOTVSMessage>", b'<TOTVSMessage xmlns="http://tempuri.org/">')

    document = read(body)

    (repair,) = document.envelope.repairs
    assert (repair.path, repair.line, repair.alters) == ("/TOTVSMessage", 1, False)
    assert repair.what.told("en") == "the namespace http://tempuri.org/ was removed"
    assert document.content_hash == read(message()).content_hash
    assert document.values(["Code"]) == ("BRL",)


def test_only_the_first_of_two_counts() -> None:
    """A second UUID neither hides the first nor reaches a destination."""
    body = message().replace(b"<Type>", b"<uuid>other</uuid><Type>")

    document = read(body)

    assert document.envelope.header.uuid == UUID
    assert b"other" not in document.write(UUID)


def test_a_response_tells_what_came_of_it() -> None:
    """Status, notes and ids; it may lack the version of the transaction."""
    document = read(response().replace(b' version="2.001"', b""))

    assert document.envelope.response == Response(
        received_uuid="asked",
        status=Status.OK,
        sent_by="PROTHEUS",
        processed_on="2026-01-31T10:00:01",
        notes=(Note("já existia", "WARNING", "3"),),
        ids=(InternalIdPair("Currency", "01|BRL", "1|BRL"),),
    )


@pytest.mark.parametrize("origin", ["<Origin/>", "<Origin></Origin>", ""])
def test_a_pair_may_lack_its_origin(origin: str) -> None:
    """Some adapters leave it empty, some leave it out."""
    body = response().replace(b"<Origin>01|BRL</Origin>", origin.encode())

    told = read(body).envelope.response

    assert told is not None
    assert told.ids == (InternalIdPair("Currency", "", "1|BRL"),)


def test_a_list_of_ids_is_known_in_any_letter_case_and_stays_as_sent() -> None:
    """It is content: it is understood, and not mended."""
    body = response().replace(b"ListOfInternalId>", b"ListOfInternalID>")

    document = read(body)

    assert document.envelope.response is not None
    assert len(document.envelope.response.ids) == 1
    assert b"<ListOfInternalID>" in document.write(UUID)


def test_a_receipt_says_only_that_it_was_received() -> None:
    """Which message, from whom, when."""
    part = (
        "<ReceiptMessage><ReceivedMessage><SentBy>RM</SentBy><UUID>u</UUID></ReceivedMessage>"
        "<ReceiptData><receivedon>2026-01-31T10:00:00</receivedon></ReceiptData></ReceiptMessage>"
    )

    document = read(message(part, Type="Receipt"))

    assert document.envelope.receipt == Receipt("u", "RM", "2026-01-31T10:00:00")


def test_everything_that_is_missing_is_told_at_once() -> None:
    """The sender mends the header in one go."""
    faults = refusal(message(version="", UUID="", Transaction=" "))

    assert [fault.code for fault in faults] == ["ENVELOPE_INCOMPLETE"] * 3
    assert [fault.path.rpartition("/")[2] for fault in faults] == [
        "@version",
        "UUID",
        "Transaction",
    ]
    assert {fault.line for fault in faults} == {2}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"<TOTVSMessage/>", "/TOTVSMessage/MessageInformation"),
        (message(Type="-"), "/TOTVSMessage/MessageInformation/Type"),
        (message(RESPONSE), "/TOTVSMessage/BusinessMessage"),
        (
            message(business(event="")),
            "/TOTVSMessage/BusinessMessage/BusinessEvent | BusinessRequest",
        ),
        (
            message(business(event=EVENT.replace("upsert", " "))),
            "/TOTVSMessage/BusinessMessage/BusinessEvent/Event",
        ),
        (
            response().replace(b"<Status>OK</Status>", b""),
            "/TOTVSMessage/ResponseMessage/ProcessingInformation/Status",
        ),
        (
            response().replace(b"ProcessingInformation", b"Processing"),
            "/TOTVSMessage/ResponseMessage/ProcessingInformation",
        ),
        (
            response().replace(b"<UUID>asked</UUID>", b""),
            "/TOTVSMessage/ResponseMessage/ReceivedMessage/UUID",
        ),
        (
            message("<ReceiptMessage/>", Type="Receipt"),
            "/TOTVSMessage/ReceiptMessage/ReceivedMessage/UUID",
        ),
    ],
)
def test_what_an_envelope_must_have_is_asked_for_by_name(body: bytes, path: str) -> None:
    """The path says where it should stand."""
    (fault,) = refusal(body)

    assert (fault.code, fault.path) == ("ENVELOPE_INCOMPLETE", path)
    assert path.rpartition("/")[2] in fault.reason("pt")


@pytest.mark.parametrize(
    ("body", "value", "allowed"),
    [
        (message(Type="Whois"), "Whois", "BusinessMessage | Response | Receipt"),
        (message(DeliveryType="later"), "later", "Sync | Async"),
        (message(business(event=EVENT.replace("upsert", "REQUEST"))), "REQUEST", "upsert | delete"),
        (response().replace(b">OK<", b">Maybe<"), "Maybe", "OK | ERROR"),
        (message(Type="x" * 1000), "x" * 60 + "…", "BusinessMessage | Response | Receipt"),
    ],
)
def test_a_value_nobody_knows_is_refused_with_the_known_ones(
    body: bytes, value: str, allowed: str
) -> None:
    """What was sent, cut where it is long, and what could be sent."""
    (fault,) = refusal(body)

    assert fault.code == "ENVELOPE_INVALID"
    assert (fault.details["value"], fault.details["allowed"]) == (value, allowed)


def test_a_message_cannot_both_tell_and_ask() -> None:
    """BusinessEvent and BusinessRequest exclude each other."""
    (fault,) = refusal(message(business(event=EVENT + "<BusinessRequest/>")))

    assert (fault.code, fault.path) == ("ENVELOPE_INVALID", "/TOTVSMessage/BusinessMessage")


def test_other_xml_is_no_message() -> None:
    """The root is named."""
    (fault,) = refusal(b"<html><body/></html>")

    assert fault.code == "NOT_A_STANDARD_MESSAGE"
    assert "<html>" in fault.reason("en")


@pytest.mark.parametrize(
    "other",
    [
        message(GeneratedOn="2027-01-01T00:00:00", UUID="another"),
        message().replace(b"Real &amp; c", b"<![CDATA[Real & c]]>"),
        message().replace(b"<Code>", b"<!-- a comment --><Code>"),
        message().replace(b"<Code>", b"\n\t <Code>"),
        message().decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + message().decode().encode("latin-1"),
    ],
)
def test_content_is_the_same_however_it_is_written(other: bytes) -> None:
    """Header, comments, CDATA, indentation and encoding do not change the hash."""
    assert read(other).content_hash == read(message()).content_hash


@pytest.mark.parametrize(
    "other",
    [
        message().replace(b"<Code>BRL", b"<Code>BRL "),
        message().replace(b"<Code>BRL</Code>", b""),
        message().replace(b">upsert<", b">delete<"),
    ],
)
def test_other_content_has_another_hash(other: bytes) -> None:
    """A blank in a value, a missing element, another event: another content."""
    assert read(other).content_hash != read(message()).content_hash


def test_a_value_of_blanks_is_a_value() -> None:
    """Blanks between elements go, a text of blanks stays."""
    body = message().replace(
        b"<Code>BRL</Code>", b"<Code>   </Code>\n<Symbol><![CDATA[ ]]></Symbol>"
    )

    assert read(body).values(["Code", "Symbol"]) == ("   ", " ")


def test_what_was_received_is_kept_byte_for_byte() -> None:
    """Reading mends a copy."""
    body = message().replace(b"BRL<", b"BR\x01L<")

    assert read(body).raw == body


async def test_an_answer_is_parsed_once_for_whoever_reads_it_next() -> None:
    """Adapter and engine read the same bytes; who comes third, or with a copy, has its own."""
    codec = open_codec()
    body = message(RESPONSE)

    first, second = await codec.read_answer(body), await codec.read_answer(body)
    third = await codec.read_answer(body)
    of_a_copy = await codec.read_answer(bytes(bytearray(body)))

    assert second is first
    assert third is not first
    assert of_a_copy is not third
    assert third.response == first.response == of_a_copy.response
