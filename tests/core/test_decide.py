"""When a delivery is tried again, and when the bus gives up."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.decide import (
    ALWAYS,
    ASK_AFTER,
    COSTS_ATTEMPT,
    MOST_QUESTIONS,
    RULES,
    SYNC_WAIT,
    Decision,
    Happening,
    Overdue,
    Rule,
    Situation,
    backoff,
    confirms,
    decide,
    decide_overdue,
    despite,
    settles,
)
from bus.core.delivery import DELIVERY_TRANSITIONS, Reason, State, Step
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import RetryPolicy

POLICY = RetryPolicy(attempts=3, first=5.0, factor=2.0, longest=60.0, jitter=0.0, max_age=1000.0)
FIRST_TRY = Situation(attempts=1, tries=1, age=0.0, safe_to_repeat=False)
SAFE = FIRST_TRY._replace(safe_to_repeat=True)
NOTHING_SENT = (Outcome.BUSY, Outcome.UNREACHABLE)


def _situation(**known: Any) -> Situation:
    """One of which just these are known: hypothesis makes up no others."""
    return Situation(**known)


outcomes = st.sampled_from(Outcome)
situations = st.builds(
    _situation,
    attempts=st.integers(0, 50),
    tries=st.integers(1, 500),
    age=st.floats(0, 1e7),
    safe_to_repeat=st.booleans(),
    time_left=st.none() | st.floats(-100, 100),
    outages=st.integers(1, 500),
    progressed=st.booleans(),
)
asking = st.builds(
    lambda now, **known: now._replace(**known),
    situations,
    asks=st.just(True),
    asked=st.integers(0, MOST_QUESTIONS),
    started=st.just(True),
)
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 20),
    first=st.floats(0.01, 100),
    factor=st.floats(1, 10),
    longest=st.floats(0.01, 10_000),
    jitter=st.floats(0, 1),
    max_age=st.floats(1, 1e7),
    longest_pause=st.floats(0.01, 1000),
)
chances = st.floats(0, 1, exclude_max=True)


def after(outcome: Outcome, now: Situation = FIRST_TRY, *, wish: float | None = None) -> Decision:
    """The decision by the policy of these tests, without chance."""
    return decide(Report(outcome, retry_after=wish), now, POLICY, chance=0.0)


# -- what each outcome means -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        (Outcome.DELIVERED, Step.DELIVER),
        (Outcome.RECEIVED, Step.AWAIT_RESPONSE),
        (Outcome.REFUSED, Step.REFUSE),
        (Outcome.BUSY, Step.POSTPONE),
        (Outcome.UNREACHABLE, Step.POSTPONE),
        (Outcome.UNKNOWN, Step.MARK_UNKNOWN),
    ],
)
def test_each_outcome_has_its_step(outcome: Outcome, step: Step) -> None:
    """What the destination said decides, where repeating is not safe."""
    assert after(outcome).step is step


@pytest.mark.parametrize("outcome", Outcome)
def test_busy_and_unreachable_cost_no_attempt(outcome: Outcome) -> None:
    """Nothing was processed, so nothing is counted against the delivery (S8)."""
    assert (outcome in COSTS_ATTEMPT) is (outcome not in {*NOTHING_SENT, Outcome.WITHHELD})


# -- unknown ---------------------------------------------------------------------------------------


def test_a_doubt_is_tried_again_where_that_is_safe() -> None:
    """Sending twice does no harm there, so nobody is asked."""
    assert after(Outcome.UNKNOWN, SAFE) == Decision(Step.POSTPONE, wait=5.0, trip=5.0, costs=True)


def test_a_doubt_is_buried_once_the_attempts_are_used_up() -> None:
    """The third of three attempts is the last; nobody is trying any more (ADR 11)."""
    assert after(Outcome.UNKNOWN, SAFE._replace(attempts=2)).step is Step.POSTPONE
    assert after(Outcome.UNKNOWN, SAFE._replace(attempts=3)).step is Step.GIVE_UP


def test_a_doubt_is_buried_by_age() -> None:
    """What is too old is given up, whatever attempts are left."""
    assert after(Outcome.UNKNOWN, SAFE._replace(age=1000.0)).step is Step.GIVE_UP


def test_a_doubt_that_is_not_safe_to_repeat_is_never_given_up() -> None:
    """It stays a doubt, which news or a person ends."""
    old = FIRST_TRY._replace(attempts=99, age=1e9)

    assert after(Outcome.UNKNOWN, old).step is Step.MARK_UNKNOWN


def test_a_safe_doubt_is_tried_again_while_a_sender_waits() -> None:
    """Within the deadline, soon; at the deadline it is a doubt, for something was sent (S12)."""
    assert after(Outcome.UNKNOWN, SAFE._replace(time_left=10.0)) == Decision(
        Step.POSTPONE, wait=SYNC_WAIT, trip=5.0, costs=True
    )
    assert after(Outcome.UNKNOWN, SAFE._replace(time_left=0.1)).step is Step.MARK_UNKNOWN


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.UNREACHABLE, Outcome.UNKNOWN])
def test_tries_while_a_sender_waits_are_bounded_and_grow(outcome: Outcome) -> None:
    """As many as the route's attempts, each wait longer than the one before (S12)."""
    policy = replace(POLICY, attempts=5)
    now = SAFE._replace(attempts=0, time_left=30.0)

    decisions = [
        decide(Report(outcome), now._replace(tries=tries), policy, 0.0) for tries in range(1, 6)
    ]

    assert [one.step for one in decisions[:4]] == [Step.POSTPONE] * 4
    assert [one.wait for one in decisions[:4]] == [SYNC_WAIT * 2**n for n in range(4)]
    ends = Step.MARK_UNKNOWN if outcome is Outcome.UNKNOWN else Step.WITHDRAW
    assert decisions[4].step is ends


