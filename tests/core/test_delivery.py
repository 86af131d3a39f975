"""The life of a delivery, as its table has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.delivery import (
    AFTER_A_QUESTION,
    DELIVERY_TRANSITIONS,
    ENDED,
    FAILED,
    GONE,
    STATE_TEXTS,
    UNDER_WAY,
    IllegalStep,
    State,
    Step,
    advance,
)

BIRTHS = (State.WAITING, State.HELD)
"""The states in which deliveries are made."""
BY_A_PERSON = {Step.REPLAY, Step.UNBLOCK, Step.DISCARD}


def reached_from(state: State) -> set[State]:
    """Every state that steps lead to, the first one included."""
    reached, found = set[State](), [state]
    while found:
        here = found.pop()
        if here not in reached:
            reached.add(here)
            found += DELIVERY_TRANSITIONS[here].values()
    return reached


@pytest.mark.parametrize("step", Step)
def test_no_step_leaves_delivered(step: Step) -> None:
    """What the destination said OK to is finished for ever."""
    with pytest.raises(IllegalStep):
        advance(State.DELIVERED, step)


@pytest.mark.parametrize("step", Step)
def test_no_step_leaves_discarded(step: Step) -> None:
    """What was given up is sent again as a new message only."""
    with pytest.raises(IllegalStep):
        advance(State.DISCARDED, step)


def test_every_state_is_reached() -> None:
    """No state stands in the table that no delivery can come to."""
    assert set[State]().union(*(reached_from(birth) for birth in BIRTHS)) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state: State) -> None:
    """From wherever a delivery stands it can still leave its lane."""
    assert reached_from(state) & GONE


@pytest.mark.parametrize("step", Step)
def test_every_step_is_used(step: Step) -> None:
    """No step stands in the list that no state takes."""
    assert any(step in steps for steps in DELIVERY_TRANSITIONS.values())


def test_a_held_copy_is_released_withdrawn_or_discarded() -> None:
    """A copy that waits for a synchronous answer is never sent before its release (ADR 3)."""
    assert DELIVERY_TRANSITIONS[State.HELD] == {
        Step.RELEASE: State.WAITING,
        Step.WITHDRAW: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    }


def test_only_a_claim_leads_to_sending() -> None:
    """Nobody sends without the right to."""
    ways = {
        (state, step)
        for state, steps in DELIVERY_TRANSITIONS.items()
        for step, after in steps.items()
        if after is State.SENDING
    }

    assert ways == {(State.WAITING, Step.CLAIM)}


def test_a_doubt_ends_by_news_or_by_a_person() -> None:
    """The bus never sends an `unknown` again by itself, but where its destination was asked (S11)."""
    unasked = DELIVERY_TRANSITIONS[State.UNKNOWN].items() - AFTER_A_QUESTION.items()

    assert dict(unasked) == {
        Step.DELIVER: State.DELIVERED,
        Step.REFUSE: State.REFUSED,
        Step.REPLAY: State.WAITING,
        Step.DISCARD: State.DISCARDED,
    }


def test_only_news_and_the_worker_tell_that_it_was_delivered() -> None:
    """No person and no rule can say in the destination's name that it took a message."""
    tellers = {state for state, steps in DELIVERY_TRANSITIONS.items() if Step.DELIVER in steps}

    told = {State.SENDING, State.AWAITING_RESPONSE, State.UNKNOWN}
    assert tellers == told | {State.WAITING}  # where an earlier try is heard of late


@pytest.mark.parametrize("state", sorted(FAILED | {State.UNKNOWN, State.BLOCKED}))
def test_what_stopped_stays_until_a_person_or_a_newer_message_acts(state: State) -> None:
    """Failed, doubtful and blocked deliveries wait for somebody."""
    by_itself = set(DELIVERY_TRANSITIONS[state]) - BY_A_PERSON
    if state is State.UNKNOWN:
        by_itself -= set(AFTER_A_QUESTION)

    assert by_itself <= {Step.SUPERSEDE, Step.DELIVER, Step.REFUSE, Step.WITHDRAW}


def test_the_groups_share_out_the_states() -> None:
    """A delivery has ended, is under way, or nobody knows: one of the three."""
    assert ENDED | UNDER_WAY | {State.UNKNOWN} == set(State)
    assert not ENDED & UNDER_WAY
    assert State.UNKNOWN not in ENDED | UNDER_WAY
    assert ENDED >= FAILED | GONE


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words(state: State) -> None:
    """People read of each state in Portuguese and in English."""
    assert all(STATE_TEXTS[state])


def test_the_words_of_the_states_are_those_that_totvs_users_know() -> None:
    """The monitor of EAI has used these words for years."""
    assert {state: STATE_TEXTS[state].name.pt for state in State} == {
        State.HELD: "Retida",
        State.WAITING: "Aguardando execução",
        State.AWAITING_DEPARA: "Aguardando de-para",
        State.SENDING: "Executando",
        State.AWAITING_RESPONSE: "Aguardando resposta",
        State.DELIVERED: "Finalizada",
        State.REFUSED: "Falhou",
        State.DEAD: "Falhou",
        State.UNKNOWN: "Não entregue",
        State.BLOCKED: "Bloqueado",
        State.DISCARDED: "Dispensada",
    }


@given(steps=st.lists(st.sampled_from(Step), max_size=40), birth=st.sampled_from(BIRTHS))
def test_steps_lead_to_a_state_or_are_refused(steps: list[Step], birth: State) -> None:
    """Whatever is tried in whatever order, a refused step changes nothing and an end stays."""
    state = birth
    for step in steps:
        if step in DELIVERY_TRANSITIONS[state]:
            assert state not in GONE
            state = advance(state, step)
            assert state in State
        else:
            with pytest.raises(IllegalStep) as refused:
                advance(state, step)
            assert (refused.value.state, refused.value.step) == (state, step)
