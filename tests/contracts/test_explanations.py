"""Explanations: each difference from a contract, where it is, and what to do, in both languages."""

import pytest

from bus.contracts.explain.libxml2 import KnownXsd, XsdError, fault_of
from bus.contracts.explain.places import Places
from bus.contracts.registry import Registry
from bus.contracts.rules import Rules
from bus.contracts.xsd import parsed, whole
from bus.contracts.xsd_problems import problem_of
from bus.core.errors import Fault, SenderFault
from bus.core.fault_texts import FAULT_TEXTS
from tests.codec.samples import business, message, read

ABOVE = "/TOTVSMessage/BusinessMessage/BusinessContent"
RULES = Rules(
    whole(b"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:include schemaLocation="../types/ListOfInternalId_1_000.xsd"/>
  <xs:element name="BusinessContent"><xs:complexType><xs:sequence>
    <xs:element name="Code" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:minLength value="2"/><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Type" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:length value="3"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Kind" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="A"/><xs:enumeration value="B"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Count" type="xs:integer" minOccurs="0"/>
    <xs:element name="Day" type="xs:date" minOccurs="0"/>
    <xs:element name="Amount" minOccurs="0"><xs:simpleType><xs:restriction base="xs:decimal">
      <xs:minInclusive value="0"/><xs:maxExclusive value="100"/>
      <xs:fractionDigits value="2"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Zip" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:pattern value="[0-9]{8}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="ListOfItem" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Item" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="Name" type="xs:string"/>
        <xs:element name="Note" type="xs:string" minOccurs="0"/></xs:sequence>
        <xs:attribute name="scope" use="required"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="Federal"/></xs:restriction></xs:simpleType></xs:attribute>
      </xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Must" type="xs:string"/>
    <xs:element name="ListOfInternalId" type="ListOfInternalIdType" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""),
    "Sample 1.000",
)
POSSIBLE_AT_FIRST = "Code, Type, Kind, … (+6)"
FEDERAL = "<Item scope='Federal'>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def faults(inside: str) -> tuple[Fault, ...]:
    """The faults of a content that begins on line 5."""
    return RULES.check(read(message(business(f"<BusinessContent>\n{inside}\n</BusinessContent>"))))


