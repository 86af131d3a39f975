"""The repository keeps its word: what it names exists, and it speaks of itself alone."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
HEADINGS = ("Context", "Decision", "Rejected", "Consequences", "Enforced by")
LEFT_BEHIND = {".venv", "build", "dist", "__pycache__", ".git"}

# An absolute path into somebody's own folders, on Unix, a Mac or Windows.
OWN_FOLDER = re.compile(r"(?<![\w.~$}])/(?:work|home|root|Users|tmp)/\w|[A-Z]:\\Users\\")
# Where packages come from is a setting of whoever installs.
REGISTRY = re.compile(
    r"pypi\.org/simple|files\.pythonhosted\.org|(?:extra-)?index[-_]url|find[-_]links"
)


def own_files() -> list[Path]:
    """The files that are committed, or would be; all of them where git does not know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return [
            ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()
        ]
    return [f for f in ROOT.rglob("*") if f.is_file() and not LEFT_BEHIND.intersection(f.parts)]


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    """The lines of our files in which a pattern occurs, each with its place."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in own_files()
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def sections(decision: Path) -> dict[str, str]:
    """The text under each heading of a decision."""
    parts = re.split(r"^##+ +(.+?) *$", decision.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def container_commands() -> list[list[str]]:
    """The commands by which the containers start the bus."""
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
    composed = [service["command"] for service in services.values() if "command" in service]
    built = re.findall(r"^CMD (\[.+\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return [*composed, *(json.loads(command) for command in built)]


def make_targets() -> set[str]:
    """The targets that `make` lists."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", text, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def bus_help() -> str:
    """What `bus --help` prints."""
    program = "from bus.edge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_containers_start_commands_that_exist(bus_help: str) -> None:
    """Every `bus ...` in docker-compose.yml and the Dockerfile is a command of the program."""
    commands = container_commands()

    assert commands
    for program, command, *_ in commands:
        assert program == "bus"
        assert re.search(rf"^ +{re.escape(command)}\b", bus_help, flags=re.MULTILINE), command


def test_the_containers_use_volumes_that_exist() -> None:
    """Every named volume of a service is declared, every file it mounts is in the repository."""
    composed = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    services = composed["services"].values()
    sources = [mount.split(":")[0] for service in services for mount in service["volumes"]]

    assert sources
    for source in sources:
        assert source in composed["volumes"] or (ROOT / source).is_file(), source


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """An absolute path into somebody's own folders works nowhere else."""
    assert lines_that_match(OWN_FOLDER) == []


def test_no_file_names_a_registry_of_packages() -> None:
    """Where packages come from is the setting of whoever installs, often a mirror."""
    assert lines_that_match(REGISTRY) == []


def test_the_readme_says_how_to_run_and_how_to_test() -> None:
    """A newcomer finds `make run` and `make test` on the first page."""
    readme = (ROOT / "README.md").read_text("utf-8")

    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_guides_name_targets_that_make_knows(guide: Path) -> None:
    """Every `make ...` in a code span or block can be typed."""
    code = re.findall(r"^```.*?^```|`[^`\n]+`", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    named = {target for piece in code for target in re.findall(r"\bmake ([a-z][a-z-]*)", piece)}

    assert named - make_targets() == set()


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_a_decision_says_all_that_a_decision_must(decision: Path) -> None:
    """Each record has its context, decision, rejected, consequences and enforcement, none empty."""
    told = {heading for heading, text in sections(decision).items() if text.strip()}

    assert set(HEADINGS) - told == set()


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_a_decision_is_enforced_by_something_that_exists(decision: Path) -> None:
    """A decision that nothing enforces is an opinion."""
    proof = sections(decision)["Enforced by"]
    named = re.findall(r"\btests/[\w./-]*\w(?:::\w+)*", proof)

    assert named or "make lint" in proof
    for path, *parts in (name.split("::") for name in named):
        assert (ROOT / path).exists(), path
        for part in parts:
            assert part in (ROOT / path).read_text("utf-8"), f"{path}::{part}"


def test_decisions_have_numbers_of_their_own() -> None:
    """Two records with one number cannot both be cited."""
    numbers = [decision.name.split("-")[0] for decision in DECISIONS]

    assert len(numbers) == len(set(numbers))


def test_a_class_has_a_name_of_its_own() -> None:
    """A reader who meets it elsewhere knows which one it is."""
    program = [file for top in ("bus", "adapters", "depara") for file in (ROOT / top).rglob("*.py")]
    names = Counter(
        name
        for file in program
        for name in re.findall(r"^class (\w+)", file.read_text("utf-8"), re.MULTILINE)
    )

    assert len(names) > 300
    assert [name for name, times in names.items() if times > 1] == []
