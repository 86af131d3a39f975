"""The standard message in JSON, to XML and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

import schemas
from bus.codec.json_form import ElementShape
from bus.codec.json_message import json_of_message, xml_of_message
from bus.codec.json_reading import loads, to_xml
from bus.codec.json_writing import dumps, to_json
from bus.codec.writer import canonical
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.errors import SenderFault
from tests.codec.samples import CODEC, UUID

REGISTRY = Registry()
PARSER = etree.XMLParser(remove_blank_text=True, remove_comments=True)
each_contract = pytest.mark.parametrize("contract", REGISTRY.known(), ids=lambda each: each.file)


shapes = REGISTRY.shapes


def there_and_back(element: _Element, shape: ElementShape) -> _Element:
    """An element after it was a JSON text."""
    return to_xml(str(element.tag), loads(dumps(to_json(element, shape))), shape)


def without_blanks(element: _Element) -> bytes:
    """An element whose blanks between elements, which say nothing, are gone."""
    for each in element.iter():
        each.tail = (each.tail or "").strip() or None
    return canonical(element)


@each_contract
@pytest.mark.parametrize("kind", ["minimal", "full", "answer"])
def test_an_example_comes_back_as_it_was(contract: Contract, kind: str) -> None:
    """Element by element: order, empties, spellings of numbers, attributes."""
    content = etree.fromstring(schemas.contract_example(contract.file, kind), PARSER)
    known = shapes(contract.transaction, contract.version)[str(content.tag)]

    assert without_blanks(there_and_back(content, known)) == without_blanks(content)


@each_contract
def test_a_message_comes_back_as_it_was(contract: Contract) -> None:
    """With its envelope, whatever the case of its keys, and still valid."""
    document = CODEC.parse(example_message(contract, "P12", uuid=UUID, at=0, full=True))
    told = json_of_message(document, shapes)
    told["Header"] = {key.upper(): value for key, value in told["Header"].items()}

    back = CODEC.parse(xml_of_message(dumps(told), shapes))

    assert back.envelope == document.envelope
    assert back.content_hash == document.content_hash
    assert REGISTRY.check(contract, back) == ()


def test_a_list_is_an_array_of_its_items() -> None:
    """Numbers and booleans are JSON's own, where they come back the same."""
    content = etree.fromstring(
        "<BusinessContent><Code>007</Code><DecimalPlaces>2</DecimalPlaces></BusinessContent>"
    )
    answer = etree.fromstring(schemas.contract_example("Currency_2_001", "answer"), PARSER)
    known = shapes("Currency", "2.001")

    assert to_json(content, known["BusinessContent"]) == {"Code": "007", "DecimalPlaces": 2}
    assert to_json(answer, known["ReturnContent"]) == {
        "ListOfInternalId": [{"Name": "Currency", "Origin": "1|BRL", "Destination": "01|BRL"}]
    }


@pytest.mark.parametrize(
    "told",
    [
        {"ListOfInternalId": [{"Name": "A"}, {"Name": "B"}]},
        {"listofinternalid": [{"name": "A"}, {"NAME": "B"}]},
        {"ListOfInternalID": [{"InternalId": {"Name": "A"}}, {"InternalId": {"Name": "B"}}]},
        {"ListOfInternalId": {"InternalId": [{"Name": "A"}, {"Name": "B"}]}},
    ],
)
def test_lists_are_read_as_products_write_them(told: dict[str, Any]) -> None:
    """Items wrapped in their name or not; keys in any case."""
    answer = to_xml("ReturnContent", told, shapes("Currency", "2.001")["ReturnContent"])

    assert canonical(answer) == (
        b"<ReturnContent><ListOfInternalId><InternalId><Name>A</Name></InternalId>"
        b"<InternalId><Name>B</Name></InternalId></ListOfInternalId></ReturnContent>"
    )


def test_one_object_stands_for_a_list_of_one() -> None:
    """Senders drop the array."""
    answer = to_xml(
        "ReturnContent",
        {"ListOfInternalId": {"Name": "A"}},
        shapes("Currency", "2.001")["ReturnContent"],
    )

    assert answer.findtext("ListOfInternalId/InternalId/Name") == "A"


def test_elements_come_in_the_order_of_the_contract() -> None:
    """JSON has none; what is not known comes last, null is absent, spellings stay."""
    told = loads(
        b'{"Zed": 1.50, "Description": null, "code": "BRL", "CompanyId": 010e0}'.replace(
            b"010e0", b"1"
        )
    )

    content = to_xml("BusinessContent", told, shapes("Currency", "2.001")["BusinessContent"])

    assert [(each.tag, each.text) for each in content] == [
        ("CompanyId", "1"),
        ("Code", "BRL"),
        ("Zed", "1.50"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "MALFORMED_JSON"),
        (b"\xff", "MALFORMED_JSON"),
        (b"[]", "MALFORMED_JSON"),
        (b'{"Content": {}}', "ENVELOPE_INCOMPLETE"),
        (b'{"Header": {"UUID": "1"}, "Content": {"a b": 1}}', "MALFORMED_JSON"),
        (b'{"Header": {"UUID": "1"}, "Content": {"a": "\\u0000"}}', "MALFORMED_JSON"),
        (b'{"Header": {"UUID": "1"}, "Content": [1]}', "MALFORMED_JSON"),
        (b"[" * 100_000, "TOO_COMPLEX"),
    ],
)
def test_what_is_no_message_is_told(body: bytes, code: str) -> None:
    """As a fault of its sender."""
    with pytest.raises(SenderFault) as refused:
        xml_of_message(body, shapes)

    assert refused.value.fault.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@given(JSON)
