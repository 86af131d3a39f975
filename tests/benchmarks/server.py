"""The journal on a server: what it costs beside a file, and what a second process of the bus brings.

The whole way, as in *whole*, on databases of their own of the PostgreSQL that `BUS_TEST_POSTGRES`
names. The server, the destination and the load run on the same cores as the bus. After each round
the server counts its rows (`ANALYZE`), as it does by itself a minute later where nobody has switched
that off: a journal begun a moment ago is not what one runs on. One of the databases has somebody in
it who began a transaction before all rounds and never ends it, so that nothing is vacuumed away, and
four who read all facts, slowly, again and again.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests.benchmarks.measuring import (
    Effort,
    Question,
    Row,
    Target,
    alone,
    compared,
    interleave,
    spent,
)
from tests.benchmarks.processes import busy
from tests.benchmarks.product import ROOM, Product, product
from tests.benchmarks.whole import through
from tests.support.postgres import drop, new_database, url_of

NAME = "server"
BESIDE_A_FILE = Target(0.6, 0.8)
TWO = Target(1.5, 1.8)
BESIDE_OTHERS = Target(0.9, 1.0)
ALL_OF_IT = "the same: cores kept busy by bus, server, destination and load"
"""Where one process of the bus leaves no core idle, a second one cannot bring much."""
USUAL = 3_000
READERS = 4
ROWS, PAUSE = 200, 0.05
"""Rows that a slow reader takes at a time, and the seconds between."""


def answer(effort: Effort) -> list[Row]:
    """One process on a server against one on a file, two on a server against one, and one beside
    others who use its database.
    """
    count = effort.count(USUAL, least=2 * ROOM)
    costs: list[list[float]] = [[], [], [], []]
    cores: list[list[float]] = [[], []]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        journals = [_database(stack) for _ in range(3)]
        file = stack.enter_context(product(folder / "file"))
        one = stack.enter_context(product(folder / "one", journal=journals[0]))
        two = stack.enter_context(product(folder / "two", journal=journals[1], processes=2))
        crowded = stack.enter_context(product(folder / "crowded", journal=journals[2]))
        stack.enter_context(others_in(journals[2]))
        on_file, single, double, beside = interleave(
            effort.rounds,
            lambda: through(file, count, costs[0]),
            lambda: _counted(journals[0], _busily(cores[0], one, count, costs[1])),
            lambda: _counted(journals[1], _busily(cores[1], two, count, costs[2])),
            lambda: _counted(journals[2], through(crowded, count, costs[3])),
        )
    return [
        compared(
            NAME, "whole way, journal on a server / in a file", single, on_file, BESIDE_A_FILE
        ),
        spent(NAME, costs[1]),
        alone(NAME, ALL_OF_IT, "cores", cores[0]),
        compared(NAME, "the same by two processes / by one", double, single, TWO),
        spent(NAME, costs[2]),
        alone(NAME, ALL_OF_IT, "cores", cores[1]),
        compared(
            NAME,
            f"the same beside an open transaction and {READERS} slow readers / without",
            beside,
            single,
            BESIDE_OTHERS,
        ),
        spent(NAME, costs[3]),
    ]


@contextmanager
def others_in(url: str) -> Iterator[None]:
    """Somebody whose transaction stays open, and slow readers."""
    over = threading.Event()
    readers = [threading.Thread(target=_read, args=(url, over)) for _ in range(READERS)]
    with psycopg.connect(url) as held:
        held.execute("SELECT count(*) FROM bus.facts")
        held.execute("SELECT pg_current_xact_id()")  # it holds a number, as one that wrote does
        for one in readers:
            one.start()
        try:
            yield
        finally:
            over.set()
            for one in readers:
                one.join()


def _read(url: str, over: threading.Event) -> None:
    with psycopg.connect(url) as connection:
        while not over.is_set():
            with connection.cursor("slow") as cursor:
                cursor.execute("SELECT * FROM bus.facts")
                while cursor.fetchmany(ROWS) and not over.wait(PAUSE):
                    pass
            connection.rollback()


def _busily(cores: list[float], bus: Product, count: int, costs: list[float]) -> float:
    """The rate of the whole way, and how many cores worked on average meanwhile."""
    before, began = busy(), time.perf_counter()
    rate = through(bus, count, costs)
    cores.append((busy() - before) / (time.perf_counter() - began))
    return rate


def _counted(url: str, rate: float) -> float:
    """The same rate, once the server has counted what was written."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return rate


def _database(stack: ExitStack) -> str:
    name = new_database()
    stack.callback(drop, name)
    return url_of(name)


QUESTION = Question(
    NAME, "What does a journal on a server cost, and a second process bring?", answer
)