@pytest.mark.parametrize("outcome", NOTHING_SENT)
@pytest.mark.parametrize(("wish", "step"), [(20.0, Step.POSTPONE), (40.0, Step.WITHDRAW)])
def test_a_wish_that_ends_after_the_deadline_is_told_at_once(
    outcome: Outcome, wish: float, step: Step
) -> None:
    """Retry-After is obeyed to the second, whether or not that is in time (S12)."""
    decision = after(outcome, FIRST_TRY._replace(attempts=0, time_left=30.0), wish=wish)

    assert decision.step is step
    assert decision.wait == (wish if step is Step.POSTPONE else 0.0)


@pytest.mark.parametrize("code", ["LOGIN_REFUSED_BY_RECEIVER", "CALL_NOT_UNDERSTOOD"])
def test_what_an_admin_must_mend_is_tried_once_while_a_sender_waits(code: str) -> None:
    """Nobody mends it within a deadline; without a sender that waits it is tried on (S12)."""
    report = Report(Outcome.BUSY, fault=Fault(code, details={"application": "rm"}))
    now = FIRST_TRY._replace(attempts=0)

    assert decide(report, now._replace(time_left=30.0), POLICY, 0.0).step is Step.WITHDRAW
    assert decide(report, now, POLICY, 0.0).step is Step.POSTPONE


# -- asking ----------------------------------------------------------------------------------------

ASKED = FIRST_TRY._replace(asks=True)


def test_a_doubt_that_nobody_may_repeat_is_asked_about() -> None:
    """At once, then after growing pauses."""
    waits = [after(Outcome.UNKNOWN, ASKED._replace(asked=asked)).wait for asked in range(8)]

    assert waits == [0.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 3600.0, 3600.0]
    assert after(Outcome.UNKNOWN, ASKED).step is Step.ASK


def test_what_was_asked_in_vain_is_a_person_s() -> None:
    """After the eighth question nobody asks any more."""
    enough = ASKED._replace(asked=MOST_QUESTIONS)

    assert after(Outcome.UNKNOWN, enough).step is Step.MARK_UNKNOWN
    assert decide_overdue(Overdue.QUESTION, enough).step is Step.MARK_UNKNOWN
    assert decide_overdue(Overdue.QUESTION, ASKED).step is Step.ASK


def test_pauses_between_questions_grow() -> None:
    """Who does not know yet is left alone."""
    assert list(ASK_AFTER) == sorted(ASK_AFTER)


def test_nobody_is_asked_where_repeating_is_safe() -> None:
    """It is sent again instead."""
    safe = SAFE._replace(asks=True, started=True)

    assert after(Outcome.UNKNOWN, safe).step is Step.POSTPONE
    assert decide_overdue(Overdue.LEASE, safe).step is Step.POSTPONE
    assert decide_overdue(Overdue.RESPONSE, safe).step is Step.MARK_UNKNOWN


