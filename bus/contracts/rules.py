"""The XSD of one contract: whether a message conforms to it, and what differs."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bus.codec.document import XmlAnswer
from bus.codec.place import SHOWN, line_of, name_of, path_of
from bus.codec.showing import shown
from bus.contracts.explain.explaining import task_about
from bus.contracts.explain.libxml2 import KnownXsd, fault_of
from bus.contracts.explain.merge import gathered
from bus.contracts.explain.places import Places
from bus.contracts.explain.types import types_by_name
from bus.contracts.slow_values import LONGEST, SlowValue, SlowValues
from bus.contracts.validate import (
    MANY,
    MOST,
    errors_of_stream,
    errors_of_tree,
    has_many_elements,
    is_valid,
)
from bus.contracts.xsd import compiled, exactly_typed
from bus.core.envelope import MessageType
from bus.core.errors import Fault

if TYPE_CHECKING:
    from lxml import etree
    from lxml.etree import _Element

    from bus.codec.document import XmlDocument
    from bus.contracts.explain.explainer import Explainer
    from bus.contracts.explain.explaining import Explaining
    from bus.contracts.explain.libxml2 import XsdError

# No shorter message has so many elements that they need to be counted.
_LARGE = 16_384


class Heard(NamedTuple):
    """What libxml2 says of a content, which is None where nothing more can be explained.

    `others` is what it never hears of: no content at all, or a value that it is not asked about.
    `turn` is that of the document, to be held by who reads its tree.
    """

    content: _Element | None = None
    said: tuple[XsdError, ...] = ()
    others: tuple[Fault, ...] = ()
    turn: AbstractContextManager[object] = nullcontext()


class Rules:
    """The XSD of one contract, compiled.

    `explaining` is the process that explains refusals; without one that is done here, for as long
    as it takes.
    """

    def __init__(self, xsd: _Element, contract: str, explaining: Explaining | None = None) -> None:
        self._explaining = explaining
        self._xsd = xsd
        self._contract = contract
        self._schema = compiled(xsd)
        self._lock = threading.Lock()

    def conform(self, document: XmlDocument) -> bool:
        """Whether a message's content does."""
        with document.turn:
            return self._conform(document)

    def _conform(self, document: XmlDocument) -> bool:
        content = document.content_node
        if content is None:
            return not self._without_content(document)
        if self._slow and next(self._slow.found(content), None):
            return False
        return self._differing(document, content) is None

    def check(self, document: XmlDocument, most: int = MOST) -> tuple[Fault, ...]:
        """The first differences of a message's content; none when it conforms."""
        heard = self.hear(document, most)
        return self.tell(heard, self.explain(heard, most), most)

    def complaints(self, returned: XmlDocument | XmlAnswer, most: int = MOST) -> tuple[Fault, ...]:
        """The first differences of what a destination returned, as libxml2 tells them alone."""
        if returned.content_node is None:
            return ()
        return self.tell(self.hear(returned, most), (), most)

    def hear(self, document: XmlDocument | XmlAnswer, most: int = MOST) -> Heard:
        """What libxml2 says of a message's content: it takes little time."""
        with document.turn:
            return self._hear(document, most)

    def _hear(self, document: XmlDocument | XmlAnswer, most: int) -> Heard:
        content = document.content_node
        if content is None:
            return Heard(others=self._without_content(document))
        slow = tuple(map(self._too_long, islice(self._slow.found(content), most)))
        if slow:
            return Heard(others=slow)
        differing = self._differing(document, content)
        if differing is None:
            return Heard()
        if _is_large(document.raw, content):
            return Heard(said=errors_of_stream(self._schema, differing, most))
        with self._lock:
            # Its own schema: a log is shared by all who validate with one.
            said = errors_of_tree(self._told, differing, most)
        return Heard(content, said, turn=document.turn)

    def explain(self, heard: Heard, most: int = MOST) -> tuple[Fault, ...] | None:
        """What more can be said of it; None where the time for it ran out."""
        if heard.content is None:
            return ()
        if self._explaining:
            with heard.turn:
                task = task_about(heard.content, heard.said, most)
            return self._explaining.faults(self._xsd, self._contract, task) if task else None
        with heard.turn, self._lock:
            return (
                self._explainer.faults(heard.content, heard.said, most) if self._explainer else ()
            )

    def tell(
        self, heard: Heard, explained: tuple[Fault, ...] | None, most: int = MOST
    ) -> tuple[Fault, ...]:
        """All of it, each mistake once."""
        said = tuple(fault_of(saying, self._contract, self._known) for saying in heard.said)
        if explained is not None:
            return (*gathered(explained, said, most), *heard.others)[:most]
        first = (*gathered((), said, most), *heard.others)[: max(most - 1, 1)]
        unexplained = Fault("NOT_EXPLAINED", details={"contract": self._contract})
        return (*first, unexplained)[:most]

    def _differing(self, document: XmlDocument | XmlAnswer, content: _Element) -> _Element | None:
        """A content that does not conform, as libxml2 is to judge it; None where it does."""
        if self._conforms(document, content):
            return None
        typed = exactly_typed(content, self._xsd)
        return None if typed is not content and self._conforms(document, typed) else typed

    def _conforms(self, document: XmlDocument | XmlAnswer, content: _Element) -> bool:
        if _is_large(document.raw, content):
            return not errors_of_stream(self._schema, content)
        return is_valid(self._schema, content)

    def _too_long(self, slow: SlowValue) -> Fault:
        path, name = path_of(slow.element), name_of(slow.element)
        if slow.attribute:
            path, name = f"{path}/@{slow.attribute[:SHOWN]}", f"{name} {slow.attribute[:SHOWN]}"
        details = {
            "element": name,
            "value": shown(slow.text, slow.attribute or name),
            "length": str(len(slow.text)),
            "limit": str(LONGEST),
            "contract": self._contract,
        }
        return Fault("VALUE_TOO_LONG", path, line_of(slow.element), details)

    def _without_content(self, document: XmlDocument | XmlAnswer) -> tuple[Fault, ...]:
        # A response may end at its Status, a receipt has no content at all.
        if (
            isinstance(document, XmlAnswer)
            or document.envelope.header.type is not MessageType.BUSINESS
        ):
            return ()
        part = document.part
        details = {
            "element": "BusinessMessage",
            "expected": "BusinessContent",
            "contract": self._contract,
        }
        return (Fault("ELEMENT_MISSING", path_of(part), line_of(part), details),)

    @cached_property
    def _slow(self) -> SlowValues:
        return SlowValues(self._xsd)

    @cached_property
    def _known(self) -> KnownXsd:
        return KnownXsd(types_by_name(self._xsd), Places(self._xsd))

    @cached_property
    def _told(self) -> etree.XMLSchema:
        return compiled(self._xsd)

    @cached_property
    def _explainer(self) -> Explainer | None:
        # Half a second that a process without a refusal never spends.
        from bus.contracts.explain.explainer import explainer_of  # noqa: PLC0415

        return explainer_of(self._xsd, self._contract)


def _is_large(raw: bytes, content: _Element) -> bool:
    # To count in the bytes takes a hundredth of the time that it takes in the tree.
    return len(raw) > _LARGE and raw.count(b"<") >= MANY and has_many_elements(content)
