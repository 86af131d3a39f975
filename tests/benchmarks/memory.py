"""Memory: what one process holds while many messages pass through it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.measuring import Effort, Question, Row, Target, alone
from tests.benchmarks.product import ROOM, product

NAME = "memory"
TARGET = Target(200, 120, falling=True)
USUAL = 100_000
STEPS = (0.1, 0.5, 1.0)
BATCH = 5_000


def answer(effort: Effort) -> list[Row]:
    """One row for each step on the way."""
    rows = []
    with tempfile.TemporaryDirectory() as name, product(Path(name)) as ours:
        for step in STEPS:
            goal = effort.count(USUAL, least=2 * ROOM) * step
            while ours.accepted < goal:
                ours.through(min(BATCH, round(goal) - ours.accepted), ROOM)
            what = f"after {ours.accepted:,} messages"
            rows.append(alone(NAME, what, "MB", [ours.memory()], TARGET))
    return rows


QUESTION = Question(NAME, "How much memory does the bus hold?", answer)
