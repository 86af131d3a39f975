"""When a delivery is tried again, and when the bus gives up."""

from __future__ import annotations

from dataclasses import dataclass

from bus.core.delivery import Step
from bus.core.outcome import Outcome, Report
from bus.core.route import RetryPolicy


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision after an attempt depends on, beside the report.

    `attempts` counts those that cost, this one included if it does; `tries` counts all; `age` is in
    seconds since acceptance; `time_left` is what remains until a synchronous sender must be
    answered (None: asynchronous); `outages` is how often in a row the application was unreachable,
    this time included.
    """

    attempts: int
    tries: int
    age: float
    safe_to_repeat: bool
    time_left: float | None = None
    outages: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens after an attempt: a step of the delivery, and its consequences.

    `wait` is seconds until the next try (for POSTPONE); `pause` is seconds for which nothing else
    is sent to the application, None where it may go on.
    """

    step: Step
    wait: float = 0.0
    pause: float | None = None


COSTS_ATTEMPT = frozenset({Outcome.UNKNOWN, Outcome.REFUSED, Outcome.DELIVERED, Outcome.RECEIVED})
"""Outcomes that count against `RetryPolicy.attempts`; busy and unreachable cost none (S8)."""

NEVER_THERE = "NOTHING_TO_DELETE"
"""The code of a delete whose reader never had what it deletes (D8)."""
NO_WAY = frozenset({"VERSION_NOT_ACCEPTED", "TRANSFORMATION_INVALID"})
"""Codes of messages that have no way into their reader's version: no time mends that."""
SYNC_WAIT = 0.25
"""Seconds between tries while a synchronous sender waits."""


def backoff(policy: RetryPolicy, failures: int, chance: float) -> float:
    """Seconds to wait after the given number of failures (1 or more); chance is in [0, 1)."""
    longest = min(policy.first * policy.factor ** min(failures - 1, 64), policy.longest)
    return longest * (1 - policy.jitter * chance)


def decide(report: Report, now: Situation, policy: RetryPolicy, chance: float) -> Decision:
    """Say what a report means for its delivery."""
    match report.outcome:
        case Outcome.DELIVERED:
            return Decision(Step.DELIVER)
        case Outcome.RECEIVED:
            return Decision(Step.AWAIT_RESPONSE)
        case Outcome.REFUSED:
            return Decision(Step.REFUSE)
        case Outcome.WITHHELD:
            return _after_withheld(report, now)
        case Outcome.UNKNOWN:
            return _after_unknown(now, policy, chance)
        case Outcome.BUSY | Outcome.UNREACHABLE:
            return _after_nothing_sent(report, now, policy, chance)


def _after_withheld(report: Report, now: Situation) -> Decision:
    """Nothing to delete: done with. An id is missing: wait for it, but never synchronously (D9).

    No way into the reader's version: given up at once.
    """
    code = report.fault.code if report.fault else ""
    if code == NEVER_THERE:
        return Decision(Step.DISCARD)
    if now.time_left is None:
        return Decision(Step.GIVE_UP if code in NO_WAY else Step.AWAIT_DEPARA)
    return Decision(Step.MARK_UNKNOWN if now.attempts else Step.WITHDRAW)


def _after_unknown(now: Situation, policy: RetryPolicy, chance: float) -> Decision:
    if not now.safe_to_repeat:
        return Decision(Step.MARK_UNKNOWN)
    if now.time_left is not None:
        return _within_deadline(now.time_left, otherwise=Step.MARK_UNKNOWN)
    if now.attempts >= policy.attempts or now.age >= policy.max_age:
        return Decision(Step.GIVE_UP)
    return Decision(Step.POSTPONE, wait=backoff(policy, now.attempts, chance))


def _after_nothing_sent(
    report: Report, now: Situation, policy: RetryPolicy, chance: float
) -> Decision:
    wait, pause = backoff(policy, now.tries, chance), None
    if report.retry_after is not None:
        wait = min(max(report.retry_after, 0.0), policy.longest)
    if report.outcome is Outcome.UNREACHABLE:
        wait = pause = min(backoff(policy, now.outages, chance), policy.longest_pause)
    if now.time_left is not None:
        # An earlier try may have arrived: then "nothing was sent" would not be true.
        in_vain = Step.MARK_UNKNOWN if now.attempts else Step.WITHDRAW
        after = _within_deadline(now.time_left, otherwise=in_vain)
        return Decision(after.step, after.wait, pause)
    if now.age >= policy.max_age:
        return Decision(Step.GIVE_UP, pause=pause)
    return Decision(Step.POSTPONE, wait=wait, pause=pause)


def _within_deadline(time_left: float, otherwise: Step) -> Decision:
    if time_left > SYNC_WAIT:
        return Decision(Step.POSTPONE, wait=SYNC_WAIT)
    return Decision(otherwise)