@pytest.mark.parametrize(
    ("inside", "code", "path", "line", "said"),
    [
        (
            "<Code>LONG</Code>\n<Must/>",
            "VALUE_TOO_LONG",
            "/Code",
            6,
            "O valor “LONG” de <Code> tem 4 caracteres; o máximo é 3.",
        ),
        (
            "\n<Code>L</Code><Must/>",
            "VALUE_TOO_SHORT",
            "/Code",
            7,
            "O valor “L” de <Code> tem 1 caracteres; o mínimo é 2.",
        ),
        (
            "<Type>12</Type><Must/>",
            "VALUE_TOO_SHORT",
            "/Type",
            6,
            "O valor “12” de <Type> tem 2 caracteres; o mínimo é 3.",
        ),
        (
            "<Kind>C</Kind><Must/>",
            "VALUE_NOT_LISTED",
            "/Kind",
            6,
            "O valor “C” de <Kind> não é um dos permitidos: A, B.",
        ),
        (
            "<Count>x</Count><Must/>",
            "VALUE_WRONG_TYPE",
            "/Count",
            6,
            "O valor “x” de <Count> não é do tipo integer.",
        ),
        (
            "<Count/><Must/>",
            "VALUE_WRONG_TYPE",
            "/Count",
            6,
            "O valor “” de <Count> não é do tipo integer.",
        ),
        (
            "<Day>31/01/2026</Day><Must/>",
            "VALUE_WRONG_TYPE",
            "/Day",
            6,
            "O valor “31/01/2026” de <Day> não é do tipo date.",
        ),
        (
            "<Amount>1,5</Amount><Must/>",
            "VALUE_WRONG_TYPE",
            "/Amount",
            6,
            "O valor “1,5” de <Amount> não é do tipo decimal.",
        ),
        (
            "<Amount>-1</Amount><Must/>",
            "VALUE_OUT_OF_RANGE",
            "/Amount",
            6,
            "O valor “-1” de <Amount> está fora do permitido: ≥ 0.",
        ),
        (
            "<Amount>100</Amount><Must/>",
            "VALUE_OUT_OF_RANGE",
            "/Amount",
            6,
            "O valor “100” de <Amount> está fora do permitido: < 100.",
        ),
        (
            "<Amount>1.234</Amount><Must/>",
            "VALUE_OUT_OF_RANGE",
            "/Amount",
            6,
            "O valor “1.234” de <Amount> está fora do permitido: até 2 casas decimais.",
        ),
        (
            "<Zip>1</Zip><Must/>",
            "VALUE_WRONG_TYPE",
            "/Zip",
            6,
            "O valor “1” de <Zip> não é do tipo [0-9]{8}.",
        ),
        ("", "ELEMENT_MISSING", "", 5, "Falta em <BusinessContent>: Must."),
        ("<Code>AB</Code>", "ELEMENT_MISSING", "", 5, "Falta em <BusinessContent>: Must."),
        (
            "<Must/><ListOfInternalId/>\n<Code>AB</Code>",
            "ELEMENT_UNEXPECTED",
            "/Code",
            7,
            "O elemento <Code> não é permitido aqui; esperado: </BusinessContent>.",
        ),
        (
            "<Zed/><Must/>",
            "ELEMENT_UNEXPECTED",
            "/Zed",
            6,
            f"O elemento <Zed> não é permitido aqui; esperado: {POSSIBLE_AT_FIRST}.",
        ),
        (
            "<Must/><Must/>",
            "ELEMENT_REPEATED",
            "/Must[2]",
            6,
            "O elemento <Must> aparece mais de 1 vez(es); o primeiro está na linha 6.",
        ),
        (
            "<Must><b/></Must>",
            "ELEMENT_UNEXPECTED",
            "/Must/b",
            6,
            "O elemento <b> não é permitido aqui; esperado: </Must>.",
        ),
        (
            "<ListOfItem/><Must/>",
            "ELEMENT_MISSING",
            "/ListOfItem",
            6,
            "Falta em <ListOfItem>: Item.",
        ),
        (
            f"<ListOfItem>{FEDERAL}<Name/></Item>\n{FEDERAL}<Note/></Item></ListOfItem><Must/>",
            "ELEMENT_MISSING",
            "/ListOfItem/Item[2]",
            7,
            "Falta em <Item>: Name.",
        ),
        (
            f"<ListOfItem>{FEDERAL}<Note/><Name/></Item></ListOfItem><Must/>",
            "ELEMENT_UNEXPECTED",
            "/ListOfItem/Item/Note",
            6,
            "O elemento <Note> não é permitido aqui; esperado: Name.",
        ),
        (
            "<ListOfItem><Item><Name/></Item></ListOfItem><Must/>",
            "ELEMENT_MISSING",
            "/ListOfItem/Item",
            6,
            "Falta em <Item>: @scope.",
        ),
        (
            "<ListOfItem><Item scope='State'><Name/></Item></ListOfItem><Must/>",
            "VALUE_NOT_LISTED",
            "/ListOfItem/Item/@scope",
            6,
            "O valor “State” de <Item scope> não é um dos permitidos: Federal.",
        ),
        (
            "<Must a='1'/>",
            "ATTRIBUTE_UNEXPECTED",
            "/Must",
            6,
            "O atributo “a” não é permitido em <Must>.",
        ),
        (
            "loose<Must/>",
            "TEXT_UNEXPECTED",
            "",
            5,
            "Há texto solto em <BusinessContent>, que só pode ter elementos.",
        ),
        (
            "<Must xmlns='urn:x'/>",
            "ELEMENT_UNEXPECTED",
            "/Must",
            6,
            "O elemento <{urn:x}Must> não é permitido aqui; esperado: Must.",
        ),
    ],
)
def test_a_difference_is_told_where_it_is(
    inside: str, code: str, path: str, line: int, said: str
) -> None:
    """Code, full path, the sender's line, the value and what was expected."""
    (fault,) = faults(inside)

    assert (fault.code, fault.path, fault.line) == (code, ABOVE + path, line)
    assert fault.reason("pt") == said


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """In the order of the message, ten at most."""
    several = faults("<Code>LONG</Code><Kind>C</Kind><Count>x</Count><Must/>")
    many = faults(f"<ListOfItem>{'<Item/>' * 20}</ListOfItem><Must/>")

    assert [fault.path.rpartition("/")[2] for fault in several] == ["Code", "Kind", "Count"]
    assert len(many) == 10


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Count>１</Count><Must/>", "VALUE_WRONG_TYPE"),
        ("<Count>\u00a01</Count><Must/>", "VALUE_WRONG_TYPE"),
        (f"<Must {XSI} xsi:type='nothing'/>", "CONTRACT_VIOLATED"),
    ],
)
def test_libxml2_is_right_where_xmlschema_sees_nothing_or_fails(inside: str, code: str) -> None:
    """Unicode digits, no-break spaces and hostile types are refused, and told by libxml2."""
    (fault,) = faults(inside)

    assert fault.code == code
    assert fault.path.startswith(ABOVE)
    assert fault.line == 6


