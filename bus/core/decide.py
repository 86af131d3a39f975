"""Everything that is decided about a delivery: sent, tried again, waited for, given up, unknown.

One table, `RULES`: something happened to a delivery; of the rules about it the first whose
condition holds gives the step, and why. Who claims, sends and records (`bus.engine.attempt`,
`bus.journal`) only carries it out. `docs/life-of-a-message.md` shows the table, written there by
`make docs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bus.core.delivery import Reason, State, Step
from bus.core.errors import Owner
from bus.core.outcome import Outcome, Report
from bus.core.route import OnFailure, RetryPolicy

SYNC_WAIT = 0.25
"""Seconds until the second try while a synchronous sender waits; later waits grow."""

ASK_AFTER = (0.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds until a destination is asked what became of a message: after none, one, two questions."""
MOST_QUESTIONS = 8
"""Questions about one doubt, the one at once included: what no answer has ended is a person's."""

TRIPS = frozenset({Outcome.REFUSED, Outcome.BUSY, Outcome.UNKNOWN})
"""Outcomes of which many in a row tell that an application is not as it should be (S18)."""

COSTS_ATTEMPT = frozenset({Outcome.UNKNOWN, Outcome.REFUSED, Outcome.DELIVERED, Outcome.RECEIVED})
"""Outcomes that count against `RetryPolicy.attempts`; busy and unreachable cost none (S8)."""


class Overdue(StrEnum):
    """What happens to a delivery by time alone. The comment is the meaning."""

    LEASE = "lease expired"  # its worker is gone
    QUESTION = "question due"  # nobody knows what came of it, and its destination is to be asked
    RESPONSE = "no response"  # the destination has it, and never said what came of it
    DEPARA = "id never came"  # it waited for an id as long as its reader allows
    DEADLINE = "deadline"  # a synchronous sender gives up
    STUCK = "stuck behind a doubt"  # a sender waits behind what only a person ends


Happening = Outcome | Overdue


