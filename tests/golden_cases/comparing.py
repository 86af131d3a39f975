"""Holds what came against what a case expects, and says what differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lxml import etree
from lxml.etree import _Element

from tests.golden_cases.cases import CaseMistake, known_one

UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"
WILDCARDS = {"uuid": UUID, "time": TIME, "number": r"\d+", "any": r"(?s:.+)"}
"""What `{{uuid}}` and the others stand for, alone or within a text: none has a group."""
SHOWN = 300
"""So much of an element is shown at most."""

_WILDCARD = re.compile(r"\{\{(.*?)\}\}")
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+")


def differences(
    expected: bytes, came: bytes, file: str, given: Collection[bytes] = ()
) -> list[str]:
    """Where a message differs from the one expected: by elements, attributes and texts.

    Blanks between elements, the order of attributes, comments and how a text is escaped do not
    count. Wildcards stand for what varies; a UUID in the messages given is none that the bus made.
    """
    try:
        wanted = _parsed(expected)
    except etree.XMLSyntaxError as error:
        raise CaseMistake(f"{file} is no XML: {error}") from None
    try:
        got = _parsed(came)
    except etree.XMLSyntaxError:
        return [f"What came is no XML:\n{came[:SHOWN].decode('utf-8', 'replace')}"]
    if _name(wanted) != _name(got):
        return [_told(f"/{_name(wanted)}", wanted, _name(wanted), _name(got))]
    return list(_Comparison(file, _text_of(given)).of(wanted, got, f"/{_name(wanted)}"))


def as_expected(came: bytes, given: Collection[bytes]) -> bytes:
    """A message that came as a case would have it: what is not in the files given is a wildcard."""
    known = _text_of(given)
    root = _parsed(came)
    etree.indent(root)
    text = _PORT.sub("{{number}}", etree.tostring(root, encoding="unicode"))
    for name in ("uuid", "time"):
        for found in set(re.findall(WILDCARDS[name], text)):
            text = text if found in known else text.replace(found, f"{{{{{name}}}}}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _parsed(xml: bytes) -> _Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(xml, parser)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What is compared: a file, beside the texts that are the case's own."""

    file: str
    known: str

    def of(self, wanted: _Element, got: _Element, path: str) -> Iterator[str]:
        """The differences of an element and all in it."""
        yield from self._attributes(wanted, got, path)
        if not self._fits(_text(wanted), _text(got)):
            yield _told(path, wanted, _text(wanted), _text(got))
        ours, theirs = list(wanted), list(got)
        matcher = SequenceMatcher(None, [*map(_name, ours)], [*map(_name, theirs)])
        for what, i, j, k, m in matcher.get_opcodes():
            if what == "equal":
                for one, other in zip(ours[i:j], theirs[k:m], strict=True):
                    yield from self.of(one, other, f"{path}/{_place(one)}")
                continue
            for one in ours[i:j]:
                where = f"{path}/{_place(one)}, line {one.sourceline}"
                yield f"  {where}\n    expected, and it did not come"
            for one in theirs[k:m]:
                shown = _shown(one)
                yield f"  {path}/{_place(one)}\n    came, and it is not expected: {shown}"

    def _attributes(self, wanted: _Element, got: _Element, path: str) -> Iterator[str]:
        for name in sorted({*map(str, wanted.attrib), *map(str, got.attrib)}):
            expected, came = wanted.get(name), got.get(name)
            if expected is None or came is None or not self._fits(expected, came):
                yield _told(f"{path}/@{name}", wanted, expected, came)

    def _fits(self, expected: str, came: str) -> bool:
        """Whether a text is the one expected, which may hold wildcards."""
        parts = _WILDCARD.split(expected)
        for name in parts[1::2]:
            known_one(name, WILDCARDS, self.file, "wildcard")
        pattern = "".join(
            f"({WILDCARDS[part]})" if at % 2 else re.escape(part) for at, part in enumerate(parts)
        )
        found = re.fullmatch(pattern, came)
        return found is not None and not any(
            name == "uuid" and text in self.known
            for name, text in zip(parts[1::2], found.groups(), strict=True)
        )


def _text_of(messages: Collection[bytes]) -> str:
    return "\n".join(one.decode("utf-8", "replace") for one in messages)


def _told(path: str, wanted: _Element, expected: str | None, came: str | None) -> str:
    said = [("nothing" if text is None else f"“{text}”") for text in (expected, came)]
    return f"  {path}, line {wanted.sourceline}\n    expected: {said[0]}\n    came:     {said[1]}"


def _text(element: _Element) -> str:
    """The text of an element; around other elements, without the blanks that only lay it out."""
    if not len(element):
        return element.text or ""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(piece.strip() for piece in pieces if piece.strip())


def _name(element: _Element) -> str:
    return str(element.tag)


def _place(element: _Element) -> str:
    """The name of an element, with its number among those of that name where there are several."""
    parent = element.getparent()
    alike = [] if parent is None else [one for one in parent if one.tag == element.tag]
    return _name(element) + (f"[{alike.index(element) + 1}]" if len(alike) > 1 else "")


def _shown(element: _Element) -> str:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
