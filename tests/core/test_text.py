"""What people read has one shape in the whole program: a Text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.core.text import NOTHING, Text, same

PACKAGES = ("bus", "adapters", "depara", "schemas")
PUBLIC = {
    "bus/core/text.py": {"pt", "en"},
    "bus/edge/cli/validate.py": {
        *("message_pt", "message_en", "hint_pt", "hint_en", "allowed_pt", "allowed_en"),
    },
}
"""Names by language that stay: those of a Text, and those of JSON that others read."""

PORTUGUESE = re.compile(
    r"[ãõçâêôáéíóúà]|\b(?:um|uma|que|com|sem|para|por|foi|ou|os|da|das|dos|nenhum|esta)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(?:the|is|are|was|an|of|and|or|not|with|without|for|by|from|it|there|nothing|another)\b",
    re.IGNORECASE,
)


def test_a_text_tells_itself_in_each_language() -> None:
    """And an empty one says nothing."""
    text = Text("moeda", "currency")

    assert (text.told("pt"), text.told("en")) == ("moeda", "currency")
    assert same("") == NOTHING


def test_a_text_is_filled_in_each_language() -> None:
    """A detail that is a text itself is told in the language of the whole."""
    text = Text("falta {what} em {where}", "{where} lacks {what}")

    filled = text.filled(what=Text("a moeda", "the currency"), where="rm")

    assert filled == Text("falta a moeda em rm", "rm lacks the currency")


def test_what_was_filled_in_is_never_filled_again() -> None:
    """A value from outside may hold braces."""
    assert same("{value}").filled(value="{x} {0}").told("pt") == "{x} {0}"


def test_a_detail_that_is_missing_is_a_mistake() -> None:
    """Only a fault shows a dash in its place."""
    with pytest.raises(KeyError):
        same("{value}").filled()


# -- no other shape --------------------------------------------------------------------------------


def languages_apart(tree: ast.Module, public: set[str]) -> Iterator[str]:
    """The places of a program that hold a text in two languages in another shape than Text."""
    for node in ast.walk(tree):
        for name in names_of(node):
            if re.search(r"(?:^|_)(?:pt|en)$", name) and name not in public:
                yield f"line {getattr(node, 'lineno', 0)}: {name}"
        for first, second in zip(words := strings_beside(node), words[1:], strict=False):
            if PORTUGUESE.search(first) and ENGLISH.search(second):
                yield f"line {getattr(node, 'lineno', 0)}: {first!r}, {second!r}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            first, slash, second = node.value.partition(" / ")
            if slash and PORTUGUESE.search(first) and ENGLISH.search(second):
                yield f"line {node.lineno}: {node.value!r}"


def names_of(node: ast.AST) -> Iterator[str]:
    """What a node names: an argument, a variable or field, a function, a key of a mapping."""
    match node:
        case ast.arg(arg=name) | ast.keyword(arg=str(name)) | ast.FunctionDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Dict(keys=keys):
            yield from (key.value for key in keys if is_string(key))  # type: ignore[union-attr]


def strings_beside(node: ast.AST) -> list[str]:
    """The strings that stand side by side in a tuple, a list or a call of anything but Text."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            pass
        case ast.Call(func=ast.Name(id="Text")):
            return []
        case ast.Call(args=parts):
            pass
        case _:
            return []
    return ["".join(strings_in(part)) for part in parts]


def strings_in(part: ast.expr) -> Iterator[str]:
    """The words of a string, those of an f-string without what fills it."""
    for each in part.values if isinstance(part, ast.JoinedStr) else [part]:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def is_string(node: ast.expr | None) -> bool:
    """Whether a node is a string that stands in the program."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_in_two_languages_is_a_text(checkout: Path, package: str) -> None:
    """No names by language, no pairs of sentences, nothing said twice in one string."""
    found = {
        (file := str(path.relative_to(checkout))): list(
            languages_apart(ast.parse(path.read_text("utf-8")), PUBLIC.get(file, set()))
        )
        for path in sorted((checkout / package).rglob("*.py"))
    }

    assert {file: places for file, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "program",
    [
        'def f(problem_pt: str, problem_en: str): "Tell."',
        'details = {"hint_pt": x, "hint_en": y}',
        "title_en = 1",
        'WORDS = {"left": ("nada foi enviado por aqui", "nothing was sent")}',
        'said("não há uma rota", f"there is no route {name}")',
        'command(help="Põe o barramento no ar. / Runs the bus.")',
        '{"pt": "sim", "en": "yes"}',
    ],
)
def test_other_shapes_are_found(program: str) -> None:
    """Each of those that there once were."""
    assert list(languages_apart(ast.parse(program), set()))