@pytest.mark.parametrize("happened", [Overdue.LEASE, Overdue.RESPONSE])
def test_doubts_that_time_brings_are_asked_about_too(happened: Overdue) -> None:
    """A worker that is gone, and a response that never came."""
    assert decide_overdue(happened, ASKED._replace(started=True)).step is Step.ASK


@pytest.mark.parametrize(
    ("left", "attempts", "step"),
    [
        (None, 0, Step.POSTPONE),
        (10.0, 0, Step.POSTPONE),
        (0.0, 0, Step.WITHDRAW),
        (0.0, 1, Step.MARK_UNKNOWN),
    ],
)
def test_what_never_came_is_sent_again_unless_its_sender_was_told(
    left: float | None, attempts: int, *, step: Step
) -> None:
    """A caller that was told ERROR has it taken back; the application, which answers, is there."""
    now = ASKED._replace(asked=1, time_left=left, attempts=attempts)

    decision = after(Outcome.UNREACHABLE, now)

    assert (decision.step, decision.pause) == (step, None)


@given(outcome=outcomes, now=asking, policy=policies, chance=chances)
def test_whatever_a_destination_says_can_be_done(
    outcome: Outcome, now: Situation, policy: RetryPolicy, chance: float
) -> None:
    """A doubt can take every step that the answer to a question leads to."""
    unsafe = now._replace(safe_to_repeat=False)
    if outcome is Outcome.WITHHELD:  # nothing is withheld of a question
        return

    step = decide(Report(outcome), unsafe, policy, chance).step

    assert step in DELIVERY_TRANSITIONS[State.UNKNOWN]


# -- progress --------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", NOTHING_SENT)
def test_a_call_that_was_made_may_have_arrived(outcome: Outcome) -> None:
    """It is tried again, and goes on; at the deadline nobody says that nothing was sent (S12)."""
    begun = FIRST_TRY._replace(attempts=0, progressed=True)

    assert after(outcome, begun).step is Step.POSTPONE
    assert after(outcome, begun._replace(time_left=0.0)).step is Step.MARK_UNKNOWN
    late = begun._replace(time_left=0.0)
    assert decide_overdue(Overdue.DEADLINE, late).step is Step.MARK_UNKNOWN
    assert decide_overdue(Overdue.LEASE, late).step is Step.MARK_UNKNOWN


# -- nothing was sent ------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", NOTHING_SENT)
def test_nothing_sent_is_given_up_by_age_alone(outcome: Outcome) -> None:
    """A destination may be away for a long weekend; attempts do not count."""
    assert after(outcome, FIRST_TRY._replace(tries=10_000, age=999.0)).step is Step.POSTPONE
    assert after(outcome, FIRST_TRY._replace(age=1000.0)).step is Step.GIVE_UP


def test_the_usual_age_limit_is_three_days() -> None:
    """So that nothing is lost over a weekend."""
    assert RetryPolicy().max_age == 3 * 24 * 3600


def test_unreachable_pauses_the_application() -> None:
    """While it is away nothing else is tried, and the pauses grow with each outage."""
    assert after(Outcome.UNREACHABLE) == Decision(Step.POSTPONE, wait=5.0, pause=5.0)
    assert after(Outcome.UNREACHABLE, FIRST_TRY._replace(outages=2)).pause == 10.0
    assert after(Outcome.UNREACHABLE, FIRST_TRY._replace(outages=99)).pause == 60.0


def test_a_pause_is_kept_short_enough_to_notice_a_return() -> None:
    """Whatever the waits between attempts, an application is looked at again within the limit."""
    policy = replace(POLICY, longest=900.0, longest_pause=60.0)
    decision = decide(
        Report(Outcome.UNREACHABLE), FIRST_TRY._replace(tries=50, outages=50), policy, 0.0
    )

    assert decision.pause == decision.wait == 60.0


def test_busy_pauses_nothing() -> None:
    """The application is there; only this delivery comes back later."""
    assert after(Outcome.BUSY) == Decision(Step.POSTPONE, wait=5.0, trip=5.0)
    assert after(Outcome.BUSY, FIRST_TRY._replace(tries=3)).wait == 20.0


