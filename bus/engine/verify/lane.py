"""Lanes: their counters, held against the deliveries in them as they pass by (S6, S7).

What is exact: the facts give places 1, 2, 3 … without a gap; `entered` is the last of them; from
the head on each place is held by one delivery, and only by one. Below the head a place may be
empty, for a replay behind the head goes to the end, and what is there is gone, or failed and
passed. A correction takes the place of what it corrects, which keeps none (seq 0). Where what is
finished was let go, the facts of its places went with it: the lane keeps the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bus.core.delivery import FAILED, GONE, State
from bus.engine.verify.discrepancy import Breach, Discrepancy, discrepancy
from bus.journal.fold import ToldDelivery, bit
from bus.journal.rows import DeliveryRow, LaneRow

BEHIND = GONE | FAILED
"""States of what a lane has passed."""


class Lane(NamedTuple):
    """What is known of a lane. Places are bits, place 1 as bit 1.

    `told` are those that facts gave, `held` those that rows hold; the counters are those of its
    own row, 0 where there is none. Of the places up to `pruned` some were let go.
    """

    told: int = 0
    held: int = 0
    entered: int = 0
    head: int = 0
    pruned: int = 0


NO_LANE = Lane()

SHORT = 1 << 8
"""Lanes with fewer places look like many others: each look is kept once."""


class LaneBooks:
    """The lanes of a journal; `doubts` are the discrepancies found, by lane."""

    def __init__(self) -> None:
        self.doubts: dict[str, list[Discrepancy]] = {}
        self._lanes: dict[str, Lane] = {}
        self._short: dict[Lane, Lane] = {}

    def tell(self, told: ToldDelivery) -> None:
        """Note the place that a fact gave."""
        if told.lane:
            lane = self._lanes.get(told.lane, NO_LANE)
            self._put(told.lane, lane._replace(told=lane.told | bit(told.seq)))

    def see_lane(self, row: LaneRow) -> None:
        """Take the counters of a lane, before its deliveries."""
        lane = self._lanes.get(row.name, NO_LANE)
        self._put(row.name, lane._replace(entered=row.entered, head=row.head, pruned=row.pruned))

    def see_delivery(self, row: DeliveryRow) -> None:
        """Compare a delivery with its lane, if it has a place in one."""
        if row.lane and row.seq:
            lane = self._lanes.get(row.lane, NO_LANE)
            for kind in _breaches(lane, row):
                words = _words(row.lane, lane, row.seq)
                wrong = discrepancy(kind, row.message, row.number, state=row.state, **words)
                self._doubt(row.lane, [wrong])
            self._put(row.lane, lane._replace(held=lane.held | bit(row.seq)))

    def close(self) -> None:
        """Note what is wrong with lanes as a whole."""
        for name, lane in self._lanes.items():
            self._doubt(name, _as_a_whole(name, lane))

    def _put(self, name: str, lane: Lane) -> None:
        self._lanes[name] = self._short.setdefault(lane, lane) if lane.told < SHORT else lane

    def _doubt(self, name: str, found: Iterable[Discrepancy]) -> None:
        for one in found:
            self.doubts.setdefault(name, []).append(one)


def _breaches(lane: Lane, row: DeliveryRow) -> Iterator[Breach]:
    """What is wrong with a delivery in its lane."""
    if lane.held & bit(row.seq):
        yield Breach.PLACE_SHARED
    if row.seq != lane.head:
        if row.seq < lane.head and row.state not in BEHIND:
            yield Breach.LANE_HEAD
        elif row.due_at is not None and row.state != State.DELIVERED:  # whose effect is due
            yield Breach.OUT_OF_TURN
    elif row.state in GONE:
        yield Breach.LANE_HEAD
    elif row.state == State.WAITING and row.due_at is None:
        yield Breach.HEAD_STUCK


def _as_a_whole(name: str, lane: Lane) -> Iterator[Discrepancy]:
    """What is wrong with a lane, once all its deliveries were seen."""
    given = max(lane.told.bit_length() - 1, lane.held.bit_length() - 1, lane.pruned)
    if gap := _first_gap(lane.told, lane.pruned + 1):
        yield discrepancy(Breach.PLACE_UNTOLD, **_words(name, lane, gap))
    if lane.head < 1:
        yield discrepancy(Breach.LANE_MISSING, **_words(name, lane))
    elif given != lane.entered:
        yield discrepancy(Breach.LANE_COUNT, given=given, **_words(name, lane))
    elif lane.head > lane.entered + 1:
        yield discrepancy(Breach.HEAD_BEYOND, **_words(name, lane))
    elif gap := _first_gap(lane.held | 1 << lane.entered + 1, lane.head):
        yield discrepancy(Breach.PLACE_EMPTY, **_words(name, lane, gap))


def _words(name: str, lane: Lane, place: int = 0) -> dict[str, object]:
    """What a discrepancy can tell: where the lane has moved between two looks, it differs."""
    return {"lane": name, "place": place, "entered": lane.entered, "head": lane.head}


def _first_gap(places: int, first: int) -> int:
    """The first place from `first` on that is not there though a later one is; 0 for none."""
    rest = places >> first
    lacking = ~rest & (rest + 1)
    gap = lacking.bit_length() - 1
    return gap + first if rest >> gap else 0
