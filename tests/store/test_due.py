"""What is due at an application is chosen as its room is shared, in every store."""

from bus.journal.commands import ClaimShare
from tests.semantics.journal import LEASE, WORKER
from tests.store.samples import Sample
from tests.support.stores import Store


async def accepted(store: Store, *transactions: str, **changes: object) -> list[str]:
    """Has messages of these transactions accepted, in their order: their ids."""
    samples = [Sample(transaction=name) for name in transactions]
    for sample in samples:
        await store.journal.accept(sample.accepted(**changes))
    return [sample.id for sample in samples]


async def claimed(store: Store, room: int, share: ClaimShare) -> list[str]:
    """The ids of what is taken for `rm`, in its order."""
    claims = await store.journal.claim(WORKER, {"rm": room}, LEASE, shares={"rm": share})
    return [claim.message.id for claim in claims]


async def test_callers_go_first_and_others_take_no_more_than_their_part(store: Store) -> None:
    """However long the others have been due."""
    others = await accepted(store, *["Item"] * 4)
    callers = await accepted(store, *["Item"] * 2, deadline=30.0, answering=1)

    assert await claimed(store, 4, ClaimShare(others=1)) == [*callers, others[0]]
    assert await claimed(store, 4, ClaimShare(others=0)) == []
    assert await claimed(store, 9, ClaimShare()) == others[1:]


async def test_no_more_of_a_transaction_is_taken_than_it_may_be(store: Store) -> None:
    """The next are of others, in any letter case, however many of it are due before them."""
    items = await accepted(store, "Item", "ITEM", "Item", "item")
    (unit,) = await accepted(store, "UnitOfMeasure")
    (currency,) = await accepted(store, "Currency")

    share = ClaimShare(each=1, left={"currency": 0, "item": 2})
    assert await claimed(store, 9, share) == [*items[:2], unit]
    full = ClaimShare(each=1, left={"item": 0})
    assert await claimed(store, 1, full) == [currency]
    assert await claimed(store, 9, full) == []
    assert await claimed(store, 9, ClaimShare()) == items[2:]


async def test_what_is_full_is_full_for_callers_too(store: Store) -> None:
    """They go before the others that may be sent."""
    await accepted(store, "Item", deadline=30.0, answering=1)
    units = await accepted(store, "UnitOfMeasure", "UnitOfMeasure")
    (caller,) = await accepted(store, "Currency", deadline=30.0, answering=1)

    share = ClaimShare(others=1, each=9, left={"item": 0})
    assert await claimed(store, 3, share) == [caller, units[0]]
