"""The fields of a contract, as they are compared."""

import pytest

import schemas
from bus.contracts.fields import TooManyFields, fields_of
from bus.contracts.xsd import contract_xsd, parsed
from bus.core.contract_diff import UNBOUNDED, Field, differences


def fields(inside: str, types: str = "") -> dict[str, Field]:
    """The fields of a BusinessContent."""
    return fields_of(
        parsed(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
            f'<xs:element name="BusinessContent"><xs:complexType>{inside}</xs:complexType>'
            f"</xs:element>{types}</xs:schema>".encode()
        )
    )


@pytest.mark.parametrize("name", schemas.contract_names())
def test_every_contract_has_fields_and_is_like_itself(name: str) -> None:
    """Both its content and its answer."""
    found = fields_of(contract_xsd(name))

    assert {"BusinessContent", "ReturnContent"} <= set(found)
    assert differences(found, fields_of(contract_xsd(name))) == ()


def test_limits_come_from_every_type_that_is_restricted() -> None:
    """The nearest counts."""
    found = fields(
        '<xs:sequence><xs:element name="A" type="Short" minOccurs="0" maxOccurs="unbounded"/>'
        "</xs:sequence>",
        '<xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:maxLength value="9"/>'
        '<xs:pattern value="[a-z]+"/></xs:restriction></xs:simpleType>'
        '<xs:simpleType name="Short"><xs:restriction base="Text"><xs:maxLength value="3"/>'
        "</xs:restriction></xs:simpleType>",
    )

    assert found["BusinessContent/A"] == Field(
        "BusinessContent/A",
        least=0,
        most=UNBOUNDED,
        type="string",
        limits=(("maxLength", "3"),),
        patterns=frozenset(["[a-z]+"]),
    )


def test_of_a_choice_nothing_is_required() -> None:
    """A group that may be repeated repeats its elements."""
    found = fields(
        '<xs:sequence><xs:choice><xs:element name="A"/><xs:element name="B"/></xs:choice>'
        '<xs:sequence maxOccurs="3"><xs:element name="C" maxOccurs="2"/></xs:sequence>'
        "</xs:sequence>"
    )

    assert [found[f"BusinessContent/{name}"].least for name in "ABC"] == [0, 0, 1]
    assert found["BusinessContent/C"].most == 6
    assert found["BusinessContent"].order == ("(|", "A", "B", ")", "(*", "C", ")")


def test_attributes_and_wildcards_are_fields() -> None:
    """An attribute may be required."""
    found = fields(
        '<xs:sequence><xs:any minOccurs="0"/></xs:sequence>'
        '<xs:attribute name="code" type="xs:date" use="required"/>'
    )

    assert found["BusinessContent/@code"] == Field("BusinessContent/@code", least=1, type="date")
    assert found["BusinessContent/*"].least == 0


def test_a_contract_that_holds_itself_has_no_list_of_fields() -> None:
    """It is told, and not followed for ever."""
    with pytest.raises(TooManyFields):
        fields(
            '<xs:sequence><xs:element name="A" type="T"/></xs:sequence>',
            '<xs:complexType name="T"><xs:sequence><xs:element name="A" type="T" minOccurs="0"/>'
            "</xs:sequence></xs:complexType>",
        )
