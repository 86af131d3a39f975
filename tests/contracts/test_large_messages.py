"""What is checked as a stream, for its many elements, is judged as what is checked as a tree."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bus.contracts.explain.libxml2 import ENDLESS
from bus.contracts.registry import Registry
from bus.contracts.rules import Rules
from bus.contracts.validate import MANY
from bus.contracts.xsd import contract_xsd
from bus.core.errors import Fault
from bus.core.text import Language
from tests.codec.samples import business, message, read

REGISTRY = Registry()
RULES = Rules(contract_xsd("Request_1_010"), "Request 1.010")
SEVERAL = "<RequestItem/>" * MANY
"""So many valid items that their content is checked as a stream."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
FIELDS = ("Code", "UnitPrice", "DeliveryDateTime", "ItemReferenceCode", "Observation", "Event")
LONG = 4_200
_INDEX = re.compile(r"\[\d+\]")


def faults(item: str, others: str = "") -> tuple[Fault, ...]:
    """What is said of an item of a request, behind others."""
    items = f"<ListOfRequestItem>{others}{item}</ListOfRequestItem>"
    text = message(business(f"<BusinessContent>{items}</BusinessContent>"), Transaction="Request")
    document = read(text)
    found = RULES.check(document)
    assert RULES.conform(document) == (not found)
    return found


def judged(item: str, others: str = "") -> list[tuple[str, str]]:
    """The codes and the places of what is said, wherever the item stands."""
    return [(each.code, _INDEX.sub("", each.path)) for each in faults(item, others)]


def item(field: str, text: str) -> str:
    """An item with a text in a field."""
    element = etree.Element("RequestItem")
    etree.SubElement(element, field).text = text
    return etree.tostring(element, encoding="unicode")


WRONG = {
    "no number": item("UnitPrice", "1.234,56"),
    "no whole number": item("Code", "1.5"),
    "no date": item("DeliveryDateTime", "31/01/2026"),
    "too many decimals": item("UnitPrice", "1.234"),
    "too many digits": item("UnitPrice", "12345678901234"),
    "too long": item("ItemReferenceCode", "x" * 21),
    "too short": item("ItemReferenceCode", ""),
    "not listed": item("Event", "upsert"),
    "not known": "<RequestItem><Zed/></RequestItem>",
    "out of order": "<RequestItem><Event>delete</Event><Code>1</Code></RequestItem>",
    "an attribute": '<RequestItem a="1"/>',
    "loose text": "<RequestItem>text</RequestItem>",
    "nil": f'<RequestItem xmlns:i="{XSI}"><Code i:nil="true"/></RequestItem>',
    "another type": f'<RequestItem xmlns:i="{XSI}" xmlns:x="{XSD}">'
    '<Code i:type="x:date">2026-01-31</Code></RequestItem>',
    "a date in the place of a date and time": f'<RequestItem xmlns:i="{XSI}" xmlns:x="{XSD}">'
    '<DeliveryDateTime i:type="x:date">2026-01-31</DeliveryDateTime></RequestItem>',
    "the right type and a wrong value": f'<RequestItem xmlns:i="{XSI}" xmlns:x="{XSD}">'
    '<DeliveryDateTime i:type="x:dateTime">31/01/2026</DeliveryDateTime></RequestItem>',
    "no type": f'<RequestItem xmlns:i="{XSI}"><Code i:type="Zed">1</Code></RequestItem>',
    "long, and wrong at its end": item("UnitPrice", f"1{' ' * LONG}x"),
    "long, and wrong at its start": item("UnitPrice", f"x{' ' * LONG}1"),
    "long blanks": item("UnitPrice", " " * LONG),
    "long and too long": item("ItemReferenceCode", "x" * LONG),
    "long loose text": f"<RequestItem>{'x' * LONG}</RequestItem>",
    "long, after an element": f"<RequestItem><Code>1</Code>{'x' * LONG}</RequestItem>",
}
IN_OTHER_WORDS = {
    "twice": "<RequestItem><Code>1</Code><Code>1</Code></RequestItem>",
    "an element in a text": "<RequestItem><Code><Zed/></Code></RequestItem>",
}
"""What xmlschema, which never hears of a large message, tells more exactly."""
RIGHT = {
    "blanks before": item("UnitPrice", f"{' ' * LONG}1"),
    "blanks after": item("UnitPrice", f"1{' ' * LONG}"),
    "digits": item("UnitPrice", f"{'0' * LONG}1"),
    "a text": item("Observation", "x" * LONG),
    "marks": item("Observation", "<&]]>\r\n\"'" * LONG),
    "a type of XML Schema": f'<RequestItem xmlns:i="{XSI}" xmlns:x="{XSD}">'
    '<Code i:type="x:int">1</Code></RequestItem>',
    "the type of the contract": f'<RequestItem xmlns:i="{XSI}" xmlns:x="{XSD}">'
    '<DeliveryDateTime i:type="x:dateTime">2026-01-31T10:00:00</DeliveryDateTime></RequestItem>',
    "blanks among elements": f"<RequestItem><Code>1</Code>{' ' * LONG}</RequestItem>",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_alike(wrong: str) -> None:
    """By its code, at its place."""
    small = judged(wrong)

    assert small
    assert judged(wrong, SEVERAL) == small


@pytest.mark.parametrize("wrong", IN_OTHER_WORDS.values(), ids=IN_OTHER_WORDS)
def test_a_mistake_that_is_told_in_other_words_is_refused_alike(wrong: str) -> None:
    """At the same item."""
    assert faults(wrong)
    assert any("/Code" in path for _, path in judged(wrong, SEVERAL))


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_right(right: str) -> None:
    """However long it is."""
    assert faults(right) == ()
    assert faults(right, SEVERAL) == ()


@pytest.mark.parametrize("name", ["no number", "no whole number", "no date", "too many decimals"])
@pytest.mark.parametrize("language", ["pt", "en"])
def test_people_read_the_same(name: str, language: Language) -> None:
    """The type of the value, and how it is written."""
    (small,), (large,) = faults(WRONG[name]), faults(WRONG[name], SEVERAL)

    assert large.reason(language) == small.reason(language)
    assert large.remedy(language) == small.remedy(language)


BLANKS = st.sampled_from(["", " ", "\n", " " * LONG, "\t" * LONG])
CORES = st.text(alphabet="0123456789.-+eExT:Z ,\u00a0\r<&]>\u0661", max_size=12)
LONGER = CORES.map(lambda text: text * LONG)


@given(st.sampled_from(FIELDS), BLANKS, CORES | LONGER, BLANKS)
def test_any_text_is_judged_alike(field: str, before: str, core: str, after: str) -> None:
    """Any text in any field: taken in both, or refused in both."""
    written = item(field, before + core + after)

    assert bool(faults(written, SEVERAL)) == bool(faults(written))


def test_a_text_of_endless_parts_is_refused_at_once() -> None:
    """Rather than to be copied for minutes; and the reason is told."""
    endless = item("Observation", "\r" * 400_000)

    (fault,) = faults(endless, SEVERAL)

    assert fault.code == "CONTRACT_VIOLATED"
    assert ENDLESS in fault.reason("en")
    assert "partes demais" in fault.reason("pt")
