"""Every store keeps when an effect is to be asked for, and what that came to."""

from pathlib import Path

from bus.core.delivery import State, Step
from bus.core.effect import EffectVerdict
from bus.core.errors import Fault
from bus.core.plan import PlannedDelivery
from bus.journal.commands import Claim
from bus.journal.effects import RecordEffect
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import DeliveryRow
from bus.ports.history import EffectStock, Filter
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock
from tests.support.stores import Store, StoreKind

AFTER = 300.0
LEASE = 60.0
RM = frozenset({"rm"})
ABSENT = Fault("EFFECT_ABSENT", details={"application": "rm", "ask": "Q 1.000", "owner": "ana"})
EFFECTS = {FactKind.EFFECT_CONFIRMED, FactKind.EFFECT_ABSENT, FactKind.EFFECT_NOT_CHECKABLE}


async def delivered(store: Store, after: float = AFTER) -> Sample:
    """A message that rm said OK to, whose effect is asked for after so long."""
    sample = Sample()
    plans = (PlannedDelivery("rm", "customers", sent_uuid=sample.uuid, check_after=after),)
    await store.journal.accept(sample.accepted(plans=plans))
    (claim,) = await store.journal.claim("worker", {"rm": 9}, LEASE)
    await store.journal.record(ended(claim))
    return sample


async def due(store: Store, room: int = 1) -> tuple[Claim, ...]:
    """What may be done at rm, with its effects."""
    return await store.journal.claim("worker", {"rm": room}, LEASE, checks=RM)


async def row(store: Store, sample: Sample) -> DeliveryRow:
    """The delivery as it stands."""
    trace = await store.history.trace(sample.id)
    assert trace is not None
    return trace.deliveries[0]


async def told(store: Store, sample: Sample) -> list[FactRow]:
    """The facts about its effect."""
    trace = await store.history.trace(sample.id)
    assert trace is not None
    return [fact for fact in trace.facts if fact.kind in EFFECTS]


async def test_it_is_due_so_long_after_the_ok(store: Store, clock: HandClock) -> None:
    """Once, for as long as whoever asks has the right to; then again, should they be gone."""
    sample = await delivered(store)

    assert await due(store) == ()
    clock.advance(AFTER)
    (claim,) = await due(store)
    assert (claim.checks, claim.asks, claim.delivery.message) == (True, False, sample.id)
    assert claim.delivery.state is State.DELIVERED
    assert await due(store) == ()
    clock.advance(LEASE)
    (again,) = await due(store)
    assert again.delivery.asked == claim.delivery.asked + 1


async def test_what_no_route_declares_is_never_due(store: Store, clock: HandClock) -> None:
    """Nothing is asked about it."""
    await delivered(store, after=0.0)
    clock.advance(86400.0)

    assert await due(store) == ()


async def test_what_is_to_be_sent_goes_first(store: Store, clock: HandClock) -> None:
    """It takes the room; where some is left, one effect is asked for beside it."""
    for _ in range(3):
        await delivered(store)
    clock.advance(AFTER)
    for _ in range(2):
        await store.journal.accept(Sample().accepted())

    assert [one.checks for one in await due(store, room=1)] == [False]
    assert [one.checks for one in await due(store, room=2)] == [False, True]
    assert [one.checks for one in await due(store, room=9)] == [True]


async def test_a_verdict_changes_no_state_and_is_a_fact(store: Store, clock: HandClock) -> None:
    """It is listed and counted as work until it is confirmed."""
    sample = await delivered(store)
    clock.advance(AFTER)
    (claim,) = await due(store)
    asked = RecordEffect(claim.delivery, EffectVerdict.ABSENT, ABSENT, asked="Q 1.000")
    after = await store.journal.record_effect(asked)

    assert (after.state, after.effect, after.due_at) == (
        State.DELIVERED,
        EffectVerdict.ABSENT,
        None,
    )
    (fact,) = await told(store, sample)
    assert (fact.kind, fact.step, fact.reason) == (FactKind.EFFECT_ABSENT, "", "EFFECT_ABSENT")
    listed = await store.history.messages(Filter(effect=EffectVerdict.ABSENT))
    assert [message.id for message, _ in listed] == [sample.id]
    assert await store.history.without_effect() == (
        EffectStock("customers", "CustomerVendor", EffectVerdict.ABSENT, 1),
    )

    await store.journal.record_effect(RecordEffect(after, EffectVerdict.CONFIRMED, actor="ana"))
    assert await store.history.without_effect() == ()
    assert [one.kind for one in await told(store, sample)] == [
        FactKind.EFFECT_ABSENT,
        FactKind.EFFECT_CONFIRMED,
    ]


