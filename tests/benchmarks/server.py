"""The journal on a server: what it costs beside a file, and what a second process of the bus brings.

The whole way, as in *whole*, on databases of their own of the PostgreSQL that `BUS_TEST_POSTGRES`
names. The server, the destination and the load run on the same cores as the bus.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.measuring import Effort, Question, Row, Target, compared, interleave, spent
from tests.benchmarks.product import ROOM, product
from tests.benchmarks.whole import through
from tests.support.postgres import drop, new_database, url_of

NAME = "server"
BESIDE_A_FILE = Target(0.6, 0.8)
TWO = Target(1.5, 1.8)
USUAL = 3_000


def answer(effort: Effort) -> list[Row]:
    """One process on a server against one on a file, and two on a server against one."""
    count = effort.count(USUAL, least=2 * ROOM)
    costs: list[list[float]] = [[], [], []]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        journals = [_database(stack) for _ in range(2)]
        file = stack.enter_context(product(folder / "file"))
        one = stack.enter_context(product(folder / "one", journal=journals[0]))
        two = stack.enter_context(product(folder / "two", journal=journals[1], processes=2))
        alone, single, double = interleave(
            effort.rounds,
            lambda: through(file, count, costs[0]),
            lambda: through(one, count, costs[1]),
            lambda: through(two, count, costs[2]),
        )
    return [
        compared(NAME, "whole way, journal on a server / in a file", single, alone, BESIDE_A_FILE),
        spent(NAME, costs[1]),
        compared(NAME, "the same by two processes / by one", double, single, TWO),
        spent(NAME, costs[2]),
    ]


def _database(stack: ExitStack) -> str:
    name = new_database()
    stack.callback(drop, name)
    return url_of(name)


QUESTION = Question(
    NAME, "What does a journal on a server cost, and a second process bring?", answer
)
