"""A share of the soak, with seeds that are always the same; all of it is `make soak`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.arena import Place
from tests.soak.cells import SHORT_LEASES, cell_named
from tests.soak.trial import Effort, survive, typical
from tests.support.postgres import database_of


def test_a_rate_is_that_of_most_stretches() -> None:
    """Neither the best nor the worst of them."""
    assert typical([9.0, 20.0, 21.0, 22.0, 60.0]) == 21.0
    assert typical([]) == 0.0


SHORT = Effort(seconds=1.0, warming=0.5, at_once=2, calm=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("backends-terminated", 1),
        ("one-of-two-killed", 2),
        ("frozen-past-lease", 3),
        pytest.param("bad-network", 4, marks=pytest.mark.long),
        pytest.param("clock-set", 5, marks=pytest.mark.long),
    ],
)
async def test_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, name: str, seed: int
) -> None:
    """Whatever is done to the bus, as the table in docs/reliability.md has it."""
    cell = cell_named(name)
    if cell.ground.settings == SHORT_LEASES:  # half a minute, which passes at once
        cell = cell._replace(ground=replace(cell.ground, moved_clock=True))
    database = database_of(tmp_path) if cell.ground.place is Place.SERVER else ""
    survived = await survive(cell, seed, SHORT, tmp_path, database)

    print(survived)
    assert survived.processed
    assert survived.hurt
