"""Explanations have a deadline, and hold up nobody: they are given in a process that may be ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import schemas
from bus.contracts.beside import Beside
from bus.contracts.explain.explaining import MOST_ATTRIBUTES, Explaining, explaining
from bus.contracts.explain.lines import with_lines
from bus.contracts.registry import Registry
from bus.contracts.rules import Rules
from bus.contracts.validate import MOST
from bus.contracts.xsd import contract_xsd, parsed
from tests.codec.samples import CODEC, business, message, read
from tests.contracts.test_contracts_registers import example

SLOW_XSD = b"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="BusinessContent">
<xs:complexType><xs:sequence><xs:element name="A" minOccurs="0"><xs:simpleType>
<xs:restriction base="xs:string"><xs:pattern value="(a|a|a|a|a|a|aa)*b"/></xs:restriction>
</xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
ENDLESS = f"<A>{'a' * 20}c</A>"
"""A value that libxml2 refuses at once, and that Python's patterns would be busy with for years."""
QUICK = "<Zed/>"


@pytest.fixture(scope="module")
def process() -> Iterator[Explaining]:
    """One process for all."""
    made = Explaining(seconds=0.5)
    yield made
    made.end()


@pytest.fixture
def slow(process: Explaining) -> Rules:
    """Rules by which a message may take years to be explained."""
    return Rules(parsed(SLOW_XSD), "Slow 1.000", process)


def content(inside: str) -> bytes:
    """A message with this content."""
    return message(business(f"<BusinessContent>\n{inside}\n</BusinessContent>"))


def codes(rules: Rules, inside: str) -> list[str]:
    """The codes of what is said of a content."""
    return [fault.code for fault in rules.check(read(content(inside)))]


@pytest.mark.parametrize("name", schemas.contract_names())
def test_a_process_explains_as_it_would_be_here(name: str, process: Explaining) -> None:
    """Each fault, at its place and on its line."""
    xsd = contract_xsd(name)
    wrong = etree.fromstring(etree.tostring(example(name, "full.xml"), pretty_print=True))
    for element in list(wrong.iter()):
        if not len(element):
            element.text = f"{element.text or ''}\u00a0\n" * 60
    etree.SubElement(wrong, "Zed")
    document = read(message(business(etree.tostring(wrong, encoding="unicode"))))

    there = Rules(xsd, name, process).check(document, 50)

    assert there
    assert there == Rules(xsd, name).check(document, 50)


def test_what_takes_too_long_is_refused_all_the_same(slow: Rules) -> None:
    """With what libxml2 says of it, and that there may be more."""
    value, more = slow.check(read(content(ENDLESS)))

    assert (value.code, value.path[-2:], value.line) == ("VALUE_WRONG_TYPE", "/A", 6)
    assert more.code == "NOT_EXPLAINED"
    assert "a tempo" in more.reason("pt")
    assert "in time" in more.reason("en")


def test_what_libxml2_gives_up_on_is_refused(slow: Rules) -> None:
    """It stops by itself after ten million turns, and says so in a way of its own."""
    faults = slow.check(read(content(f"<A>{'a' * 60}c</A>")))

    assert [fault.code for fault in faults] == ["CONTRACT_VIOLATED", "NOT_EXPLAINED"]
    assert "não terminaria" in faults[0].reason("pt")
    assert "would not end" in faults[0].reason("en")


def test_whoever_comes_next_is_explained(slow: Rules, process: Explaining) -> None:
    """By a new process; and after several that it never ended, the old one is called stuck."""
    assert codes(slow, QUICK) == ["ELEMENT_UNEXPECTED"]
    for _ in range(3):
        assert not process.is_stuck
        assert codes(slow, ENDLESS)[-1] == "NOT_EXPLAINED"
    assert process.is_stuck

    assert codes(slow, QUICK) == ["ELEMENT_UNEXPECTED"]
    assert not process.is_stuck


def test_a_crowd_of_attributes_is_not_explained(slow: Rules) -> None:
    """libxml2 tells them in a moment; xmlschema takes the square of their number."""
    many = "".join(f' a{at}=""' for at in range(MOST_ATTRIBUTES + 1))

    told = codes(slow, f"<A{many}>b</A>")

    assert set(told) == {"ATTRIBUTE_UNEXPECTED", "NOT_EXPLAINED"}
    assert len(told) == 10


