"""Where elements may stand in a contract, without a validator."""

import pytest

import schemas
from bus.contracts.fields import fields_of
from bus.contracts.paths import paths_of
from bus.contracts.xsd import contract_xsd, parsed


@pytest.mark.parametrize("name", schemas.contract_names())
def test_they_are_those_that_xmlschema_finds(name: str) -> None:
    """In every contract that ships, with the places where anything may stand."""
    xsd = contract_xsd(name)

    assert paths_of(xsd) == {path for path in fields_of(xsd) if "@" not in path}


def test_a_type_that_holds_itself_ends() -> None:
    """It is entered once."""
    xsd = parsed(
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        b'<xs:element name="BusinessContent" type="Node"/><xs:complexType name="Node"><xs:sequence>'
        b'<xs:element name="Child" type="Node" minOccurs="0"/></xs:sequence></xs:complexType>'
        b"</xs:schema>"
    )

    assert paths_of(xsd) == {"BusinessContent", "BusinessContent/Child"}
