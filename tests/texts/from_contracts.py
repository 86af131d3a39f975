"""Refusals by contracts: every contract's full example, mutated in every way; and odd facets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

from lxml import etree
from lxml.etree import _Element

import schemas
from bus.codec.names import tag_of
from bus.contracts.registry import Registry
from bus.contracts.rules import Heard, Rules
from bus.contracts.validate import errors_of_stream
from bus.contracts.xsd import compiled, contract_xsd, parsed
from bus.core.suggest import unknown_contract
from tests.codec.samples import business, message, read
from tests.texts.from_messages import Provoked

XSI = "http://www.w3.org/2001/XMLSchema-instance"
VALUES = ("", "x" * 5_000, "-99999999999999999999.123456789", "31/01/2026", "1,5", "\u00a01", "1e")
MOST = 60
TURNS = 6
"""Each mutation comes to so many elements."""

Mutation = Callable[[_Element], object]


def renamed(element: _Element) -> None:
    """A letter too many, as people write them."""
    element.tag = f"{tag_of(element)}s"


def typed(element: _Element) -> None:
    """A type that nobody declares."""
    element.set(f"{{{XSI}}}type", "nothing")


def swapped(element: _Element) -> None:
    """Behind its neighbour."""
    neighbour = element.getnext()
    if neighbour is not None:
        neighbour.addnext(element)


def moved(element: _Element) -> None:
    """Below its neighbour, where it does not belong."""
    neighbour = element.getnext()
    if neighbour is not None:
        neighbour.append(element)


def removed(element: _Element) -> None:
    """Gone."""
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


STRUCTURAL: tuple[Mutation, ...] = (
    renamed,
    swapped,
    moved,
    removed,
    typed,
    lambda each: each.addnext(deepcopy(each)),
    lambda each: each.set("strange", "1"),
    lambda each: each.set(f"{{{XSI}}}nil", "true"),
    lambda each: each.set(f"{{{XSI}}}nil", "maybe"),
    lambda each: each.append(etree.Element("Zed")),
    lambda each: each.append(etree.Element("{urn:x}Zed")),
    lambda each: setattr(each, "text", "loose"),
    lambda each: setattr(each, "tag", f"{{urn:x}}{tag_of(each)}"),
)


def contract_violations(name: str) -> Provoked:
    """Of a contract: wrong values all at once, wrong structure at one place after another."""
    xsd, example = contract_xsd(name), schemas.contract_example(name, "full")
    judge = Judge(name, xsd)
    for value in VALUES:
        yield from judge.told(_with_values(parsed(example), value), explained=True)
    count = sum(1 for _ in parsed(example).iter(etree.Element))
    for turn, mutate in enumerate(STRUCTURAL):
        for at in range(1 + turn % max(count // TURNS, 1), count, max(count // TURNS, 1)):
            content = parsed(example)
            mutate(list(content.iter(etree.Element))[at])
            yield from judge.told(content, explained=at % TURNS == 0)


class Judge:
    """Tells what a contract refuses: as libxml2 says it of a tree and of a stream, and explained."""

    def __init__(self, name: str, xsd: _Element) -> None:
        self._name = name
        self._rules = Rules(xsd, name)
        self._schema = compiled(xsd)

    def told(self, content: _Element, *, explained: bool) -> Provoked:
        """Every fault of a content, with where it comes from."""
        text = etree.tostring(content, encoding="unicode", with_tail=False)
        document = read(message(business(text)))
        heard = self._rules.hear(document, MOST)
        for fault in self._rules.tell(heard, (), MOST):
            yield f"{self._name}, libxml2", fault
        if document.content_node is not None:
            said = errors_of_stream(self._schema, document.content_node, MOST)
            for fault in self._rules.tell(Heard(said=said), (), MOST):
                yield f"{self._name}, stream", fault
        if explained:
            for fault in self._rules.tell(heard, self._rules.explain(heard, MOST), MOST):
                yield f"{self._name}, explained", fault


def _with_values(content: _Element, value: str) -> _Element:
    for each in content.iter(etree.Element):
        if not len(each):
            each.text = value
        for attribute in each.attrib:
            each.set(attribute, value)
    return content


def _simple(facets: str, base: str = "xs:string") -> str:
    return f'<xs:simpleType><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'


ODD_XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="Letters"><xs:restriction base="xs:string"><xs:maxLength value="2"/></xs:restriction>
</xs:simpleType>
<xs:simpleType name="Whole"><xs:restriction base="xs:int"/></xs:simpleType>
<xs:complexType name="Abstract" abstract="true"/>
<xs:element name="BusinessContent"><xs:complexType><xs:sequence>
<xs:element name="MaxLength" type="Letters" minOccurs="0"/>
<xs:element name="MinLength" minOccurs="0">{_simple('<xs:minLength value="2"/>')}</xs:element>
<xs:element name="Length" minOccurs="0">{_simple('<xs:length value="2"/>')}</xs:element>
<xs:element name="Listed" minOccurs="0">{_simple("".join(f'<xs:enumeration value="v{at}"/>' for at in range(60)))}</xs:element>
<xs:element name="Pattern" minOccurs="0">{_simple('<xs:pattern value="[A-Z]{3}"/>')}</xs:element>
<xs:element name="Named" type="Whole" minOccurs="0"/>
<xs:element name="Least" minOccurs="0">{_simple('<xs:minInclusive value="1"/>', "xs:decimal")}</xs:element>
<xs:element name="Above" minOccurs="0">{_simple('<xs:minExclusive value="1"/>', "xs:decimal")}</xs:element>
<xs:element name="Most" minOccurs="0">{_simple('<xs:maxInclusive value="1"/>', "xs:decimal")}</xs:element>
<xs:element name="Below" minOccurs="0">{_simple('<xs:maxExclusive value="1"/>', "xs:decimal")}</xs:element>
<xs:element name="Digits" minOccurs="0">{_simple('<xs:totalDigits value="2"/>', "xs:decimal")}</xs:element>
<xs:element name="Decimals" minOccurs="0">{_simple('<xs:fractionDigits value="1"/>', "xs:decimal")}</xs:element>
<xs:element name="Several" minOccurs="0"><xs:simpleType><xs:union><xs:simpleType>
<xs:restriction base="xs:int"/></xs:simpleType>{_simple('<xs:enumeration value="none"/>')}</xs:union></xs:simpleType></xs:element>
<xs:element name="Many" minOccurs="0"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>
<xs:element name="Fixed" type="xs:string" fixed="A" minOccurs="0"/>
<xs:element name="Nil" type="xs:int" nillable="true" minOccurs="0"/>
<xs:element name="Empty" minOccurs="0"><xs:complexType><xs:attribute name="a" type="Letters"/>
<xs:attribute name="b" fixed="B"/></xs:complexType></xs:element>
<xs:element name="Choice" minOccurs="0"><xs:complexType><xs:choice><xs:element name="One"/><xs:element name="Two"/>
</xs:choice></xs:complexType></xs:element>
<xs:element name="Any" minOccurs="0"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>
<xs:element name="All" minOccurs="0"><xs:complexType><xs:all><xs:element name="Left"/><xs:element name="Right"/></xs:all>
</xs:complexType></xs:element>
<xs:element name="Abstractly" type="Abstract" minOccurs="0"/>
<xs:element name="Uri" type="xs:anyURI" minOccurs="0"/><xs:element name="Bytes" type="xs:base64Binary" minOccurs="0"/>
<xs:element name="Hex" type="xs:hexBinary" minOccurs="0"/><xs:element name="Year" type="xs:gYear" minOccurs="0"/>
<xs:element name="Duration" type="xs:duration" minOccurs="0"/><xs:element name="Flag" type="xs:boolean" minOccurs="0"/>
<xs:element name="Token" type="xs:NMTOKEN" minOccurs="0"/><xs:element name="Tongue" type="xs:language" minOccurs="0"/>
<xs:element name="Row" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:attribute name="key"/>
<xs:attribute name="to"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType>
<xs:key name="Rows"><xs:selector xpath="Row"/><xs:field xpath="@key"/></xs:key>
<xs:keyref name="To" refer="Rows"><xs:selector xpath="Row"/><xs:field xpath="@to"/></xs:keyref>
</xs:element></xs:schema>"""
LEAVES = (
    *(
        "MaxLength",
        "MinLength",
        "Length",
        "Listed",
        "Pattern",
        "Named",
        "Least",
        "Above",
        "Most",
        "Below",
    ),
    *(
        "Digits",
        "Decimals",
        "Several",
        "Many",
        "Fixed",
        "Uri",
        "Bytes",
        "Hex",
        "Year",
        "Duration",
        "Flag",
    ),
    *("Token", "Tongue", "Nil"),
)
ODD_VALUES = ("", "a", "abc d", "1.25", "-1", "125", "99999999999", "%zz", "\u00a01", "v6")
ODD_CONTENTS = (
    "<Nil {xsi} xsi:nil='true'>1</Nil>", "<Flag {xsi} xsi:nil='true'/>", "<Flag {xsi} xsi:nil='x'>1</Flag>",
    "<Flag {xsi} xsi:type='q:x'>1</Flag>", "<Flag {xsi} xsi:type='Letters'>1</Flag>", "<Flag><a/></Flag>",
    "<Empty>text</Empty>", "<Empty><a/></Empty>", "<Empty a='abc'/>", "<Empty b='C'/>", "<Empty c=''/>", "<Choice/>",
    "<Choice><One/><Two/></Choice>", "<Choice><Three/></Choice>", "<Any><a/></Any>", "<Any/>", "<All/>",
    "<All><Left/></All>", "<All><Left/><Left/></All>", "<Abstractly/>", "<Row/>", "<Row key='1'/><Row key='1'/>",
    "<Row key='1' to='2'/>", "<Maxlength>a</Maxlength>", "<Left/>", "<Zed/>", "<Flag>true</Flag><Flag>true</Flag>",
    "<Demission/>", "text", "<Row key='1'/><Flag>true</Flag>", "<x:Flag xmlns:x='u'/>",
)  # fmt: skip


def odd_contents() -> Iterator[str]:
    """Contents that break each rule of the odd XSD."""
    for name in LEAVES:
        yield from (f"<{name}>{value}</{name}>" for value in ODD_VALUES)
    for content in ODD_CONTENTS:
        yield content.replace("{xsi}", f"xmlns:xsi='{XSI}'")


def odd_violations() -> Provoked:
    """Of an XSD that has every facet, and much that ours do not have."""
    judge = Judge("Odd 1.000", parsed(ODD_XSD.encode()))
    for content in odd_contents():
        whole = etree.fromstring(f"<BusinessContent>{content}</BusinessContent>")
        yield from judge.told(whole, explained=True)


def unknown_contracts() -> Provoked:
    """Names of contracts that there are not."""
    known = Registry().known()
    for name in ("Currency", "Curency", "Nothing", "admissiondate", "Order"):
        yield "contract", unknown_contract(name, "9.000", known, "/Header")
        yield "contract", unknown_contract(name, "9.000", ())