async def test_without_a_verdict_it_is_due_again(store: Store, clock: HandClock) -> None:
    """Nothing is told of it."""
    sample = await delivered(store)
    clock.advance(AFTER)
    (claim,) = await due(store)
    await store.journal.record_effect(RecordEffect(claim.delivery, EffectVerdict.NONE, wait=AFTER))

    assert await due(store) == ()
    assert await told(store, sample) == []
    clock.advance(AFTER)
    assert len(await due(store)) == 1


async def test_news_of_a_question_that_was_put_again_is_none(
    store: Store, clock: HandClock
) -> None:
    """Whoever took so long that another asks has nothing to say."""
    sample = await delivered(store)
    clock.advance(AFTER)
    (late,) = await due(store)
    clock.advance(LEASE)
    await due(store)
    await store.journal.record_effect(RecordEffect(late.delivery, EffectVerdict.ABSENT, ABSENT))

    assert (await row(store, sample)).effect is EffectVerdict.NONE
    assert await told(store, sample) == []


async def test_a_person_s_question_leaves_those_that_are_due_alone(
    store: Store, clock: HandClock
) -> None:
    """Unless it confirms; and what is no news is no fact."""
    sample = await delivered(store)
    before = await row(store, sample)
    asked = RecordEffect(before, EffectVerdict.ABSENT, ABSENT, actor="ana")
    for _ in range(2):
        await store.journal.record_effect(asked)

    assert (await row(store, sample)).due_at == before.due_at
    assert len(await told(store, sample)) == 1
    await store.journal.record_effect(asked._replace(verdict=EffectVerdict.CONFIRMED))
    assert (await row(store, sample)).due_at is None
    clock.advance(AFTER)
    assert await due(store) == ()


async def test_what_was_not_delivered_has_no_effect(store: Store) -> None:
    """A refusal is no OK."""
    sample = Sample()
    plans = (PlannedDelivery("rm", "customers", sent_uuid=sample.uuid, check_after=AFTER),)
    await store.journal.accept(sample.accepted(plans=plans))
    (claim,) = await store.journal.claim("worker", {"rm": 9}, LEASE)
    await store.journal.record(ended(claim, Step.REFUSE))
    await store.journal.record_effect(
        RecordEffect(await row(store, sample), EffectVerdict.CONFIRMED, actor="ana")
    )

    refused = await row(store, sample)
    assert (refused.state, refused.due_at, refused.effect) == (
        State.REFUSED,
        None,
        EffectVerdict.NONE,
    )


async def test_when_it_is_due_outlives_the_process(
    lasting: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """It is in the journal, not in anybody's memory."""
    store = await lasting.open(tmp_path, clock)
    sample = await delivered(store)
    await store.close()
    clock.advance(AFTER)
    again = await lasting.open(tmp_path, clock)
    (claim,) = await due(again)
    await again.close()

    assert (claim.checks, claim.delivery.message) == (True, sample.id)


async def test_a_clock_that_was_ahead_puts_no_question_off(
    lasting: StoreKind, tmp_path: Path, clock: HandClock
) -> None:
    """The wait begins when the journal is opened by the right time, and is as long as meant."""
    clock.jump(86400.0)
    store = await lasting.open(tmp_path, clock)
    await delivered(store)
    await store.close()
    clock.jump(-86400.0)
    again = await lasting.open(tmp_path, clock)
    clock.advance(AFTER)
    (claim,) = await due(again)
    await again.close()

    assert claim.checks
