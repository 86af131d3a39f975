"""A message in its other form, and back: nothing is lost on the way, or it is refused."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import schemas
from bus.codec.conversion import MessageForm, form_of, in_json, in_xml, needs_contract
from bus.codec.document import XmlDocument
from bus.codec.json_message import xml_of_message
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.errors import Fault, SenderFault
from tests.codec.samples import CODEC, EVENT, RESPONSE, UUID, business, message

REGISTRY = Registry()
shapes = REGISTRY.shapes
each_contract = pytest.mark.parametrize("contract", REGISTRY.known(), ids=lambda each: each.file)
MANY = 50
RECEIPT = """<ReceiptMessage><ReceivedMessage><SentBy>RM</SentBy><UUID>asked</UUID></ReceivedMessage>
<ReceiptData><ReceivedOn>2026-01-31T10:00:01</ReceivedOn></ReceiptData></ReceiptMessage>"""


def to_json(document: XmlDocument) -> bytes:
    """A document in JSON."""
    return in_json(document, shapes, CODEC.parse)


def from_json(text: bytes) -> XmlDocument:
    """The document of a JSON text, by way of the XML that is written of it."""
    return CODEC.parse(in_xml(CODEC.parse(xml_of_message(text, shapes))))


def told(text: bytes | str) -> Any:
    """What the JSON of an XML says."""
    body = text if isinstance(text, bytes) else message(text)
    return json.loads(to_json(CODEC.parse(body)))


def refusal(text: bytes | str) -> Fault:
    """Why a message has no JSON."""
    with pytest.raises(SenderFault) as refused:
        told(text)
    return refused.value.fault


def example(contract: Contract, size: str) -> bytes:
    """A message of a contract: minimal, full, or with all that is repeated there many times."""
    body = example_message(contract, "P12", uuid=UUID, at=0, full=size != "minimal")
    if size != "large":
        return body
    root = etree.fromstring(body, etree.XMLParser(remove_blank_text=True))
    for each in [*root.iter("*")]:
        before = each.getprevious()
        if before is not None and before.tag == each.tag:
            for _ in range(MANY):
                each.addnext(deepcopy(each))
    return etree.tostring(root)


@each_contract
@pytest.mark.parametrize("size", ["minimal", "full", "large"])
def test_a_message_comes_back_from_json_as_it_was(contract: Contract, size: str) -> None:
    """Header and canonical content of XML; of JSON every byte."""
    document = CODEC.parse(example(contract, size))

    text = to_json(document)
    back = from_json(text)

    assert back.envelope == document.envelope
    assert back.content_hash == document.content_hash
    assert to_json(back) == text


@each_contract
def test_a_response_comes_back_from_json_as_it_was(contract: Contract) -> None:
    """With all that a contract lets it return."""
    answer = schemas.contract_example(contract.file, "answer").decode().partition("?>")[2]
    part = RESPONSE.partition("<ReturnContent>")[0] + answer + "</ResponseMessage>"
    header = {"Type": "Response", "Transaction": contract.transaction}
    document = CODEC.parse(message(part, version=contract.version, **header))

    text = to_json(document)
    back = from_json(text)

    assert back.envelope == document.envelope
    assert back.content_hash == document.content_hash
    assert to_json(back) == text


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40) | (
    st.decimals(allow_nan=False, allow_infinity=False).map(str)
    | st.from_regex(r"\A-?0{0,3}[0-9]{1,20}(\.[0-9]{0,9})?\Z")
    | st.sampled_from(["true", "false", "1", " ", "\t", "\r\n", "null", "[]", "{}", "-0", "1e3"])
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REGISTRY.known()), st.integers(min_value=0), TEXTS)
def test_any_text_comes_back_as_it_was_spelt(contract: Contract, at: int, text: str) -> None:
    """Whatever the type that its contract gives it: no digit, zero or blank is lost."""
    root = etree.fromstring(example(contract, "full"), etree.XMLParser(remove_blank_text=True))
    leaves = [each for each in root.iterfind(".//BusinessContent//*") if not len(each)]
    leaf = leaves[at % len(leaves)] if leaves else root.find(".//BusinessContent")
    assert leaf is not None
    try:
        leaf.text = text
    except ValueError:  # XML has no such character
        return
    document = CODEC.parse(etree.tostring(root))

    assert from_json(to_json(document)).content_hash == document.content_hash


def test_a_receipt_comes_back_from_json_as_it_was() -> None:
    """It needs no contract."""
    document = CODEC.parse(message(RECEIPT, Type="Receipt", Transaction="Nobody's"))

    text = to_json(document)

    assert not needs_contract(document)
    assert json.loads(text)["Content"] == {
        "ReceivedMessage": {"SentBy": "RM", "UUID": "asked"},
        "ReceiptData": {"ReceivedOn": "2026-01-31T10:00:01"},
    }
    assert from_json(text).content_hash == document.content_hash


def test_the_contract_decides_what_is_a_list_a_number_or_a_boolean() -> None:
    """Not what a text looks like; and an element that may be repeated is a list of one."""
    content = told(example(known("Request", "1.010"), "minimal"))["Content"]
    item = told(example(known("Item", "4.005"), "full"))["Content"]

    assert isinstance(content["ListOfRequestItem"], list)
    assert isinstance(item["Code"], str)
    assert isinstance(item["Active"], bool)


@pytest.mark.parametrize(
    ("spelt", "written"),
    [
        ("2", "2"),
        ("10.50", "10.50"),
        ("0.0000001", "0.0000001"),
        ("-0", "-0"),
        ("007", '"007"'),
        ("+7", '"+7"'),
        ("7.", '"7."'),
        (" 7 ", '" 7 "'),
        ("1234567890.12345", "1234567890.12345"),
        ("12345678901.12345", '"12345678901.12345"'),
        ("0.10000000000000000001", '"0.10000000000000000001"'),
    ],
)
def test_a_number_keeps_its_digits_or_is_a_text(spelt: str, written: str) -> None:
    """As JSON spells it; what programs would round stays a text."""
    content = f"<BusinessContent><DecimalPlaces>{spelt}</DecimalPlaces></BusinessContent>"
    text = to_json(CODEC.parse(message(business(content)))).decode()

    assert f'"DecimalPlaces": {written}' in text


def known(transaction: str, version: str) -> Contract:
    """A contract that we have."""
    found = REGISTRY.find(transaction, version)
    assert found
    return found


def test_content_is_an_object_though_it_is_one_list() -> None:
    """A list of its own is an array; the content is what the standard calls an object."""
    content = told(example(known("StockLevel", "1.000"), "minimal"))["Content"]

    assert isinstance(content["RequestItem"], list)


def test_attributes_and_nil_have_keys_of_their_own() -> None:
    """Beside them a text stands in #text."""
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    part = business(
        f'<BusinessContent><Code id="7">BRL</Code><Symbol {xsi} xsi:nil="true"/></BusinessContent>'
    )

    content = told(part)["Content"]

    assert content["Code"] == {"@id": "7", "#text": "BRL"}
    assert content["Symbol"] == {"@xsi:nil": "true", "#text": ""}


