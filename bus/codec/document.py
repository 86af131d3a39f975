"""Messages and answers as the codec hands them out: parsed, never changed, asked and written."""

from __future__ import annotations

from codecs import BOM_UTF8
from copy import deepcopy
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final, cast

from lxml import etree

from bus.codec.condition_problems import EMPTY, problem_of
from bus.codec.encoding import Utf8Text, mended, to_utf8
from bus.codec.header import write_header
from bus.codec.ids import header_for, ids_in, translated
from bus.codec.names import below, by_lower_name, text_of
from bus.codec.tree import element_of
from bus.codec.writer import SCHEMA_LOCATION, canonical, enclosed, enveloped, pass_on
from bus.core.element import Element
from bus.core.envelope import Envelope, MessageType
from bus.core.errors import BusFault, Fault
from bus.core.identity import fingerprint
from bus.core.text import Details, Text
from bus.core.translation import UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    from bus.codec.reader import Read, ReadAnswer
    from bus.core.contract import IdElement
    from bus.core.translation import FoundId, Translation
    from bus.ports.codec import DestinationAnswer, Document

_BUSINESS: Final = MessageType.BUSINESS
_CONTENTS: Final = {True: "BusinessContent", False: "ReturnContent"}


class XmlDocument:
    """Implements `bus.ports.Document` over a tree, which several destinations share."""

    def __init__(self, raw: bytes, root: _Element, read: Read, *, decoded: bool = False) -> None:
        self.envelope: Final[Envelope] = read.envelope
        self.raw: Final = raw
        self._read = read
        self._decoded: Final = decoded
        """Whether `raw` is UTF-8, whatever it declares."""
        self.root: Final = root
        self.part: Final = read.part
        """BusinessMessage, ResponseMessage or ReceiptMessage."""
        self.strangers: Final = read.strangers
        """The elements of the header that no standard knows."""
        self.turn: Final = Lock()
        """Held while it is validated: for so long lxml makes the content a root of its own."""

    @cached_property
    def content_node(self) -> _Element | None:
        """BusinessContent, ReturnContent of a response, or None; of any namespace."""
        return self._content_of(self.part)

    @property
    def text(self) -> bytes:
        """As received, in UTF-8: it was read, so it can be decoded.

        Where it had to be, its declaration is gone: it tells another encoding.
        """
        text = to_utf8(self.raw, decoded=self._decoded)
        if self.raw.endswith(text.utf8.lstrip()):
            text = Utf8Text(self.raw.removeprefix(BOM_UTF8))
        return mended(text).utf8

    def enclosed_in(self, answer: bytes) -> bytes:
        """A ResponseMessage with this message in its MessageContent."""
        return enclosed(answer, self.text)

    @cached_property
    def canonical(self) -> bytes:
        """The part in canonical form, which is also how it is written."""
        return canonical(self.part)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the canonical part, in hex.

        What does not count: the header, comments, the order of attributes, CDATA or not, the
        encoding, blanks between elements, and how the envelope's own names are spelt and ordered.
        Blanks in a text count.
        """
        return fingerprint(self.canonical)

    def values(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The first text at each path below BusinessContent; empty where none."""
        content = next(self.part.iterchildren("BusinessContent"), None)
        if content is None:
            return ("",) * len(paths)
        found = (next(below(content, path), None) for path in paths)
        return tuple("" if one is None else one.text or "" for one in found)

    def texts(self, path: str) -> tuple[str, ...]:
        """Every text at a path below BusinessContent, in order."""
        content = next(self.part.iterchildren("BusinessContent"), None)
        return () if content is None else tuple(one.text or "" for one in below(content, path))

    def holds(self, condition: str) -> bool:
        """Whether an XPath 1.0 condition is true; BusFault where it is not one."""
        try:
            return bool(_compiled(condition)(self.root))
        except _NO_CONDITION as error:
            raise BusFault(_not_a_condition(condition, problem_of(error))) from error

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements of the content."""
        return ids_in(self.content_node, elements)

    def without(self, names: Sequence[str]) -> Document:
        """The same message without the children of its content that are called so."""
        content = self.content_node
        tags = [f"{{*}}{name}" for name in names]
        if content is None or not tags or next(content.iterchildren(*tags), None) is None:
            return self
        root = deepcopy(self.root)
        read = self._read._replace(part=root[self.root.index(self.part)])
        bare = XmlDocument(self.raw, root, read, decoded=self._decoded)
        if (there := bare.content_node) is not None:
            for node in list(there.iterchildren(*tags)):
                there.remove(node)
        return bare

    def content(self, translation: Translation = UNCHANGED) -> Element:
        """The content as a tree, with its reader's ids; an empty one where there is none."""
        part = translated(self.part, translation) if translation.swaps else self.part
        node = self._content_of(part)
        return Element(self._content_name) if node is None else element_of(node)

    def write(self, uuid: str, translation: Translation = UNCHANGED) -> bytes:
        """The message for a destination: envelope as sent, with that UUID and its reader's ids."""
        header, part = self.envelope.header, self.canonical
        if translation.swaps:
            header = header_for(header, translation)
            part = canonical(translated(self.part, translation))
        strangers = b"".join(canonical(stranger) for stranger in self.strangers).decode()
        location = self.root.get(SCHEMA_LOCATION) or ""
        return enveloped(write_header(header, uuid, strangers), part, location)

    @property
    def _content_name(self) -> str:
        return _CONTENTS[self.envelope.header.type is _BUSINESS]

    def _content_of(self, part: _Element) -> _Element | None:
        return next(part.iterchildren(f"{{*}}{self._content_name}"), None)


