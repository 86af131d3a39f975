"""Validation: what checking a message costs beside lxml's bare validate, for every contract.

Two figures. *Check / validate* is the check alone: the content of a message that has been read,
against a bare validate of the same tree. *Read + check / parse + validate* is all that the bus does
to a message before it decides: it tells the encoding, holds the bytes to the limits against hostile
input, parses them without what is none of a message (comments, instructions, blanks between
elements), reads the envelope in any letter case and order and puts it into the strict form, finds
the contract, and checks. The hash of the content is computed where it is first asked for, so it is
in neither. Bare knows the contract beforehand and reads no envelope.

The messages are the examples of each contract, minimal and full, and the full one with its longest
list drawn out, where it has one. A row is one contract: that of the median ratio, or the worst.
Rates are of processor time: no disk and no other process takes part.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

from lxml import etree

from bus.codec.document import XmlDocument
from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.wiring import open_codec
from tests.benchmarks.bare import XSDS
from tests.benchmarks.measuring import (
    Effort,
    Question,
    Row,
    Target,
    alone,
    compared,
    interleave,
)
from tests.benchmarks.wire import Broken

NAME = "validation"
TARGET = Target(0.85, 0.95)
START = Target(500, 250, falling=True)
"""Milliseconds that a process may spend on its contracts before it serves."""
USUAL = 20_000_000
"""The bytes of messages in one measure of all contracts."""
LARGE = 60_000
"""The bytes of a message with a long list: just below what is not read on the loop."""
SIZES = ("minimal", "full", "large")
_UUID = "0b0e5b6a-6a51-4c7e-9a3f-9d9a1c1f0001"


@dataclass(frozen=True, slots=True)
class Measured:
    """The rates of one contract, round by round; the bare ones beside them."""

    contract: Contract
    both: list[float]
    bare_both: list[float]
    check: list[float]
    validate: list[float]

    def share(self) -> float:
        """Of the bare rate, all that the bus does."""
        return _share(self.both, self.bare_both)

    def check_share(self) -> float:
        """Of the bare rate, the check alone."""
        return _share(self.check, self.validate)


class Bare:
    """One contract, and the least that parsing and validating can be."""

    def __init__(self, contract: Contract) -> None:
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True)
        self._schema = etree.XMLSchema(etree.parse(XSDS / f"{contract.file}.xsd"))

    def parse(self, body: bytes) -> etree._Element:
        """The content of a message."""
        root = etree.fromstring(body, self._parser)
        return next(next(root.iterchildren("BusinessMessage")).iterchildren("BusinessContent"))

    def valid(self, content: etree._Element) -> bool:
        """Whether it conforms."""
        return self._schema.validate(content)

    def both(self, body: bytes) -> bool:
        """Parse and validate."""
        return self.valid(self.parse(body))


def answer(effort: Effort) -> list[Row]:
    """The median and the worst contract of each size, then the start of the registry."""
    registry = Registry()
    rows: list[Row] = []
    for size in SIZES:
        bodies = ((one, _body(one, size)) for one in registry.known())
        works = [Work(effort, registry, one, body) for one, body in bodies if body]
        rows += _rows(size, _measured(effort, works))
    return [*rows, *_start(effort)]


def _rows(size: str, made: list[Measured]) -> Iterator[Row]:
    for name, one in _median_and_worst(made, Measured.share):
        what = f"{size}, {name}: read + check / parse + validate"
        yield compared(NAME, what, one.both, one.bare_both, TARGET)
    for name, one in _median_and_worst(made, Measured.check_share):
        what = f"{size}, {name}: check / validate"
        yield compared(NAME, what, one.check, one.validate, TARGET)


def _median_and_worst(
    made: list[Measured], share: Callable[[Measured], float]
) -> Iterator[tuple[str, Measured]]:
    by_share = sorted(made, key=share)
    median, worst = by_share[len(by_share) // 2], by_share[0]
    yield f"median of {len(made)} contracts ({median.contract.name})", median
    yield f"worst ({worst.contract.name})", worst


def _share(ours: list[float], bare: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, bare, strict=True))


class Work:
    """The four measures of one message of a contract, each a rate."""

    def __init__(self, effort: Effort, registry: Registry, contract: Contract, body: bytes) -> None:
        self.contract = contract
        self._count = effort.count(USUAL // len(SIZES) // 27 // len(body), least=2)
        self._registry, self._codec, self._bare = registry, open_codec(), Bare(contract)
        self._body, self._document = body, self._codec.parse(body)
        self._content = self._bare.parse(body)

    def both(self) -> float:
        """All that the bus does."""
        return _rate(lambda: self._conforms(self._codec.parse(self._body)), self._count)

    def bare_both(self) -> float:
        """The least that can be done."""
        return _rate(lambda: self._bare.both(self._body), self._count)

    def check(self) -> float:
        """The check alone."""
        return _rate(lambda: self._conforms(self._document), self._count)

    def validate(self) -> float:
        """The validation alone."""
        return _rate(lambda: self._bare.valid(self._content), self._count)

    def _conforms(self, document: XmlDocument) -> bool:
        header = document.envelope.header
        found = self._registry.find(header.transaction, header.version)
        return found is not None and self._registry.rules(found).conform(document)


def _measured(effort: Effort, works: list[Work]) -> list[Measured]:
    kinds = (Work.both, Work.bare_both, Work.check, Work.validate)
    readings = interleave(effort.rounds, *(partial(_of_all, kind, works) for kind in kinds))
    by_contract = ([list(rates) for rates in zip(*rounds, strict=True)] for rounds in readings)
    return [
        Measured(work.contract, *rates) for work, *rates in zip(works, *by_contract, strict=True)
    ]


def _of_all(kind: Callable[[Work], float], works: list[Work]) -> list[float]:
    return [kind(work) for work in works]


def _rate(good: Callable[[], bool], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        if not good():
            raise Broken("a valid message was found invalid")
    return count / (time.process_time() - began)


def _body(contract: Contract, size: str) -> bytes:
    """A message of a contract; empty where it has no list that may be long."""
    body = example_message(contract, "erp", uuid=_UUID, at=0, full=size != "minimal")
    if size != "large":
        return body
    bare = Bare(contract)
    for content in _drawn_out(bare.parse(body)):
        if bare.valid(content):
            return etree.tostring(content.getroottree(), encoding="UTF-8", xml_declaration=True)
    return b""


def _drawn_out(content: etree._Element) -> Iterator[etree._Element]:
    """A content with each of its lists made long, the largest items first."""
    places = [at for at, each in enumerate(content.iter()) if _is_item(each)]
    size = {at: len(etree.tostring(list(content.iter())[at])) for at in places}
    for at in sorted(places, key=size.__getitem__, reverse=True):
        root = deepcopy(content.getroottree())
        copy = next(root.iter("BusinessContent"))
        item = list(copy.iter())[at]
        for _ in range(max(1, LARGE // size[at])):  # far fewer than are validated as a stream
            item.addnext(deepcopy(item))
        yield copy


def _is_item(element: etree._Element) -> bool:
    before = element.getprevious()
    return before is not None and before.tag == element.tag


def _start(effort: Effort) -> Iterator[Row]:
    """What a process of its own says of the contracts at its start."""
    told = [_told() for _ in range(effort.rounds)]
    for what, unit, target in (
        ("registry: open, and know all contracts", "ms", START),
        ("registry: compile all contracts, else done at the first message of each", "ms", None),
        ("registry: start what explains refusals, until the first is explained", "ms", None),
        ("registry: memory with all contracts compiled", "MB", None),
        ("registry: memory of the process that explains", "MB", None),
    ):
        yield alone(NAME, what, unit, [one[what] for one in told], target)


def _told() -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.registry"]
    said = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, float] = json.loads(said.stdout)
    return found


QUESTION = Question(NAME, "What does validation cost beside lxml alone?", answer)