async def test_explanations_hold_up_neither_the_loop_nor_its_threads() -> None:
    """Whoever comes while several are explained is told at once what libxml2 says."""
    patient = Explaining(seconds=2.0)
    slow = Rules(parsed(SLOW_XSD), "Slow 1.000", patient)
    beside, document = Beside(), read(content(ENDLESS))
    assert codes(slow, QUICK)  # the contract is learnt
    explaining = [asyncio.create_task(beside.explain(slow, document, MOST)) for _ in range(4)]
    for _ in range(8):
        await asyncio.to_thread(slow.conform, document)

    late = asyncio.create_task(beside.explain(slow, document, MOST))
    done, _ = await asyncio.wait({late, *explaining}, return_when=asyncio.FIRST_COMPLETED)
    told = await asyncio.gather(late, *explaining)

    assert done == {late}
    assert [[fault.code for fault in faults] for faults in told] == [
        ["VALUE_WRONG_TYPE", "NOT_EXPLAINED"]
    ] * 5


STOPPING = """
import asyncio
from bus.contracts.beside import Beside
from tests.contracts.test_explaining import *

async def main():
    rules = Rules(parsed(SLOW_XSD), "Slow 1.000", Explaining())
    for _ in range(6):
        asyncio.create_task(Beside().explain(rules, read(content(ENDLESS)), MOST))
    await asyncio.sleep(0.2)

asyncio.run(main())
"""


def test_a_program_ends_though_messages_are_being_explained(checkout: Path) -> None:
    """It waits for one deadline, not for what is explained."""
    done = subprocess.run([sys.executable, "-c", STOPPING], cwd=checkout, timeout=120, check=False)

    assert done.returncode == 0


CROWD = "".join(f'<xs:element name="E{at}" minOccurs="0"/>' for at in range(5_000))
CROWDED_XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
    <xs:element name="BusinessContent"><xs:complexType><xs:all>{CROWD}</xs:all>
    </xs:complexType></xs:element></xs:schema>""".encode()
"""Xmlschema takes the cube of the number of elements in any order."""


def test_nobody_waits_for_a_contract_to_be_learnt() -> None:
    """Libxml2 says what is wrong meanwhile; afterwards all is explained as before."""
    process = Explaining(seconds=0.1, learning=4.0)
    crowded = Rules(parsed(CROWDED_XSD), "Crowded 1.000", process)
    slow = Rules(parsed(SLOW_XSD), "Slow 1.000", process)

    first, beside = codes(crowded, QUICK), codes(slow, QUICK)
    while "NOT_EXPLAINED" in (later := codes(slow, QUICK)):
        pass

    assert first == beside == ["ELEMENT_UNEXPECTED", "NOT_EXPLAINED"]
    assert later == ["ELEMENT_UNEXPECTED"]


def test_a_contract_that_is_too_hard_to_learn_is_tried_once() -> None:
    """After that libxml2 says what is wrong."""
    impatient = Explaining(seconds=8.0, learning=0.5)
    crowded = Rules(parsed(CROWDED_XSD), "Crowded 1.000", impatient)

    assert codes(crowded, QUICK) == ["ELEMENT_UNEXPECTED"]
    assert codes(crowded, QUICK) == ["ELEMENT_UNEXPECTED"]
    assert not impatient.is_stuck


def test_a_registry_explains_by_the_process_of_its_program() -> None:
    """Which is one for all registries."""
    registry = Registry()
    registry.warm_up()
    contract = registry.find("Currency", "2.001")
    assert contract is not None

    (fault,) = registry.check(contract, read(content("<Code>BRASIL</Code>")))

    assert (fault.code, fault.line) == ("VALUE_TOO_LONG", 6)
    assert not explaining().is_stuck


TEXTS = st.text(alphabet="ab \n<&\u00e9", max_size=6)
ATTRIBUTES = st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, max_size=2)


@given(st.recursive(st.tuples(ATTRIBUTES, TEXTS), lambda inner: st.lists(inner, max_size=4)))
def test_every_element_keeps_its_line(drawn: object) -> None:
    """However the message was written; and its texts and attributes stay as they are."""
    sent = CODEC.parse(message(business(f"<BusinessContent>{written(drawn)}</BusinessContent>")))

    again = etree.fromstring(with_lines(sent.root))

    assert [each.sourceline for each in again.iter()] == [
        each.sourceline for each in sent.root.iter()
    ]
    assert etree.tostring(again, method="c14n") == etree.tostring(sent.root, method="c14n")


def written(drawn: object) -> str:
    """An element, with line ends in its tag as people may write them."""
    element = etree.Element("A")
    if isinstance(drawn, list):
        return f"<L\n>{''.join(map(written, drawn))}\n</L>"
    if isinstance(drawn, tuple):
        attributes, element.text = drawn
        for name, value in attributes.items():
            element.set(name, value)
    return etree.tostring(element, encoding="unicode").replace("<A", "<A\n\n", 1)
