"""What waits is listed page by page, newest first, wherever it stands among the others."""

import pytest

from bus.core.delivery import State
from bus.ports.history import Filter
from tests.semantics.journal import accepted, claimed, ids, listed
from tests.store.samples import Sample, ended
from tests.support.stores import Store

ORDERS = ("wwwww", "wwddddd", "dddwww", "wdwdwddw", "wwddwdddddw", "")
"""The oldest first: what waits, and what is delivered."""


@pytest.mark.parametrize("order", ORDERS)
async def test_what_waits_is_listed_whoever_came_since(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """Among the newest, behind them, and partly so: each page is full but the last."""
    monkeypatch.setattr("bus.store.search.NEWEST", 3)
    samples = [Sample(destinations=("rm" if one == "w" else "wms",)) for one in order]
    await accepted(store, *samples)
    for claim in await claimed(store, 99, "wms"):
        await store.journal.record(ended(claim))
    expected = ids(one for one, kind in zip(samples, order, strict=True) if kind == "w")

    for limit in (1, 2, 9):
        pages: list[list[str]] = []
        before = ""
        while page := await listed(store, Filter(state=State.WAITING, before=before, limit=limit)):
            pages.append(page)
            before = page[-1]
        whole = [expected[at : at + limit] for at in range(0, len(expected), limit)]
        assert pages == whole, limit
