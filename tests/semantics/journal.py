"""The duties of the ports Journal and History, which every store must keep.

What the rules of lanes, repeats and answers demand is in the semantics suites, over a whole bus; this
is about the ports themselves. A test file runs it over its stores with a fixture `store`.
"""

import asyncio
from collections.abc import Iterable

import pytest

from bus.core.delivery import IllegalStep, State, Step
from bus.core.identity import Identity, RepeatVerdict
from bus.core.plan import PlannedDelivery
from bus.journal.commands import (
    Accepted,
    Claim,
    Confirm,
    Operate,
    Recorded,
    Rejected,
    Repeated,
    Unmatched,
)
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.ports.history import Filter, Stock, Trace
from tests.store.samples import FAULTS, Sample, ended
from tests.support.clock import HandClock
from tests.support.stores import Store

WORKER = "worker"
LEASE = 60.0
TABLES = ("facts", "messages", "deliveries", "lanes", "attempts", "answers", "bodies")


async def accepted(store: Store, *samples: Sample) -> None:
    """Has messages accepted, in their order."""
    for sample in samples:
        assert isinstance(await store.journal.accept(sample.accepted()), Accepted)


async def claimed(store: Store, room: int = 9, application: str = "rm") -> tuple[Claim, ...]:
    """What is due at an application, taken."""
    return await store.journal.claim(WORKER, {application: room}, LEASE)


async def told(store: Store, message: str) -> Trace:
    """The trace of a message that there is."""
    trace = await store.history.trace(message)
    assert trace is not None
    return trace


async def state(store: Store, sample: Sample) -> State:
    """How the first delivery of a message stands."""
    return (await told(store, sample.id)).deliveries[0].state


async def rows(store: Store, table: str) -> list[tuple[object, ...]]:
    """All rows of a table."""
    return [row async for row in await store.history.audit(table)]


async def listed(store: Store, chosen: Filter) -> list[str]:
    """The ids that a filter chooses."""
    return [message.id for message, _ in await store.history.messages(chosen)]


def ids(samples: Iterable[Sample]) -> list[str]:
    """The ids of messages, newest first."""
    return sorted((sample.id for sample in samples), reverse=True)


