"""What Python's reader says of a text that is no JSON, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.core.text import Text

if TYPE_CHECKING:
    import json

NOT_UTF_8 = Text("não está em UTF-8; salve-o como UTF-8", "it is not in UTF-8; save it as UTF-8")

_EMPTY = Text("está vazio", "it is empty")
_XML = Text("é XML, e não JSON", "it is XML, and no JSON")

# How what it says begins, and what that means.
_PROBLEMS = (
    ("Expecting value", Text("falta um valor", "a value is missing")),
    ("Expecting property name", Text("falta uma chave entre aspas", "a quoted key is missing")),
    ("Expecting ',' delimiter", Text("falta uma vírgula", "a comma is missing")),
    ("Expecting ':' delimiter", Text("faltam dois-pontos", "a colon is missing")),
    ("Extra data", Text("há algo depois do fim", "there is something after the end")),
    ("Unterminated string", Text("um texto não está fechado", "a text is not closed")),
    (
        "Invalid control character",
        Text("há um caractere de controle num texto", "there is a control character in a text"),
    ),
    ("Invalid \\", Text("há um \\ que não vale", "there is a \\ that means nothing")),
    ("Illegal trailing comma", Text("há uma vírgula a mais", "there is one comma too many")),
)


def json_problem(error: json.JSONDecodeError) -> Text:
    """What is wrong, and in which column of its line."""
    start = error.doc.lstrip()[:1]
    if not start:
        return _EMPTY
    if start == "<":
        return _XML
    said = next(
        (told for start, told in _PROBLEMS if error.msg.startswith(start)),
        Text("há um erro de sintaxe", "there is an error of syntax"),
    )
    return Text(f"{said.pt} (coluna {error.colno})", f"{said.en} (column {error.colno})")
