"""What libxml2 says of an XSD that it cannot compile, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bus.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN: Final = 300
# What it says, behind the place that it speaks of, and what that means.
_PROBLEMS: Final[Sequence[tuple[str, Text]]] = (
    (
        r"The QName value '(?:\{.*\})?(?P<name>[^']*)' does not resolve to a\(n\) (?:\w+ )+\w+\.",
        Text("“{name}” não é declarado em lugar nenhum", "“{name}” is declared nowhere"),
    ),
    (
        r"A global (?:\w+ )+'(?:\{.*\})?(?P<name>[^']*)' does already exist\.",
        Text("“{name}” é declarado duas vezes", "“{name}” is declared twice"),
    ),
    (
        r"The attribute '(?P<name>[^']*)' is required but missing\.",
        Text("falta o atributo “{name}”", "attribute “{name}” is missing"),
    ),
    (
        r"The attribute '(?P<name>[^']*)' is not allowed\.",
        Text("o atributo “{name}” não é permitido", "attribute “{name}” is not allowed"),
    ),
    (
        r"(?:The content is not valid|This element is not expected).*",
        Text(
            "há um elemento onde XML Schema não o permite",
            "there is an element where XML Schema does not allow it",
        ),
    ),
    (
        r"The value '(?P<name>[^']*)' of the facet 'pattern' is not a valid regular expression\.",
        Text("“{name}” não é um padrão", "“{name}” is no pattern"),
    ),
    (
        r"(?:The value )?'(?P<name>[^']*)' (?:of the facet .* )?is not (?:a )?valid.*",
        Text("“{name}” não é um valor permitido", "“{name}” is no value that is allowed"),
    ),
    (
        r".*(?:content model is not determinist|not deterministic).*",
        Text(
            "o conteúdo de um tipo é ambíguo: o mesmo elemento cabe em dois lugares",
            "the content of a type is ambiguous: one element fits two places",
        ),
    ),
    (
        r".*(?:minOccurs|maxOccurs).*",
        Text("minOccurs e maxOccurs se contradizem", "minOccurs and maxOccurs contradict"),
    ),
    (
        r".*has to be (?:greater|less).*",
        Text("os limites de um tipo se contradizem", "the limits of a type contradict"),
    ),
    (
        r"Failed to (?:load|locate) .*",
        Text("falta um arquivo que ele inclui", "a file is missing that it includes"),
    ),
    (
        r".*base type.*|.*[Dd]erivation.*|.*restriction.*|.*extension.*",
        Text(
            "um tipo não pode derivar daquele de que deriva",
            "a type may not be derived from the one that it is derived from",
        ),
    ),
)
_PLACE: Final = re.compile(r"\A(?:(?:Element|attribute|local|\w+ type|\w+) .*?: )+")


def problem_of(sentence: str) -> Text:
    """What a sentence means; in the words of libxml2, as such, where we have none."""
    said = _PLACE.sub("", sentence.strip())
    for pattern, told in _PROBLEMS:
        if meaning := re.fullmatch(pattern, said, re.DOTALL):
            return told.filled({name: text[:_SHOWN] for name, text in meaning.groupdict().items()})
    words = sentence.strip().rstrip(".")[:_SHOWN]
    return Text(f"libxml2 diz “{words}”", f"libxml2 says “{words}”")
