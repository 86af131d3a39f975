"""How a question is measured: interleaved rounds, medians, and a ratio within each round."""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

Reading = TypeVar("Reading")

RATE = "messages/s"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: the rounds, and the share of the usual number of messages in each."""

    rounds: int = 5
    share: float = 1.0

    def count(self, usual: int, least: int = 1) -> int:
        """How many messages instead of the usual number."""
        return max(least, round(usual * self.share))


FULL = Effort()
QUICK = Effort(share=0.1)
TINY = Effort(rounds=1, share=0.01)
"""So little that its figures say nothing: to see whether the benchmarks still work."""


class Series(NamedTuple):
    """One figure a round, as its median and its extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Series:
        """The series of these figures."""
        return cls(statistics.median(figures), min(figures), max(figures))


class Target(NamedTuple):
    """What is to be reached at least, and better still. `falling`: less is better."""

    least: float
    stretch: float
    falling: bool = False

    def verdict(self, reached: float) -> str:
        """`stretch`, `yes` or `no`."""
        if self._holds(reached, self.stretch):
            return "stretch"
        return "yes" if self._holds(reached, self.least) else "no"

    def _holds(self, reached: float, wanted: float) -> bool:
        return reached <= wanted if self.falling else reached >= wanted


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to a question.

    `bare` is what `ours` is held against, `ratio` ours to bare, round by round. Without a bare
    figure the target is about `ours` itself. Without a target the row is there for orientation.
    """

    question: str
    what: str
    unit: str
    ours: Series
    bare: Series | None = None
    ratio: Series | None = None
    target: Target | None = None

    @property
    def told(self) -> bool:
        """Whether there is a figure; not every system tells of processor time."""
        return not math.isnan(self.ours.median)

    @property
    def reached(self) -> str:
        """Whether the target is reached; empty where there is none."""
        if self.target is None:
            return ""
        return self.target.verdict((self.ratio or self.ours).median)


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its name on the command line, what it asks, and how it is answered.

    `apart`: it needs what the others do not, and is asked by its name alone.
    """

    name: str
    asks: str
    answer: Callable[[Effort], list[Row]]
    apart: bool = False


def interleave(rounds: int, *measures: Callable[[], Reading]) -> list[list[Reading]]:
    """Take every measure once a round, in turn, so that a slow minute is slow for all of them."""
    found: list[list[Reading]] = [[] for _ in measures]
    for _ in range(rounds):
        for readings, measure in zip(found, measures, strict=True):
            gc.collect()
            readings.append(measure())
    return found


def compared(
    question: str,
    what: str,
    ours: Sequence[float],
    bare: Sequence[float],
    target: Target | None = None,
) -> Row:
    """The row of two rates, in messages a second, taken in the same rounds."""
    return _compared(Row(question, what, RATE, Series.of(ours), target=target), ours, bare)


def costs(question: str, what: str, ours: Sequence[float], bare: Sequence[float]) -> Row:
    """The row of what a message costs the processor, in seconds, taken in the same rounds."""
    ours, bare = [one * 1e6 for one in ours], [one * 1e6 for one in bare]
    return _compared(Row(question, what, "µs", Series.of(ours)), ours, bare)


def _compared(row: Row, ours: Sequence[float], bare: Sequence[float]) -> Row:
    ratios = [one / other if other else math.nan for one, other in zip(ours, bare, strict=True)]
    return replace(row, bare=Series.of(bare), ratio=Series.of(ratios))


def alone(
    question: str, what: str, unit: str, ours: Sequence[float], target: Target | None = None
) -> Row:
    """The row of a measure that is held against nothing."""
    return Row(question, what, unit, Series.of(ours), target=target)


def spent(question: str, ours: Sequence[float]) -> Row:
    """The row of the processor time, in seconds, that a message of the row above costs the bus."""
    return alone(question, "the same: processor time of the bus", "µs", [one * 1e6 for one in ours])


def one_by_one(*stages: Sequence[float]) -> list[float]:
    """The rates, round by round, of stages that follow each other: their times add up."""
    return [1 / sum(1 / rate for rate in rates) for rates in zip(*stages, strict=True)]