class JournalDuties:
    """What a journal records, and answers."""

    async def test_what_was_accepted_is_there(self, store: Store) -> None:
        """When the call returns, whoever asks sees message, body, deliveries and fact."""
        sample = Sample(destinations=("rm", "omie"), body=b"<as received/>\x00\xff")

        result = await store.journal.accept(sample.accepted())

        assert isinstance(result, Accepted)
        trace = await told(store, sample.id)
        assert trace.message == result.message
        assert trace.deliveries == result.deliveries
        assert [one.destination for one in trace.deliveries] == ["rm", "omie"]
        assert [fact.kind for fact in trace.facts] == [FactKind.ACCEPTED]
        assert await store.history.body(sample.id) == sample.body

    async def test_a_repeat_is_told_and_plans_nothing(self, store: Store) -> None:
        """It names the earlier message."""
        first, again = Sample(uuid="same"), Sample(uuid="same")
        await accepted(store, first)

        result = await store.journal.accept(again.accepted())

        assert isinstance(result, Repeated)
        assert result.verdict is RepeatVerdict.JOIN
        assert result.message.id == first.id
        assert await store.history.trace(again.id) is None

    async def test_of_two_at_once_one_is_the_repeat(self, store: Store) -> None:
        """The insert decides, not a look before it."""
        twins = [Sample(uuid="same", code="same") for _ in range(8)]

        results = await asyncio.gather(*(store.journal.accept(one.accepted()) for one in twins))

        assert [type(result) for result in results].count(Accepted) == 1

    async def test_a_rejected_message_is_kept_with_its_faults(self, store: Store) -> None:
        """So that its sender can be shown what it sent."""
        sample = Sample()

        result = await store.journal.reject(sample.rejected())

        assert isinstance(result, Rejected)
        trace = await told(store, sample.id)
        assert trace.message.state is MessageState.REJECTED
        assert trace.message.faults == FAULTS
        assert await store.history.body(sample.id) == sample.body

    async def test_a_worker_that_asks_for_it_gets_the_delivery_at_once(self, store: Store) -> None:
        """Accepting and claiming are one commit."""
        sample = Sample()
        asked = sample.accepted(worker=WORKER, claims=frozenset({"rm"}))

        result = await store.journal.accept(asked)

        assert isinstance(result, Accepted)
        assert [claim.delivery.worker for claim in result.claims] == [WORKER]
        assert await claimed(store) == ()

    async def test_claims_bring_message_and_body_and_respect_the_room(self, store: Store) -> None:
        """The longest due first."""
        samples = [Sample() for _ in range(5)]
        await accepted(store, *samples)

        claims = await claimed(store, room=3)

        assert [claim.message.id for claim in claims] == [one.id for one in samples[:3]]
        assert all(claim.body == Sample.body for claim in claims)
        assert len(await claimed(store)) == 2

    async def test_only_the_head_of_a_lane_is_due(self, store: Store) -> None:
        """The next becomes due in the commit that ends it."""
        first, second = Sample(code="same"), Sample(code="same")
        await accepted(store, first, second)
        (claim,) = await claimed(store)

        result = await store.journal.record(ended(claim))

        assert isinstance(result, Recorded)
        assert [row.message for row in result.moved] == [first.id, second.id]
        assert [claim.message.id for claim in await claimed(store)] == [second.id]

    async def test_nothing_starts_without_its_lease(self, store: Store, clock: HandClock) -> None:
        """A worker that slept too long may not send."""
        await accepted(store, Sample(), Sample())
        timely, late = await claimed(store)
        assert await store.journal.start(timely)

        clock.advance(LEASE + 1)

        assert not await store.journal.start(late)

    async def test_a_lease_that_ran_out_ends_with_the_next_claim(
        self, store: Store, clock: HandClock
    ) -> None:
        """Started: nobody knows what came of it. Not started: it waits again."""
        started, idle = Sample(), Sample()
        await accepted(store, started, idle)
        claims = await claimed(store)
        await store.journal.start(claims[0])
        clock.advance(LEASE + 1)

        again = await claimed(store) + await claimed(store)

        assert await state(store, started) is State.UNKNOWN
        assert [claim.message.id for claim in again] == [idle.id]

    async def test_the_end_of_an_attempt_is_kept_with_its_answer(self, store: Store) -> None:
        """What the destination said, byte for byte."""
        sample = Sample()
        await accepted(store, sample)
        (claim,) = await claimed(store)
        await store.journal.start(claim)

        await store.journal.record(ended(claim, raw=b"HTTP/1.1 200 OK\x00\xfe"))

        trace = await told(store, sample.id)
        assert trace.deliveries[0].state is State.DELIVERED
        assert [attempt.answer for attempt in trace.attempts] == [b"HTTP/1.1 200 OK\x00\xfe"]
        assert [answer.body for answer in trace.answers] == [b"<ResponseMessage/>"]

    async def test_a_response_finds_its_delivery_by_what_the_destination_saw(
        self, store: Store
    ) -> None:
        """By the sender's UUID or ours; the newest; only of that destination."""
        older, newer = Sample(uuid="1", content="a"), Sample(uuid="1", content="b")
        ours = Sample(uuid="1", content="c")
        for one in (older, newer):
            await store.journal.accept(one.accepted(identity=None))
        plan = PlannedDelivery("rm", "customers", sent_uuid=ours.id)
        await store.journal.accept(ours.accepted(identity=None, plans=(plan,)))
        await claimed(store)

        by_theirs = await store.history.sent_as("rm", "1")
        by_ours = await store.history.sent_as("rm", ours.id)

        assert by_theirs
        assert by_theirs.message == newer.id
        assert by_ours
        assert by_ours.message == ours.id
        assert await store.history.sent_as("omie", "1") is None

    async def test_a_response_ends_only_what_its_sender_was_sent(self, store: Store) -> None:
        """Of a message for others it knows nothing."""
        sample = Sample(uuid="1")
        await store.journal.accept(sample.accepted())
        await claimed(store)

        of_another = await store.journal.settle(Sample(sender="omie").settling(sample.id))
        of_none = await store.journal.settle(Sample(sender="rm").settling("no such message"))

        assert of_another == of_none == Unmatched()
        assert (await told(store, sample.id)).deliveries[0].state is State.SENDING

    async def test_what_may_still_be_told_goes_before_what_is_newer(self, store: Store) -> None:
        """A UUID that was sent again: the response is about the one that has none yet."""
        open_, ended_ = Sample(uuid="1", content="a"), Sample(uuid="1", content="b")
        for one in (open_, ended_):
            await store.journal.accept(one.accepted(identity=None))
        await claimed(store)
        await store.journal.settle(Sample(sender="rm").settling(ended_.id))

        found = await store.history.sent_as("rm", "1")

        assert found
        assert found.message == open_.id

    async def test_a_response_that_was_heard_is_a_repeat(self, store: Store) -> None:
        """Also one that comes in the same moment; what it was about need not be there any more."""
        sample, heard = Sample(uuid="1"), Identity("rm/heard/1")
        await store.journal.accept(sample.accepted())
        await claimed(store)
        first, again, later = (Sample(sender="rm", uuid="r") for _ in range(3))

        results = await asyncio.gather(
            *(
                store.journal.settle(one.settling(sample.id, identity=heard))
                for one in (first, again)
            )
        )
        gone = await store.journal.settle(later.settling("no such message", identity=heard))

        assert isinstance(results[0], Recorded)
        for repeat in (results[1], gone):
            assert isinstance(repeat, Repeated)
            assert (repeat.message.id, repeat.verdict) == (first.id, RepeatVerdict.STORED)
        assert await store.history.trace(again.id) is None

    async def test_what_raises_has_recorded_nothing(self, store: Store) -> None:
        """A step that the table of deliveries does not have."""
        sample = Sample()
        await accepted(store, sample)
        before = await told(store, sample.id)

        with pytest.raises(IllegalStep):
            await store.journal.act(Operate(sample.id, Step.UNBLOCK))

        assert await told(store, sample.id) == before


