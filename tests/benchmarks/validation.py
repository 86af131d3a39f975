"""Validation: what reading and checking a message costs beside lxml's bare parse and validate.

Reading gives the envelope too, and puts it into the strict form. Rates are of processor time: no
disk and no other process takes part.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bus.ports import Document
from bus.wiring import open_codec
from bus.xml.contracts import Registry
from tests.benchmarks.bare import Schemas
from tests.benchmarks.measuring import Effort, Question, Row, Target, compared, interleave
from tests.benchmarks.messages import TRANSACTIONS, Messages
from tests.benchmarks.wire import Broken

Item = TypeVar("Item")

NAME = "validation"
TARGET = Target(0.85, 0.95)
USUAL = 3_000


def answer(effort: Effort) -> list[Row]:
    """One row a contract, and one for each half of the work on it."""
    return [row for transaction in TRANSACTIONS for row in _contract(effort, transaction)]


def _contract(effort: Effort, transaction: str) -> list[Row]:
    bodies = Messages(transaction=transaction).bodies(effort.count(USUAL, least=20))
    codec, contracts, schemas = open_codec(), Registry(), Schemas()

    def check(document: Document) -> bool:
        header = document.envelope.header
        contract = contracts.find(header.transaction, header.version)
        return contract is not None and contracts.conforms(contract, document)

    documents, roots = [codec.read(body) for body in bodies], [schemas.parse(b) for b in bodies]
    both, bare_both, read, parse, checked, validated = interleave(
        effort.rounds,
        lambda: _rate(lambda body: check(codec.read(body)), bodies),
        lambda: _rate(lambda body: schemas.valid(schemas.parse(body)), bodies),
        lambda: _rate(lambda body: codec.read(body) is not None, bodies),
        lambda: _rate(lambda body: schemas.parse(body) is not None, bodies),
        lambda: _rate(check, documents),
        lambda: _rate(schemas.valid, roots),
    )
    what = f"{transaction}: read + check / parse + validate"
    return [
        compared(NAME, what, both, bare_both, TARGET),
        compared(NAME, f"{transaction}: read / parse", read, parse),
        compared(NAME, f"{transaction}: check / validate", checked, validated),
    ]


def _rate(good: Callable[[Item], bool], items: Sequence[Item]) -> float:
    began = time.process_time()
    for item in items:
        if not good(item):
            raise Broken("a valid message was found invalid")
    return len(items) / (time.process_time() - began)


QUESTION = Question(NAME, "What does validation cost beside lxml alone?", answer)
