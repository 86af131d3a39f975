"""A message as its sender wrote it, for people: its lines, and where in them an element begins."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from xml.parsers import expat

from bus.codec.encoding import to_utf8
from bus.core.errors import SenderFault
from bus.core.redact import HIDDEN, HIDING

_NAME = rf"[\w:.-]{{0,80}}(?:{HIDING})[\w:.-]{{0,80}}"
_SECRET_TEXT = re.compile(
    rf"(<{_NAME}(?:\s[^<>]*)?(?<!/)>)((?:<!\[CDATA\[.*?\]\]>|[^<])+)", re.IGNORECASE | re.DOTALL
)
_SECRET_ATTRIBUTE = re.compile(rf"(\s{_NAME}\s*=\s*)(\"[^\"<]*\"|'[^'<]*')", re.IGNORECASE)
_STEP = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")


@dataclass(slots=True)
class _Located:
    name: str
    line: int = 0
    column: int = 0
    children: list[_Located] = field(default_factory=list)


class SourceText:
    """The text of a message, what is secret in it hidden."""

    def __init__(self, body: bytes) -> None:
        self._text = _without_secrets(_decoded(body))

    @cached_property
    def lines(self) -> list[str]:
        """Its lines; the first is line 1 of a fault."""
        return re.split(r"\r\n|\n|\r", self._text)

    def place(self, path: str) -> tuple[int, int] | None:
        """Line and column (from 0) of the start tag of an element; None where it is not there."""
        node = self._root
        for step in path.strip("/").split("/"):
            name, number = _parts(step)
            if name.startswith("@"):
                break
            named = [each for each in node.children if each.name.casefold() == name.casefold()]
            if len(named) < number:
                return None
            node = named[number - 1]
        return (node.line, node.column) if node.line else None

    @cached_property
    def _root(self) -> _Located:
        """The elements, in a tree above which stands nothing; as far as the text can be parsed."""
        top = _Located("")
        opened = [top]
        parser = expat.ParserCreate("utf-8")  # decoded already, whatever it declares

        def start(tag: str, _attributes: dict[str, str]) -> None:
            name = tag.rpartition(":")[2]
            node = _Located(name, parser.CurrentLineNumber, parser.CurrentColumnNumber)
            opened[-1].children.append(node)
            opened.append(node)

        parser.StartElementHandler = start
        parser.EndElementHandler = lambda _: opened.pop()
        # Entities of its own would make a small text large: nothing after one is looked at.
        parser.StartDoctypeDeclHandler = _refuse
        with suppress(expat.ExpatError):
            parser.Parse(self._text.encode(), True)  # noqa: FBT003 - its second argument has no name
        return top


def _refuse(*_: object) -> None:
    raise expat.ExpatError


def _decoded(body: bytes) -> str:
    with suppress(SenderFault):
        body = to_utf8(body, decoded=False).utf8
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _without_secrets(text: str) -> str:
    text = _SECRET_TEXT.sub(lambda found: found[1] + _hidden(found[2]), text)
    return _SECRET_ATTRIBUTE.sub(lambda found: f'{found[1]}"{_hidden(found[2])}"', text)


def _hidden(secret: str) -> str:
    # A secret of several lines leaves the others their numbers.
    return HIDDEN + "\n" * secret.count("\n")


def _parts(step: str) -> tuple[str, int]:
    found = _STEP.fullmatch(step)
    return (found[1], int(found[2] or 1)) if found else (step, 1)