def test_a_wish_of_the_destination_is_respected_up_to_the_longest_wait() -> None:
    """Retry-After decides when busy, but cannot send a delivery away for a year."""
    assert after(Outcome.BUSY, wish=7.0).wait == 7.0
    assert after(Outcome.BUSY, wish=0.0).wait == 0.0
    assert after(Outcome.BUSY, wish=-3.0).wait == 0.0
    assert after(Outcome.BUSY, wish=1e9).wait == 60.0


@pytest.mark.parametrize("outcome", NOTHING_SENT)
def test_nothing_sent_is_tried_within_the_deadline_and_then_withdrawn(outcome: Outcome) -> None:
    """A synchronous sender is told that nothing was sent, and nothing will be (S12)."""
    first = FIRST_TRY._replace(attempts=0)

    assert after(outcome, first._replace(time_left=10.0)).wait == SYNC_WAIT
    assert after(outcome, first._replace(time_left=10.0)).step is Step.POSTPONE
    assert after(outcome, first._replace(time_left=0.2)).step is Step.WITHDRAW
    assert after(outcome, first._replace(time_left=-5.0)).step is Step.WITHDRAW


def test_an_unreachable_application_is_paused_though_a_sender_waits() -> None:
    """The others learn from it."""
    assert after(Outcome.UNREACHABLE, FIRST_TRY._replace(time_left=10.0)).pause == 5.0


# -- backoff ---------------------------------------------------------------------------------------


def test_waits_double_up_to_the_longest() -> None:
    """5, 10, 20, 40 and then 60 seconds."""
    assert [backoff(POLICY, n, 0.0) for n in (1, 2, 3, 4, 5, 6)] == [5, 10, 20, 40, 60, 60]


def test_chance_takes_away_a_share() -> None:
    """Deliveries that failed together do not come back together."""
    policy = replace(POLICY, jitter=0.2)

    assert backoff(policy, 1, 0.0) == 5.0
    assert backoff(policy, 1, 0.5) == 4.5


@given(policy=policies, failures=st.integers(1, 10**6), chance=chances)
def test_a_wait_is_never_negative_nor_longer_than_the_longest(
    policy: RetryPolicy, failures: int, chance: float
) -> None:
    """Any policy and any number of failures give a usable wait."""
    assert 0 <= backoff(policy, failures, chance) <= policy.longest


@given(policy=policies, failures=st.integers(1, 100))
def test_waits_never_shrink(policy: RetryPolicy, failures: int) -> None:
    """Without chance, each failure makes the next wait at least as long."""
    assert backoff(policy, failures, 0.0) <= backoff(policy, failures + 1, 0.0)


# -- what holds for every decision -----------------------------------------------------------------


@given(outcome=outcomes, now=situations, policy=policies, chance=chances)
def test_a_worker_can_take_every_decided_step(
    outcome: Outcome, now: Situation, policy: RetryPolicy, chance: float
) -> None:
    """Whatever happens, the table lets a delivery that is being sent take the step."""
    decision = decide(Report(outcome), now, policy, chance)

    assert decision.step in DELIVERY_TRANSITIONS[State.SENDING]
    assert decision.wait >= 0


@given(now=situations, policy=policies, chance=chances)
def test_a_doubt_that_is_not_safe_is_never_sent_again(
    now: Situation, policy: RetryPolicy, chance: float
) -> None:
    """Never silently twice: no situation makes the bus repeat it by itself (S11)."""
    unsafe = now._replace(safe_to_repeat=False)

    assert decide(Report(Outcome.UNKNOWN), unsafe, policy, chance).step is Step.MARK_UNKNOWN


@given(outcome=st.sampled_from(NOTHING_SENT), now=situations, policy=policies, chance=chances)
def test_what_a_waiting_sender_is_told_stays_true(
    outcome: Outcome, now: Situation, policy: RetryPolicy, chance: float
) -> None:
    """With no time left, nothing is ever postponed beyond the sender's ERROR (S12).

    Nor is it told that nothing was sent where an earlier try was, and nobody knows what came of it.
    """
    late = now._replace(time_left=0.0)

    step = decide(Report(outcome), late, policy, chance).step
    assert step is (Step.MARK_UNKNOWN if now.attempts or now.progressed else Step.WITHDRAW)