class Situation(NamedTuple):
    """What a decision depends on, beside what happened.

    `attempts` counts those that cost, this one included if it does; `tries` counts all since it was
    last sent anew, by its sender or a person; `age` is in seconds since acceptance; `time_left` is
    what remains until a synchronous sender must be answered (None: asynchronous); `outages` is how
    often in a row the application was unreachable, this time included. `lacks_id`: the reader said
    which id of ours its own de-para lacks; `more_ids`: another of several ids is still to get its
    message; `started`: the attempt was committed as begun; `progressed`: a call of several was
    recorded as made. `asks`: its destination can be asked what became of it, which was done `asked`
    times. `confirmed`: an OK to an earlier try was heard while this one was under way. `withheld`
    and `retry_after` are those of the report, and `needs_admin` tells that by its fault only an
    admin can help.
    """

    attempts: int
    tries: int = 1
    age: float = 0.0
    safe_to_repeat: bool = False
    time_left: float | None = None
    outages: int = 1
    withheld: Reason = Reason.NONE
    lacks_id: bool = False
    more_ids: bool = False
    started: bool = False
    progressed: bool = False
    asks: bool = False
    asked: int = 0
    confirmed: bool = False
    needs_admin: bool = False
    retry_after: float | None = None

    @property
    def synchronous(self) -> bool:
        """Whether a sender waits."""
        return self.time_left is not None

    @property
    def askable(self) -> bool:
        """Whether only the destination can say what became of it, and it may still be asked."""
        return self.asks and not self.safe_to_repeat and self.asked < MOST_QUESTIONS

    @property
    def maybe_sent(self) -> bool:
        """Whether an earlier try, or a call of this one, may have arrived."""
        return self.attempts > 0 or self.progressed


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a delivery: a step, why, and its consequences.

    `wait` is seconds until the next try (POSTPONE) or question (ASK); `pause` is seconds for
    which nothing else is sent to the application, None where it may go on; `trip` the same where it
    is one failure too many in a row, None where it is none. `costs` tells that it counts as an
    attempt.
    """

    step: Step
    reason: Reason = Reason.FAULT
    wait: float = 0.0
    pause: float | None = None
    trip: float | None = None
    costs: bool = False


# -- conditions: the words stand in the table of the docs ------------------------------------------


class Condition(NamedTuple):
    """When a rule applies, in words and as a test."""

    words: str
    holds: Callable[[Situation, RetryPolicy], bool]


ALWAYS = Condition("always", lambda *_: True)
MORE_IDS = Condition("another of several ids is to get its message", lambda now, _: now.more_ids)
LACKS_ID = Condition(
    "its reader named an id that it lacks, and nobody waits",
    lambda now, _: now.lacks_id and not now.synchronous,
)
NEEDLESS = Condition(
    "its reader never had what it deletes",
    lambda now, _: now.withheld is Reason.NOTHING_TO_DELETE,
)
ECHO = Condition(
    "it is the echo of what its reader sent", lambda now, _: now.withheld is Reason.ECHO
)
NOT_SHARED = Condition(
    "its group does not share it", lambda now, _: now.withheld is Reason.NOT_SHARED
)
NOT_PERMITTED = Condition(
    "its sender may not do this in its group",
    lambda now, _: now.withheld is Reason.NOT_PERMITTED,
)
MAYBE_ECHO_IN_TIME = Condition(
    "it may be an echo, which the end of another delivery tells, and a sender waits long enough",
    lambda now, policy: (
        _may_echo(now) and _while_waiting(now, policy) < _time_for_more(now, policy)
    ),
)
MAYBE_ECHO_TOO_OLD = Condition(
    "it may be an echo, and is too old",
    lambda now, policy: _may_echo(now) and now.age >= policy.max_age,
)
MAYBE_ECHO = Condition(
    "it may be an echo, which the end of another delivery tells", lambda now, _: _may_echo(now)
)
MAYBE_SENT = Condition(
    "a sender waits, and an earlier try may have arrived",
    lambda now, _: now.synchronous and now.maybe_sent,
)
SYNC = Condition("a sender waits", lambda now, _: now.synchronous)
NO_WAY = Condition(
    "it has no way into its reader's version", lambda now, _: now.withheld is Reason.NO_WAY
)
NOT_NOW = Condition(
    "its reader is closed, or its lease was over before it began",
    lambda now, _: now.withheld in {Reason.CLOSED, Reason.LEASE_EXPIRED},
)
BROKE_ENOUGH = Condition(
    "the bus failed to make it, and it was tried as often as it may be or is too old",
    lambda now, policy: _broke(now) and (now.tries >= policy.attempts or now.age >= policy.max_age),
)
BROKE = Condition("the bus failed to make it", lambda now, _: _broke(now))
EARLIER_TRY = Condition("an earlier try may have arrived", lambda now, _: now.maybe_sent)
ASKABLE = Condition(
    "repeating is not safe, and its destination can be asked (again)", lambda now, _: now.askable
)
UNSAFE = Condition("repeating is not safe", lambda now, _: not now.safe_to_repeat)
IN_TIME = Condition(
    "a sender waits, tries are left, the next comes in time, and no admin is needed first",
    lambda now, policy: _while_waiting(now, policy) < _time_for_more(now, policy),
)
CONFIRMED = Condition("an OK to an earlier try was heard meanwhile", lambda now, _: now.confirmed)
EXHAUSTED = Condition(
    "its attempts are used up, or it is too old",
    lambda now, policy: now.attempts >= policy.attempts or now.age >= policy.max_age,
)
TOO_OLD = Condition("it is too old", lambda now, policy: now.age >= policy.max_age)
BEGUN_ASKABLE = Condition(
    "it had begun, repeating is not safe, and its destination can be asked",
    lambda now, _: now.started and now.askable,
)
BEGUN_UNSAFE = Condition(
    "it had begun, and repeating is not safe",
    lambda now, _: now.started and not now.safe_to_repeat,
)
LATE_SAFE = Condition(
    "the sender has given up, and it may have been sent",
    lambda now, _: _is_late(now) and now.safe_to_repeat,
)
LATE_MAYBE_SENT = Condition(
    "the sender has given up, and an earlier try may have arrived",
    lambda now, _: _is_late(now) and now.maybe_sent,
)
LATE = Condition("the sender has given up", lambda now, _: _is_late(now))


def _is_late(now: Situation) -> bool:
    return now.time_left is not None and now.time_left <= 0


def _may_echo(now: Situation) -> bool:
    return now.withheld is Reason.MAYBE_ECHO


def _broke(now: Situation) -> bool:
    return now.withheld is Reason.BROKE


# -- waits -----------------------------------------------------------------------------------------

Wait = Callable[[Situation, RetryPolicy, float], float]
"""Seconds until the next try; the last argument is chance, in [0, 1)."""


def backoff(policy: RetryPolicy, failures: int, chance: float) -> float:
    """Seconds to wait after the given number of failures (1 or more); chance is in [0, 1)."""
    longest = min(policy.first * policy.factor ** min(failures - 1, 64), policy.longest)
    return longest * (1 - policy.jitter * chance)


def _at_once(*_: object) -> float:
    return 0.0


def _as_wished(now: Situation, *_: object) -> float:
    return max(now.retry_after or 0.0, 0.0)


def _while_waiting(now: Situation, policy: RetryPolicy, _: float = 0.0) -> float:
    """As the destination wishes, else a moment that grows with every try."""
    if now.retry_after is not None:
        return max(now.retry_after, 0.0)
    return min(SYNC_WAIT * policy.factor ** min(now.tries - 1, 64), policy.longest)


def _time_for_more(now: Situation, policy: RetryPolicy) -> float:
    """Seconds in which another try may help a waiting sender; 0 where none is to be made."""
    if now.time_left is None or now.needs_admin or now.tries >= policy.attempts:
        return 0.0
    return now.time_left


def _by_questions(now: Situation, *_: object) -> float:
    """At once, then longer with every question."""
    return ASK_AFTER[min(now.asked, len(ASK_AFTER) - 1)]


def _by_attempts(now: Situation, policy: RetryPolicy, chance: float) -> float:
    return backoff(policy, now.attempts, chance)


def _by_tries(now: Situation, policy: RetryPolicy, chance: float) -> float:
    """As the destination wishes, else longer with every try."""
    if now.retry_after is not None:
        return min(max(now.retry_after, 0.0), policy.longest)
    return backoff(policy, now.tries, chance)


def _by_outages(now: Situation, policy: RetryPolicy, chance: float) -> float:
    return min(backoff(policy, now.outages, chance), policy.longest_pause)


# -- the table -------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """When this happened and the condition holds: this step, for this reason, after this wait."""

    happened: Happening
    when: Condition
    step: Step
    reason: Reason = Reason.FAULT
    wait: Wait = _at_once


RULES: tuple[Rule, ...] = (
    Rule(Outcome.DELIVERED, MORE_IDS, Step.POSTPONE, Reason.NONE),
    Rule(Outcome.DELIVERED, ALWAYS, Step.DELIVER, Reason.NONE),
    Rule(Outcome.RECEIVED, ALWAYS, Step.AWAIT_RESPONSE, Reason.NONE),
    Rule(Outcome.REFUSED, LACKS_ID, Step.AWAIT_DEPARA),
    Rule(Outcome.REFUSED, ALWAYS, Step.REFUSE),
    Rule(Outcome.WITHHELD, NEEDLESS, Step.DISCARD, Reason.NOTHING_TO_DELETE),
    Rule(Outcome.WITHHELD, ECHO, Step.DISCARD, Reason.ECHO),
    Rule(Outcome.WITHHELD, NOT_SHARED, Step.DISCARD, Reason.NOT_SHARED),
    Rule(Outcome.WITHHELD, NOT_PERMITTED, Step.DISCARD, Reason.NOT_PERMITTED),
    Rule(Outcome.WITHHELD, MAYBE_ECHO_IN_TIME, Step.POSTPONE, wait=_while_waiting),
    Rule(Outcome.WITHHELD, MAYBE_SENT, Step.MARK_UNKNOWN),
    Rule(Outcome.WITHHELD, SYNC, Step.WITHDRAW, Reason.WITHDRAWN),
    Rule(Outcome.WITHHELD, NOT_NOW, Step.POSTPONE, wait=_as_wished),
    Rule(Outcome.WITHHELD, MAYBE_ECHO_TOO_OLD, Step.GIVE_UP),
    Rule(Outcome.WITHHELD, MAYBE_ECHO, Step.POSTPONE, wait=_by_tries),
    Rule(Outcome.WITHHELD, NO_WAY, Step.GIVE_UP),
    Rule(Outcome.WITHHELD, BROKE_ENOUGH, Step.GIVE_UP),
    Rule(Outcome.WITHHELD, BROKE, Step.POSTPONE, wait=_by_tries),
    Rule(Outcome.WITHHELD, ALWAYS, Step.AWAIT_DEPARA),
    Rule(Outcome.UNKNOWN, ASKABLE, Step.ASK, wait=_by_questions),
    Rule(Outcome.UNKNOWN, UNSAFE, Step.MARK_UNKNOWN),
    Rule(Outcome.UNKNOWN, IN_TIME, Step.POSTPONE, wait=_while_waiting),
    Rule(Outcome.UNKNOWN, SYNC, Step.MARK_UNKNOWN),
    Rule(Outcome.UNKNOWN, EXHAUSTED, Step.GIVE_UP, Reason.RETRIES_EXHAUSTED),
    Rule(Outcome.UNKNOWN, ALWAYS, Step.POSTPONE, wait=_by_attempts),
    Rule(Outcome.BUSY, IN_TIME, Step.POSTPONE, wait=_while_waiting),
    Rule(Outcome.BUSY, MAYBE_SENT, Step.MARK_UNKNOWN),
    Rule(Outcome.BUSY, SYNC, Step.WITHDRAW, Reason.WITHDRAWN),
    Rule(Outcome.BUSY, TOO_OLD, Step.GIVE_UP, Reason.RETRIES_EXHAUSTED),
    Rule(Outcome.BUSY, ALWAYS, Step.POSTPONE, wait=_by_tries),
    Rule(Outcome.UNREACHABLE, IN_TIME, Step.POSTPONE, wait=_while_waiting),
    Rule(Outcome.UNREACHABLE, MAYBE_SENT, Step.MARK_UNKNOWN),
    Rule(Outcome.UNREACHABLE, SYNC, Step.WITHDRAW, Reason.WITHDRAWN),
    Rule(Outcome.UNREACHABLE, TOO_OLD, Step.GIVE_UP, Reason.RETRIES_EXHAUSTED),
    Rule(Outcome.UNREACHABLE, ALWAYS, Step.POSTPONE, wait=_by_outages),
    Rule(Overdue.LEASE, CONFIRMED, Step.DELIVER, Reason.NONE),
    Rule(Overdue.LEASE, BEGUN_ASKABLE, Step.ASK, Reason.LEASE_EXPIRED),
    Rule(Overdue.LEASE, BEGUN_UNSAFE, Step.MARK_UNKNOWN, Reason.LEASE_EXPIRED),
    Rule(Overdue.LEASE, LATE_SAFE, Step.MARK_UNKNOWN, Reason.LEASE_EXPIRED),
    Rule(Overdue.LEASE, LATE_MAYBE_SENT, Step.MARK_UNKNOWN, Reason.OUTCOME_UNKNOWN),
    Rule(Overdue.LEASE, LATE, Step.WITHDRAW, Reason.WITHDRAWN),
    Rule(Overdue.LEASE, ALWAYS, Step.POSTPONE, Reason.LEASE_EXPIRED),
    Rule(Overdue.QUESTION, ASKABLE, Step.ASK),
    Rule(Overdue.QUESTION, ALWAYS, Step.MARK_UNKNOWN),
    Rule(Overdue.RESPONSE, ASKABLE, Step.ASK, Reason.NO_RESPONSE),
    Rule(Overdue.RESPONSE, ALWAYS, Step.MARK_UNKNOWN, Reason.NO_RESPONSE),
    Rule(Overdue.DEPARA, ALWAYS, Step.GIVE_UP, Reason.DEPARA_TIMEOUT),
    Rule(Overdue.DEADLINE, EARLIER_TRY, Step.MARK_UNKNOWN, Reason.OUTCOME_UNKNOWN),
    Rule(Overdue.DEADLINE, ALWAYS, Step.WITHDRAW, Reason.WITHDRAWN),
    Rule(Overdue.STUCK, EARLIER_TRY, Step.MARK_UNKNOWN, Reason.OUTCOME_UNKNOWN),
    Rule(Overdue.STUCK, ALWAYS, Step.WITHDRAW, Reason.WITHDRAWN),
)


def decide(report: Report, now: Situation, policy: RetryPolicy, chance: float) -> Decision:
    """Say what a report, of an attempt or of a question, means for its delivery."""
    if report.fault or report.withheld or report.retry_after is not None:
        needs_admin = report.fault is not None and report.fault.owner is Owner.ADMIN
        now = now._replace(
            withheld=report.withheld, retry_after=report.retry_after, needs_admin=needs_admin
        )
    rule = _rule(report.outcome, now, policy)
    pause = trip = None
    if report.outcome is Outcome.UNREACHABLE and not now.asked:  # who answers is there
        pause = _by_outages(now, policy, chance)
    elif report.outcome in TRIPS and not now.asked:
        trip = _by_outages(now, policy, chance)
    wait = rule.wait(now, policy, chance) if rule.step in {Step.POSTPONE, Step.ASK} else 0.0
    costs = report.outcome in COSTS_ATTEMPT
    return Decision(rule.step, rule.reason, wait, pause, trip, costs=costs)


def decide_overdue(happened: Overdue, now: Situation) -> Decision:
    """Say what becomes of a delivery whose time is over.

    A lease that expired costs an attempt where repeating is safe: there nothing tells whether it
    had begun.
    """
    rule = _rule(happened, now, RetryPolicy())
    costs = happened is Overdue.LEASE and now.safe_to_repeat and rule.step is Step.POSTPONE
    return Decision(rule.step, rule.reason, costs=costs)


def _rule(happened: Happening, now: Situation, policy: RetryPolicy) -> Rule:
    rules = (rule for rule in RULES if rule.happened is happened)
    return next(rule for rule in rules if rule.when.holds(now, policy))


def is_a_persons(state: State, *, asked_again: bool) -> bool:
    """Whether only a person ends what nobody knows of: its destination is asked no more."""
    return state is State.UNKNOWN and not asked_again


# -- late outcomes ---------------------------------------------------------------------------------


def settles(state: State, step: Step, *, last: bool) -> bool:
    """Whether a late outcome ends a delivery that nobody is sending.

    Any OK ends an `unknown`, and what would only be sent again; a no of the last try an `unknown`.
    """
    if step is Step.DELIVER:
        return state in {State.UNKNOWN, State.WAITING}
    return state is State.UNKNOWN and step is Step.REFUSE and last


def confirms(state: State, step: Step) -> bool:
    """Whether a late outcome says how a delivery ends that is being sent: an OK does.

    It does not end it: what is under way must have arrived before the next of its lane leaves.
    """
    return state is State.SENDING and step is Step.DELIVER


def despite(step: Step, *, confirmed: bool) -> Step:
    """The step of an attempt; whatever it says, the destination has what it confirmed."""
    return Step.DELIVER if confirmed else step


# -- what a delivery that ended does to its lane ---------------------------------------------------

LANE_AFTER: dict[Step, OnFailure] = {
    Step.DELIVER: OnFailure.CONTINUE,
    Step.WITHDRAW: OnFailure.CONTINUE,  # its sender knows (S12)
    Step.GIVE_UP: OnFailure.HOLD,  # what may replace it has done so by now: the others wait
}
"""What time alone does behind a head that it ends."""
