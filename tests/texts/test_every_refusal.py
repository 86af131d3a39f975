"""Whatever is refused is told in the language of its reader, without gaps, and with a way out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import schemas
from bus.core.errors import Fault
from bus.core.fault_texts import FAULT_TEXTS
from bus.core.text import Text
from tests.texts import from_commands, from_contracts, from_files, from_messages
from tests.texts.elsewhere import ELSEWHERE
from tests.texts.from_messages import Provoked
from tests.texts.judging import all_complaints, complaints, foreign_words

WALKS: tuple[Callable[[], Provoked], ...] = (
    from_messages.malformed_xml,
    from_messages.wrong_envelopes,
    from_messages.wrong_soap,
    from_messages.wrong_json,
    from_contracts.odd_violations,
    from_contracts.unknown_contracts,
    from_files.wrong_routes,
    from_files.wrong_settings,
    from_files.wrong_pairs,
    from_files.wrong_xsds,
    from_files.broken_contracts,
    from_files.system_problems,
    from_commands.wrong_commands,
)
WITHOUT_ELEMENTS = {"WhoIs_1_000"}
"""Contracts that refuse nothing."""


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_every_refusal_is_told_well(walk: Callable[[], Provoked]) -> None:
    """In both languages: no word of the other, no empty place, no suggestion that is far off."""
    provoked = list(walk())

    assert provoked
    assert all_complaints(provoked) == {}


@pytest.mark.parametrize("name", schemas.contract_names())
def test_whatever_a_contract_refuses_is_told_well(name: str) -> None:
    """Of its full example, mutated; as libxml2 says it of a tree and of a stream, and explained."""
    provoked = list(from_contracts.contract_violations(name))

    assert bool(provoked) is (name not in WITHOUT_ELEMENTS)
    assert all_complaints(provoked) == {}


def test_every_code_is_provoked() -> None:
    """By a walk of these tests, or by the test that the reviewed table names; never by both."""
    walked = {fault.code for walk in WALKS for _, fault in walk()}

    assert FAULT_TEXTS.keys() - walked == ELSEWHERE.keys()


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_is_provoked_elsewhere_is(code: str, checkout: Path) -> None:
    """The test that the table names is there."""
    file, _, name = ELSEWHERE[code].partition("::")
    tree = ast.parse((checkout / file).read_text("utf-8"))

    assert name in {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("code", FAULT_TEXTS)
def test_every_text_of_a_code_is_in_its_language(code: str) -> None:
    """Whatever its details are, those that no walk provokes too."""
    told = FAULT_TEXTS[code]
    parts = [part for part in (told.reason, told.remedy, told.allowed) if part.pt]

    assert [list(foreign_words(part)) for part in parts] == [[]] * len(parts)


# -- the judge -------------------------------------------------------------------------------------


def fault(problem: str | Text, **details: str | Text) -> Fault:
    """A fault that tells a problem."""
    return Fault("XSD_UNREADABLE", details={"problem": problem, **details})


GOOD = Text("não existe", "there is no such file")


@pytest.mark.parametrize(
    "wrong",
    [
        fault("No such file or directory"),
        fault(Text("The content is not valid", "the content is wrong")),
        fault(Text("o arquivo não é texto", "o arquivo não é texto")),
        fault("—"),
        fault("-"),
        fault(Text("não é do tipo —", "it is not of type —")),
        fault(Text("é isto.", "it is this.")),
        fault(Text("é  isto", "it is  this")),
        fault(Text("é {isto}", "it is {this}")),
        fault(Text("é isto: ", "it is this: ")),
        fault(Text("é <>", "it is <>")),
        Fault("DISCARDED", details={"actor": "ana", "problem": "", "application": "rm"}),
        Fault("CONFIGURATION_INVALID", details={"problem": Text(" está vazio", " is empty")}),
        Fault("XSD_UNREADABLE"),
        fault(GOOD, known=", ".join(f"name{at}" for at in range(23))),
        fault(Text("Seria <DemissionDate>?", "Is it?"), element="AdmissionDate"),
        fault(Text("Seria “Item”?", "Is it?"), value="Order"),
    ],
    ids=lambda wrong: wrong.reason("pt"),
)
def test_the_judge_finds_what_is_wrong(wrong: Fault) -> None:
    """Each kind of it, in a fault that is well otherwise."""
    assert list(complaints(fault(GOOD))) == []
    assert list(complaints(wrong))


@pytest.mark.parametrize(
    "right",
    [
        fault(Text("“no such thing” não é um nome", "“não é” is no name")),
        fault(Text("falta <Value> em /etc/the/file.txt", "<Value> is missing in /etc/não/é.txt")),
        fault(Text("escreva `to: [a]` em ../a", "write `to: [a]` in ../a")),
        fault(Text("Seria <CompanyId>?", "Is it?"), element="CompanyID"),
        fault("rm, protheus"),
    ],
    ids=lambda right: right.reason("pt"),
)
def test_the_judge_leaves_names_and_values_alone(right: Fault) -> None:
    """What is quoted, code, an element or a path is of no language."""
    assert list(complaints(right)) == []