def test_a_long_value_is_shown_cut() -> None:
    """Sixty characters are enough to find it; the length is that of the whole."""
    (fault,) = faults(f"<Code>{'x' * 5000}</Code><Must/>")

    assert f"“{'x' * 60}…”" in fault.reason("en")
    assert "5000 characters" in fault.reason("en")


def test_a_message_with_very_many_elements_is_told_as_well() -> None:
    """It is validated as a stream, and the place of the mistake is exact all the same."""
    item = "<InternalId><Name>a</Name></InternalId>\n"
    wrong = "<InternalId><Zed/></InternalId>\n"
    listed = item * 6000 + wrong + item * 10 + wrong
    inside = f"<Must>{'x' * 9000}</Must><ListOfInternalId>{listed}</ListOfInternalId>"

    first, second = faults(inside)

    path = f"{ABOVE}/ListOfInternalId/InternalId[6001]/Zed"
    assert (first.code, first.path, first.line) == ("ELEMENT_UNEXPECTED", path, 6006)
    assert first.details["expected"] == "Name, Origin, Destination"
    assert (second.path, second.line) == (path.replace("6001", "6012"), 6017)
    assert faults(inside.replace("<Zed/>", "")) == ()


def test_a_missing_content_is_told() -> None:
    """BusinessMessage must have its BusinessContent."""
    (fault,) = RULES.check(read(message(business(""))))

    assert (fault.code, fault.line) == ("ELEMENT_MISSING", 3)
    assert fault.reason("en") == "<BusinessMessage> lacks: BusinessContent."


def test_a_foreign_namespace_is_named() -> None:
    """Standard messages have none."""
    content = '<BusinessContent xmlns="urn:x"><Must/></BusinessContent>'

    (fault,) = RULES.check(read(message(business(content))))

    assert (fault.code, fault.path) == ("ELEMENT_UNEXPECTED", ABOVE)
    assert "<{urn:x}BusinessContent>" in fault.reason("pt")
    assert fault.details["expected"] == "BusinessContent"


def test_the_attributes_of_xml_schema_are_called_as_they_are_written() -> None:
    """Not by the address of their namespace."""
    (fault,) = faults(f"<Must {XSI} xsi:nil='maybe'/>")

    assert fault.path == f"{ABOVE}/Must/@xsi:nil"
    assert "<Must xsi:nil>" in fault.reason("pt")


def test_what_nobody_has_translated_is_quoted() -> None:
    """A sentence that a later libxml2 may say is told as its words, in a sentence of ours."""
    saying = XsdError("/A", 1, "Element 'A': The moon is not full.")

    fault = fault_of(saying, "Sample 1.000", KnownXsd({}, Places(parsed(b"<a/>"))))

    assert "o validador diz “The moon is not full”" in fault.reason("pt")
    assert "the validator says “The moon is not full”" in fault.reason("en")
    assert problem_of("The moon is not full.").pt == "libxml2 diz “The moon is not full”"


@pytest.mark.parametrize(
    "code", [code for code in FAULT_TEXTS if code.startswith(("VALUE", "ELEM"))]
)
def test_every_word_of_an_explanation_exists_in_both_languages(code: str) -> None:
    """Reason and remedy are filled from the same details."""
    details = {
        name: name
        for name in (
            "element",
            "expected",
            "value",
            "length",
            "limit",
            "contract",
            "attribute",
            "first",
        )
    }
    fault = Fault(code, details=details)

    assert "-" not in {fault.reason("pt")[-2], fault.reason("en")[-2]}
    assert fault.remedy("pt") != fault.remedy("en")


def test_a_currency_that_breaks_its_contract() -> None:
    """The contract of the field, in the words of the business."""
    registry = Registry()
    contract = registry.find("Currency", "2.001")
    assert contract is not None
    inside = "<InternalId>1|USD</InternalId>\n<Code>USDOLLAR</Code>"

    told = registry.check(
        contract, read(message(business(f"<BusinessContent>{inside}</BusinessContent>")))
    )

    assert [fault.code for fault in told] == ["VALUE_TOO_LONG", "ELEMENT_UNEXPECTED"]
    assert told[1].remedy("pt") == (
        "Ponha-o antes de <InternalId>, da linha 5, na ordem do contrato. Contrato: Currency 2.001."
    )
    assert told[1].details["expected"] == "Description, Symbol, DecimalPlaces"