NOTES = RESPONSE.replace(
    "<ListOfMessages>", '<ListOfMessages><Message type="ERROR" code="7">não</Message>'
)


def test_notes_of_a_response_are_details() -> None:
    """As the products write them in JSON, and back."""
    content = told(message(NOTES, Type="Response"))["Content"]

    assert content["ProcessingInformation"]["Details"] == [
        {"Type": "ERROR", "Code": "7", "Message": "não"},
        {"Type": "WARNING", "Code": "3", "Message": "já existia"},
    ]
    assert "ListOfMessages" not in content["ProcessingInformation"]
    assert content["ReturnContent"]["ListOfInternalId"] == [
        {"Name": "Currency", "Origin": "01|BRL", "Destination": "1|BRL"}
    ]


def test_details_of_a_response_are_read_whole() -> None:
    """In any letter case; what only JSON has stands in attributes of the note."""
    body = in_json_form(
        {
            "ReceivedMessage": {"UUID": "asked", "SentBy": "RM", "Event": "delete"},
            "ProcessingInformation": {
                "Status": "Error",
                "details": [
                    {"code": "7", "Message": "no", "DetailedMessage": "at\nlength", "helpUrl": "h"}
                ],
            },
        }
    )

    document = from_json(body)
    response = document.envelope.response

    assert response
    assert [(note.code, note.text) for note in response.notes] == [("7", "no")]
    content = json.loads(to_json(document))["Content"]
    assert content["ProcessingInformation"]["Details"] == [
        {"Code": "7", "Message": "no", "DetailedMessage": "at\nlength", "HelpUrl": "h"}
    ]
    assert content["ReceivedMessage"]["Event"] == "delete"