class XmlAnswer:
    """Implements `bus.ports.DestinationAnswer`."""

    def __init__(self, raw: bytes, read: ReadAnswer) -> None:
        self.response: Final = read.response
        self.raw: Final = raw
        self.turn: Final = Lock()
        """Held while it is validated."""
        self._read = read

    @cached_property
    def content_node(self) -> _Element | None:
        """ReturnContent, or None; of any namespace."""
        return next(self._read.part.iterchildren("{*}ReturnContent"), None)

    @property
    def transaction(self) -> str:
        """The transaction that its header names; empty where it names none."""
        information = self._read.information
        found = {} if information is None else by_lower_name(information)
        return text_of(found.get("transaction")).strip()

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements of what it returns."""
        return ids_in(self._read.part.find("ReturnContent"), elements)

    def write(
        self, to: Envelope, uuid: str, at: int, translation: Translation = UNCHANGED
    ) -> bytes:
        """The answer for an origin: what it says stays, and it answers `to`."""
        return pass_on(self._read, to, uuid, at, translation)


_NO_CONDITION: Final = (etree.XPathError, ValueError)
"""What lxml raises; a ValueError is about characters that XML forbids."""


def opened(document: Document) -> XmlDocument:
    """The document behind the port's handle: the codec makes no other."""
    return cast("XmlDocument", document)


def opened_return(returned: Document | DestinationAnswer) -> XmlDocument | XmlAnswer:
    """What came back, behind either handle."""
    return cast("XmlDocument | XmlAnswer", returned)


def condition_problem(condition: str) -> Text | None:
    """What is wrong with an XPath condition; None when it can be used."""
    if not condition.strip():
        return EMPTY
    try:
        _compiled(condition)(etree.Element("TOTVSMessage"))
    except _NO_CONDITION as error:
        return problem_of(error)
    return None


@lru_cache(maxsize=512)
def _compiled(condition: str) -> etree.XPath:
    # No extension functions: neither EXSLT's regular expressions nor any of ours.
    return etree.XPath(f"boolean({condition})", regexp=False)


def _not_a_condition(condition: str, problem: Text) -> Fault:
    details: Details = {
        "problem": Text(f"{condition}: {problem.pt}", f"{condition}: {problem.en}"),
        "hint": Text("Corrija `condition` da rota.", "Correct `condition` of the route."),
    }
    return Fault("CONFIGURATION_INVALID", path="condition", details=details)
