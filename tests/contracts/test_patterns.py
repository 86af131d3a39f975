"""Patterns of contracts that others bring: what would never end is known before it is matched."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bus.contracts.patterns import Effort, effort_of
from bus.contracts.rules import Rules
from bus.contracts.slow_values import LONGEST
from bus.contracts.xsd import parsed
from tests.codec.samples import business, message, read

PLAIN = (
    "",
    "1|2|3",
    "[A-Z]{2}[0-9]{3,5}",
    r"([0-9]{3}\.)*[0-9]{3}",
    r"\(+\)+",
    "[(+*]+",
    ")(+",
    "((a|b)*c)*",
    r"\S+( \S+)*",
    r"([0-9]{1,3}\.){3}[0-9]{1,3}",
    r"[0-9]{7}-[0-9]{2}\.[0-9]{4}",
    r"((19|20)\d\d)-(0[1-9]|1[012])-([012]\d|3[01])",
    r"(\d{1,3}(\.\d{3})*|\d+)(,\d{2})?",
    r"[^@]+@[^\.]+\..+",
    "([!-ÿ]{1}[ -ÿ]{0,}[!-ÿ]{1}|[!-ÿ]{1}){1}",
    r"[\p{L}-[a]]+ x",
    "(a|b)*a(a|b){5}",
    "[0-9]{44}",
    ".{1,255}",
)
SLOW = ("a*a*b", ".*x.*", r".*\S.*", r"[0-9]*\.?[0-9]*", "a{0,500}a{0,500}b", "(x|y|z)+(x|y)*")
HEAVY = (
    "(a+)+",
    "(a|a|a|a|a|a|aa)*b",
    "a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
    "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaa",
    "(a?){25}b",
    "(a{1,60}){1,60}",
    "((x{1,900}){1,900}){1,900}",
    ".*a.*b.*",
    r"(\s*\S+\s*)*",
    r"(([a-zA-Z0-9\-])+\.)+([a-zA-Z0-9]{2,4})+",
    "a" * 5_000,
)
NAMED = """<xs:simpleType name="Padded"><xs:restriction base="xs:string">
    <xs:pattern value=".*x.*"/></xs:restriction></xs:simpleType>
    <xs:simpleType name="Narrower"><xs:restriction base="Padded"/></xs:simpleType>"""
INLINE = """<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value=".*x.*"/>
    </xs:restriction></xs:simpleType>"""
FIELDS = {
    "by itself": f'<xs:element name="A">{INLINE}</xs:element>',
    "by its type": '<xs:element name="A" type="Padded"/>',
    "by a type of its type": '<xs:element name="A" type="Narrower"/>',
    "by its content": '<xs:element name="A"><xs:complexType><xs:simpleContent>'
    '<xs:extension base="Narrower"/></xs:simpleContent></xs:complexType></xs:element>',
}


@pytest.mark.parametrize(
    ("pattern", "effort"),
    [
        *((each, Effort.PLAIN) for each in PLAIN),
        *((each, Effort.SLOW) for each in SLOW),
        *((each, Effort.HEAVY) for each in HEAVY),
    ],
)
def test_how_hard_a_pattern_may_be_is_known(pattern: str, effort: Effort) -> None:
    """By the number of ways in which it may take a text."""
    assert effort_of(pattern) is effort


@given(st.text(alphabet="ab.*+?(){}|[]\\\\-^,0123456789", max_size=24))
@example("[[]]")  # of which Python says that it may mean more one day
def test_any_pattern_is_judged(pattern: str) -> None:
    """Also one that is none."""
    assert effort_of(pattern) in Effort


def rules(field: str) -> Rules:
    """The rules of a contract with one field, and one for any text."""
    return Rules(
        parsed(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{NAMED}
            <xs:element name="BusinessContent"><xs:complexType><xs:sequence>{field}
            <xs:element name="B" type="xs:string" minOccurs="0"/>
            </xs:sequence></xs:complexType></xs:element></xs:schema>""".encode()
        ),
        "Slow 1.000",
    )


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_value_of_a_slow_pattern_has_so_many_characters_at_most(field: str) -> None:
    """However its type is named; others may have any number."""
    made = rules(field)

    def codes(value: str, other: str = "") -> list[tuple[str, str]]:
        inside = f"<BusinessContent><A>{value}</A><B>{other}</B></BusinessContent>"
        document = read(message(business(inside)))
        found = made.check(document)
        assert made.conform(document) == (not found)
        return [(fault.code, fault.detail("limit")) for fault in found]

    assert codes("x" * LONGEST, "y" * 2 * LONGEST) == []
    assert codes("x" * (LONGEST + 1)) == [("VALUE_TOO_LONG", str(LONGEST))]
    assert codes("y" * LONGEST) == [("VALUE_WRONG_TYPE", "")]


def test_an_attribute_of_a_slow_pattern_too() -> None:
    """It is named in the fault."""
    made = rules(
        f"""<xs:element name="A"><xs:complexType><xs:attribute name="a">{INLINE}</xs:attribute>
        </xs:complexType></xs:element>"""
    )
    inside = f'<BusinessContent><A a="{"x" * (LONGEST + 1)}"/></BusinessContent>'

    (fault,) = made.check(read(message(business(inside))))

    assert (fault.code, fault.path.rpartition("/")[2]) == ("VALUE_TOO_LONG", "@a")