def explained(transaction: str, version: str, inside: str, most: int = 10) -> tuple[Fault, ...]:
    """The faults of a content by a contract of ours; it begins on line 5."""
    registry = Registry()
    contract = registry.find(transaction, version)
    assert contract is not None
    content = f"<BusinessContent>{inside}</BusinessContent>"
    return registry.check(contract, read(message(business(content))), most)


def test_what_only_libxml2_sees_is_told_beside_what_xmlschema_explains() -> None:
    """A no-break space does not hide behind a wrong value."""
    told = explained(
        "Order",
        "4.010",
        "<OrderPurpose>7</OrderPurpose>\n<RegisterDate>\u00a02026-01-31</RegisterDate>\n"
        "<RequestDate>２０２６-01-31</RequestDate>\n<FreightValue>x</FreightValue>",
    )

    assert [(fault.code, fault.line) for fault in told] == [
        ("VALUE_NOT_LISTED", 5),
        ("VALUE_WRONG_TYPE", 6),
        ("VALUE_WRONG_TYPE", 7),
        ("VALUE_WRONG_TYPE", 8),
    ]
    assert told[1].value == "[U+00A0]2026-01-31"
    assert "AAAA-MM-DD" in told[1].allowed("pt")
    assert "0 a 9" in told[1].remedy("pt")
    assert told[3].details["expected"] == "double"
    assert told[3].remedy("en").endswith("such as 1234.56.")


def test_an_element_twice_in_any_order_is_named_as_such() -> None:
    """xs:all: what is wrong is the second one, wherever it stands."""
    (fault,) = explained("Order", "4.010", "<CompanyId/>\n<OrderId/>\n<CompanyId/>")

    assert (fault.code, fault.line) == ("ELEMENT_REPEATED", 7)
    assert fault.path == f"{ABOVE}/CompanyId[2]"
    assert fault.details["first"] == "5"
    assert fault.allowed("en") == "1 time(s)"


@pytest.mark.parametrize(
    ("inside", "advice"),
    [
        ("<CODE>BRL</CODE>", "Is <Code> meant? If not, remove"),
        ("<Simbol/>", "Is <Symbol> meant? If not, remove"),
        ("<Quaternion/>", "Remove it: the contract has it nowhere at all."),
        ("<Code xmlns='urn:q'/>", "<Code> takes no namespace: remove the xmlns."),
        ("<Symbol/>\n<Code/>", "Put it before <Symbol>, at line 5, in the order"),
    ],
)
def test_what_was_probably_meant_is_said(inside: str, advice: str) -> None:
    """A letter case, a slip, a namespace, a place; and where nobody can tell, that."""
    (fault,) = explained("Currency", "2.001", inside)

    assert fault.code == "ELEMENT_UNEXPECTED"
    assert fault.remedy("en").startswith(advice)
    assert fault.remedy("en").endswith(" Contract: Currency 2.001.")


@pytest.mark.parametrize("many", [0, 6_000], ids=["a small message", "a large one"])
@pytest.mark.parametrize(
    ("inside", "advice"),
    [
        ("<Name/>", "The contract has it in <Item> or <InternalId>: put it there, or remove it."),
        ("<Item scope='Federal'><Name/></Item>", "The contract has it in <ListOfItem>: put it"),
        ("<Kinds/>", "Is <Kind> meant? If not, remove the element"),
        ("<Zed/>", "Remove it: the contract has it nowhere at all."),
        ("<Must/><Code>AB</Code>", "in the order of the contract"),
    ],
)
def test_what_belongs_elsewhere_is_not_called_out_of_order(
    inside: str, advice: str, many: int
) -> None:
    """It is told where it belongs, in large messages as in small ones."""
    ids = f"<ListOfInternalId>{'<InternalId/>' * many}</ListOfInternalId>"

    fault = faults(f"{inside}<Must/>{ids}")[0]

    assert fault.code == "ELEMENT_UNEXPECTED"
    assert advice in fault.remedy("en")
    assert len(fault.detail("expected").split(", ")) <= 5