class HistoryDuties:
    """What a history finds."""

    async def test_a_message_is_found_by_its_id_and_by_its_uuid(self, store: Store) -> None:
        """A sender's UUID may repeat: all are found, the newest first."""
        first, second = Sample(uuid="1", content="a"), Sample(uuid="1", content="b")
        for one in (first, second):
            await store.journal.accept(one.accepted(identity=None))

        assert [row.id for row in await store.history.find(first.id)] == [first.id]
        assert [row.id for row in await store.history.find("1")] == [second.id, first.id]
        assert await store.history.find("unknown") == ()

    async def test_many_messages_are_found_at_once_with_their_deliveries(
        self, store: Store
    ) -> None:
        """By ids and UUIDs in any mixture, each once, the newest first."""
        first, second = Sample(uuid="1", content="a"), Sample(uuid="1", content="b")
        third, other = Sample(), Sample()
        for one in (first, second, third, other):
            await store.journal.accept(one.accepted(identity=None))

        found = await store.history.standings(["1", third.id, third.uuid, "unknown"])

        assert [message.id for message, _ in found] == [third.id, second.id, first.id]
        for message, deliveries in found:
            assert deliveries == (await told(store, message.id)).deliveries
        assert await store.history.standings([]) == ()

    async def test_of_what_is_not_there_nothing_is_told(self, store: Store) -> None:
        """Neither a trace nor a body."""
        assert await store.history.trace("unknown") is None
        assert await store.history.body("unknown") is None

    async def test_what_waits_for_its_turn_tells_what_it_waits_behind(self, store: Store) -> None:
        """The head of its lane, of what document that is, and what its last try met."""
        stopped, *behind, elsewhere = (Sample() for _ in range(4))
        document = {"document": "order/7"}
        await store.journal.accept(stopped.accepted(**document, own_document="request/1"))
        for one in behind:
            await store.journal.accept(one.accepted(**document))
        await store.journal.accept(elsewhere.accepted())
        claims = await claimed(store)
        mine = next(one for one in claims if one.delivery.message == stopped.id)
        await store.journal.record(ended(mine, Step.REFUSE, fault=FAULTS[0]))

        rows = [row for one in behind for row in (await told(store, one.id)).deliveries]
        ahead = await store.history.ahead([*rows, *(await told(store, stopped.id)).deliveries])

        assert [(one.message, one.number) for one in ahead] == [(one.id, 1) for one in behind]
        for found in ahead:
            assert (found.head.message, found.head.state) == (stopped.id, State.REFUSED)
            assert (found.head_message.about, found.fault) == ("request/1", FAULTS[0])
        assert (await told(store, behind[0].id)).ahead == ahead[:1]
        assert (await told(store, stopped.id)).ahead == ()
        assert (await told(store, elsewhere.id)).ahead == ()

    async def test_what_people_confirm_stands_until_it_is_taken_back(self, store: Store) -> None:
        """Of one rule of one application the newest word; the facts keep them all."""
        first = await store.journal.confirm(Confirm("rm", "T-57", "Ana", "looked"))
        other = await store.journal.confirm(Confirm("omie", "T-57", "Ana"))
        again = await store.journal.confirm(Confirm("rm", "T-57", "Bia"))
        gone = await store.journal.confirm(Confirm("rm", "T-74", "Bia"))
        await store.journal.confirm(Confirm("rm", "T-74", "Ana", "not after all", withdrawn=True))

        assert set(await store.history.confirmations()) == {again, other}
        assert (first.by, first.note, first.rule) == ("Ana", "looked", "T-57")
        facts = [FactRow._make(row) async for row in await store.history.audit("facts")]
        assert [(one.kind, one.actor, one.reason, one.data["rule"]) for one in facts] == [
            (FactKind.CONFIRMED, "Ana", "looked", "T-57"),
            (FactKind.CONFIRMED, "Ana", "", "T-57"),
            (FactKind.CONFIRMED, "Bia", "", "T-57"),
            (FactKind.CONFIRMED, "Bia", "", "T-74"),
            (FactKind.WITHDRAWN, "Ana", "not after all", "T-74"),
        ]
        assert gone.at < facts[-1].at

    async def test_listings_are_chosen_by_every_field(self, store: Store) -> None:
        """Alone and together; a destination and a state are those of one delivery."""
        plain = Sample()
        elsewhere = Sample(sender="datasul", transaction="Item", destinations=("omie",))
        stopped = Sample(destinations=("omie", "rm"), code="SEARCHED")
        refused = Sample()
        await accepted(store, plain, elsewhere, stopped)
        await store.journal.reject(refused.rejected())
        _, claim = await claimed(store, application="omie")
        await store.journal.record(ended(claim, Step.REFUSE))

        everything = ids([plain, elsewhere, stopped, refused])
        assert await listed(store, Filter()) == everything
        for chosen, expected in (
            (Filter(transaction="item"), [elsewhere]),
            (Filter(sender="datasul"), [elsewhere]),
            (Filter(destination="omie"), [elsewhere, stopped]),
            (Filter(destination="rm", sender="protheus"), [plain, stopped]),
            (Filter(state=State.REFUSED), [stopped]),
            (Filter(state=State.WAITING), [plain, stopped]),
            (Filter(state=State.SENDING), [elsewhere]),
            (Filter(state=State.DELIVERED), []),
            (Filter(state="rejected"), [refused]),
            (Filter(destination="rm", state=State.REFUSED), []),
            (Filter(destination="omie", state=State.REFUSED), [stopped]),
            (Filter(key="SEARCHED"), [stopped]),
            (Filter(key="SEARCHED", sender="datasul"), []),
            (Filter(key="unknown"), []),
            (Filter(sender="datasul", transaction="CustomerVendor"), []),
        ):
            assert await listed(store, chosen) == ids(expected), chosen

    async def test_listings_have_the_deliveries_of_each_message(self, store: Store) -> None:
        """All of them, whichever was asked for."""
        sample = Sample(destinations=("omie", "rm"))
        await accepted(store, sample)

        ((message, deliveries),) = await store.history.messages(Filter(destination="rm"))

        assert message.id == sample.id
        assert [one.destination for one in deliveries] == ["omie", "rm"]

    @pytest.mark.parametrize("chosen", [Filter(limit=2), Filter(limit=2, destination="rm")])
    async def test_listings_are_read_page_by_page(self, store: Store, chosen: Filter) -> None:
        """Each goes on below the last id of the one before."""
        samples = [Sample() for _ in range(5)]
        await accepted(store, *samples)

        found: list[str] = []
        page = await listed(store, chosen)
        while page:
            assert len(page) <= chosen.limit
            found += page
            page = await listed(
                store, Filter(limit=2, destination=chosen.destination, before=page[-1])
            )

        assert found == ids(samples)

    async def test_listings_are_bounded_in_time(self, store: Store, clock: HandClock) -> None:
        """From a moment on, and up to another."""
        samples = []
        for _ in range(3):
            samples.append(Sample())
            await accepted(store, samples[-1])
            clock.advance(3 * 86_400)
        (middle,) = await store.history.find(samples[1].id)

        since = await listed(store, Filter(since=middle.received_at))
        until = await listed(store, Filter(until=middle.received_at))
        later = await listed(store, Filter(since=middle.received_at, sender="protheus"))

        assert since == later == ids(samples[1:])
        assert until == ids(samples[:1])

    async def test_the_stock_is_what_is_not_gone(self, store: Store) -> None:
        """Counted by rule, transaction and state, with the age of the oldest."""
        first, second, done = Sample(), Sample(), Sample()
        await accepted(store, done)
        (claim,) = await claimed(store)
        await store.journal.record(ended(claim))
        await accepted(store, first, second)

        (stock,) = await store.history.stock()

        (message,) = await store.history.find(first.id)
        oldest = message.received_at
        assert stock == Stock("customers", "CustomerVendor", State.WAITING, 2, oldest)

    async def test_what_is_unfinished_is_counted_by_application(self, store: Store) -> None:
        """What waits, what is under way and what stopped; not what is gone, nor of others."""
        done, going = Sample(), Sample()
        await accepted(store, done)
        (claim,) = await claimed(store)
        await store.journal.record(ended(claim))
        assert await store.history.unfinished(["protheus", "rm"]) == {}
        await accepted(store, going, Sample(), Sample())
        await claimed(store)

        (row,) = [row for _, rows in await store.history.standings([going.id]) for row in rows]

        assert await store.history.unfinished([row.destination, "other"]) == {row.destination: 3}
        assert await store.history.unfinished([]) == {}

    async def test_every_table_can_be_read_through(self, store: Store) -> None:
        """More rows than are read at once, each once."""
        samples = [Sample() for _ in range(40)]
        await accepted(store, *samples)
        for claim in await claimed(store, room=40):
            await store.journal.record(ended(claim))

        counts = {table: len(await rows(store, table)) for table in TABLES}

        assert counts.pop("facts") >= 3 * len(samples)
        assert set(counts.values()) == {len(samples)}
        messages = await rows(store, "messages")
        assert sorted(MessageRow._make(row).id for row in messages) == sorted(ids(samples))
        deliveries = await rows(store, "deliveries")
        assert {DeliveryRow._make(row).state for row in deliveries} == {State.DELIVERED}

    async def test_a_configuration_is_recorded_when_it_differs(self, store: Store) -> None:
        """With who did it and a fact; the newest is the first."""
        await store.history.configurations("routes: []", "admin")
        await store.history.configurations("routes: []", "somebody")

        versions = await store.history.configurations("routes: [one]", "admin")

        assert [(one.number, one.text, one.actor) for one in versions] == [
            (2, "routes: [one]", "admin"),
            (1, "routes: []", "admin"),
        ]
        assert await store.history.configurations() == versions
        assert [row[1] for row in await rows(store, "facts")] == [FactKind.CONFIGURED] * 2
