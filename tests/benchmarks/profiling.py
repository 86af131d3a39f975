"""Where the time of the bus goes, function by function.

cProfile makes small functions look dearer than they are, and waiting counts: a call that gives up the
interpreter, to the disk or in libxml2, also waits to get it back. What it shows is where to look.
"""

from __future__ import annotations

import pstats
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.children import CHECKOUT
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
    with _watched(name) as (folder, rate):
        print(f"{name}: {rate:,.0f} messages/s while being watched")
        show(folder)


def shares(name: str) -> tuple[Share, ...]:
    """What a piece of work costs, by thread and by the package whose functions it is spent in."""
    with _watched(name) as (folder, _):
        spent: Counter[tuple[str, str]] = Counter()
        for file in folder.glob("*.prof"):
            stats = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]
            for (source, _, function), (_, _, own, _, _) in stats.items():
                if function != IDLE:
                    spent[file.stem, _package(source, function)] += own
    return tuple(
        Share(thread, package, own / MESSAGES * 1e6)
        for (thread, package), own in spent.most_common()
        if own / MESSAGES * 1e6 >= WORTH_SHOWING
    )


@contextmanager
def _watched(name: str) -> Iterator[tuple[Path, float]]:
    with tempfile.TemporaryDirectory() as name_:
        folder = Path(name_)
        with product(folder, recording=folder) as ours:
            rate = WORK[name](ours)
        yield folder, rate


def _package(source: str, function: str) -> str:
    """Two names of ours, the first of a library's; a built-in's by the module that it names."""
    parts = Path(source).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if source.startswith(str(CHECKOUT)):
        return ".".join(Path(source).relative_to(CHECKOUT).parts[:2])
    if source != "~":
        return "standard library"
    return next((one for one in ("apsw", "lxml", "uvloop") if one in function), "built-in")


class Share(NamedTuple):
    """µs a message that a thread spends in the functions of a package."""

    thread: str
    package: str
    spent: float


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
