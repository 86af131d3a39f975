"""The hardened parser: hostile bytes become a small tree, or a fault of the sender.

No DOCTYPE, so no entities; nothing is fetched: no network, schemaLocation or XInclude. Comments,
processing instructions and blanks between elements are dropped. What libxml2 does not limit itself,
the number of elements and attributes, is counted in the bytes before any tree is built.
"""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from lxml import etree

from bus.codec.encoding import Utf8Text, mended, to_utf8
from bus.codec.mistaken import mistaken
from bus.codec.names import local_name
from bus.codec.parse_faults import DEPTH, LONGEST_TEXT, fault_of
from bus.core.envelope import Repair
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

LONG = 64 * 1024
"""Bytes above which a text is parsed outside the event loop."""

EARLY = 64 * 1024
"""Bytes in which the header of a message is looked for that could not be read."""
HEADER = "messageinformation"
HARDENED: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "collect_ids": False,
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
}
"""How every parser here is made."""

# The shortest that an element or an attribute can be. Most texts are too short for too many.
_SHORTEST_ELEMENT = len("<a/>")
_SHORTEST_ATTRIBUTE = len(' a=""')

_DOCTYPE = re.compile(rb"(?:\s++|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->)*+(?i:<!DOCTYPE)", re.DOTALL)
# What may hide a "<" that opens no element is taken whole; group 1 is a start tag. What is never
# closed is taken to the end, so that no byte is looked at twice.
_TAG = re.compile(
    rb"<(?:!\[CDATA\[(?:.*?\]\]>|.*)|!--(?:.*?-->|.*)|\?(?:.*?\?>|.*)"
    rb"|([^/!?](?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*+))",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"=\s*+(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a body may have: bytes, elements, attributes of one element.

    All elements together have as many attributes as there may be elements. Levels are limited to
    256, and a text is as long as the body may be.
    """

    body: int = 10 * 1024**2
    elements: int = 200_000
    attributes: int = 1_000


class Parsed(NamedTuple):
    """The root element, and what had to be mended to read it."""

    root: etree._Element
    repairs: tuple[Repair, ...]


class Parser(threading.local):
    """Parses a body within limits. One libxml2 parser a thread: each is locked while it works."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._harmless = min(
            _SHORTEST_ELEMENT * limits.elements, _SHORTEST_ATTRIBUTE * limits.attributes
        )
        # No start tag reaches beyond the next "<": there is none in the value of an attribute.
        self._crowded = re.compile(rb"<[^<=]*+(?:=[^<=]*+){%d}" % (limits.attributes + 1))
        self._parser = etree.XMLParser(huge_tree=False, **HARDENED)
        self._long = etree.XMLParser(huge_tree=True, **HARDENED)

    def parse(self, body: bytes, *, decoded: bool = False) -> Parsed:
        """The tree of a body, or SenderFault. `decoded`: it is UTF-8, whatever is declared."""
        if len(body) > self._limits.body:
            raise SenderFault(Fault("TOO_LARGE", details={"limit": str(self._limits.body)}))
        text = to_utf8(body, decoded=decoded)
        try:
            return Parsed(self._tree(text), text.repairs)
        except etree.XMLSyntaxError as error:
            better = mended(text)
            if better.utf8 == text.utf8:
                raise SenderFault(mistaken(text.utf8) or fault_of(error)) from error
        try:
            return Parsed(self._tree(better), better.repairs)
        except etree.XMLSyntaxError as error:
            raise SenderFault(mistaken(better.utf8) or fault_of(error)) from error

    def header(self, body: bytes, *, decoded: bool = False) -> etree._Element | None:
        """The header of a body that is refused, if it comes early and could be read; or None."""
        with contextlib.suppress(SenderFault, etree.XMLSyntaxError):
            text = to_utf8(body[:EARLY], decoded=decoded)
            if not text.plain and doctype_line(text.utf8):
                return None
            begun = etree.XMLPullParser(events=("end",), huge_tree=False, **HARDENED)
            with contextlib.suppress(etree.XMLSyntaxError):
                begun.feed(mended(text).utf8)
            for _, element in begun.read_events():
                if local_name(element).lower() == HEADER:
                    return element
        return None

    def _tree(self, text: Utf8Text) -> etree._Element:
        utf8 = text.utf8
        line = 0 if text.plain else doctype_line(utf8)
        if line:
            raise SenderFault(Fault("DOCTYPE_REFUSED", line=line))
        if len(utf8) > self._harmless:
            self._refuse_complex(utf8)
        # What is longer than libxml2 lets one text be may be one text: a message in SOAP is.
        long = len(utf8) > LONGEST_TEXT
        root: etree._Element = etree.fromstring(utf8, self._long if long else self._parser)
        if long:
            _refuse_deep(root)
        return root

    def _is_surely_simple(self, utf8: bytes) -> bool:
        """Whether a count that costs little, and is never too low, is within the limits."""
        limits, attributes = self._limits, utf8.count(b"=")
        if len(utf8) > _SHORTEST_ELEMENT * limits.elements:
            elements = utf8.count(b"<") - utf8.count(b"</")
            if elements > limits.elements:
                return False
        if attributes <= limits.attributes:
            return True
        return attributes <= limits.elements and not self._crowded.search(utf8)

    def _refuse_complex(self, utf8: bytes) -> None:
        """Raise TOO_COMPLEX where the tree would be too big."""
        limits = self._limits
        if self._is_surely_simple(utf8):
            return
        elements = attributes = 0
        for tag in _TAG.finditer(utf8):
            if tag[1] is None:
                continue
            own = sum(1 for _ in _ATTRIBUTE.finditer(tag[1]))
            elements, attributes = elements + 1, attributes + own
            if own > limits.attributes:
                raise _too_complex(
                    limits.attributes, Text("atributos num elemento", "attributes of one element")
                )
            if attributes > limits.elements:
                raise _too_complex(limits.elements, Text("atributos", "attributes"))
            if elements > limits.elements:
                raise _too_complex(limits.elements, Text("elementos", "elements"))


def doctype_line(utf8: bytes) -> int:
    """The line of a DOCTYPE before the root element; 0 where there is none."""
    doctype = _DOCTYPE.match(utf8)
    return 1 + utf8.count(b"\n", 0, doctype.end()) if doctype else 0


def _refuse_deep(root: etree._Element) -> None:
    """Hold a long text to the levels that libxml2 holds others to."""
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH:
            raise _too_complex(DEPTH, Text("níveis", "levels"))


def _too_complex(limit: int, what: Text) -> SenderFault:
    details: Details = {"limit": str(limit), "what": what}
    return SenderFault(Fault("TOO_COMPLEX", details=details))
