"""What an erasure looks for, and what it leaves."""

import pytest

from bus.core.erasure import (
    code_alone,
    data_without_words,
    number_in,
    pattern_of,
    readings_of,
    without_words,
)
from bus.core.errors import Fault
from bus.core.text import Text

CPF = "12345678909"
CNPJ = "12ABC34501DE35"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("123.456.789-09", CPF),
        (" 12345678909 ", CPF),
        ("12.abc.345/01DE-35", CNPJ),
        ("12.345.678/0001-95", "12345678000195"),
        ("1234567890", ""),
        ("123456789012", ""),
        ("12ABC34501DEX5", ""),
        ("Ana Lima", ""),
        ("", ""),
    ],
)
def test_a_number_is_known_however_it_is_written(written: str, number: str) -> None:
    """A CPF has eleven digits, a CNPJ twelve letters or digits and two digits."""
    assert number_in(written) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<CPF>12345678909</CPF>", True),
        ("CPF 123.456.789-09.", True),
        ("123 456 789 09", True),
        ("912345678909", False),
        ("123456789091", False),
        ("1234567890", False),
        ("NF12345678909", True),
        ("00012345678909", True),
        ("123.456.789\u201309", True),
        ("123.456.78&#57;-09", True),
        ("<![CDATA[123.456.789]]>-09", True),
        ("123.456.789<!-- - -->-09", True),
        ("&lt;Id&gt;123.456.78&amp;#57;-09&lt;/Id&gt;", True),
        (r"123.456.78\u0039-09", True),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_it_is_found_however_it_is_written(text: str, encoding: str, *, found: bool) -> None:
    """As who reads XML or JSON sees it, in any encoding, and not within a longer number."""
    assert is_in(CPF, text.encode(encoding)) == found


def is_in(number: str, content: bytes) -> bool:
    """Whether a number is found in what was received."""
    return any(pattern_of(number).search(one) for one in readings_of(content))


def test_a_cnpj_with_letters_is_found_in_either_case() -> None:
    """As they are from 2026 on."""
    assert is_in(CNPJ, b"<CNPJ>12.abc.345/01de-35</CNPJ>")
    assert is_in(CNPJ, rb'{"cnpj": "12.ABC.345\/01DE-35"}')
    assert not is_in(CNPJ, b"X12ABC34501DE35")


def test_a_fault_keeps_its_code_and_place() -> None:
    """What was seen there goes, whatever it was called."""
    fault = Fault("REFUSED", "/A/B", 3, {"reason": "Ana", "hint": Text("Ana", "Ana")})

    assert without_words(fault) == Fault("REFUSED", "/A/B", 3)


def test_a_fact_keeps_what_it_is() -> None:
    """Faults lose their details at any depth, and codes stay."""
    fault = Fault("REFUSED", "/A", 1, {"reason": "Ana"}).plain()
    bare = fault | {"details": {}}

    assert data_without_words(fault) == bare
    told = {"planned": [[1, "rm"]], "fault": fault, "faults": [fault], "body": "abc", "tries": 2}
    assert data_without_words(told) == told | {"fault": bare, "faults": [bare]}


@pytest.mark.parametrize(
    ("said", "kept"), [("LEASE_EXPIRED", "LEASE_EXPIRED"), ("Ana pediu", ""), ("", "")]
)
def test_of_a_reason_a_code_stays(said: str, kept: str) -> None:
    """A person's words go."""
    assert code_alone(said) == kept
