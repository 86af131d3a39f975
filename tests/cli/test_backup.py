"""`bus backup` and `bus restore`, with and without a bus that runs; journals in deep folders."""

import contextlib
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.cli.conftest import Story, furnished

DEEP = ("a" * 60, "b" * 60)


@pytest.mark.parametrize("running", [True, False])
def test_a_backup_is_made_whether_a_bus_runs_or_not(story: Story, *, running: bool) -> None:
    """By the running bus itself; the copy is a sound journal that only its owner reads."""
    copy = story.place.folder / "copy.db"
    with story.place.bus_running() if running else contextlib.nullcontext():
        (done,) = story.place.json("backup", str(copy))
        refused = story.place.bus("backup", str(copy))
    (told,) = story.place.json("verify", "--journal", str(copy))

    assert done == {"file": str(copy), "length": copy.stat().st_size}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert told["discrepancies"] == []
    assert told["accepted"] == 2
    assert refused.exit_code == 2
    assert "já existe" in refused.stderr


def test_a_relative_path_is_that_of_who_asks(
    story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not that of the bus."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    story.place.bus("backup", "copy.db")

    assert (here / "copy.db").exists()


def test_a_restored_journal_says_so(story: Story) -> None:
    """When it is put back, and in `bus verify` ever after; what was there is kept."""
    place = story.place
    place.bus("backup", str(place.folder / "copy.db"))
    place.bus("discard", story.waiting, "--reason", "obsoleto")
    told = place.bus("restore", str(place.folder / "copy.db"))
    (verified,) = place.json("verify")
    (trace,) = place.json("trace", story.waiting)

    assert told.exit_code == 0, told.stderr
    assert "é um backup" in told.stdout
    assert str(place.folder / "bus.db.replaced-1") in told.stdout
    assert verified["restorations"][-1]["why"] == "replaced"
    assert "o diário não era o que esteve no ar" in place.bus("verify").stdout
    assert trace["deliveries"][0]["state"] == "waiting"


def test_nothing_is_restored_while_a_bus_runs(story: Story) -> None:
    """It says to stop it."""
    place = story.place
    place.bus("backup", str(place.folder / "copy.db"))
    with place.bus_running():
        told = place.bus("restore", str(place.folder / "copy.db"))

    assert told.exit_code == 2
    assert "em uso" in told.stderr


def test_the_log_tells_of_a_copy(story: Story) -> None:
    """When a bus starts on it."""
    story.place.journal_file.with_name("bus.db.witness").unlink()
    with capture_logs() as logged, story.place.bus_running():
        pass

    assert [one["log_level"] for one in logged if one["event"] == "the journal was restored"] == [
        "error"
    ]


@pytest.mark.parametrize("option", ["--accept-loss", "--moved"])
def test_a_bus_starts_on_a_word(story: Story, option: str) -> None:
    """That what is missing is lost, and that nothing is missing."""
    place = story.place
    if option == "--accept-loss":
        place.journal_file.unlink()
    refused = place.bus("serve", "--json", "--port", "0") if option == "--accept-loss" else None
    given = ("serve", "--json", "--port", "0", "--journal", place.journal, option)
    routes = ("--routes", str(place.folder / "routes.yaml"))
    with subprocess.Popen(
        [sys.executable, "-c", "from bus.edge.cli import main; main()", *given, *routes],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        process.terminate()
    (verified,) = place.json("verify")

    assert "address" in ready
    assert process.returncode == 0
    if refused:
        assert (refused.exit_code, "JOURNAL_GONE" in refused.stdout) == (2, True)
        assert [one["why"] for one in verified["restorations"]] == ["crashed"]
    else:
        assert verified["restorations"] == []


@pytest.mark.parametrize("parts", [(*DEEP, "bus.db"), ("c" * 150 + ".db",)])
def test_a_journal_may_lie_deep(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """Sockets take about 100 characters; commands reach the bus all the same."""
    journal = tmp_path.joinpath(*parts)
    journal.parent.mkdir(parents=True, exist_ok=True)
    place = replace(furnished(tmp_path), elsewhere=journal)
    copy = tmp_path / "copy.db"
    with place.bus_running():
        told = place.bus("backup", str(copy))

    assert told.exit_code == 0, told.stderr
    assert copy.exists()


def test_a_link_to_the_journal_leads_to_the_bus(story: Story) -> None:
    """The commands ask the bus that runs, whatever the journal is called."""
    place = story.place
    link = place.folder / "link.db"
    link.symlink_to(place.folder / "bus.db")
    with place.bus_running():
        told = place.bus("backup", str(place.folder / "copy.db"), "--journal", str(link))

    assert told.exit_code == 0, told.stderr


def test_a_backup_needs_the_journal_alone(story: Story) -> None:
    """No routes and no secrets: after a crash nobody may have them at hand."""
    place = story.place
    (place.folder / "routes.yaml").unlink()
    (place.folder / "rm.password").unlink()

    told = place.bus("backup", str(place.folder / "copy.db"))

    assert told.exit_code == 0, told.stderr
    assert (place.folder / "copy.db").exists()


def test_what_is_kept_in_memory_is_not_restored(story: Story) -> None:
    """No file of that name is made."""
    place = story.place
    copy = str(place.folder / "copy.db")
    place.bus("backup", copy)

    told = place.bus("restore", copy, "--journal", "memory:")

    assert told.exit_code == 2
    assert not Path("memory:").exists()
    assert "--journal" in told.stderr


def test_a_journal_is_no_backup_of_itself(story: Story) -> None:
    """Nothing is moved."""
    place = story.place
    copy = place.folder / "copy.db"
    place.bus("backup", str(copy))

    told = place.bus("restore", str(copy), "--journal", str(copy))

    assert told.exit_code == 2
    assert [one.name for one in place.folder.glob("copy.db.replaced*")] == []


def test_a_backup_that_cannot_be_made_is_told_once_with_what_to_do(
    story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another name where something is there already; a file where a folder was named."""
    place = story.place
    folder = tmp_path / "backups"
    folder.mkdir()
    monkeypatch.chdir(folder)
    there = Path(place.file("there.db", b"mine"))

    taken, empty, nowhere = (
        place.bus("backup", file).stderr for file in (str(there), "", str(tmp_path / "no" / "x"))
    )

    assert taken.count(str(there)) == 1
    assert "já existe" in taken
    assert "→ O que está ali fica como está: dê um nome que ainda não exista." in taken
    assert there.read_bytes() == b"mine"
    assert f"O backup {folder} não foi feito: é uma pasta" in empty
    assert f"→ Dê o nome de um arquivo, como {folder / 'bus.backup'}." in empty
    assert nowhere.count(str(tmp_path / "no" / "x")) == 1
    assert "→ Dê um caminho novo, numa pasta em que o barramento possa gravar" in nowhere


@pytest.mark.parametrize(
    ("file", "problem"),
    [("", "é uma pasta"), ("nowhere.db", "não existe"), ("note.txt", "não é um diário")],
)
def test_what_is_no_backup_is_told_once(story: Story, file: str, problem: str) -> None:
    """By its path and what is wrong with it."""
    place = story.place
    place.file("note.txt", b"a note that is long enough to be a file of some kind" * 10)
    path = str(place.folder / file) if file else str(place.folder)

    told = place.bus("restore", path)

    assert told.exit_code == 2
    assert told.stderr.count(path) == 1
    assert problem in told.stderr


def test_reading_a_backup_leaves_nothing_beside_it(story: Story) -> None:
    """No log that somebody might take for a part of it; restored, it is a journal like any."""
    place = story.place
    copy = place.folder / "copy.db"
    place.bus("backup", str(copy))
    before = copy.read_bytes()

    verified = place.bus("verify", "--journal", str(copy))
    traced = place.bus("trace", story.waiting, "--journal", str(copy))
    beside = sorted(one.name for one in place.folder.glob("copy.db*"))
    restored = place.bus("restore", str(copy))
    with place.bus_running():
        listed = place.json("messages")

    assert (verified.exit_code, traced.exit_code, restored.exit_code) == (0, 0, 0)
    assert beside == ["copy.db"]
    assert copy.read_bytes() == before
    assert len(listed) == 3
