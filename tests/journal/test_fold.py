"""The fold of facts: what they alone say of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.delivery import DELIVERY_TRANSITIONS, Kind, State, Step
from bus.journal.facts import UNREADABLE, FactKind, FactRow
from bus.journal.fold import FoldedMessage, Illegal, ToldDelivery, bit
from bus.journal.rows import MessageState

WORKER = "worker"
BY_A_WORKER = tuple(DELIVERY_TRANSITIONS[State.SENDING])


def fact(kind: FactKind, number: int = 0, step: str = "", **changes: object) -> FactRow:
    """A fact about the one message of these tests."""
    row = FactRow(0, kind, "message", number, 0, step, WORKER, "")
    return row._replace(**changes)  # type: ignore[arg-type]


def accepted(*states: State, lane: str = "lane") -> FactRow:
    """The acceptance of a message, with a delivery for each state of birth."""
    planned = [[n, f"app{n}", lane, n if lane else 0, state] for n, state in enumerate(states, 1)]
    return fact(FactKind.ACCEPTED, data={"planned": planned, "body": "its hash"})


def ended(step: Step, attempt: int = 1, number: int = 1, actor: str = WORKER) -> FactRow:
    """The end of an attempt."""
    return fact(FactKind.ENDED, number, step, attempt=attempt, actor=actor)


def moved(step: Step, **data: object) -> FactRow:
    """A step of the first delivery that no attempt brought."""
    return fact(FactKind.STATE_CHANGED, 1, step, data=data)


def story_of(*facts: FactRow) -> FoldedMessage:
    """What facts tell."""
    story = FoldedMessage()
    for one in facts:
        story.tell(one)
    return story


def first(*facts: FactRow) -> ToldDelivery:
    """The delivery of a message that was accepted with one, after more facts."""
    story = story_of(accepted(State.WAITING), *facts)
    assert story.illegal == ()
    return story.deliveries[0]


def test_an_acceptance_tells_the_deliveries_and_the_hash() -> None:
    """As they were planned: number, destination, lane, place, state."""
    story = story_of(accepted(State.WAITING, State.HELD))

    assert story.arrival is MessageState.ACCEPTED
    assert story.body_hash == "its hash"
    assert story.deliveries == (
        ToldDelivery(1, Kind.COPY, "app1", "lane", 1, State.WAITING),
        ToldDelivery(2, Kind.COPY, "app2", "lane", 2, State.HELD),
    )


def test_arrivals_and_repeats_are_counted() -> None:
    """Each is one that was received."""
    story = story_of(fact(FactKind.REJECTED), fact(FactKind.REPEATED), fact(FactKind.REPEATED))

    assert (story.arrival, story.arrivals, story.repeats) == (MessageState.REJECTED, 1, 2)


@pytest.mark.parametrize("step", BY_A_WORKER)
def test_a_step_of_a_worker_implies_its_claim(step: Step) -> None:
    """Claims are not facts."""
    assert first(ended(step)).state is DELIVERY_TRANSITIONS[State.SENDING][step]


@pytest.mark.parametrize("step", BY_A_WORKER)
def test_what_follows_a_lost_lease_is_a_step_of_a_worker(step: Step) -> None:
    """The delivery was claimed, or it had no lease to lose."""
    told = first(fact(FactKind.LEASE_EXPIRED, 1, attempt=1), moved(step))

    assert told.state is DELIVERY_TRANSITIONS[State.SENDING][step]


def test_a_move_implies_no_claim() -> None:
    """Nobody but a worker takes what waits for a worker's end."""
    story = story_of(accepted(State.WAITING), moved(Step.REFUSE))

    assert story.illegal == (Illegal(1, State.WAITING, Step.REFUSE),)
    assert story.deliveries[0].state is State.WAITING


def test_an_attempt_that_began_is_under_way_until_it_ends() -> None:
    """It is the newest."""
    beginning = fact(FactKind.STARTED, 1, attempt=2)

    assert first(beginning).under_way == 2
    assert first(beginning, ended(Step.POSTPONE, attempt=2)).under_way == 0


def test_a_lost_lease_ends_only_what_began() -> None:
    """Of an attempt that never began there is no row."""
    lost = fact(FactKind.LEASE_EXPIRED, 1, attempt=1)

    assert first(fact(FactKind.STARTED, 1, attempt=1), lost, moved(Step.MARK_UNKNOWN)).ended == 0b10
    assert first(lost, moved(Step.POSTPONE)).ended == 0


def test_the_news_of_a_destination_ends_no_attempt_of_a_worker() -> None:
    """The worker will tell of its own."""
    told = first(ended(Step.DELIVER, actor="app1"))

    assert (told.heard, told.ended, told.state) == (0b10, 0, State.DELIVERED)