def in_json_form(content: Any, **header: Any) -> bytes:
    """A response in JSON."""
    fields = {"UUID": UUID, "Type": "Response", "Transaction": "Currency", "Version": "2.001"}
    return json.dumps({"Header": fields | header, "Content": content}).encode()


@pytest.mark.parametrize("event", ["upsert", "delete"])
def test_a_response_says_in_json_which_event_it_answers(event: str) -> None:
    """Protheus reads it there; the message itself, which XML has for it, stays."""
    asked = message(business(event=EVENT.replace("upsert", event))).decode()
    inside = f"<MessageContent><![CDATA[{asked}]]></MessageContent></ReceivedMessage>"
    document = CODEC.parse(message(RESPONSE.replace("</ReceivedMessage>", inside), Type="Response"))

    text = to_json(document)
    received = json.loads(text)["Content"]["ReceivedMessage"]

    assert received["Event"] == event
    assert received["MessageContent"] == asked
    assert from_json(text).content_hash == document.content_hash


def test_what_only_a_sender_knows_of_its_header_goes_both_ways() -> None:
    """Under its own name: in XML after the others, in JSON beside them."""
    document = CODEC.parse(message(Lote="7", Etapa="2"))

    text = to_json(document)

    assert json.loads(text)["Header"]["Lote"] == "7"
    assert [each.tag for each in from_json(text).strangers] == ["Lote", "Etapa"]


def test_a_request_is_one_whatever_its_header_says_of_an_event() -> None:
    """Real receivers want an Event in each Header; none of it is lost."""
    header = {"UUID": "1", "Transaction": "StockLevel", "Version": "1.000", "SubType": "Request"}
    body = json.dumps(
        {"Header": header | {"Event": "upsert"}, "Content": {"RequestItem": [{}]}}
    ).encode()

    document = from_json(body)

    assert document.envelope.business == ("StockLevel",)
    assert json.loads(to_json(document))["Header"]["Event"] == "upsert"


XSD = 'xmlns:x="urn:x"'


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        ("<A>a<B/>b</A>", "/A", "texto entre"),
        (f"<x:A {XSD}/>", "/A", "urn:x"),
        (f'<A {XSD} x:b="1"/>', "/A", "urn:x"),
        ('<A xml:lang="pt"/>', "/A", "namespace"),
        ("<Code/><code/>", "/code", "maiúsculas"),
        ("<A/><B/><A/>", "/A[2]", "juntos"),
        ("<code>BRL</code>", "", "não voltaria"),
        ('<A b="1" B="2"/>', "", "duas vezes"),
        ("<A>" * 120 + "</A>" * 120, "", "níveis"),
    ],
)
def test_what_json_cannot_carry_is_refused(content: str, path: str, said: str) -> None:
    """With its place, the reason and what to do."""
    fault = refusal(business(f"<BusinessContent>{content}</BusinessContent>"))

    assert fault.code == "NOT_IN_JSON"
    assert fault.path.endswith(path)
    assert fault.path.startswith("/TOTVSMessage/")
    assert said in fault.reason("pt")
    assert fault.remedy("pt")


@pytest.mark.parametrize(
    ("part", "header"),
    [
        (business(event=EVENT.replace("<key", '<key name="internalid">x</key><key')), {}),
        (business(event=EVENT.replace("</Entity>", "</Entity><Why>x</Why>")), {}),
        (business("").replace("<BusinessContent/>", ""), {}),
        (business(), {"ProductName": "RM"}),
        (business(), {"Event": "delete"}),
        (business(f"<x:BusinessContent {XSD}><Code/></x:BusinessContent>"), {}),
    ],
)
def test_what_the_envelope_would_lose_is_refused(part: str, header: dict[str, str]) -> None:
    """A second key of a name, a part that nobody knows, a name that JSON has taken."""
    fault = refusal(message(part, **header))

    assert fault.code == "NOT_IN_JSON"
    assert fault.path.startswith("/TOTVSMessage")


