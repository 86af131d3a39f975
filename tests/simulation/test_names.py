"""The checks of ids can fail: each rule of translating, waiting and waking that is left out is missed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bus.core.delivery import State
from bus.core.outcome import Report
from bus.engine.translate import Prepared, withheld
from bus.journal.apply import _VERBS as VERBS
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara import _wake as wake_one
from bus.journal.depara import change_depara, learn
from bus.journal.lanes import _goes as goes
from bus.journal.pairs import Pairs
from bus.journal.rows import DeliveryRow
from bus.journal.unit import Unit
from bus.store.memory_pairs import MemoryCrossReference
from depara.model import Key, PairRow
from tests.simulation.findings import Flaw
from tests.simulation.history import NAMED_FROM, first_with, play
from tests.simulation.naming import Wait

SOME = 60
"""Histories in which everything that a wait may come to is met."""

Rows = tuple[PairRow, ...]
Break = Callable[[pytest.MonkeyPatch], None]


def _nobody_is_woken(patch: pytest.MonkeyPatch) -> None:
    """Whatever is learnt or set, who waits for it sleeps on."""
    patch.setattr("bus.journal.depara._wake", lambda *_: None)


def _another_is_woken(patch: pytest.MonkeyPatch) -> None:
    """A pair wakes one that waits for another id, where there is one."""

    def mistaken(unit: Unit, message: str, number: int, after: int) -> DeliveryRow | None:
        waits: Any = unit.pairs.tables
        waiting = sorted({(one.message, one.number) for one in waits.kept_waits})
        others = [one for one in waiting if one != (message, number)]
        return wake_one(unit, *(others or [(message, number)])[0], after)

    patch.setattr("bus.journal.depara._wake", mistaken)


def _only_answers_wake(patch: pytest.MonkeyPatch) -> None:
    """What a person sets wakes nobody."""

    def silent(unit: Unit, asked: ChangeDepara) -> DeparaChanged:
        with pytest.MonkeyPatch.context() as mine:
            mine.setattr("bus.journal.depara._wake", lambda *_: None)
            return change_depara(unit, asked)

    patch.setitem(VERBS, ChangeDepara, silent)


def _woken_is_not_due(patch: pytest.MonkeyPatch) -> None:
    """Who is woken is no longer waiting for an id, and never sent."""

    def half(unit: Unit, *asked: Any) -> DeliveryRow | None:
        row = wake_one(unit, *asked)
        if row is not None:
            unit.put_delivery(row._replace(due_at=None))
        return row

    patch.setattr("bus.journal.depara._wake", half)


def _meanwhile_is_missed(patch: pytest.MonkeyPatch) -> None:
    """An id that came between the look and the wait is not seen."""
    patch.setattr("bus.journal.depara._known", lambda *_: False)


def _pairs_are_stale(patch: pytest.MonkeyPatch) -> None:
    """A pair is found as it was when it was looked for before."""
    _look_back(patch, bool)


def _gaps_are_stale(patch: pytest.MonkeyPatch) -> None:
    """An id that was not known before is looked for in vain once more."""
    _look_back(patch, lambda rows: not rows)


def _look_back(patch: pytest.MonkeyPatch, stale: Callable[[Rows], bool]) -> None:
    look_up = MemoryCrossReference.known

    async def known(self: MemoryCrossReference, keys: Collection[Key]) -> Mapping[Key, Rows]:
        now = dict(await look_up(self, keys))
        seen: dict[Key, Rows] = vars(self).setdefault("seen", {})
        before = {key: seen[key] for key in keys if key in seen and stale(seen[key])}
        seen.update({key: now.get(key, ()) for key in keys})
        return now | before

    patch.setattr(MemoryCrossReference, "known", known)


def _missing_ids_are_sent(patch: pytest.MonkeyPatch) -> None:
    """What lacks an id goes with that of its sender."""

    def careless(prepared: Prepared, reader: str) -> Report | None:
        lacks_nothing = prepared.translation._replace(wanted=())
        return withheld(replace(prepared, translation=lacks_nothing), reader)

    patch.setattr("bus.engine.attempt.withheld", careless)


def _whoever_waits_is_passed(patch: pytest.MonkeyPatch) -> None:
    """A lane does not stop for a head that waits for an id."""

    def hasty(unit: Unit, row: DeliveryRow, *rest: Any) -> bool:
        return row.state is State.AWAITING_DEPARA or goes(unit, row, *rest)

    patch.setattr("bus.journal.lanes._goes", hasty)


def _lessons_are_lost(patch: pytest.MonkeyPatch) -> None:
    """Every third answer teaches nothing."""
    lessons = itertools.count(1)

    def forget(*asked: Any, **how: Any) -> None:
        if next(lessons) % 3:
            learn(*asked, **how)

    patch.setattr("bus.journal.outcomes.learn", forget)


def _pairs_are_lost(patch: pytest.MonkeyPatch) -> None:
    """Every third change of the de-para is told, and does not reach the disk."""
    save, changes = Pairs.save, itertools.count(1)

    def forget(pairs: Pairs) -> None:
        if not pairs.changes.rows or next(changes) % 3:
            save(pairs)

    patch.setattr(Pairs, "save", forget)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("broken", "flaw"),
    [
        (_nobody_is_woken, Flaw.NAMING),
        (_another_is_woken, Flaw.NAMING),
        (_only_answers_wake, Flaw.NAMING),
        (_woken_is_not_due, Flaw.LOSS),
        (_meanwhile_is_missed, Flaw.NAMING),
        (_pairs_are_stale, Flaw.NAMING),
        (_gaps_are_stale, Flaw.NAMING),
        (_missing_ids_are_sent, Flaw.NAMING),
        (_whoever_waits_is_passed, Flaw.ORDER),
        (_lessons_are_lost, Flaw.NAMING),
        (_pairs_are_lost, Flaw.NAMING),
        (_pairs_are_lost, Flaw.BOOKS),
    ],
)
def test_a_bus_that_mistakes_ids_is_found_out(
    broken: Break, flaw: Flaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mistake about who waits for what, and who calls it how, is found in some history."""
    broken(monkeypatch)

    assert first_with(flaw, NAMED_FROM) is not None


def test_waits_come_to_all_that_they_may() -> None:
    """They are ended by answers, by people and by time, and outlive processes and each other."""
    met: Counter[Wait] = Counter()
    for seed in range(NAMED_FROM, NAMED_FROM + SOME):
        met += play(seed).waits

    assert set(met) == set(Wait), met
