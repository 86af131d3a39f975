"""Faults and their words."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from bus.core.errors import BusFault, Fault, Owner, ReceiverFault, Refusal, SenderFault
from bus.core.fault_texts import FAULT_TEXTS
from bus.core.text import Text

SPOKEN_BY_PEOPLE = ("bus", "adapters")
"""The packages that tell faults."""
STATUSES = {200, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 431, 500, 502, 503, 504}


def names_in(template: str) -> set[str]:
    """The details that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def texts_of_programs(checkout: Path) -> Iterator[ast.AST]:
    """Every node of our programs, without the table of texts itself."""
    for package in SPOKEN_BY_PEOPLE:
        for file in (checkout / package).rglob("*.py"):
            if file.name != "fault_texts.py":
                yield from ast.walk(ast.parse(file.read_text("utf-8")))


def codes_told(checkout: Path) -> set[str]:
    """The codes that programs give to a fault, where they are written out."""
    return {
        node.args[0].value
        for node in texts_of_programs(checkout)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Fault"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def words_of_programs(checkout: Path) -> set[str]:
    """Every text that programs contain."""
    return {
        node.value
        for node in texts_of_programs(checkout)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("code", FAULT_TEXTS)
def test_both_languages_say_the_same(code: str) -> None:
    """Reason and remedy name the same details in Portuguese and in English."""
    text = FAULT_TEXTS[code]

    for each in (text.reason, text.remedy, text.allowed):
        assert names_in(each.pt) == names_in(each.en)


@pytest.mark.parametrize("code", FAULT_TEXTS)
def test_every_text_is_complete(code: str) -> None:
    """Whose fault, which status, what happened and what to do: none is empty."""
    text = FAULT_TEXTS[code]

    assert Owner(text.owner)
    assert text.status in STATUSES
    assert text.reason.pt
    assert text.reason.en
    assert text.remedy.pt
    assert text.remedy.en


def test_every_code_that_is_told_has_a_text(checkout: Path) -> None:
    """A fault without words would fail just when somebody needs them."""
    assert codes_told(checkout) - FAULT_TEXTS.keys() == set()


def test_every_text_belongs_to_a_code_that_is_told(checkout: Path) -> None:
    """What nobody says any more is removed."""
    assert FAULT_TEXTS.keys() - words_of_programs(checkout) == set()


def test_a_fault_tells_its_details_in_both_languages() -> None:
    """The same values, in the reader's language."""
    fault = Fault("TOO_LARGE", details={"limit": "10"})

    assert fault.reason("pt") == "O corpo passa do limite de 10 bytes."
    assert fault.reason("en") == "The body exceeds the limit of 10 bytes."
    assert "administrador" in fault.remedy("pt")


@pytest.mark.parametrize("code", FAULT_TEXTS)
def test_a_missing_detail_does_not_hide_the_fault(code: str) -> None:
    """It shows as a dash."""
    fault = Fault(code)

    for language in ("pt", "en"):
        assert "{" not in fault.reason(language) + fault.remedy(language)
    assert str(fault).startswith(code)


def test_braces_in_a_value_are_left_alone() -> None:
    """A value from outside is shown, never filled in again."""
    fault = Fault("BUSY", details={"problem": "{limit} {0}"})

    assert "{limit} {0}" in fault.reason("en")


def test_a_fault_names_its_place_in_one_line() -> None:
    """For logs and tracebacks."""
    fault = Fault("TOO_LARGE", path="/TOTVSMessage", details={"limit": "10"})

    assert str(fault) == "TOO_LARGE at /TOTVSMessage: The body exceeds the limit of 10 bytes."


@pytest.mark.parametrize("kind", [SenderFault, ReceiverFault, BusFault])
def test_the_first_fault_of_a_refusal_decides(kind: type[Refusal]) -> None:
    """Its status is the answer's; the others are told beside it."""
    first, second = Fault("NO_ROUTE"), Fault("TOO_LARGE")
    refusal = kind(first, second)

    assert refusal.fault is first
    assert refusal.faults == (first, second)
    assert "NO_ROUTE" in str(refusal)
    assert "TOO_LARGE" in str(refusal)


@pytest.mark.parametrize(
    ("status", "owner"),
    [
        (code.status, Owner(code.owner))
        for code in FAULT_TEXTS.values()
        if code.status in {400, 401, 403, 408, 413}
    ],
)
def test_a_4xx_about_the_body_is_the_sender_s(status: int, owner: Owner) -> None:
    """Nobody else can mend what was sent."""
    assert owner is Owner.SENDER


def test_a_fault_about_a_value_tells_it_and_what_is_allowed_there() -> None:
    """One that is about none tells neither."""
    long = Fault("VALUE_TOO_LONG", details={"value": "ABCD", "limit": "3"})
    none = Fault("TOO_LARGE", details={"limit": "10"})

    assert (long.value, none.value) == ("ABCD", "")
    assert (long.allowed("pt"), long.allowed("en")) == (
        "até 3 caracteres",
        "at most 3 characters",
    )
    assert none.allowed("pt") == none.allowed("en") == ""


def test_a_detail_may_differ_by_language() -> None:
    """It is a text itself, and each reader sees one."""
    wrong = Fault("VALUE_WRONG_TYPE", details={"form": Text("uma data", "a date")})

    assert (wrong.allowed("pt"), wrong.allowed("en")) == ("uma data", "a date")
