"""What the reader of YAML says of a text that is none, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

# What it says, from the beginning, and what that means; `\1` is a part of what it said.
_PROBLEMS: Final[Sequence[tuple[str, Text]]] = (
    (r"found character '\\t'", Text("há uma tabulação; use espaços", "there is a tab; use blanks")),
    (
        r"found character '(.+)' that cannot",
        Text(
            r"nada pode começar por \1 aqui; ponha o texto entre aspas",
            r"nothing may begin with \1 here; put the text in quotes",
        ),
    ),
    (
        r"could not find expected ':'",
        Text("faltam os dois-pontos depois da chave", "the colon after the key is missing"),
    ),
    (
        r"mapping (?:keys|values) are not allowed here|found unexpected ':'",
        Text("há dois-pontos onde não podem estar", "there is a colon where none may be"),
    ),
    (
        r"sequence entries are not allowed here",
        Text("há um item de lista onde não pode estar", "there is an item of a list out of place"),
    ),
    (
        r"expected ',' or '\]'",
        Text("falta uma vírgula ou o ] da lista", "a comma or the ] of the list is missing"),
    ),
    (
        r"expected ',' or '\}'",
        Text("falta uma vírgula ou o } das chaves", "a comma or the } of the keys is missing"),
    ),
    (
        r"expected <block end>|more indented follow up line",
        Text("o recuo desta linha não combina com o de cima", "the line is indented amiss"),
    ),
    (
        r"found unexpected end of stream",
        Text("um texto entre aspas não é fechado", "a text in quotes is not closed"),
    ),
    (
        r"found unknown escape character|expected escape sequence",
        Text(
            "há um \\ que não vale entre aspas duplas", "there is a \\ that means nothing in quotes"
        ),
    ),
    (
        r"found undefined alias '(.+)'",
        Text(r"nenhuma âncora se chama \1", r"no anchor is called \1"),
    ),
    (
        r"found undefined tag handle|expected (?:'!'|'>'|URI)|duplicate tag handle",
        Text("uma marca que começa por ! está errada", "a tag that begins with ! is wrong"),
    ),
    (
        r"expected (?:chomping|indentation|a comment)",
        Text("o que segue | ou > está errado", "what follows | or > is wrong"),
    ),
    (
        r"expected alphabetic or numeric",
        Text("o nome de uma âncora está errado", "the name of an anchor is wrong"),
    ),
    (
        r"expected the node content|found non-comment content|.*document",
        Text("há algo fora do lugar", "there is something out of place"),
    ),
)
_ELSE: Final = Text("há um erro de sintaxe", "there is an error of syntax")
_TOO_DEEP: Final = Text("tem níveis demais", "it has too many levels")


def problem_of(error: Exception) -> Text:
    """What is wrong with a text that could not be read."""
    if isinstance(error, ReaderError):
        code = ord(error.character) if isinstance(error.character, str) else error.character
        return Text(
            f"o caractere U+{code:04X} não pode estar no arquivo",
            f"character U+{code:04X} may not be in the file",
        )
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    said = str(error.problem or error.context) if isinstance(error, MarkedYAMLError) else ""
    for pattern, told in _PROBLEMS:
        if meaning := re.match(pattern, said):
            return Text(meaning.expand(told.pt), meaning.expand(told.en))
    return _ELSE
