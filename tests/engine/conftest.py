"""A bus for each test, once per store, which proves at the end that nothing was lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.rig import Rigs, rigs_over
from tests.support.stores import STORES, StoreKind

EACH = [
    pytest.param(kind, id=kind.name, marks=[pytest.mark.long] if kind.name == "postgres" else [])
    for kind in STORES
]
"""On a server they take minutes, and the layer that decides is the same one as on a file; what
outlives its process (`lasting`) and the suites of the stores run on it each time.
"""


@pytest.fixture(params=EACH)
def store_kind(request: pytest.FixtureRequest) -> StoreKind:
    """The store that keeps the journal."""
    kind: StoreKind = request.param
    return kind


@pytest.fixture
async def rigs(store_kind: StoreKind, tmp_path: Path) -> AsyncIterator[Rigs]:
    """Starts buses on a new journal."""
    async with rigs_over(store_kind, tmp_path) as made:
        yield made


@pytest.fixture(params=[kind for kind in STORES if kind.lasting], ids=lambda kind: kind.name)
async def lasting(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rigs]:
    """Starts buses on a new journal that outlives its process."""
    async with rigs_over(request.param, tmp_path) as made:
        yield made
