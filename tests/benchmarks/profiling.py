"""Where the time of the bus goes, function by function.

cProfile makes small functions look dearer than they are, and waiting counts: a call that gives up the
interpreter, to the disk or in libxml2, also waits to get it back. What it shows is where to look.
"""

from __future__ import annotations

import pstats
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.product import ROOM, Product, product

MESSAGES = 5_000
"""Messages that a profile is made of."""
WORTH_SHOWING = 10
"""µs a message below which a thread is not shown."""
IDLE = "<method 'acquire' of '_thread.lock' objects>"
"""Where a thread waits for work."""
SHOWN = 35
"""Functions shown of each thread."""


def profile(name: str) -> None:
    """Do a piece of work under the profiler and print what cost most."""
    with tempfile.TemporaryDirectory() as folder:
        with product(Path(folder), recording=Path(folder)) as ours:
            rate = WORK[name](ours)
        print(f"{name}: {rate:,.0f} messages/s while being watched")
        show(Path(folder))


def _accept(ours: Product) -> float:
    ours.silence()
    ours.watch()
    return ours.accept(MESSAGES, ROOM).rate


def _deliver(ours: Product) -> float:
    ours.silence()
    ours.accept(MESSAGES, ROOM)
    ours.watch()
    return MESSAGES / ours.deliver()


def _whole(ours: Product) -> float:
    ours.watch()
    return ours.through(MESSAGES, ROOM)


WORK: Mapping[str, Callable[[Product], float]] = {
    "accept": _accept,
    "deliver": _deliver,
    "whole": _whole,
}
"""What can be watched."""


def show(folder: Path) -> None:
    """Print the functions that cost most in themselves, µs a message, thread by thread."""
    for file in sorted(folder.glob("*.prof")):
        stats = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]
        rows = sorted(
            (own, total, calls, at)
            for at, (_, calls, own, total, _) in stats.items()
            if at[2] != IDLE
        )
        everything = sum(row[0] for row in rows)
        if everything / MESSAGES * 1e6 < WORTH_SHOWING:
            continue
        print(f"\n{file.stem}: {everything / MESSAGES * 1e6:.0f} µs a message")
        print(f"{'own µs':>9} {'with callees':>13} {'calls':>7}  function")
        for own, total, calls, (source, line, name) in reversed(rows[-SHOWN:]):
            where = f"{_short(source)}:{line} {name}" if line else name
            times = f"{own / MESSAGES * 1e6:9.1f} {total / MESSAGES * 1e6:13.1f}"
            print(f"{times} {calls / MESSAGES:7.2f}  {where}")


def _short(source: str) -> str:
    return "/".join(Path(source).parts[-3:])