def test_late_news_moves_nothing() -> None:
    """It is kept, and the attempt has ended."""
    told = first(fact(FactKind.LATE_OUTCOME, 1, Step.DELIVER, attempt=3))

    assert (told.state, told.ended) == (State.WAITING, 0b1000)


def test_a_replay_gives_a_place() -> None:
    """At the end of the lane, where that has gone on."""
    story = story_of(accepted(State.WAITING), ended(Step.REFUSE))

    assert story.tell(moved(Step.REPLAY, lane="lane", seq=7)) == story.deliveries
    assert story.deliveries[0].seq == 7


def test_a_replay_in_its_place_gives_none() -> None:
    """It has it."""
    story = story_of(accepted(State.WAITING), ended(Step.REFUSE))

    assert story.tell(moved(Step.REPLAY, lane="lane", seq=1)) == ()


def test_what_is_superseded_may_lose_its_place() -> None:
    """To the correction that stands for it."""
    assert first(ended(Step.REFUSE), moved(Step.SUPERSEDE, by="another")).superseded


def test_an_answer_is_given_with_its_delivery() -> None:
    """Planned in the same commit, before it."""
    planned = fact(FactKind.PLANNED, 2, data={"planned": [[2, "origin", "", 0, "waiting"]]})
    answered = fact(FactKind.ANSWERED, 1)
    story = story_of(accepted(State.WAITING), ended(Step.DELIVER), planned, answered)

    assert (story.answer, story.answer_by) == (1, 2)
    assert [one.kind for one in story.deliveries] == [Kind.COPY, Kind.ANSWER]

    story.tell(answered)

    assert (story.answer, story.answer_by) == (1, 0)


@pytest.mark.parametrize(
    ("answering", "steps", "decided"),
    [
        (1, {1: Step.REFUSE}, True),
        (2, {1: Step.REFUSE}, False),
        (0, {1: Step.REFUSE}, False),
        (0, {1: Step.REFUSE, 2: Step.DELIVER}, True),
        (1, {1: Step.MARK_UNKNOWN}, False),
    ],
)
def test_deliveries_decide_the_answer(
    answering: int, steps: dict[int, Step], decided: bool
) -> None:
    """The answering one alone, or all together; unknown decides nothing."""
    ends = [ended(step, number=number) for number, step in steps.items()]
    story = story_of(accepted(State.WAITING, State.WAITING), *ends)

    assert story.decided(answering) is decided


def test_without_copies_nothing_is_decided() -> None:
    """There is nothing to wait for, either."""
    assert not story_of(accepted()).decided(0)


def test_a_delivery_that_was_never_planned_is_named_once() -> None:
    """Whatever happens to it."""
    story = story_of(
        accepted(State.WAITING), ended(Step.DELIVER, number=2), ended(Step.REFUSE, number=2)
    )

    assert story.unplanned == (2,)


@pytest.mark.parametrize(
    "broken",
    [
        accepted()._replace(data={UNREADABLE: "{"}),
        fact(FactKind.REJECTED)._replace(data={UNREADABLE: "{"}),
        accepted()._replace(data={}),
        accepted()._replace(data={"planned": 1}),
        accepted()._replace(data={"planned": [[1]]}),
        accepted()._replace(data={"planned": [[1, "app", "lane", "x", "waiting"]]}),
        fact(FactKind.ENDED, 1, "no such step"),
        moved(Step.REPLAY),
    ],
)
def test_a_fact_that_cannot_be_read_is_counted(broken: FactRow) -> None:
    """A journal that somebody damaged is told of, not a reason to fail."""
    story = story_of(accepted(State.WAITING), ended(Step.REFUSE), broken)

    assert story.unreadable == 1


@pytest.mark.parametrize("number", [-1, 0, 1 << 60])
def test_numbers_that_cannot_be_are_none(number: int) -> None:
    """They would need more memory than there is."""
    assert bit(number) == 0


def test_facts_of_another_day_are_passed_over() -> None:
    """Notes, and kinds that a newer bus wrote."""
    story = story_of(fact(FactKind.NOTED, 1), fact(FactKind.NOTED)._replace(kind="new kind"))

    assert story == FoldedMessage()


@given(
    st.lists(st.tuples(st.sampled_from(FactKind), st.sampled_from(["", *Step]), st.integers(0, 3)))
)
def test_any_facts_are_folded(facts: list[tuple[FactKind, str, int]]) -> None:
    """Each delivery stands in a state that its steps lead to, and no step leaves `delivered`."""
    story, finished = story_of(accepted(State.WAITING, State.HELD)), set[int]()
    for kind, step, number in facts:
        story.tell(fact(kind, number, step, data={"lane": "lane", "seq": 9, "planned": []}))
        gone = {one.number for one in story.deliveries if one.state is State.DELIVERED}
        assert finished <= gone
        finished = gone
