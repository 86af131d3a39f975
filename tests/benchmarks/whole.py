"""The whole way: post, accept, deliver, record, until the journal knows that all is delivered.

An id is learnt from every answer; in a second run the ids are translated as well, in a third the
origin is sent the answer of each message.

It is held against the bare stages, each measured by itself on the same cores in the same rounds: the
bare pipeline, a bare POST, a bare commit of the answer. Their times add up.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.accept import bare_rate
from tests.benchmarks.children import child
from tests.benchmarks.measuring import (
    RATE,
    Effort,
    Question,
    Row,
    Target,
    alone,
    compared,
    interleave,
    one_by_one,
    spent,
)
from tests.benchmarks.messages import Messages
from tests.benchmarks.product import ROOM, Product, product
from tests.benchmarks.stages import stages

NAME = "whole"
TARGET = Target(0.4, 0.6)
USUAL = 5_000


def answer(effort: Effort) -> list[Row]:
    """The whole against its bare stages, and each of these for orientation."""
    count, supply = effort.count(USUAL, least=2 * ROOM), Messages(seed=4)
    costs: list[float] = []
    translating_costs: list[float] = []
    answering_costs: list[float] = []
    with tempfile.TemporaryDirectory() as name, child(Path(name), "bare", name) as pipeline:
        bare_rate(pipeline.address, supply, 200, ROOM)
        with (
            product(Path(name) / "learns") as ours,
            product(Path(name) / "translates", translates=True) as translating,
            product(Path(name) / "answers", answers=True) as answering,
            stages() as bare,
        ):
            reached, translated, answered, accepted, sent, recorded = interleave(
                effort.rounds,
                lambda: through(ours, count, costs),
                lambda: through(translating, count, translating_costs),
                lambda: through(answering, count, answering_costs),
                lambda: bare_rate(pipeline.address, supply, count, ROOM),
                lambda: bare.send(count),
                lambda: bare.record(count),
            )
    together = one_by_one(accepted, sent, recorded)
    what = "accept + deliver + record / sum of the bare stages"
    return [
        compared(NAME, what, reached, together, TARGET),
        spent(NAME, costs),
        compared(NAME, "the same, ids translated as well", translated, together, TARGET),
        spent(NAME, translating_costs),
        compared(NAME, "the same, answers delivered to their origin too", answered, together),
        spent(NAME, answering_costs),
        alone(NAME, "bare stage: accept", RATE, accepted),
        alone(NAME, "bare stage: POST", RATE, sent),
        alone(NAME, "bare stage: record", RATE, recorded),
    ]


def through(bus: Product, count: int, costs: list[float]) -> float:
    """Have messages go the whole way: how many a second, and what each cost the processor."""
    work = bus.works(count, lambda: bus.through(count, ROOM))
    costs.append(work.processor)
    return work.rate


QUESTION = Question(NAME, "How many messages go the whole way?", answer)
