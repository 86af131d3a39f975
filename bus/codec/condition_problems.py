"""What libxml2 says of a condition that is no XPath, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bus.core.text import Text

if TYPE_CHECKING:
    from lxml import etree

_PROBLEMS: Final = {
    "Invalid expression": Text(
        "a expressão está incompleta ou errada", "the expression is incomplete or wrong"
    ),
    "Invalid predicate": Text("o que está entre [ ] está errado", "what is between [ ] is wrong"),
    "Unfinished literal": Text("um texto entre aspas não é fechado", "a text is not closed"),
    "Unregistered function": Text(
        "usa uma função que XPath 1.0 não tem", "it uses a function that XPath 1.0 does not have"
    ),
    "Undefined namespace prefix": Text(
        "usa um prefixo; os elementos da mensagem não têm nenhum",
        "it uses a prefix; the elements of a message have none",
    ),
    "Undefined variable": Text(
        "usa uma variável ($), e aqui não há nenhuma", "it uses a variable ($), and there are none"
    ),
    "Invalid number of arguments": Text(
        "uma função tem argumentos demais ou de menos",
        "a function has too many or too few arguments",
    ),
    "Invalid type": Text(
        "compara ou conta o que não se pode", "it compares or counts what cannot be"
    ),
}
EMPTY: Final = Text("está vazia", "it is empty")
_ELSE: Final = Text("não é uma expressão XPath 1.0", "it is no expression of XPath 1.0")


def problem_of(error: etree.XPathError | ValueError) -> Text:
    """What is wrong; a ValueError is about characters that XML forbids."""
    return _PROBLEMS.get(str(error), _ELSE)
