"""How evidence is judged: what shows a prerequisite, what tells against it, what a person says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core import diagnose
from bus.core.diagnose import Wanted
from bus.core.diagnosis import (
    Aspect,
    Confirmation,
    Contact,
    Diagnosis,
    Enabled,
    Evidence,
    Finding,
    Introduction,
    Means,
    SeenFault,
    Verdict,
)
from bus.core.errors import Fault
from bus.core.outcome import Outcome
from bus.core.profile import Prerequisite
from bus.core.text import Text
from tests.support.deployments import application

RM = application("rm", address="https://rm.example/")
WORDS = Text("Algo preparado.", "Something set up.")
NO_MESSAGES = Finding(Aspect.MESSAGES, Verdict.NOT_CHECKABLE, Means.WHO_IS)
NOTHING_SEEN = Evidence()
ANA = Confirmation("rm", "T-99", "Ana", 1)


def judged(
    one: Prerequisite, evidence: Evidence = NOTHING_SEEN, said: Confirmation | None = None
) -> Finding:
    """What is found of one prerequisite."""
    confirmed = {said.rule: said} if said else {}
    (found,) = diagnose.of_prerequisites(RM, [one], evidence, confirmed, NO_MESSAGES)
    return found


@pytest.mark.parametrize(
    ("version", "since", "verdict"),
    [
        ("12.1.26", "12.1.26", Verdict.OK),
        ("12.1.2209.158", "12.1.26", Verdict.OK),
        ("12.1.9", "12.1.26", Verdict.WRONG),
        ("11", "12.1.26", Verdict.WRONG),
        ("13", "12.1.26", Verdict.OK),
        ("12.1", "12.1.26", Verdict.TO_CONFIRM),
        ("", "12.1.26", Verdict.TO_CONFIRM),
        ("R 4", "12.1.26", Verdict.TO_CONFIRM),
    ],
)
def test_a_version_is_new_enough_too_old_or_says_too_little(
    version: str, since: str, verdict: Verdict
) -> None:
    """Numbers are compared one by one; what says too little is asked of a person."""
    found = judged(Prerequisite("T-99", WORDS, since=since), Evidence(Introduction(version)))

    assert found.verdict is verdict


@given(st.text(max_size=30))
def test_no_version_breaks_it(version: str) -> None:
    """Whatever an application calls its version."""
    found = judged(Prerequisite("T-99", WORDS, since="12.1.26"), Evidence(Introduction(version)))

    assert found.verdict in {Verdict.OK, Verdict.WRONG, Verdict.TO_CONFIRM}


def test_what_is_shown_needs_no_person_and_what_is_wrong_is_not_talked_away() -> None:
    """A confirmation stands where nothing else tells; it is shown all the same."""
    old = Prerequisite("T-99", WORDS, since="12.1.26")
    needless = judged(old, Evidence(Introduction("12.1.27")), ANA)
    wrong = judged(old, Evidence(Introduction("12.1.25")), ANA)
    unseen = judged(old, Evidence(), ANA)

    assert [one.verdict for one in (needless, wrong, unseen)] == [
        Verdict.OK,
        Verdict.WRONG,
        Verdict.CONFIRMED,
    ]
    assert {one.confirmation for one in (needless, wrong, unseen)} == {ANA}


def test_a_text_is_searched_without_accents_and_capitals() -> None:
    """In the fault as it is told, wherever the words stand."""
    fault = Fault("REFUSED", details={"application": "rm", "problem": "Limite de LICENÇAS!"})
    licences = Prerequisite("T-99", WORDS, unmet=re.compile("licencas"))
    seen = Evidence(faults=(SeenFault(fault, 1, 1),))

    assert judged(licences, seen).verdict is Verdict.WRONG
    assert judged(licences).verdict is Verdict.TO_CONFIRM


def test_one_without_a_rule_is_confirmed_by_a_name_of_its_own() -> None:
    """Which its words give; other words are another prerequisite."""
    one, other = Prerequisite("", WORDS), Prerequisite("", Text("Outro.", "Another."))
    said = ANA._replace(rule=one.key)

    assert one.key != other.key
    assert judged(one, said=said).verdict is Verdict.CONFIRMED
    assert judged(other, said=said).verdict is Verdict.TO_CONFIRM


@pytest.mark.parametrize(
    ("outcome", "code", "verdicts"),
    [
        (Outcome.REFUSED, "REFUSED", ["ok", "ok", "ok"]),
        (Outcome.DELIVERED, "", ["ok", "ok", "ok"]),
        (Outcome.BUSY, "CALL_NOT_UNDERSTOOD", ["ok", "ok", "ok"]),
        (Outcome.BUSY, "BUSY", ["ok", "ok", "not checkable"]),
        (Outcome.UNKNOWN, "OUTCOME_UNKNOWN", ["wrong", "not checkable", "not checkable"]),
        (Outcome.UNREACHABLE, "UNREACHABLE", ["wrong", "not checkable", "not checkable"]),
        (Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER", ["ok", "ok", "wrong"]),
        (None, "", ["ok", "ok", "ok"]),
        (None, "ADAPTER_FAILED", ["wrong", "not checkable", "not checkable"]),
    ],
)
def test_how_far_the_bus_comes(outcome: Outcome | None, code: str, verdicts: list[str]) -> None:
    """What comes before the place where it stopped is right, what comes after is not known."""
    details = {"application": "rm", "problem": "x"}
    fault = Fault(code, details=details) if code else None
    found = diagnose.of_contact(RM, Contact(Means.EMPTY_MESSAGE, outcome, fault))

    assert [one.check for one in found] == [Aspect.REACHABLE, Aspect.TLS, Aspect.LOGIN]
    assert [one.verdict.value for one in found] == verdicts


@pytest.mark.parametrize(
    ("enabled", "fits"),
    [
        (Enabled("GETEMPLOYEESITUATIONS", "1.000", receives=True, sends=False), True),
        (Enabled("GetEmployeeSituations", "1.000", receives=False, sends=True), False),
        (Enabled("GetEmployeeSituations", "1.001", receives=True, sends=True), False),
        (Enabled("Employee", "1.000", receives=True, sends=True), False),
    ],
)
def test_an_adapter_fits_by_name_version_and_direction(enabled: Enabled, fits: bool) -> None:
    """The name by any of its spellings, in any letter case."""
    spellings = frozenset({"getemployeesituation", "getemployeesituations"})
    wanted = Wanted("GetEmployeeSituation", spellings, frozenset({"1.000"}), receives=True)
    found = diagnose.of_messages(RM, [wanted], Introduction(enabled=(enabled,)))

    assert (found.verdict is Verdict.OK) is fits


def test_what_leaves_work() -> None:
    """What is wrong and what nobody has confirmed; not what cannot be checked."""
    work = {Verdict.WRONG, Verdict.TO_CONFIRM}
    done = [Finding(Aspect.LOGIN, one, Means.PROBE) for one in Verdict if one not in work]
    todo = [Finding(Aspect.LOGIN, one, Means.PROBE) for one in work]

    assert not Diagnosis("rm", "RM", tuple(done)).leaves_work
    assert all(Diagnosis("rm", "RM", (*done, one)).leaves_work for one in todo)
