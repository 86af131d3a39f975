"""The benchmarks still work. What they find out on so little says nothing, and is not looked at."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.hops import measured
from tests.benchmarks.machine import this_machine
from tests.benchmarks.measuring import TINY, Question, Series, Target
from tests.benchmarks.questions import QUESTIONS
from tests.benchmarks.reporting import as_json, page, table

SHOWN = "journal"
QUICK = frozenset({"deliver"})
"""Questions beside it that take little; the least of the others is many seconds."""


ASKED = [
    pytest.param(one, id=one.name, marks=[] if one.name in QUICK else [pytest.mark.long])
    for one in QUESTIONS
    if one.name != SHOWN and not one.apart  # `make peers` installs what those need
]


@pytest.mark.parametrize("question", ASKED)
def test_every_question_gets_an_answer(question: Question) -> None:
    """Each benchmark measures something, however little it is given to measure with."""
    rows = question.answer(TINY)

    assert rows
    assert all(row.ours.median >= 0 for row in rows if row.told)
    assert all(row.question == question.name for row in rows)


def test_the_answers_are_shown_to_people_and_programs() -> None:
    """A row appears in the table, on the page, and in the JSON with its verdict."""
    (question,) = (one for one in QUESTIONS if one.name == SHOWN)
    rows, machine = question.answer(TINY), this_machine()

    told = json.loads(json.dumps(as_json(machine, rows)))

    assert {row.question for row in rows} == {SHOWN}
    assert rows[0].what in table(rows)
    assert rows[0].what in page(machine, rows, 5, "make bench")
    assert told["rows"][0]["reached"] in {"no", "yes", "stretch"}
    assert told["machine"]["cores"] >= 1


@pytest.mark.parametrize(
    ("target", "reached", "verdict"),
    [
        (Target(0.5, 0.7), 0.49, "no"),
        (Target(0.5, 0.7), 0.5, "yes"),
        (Target(0.5, 0.7), 0.8, "stretch"),
        (Target(8, 4, falling=True), 9, "no"),
        (Target(8, 4, falling=True), 8, "yes"),
        (Target(8, 4, falling=True), 3, "stretch"),
    ],
)
def test_a_target_is_reached_or_not(target: Target, reached: float, verdict: str) -> None:
    """More is better, except where the target falls."""
    assert target.verdict(reached) == verdict


def test_a_series_is_its_median_and_its_extremes() -> None:
    """One slow round moves the least, not the median."""
    assert Series.of([5.0, 1.0, 4.0]) == Series(4.0, 1.0, 5.0)


async def test_the_functions_that_a_message_enters_are_counted(tmp_path: Path) -> None:
    """Of an accept and of a delivery, and each of them ends where it should."""
    accepting, delivering = await measured(tmp_path)

    assert {"Acceptor.receive", "MemoryTables.save"} <= {code.co_qualname for code in accepting}
    assert "HttpXmlAdapter.send" in {code.co_qualname for code in delivering}
    assert "HttpXmlAdapter.send" not in {code.co_qualname for code in accepting}
