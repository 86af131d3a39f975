"""What libxml2 says of a content against its XSD. Its word decides; all else only explains it."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from bus.core.errors import Fault
from bus.xml.document import canonical
from bus.xml.names import local_name
from bus.xml.place import SHOWN, line_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

# How many sentences are listened to.
_MOST = 10
_MANY = 5_000
_CHUNK = 32_768
# No contract allows a text of this length and limits it: cutting there changes no verdict.
_LONG = 4_096
_NAMED = re.compile(r"Element '(?:\{.*?\})?(.*?)'")
_ELEMENT = r"Element '(?P<element>.*?)'(?:, attribute '.*?')?: "
_EXPECTED = r"(?: Expected is (?:one of )?\( (?P<expected>.*) \)\.)?"
_TYPE = r"(?:local )?\w+ type(?: '(?:xs:)?(?P<expected>.*)')?"
# What libxml2 says, and the code of it; groups become details.
_MEANINGS = tuple(
    (re.compile(_ELEMENT + said, re.DOTALL), code)
    for said, code in (
        (rf"This element is not expected\.{_EXPECTED}", "ELEMENT_UNEXPECTED"),
        (rf"Missing child element\(s\)\.{_EXPECTED}", "ELEMENT_MISSING"),
        (rf"'(?P<value>.*)' is not a valid value of the {_TYPE}\.", "VALUE_WRONG_TYPE"),
    )
)


class Saying(NamedTuple):
    """One sentence of libxml2, and where the element is that it speaks of."""

    path: str
    line: int
    sentence: str

    @property
    def expected(self) -> str:
        """The elements that could stand there, where it says so."""
        meaning = _MEANINGS[0][0].fullmatch(self.sentence)
        return (meaning and meaning["expected"]) or ""


def sayings_of_tree(schema: etree.XMLSchema, content: _Element) -> tuple[Saying, ...]:
    """What is said of a content that is validated as a tree; none where it conforms.

    libxml2 counts the siblings of each mistake: many elements take the square of their number.
    """
    if schema.validate(content):
        return ()
    parent = content.getparent()
    above = "" if parent is None else path_of(parent)
    said = tuple(
        Saying(above + (entry.path or ""), entry.line, entry.message.strip())
        for entry in islice(schema.error_log, _MOST)
    )
    return said or _silence(content)


def sayings_of_stream(schema: etree.XMLSchema, content: _Element) -> tuple[Saying, ...]:
    """The same of a content with many elements: it stops at the first mistakes."""
    text = canonical(_with_short_texts(content))
    good = _conforming_bytes(schema, text)
    if good == len(text):
        return ()
    return tuple(islice(_sayings_from(schema, text, good, content), _MOST)) or _silence(content)


def has_many_elements(content: _Element) -> bool:
    """Whether a content is to be validated as a stream."""
    return next(islice(content.iter(), _MANY, None), None) is not None


def faults_of(said: tuple[Saying, ...], contract: str) -> tuple[Fault, ...]:
    """What libxml2 says as faults: the commonest sentences by their codes, the others verbatim."""
    return tuple(_fault_of(saying, contract) for saying in said)


def _with_short_texts(content: _Element) -> _Element:
    # A stream hands a text over in pieces, and libxml2 copies each together with all before it.
    if all(len(text) <= _LONG for text in content.itertext()):
        return content
    content = deepcopy(content)
    for element in content.iter():
        element.text = element.text and element.text[:_LONG]
        element.tail = element.tail and element.tail[:_LONG]
    return content


def _conforming_bytes(schema: etree.XMLSchema, text: bytes) -> int:
    """How many bytes, in whole chunks, have no mistake; all of them where the text conforms."""
    parser = etree.XMLPullParser((), schema=schema, resolve_entities=False, no_network=True)
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK])
        if len(parser.feed_error_log):
            return start
    try:
        parser.close()
    except etree.XMLSyntaxError:
        return start
    return len(text)


def _sayings_from(
    schema: etree.XMLSchema, text: bytes, good: int, content: _Element
) -> Iterator[Saying]:
    """What is said of the chunk that begins after the good bytes, fed tag by tag."""
    parser = etree.XMLPullParser(("start",), schema=schema, resolve_entities=False, no_network=True)
    elements, element = content.iter(), content
    heard = 0
    for piece in (text[:good], *re.findall(rb"[^>]*>", text[good : good + _CHUNK])):
        parser.feed(piece)
        for _ in parser.read_events():
            element = next(elements)
        for entry in islice(parser.feed_error_log, heard, None):
            heard += 1
            yield _saying_near(element, entry.message.strip())


def _silence(content: _Element) -> tuple[Saying, ...]:
    # What is refused is never passed as conforming, even if nobody says why.
    return (Saying(path_of(content), line_of(content), "refused by libxml2 without a reason"),)


def _saying_near(element: _Element, sentence: str) -> Saying:
    # The sentence may come at an end tag, and so speak of an element that holds the last one begun.
    named = _NAMED.match(sentence)
    name = named[1] if named else ""
    around = (element, *element.iterancestors())
    meant = next((each for each in around if local_name(each) == name), element)
    return Saying(path_of(meant), line_of(meant), sentence)


def _fault_of(saying: Saying, contract: str) -> Fault:
    for pattern, code in _MEANINGS:
        meaning = pattern.fullmatch(saying.sentence)
        if meaning:
            return Fault(code, saying.path, saying.line, _details(meaning.groupdict(), contract))
    problem = re.sub(_ELEMENT, "", saying.sentence).rstrip(".")[: 4 * SHOWN]
    details = {"contract": contract, "problem": problem}
    return Fault("CONTRACT_VIOLATED", saying.path, saying.line, details)


def _details(groups: Mapping[str, str | None], contract: str) -> dict[str, str]:
    details = {name: text[:SHOWN] for name, text in groups.items() if text is not None}
    return {"contract": contract, **details, "expected": groups.get("expected") or "—"}
