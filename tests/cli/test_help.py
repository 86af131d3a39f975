"""The help of every command, and what click itself says, in the language of whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bus.config import Settings
from bus.config.setting_texts import SETTING_TEXTS
from bus.core.text import Language
from bus.edge.cli import main
from bus.edge.cli.spoken import Argument, Command, Group, Option, speak
from bus.edge.words.click import PHRASES
from bus.edge.words.help import HELP, METAVARS, SHARED

NOT_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|an|of|and|or|not|with|without|from|it|its|by|that|this|to|"
    r"show|print|such|option|options|usage|error|missing|default|required|message|file|command)\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"`[^`]*`|'[^']*'|--[\w-]+|\b[A-Z_]{4,}\b|/\w+|\[[\w|, -]*\]|\bdocs/\S+|\w+_\w+")
"""What is the same in every language: commands, options, addresses, choices."""


def commands(group: Group) -> Iterator[Command]:
    """A group, and every command below it."""
    yield group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert isinstance(command, Command), name
        if isinstance(command, Group):
            yield from commands(command)
        else:
            yield command


def ask(language: Language, *arguments: str) -> Result:
    """What the program says, on a wide screen."""
    runner = CliRunner(env={"BUS_LANGUAGE": language})
    return runner.invoke(main, arguments, terminal_width=400, max_content_width=400)


assert isinstance(main, Group)
COMMANDS = {command.path: command for command in commands(main)}
GROUPS = {path for path, command in COMMANDS.items() if isinstance(command, Group)} - {
    "depara conflicts",  # it lists them itself, and has a command below it
}
WITHOUT_JSON = {
    "demo": "a play for people: the stories of messages, with titles between them",
    "instruct behave": "prints nothing",
    "instruct leave": "prints nothing",
}


def test_every_command_has_its_help_and_no_other() -> None:
    """The table has a row for each command, and none for one that is gone."""
    assert COMMANDS.keys() == HELP.keys()


@pytest.mark.parametrize("path", COMMANDS)
def test_every_parameter_has_its_words_in_both_languages(path: str) -> None:
    """An option or an argument that nobody explains is a riddle; a row for none is a leftover."""
    command, words = COMMANDS[path], HELP[path].params
    ours = [each for each in command.params if isinstance(each, (Option, Argument))]
    names = {each.typed if isinstance(each, Option) else each.name for each in ours}

    assert len(ours) == len(command.params)
    assert words.keys() <= names
    for each in ours:
        told = each.told if isinstance(each, Option) else None
        name = each.typed if isinstance(each, Option) else each.name or ""
        text = told or words.get(name) or SHARED[name]
        assert text.pt, name
        assert text.en, name
        assert text.pt != text.en, name


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_is_portuguese_unless_english_is_asked_for(path: str) -> None:
    """All of it: the usage, the headings, what stands for a value, and each sentence."""
    portuguese, english = (ask(each, *path.split(), "--help").output for each in ("pt", "en"))

    assert portuguese.startswith("Uso: ")
    assert english.startswith("Usage: ")
    assert HELP[path].does.en in english
    assert HELP[path].more.en.split("\n")[0] in english
    assert (
        NOT_ENGLISH.findall(NAMES.sub("", re.sub(r"(?m)^Uso: .*|^  [\w-]+", "", portuguese))) == []
    )


@pytest.mark.parametrize("path", COMMANDS)
def test_what_stands_for_a_value_has_its_words(path: str) -> None:
    """`FILE` is `ARQUIVO` to whoever reads Portuguese."""
    speak(["--language", "en"])
    command = COMMANDS[path]
    context = click.Context(command)
    for each in command.params:
        if not isinstance(each.type, click.Choice) and not getattr(each, "is_flag", False):
            assert set(re.findall(r"[A-Z]+", each.make_metavar(context))) <= METAVARS.keys()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mesages"], "Erro: Não existe o comando 'mesages'."),
        (
            ["messages", "--limt", "3"],
            "Erro: Não existe a opção '--limt'. (Seria uma destas: '--limit', '--to'?)",
        ),
        (["messages", "--limit"], "Erro: A opção '--limit' precisa de um valor."),
        (["messages", "--limit", "x"], "'x' não é um número válido."),
        (["messages", "--limit", "0"], "0 não está no intervalo 1<=x<=10000."),
        (["messages", "--state", "lost"], "'lost' não é nenhum destes: "),
        (["messages", "--json=1"], "A opção '--json' não leva valor."),
        (["messages", "x"], "Erro: Sobra o argumento (x)"),
        (["trace"], "Erro: Falta o argumento 'ID'."),
        (["validate"], "Erro: Falta o argumento 'ARQUIVOS...'."),
        (["discard", "1"], "Erro: Falta a opção '--reason'."),
        (["sharing", "stop", "grupo"], "Erro: Falta a opção '--queued'. Escolha:"),
        (["schemas", "import", "/nowhere"], "'/nowhere' não existe."),
    ],
)
def test_mistakes_are_told_in_portuguese(arguments: list[str], said: str) -> None:
    """Also those that click finds."""
    told = ask("pt", *arguments)

    assert told.exit_code == 2
    assert said in told.stderr
    assert NOT_ENGLISH.findall(NAMES.sub("", told.stderr.replace("bus messages", ""))) == []


@pytest.mark.parametrize("arguments", [["--language", "en"], ["--language=en"]])
def test_the_option_decides_before_anything_is_read(arguments: list[str]) -> None:
    """Wherever it stands, and though the command line is wrong."""
    assert ask("pt", "trace", "--help", *arguments).output.startswith("Usage: ")
    assert "Error: No such option '--nope'." in ask("pt", "trace", "--nope", *arguments).stderr


def test_click_says_what_we_think_it_says() -> None:
    """Each phrase that is translated is one that the installed click has."""
    source = "".join(file.read_text("utf-8") for file in Path(click.__file__).parent.glob("*.py"))

    written = {phrase.encode("unicode_escape").decode() for phrase in PHRASES}
    assert [phrase for phrase in written if f'"{phrase}"' not in source] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_takes_a_language(path: str) -> None:
    """--language goes before BUS_LANGUAGE."""
    assert "language" in {each.name for each in COMMANDS[path].params}


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_that_prints_prints_json(path: str) -> None:
    """The same as people read, for programs; those that do not have their reason."""
    takes_json = any(each.name == "as_json" for each in COMMANDS[path].params)

    assert takes_json is not (path in GROUPS or path in WITHOUT_JSON)


def test_every_setting_has_its_words() -> None:
    """They are its help, and its row in the documentation."""
    assert SETTING_TEXTS.keys() == Settings.model_fields.keys()
    assert all(text.pt and text.en and text.pt != text.en for text in SETTING_TEXTS.values())
