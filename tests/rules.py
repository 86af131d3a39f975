"""Holds docs/rules.md to the tests: `python -m tests.rules`, or with `--check` without running them.

A status is a claim. This reads the table, asks pytest for the tests marked with a rule, runs them, and
names every claim that no passing test carries and every test whose rule claims something else.
"""

import argparse
import contextlib
import io
import re
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What a test of each kind shows about its rule; the strongest kind first.
STATUS_OF_KIND = {"bus": "proven", "diagnose": "diagnosed", "simulator": "simulated"}
STATUSES = (*STATUS_OF_KIND.values(), "not ours", "open")

RULE_ID = re.compile(r"[A-Z]-\d+")
CELL_BORDER = re.compile(r"(?<!\\)\|")

# How pytest ends when it could read all of the tests.
SAID_BY_TESTS = (
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.NO_TESTS_COLLECTED,
)


@dataclass(frozen=True)
class Rule:
    """A row of the table."""

    id: str
    text: str
    status: str
    where: str
    line: int

    @property
    def family(self) -> str:
        """The letter before the number."""
        return self.id.partition("-")[0]


@dataclass(frozen=True)
class Table:
    """The document: its families with the number of their rules, its rules, and rows nobody can read."""

    families: Mapping[str, int]
    rules: Sequence[Rule]
    unreadable: Sequence[str] = ()


@dataclass(frozen=True)
class Claim:
    """A test's mark: it shows this rule, in this way."""

    rule: str
    kind: str
    test: str


def read_table(text: str) -> Table:
    """Reads the families and the rules from the Markdown tables of the document."""
    families: dict[str, int] = {}
    rules: list[Rule] = []
    unreadable: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match cells_of(line):
            case [family, _, size] if re.fullmatch("[A-Z]", family) and size.isdigit():
                families[family] = int(size)
            case [id, rule, status, where] if RULE_ID.fullmatch(id):
                rules.append(Rule(id, rule, status, where, number))
            case [id, *_] if RULE_ID.fullmatch(id):
                unreadable.append(f"line {number}: the row of {id} has not four cells")
    return Table(families, rules, unreadable)


def cells_of(line: str) -> list[str]:
    """The cells of a table's row; none when the line is no row."""
    return [cell.strip() for cell in CELL_BORDER.split(line.strip())[1:-1]]


def problems_of_table(table: Table) -> Iterator[str]:
    """What is wrong with the document by itself."""
    yield from table.unreadable
    for rule in table.rules:
        if rule.status not in STATUSES:
            yield f"{rule.id} (line {rule.line}): unknown status '{rule.status}'"
        if not rule.text:
            yield f"{rule.id} (line {rule.line}): the rule is empty"
        if rule.status == "not ours" and not rule.where:
            yield f"{rule.id} (line {rule.line}): not ours, and `where` does not say why"
    yield from problems_of_numbering(table)


def problems_of_numbering(table: Table) -> Iterator[str]:
    """Every family has its numbers, each once, and nothing else stands in the table."""
    expected = [
        f"{family}-{number:02d}"
        for family, size in table.families.items()
        for number in range(1, size + 1)
    ]
    found = Counter(rule.id for rule in table.rules)
    for id in sorted(found.keys() - set(expected)):
        yield f"{id}: no family of the document has this number"
    for id in expected:
        if found[id] == 0:
            yield f"{id}: missing from the table"
        if found[id] > 1:
            lines = " and ".join(str(rule.line) for rule in table.rules if rule.id == id)
            yield f"{id}: stands {found[id]} times (lines {lines})"


def problems_of_claims(table: Table, claims: Sequence[Claim]) -> Iterator[str]:
    """Where the table and the marks of the tests disagree."""
    known = {rule.id for rule in table.rules}
    for claim in claims:
        if claim.rule not in known:
            yield f"{claim.test}: marked with '{claim.rule}', which is no rule of the table"
        if claim.kind not in STATUS_OF_KIND:
            yield f"{claim.test}: by must be one of {', '.join(STATUS_OF_KIND)}, not '{claim.kind}'"
    for rule in table.rules:
        shown = strongest_status(claim for claim in claims if claim.rule == rule.id)
        if shown is None and rule.status in STATUS_OF_KIND.values():
            yield f"{rule.id}: {rule.status} in the table, but no test is marked with it"
        if shown is not None and shown != rule.status:
            yield f"{rule.id}: {rule.status} in the table, but {shown} by its tests"


def strongest_status(claims: Iterable[Claim]) -> str | None:
    """The best status that tests of these kinds can give, if there is any."""
    kinds = {claim.kind for claim in claims}
    return next((status for kind, status in STATUS_OF_KIND.items() if kind in kinds), None)


