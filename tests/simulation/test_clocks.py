"""Processes whose clocks are up to an hour apart: what holds, and that it would be found out."""

import pytest

from bus.store.command_journal import StoreTime
from bus.store.postgres.shared_time import SharedTime
from tests.simulation.findings import Flaw
from tests.simulation.history import NAMED_FROM, first_with, play

SOME = 40


def test_many_histories_have_clocks_that_are_apart() -> None:
    """Some of those of random seeds, then: they are checked with them."""
    shared = sum(play(seed).stage.shared for seed in range(NAMED_FROM, NAMED_FROM + SOME))

    assert shared >= SOME // 10


@pytest.mark.timeout(900)
def test_processes_that_go_each_by_its_own_clock_are_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one is sending is taken for lost by the other, which sends it beside."""

    def by_its_own(time: SharedTime) -> int:
        return StoreTime.now(time)

    monkeypatch.setattr(SharedTime, "join", lambda *_: None)
    monkeypatch.setattr(SharedTime, "keep_step", lambda _, __, ahead: ahead)
    monkeypatch.setattr(SharedTime, "_set", lambda time, _: setattr(time, "_read", (0, 0.0)))
    monkeypatch.setattr(SharedTime, "now", by_its_own)

    assert first_with(Flaw.ORDER, NAMED_FROM) is not None
