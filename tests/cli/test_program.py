"""The program as a whole: its help, its commands, and what they have in common."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bus.edge.cli import COMMANDS, main
from bus.edge.cli.spoken import Command
from bus.edge.words.help import HELP
from tests.cli.conftest import Place

HEAVY = ("pydantic", "lxml", "fastapi", "uvicorn", "apsw", "aiohttp")


def test_help_names_every_command_and_what_it_does() -> None:
    """The first page tells what there is."""
    said = CliRunner().invoke(main, ["--help"], terminal_width=200).output

    for name in COMMANDS:
        assert f"  {name} " in said
        assert HELP[name].does.pt in said


def test_help_comes_without_importing_the_program() -> None:
    """`bus --help` answers at once: no library of the bus but click is imported for it."""
    program = (
        "import sys; from bus.edge.cli import main; main(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    """Each name of the help is a command."""
    command = main.get_command(click.Context(main), name)

    assert isinstance(command, Command)
    assert (command.name, command.path) == (name, name)


def test_an_unknown_command_is_refused() -> None:
    """What is not in the table is not looked for among the modules."""
    assert CliRunner().invoke(main, ["options"]).exit_code == 2


def test_a_wrong_setting_is_told_by_its_variable(place: Place) -> None:
    """A refusal of the configuration has exit code 2, a place and a remedy."""
    told = place.bus("messages", "--language", "es")

    assert told.exit_code == 2
    assert "BUS_LANGUAGE: “es” não serve para BUS_LANGUAGE" in told.stderr
    assert "Valores possíveis: en, pt." in told.stderr


@pytest.mark.parametrize("language", ["pt", "en"])
def test_a_refusal_speaks_the_language_that_was_asked_for(place: Place, language: str) -> None:
    """--language decides, in words and in JSON."""
    with place.bus_running():
        pass

    told = place.bus("trace", "nowhere", "--language", language)
    (in_json,) = place.json("trace", "nowhere", "--language", language)

    reason = {"pt": "Não há mensagem com", "en": "There is no message with"}[language]
    assert told.exit_code == 1
    assert reason in told.stderr
    assert in_json["errors"][0]["code"] == "MESSAGE_NOT_FOUND"
    assert in_json["errors"][0]["message"].startswith(reason)
