"""Latency: how long a sender waits for its receipt when messages come at random.

Half of the capacity that was measured just before arrives, independently of what was answered.
Latency counts from the moment a message was due, so that what waits behind a slow one is slow too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.loading import Load, at_random, open_load
from tests.benchmarks.measuring import Effort, Question, Row, Series, Target, interleave
from tests.benchmarks.product import ROOM, Product, product

NAME = "latency"
TARGET = Target(8, 4, falling=True)
USUAL = 8_000
SECONDS = 5.0
CONNECTIONS = 128


def answer(effort: Effort) -> list[Row]:
    """One row without deliveries, one with them."""
    count = effort.count(USUAL, least=2 * ROOM)
    with tempfile.TemporaryDirectory() as name, product(Path(name)) as ours:
        whole = _row(effort, ours, ours.through(count, ROOM), "while delivering")
        ours.settle()
        ours.silence()
        return [_row(effort, ours, ours.accept(count, ROOM).rate, "alone"), whole]


def _row(effort: Effort, ours: Product, capacity: float, how: str) -> Row:
    rate, loads = capacity / 2, list[Load]()

    def measured() -> float:
        posts = ours.messages.posts(max(20, round(rate * SECONDS * effort.share)))
        arrivals = at_random(rate, seed=len(loads))
        load = open_load(ours.bus.address, posts, arrivals, CONNECTIONS)
        ours.took(load)
        loads.append(load)
        return load.quantile(0.99) / load.quantile(0.5)

    (ratios,) = interleave(effort.rounds, measured)
    return Row(
        NAME,
        f"accept {how}, p99 / median at {rate:,.0f} messages/s",
        "ms",
        Series.of([load.quantile(0.99) * 1e3 for load in loads]),
        Series.of([load.quantile(0.5) * 1e3 for load in loads]),
        Series.of(ratios),
        TARGET,
    )


QUESTION = Question(NAME, "How long does a sender wait at half of the capacity?", answer)
