"""The list of rules claims nothing that the tests do not show."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rules import Claim, counts, problems_of_claims, problems_of_table, read_table

PASSES = """
import pytest

@pytest.mark.rule("A-01")
def test_it():
    assert True
"""
FAILS = PASSES.replace("True", "False")
PROVEN = "| A-01 | it | proven | here |"


@dataclass(frozen=True)
class Finding:
    """What the checker printed, and whether it was content."""

    content: bool
    counts: str
    problems: list[str]

    def counted(self, name: str) -> int:
        """The rules in this column, all families together."""
        table = self.counts.replace("not ours", "not-ours").splitlines()
        (head,) = (line for line in table if line.startswith("family"))
        return int(dict(zip(head.split(), table[-1].split(), strict=True))[name])


class Project:
    """A document of rules and a file of tests, both made up."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.folder = folder
        self.checkout = checkout

    def check(self, row: str, *, tests: str, options: tuple[str, ...] = ()) -> Finding:
        """Writes a document of one rule and its tests, and asks the checker."""
        rules = self.folder / "rules.md"
        rules.write_text(document(row), "utf-8")
        # Its own configuration, so that pytest looks for none in the folders above.
        (self.folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", "utf-8")
        (self.folder / "test_made_up.py").write_text(tests, "utf-8")
        arguments = ["--rules", str(rules), "--tests", str(self.folder), *options]
        return ask(self.checkout, arguments, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")


def document(*rows: str, size: int = 1) -> str:
    """A document of one family; its first rule stands in line 7."""
    head = f"| family | what | rules |\n|---|---|---|\n| A | made up | {size} |\n\n"
    return "\n".join([f"{head}| id | rule | status | where |", "|---|---|---|---|", *rows, ""])


def ask(checkout: Path, arguments: list[str], **environment: str) -> Finding:
    """Runs the checker as `make rules` does."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.rules", *arguments],
        cwd=checkout,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Finding(done.returncode == 0, done.stdout, done.stderr.splitlines())


@pytest.fixture
def project(tmp_path: Path, checkout: Path) -> Project:
    """An empty project of rules."""
    return Project(tmp_path, checkout)


@pytest.mark.long  # `make lint` asks the same
def test_the_rules_of_the_bus_claim_what_its_tests_show(checkout: Path) -> None:
    """docs/rules.md has every id once, known statuses, and a marked test for every claim."""
    finding = ask(checkout, ["--check"])

    assert finding.problems == []
    assert finding.content
    assert finding.counted("total") == 427


def test_a_proven_rule_has_a_test_that_passes(project: Project) -> None:
    """The claim is counted, and nothing is reported."""
    finding = project.check(PROVEN, tests=PASSES)

    assert finding.problems == []
    assert finding.content
    assert finding.counted("proven") == 1


def test_a_proven_rule_without_a_test_is_reported(project: Project) -> None:
    """It counts as open."""
    finding = project.check(PROVEN, tests="")

    assert finding.problems == ["A-01: proven in the table, but no test is marked with it"]
    assert not finding.content
    assert finding.counted("open") == 1


def test_a_failing_test_proves_nothing(project: Project) -> None:
    """It is named, and its rule counts as open."""
    finding = project.check(PROVEN, tests=FAILS)

    assert finding.problems == ["A-01: test_made_up.py::test_it failed"]
    assert not finding.content
    assert finding.counted("open") == 1


def test_one_failing_test_among_several_takes_the_proof_away(project: Project) -> None:
    """A rule is proven when all of its tests pass."""
    another = FAILS.replace("test_it", "test_the_rest")
    finding = project.check(PROVEN, tests=PASSES + another)

    assert finding.problems == ["A-01: test_made_up.py::test_the_rest failed"]
    assert finding.counted("open") == 1


def test_a_test_that_breaks_outside_its_body_failed(project: Project) -> None:
    """A fixture that fails while it tidies up takes the proof away as well."""
    fixture = """
@pytest.fixture(autouse=True)
def tidy():
    yield
    raise RuntimeError
"""
    finding = project.check(PROVEN, tests=PASSES + fixture)

    assert finding.problems == ["A-01: test_made_up.py::test_it failed"]
    assert finding.counted("open") == 1


@pytest.mark.parametrize("mark", ["skip", "xfail"])
def test_a_skipped_test_proves_nothing(project: Project, mark: str) -> None:
    """Neither does one that is expected to fail, even if it passes."""
    skipped = PASSES.replace("@pytest", f"@pytest.mark.{mark}(reason='so')\n@pytest")
    finding = project.check(PROVEN, tests=skipped)

    assert finding.problems == [
        "A-01: none of its tests by bus was run to its end, such as test_made_up.py::test_it"
    ]
    assert finding.counted("open") == 1


def test_the_check_runs_no_test(project: Project) -> None:
    """With --check a mark is enough."""
    finding = project.check(PROVEN, tests=FAILS, options=("--check",))

    assert finding.problems == []
    assert finding.content


def test_a_mark_with_an_unknown_id_is_reported(project: Project) -> None:
    """With the test that carries it; the other ids of the mark count."""
    finding = project.check(PROVEN, tests=PASSES.replace('"A-01"', '"A-01", "A-99"'))

    assert finding.problems == [
        "test_made_up.py::test_it: marked with 'A-99', which is no rule of the table"
    ]
    assert not finding.content
    assert finding.counted("proven") == 1


@pytest.mark.parametrize(
    ("mark", "named"), [('"A-01", by="hope"', "hope"), ('"A-01", on="diagnose"', "on")]
)
def test_a_mark_of_an_unknown_kind_is_reported(project: Project, mark: str, named: str) -> None:
    """A mistyped kind never counts as a proof."""
    finding = project.check(
        "| A-01 | it | open | here |", tests=PASSES.replace('"A-01"', mark), options=("--check",)
    )

    assert finding.problems == [
        f"test_made_up.py::test_it: by must be one of bus, diagnose, simulator, not '{named}'"
    ]


def test_tests_that_cannot_be_read_are_reported(project: Project) -> None:
    """Nothing is said of the rules then, but why."""
    finding = project.check(PROVEN, tests="import nowhere_at_all", options=("--check",))

    assert not finding.content
    assert finding.problems[-1] == "The tests could not be collected."
    assert any("nowhere_at_all" in line for line in finding.problems)


def problems_of(*rows: str, size: int = 1) -> list[str]:
    """What is wrong with a document of these rows."""
    return list(problems_of_table(read_table(document(*rows, size=size))))


def test_a_doubled_id_is_reported() -> None:
    """With the lines where it stands."""
    problems = problems_of("| A-01 | it | open | here |", "| A-01 | that | open | there |")

    assert problems == ["A-01: stands 2 times (lines 7 and 8)"]


def test_a_missing_id_is_reported() -> None:
    """The size of the family says which numbers there are."""
    assert problems_of("| A-01 | it | open | here |", size=2) == ["A-02: missing from the table"]


def test_an_id_outside_its_family_is_reported() -> None:
    """A number above the size of the family, and a family that the document does not name."""
    rows = [f"| {id} | it | open | here |" for id in ("A-01", "A-02", "B-01")]

    assert problems_of(*rows) == [
        "A-02: no family of the document has this number",
        "B-01: no family of the document has this number",
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("| A-01 | it | done | here |", "A-01 (line 7): unknown status 'done'"),
        ("| A-01 |  | open | here |", "A-01 (line 7): the rule is empty"),
        ("| A-01 | it | not ours | |", "A-01 (line 7): not ours, and `where` does not say why"),
    ],
)
def test_a_row_that_says_too_little_is_reported(row: str, problem: str) -> None:
    """An unknown status, no rule, a duty declined without a reason."""
    assert problems_of(row) == [problem]


def test_a_row_with_other_cells_is_reported() -> None:
    """A stray border would hide the status."""
    assert "line 7: the row of A-01 has not four cells" in problems_of("| A-01 | it | open |")


def test_a_border_can_be_written_in_a_cell() -> None:
    """Internal ids hold borders; Markdown writes them with a backslash."""
    assert problems_of(r"| A-01 | an id is 50\|10 | open | here |") == []


def compare(status: str, *kinds: str) -> list[str]:
    """How a rule of this status compares with tests of these kinds."""
    table = read_table(document(f"| A-01 | it | {status} | why |"))
    claims = [Claim("A-01", kind, f"test_by_{kind}") for kind in kinds]
    return list(problems_of_claims(table, claims))


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("proven", ["bus"]),
        ("proven", ["simulator", "diagnose", "bus"]),
        ("diagnosed", ["simulator", "diagnose"]),
        ("simulated", ["simulator"]),
        ("not ours", []),
        ("open", []),
    ],
)
def test_the_strongest_kind_of_test_decides(status: str, kinds: list[str]) -> None:
    """A weaker test beside a stronger one is welcome."""
    assert compare(status, *kinds) == []


@pytest.mark.parametrize(
    ("status", "kind", "shown"),
    [
        ("proven", "diagnose", "diagnosed"),
        ("proven", "simulator", "simulated"),
        ("diagnosed", "simulator", "simulated"),
        ("simulated", "bus", "proven"),
        ("open", "bus", "proven"),
        ("not ours", "diagnose", "diagnosed"),
    ],
)
def test_a_status_that_its_tests_do_not_show_is_reported(
    status: str, kind: str, shown: str
) -> None:
    """The table neither runs ahead of the tests nor lags behind them."""
    assert compare(status, kind) == [f"A-01: {status} in the table, but {shown} by its tests"]


def test_the_kinds_are_counted_apart() -> None:
    """Each status has its column, and what no test of its kind carries counts as open."""
    statuses = ["proven", "diagnosed", "simulated", "not ours", "open", "proven"]
    rows = [f"| A-{n:02d} | it | {status} | why |" for n, status in enumerate(statuses, start=1)]
    claims = [
        Claim("A-01", "bus", "test_1"),
        Claim("A-02", "diagnose", "test_2"),
        Claim("A-03", "simulator", "test_3"),
        Claim("A-06", "simulator", "test_6"),
    ]

    _, family, total = counts(read_table(document(*rows, size=6)), claims).splitlines()
    assert family.split() == ["A", "1", "1", "1", "1", "2", "6"]
    assert total.split() == ["all", "1", "1", "1", "1", "2", "6"]