@given(outcome=outcomes, now=situations, policy=policies, chance=chances)
def test_only_unreachable_pauses(
    outcome: Outcome, now: Situation, policy: RetryPolicy, chance: float
) -> None:
    """An application that answers anything at all is not left alone."""
    pause = decide(Report(outcome), now, policy, chance).pause

    assert (pause is not None) is (outcome is Outcome.UNREACHABLE)


def test_what_has_no_way_to_its_reader_waits_for_nobody() -> None:
    """It is given up at once; a caller has nothing sent, or a doubt where an earlier try was."""
    report = Report(Outcome.WITHHELD, withheld=Reason.NO_WAY)
    sync = FIRST_TRY._replace(time_left=5.0)

    assert decide(report, FIRST_TRY, POLICY, 0.0).step is Step.GIVE_UP
    assert decide(report, sync._replace(attempts=0), POLICY, 0.0).step is Step.WITHDRAW
    assert decide(report, sync, POLICY, 0.0).step is Step.MARK_UNKNOWN
    assert decide(Report(Outcome.WITHHELD), FIRST_TRY, POLICY, 0.0).step is Step.AWAIT_DEPARA


def test_what_breaks_in_the_bus_is_tried_as_often_as_anything() -> None:
    """Later each time, then given up; a caller has nothing sent, or a doubt where a try was."""
    report = Report(Outcome.WITHHELD, withheld=Reason.BROKE)
    sync = FIRST_TRY._replace(time_left=5.0)
    first = decide(report, FIRST_TRY, POLICY, 0.0)
    second = decide(report, FIRST_TRY._replace(tries=2), POLICY, 0.0)
    used_up = FIRST_TRY._replace(tries=POLICY.attempts)

    assert (first.step, second.step, first.costs) == (Step.POSTPONE, Step.POSTPONE, False)
    assert first.wait < second.wait
    assert decide(report, used_up, POLICY, 0.0).step is Step.GIVE_UP
    assert decide(report, sync._replace(attempts=0), POLICY, 0.0).step is Step.WITHDRAW
    assert decide(report, sync, POLICY, 0.0).step is Step.MARK_UNKNOWN


# -- the table -------------------------------------------------------------------------------------

SITUATIONS = tuple(
    Situation(
        attempts=attempts,
        age=age,
        safe_to_repeat=safe,
        time_left=left,
        withheld=withheld,
        lacks_id=flag,
        more_ids=flag,
        started=flag,
        progressed=flag,
        asks=asks,
        confirmed=confirmed,
    )
    for attempts in (0, 1, 3)
    for age in (0.0, 2000.0)
    for safe in (False, True)
    for left in (None, 5.0, 0.0)
    for withheld in (
        Reason.ID_MISSING,
        Reason.NO_WAY,
        Reason.NOTHING_TO_DELETE,
        Reason.ECHO,
        Reason.MAYBE_ECHO,
        Reason.NOT_SHARED,
        Reason.NOT_PERMITTED,
        Reason.CLOSED,
        Reason.LEASE_EXPIRED,
        Reason.BROKE,
    )
    for flag in (False, True)
    for asks in (False, True)
    for confirmed in (False, True)
)
"""One of each kind."""


@pytest.mark.parametrize("at", range(len(RULES)), ids=lambda at: f"{RULES[at].happened}-{at}")
def test_every_rule_of_the_table_decides_something(at: int) -> None:
    """No rule hides behind those above it."""
    rule = RULES[at]
    above = [one for one in RULES[:at] if one.happened is rule.happened]

    decides = [
        now
        for now in SITUATIONS
        if rule.when.holds(now, POLICY) and not any(one.when.holds(now, POLICY) for one in above)
    ]

    assert decides


@pytest.mark.parametrize("happened", [*Outcome, *Overdue])
def test_whatever_happens_is_decided(happened: Happening) -> None:
    """The last rule about anything holds always."""
    (*_, last) = [rule for rule in RULES if rule.happened is happened]

    assert last.when is ALWAYS