def problems_of_results(claims: Sequence[Claim], results: Mapping[str, str]) -> Iterator[str]:
    """Marked tests that failed, and rules of which no test of a kind passed."""
    for test in dict.fromkeys(claim.test for claim in claims):
        if results.get(test) == "failed":
            yield f"{rules_of(claims, test)}: {test} failed"
    for id, kind in dict.fromkeys((claim.rule, claim.kind) for claim in claims):
        tests = [claim.test for claim in claims if (claim.rule, claim.kind) == (id, kind)]
        if {results.get(test, "not run") for test in tests}.isdisjoint({"passed", "failed"}):
            yield f"{id}: none of its tests by {kind} was run to its end, such as {tests[0]}"


def rules_of(claims: Iterable[Claim], test: str) -> str:
    """The rules that a test is marked with, as a text."""
    return ", ".join(claim.rule for claim in claims if claim.test == test)


def backed(claims: Sequence[Claim], results: Mapping[str, str]) -> list[Claim]:
    """The claims on rules that have a test of that kind that passed, and none that failed."""
    failed = {claim.rule for claim in claims if results.get(claim.test) == "failed"}
    return [c for c in claims if c.rule not in failed and results.get(c.test) == "passed"]


def counts(table: Table, claims: Sequence[Claim]) -> str:
    """The number of rules of each status by family, as these claims leave them."""
    shown = {(claim.rule, STATUS_OF_KIND.get(claim.kind)) for claim in claims}
    counted = Counter(
        (rule.family, rule.status if holds(rule, shown) else "open") for rule in table.rules
    )
    by_family = {
        family: [counted[family, status] for status in STATUSES] for family in table.families
    }
    rows = [["family", *STATUSES, "total"]]
    rows += [[family, *with_total(numbers)] for family, numbers in by_family.items()]
    rows += [
        ["all", *with_total([sum(column) for column in zip(*by_family.values(), strict=True)])]
    ]
    return "\n".join(f"{name:<7}" + "".join(f"{cell:>11}" for cell in row) for name, *row in rows)


def holds(rule: Rule, shown: Container[tuple[str, str | None]]) -> bool:
    """Whether the status needs no test, or has one."""
    return rule.status not in STATUS_OF_KIND.values() or (rule.id, rule.status) in shown


def with_total(numbers: Sequence[int]) -> list[str]:
    """The numbers and their sum, as texts."""
    return [str(number) for number in (*numbers, sum(numbers))]


class Marks:
    """A plugin of pytest that notes which test claims which rule, and how each test ended."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.results: dict[str, str] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Makes the mark known where no configuration does."""
        config.addinivalue_line("markers", "rule(id, ..., by='bus'): the rules that the test shows")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes the claims of the tests that will run."""
        for item in session.items:
            for mark in item.iter_markers("rule"):
                self.claims += claims_of(mark, item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes how a test ended; an expected failure shows nothing, whichever way it goes."""
        if report.failed:
            self.results[report.nodeid] = "failed"
        elif report.skipped or hasattr(report, "wasxfail"):
            self.results[report.nodeid] = "skipped"
        elif report.when == "call":
            self.results[report.nodeid] = "passed"


def claims_of(mark: pytest.Mark, test: str) -> list[Claim]:
    """The claims of one mark; one that names no rule claims the rule without a name."""
    options = dict(mark.kwargs)
    kind = str(options.pop("by", "bus"))
    if options:
        kind = ", ".join(options)
    return [Claim(str(id), kind, test) for id in mark.args or ("",)]


class UnreadableTests(Exception):
    """Pytest could not collect the tests, so that nothing can be said of the table."""


def ask_tests(folder: Path, *, run: bool) -> Marks:
    """Collects the marked tests, and runs them if asked to."""
    marks = Marks()
    command = [str(folder), "-q", "-m", "rule", "-p", "no:cacheprovider"]
    if run:
        code, heard = pytest.main(command, plugins=[marks]), ""
    else:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = pytest.main([*command, "--collect-only"], plugins=[marks])
        heard = output.getvalue()
    if code not in SAID_BY_TESTS:
        raise UnreadableTests(f"{heard}The tests could not be collected.")
    return marks


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the counts and the mismatches; 1 when there is a mismatch."""
    options = read_arguments(arguments)
    table = read_table(options.rules.read_text("utf-8"))
    try:
        marks = ask_tests(options.tests, run=not options.check)
    except UnreadableTests as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    problems = [*problems_of_table(table), *problems_of_claims(table, marks.claims)]
    carried = marks.claims
    if not options.check:
        problems += problems_of_results(marks.claims, marks.results)
        carried = backed(marks.claims, marks.results)
    print(counts(table, carried))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.rules", description="Rules and their tests."
    )
    parser.add_argument("--check", action="store_true", help="compare without running the tests")
    parser.add_argument("--rules", type=Path, default=ROOT / "docs" / "rules.md")
    parser.add_argument("--tests", type=Path, default=ROOT / "tests")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
