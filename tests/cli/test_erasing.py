"""`bus erase`: by the running bus, or on a journal that none holds."""

from contextlib import nullcontext

import pytest

from tests.cli.conftest import Story


@pytest.mark.parametrize("running", [True, False])
def test_what_is_finished_is_erased_and_shown_so(story: Story, *, running: bool) -> None:
    """Who asked and why is on the trace; what it said is nowhere."""
    place = story.place
    why = ("--reason", "pedido 7", "--by", "Encarregada")
    with place.bus_running() if running else nullcontext():
        (tried,) = place.json("erase", story.rejected, "--dry-run", *why)
        done = place.bus("erase", "u-2", *why)
        (again,) = place.json("erase", story.rejected, *why)
        (verified,) = place.json("verify")
    told = place.bus("trace", story.rejected)
    (trace,) = place.json("trace", story.rejected)
    listed = {one["id"]: one["erased_at"] for one in place.json("messages")}
    replayed = place.bus("replay", story.rejected)

    assert tried == {"dry_run": True, "erased": [story.rejected], "before": [], "open": []}
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Conteúdo apagado de 1 mensagens:",
        f"  {story.rejected}",
    ]
    assert (again["erased"], again["before"]) == ([], [story.rejected])
    assert verified["discrepancies"] == []
    assert "conteúdo apagado" in told.stdout
    assert "Encarregada: pedido 7" in told.stdout
    assert trace["erased"] == listed[story.rejected] > 0
    assert listed[story.waiting] is None
    assert "conteúdo apagado" in place.bus("messages").stdout
    assert replayed.exit_code == 1
    assert "LGPD" in replayed.stderr


def test_what_is_open_is_named(story: Story) -> None:
    """A trial tells both; else nothing is erased."""
    ids = (story.waiting, story.rejected)
    (tried,) = story.place.json("erase", *ids, "--dry-run", "--reason", "x")
    told = story.place.bus("erase", *ids, "--reason", "x", "--language", "en")
    (trace,) = story.place.json("trace", story.rejected)

    assert (tried["erased"], tried["open"]) == ([story.rejected], [story.waiting])
    assert told.exit_code == 1
    assert f"nothing was erased: {story.waiting}" in told.stderr
    assert trace["erased"] == 0


def test_a_key_and_a_number_name_messages(story: Story) -> None:
    """And a number that is none is told."""
    (by_key,) = story.place.json("erase", "--key", "USD", "--dry-run", "--reason", "x")
    nobody = story.place.bus("erase", "--holding", "123.456.789-09", "--reason", "x")
    none = story.place.bus("erase", "--holding", "Ana", "--reason", "x")

    assert by_key["open"] == [story.waiting]
    assert "Nenhuma mensagem do diário" in nobody.stderr
    assert "não é um CPF" in none.stderr


@pytest.mark.parametrize(
    "command", [("erase", "--key", "USD"), ("journal", "prune", "--keep-for", "1d")]
)
def test_a_journal_that_is_not_there_is_told_and_not_begun(
    story: Story, command: tuple[str, ...]
) -> None:
    """Else somebody would believe that nothing is kept of whoever asked."""
    nowhere = story.place.folder / "nowhere.db"
    given = ("--reason", "x", "--dry-run", "--journal", str(nowhere))
    told = story.place.bus(*command, *given)

    assert told.exit_code == 2
    assert "não pode ser lido" in told.stderr
    assert [one.name for one in story.place.folder.glob("nowhere*")] == []


@pytest.mark.parametrize(
    ("option", "length"), [("--holding", 50), ("--by", 200), ("--reason", 2000), ("--key", 500)]
)
def test_what_is_too_long_is_told_by_its_option(story: Story, option: str, length: int) -> None:
    """And is no traceback."""
    why = () if option == "--reason" else ("--reason", "x")
    told = story.place.bus("erase", story.rejected, *why, option, "1" * (length + 1))

    assert told.exit_code == 2
    assert isinstance(told.exception, SystemExit)
    assert f"'{option}'" in told.stderr
    assert f"até {length} caracteres" in told.stderr


def test_a_reason_is_given(story: Story) -> None:
    """It is kept for whoever asks later."""
    assert story.place.bus("erase", story.rejected).exit_code == 2