HEADER = {"UUID": "1", "Transaction": "Request", "Version": "1.010", "Event": "upsert"}


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"Header": HEADER, "Content": {}, "Trailer": 1}, "MALFORMED_JSON", "/Trailer"),
        ({"Items": [{"Header": HEADER, "Content": {}}]}, "MALFORMED_JSON", "/Items"),
        (
            {"Header": HEADER | {"CompanyId": {"a": 1}}, "Content": {}},
            "MALFORMED_JSON",
            "/Header/CompanyId",
        ),
        (
            {"Header": HEADER | {"BranchId": "\u0001"}, "Content": {}},
            "MALFORMED_JSON",
            "/Header/BranchId",
        ),
        (
            {"Header": HEADER | {"Product": {"@name": "RM"}}, "Content": {}},
            "MALFORMED_JSON",
            "/Header/Product",
        ),
        (
            {"Header": HEADER | {"Identification": ["x"]}, "Content": {}},
            "MALFORMED_JSON",
            "/Header/Identification",
        ),
        (
            {"Header": HEADER | {"Event": "insert"}, "Content": {}},
            "ENVELOPE_INVALID",
            "/Header/Event",
        ),
        (
            {"Header": HEADER | {"SubType": "x"}, "Content": {}},
            "ENVELOPE_INVALID",
            "/Header/SubType",
        ),
        (
            {"Header": HEADER | {"Event": "", "SubType": "event"}, "Content": {}},
            "ENVELOPE_INCOMPLETE",
            "/Header/Event",
        ),
        (
            {"Header": HEADER, "Content": {"ListOfRequestItem": [{"Code": [[1]]}]}},
            "MALFORMED_JSON",
            "/Content/ListOfRequestItem[1]/Code[1]",
        ),
        (
            {"Header": HEADER, "Content": {"ListOfRequestItem": [{}, {"a b": 1}]}},
            "MALFORMED_JSON",
            "/Content/ListOfRequestItem[2]/a b",
        ),
        ({"Header": HEADER, "Content": {"Z": [1, None]}}, "MALFORMED_JSON", "/Content/Z"),
        (
            {"Header": HEADER, "Content": {"Z": {"@xmlns": "u"}}},
            "MALFORMED_JSON",
            "/Content/Z/@xmlns",
        ),
        ({"Header": HEADER, "Content": {"Z": {"#text": {}}}}, "MALFORMED_JSON", "/Content/Z/#text"),
    ],
)
def test_what_xml_cannot_carry_is_refused(given: Any, code: str, path: str) -> None:
    """With its path in the JSON: nothing is dropped, and nothing guessed."""
    with pytest.raises(SenderFault) as refused:
        xml_of_message(json.dumps(given).encode(), shapes)

    assert (refused.value.fault.code, refused.value.fault.path) == (code, path)


def test_a_list_with_more_than_its_items_is_itself_an_object() -> None:
    """Its items under their name, so that the rest is not taken for one of them."""
    for inside in ("<RequestItem/><Total>1</Total>", "<Total>1</Total>", "text"):
        content = (
            f"<BusinessContent><ListOfRequestItem>{inside}</ListOfRequestItem></BusinessContent>"
        )
        document = CODEC.parse(message(business(content), version="1.010", Transaction="Request"))

        assert from_json(to_json(document)).content_hash == document.content_hash


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ListOfRequestItem", "RequestItem", "Code", "#text", "@a", "é", "Z"]),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(ANY_JSON)
def test_any_json_that_is_read_comes_back_or_is_refused(value: Any) -> None:
    """What was written of it says the same when it is read again."""
    body = json.dumps({"Header": HEADER, "Content": value}).encode()
    try:
        document = from_json(body)
        text = to_json(document)
    except SenderFault:
        return

    assert from_json(text).content_hash == document.content_hash


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"{}", MessageForm.JSON),
        (b"\xef\xbb\xbf\n [", MessageForm.JSON),
        (b"<a/>", MessageForm.XML),
        (b"", MessageForm.XML),
        ("<a/>".encode("utf-16"), MessageForm.XML),
    ],
)
def test_the_form_of_a_text_is_seen_at_its_beginning(body: bytes, form: MessageForm) -> None:
    """Whatever its file is called."""
    assert form_of(body) is form
    assert form.other is not form


def test_xml_is_laid_out_unless_blanks_would_be_text() -> None:
    """Beside a text they would be read as part of it."""
    mixed = "<BusinessContent>x<A/></BusinessContent>"

    assert b"\n  <" in in_xml(CODEC.parse(message()))
    assert b"x<A/></BusinessContent>" in in_xml(CODEC.parse(message(business(mixed))))


def test_the_documents_show_what_is_written(checkout: Path) -> None:
    """The page on the JSON form has a message in both."""
    page = (checkout / "docs" / "json.md").read_text("utf-8")
    xml, text = (
        page.partition(f"```{name}\n")[2].partition("```")[0].encode() for name in ("xml", "json")
    )

    document = CODEC.parse(xml)

    assert to_json(document) == text
    assert from_json(text).content_hash == document.content_hash