@pytest.mark.parametrize("many", [0, 6_000], ids=["a small message", "a large one"])
@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<Amount>x</Amount>", "não é do tipo decimal."),
        ("<Amount></Amount>", "não é do tipo decimal."),
        ("<Zip>x</Zip>", "não é do tipo [0-9]{8}."),
        ("<Code>LONG</Code>", "tem 4 caracteres; o máximo é 3."),
        ("<Kind>C</Kind>", "não é um dos permitidos: A, B."),
    ],
)
def test_a_value_is_told_with_its_type_however_large_the_message(
    inside: str, said: str, many: int
) -> None:
    """Also where libxml2 names no type: what the contract derives it from is looked up."""
    ids = f"<ListOfInternalId>{'<InternalId/>' * many}</ListOfInternalId>"

    (fault,) = faults(f"{inside}<Must/>{ids}")

    assert fault.reason("pt").endswith(said)


def test_everything_that_is_missing_is_named_at_once() -> None:
    """Not one element a try."""
    (fault,) = explained("PaymentCondition", "3.000", "<CompanyId/>")

    assert fault.reason("pt") == "Falta em <BusinessContent>: Code, Description."


def test_one_value_is_told_once() -> None:
    """A value that is neither listed nor short enough: what is listed helps most."""
    (fault,) = explained("MaintenanceOrder", "1.002", "<Status>99999</Status>")

    assert fault.code == "VALUE_NOT_LISTED"


def test_mistakes_that_stand_far_apart_are_all_told() -> None:
    """Also those after the elements that xmlschema looks at; in the order of the message."""
    items = [
        f"<RequestItem><ItemInternalId/>{'<Bad/>' * (n in {5, 600, 900})}</RequestItem>\n"
        for n in range(1000)
    ]

    told = explained("StockLevel", "1.001", "".join(items))

    assert [fault.path.split("/")[-2] for fault in told] == [
        f"RequestItem[{n}]" for n in (6, 601, 901)
    ]
    assert [fault.line for fault in told] == [10, 605, 905]


def test_as_many_are_told_as_are_asked_for() -> None:
    """Ten, unless more are wanted."""
    sixty = "<RequestItem><Bad/></RequestItem>" * 60

    assert len(explained("StockLevel", "1.001", sixty)) == 10
    assert len(explained("StockLevel", "1.001", sixty, 60)) == 60


def test_a_second_content_does_not_pass_unseen() -> None:
    """Only one is validated, so only one may be there: reading the message tells it."""
    for second in ("BusinessContent", "businesscontent", "x:BusinessContent", "x:BUSINESSCONTENT"):
        other = f"<{second} xmlns:x='urn:x'><Code>LONG</Code></{second}>"
        content = "<BusinessContent/>"
        written = business(content)
        for sent in (
            written.replace(content, content + other),
            written.replace(content, other + content),
            written.replace("<BusinessEvent>", f"{other}<BusinessEvent>"),
        ):
            with pytest.raises(SenderFault) as refused:
                read(message(sent))

            assert refused.value.fault.code == "SECOND_PART"


@pytest.mark.parametrize("name", ["Password", "SenhaUsuario", "ApiKey", "accessToken"])
def test_a_secret_is_never_shown(name: str) -> None:
    """Neither its value nor what a library says of it; its place is."""
    rules = Rules(
        whole(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
            <xs:element name="BusinessContent"><xs:complexType><xs:sequence>
            <xs:element name="{name}"><xs:simpleType><xs:restriction base="xs:string">
            <xs:enumeration value="no"/><xs:maxLength value="3"/></xs:restriction></xs:simpleType>
            </xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>""".encode()
        ),
        "Sample 1.000",
    )
    content = f"<BusinessContent><{name}>hunter2</{name}></BusinessContent>"

    (fault,) = rules.check(read(message(business(content))))

    assert fault.value == "••••"
    assert "hunter2" not in str(dict(fault.details)) + fault.reason("pt") + fault.remedy("en")


@pytest.mark.parametrize("inside", ["<Code>LONG</Code>", "<Type>12</Type>", "<Kind>C</Kind>"])
def test_a_long_message_is_told_in_the_same_words(inside: str) -> None:
    """Where libxml2 speaks alone, code, value and what is allowed are those of a short one."""
    padding = "<InternalId><Name>a</Name></InternalId>" * 6000
    more = f"<Must/><ListOfInternalId>{padding}</ListOfInternalId>"

    (short,), (long,) = faults(f"{inside}<Must/>"), faults(inside + more)

    assert (long.code, long.path, long.line) == (short.code, short.path, short.line)
    assert long.reason("pt") == short.reason("pt")
    assert long.allowed("en") == short.allowed("en") != ""
