"""What a product is like stands in its own folder: the rooms of the rules name none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.profiles import announced

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "bus/core",
    "bus/engine",
    "bus/config",
    "bus/journal",
    "bus/ports",
    "bus/store",
    "bus/codec",
    "bus/contracts",
    "depara",
)
OTHERS = {"OMIE", "KEEPFY", "SENIOR", "WIS", "TOTVS", "SIGAMNT"}
"""Names of products, and of who makes them, that nobody described yet."""
PASSWORDS = "bus/config/secret.py"
"""Here the names are passwords that manuals print."""


def named(source: str) -> Iterator[str]:
    """The lines of a source that name a product, outside of docstrings and comments."""
    tree = ast.parse(source)
    docstrings = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    names = "|".join(sorted({*OTHERS, *announced()}))
    product = re.compile(rf"(?<![a-z])(?:{names})(?![a-z])", re.IGNORECASE)
    for node in ast.walk(tree):
        if id(node) not in docstrings and any(product.search(word) for word in words(node)):
            yield f"{getattr(node, 'lineno', 0)}: {ast.unparse(node)[:80]}"


def words(node: ast.AST) -> Iterator[str]:
    """The text of a literal, or the names in a piece of code."""
    match node:
        case ast.Constant(value=str() | bytes() as value):
            yield value if isinstance(value, str) else value.decode("latin-1")
        case ast.alias(name=name, asname=other):
            yield from (name, other or "")
        case ast.ImportFrom(module=module):
            yield module or ""
        case _:
            fields = ("id", "attr", "arg", "name")
            found = (getattr(node, one, None) for one in fields)
            yield from (one for one in found if isinstance(one, str))


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_of_the_rules_names_a_product(room: str) -> None:
    """Neither in a text nor in a name; one that needs to know it asks the profile."""
    files = {one.relative_to(ROOT).as_posix(): one for one in (ROOT / room).rglob("*.py")}
    files.pop(PASSWORDS, None)

    assert files
    found = [f"{name}:{line}" for name, one in files.items() for line in named(one.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        'PRODUCT = "Protheus"',
        'KNOWN = {"rm": 50}',
        "RM_LIMIT = 50",
        "def for_datasul(): ...",
        "def ask(logix): ...",
        "import adapters.rm",
        "from adapters.protheus import profile",
        "one.omie = 1",
        'TEXT = f"no {place} do RM"',
        'B = b"totvs"',
    ],
)
def test_a_name_is_found(line: str) -> None:
    """Wherever code can hold it."""
    assert list(named(line))


@pytest.mark.parametrize(
    "line",
    [
        "LIMIT = 50  # Protheus keeps 50",
        'LIMIT = 50\n"""Protheus keeps 50."""',
        'def ask():\n    """Ask RM."""',
        'ROOT = "TOTVSMessage"',
        'WORD = "form, normal, RMS"',
    ],
)
def test_what_explains_or_only_sounds_alike_is_left(line: str) -> None:
    """Comments and docstrings may give the example; TOTVSMessage is a word of the standard."""
    assert not list(named(line))