@example({"A¹": False})  # a letter for Python, and none in a name
def test_any_json_is_a_message_or_a_fault_of_its_sender(value: Any) -> None:
    """Nothing else is ever raised."""
    body = json.dumps({"Header": {"Transaction": "Currency", "Version": "2.001"}, "Content": value})
    try:
        xml = xml_of_message(body.encode(), shapes)
    except SenderFault:
        return

    assert etree.fromstring(xml).tag == "TOTVSMessage"


HEADER = '"Header": {"UUID": "1", "Transaction": "Request", "Version": "1.010"}'


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ('{"Header": {"UUID": "1"}}', "ENVELOPE_INCOMPLETE", "Content"),
        (f'{{{HEADER}, "Content": null}}', "ENVELOPE_INCOMPLETE", "Content"),
        (f'{{{HEADER}, "Content": "x"}}', "MALFORMED_JSON", "Content não é um objeto"),
        ('{"Header": "x", "Content": {}}', "MALFORMED_JSON", "Header não é um objeto"),
        ('"x"', "MALFORMED_JSON", "padrão: não é um objeto"),
        ("[{}]", "MALFORMED_JSON", "padrão: não é um objeto"),
        (f'{{{HEADER}, "Content": {{}}, "content": {{}}}}', "MALFORMED_JSON", "duas vezes"),
        (f'{{{HEADER}, "Content": {{"a": 1, "A": 2}}}}', "MALFORMED_JSON", "duas vezes"),
        (f'{{{HEADER}, "Content": {{"a": NaN}}}}', "MALFORMED_JSON", "NaN"),
        (f'{{{HEADER}, "Content": {{"a": -Infinity}}}}', "MALFORMED_JSON", "Infinity"),
        (f'{{{HEADER}, "Content": {{"a": 1e99999}}}}', "MALFORMED_JSON", "1e99999"),
        (f'{{{HEADER}, "Content": {{"ListOfRequestItem": [null]}}}}', "MALFORMED_JSON", "null"),
        (
            f'{{{HEADER}, "Content": {{"ListOfRequestItem": {{"RequestItem": null}}}}}}',
            "MALFORMED_JSON",
            "null",
        ),
        (f'{{{HEADER}, "Content": {{"a": {{"@b": "\\u0001"}}}}}}', "MALFORMED_JSON", "proíbe"),
        (f'{{{HEADER}, "Content": {{"a": "\\ud800"}}}}', "MALFORMED_JSON", "proíbe"),
        ("{" + HEADER + ', "Content": ' + "[" * 101 + "]" * 101 + "}", "TOO_COMPLEX", "100"),
        ("{" + HEADER + ', "Content": ' + '{"a":' * 400 + "1" + "}" * 401, "TOO_COMPLEX", "100"),
        (
            '{"Header": {"UUID": "1", "DeliveryType": "now"}, "Content": {}}',
            "ENVELOPE_INVALID",
            "now",
        ),
        (
            '{"Header": {"UUID": "1", "Type": "Pedido"}, "Content": {}}',
            "ENVELOPE_INVALID",
            "Pedido",
        ),
        ('{"Header": }', "MALFORMED_JSON", "falta um valor"),
        ('{"Header": {} "Content"', "MALFORMED_JSON", "vírgula"),
        ('{"Header": "', "MALFORMED_JSON", "não está fechado"),
    ],
)
def test_what_is_wrong_is_told_in_the_language(body: str, code: str, said: str) -> None:
    """Nothing is dropped, guessed or made up, and no library speaks English."""
    with pytest.raises(SenderFault) as refused:
        xml_of_message(body.encode(), shapes)

    told = refused.value.fault.reason("pt")
    assert refused.value.fault.code == code
    assert said in told
    assert "xpect" not in told


@pytest.mark.parametrize(
    ("spelt", "written"),
    [("1e3", "1000"), ("1.5E2", "150"), ("12e-1", "1.2"), ("1.010", "1.010"), ("-0", "-0")],
)
def test_a_number_with_an_exponent_is_written_in_digits(spelt: str, written: str) -> None:
    """As the contracts have numbers; all others stay as they are spelt."""
    assert loads(f'{{"a": {spelt}}}'.encode()) == {"a": written}


def test_a_response_is_one() -> None:
    """By its Type; its notes are a list of texts or objects."""
    content = {
        "ReceivedMessage": {"SentBy": "RM", "UUID": "asked"},
        "ProcessingInformation": {
            "ProcessedOn": "2026-01-31T12:00:00",
            "Status": "ERROR",
            "ListOfMessages": [{"@type": "ERROR", "@code": "7", "#text": "no"}, "and no"],
        },
        "ReturnContent": {},
    }
    header = {"UUID": UUID, "Type": "Response", "Transaction": "Request", "Version": "1.010"}
    body = json.dumps({"Header": header, "Content": content}).encode()

    response = CODEC.parse(xml_of_message(body, shapes)).envelope.response

    assert response is not None
    assert (response.received_uuid, response.status) == ("asked", "ERROR")
    assert [(note.text, note.code) for note in response.notes] == [("no", "7"), ("and no", "")]