STATE_WHEN: dict[Happening, State] = {
    Overdue.QUESTION: State.UNKNOWN,
    Overdue.RESPONSE: State.AWAITING_RESPONSE,
    Overdue.DEPARA: State.AWAITING_DEPARA,
    Overdue.DEADLINE: State.WAITING,
}
"""The state of a delivery that time ends; all else happens while it is sent."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.happened}-{rule.when.words}")
def test_a_rule_only_takes_steps_that_there_are(rule: Rule) -> None:
    """From the state that its delivery is in when it happens."""
    assert rule.step in DELIVERY_TRANSITIONS[STATE_WHEN.get(rule.happened, State.SENDING)]


@pytest.mark.parametrize(
    ("now", "step", "costs"),
    [
        (Situation(1, started=True), Step.MARK_UNKNOWN, False),
        (Situation(1, started=True, time_left=9.0), Step.MARK_UNKNOWN, False),
        (Situation(0, safe_to_repeat=True, time_left=-1.0), Step.MARK_UNKNOWN, False),
        (Situation(1, time_left=-1.0), Step.MARK_UNKNOWN, False),
        (Situation(0, time_left=0.0), Step.WITHDRAW, False),
        (Situation(0, time_left=9.0), Step.POSTPONE, False),
        (Situation(0), Step.POSTPONE, False),
        (Situation(1, started=True, safe_to_repeat=True), Step.POSTPONE, True),
    ],
)
def test_what_an_expired_lease_leads_to(now: Situation, *, step: Step, costs: bool) -> None:
    """What may have been sent and is not safe to repeat is unknown; else it is sent again (S10)."""
    decision = decide_overdue(Overdue.LEASE, now)

    assert (decision.step, decision.costs) == (step, costs)


def test_a_deadline_withdraws_only_what_was_never_sent() -> None:
    """Where an earlier try may have arrived nobody can promise that (S12)."""
    assert decide_overdue(Overdue.DEADLINE, Situation(0, time_left=0.0)).step is Step.WITHDRAW
    assert decide_overdue(Overdue.DEADLINE, Situation(1, time_left=0.0)).step is Step.MARK_UNKNOWN


@pytest.mark.parametrize("state", State)
def test_a_late_outcome_settles_a_doubt_or_what_would_be_sent_again(state: State) -> None:
    """Any OK does; a no only a doubt, where it is that of the last attempt (S10)."""
    unknown = state is State.UNKNOWN

    assert settles(state, Step.DELIVER, last=False) is (unknown or state is State.WAITING)
    assert settles(state, Step.REFUSE, last=True) is unknown
    assert not settles(state, Step.REFUSE, last=False)
    assert not settles(state, Step.POSTPONE, last=True)


@pytest.mark.parametrize("state", State)
def test_a_late_ok_says_how_a_try_under_way_ends(state: State) -> None:
    """It is not ended by it: the next of its lane leaves only when the try is over (S10)."""
    sending = state is State.SENDING

    assert confirms(state, Step.DELIVER) is sending
    assert not confirms(state, Step.REFUSE)
    assert not settles(State.SENDING, Step.DELIVER, last=False)


@pytest.mark.parametrize("step", Step)
def test_what_was_confirmed_is_delivered_whatever_comes_later(step: Step) -> None:
    """The destination has it: a refusal of the second try is that of a second try."""
    assert despite(step, confirmed=True) is Step.DELIVER
    assert despite(step, confirmed=False) is step


def test_a_lease_that_ends_after_an_ok_is_no_doubt() -> None:
    """Whatever became of the try, the one before it arrived."""
    confirmed = ASKED._replace(started=True, confirmed=True)

    assert decide_overdue(Overdue.LEASE, confirmed) == Decision(Step.DELIVER, Reason.NONE)


@pytest.mark.parametrize("time_left", [None, 5.0, 0.0])
def test_what_a_reader_never_had_is_not_deleted_there(time_left: float | None) -> None:
    """It is done with, whether or not a caller waits (D8)."""
    report = Report(Outcome.WITHHELD, withheld=Reason.NOTHING_TO_DELETE)

    step = decide(report, FIRST_TRY._replace(time_left=time_left), POLICY, 0.0).step

    assert step is Step.DISCARD


@pytest.mark.parametrize("outcome", Outcome)
def test_what_failed_though_it_was_answered_counts_against_the_application(
    outcome: Outcome,
) -> None:
    """Not where it was asked afterwards; the pause that many of them lead to grows (S18)."""
    trips = outcome in {Outcome.REFUSED, Outcome.BUSY, Outcome.UNKNOWN}

    assert after(outcome).trip == (5.0 if trips else None)
    assert after(outcome, FIRST_TRY._replace(outages=2)).trip == (10.0 if trips else None)
    assert after(outcome, FIRST_TRY._replace(asked=1)).trip is None
