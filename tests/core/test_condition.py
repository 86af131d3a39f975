"""Conditions of routes, as far as they can be read without a message."""

import pytest

from bus.core.condition import astray, elements_in, is_constant


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("BusinessMessage/BusinessContent/Code = 'USD'", ("BusinessMessage", "BusinessContent", "Code")),
        ('//Code[. != "A/B"] and not(//Type)', ("Code", "Type")),
        ("count(//Item) > 1.5 or //Item/@id = 2", ("Item",)),
        ("child::Code = $x or ancestor-or-self::Note", ("Code", "Note")),
        ("starts-with(//Real-Name, 'or')", ("Real-Name",)),
        ("//*[local-name() = 'Code']", ()),
        ("true()", ()),
    ],
)  # fmt: skip
def test_the_elements_of_a_condition_are_found(condition: str, names: tuple[str, ...]) -> None:
    """Not what stands in quotes, functions, axes, attributes, variables and operators."""
    assert elements_in(condition) == names


@pytest.mark.parametrize(
    ("condition", "constant"),
    [
        ("true()", True),
        ("'A' = 'B'", True),
        ("1.5 > 2", True),
        ("not(false())", True),
        ("//*", False),
        (".", False),
        ("@version = '1'", False),
        ("string-length() > 3", False),
        ("Code", False),
    ],
)
def test_a_condition_that_looks_at_nothing_is_known(condition: str, *, constant: bool) -> None:
    """It says the same of every message."""
    assert is_constant(condition) is constant


@pytest.mark.parametrize(
    ("condition", "paths"),
    [
        ("Code = 'A' or BusinessContent/Code and Code", ("Code", "BusinessContent/Code")),
        ("BusinessMessage/Code = 'BusinessContent/Code'", ("BusinessMessage/Code",)),
        ("BusinessMessage[BusinessContent]/Code[1]", ("BusinessMessage/Code",)),
        ("starts-with(BusinessContent/Code, 'U')", ("BusinessContent/Code",)),
        ("/BusinessMessage", ("/BusinessMessage",)),
        ("/TOTVSMessage/BusinessContent/Code", ("/TOTVSMessage/BusinessContent/Code",)),
        ("/TOTVSMessage/BusinessMessage/BusinessContent/Code = 'A'", ()),
        ("BusinessMessage/BusinessContent[Code = 'A' and Items[Code]]/Name", ()),
        ("MessageInformation/@version or BusinessMessage/BusinessEvent/Event = 'delete'", ()),
        ("//Code or */Code or ./Code or child::Code or ../Code or (//Items)[1]/Code", ()),
        ("BusinessMessage//Code | BusinessMessage/*/Code", ()),
        ("true() and 1 div 2", ()),
    ],
)
def test_a_path_that_leads_past_the_envelope_is_known(
    condition: str, paths: tuple[str, ...]
) -> None:
    """What a message does not have where a path begins; not what looks anywhere."""
    assert astray(condition) == paths
