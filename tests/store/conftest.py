"""Journals in files of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.semantics.journal")

from bus.store.sqlite import SqliteStore  # noqa: E402 - the assertions there are rewritten
from tests.support.clock import HandClock  # noqa: E402
from tests.support.stores import STORES, Store, StoreKind  # noqa: E402


@pytest.fixture
def clock() -> HandClock:
    """A clock that the test can set."""
    return HandClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the journal is kept."""
    return tmp_path / "bus.db"


@pytest.fixture
async def sqlite(file: Path, clock: HandClock) -> AsyncIterator[SqliteStore]:
    """A journal in a file."""
    store = await SqliteStore.open(file, clock)
    yield store
    await store.close()


@pytest.fixture(params=STORES, ids=lambda kind: kind.name)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[Store]:
    """A journal of each kind in turn."""
    kind: StoreKind = request.param
    opened = await kind.open(tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture(params=[kind for kind in STORES if kind.lasting], ids=lambda kind: kind.name)
def lasting(request: pytest.FixtureRequest) -> StoreKind:
    """Each kind of journal that can be closed and opened again."""
    kind: StoreKind = request.param
    return kind
