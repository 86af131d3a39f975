"""Every store finds the messages whose answer differs from its contract."""

from bus.core.errors import Fault
from bus.core.plan import PlannedDelivery
from bus.ports.history import Filter
from tests.store.samples import Sample, ended
from tests.support.stores import Store

DIFFERS = Fault("ANSWER_DIFFERS", details={"application": "rm", "contract": "", "problem": "-"})
ROOM = {"rm": 9, "wms": 9}


async def delivered(store: Store, *complaining: str) -> str:
    """A message that rm and wms said OK to, those that are named with something wrong."""
    sample = Sample()
    plans = tuple(PlannedDelivery(to, "customers", sent_uuid=sample.uuid) for to in ROOM)
    await store.journal.accept(sample.accepted(plans=plans))
    for claim in await store.journal.claim("worker", ROOM, 60.0):
        wrong = (DIFFERS, DIFFERS) if claim.delivery.destination in complaining else ()
        await store.journal.record(ended(claim, complaints=wrong))
    return sample.id


async def found(store: Store, chosen: Filter) -> list[str]:
    """The ids of the messages that a filter chooses."""
    return [message.id for message, _ in await store.history.messages(chosen)]


async def test_messages_whose_answer_differs_are_found(store: Store) -> None:
    """Once each, however much is wrong, and by the application that answered."""
    of_rm = await delivered(store, "rm")
    await delivered(store)
    of_wms = await delivered(store, "wms")

    assert sorted(await found(store, Filter(differs=True))) == sorted([of_rm, of_wms])
    assert await found(store, Filter(differs=True, destination="rm")) == [of_rm]
    assert await found(store, Filter(differs=True, destination="wms")) == [of_wms]
    assert await found(store, Filter(differs=True, destination="none")) == []
