"""Elements of a message to plain trees and back: what XML cannot carry is told, never dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bus.codec.markup import attribute_text, element_text, forbidden_in
from bus.codec.names import local_name
from bus.codec.place import SHOWN
from bus.core.element import Element
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST: Final = 250
"""Levels of a tree that is written; libxml2 reads 256, envelope included."""
LONGEST_NAME: Final = 1_000

# A name without a colon, as Namespaces in XML has it (NCName).
_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}.0-9\xb7\u0300-\u036f\u203f-\u2040-]*")

_NOT_A_NAME = Text("{name} não serve para nome em XML", "{name} can be no name in XML")
_CHARACTER = Text("o XML não tem o caractere {character}", "XML has no character {character}")
_BLANKS = Text(
    "brancos ao lado de filhos, que se perdem na leitura",
    "blanks beside children, which no reader keeps",
)
_ROOT = Text("o conteúdo se chama {name}", "the content is called {name}")
_TOO_DEEP = Text("níveis", "levels")


def element_of(node: _Element) -> Element:
    """An element of a message as a tree; texts among its children are joined before them."""
    children = tuple(element_of(child) for child in node)
    text = node.text or ""
    if children:
        texts = (text, *(child.tail or "" for child in node))
        text = "".join(each for each in texts if each.strip())
    return Element(local_name(node), text, _attributes(node), children)


def _attributes(node: _Element) -> dict[str, str]:
    """By name without a namespace; of two with one name, that which has none."""
    if not node.attrib:
        return {}
    named = sorted(node.attrib.items(), key=lambda each: str(each[0]).startswith("{"))
    found: dict[str, str] = {}
    for name, value in named:
        found.setdefault(str(name).rpartition("}")[2], str(value))
    return found


def markup_of(element: Element, root: str) -> str:
    """A tree whose first name is `root` as markup; SenderFault with what XML cannot carry."""
    if element.name != root:
        raise _unwritable(f"/{element.name[:SHOWN]}", _ROOT.filled(name=root))
    return "".join(_written(element, "", DEEPEST))


def is_name(text: str) -> bool:
    """Whether a text can be the name of an element or attribute, which stands in no namespace."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def _written(element: Element, above: str, deeper: int) -> Iterator[str]:
    name, path = element.name, f"{above}/{element.name[:SHOWN]}"
    if not deeper:
        details: Details = {"limit": str(DEEPEST), "what": _TOO_DEEP}
        raise SenderFault(Fault("TOO_COMPLEX", path[:SHOWN], details=details))
    _check_name(name, path)
    _check_text(element.text, path)
    if element.children and element.text and not element.text.strip():
        raise _unwritable(path, _BLANKS)
    yield f"<{name}"
    for key, value in element.attributes.items():
        _check_name(key, f"{path}/@{key[:SHOWN]}", "xmlns")
        _check_text(value, f"{path}/@{key}")
        yield f' {key}="{attribute_text(value)}"'
    yield f">{element_text(element.text)}"
    for child in element.children:
        yield from _written(child, path, deeper - 1)
    yield f"</{name}>"


def _check_name(name: str, path: str, reserved: str = "") -> None:
    if name == reserved or not is_name(name):
        shown = Text(f"“{name[:SHOWN]}”", f"“{name[:SHOWN]}”")
        raise _unwritable(path, _NOT_A_NAME.filled(name=shown))


def _check_text(text: str, path: str) -> None:
    if character := forbidden_in(text):
        raise _unwritable(path, _CHARACTER.filled(character=f"U+{ord(character):04X}"))


def _unwritable(path: str, problem: Text) -> SenderFault:
    return SenderFault(Fault("CONTENT_UNWRITABLE", path, details={"problem": problem}))
