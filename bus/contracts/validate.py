"""What libxml2 says of a content against its XSD. Its word decides; all else only explains it."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, Literal

from lxml import etree

from bus.codec.names import local_name
from bus.codec.place import line_of, path_of
from bus.contracts.explain.libxml2 import ENDLESS, SILENT, XsdError

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
# Shorter texts may come in any parts: to copy them costs nothing.
_LONG = 4_096
# What parts a text even in a CDATA section, and what its parts may be copied to: about a second.
_PARTING = re.compile(r"\]\]>|\r")
_MOST_COPIED = 64 * 1024**3
_CDATA = b"<![CDATA["
_APART = re.compile(rb"<\?text (\d+)\?>")
_NAMED = re.compile(r"Element '(?:\{.*?\})?(.*?)'")


def is_valid(schema: etree.XMLSchema, content: _Element) -> bool:
    """Whether a content conforms; what libxml2 gives up on does not."""
    try:
        return schema.validate(content)
    except etree.XMLSchemaValidateError:  # a pattern of the XSD took too many turns
        return False


def errors_of_tree(
    schema: etree.XMLSchema, content: _Element, most: int = MOST
) -> tuple[XsdError, ...]:
    """What is said of a content that is validated as a tree; none where it conforms.

    libxml2 counts the siblings of each mistake: many elements take the square of their number.
    """
    if is_valid(schema, content):
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
    endless = tuple(islice(_endless_texts(content), most))
    if endless:
        return endless
    pieces = _pieces(content)
    good = _conforming_pieces(schema, pieces)
    if good == len(pieces):
        return ()
    return tuple(islice(_sayings_from(schema, pieces, good, content), most)) or _silence(content)


def has_many_elements(content: _Element) -> bool:
    """Whether a content is to be validated as a stream."""
    return next(islice(content.iter(), MANY, None), None) is not None


def _endless_texts(content: _Element) -> Iterator[XsdError]:
    """The texts that a stream could only take in so many parts that it would hardly end."""
    copied = 0
    for element in content.iter(etree.Element):
        for text in (element.text, element.tail):
            if text and len(text) > _LONG:
                copied += len(text) * len(_PARTING.findall(text))
                if copied > _MOST_COPIED:
                    yield XsdError(path_of(element), line_of(element), ENDLESS, text)
                    break


def _pieces(content: _Element) -> list[bytes]:
    """The text of a content, in the pieces that a stream is fed.

    A stream hands a text over in parts, and libxml2 copies each together with all before it. A long
    text is therefore one CDATA section, which comes as one part, in a piece of its own.
    """
    if all(len(text) <= _LONG for text in content.itertext()):
        return list(_chunks(_written(content)))
    content, texts = _with_long_texts_apart(content)
    pieces: list[bytes] = []
    for at, part in enumerate(_APART.split(_written(content))):
        pieces += (_as_cdata(texts[int(part)]),) if at % 2 else _chunks(part)
    return pieces


def _written(content: _Element) -> bytes:
    # With all namespaces: the type in an xsi:type is named by their prefixes.
    return etree.tostring(content, encoding="UTF-8", xml_declaration=False, with_tail=False)


def _chunks(text: bytes) -> Iterator[bytes]:
    return (text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK))


def _with_long_texts_apart(content: _Element) -> tuple[_Element, list[str]]:
    """A copy with a numbered instruction in the place of each long text, and these texts."""
    content = deepcopy(content)
    texts: list[str] = []
    for element in list(content.iter(etree.Element)):
        if element.text and len(element.text) > _LONG:
            element.insert(0, etree.ProcessingInstruction("text", str(len(texts))))
            texts.append(element.text)
            element.text = None
        if element is not content and element.tail and len(element.tail) > _LONG:
            text, element.tail = element.tail, None
            element.addnext(etree.ProcessingInstruction("text", str(len(texts))))
            texts.append(text)
    return content, texts


def _as_cdata(text: str) -> bytes:
    text = text.replace("]]>", "]]>]]&gt;<![CDATA[").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{text}]]>".encode()


def _conforming_pieces(schema: etree.XMLSchema, pieces: list[bytes]) -> int:
    """How many pieces have no mistake; all of them where the content conforms."""
    parser = _stream(schema)
    for at, piece in enumerate(pieces):
        parser.feed(piece)
        if len(parser.feed_error_log):
            return at
    try:
        parser.close()
    except etree.XMLSyntaxError:
        return len(pieces) - 1
    return len(pieces)


def _sayings_from(
    schema: etree.XMLSchema, pieces: list[bytes], good: int, content: _Element
) -> Iterator[XsdError]:
    """What is said of the piece that follows the good ones, fed tag by tag."""
    parser = _stream(schema, "start")
    elements, element = content.iter(etree.Element), content
    heard = 0
    piece = pieces[good]
    for part in (*pieces[:good], *_tags(piece), *pieces[good + 1 : good + 2]):
        parser.feed(part)
        for _ in parser.read_events():
            element = next(elements)
        for entry in islice(parser.feed_error_log, heard, None):
            heard += 1
            yield _saying_near(element, entry.message.strip())


def _tags(piece: bytes) -> list[bytes]:
    """A piece, cut behind each tag: no text has a > of its own."""
    return [piece] if piece.startswith(_CDATA) else re.findall(rb"[^>]*>|[^>]+$", piece)


def _stream(schema: etree.XMLSchema, *events: Literal["start"]) -> etree.XMLPullParser[_Element]:
    # The whole of it has been within the limits already, when it was read.
    return etree.XMLPullParser(
        events, schema=schema, resolve_entities=False, no_network=True, huge_tree=True
    )


def _text_at(content: _Element, path: str) -> str:
    # libxml2 tells the path from the content itself: `/BusinessContent/Item[2]/Code`.
    below = path.lstrip("/").partition("/")[2]
    if ":" in below or "*" in below:
        return ""
    return (content.findtext(below) if below else content.text) or ""


def _silence(content: _Element) -> tuple[XsdError, ...]:
    # What is refused is never passed as conforming, even if nobody says why.
    return (XsdError(path_of(content), line_of(content), SILENT),)


def _saying_near(element: _Element, sentence: str) -> XsdError:
    # The sentence may come at an end tag, and so speak of an element that holds the last one begun.
    named = _NAMED.match(sentence)
    name = named[1] if named else ""
    around = (element, *element.iterancestors())
    meant = next((each for each in around if local_name(each) == name), element)
    return XsdError(path_of(meant), line_of(meant), sentence, meant.text or "")
