"""The hardened parser: hostile bytes become a small tree, or a fault of the sender.

No DOCTYPE, so no entities; nothing is fetched: no network, schemaLocation or XInclude. Comments,
processing instructions and blanks between elements are dropped. What libxml2 does not limit itself,
the number of elements and attributes, is counted in the bytes before any tree is built.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from bus.codec.encoding import Utf8Text, mended, to_utf8
from bus.codec.parse_faults import fault_of
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

LONG = 64 * 1024
"""Bytes above which a text is parsed outside the event loop."""

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
    256 by libxml2, a text to its 10,000,000 bytes.
    """

    body: int = 10 * 1024**2
    elements: int = 200_000
    attributes: int = 1_000


class Parsed(NamedTuple):
    """The root element, and what had to be mended to read it."""

    root: etree._Element
    repairs: tuple[str, ...]


class Parser(threading.local):
    """Parses a body within limits. One libxml2 parser a thread: each is locked while it works."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._harmless = min(
            _SHORTEST_ELEMENT * limits.elements, _SHORTEST_ATTRIBUTE * limits.attributes
        )
        # No start tag reaches beyond the next "<": there is none in the value of an attribute.
        self._crowded = re.compile(rb"<[^<=]*+(?:=[^<=]*+){%d}" % (limits.attributes + 1))
        self._parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            collect_ids=False,
            remove_blank_text=True,
            remove_comments=True,
            remove_pis=True,
        )

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
                raise SenderFault(fault_of(error)) from error
        try:
            return Parsed(self._tree(better), better.repairs)
        except etree.XMLSyntaxError as error:
            raise SenderFault(fault_of(error)) from error

    def _tree(self, text: Utf8Text) -> etree._Element:
        utf8 = text.utf8
        if not text.plain and _DOCTYPE.match(utf8):
            raise SenderFault(Fault("DOCTYPE_REFUSED", line=1))
        if len(utf8) > self._harmless:
            self._refuse_complex(utf8)
        root: etree._Element = etree.fromstring(utf8, self._parser)
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


def _too_complex(limit: int, what: Text) -> SenderFault:
    details: Details = {"limit": str(limit), "what": what}
    return SenderFault(Fault("TOO_COMPLEX", details=details))
