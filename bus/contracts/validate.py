"""What libxml2 says of a content against its XSD. Its word decides; all else only explains it."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from bus.codec.names import local_name
from bus.codec.place import line_of, path_of
from bus.codec.writer import canonical
from bus.contracts.explain.libxml2 import XsdError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

MOST = 10
"""How many mistakes of one message are told, unless more are asked for."""
# Some of them are of what is explained elsewhere.
_SEVERAL = 3
MANY = 5_000
"""From so many elements on, a content is validated as a stream."""
_CHUNK = 32_768
# No contract allows a text of this length and limits it: cutting there changes no verdict.
_LONG = 4_096
_NAMED = re.compile(r"Element '(?:\{.*?\})?(.*?)'")


def errors_of_tree(
    schema: etree.XMLSchema, content: _Element, most: int = MOST
) -> tuple[XsdError, ...]:
    """What is said of a content that is validated as a tree; none where it conforms.

    libxml2 counts the siblings of each mistake: many elements take the square of their number.
    """
    if schema.validate(content):
        return ()
    parent = content.getparent()
    above = "" if parent is None else path_of(parent)
    said = tuple(
        XsdError(
            above + (entry.path or ""),
            entry.line,
            entry.message.strip(),
            _text_at(content, entry.path or ""),
        )
        for entry in islice(schema.error_log, _SEVERAL * most)
    )
    return said or _silence(content)


def errors_of_stream(
    schema: etree.XMLSchema, content: _Element, most: int = MOST
) -> tuple[XsdError, ...]:
    """The same of a content with many elements: it stops at the first mistakes."""
    text = canonical(_with_short_texts(content))
    good = _conforming_bytes(schema, text)
    if good == len(text):
        return ()
    return tuple(islice(_sayings_from(schema, text, good, content), most)) or _silence(content)


def has_many_elements(content: _Element) -> bool:
    """Whether a content is to be validated as a stream."""
    return next(islice(content.iter(), MANY, None), None) is not None


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
) -> Iterator[XsdError]:
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


def _text_at(content: _Element, path: str) -> str:
    # libxml2 tells the path from the content itself: `/BusinessContent/Item[2]/Code`.
    below = path.lstrip("/").partition("/")[2]
    if ":" in below or "*" in below:
        return ""
    return (content.findtext(below) if below else content.text) or ""


def _silence(content: _Element) -> tuple[XsdError, ...]:
    # What is refused is never passed as conforming, even if nobody says why.
    return (XsdError(path_of(content), line_of(content), "refused by libxml2 without a reason"),)


def _saying_near(element: _Element, sentence: str) -> XsdError:
    # The sentence may come at an end tag, and so speak of an element that holds the last one begun.
    named = _NAMED.match(sentence)
    name = named[1] if named else ""
    around = (element, *element.iterancestors())
    meant = next((each for each in around if local_name(each) == name), element)
    return XsdError(path_of(meant), line_of(meant), sentence, meant.text or "")
