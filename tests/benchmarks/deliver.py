"""Deliver: what waits in the journal is claimed, sent, judged and recorded, while nothing arrives.

It is held against the bare stages of the same work, one after the other: POST the message with the
same client library and parse the answer; commit the answer, grouped.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.measuring import (
    Effort,
    Question,
    Row,
    compared,
    interleave,
    one_by_one,
    spent,
)
from tests.benchmarks.product import ROOM, product
from tests.benchmarks.stages import stages

NAME = "deliver"
USUAL = 5_000


def answer(effort: Effort) -> list[Row]:
    """One row: deliveries a second."""
    count = effort.count(USUAL, least=2 * ROOM)
    costs: list[float] = []
    with tempfile.TemporaryDirectory() as name, product(Path(name)) as ours, stages() as bare:

        def drained() -> float:
            ours.silence()
            ours.accept(count, ROOM)
            work = ours.bus.works(count, lambda: count / ours.deliver())
            costs.append(work.processor)
            return work.rate

        reached, sent, recorded = interleave(
            effort.rounds,
            drained,
            lambda: bare.send(count),
            lambda: bare.record(count),
        )
    what = "deliver + record what waits / bare POST, then bare commit"
    return [compared(NAME, what, reached, one_by_one(sent, recorded)), spent(NAME, costs)]


QUESTION = Question(NAME, "How many messages does the bus deliver?", answer)
