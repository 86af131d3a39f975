"""Commands that speak the language of whoever asks: their help, and click's own words."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from importlib import import_module
from typing import Any

import click

from bus.core.text import Language, Text, visible
from bus.edge.words.click import NO_TEXT, PHRASES, USAGE
from bus.edge.words.help import ARGUMENTS, HELP, METAVARS, SHARED

_CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types", "utils")
"""The modules of click that say something."""

_ASKED = f"{__name__}.language"
_language: ContextVar[Language] = ContextVar("language", default="pt")


def language() -> Language:
    """The language that was asked for, known before settings or options could be read."""
    return _language.get()


def _remember(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """Keep the language that an option asks for, for the commands below it."""
    if value is not None:
        ctx.meta[_ASKED] = value
    return value


def asked_for() -> str | None:
    """What `--language` says, wherever it stands: of several the one closest to the command."""
    asked: str | None = click.get_current_context().meta.get(_ASKED)
    return asked


def usage(word: str, value: str = "") -> str:
    """What is wrong with what was typed, in the language; what a terminal would obey is shown."""
    return USAGE[word].filled({"value": visible(value)}).told(language())


def speak(arguments: Sequence[str]) -> None:
    """Speak the language that the arguments ask for, else BUS_LANGUAGE."""
    asked = os.environ.get("BUS_LANGUAGE", "")
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if option == "--language":
            asked = value
        elif option.startswith("--language="):
            asked = option.partition("=")[2]
    _language.set("en" if asked == "en" else "pt")
    for name in _CLICK:
        # Each has its own `_` of gettext, which finds its words in compiled files by LANG alone.
        module = import_module(f"click.{name}")
        for function, ours in (("_", _phrase), ("ngettext", _phrases)):
            if hasattr(module, function):
                setattr(module, function, ours)


def _phrase(said: str) -> str:
    return PHRASES[said].told(language()) if said in PHRASES else said


def _phrases(one: str, many: str, count: int) -> str:
    return _phrase(one if count == 1 else many)


def _metavar(text: str) -> str:
    """What stands for a value, such as `[FILE]...`, in the language."""
    return re.sub(
        r"[A-Z]+",
        lambda each: METAVARS[each[0]].told(language()) if each[0] in METAVARS else each[0],
        text,
    )


class _Typed(click.Parameter):
    """What is typed as text must be text: a shell in another encoding gives bytes that are none."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:  # noqa: ANN401 - click's own
        """The value, or what is wrong with it."""
        cast = super().type_cast_value(ctx, value)
        texts = cast if isinstance(cast, tuple) else (cast,)
        named = isinstance(self.type, click.types.StringParamType)
        for one in texts if named else ():
            if isinstance(one, str) and not _is_text(one):
                shown = one.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
                raise click.BadParameter(
                    NO_TEXT.filled({"value": shown}).told(language()), ctx, self
                )
        return cast


def _is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


class Argument(_Typed, click.Argument):
    """An argument; its words are in the table of helps."""

    def make_metavar(self, ctx: click.Context) -> str:
        """What stands for it."""
        return _metavar(super().make_metavar(ctx))


class Option(_Typed, click.Option):
    """An option; its words are `told`, else in the table of helps."""

    def __init__(self, *given: Any, told: Text | None = None, **more: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **more)
        self.told = told

    @property
    def typed(self) -> str:
        """What is typed after `--`."""
        return max(self.opts, key=len).lstrip("-")

    def make_metavar(self, ctx: click.Context) -> str:
        """What stands for its value."""
        made = super().make_metavar(ctx)
        return made if isinstance(self.type, click.Choice) else _metavar(made)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """How it is written, and what it is for."""
        told = self.told or words_of(ctx.command, self.typed)
        self.help = told.told(language())
        return super().get_help_record(ctx)


class Command(click.Command):
    """A command; `path` is how it is called, below `bus`."""

    def __init__(self, *given: Any, path: str, **more: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*given, **more)
        self.path = path

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = SHARED["help"].told(language())
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What is to be given, for the line of usage."""
        return [_metavar(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it is for, what else to know, and its arguments."""
        words = HELP[self.path]
        told = [text.told(language()) for text in (words.does, words.more)]
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("\n\n".join(filter(None, told)))
        rows = [
            (each.make_metavar(ctx), words_of(self, each.name or "").told(language()))
            for each in self.params
            if isinstance(each, Argument)
        ]
        if rows:
            with formatter.section(ARGUMENTS.told(language())):
                formatter.write_dl(rows)


def words_of(command: click.Command, name: str) -> Text:
    """What a parameter of a command is for."""
    path = command.path if isinstance(command, Command) else ""
    return HELP[path].params.get(name) or SHARED[name]


remembers: dict[str, Any] = {"callback": _remember}
"""What makes an option of the language count for the commands below, too."""
_FOR_ALL_BELOW = remembers | {"expose_value": False}


class Group(Command, click.Group):
    """Commands below a name; those of `modules` are imported when they are called.

    A module is named below the package of the group, and holds its command as `command`, or by
    another name after a colon.
    """

    command_class = Command

    def __init__(
        self,
        *given: Any,  # noqa: ANN401 - click's own
        package: str = "",
        modules: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*given, **more)
        if "language" not in {each.name for each in self.params}:
            self.params.append(Option(["--language"], metavar="VALUE", **_FOR_ALL_BELOW))
        self.package = package
        self.modules = modules or {}

    def main(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - click's own
        """Run as a program."""
        speak([*(given[0] if given else more.get("args") or sys.argv[1:])])
        return super().main(*given, **more)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return [*self.modules, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, from its module."""
        if cmd_name not in self.modules:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.modules[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"{self.package}.{module}"), name or "command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What each is for, none imported for it."""
        paths = {name: f"{self.path} {name}".strip() for name in self.list_commands(ctx)}
        rows = [(name, HELP[path].does.told(language())) for name, path in paths.items()]
        with formatter.section(_phrase("Commands")):
            formatter.write_dl(rows)


option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)


def command(path: str) -> Callable[[Callable[..., Any]], Command]:
    """Make a command of a function; `path` is how it is called, below `bus`."""
    return click.command(name=path.rpartition(" ")[2], cls=Command, path=path)


def group(path: str, **more: Any) -> Callable[[Callable[..., Any]], Group]:  # noqa: ANN401
    """Make a group of commands of a function."""
    return click.command(name=path.rpartition(" ")[2], cls=Group, path=path, **more)
