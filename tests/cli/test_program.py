"""The program as a whole: its help, its commands, and what they have in common."""

import socket
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bus.edge.cli import COMMANDS, main
from bus.edge.cli.spoken import Command
from bus.edge.words.help import HELP
from tests.cli.conftest import Place, Story

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


@pytest.mark.parametrize(
    "arguments",
    [
        ["messages", "--key", "none"],
        ["routes", "check"],
        ["verify"],
        ["validate", "usd.xml"],
        ["depara", "list"],
        ["depara", "conflicts"],
        ["reconcile", "--since", "1h"],
    ],
)
def test_a_language_counts_wherever_it_is_asked_for(story: Story, arguments: list[str]) -> None:
    """Before a command, before one of a group, or after it; the closest to the command decides."""
    given = [str(story.place.folder / one) if "." in one else one for one in arguments]
    asked = [
        story.place.bus(*given[:at], "--language", "en", *given[at:])
        for at in range(1 + (given[0] == "depara") + (given[0] == "routes"))
    ]
    last = story.place.bus(*given, "--language", "en")
    portuguese = story.place.bus("--language", "en", *given, "--language", "pt")

    assert [one.stdout for one in asked] == [last.stdout] * len(asked)
    assert portuguese.stdout == story.place.bus(*given).stdout
    assert portuguese.stdout != last.stdout
    assert story.place.bus("--language", "es", *given).exit_code == 2


def test_a_group_takes_a_language() -> None:
    """Also one whose commands read no settings."""
    told = CliRunner().invoke(main, ["instruct", "--language", "en", "show", "ftp://x"])

    assert "No such option" not in told.stderr
    assert told.stderr.startswith("Usage: ")


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


@pytest.mark.parametrize(
    ("said", "language"), [(["--language", "en", "--help"], ""), (["--help"], "en")]
)
def test_help_is_told_in_english_to_who_asks_for_it(said: list[str], language: str) -> None:
    """By the option before any command, or by the variable."""
    told = CliRunner().invoke(main, said, env={"BUS_LANGUAGE": language}, terminal_width=200)

    assert told.exit_code == 0
    assert HELP["send"].does.en in told.output


@pytest.mark.parametrize(
    ("host", "setting"), [("999.1.1.1", "BUS_HOST"), ("192.0.2.1", "BUS_HOST")]
)
def test_a_host_that_is_none_of_this_machine_is_told_as_such(
    place: Place, host: str, setting: str
) -> None:
    """Another port would change nothing."""
    told = place.bus("serve", "--host", host, "--port", "0")

    assert told.exit_code != 0
    assert setting in told.stderr
    assert "BUS_PORT" not in told.stderr


def test_a_port_that_is_taken_is_told_as_such(place: Place) -> None:
    """The host is right."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = place.bus("serve", "--host", "127.0.0.1", "--port", port)

    assert "BUS_PORT" in told.stderr


def test_a_name_that_the_running_bus_does_not_know_is_told_as_of_its_file(place: Place) -> None:
    """It goes by the file that it took last; what was typed has no prefix of our own."""
    given = ("depara", "set", "Item", "rm:1|X", "wms:X", "--reason", "test")
    with place.bus_running():
        beside = place.bus(*given)
    alone = place.bus(*given)

    assert beside.exit_code == alone.exit_code == 1
    assert beside.stderr.startswith("Não há aplicação “wms”.")
    assert "bus routes reload" in beside.stderr
    assert "bus routes reload" not in alone.stderr
