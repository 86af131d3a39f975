"""What an attempt leads to: the step that is decided, and all that is recorded with it (S8)."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bus.core.contract import Lifecycle
from bus.core.decide import COSTS_ATTEMPT, Decision, Situation, decide
from bus.core.delivery import Kind, Reason, Step
from bus.core.envelope import Envelope, Status
from bus.core.errors import Fault
from bus.core.fault_texts import MAP_IT
from bus.core.known_faults import mapping_of
from bus.core.learning import NOTHING_LEARNT
from bus.core.outcome import Outcome, Report
from bus.core.plan import on_failure_of
from bus.core.route import OnFailure, RetryPolicy
from bus.engine.answers import AS_IT_CAME, Answers, Back
from bus.engine.translate import UNKNOWN_THERE, Prepared, Translator, wanted_there
from bus.journal.commands import Claim, OriginAnswer, RecordAttempt
from bus.journal.rows import MICROSECONDS, answers_caller
from bus.ports.adapter import Parcel
from bus.ports.ports import Ports

MOST_UNREAD = 64 * 1024
"""Bytes that are kept of an answer that nobody could read."""
NOT_PREPARED = Prepared()


class SendResult(NamedTuple):
    """What came of sending: the report, how long it took (s), and whose message it was."""

    report: Report
    took: float
    envelope: Envelope
    prepared: Prepared = NOT_PREPARED
    said: bytes = b""
    """The ResponseMessage that the report speaks of."""
    back: Back = AS_IT_CAME
    """What the origin's answer has in place of the destination's ids."""
    parcel: Parcel | None = None
    """What was sent, where something was."""
    asked: int = 0
    """How often the destination was asked what became of it."""
    complaints: tuple[Fault, ...] = ()
    """What its answer has wrong."""

    @property
    def progressed(self) -> bool:
        """Whether a call of several is recorded as made."""
        return bool(self.parcel and self.parcel.progress.done)


class Consequences:
    """Turns what happened to a delivery into what is recorded of it."""

    def __init__(self, ports: Ports, answers: Answers, translator: Translator) -> None:
        self._contracts = ports.contracts
        self._clock = ports.clock
        self._deployment = ports.deployment
        self._asks = ports.asks
        self._answers = answers
        self._translator = translator

    async def of(self, claim: Claim, sent: SendResult) -> RecordAttempt:
        """Turn what happened into a step of the delivery and all that goes with it."""
        report, delivery = sent.report, claim.delivery
        route = self._deployment().route(delivery.rule.split(",")[0])
        missing = sent.prepared.translation.wanted or wanted_there(sent.prepared, report)
        now = self._situation(claim, sent, lacks_id=bool(missing))
        policy = route.retry if route else RetryPolicy()
        decision = decide(report, now, policy, self._clock.chance())
        application = self._deployment().applications.get(delivery.destination)
        teaches = delivery.kind is Kind.COPY and report.outcome is Outcome.DELIVERED
        return RecordAttempt(
            message=delivery.message,
            number=delivery.number,
            attempt=delivery.tries,
            worker=delivery.worker,
            outcome=report.outcome,
            step=decision.step,
            took=sent.took,
            wait=decision.wait,
            pause=decision.pause or 0.0,
            trip=decision.trip,
            pause_after=application.pause_after if application else 0,
            respond_within=application.response_within if application else 0.0,
            costs=decision.costs,
            fault=_told_of(report, decision, delivery.destination),
            reason=decision.reason,
            detail=_detail(decision, report),
            substitutions=sent.prepared.substitutions(),
            raw=_kept(report),
            answer=self._answer(claim, sent, decision),
            on_failure=self._behind(claim, decision),
            lesson=(
                await self._translator.lesson(sent.prepared, report.response)
                if teaches
                else NOTHING_LEARNT
            ),
            wanted=missing if decision.step is Step.AWAIT_DEPARA else (),
            pair_within=application.pair_within if application else 0.0,
            asked=sent.asked,
            complaints=sent.complaints,
        )

    def _situation(self, claim: Claim, sent: SendResult, *, lacks_id: bool) -> Situation:
        delivery, now, report = claim.delivery, self._clock.now(), sent.report
        cost = 1 if report.outcome in COSTS_ATTEMPT else 0
        application = self._deployment().applications.get(delivery.destination)
        asks = application is not None and self._asks(application)
        return Situation(
            attempts=_earlier_attempts(claim) + cost,
            tries=delivery.tries - delivery.tries_before,
            age=claim.age + sent.took,
            safe_to_repeat=delivery.safe,
            time_left=time_left(claim, now),
            outages=claim.outages + 1,
            lacks_id=lacks_id,
            progressed=sent.progressed or delivery.steps > 0,
            more_ids=delivery.kind is Kind.COPY and bool(sent.prepared.translation.left),
            started=delivery.started,
            asks=asks,
            asked=sent.asked,
        )

    def _behind(self, claim: Claim, decision: Decision) -> OnFailure:
        contract = self._contracts.find(claim.message.transaction, claim.message.version)
        lifecycle = contract.lifecycle if contract else Lifecycle.PROCESS
        route = self._deployment().route(claim.delivery.rule)
        told = decision.step is not Step.DELIVER and answers_caller(claim.message, claim.delivery)
        return on_failure_of(route, lifecycle, synchronous=told)

    def _answer(self, claim: Claim, sent: SendResult, decision: Decision) -> OriginAnswer | None:
        """What the origin is told if this ends the delivery."""
        if claim.delivery.kind is Kind.ANSWER:
            return None
        if decision.step is Step.WITHDRAW:
            destination = claim.delivery.destination
            return self._answers.taken_back(sent.envelope, sent.report, destination)
        if decision.step in {Step.DELIVER, Step.REFUSE}:
            return self._answers.from_report(sent.envelope, sent.report, sent.said, sent.back)
        if decision.step is Step.DISCARD and sent.report.fault:
            told = sent.report.response
            body = self._answers.ok(sent.envelope, sent.report.fault, ids=told.ids if told else ())
            return OriginAnswer(Status.OK, body)
        if decision.step is Step.GIVE_UP:
            fault = sent.report.fault
            barred = fault if fault and sent.report.outcome is Outcome.WITHHELD else None
            return self._answers.told(sent.envelope, barred or _gave_up(claim, sent.report))
        return None


def _told_of(report: Report, decision: Decision, application: str) -> Fault | None:
    """The fault as it is kept: a refusal for want of an id does not promise to wait.

    Words that no table knows are told with the line that would map them (S18).
    """
    fault = report.fault
    if fault and fault.code == UNKNOWN_THERE and decision.step is Step.REFUSE:
        return fault.not_waited_for()
    if fault and fault.code == "OUTCOME_UNKNOWN" and decision.step is Step.POSTPONE:
        fault = fault.tried_again()
    if fault and report.unmapped:
        advice = MAP_IT.filled(line=mapping_of(application, report.unmapped))
        fault = replace(fault, details={**fault.details, "product_advice": advice})
    return fault


def _earlier_attempts(claim: Claim) -> int:
    """The attempts that cost before the one in hand; one whose lease was lost was not counted."""
    delivery = claim.delivery
    if claim.asks and delivery.reason is not Reason.LEASE_EXPIRED:
        return max(0, delivery.attempts - 1)
    return delivery.attempts


def time_left(claim: Claim, now: int) -> float | None:
    """Seconds that a caller still waits; 0 where it was told by now that nobody knows."""
    if claim.asks:
        return 0.0 if answers_caller(claim.message, claim.delivery) else None
    deadline = claim.delivery.deadline
    return (deadline - now) / MICROSECONDS if deadline else None


def _kept(report: Report) -> bytes:
    """What is kept of an answer: all of one that could be read, the beginning of any other."""
    return report.answer if report.response else report.answer[:MOST_UNREAD]


def _detail(decision: Decision, report: Report) -> str:
    """The code of the fault, where the reason does not say it all."""
    tells = decision.reason in {Reason.FAULT, Reason.NOTHING_TO_DELETE, Reason.NOT_SHARED}
    return report.fault.code if report.fault and tells else ""


def _gave_up(claim: Claim, report: Report) -> Fault:
    fault = report.fault
    details = {
        "application": claim.delivery.destination,
        "attempts": str(claim.delivery.tries),
        "problem": fault.problem if fault else "-",
    }
    return Fault("RETRIES_EXHAUSTED", details=details)
