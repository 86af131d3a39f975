"""Accept: durable, validated, planned and answered, while no delivery disturbs it.

The destination keeps its first messages unanswered, so that all others wait for room. Nothing is
switched off: each is planned, put in its lane, and committed before its receipt.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.children import Child, child
from tests.benchmarks.loading import closed_load
from tests.benchmarks.measuring import Effort, Question, Row, Target, compared, costs, interleave
from tests.benchmarks.messages import Messages
from tests.benchmarks.product import Product, product
from tests.benchmarks.wire import Address, Broken

NAME = "accept"
TARGET = Target(0.5, 0.7)
USUAL = {1: 1_500, 16: 5_000, 64: 8_000}
"""Messages a round, by connections."""
SOAP = 16


def answer(effort: Effort) -> list[Row]:
    """One row for each number of connections."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with child(folder, "bare", name) as bare, product(folder) as ours:
            ours.silence()
            bare_rate(bare.address, Messages(seed=2), 200, connections=16)
            rows = [row for n in USUAL for row in _rows(effort, ours, bare, n)]
            return [*rows, *_by_soap(effort, ours, bare)]


def _rows(effort: Effort, ours: Product, bare: Child, connections: int) -> list[Row]:
    count = effort.count(USUAL[connections], least=2 * connections)
    supply = Messages()
    reached, held_against = interleave(
        effort.rounds,
        lambda: ours.bus.works(count, lambda: ours.accept(count, connections).rate),
        lambda: bare.works(count, lambda: bare_rate(bare.address, supply, count, connections)),
    )
    rates = [work.rate for work in reached], [work.rate for work in held_against]
    spent = [work.processor for work in reached], [work.processor for work in held_against]
    what = f"{connections} connections / bare pipeline"
    return [
        compared(NAME, what, *rates, target=TARGET),
        costs(NAME, "the same: processor time of the server", *spent),
    ]


def _by_soap(effort: Effort, ours: Product, bare: Child) -> list[Row]:
    """The same messages in calls of receiveMessage; the bare pipeline takes them as they are."""
    count, supply = effort.count(USUAL[SOAP], least=2 * SOAP), Messages()
    reached, held_against = interleave(
        effort.rounds,
        lambda: ours.bus.works(count, lambda: ours.call(count, SOAP).rate),
        lambda: bare.works(count, lambda: bare_rate(bare.address, supply, count, SOAP)),
    )
    what = f"{SOAP} connections by SOAP / bare pipeline, which takes none"
    return [
        compared(NAME, what, [one.rate for one in reached], [one.rate for one in held_against]),
        costs(
            NAME,
            "the same: processor time of the server",
            [one.processor for one in reached],
            [one.processor for one in held_against],
        ),
    ]


def bare_rate(address: Address, supply: Messages, count: int, connections: int) -> float:
    """Messages a second that the bare pipeline takes."""
    load = closed_load(address, supply.posts(count), connections)
    if set(load.statuses) != {202}:
        raise Broken(f"the bare pipeline answered {dict(load.statuses)}")
    return load.rate


QUESTION = Question(NAME, "How many messages does the bus accept?", answer)
