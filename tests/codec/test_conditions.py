"""Values and conditions that the engine asks of a message."""

import pytest

from bus.core.errors import BusFault
from bus.core.text import Text
from tests.codec.samples import CODEC, business, message, read, response

CONTENT = """<BusinessContent><Code>BRL</Code><Empty/>
<List><Item/><Item><Name>a</Name></Item><Item><Name>b</Name></Item></List></BusinessContent>"""
DOCUMENT = read(message(business(CONTENT)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Code", "BRL"),
        ("Empty", ""),
        ("Nothing", ""),
        ("List/Item/Name", "a"),
        ("List/Nothing/Name", ""),
        ("code", ""),
    ],
)
def test_a_value_is_the_first_text_at_a_path(path: str, value: str) -> None:
    """Empty where there is none; names are exact."""
    assert DOCUMENT.values([path]) == (value,)


def test_values_come_in_the_order_asked_for() -> None:
    """One for each path."""
    assert DOCUMENT.values(["List/Item/Name", "Code", "X"]) == ("a", "BRL", "")
    assert DOCUMENT.values([]) == ()


def test_a_response_has_no_values() -> None:
    """It has no BusinessContent."""
    assert read(response()).values(["Code", "InternalId"]) == ("", "")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("/TOTVSMessage/BusinessMessage/BusinessContent/Code = 'BRL'", True),
        ("/TOTVSMessage/BusinessMessage/BusinessContent/Code = 'USD'", False),
        ("//Item[3]", True),
        ("//Item[4]", False),
        ("count(//Item) > 2 and not(//Type = '1')", True),
        ("number(//Code)", False),
        ("string(//Code)", True),
        ("string(//Empty)", False),
        ("//MessageInformation/@version = '2.001'", True),
    ],
)
def test_a_condition_is_an_xpath_over_the_message(condition: str, holds: bool) -> None:
    """Its result counts as XPath counts it."""
    assert CODEC.condition_problem(condition) is None
    assert DOCUMENT.holds(condition) is holds


@pytest.mark.parametrize("condition", ["", " ", "\t\n"])
def test_an_empty_condition_is_told_as_such(condition: str) -> None:
    """And not as what libxml2 makes of it."""
    problem = CODEC.condition_problem(condition)

    assert problem == Text("está vazia", "it is empty")


def test_a_condition_knows_only_the_strict_names() -> None:
    """A message in lower case meets the same condition."""
    body = message().replace(b"BusinessMessage>", b"businessmessage>")

    document = read(body.replace(b">business", b">Business"))
    assert document.holds("/TOTVSMessage/BusinessMessage")


@pytest.mark.parametrize(
    "condition",
    ["", "//", "Code = ", "unknown()", "$variable", "x:Code", "document('/etc/hostname')",
     "re:match(//Code, 'B')", "re:test('a', 'a')", "Code = '\x01'"],
)  # fmt: skip
def test_what_is_no_condition_is_found_before_it_is_used(condition: str) -> None:
    """Unknown functions, variables and prefixes too; nothing can be fetched or extended."""
    assert CODEC.condition_problem(condition)
    with pytest.raises(BusFault) as refused:
        DOCUMENT.holds(condition)

    assert refused.value.fault.code == "CONFIGURATION_INVALID"
