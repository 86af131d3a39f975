"""One attempt of a delivery: prepare, start, send, decide, record (design section 5).

It serves both modes. "Attempt started" is on disk before the first byte leaves, except where
repeating is safe (S10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from bus.core.contract import Lifecycle
from bus.core.decide import COSTS_ATTEMPT, Decision, Situation, decide
from bus.core.delivery import Kind, Step
from bus.core.envelope import Envelope, Status
from bus.core.errors import BusFault, Fault
from bus.core.learning import NOTHING_LEARNT
from bus.core.outcome import Outcome, Report
from bus.core.plan import on_failure_of
from bus.core.route import Application, Deployment, OnFailure, RetryPolicy
from bus.core.translation import UNCHANGED, Translation
from bus.engine.answers import Answers, envelope_of, fault_as_json
from bus.engine.reading import read
from bus.engine.transform import Transformer
from bus.engine.translate import Prepared, Translator, wanted_there, withheld
from bus.engine.waiters import Waiters
from bus.journal.commands import Claim, OriginAnswer, RecordAttempt, Recorded
from bus.journal.rows import MICROSECONDS, answers_caller
from bus.ports.adapter import Adapter, Parcel
from bus.ports.clock import Clock
from bus.ports.codec import Codec, Document
from bus.ports.contracts import Contracts
from bus.ports.journal import Journal
from bus.ports.observer import Observer

LEASE_RESERVE = 10.0
"""Seconds of a lease that are kept for recording the outcome."""
RECORD_AGAIN = 1.0
"""Seconds between tries to record an outcome that the journal did not take."""

NOT_PREPARED = Prepared()

OpenAdapter = Callable[[Application], Adapter]


@dataclass(frozen=True, slots=True)
class SendResult:
    """What came of sending: the report, how long it took (s), and whose message it was."""

    report: Report
    took: float
    envelope: Envelope
    prepared: Prepared = NOT_PREPARED
    back: Translation = UNCHANGED
    """What the origin's answer has in place of the destination's ids."""


class AttemptRunner:
    """Makes attempts of claimed deliveries."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        *,
        journal: Journal,
        codec: Codec,
        contracts: Contracts,
        clock: Clock,
        answers: Answers,
        crossings: Translator,
        bridging: Transformer,
        waiters: Waiters,
        observer: Observer,
        deployment: Callable[[], Deployment],
        open_adapter: OpenAdapter,
    ) -> None:
        self._journal = journal
        self._codec = codec
        self._contracts = contracts
        self._clock = clock
        self._answers = answers
        self._crossings = crossings
        self._bridging = bridging
        self._waiters = waiters
        self._observer = observer
        self._deployment = deployment
        self._open_adapter = open_adapter

    async def attempt(
        self, claim: Claim, document: Document | None, asked_at: float
    ) -> Recorded | None:
        """Make one attempt; None where the lease was lost before anything was sent.

        `asked_at` (monotonic) is when the claim was asked for: its lease ends no sooner than its
        length after that, however late the journal's answer was heard.
        """
        sent = await self._send(claim, document, asked_at)
        if sent is None:
            return None
        ended = self._decide(claim, sent)
        recorded = await self._record(ended)
        self._observer.attempted(recorded, sent.report, sent.took)
        self._waiters.tell(recorded)
        return recorded

    # -- sending -----------------------------------------------------------------------------------

    async def _send(
        self, claim: Claim, document: Document | None, asked_at: float
    ) -> SendResult | None:
        application = self._deployment().applications.get(claim.delivery.destination)
        if application is None:
            return SendResult(_removed(claim), 0.0, envelope_of(claim.message))
        document = document or await read(self._codec, claim.body or b"", claim.message.carrier)
        copy = claim.delivery.kind is Kind.COPY
        prepared = NOT_PREPARED
        if copy:
            prepared = await self._crossings.prepare(claim.message, document, application)
            if not withheld(prepared, application.name):
                prepared = await self._bridging.bring(prepared, document, application)
            if reason := withheld(prepared, application.name):
                return SendResult(reason, 0.0, document.envelope, prepared)
        parcel = await self._parcel(claim, application, document, prepared)
        if not claim.delivery.safe and not await self._journal.start(claim):
            return None
        began = self._clock.monotonic()
        limit = min(application.timeout, self._lease_left(application, asked_at))
        report = await self._hand_over(parcel, limit)
        if not copy and report.outcome is Outcome.RECEIVED:
            report = replace(report, outcome=Outcome.DELIVERED)  # nobody answers an answer
        took = self._clock.monotonic() - began
        back = await self._crossings.answer(prepared, report.answer if report.response else b"")
        return SendResult(report, took, document.envelope, prepared, back)

    async def _parcel(
        self, claim: Claim, application: Application, document: Document, prepared: Prepared
    ) -> Parcel:
        delivery = claim.delivery
        if delivery.kind is Kind.ANSWER and claim.answer:
            message = await self._answers.body_of(claim.answer, document.envelope)
            uuid = claim.message.uuid
        else:
            uuid = delivery.sent_uuid
            message = self._written(document, uuid, prepared)
        return Parcel(
            application,
            prepared.document or document,
            message,
            uuid,
            delivery.safe,
            application.timeout,
            prepared.translation.new,
        )

    def _written(self, document: Document, uuid: str, prepared: Prepared) -> bytes:
        """The message as its reader takes it; over a bridge it went in its reader's ids."""
        if prepared.document:
            return self._codec.write(prepared.document, uuid=uuid)
        return self._codec.write(document, uuid=uuid, translation=prepared.translation)

    def _lease_left(self, application: Application, asked_at: float) -> float:
        """Seconds in which the attempt must end; the lease is longer than any time-out."""
        spent = self._clock.monotonic() - asked_at
        return application.timeout + LEASE_RESERVE - spent

    async def _hand_over(self, parcel: Parcel, limit: float) -> Report:
        name = parcel.application.name
        if limit <= 0:
            details = {"application": name, "problem": "lease"}
            return Report(Outcome.BUSY, fault=Fault("BUSY", details=details), retry_after=0.0)
        try:
            async with asyncio.timeout(limit):
                return await self._open_adapter(parcel.application).send(parcel)
        except TimeoutError:
            return Report(Outcome.UNKNOWN, fault=self._unknown(name, f"> {limit:g} s"))
        except BusFault as fault:
            return Report(Outcome.BUSY, fault=fault.fault)
        except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
            self._observer.troubled(f"adapter of {name}", error)
            details = {"application": name, "problem": type(error).__name__}
            return Report(Outcome.UNKNOWN, fault=Fault("ADAPTER_FAILED", details=details))

    def _unknown(self, application: str, problem: str) -> Fault:
        details = {"application": application, "problem": problem}
        return Fault("OUTCOME_UNKNOWN", details=details)

    # -- deciding ----------------------------------------------------------------------------------

    def _decide(self, claim: Claim, sent: SendResult) -> RecordAttempt:
        """Turn what happened into a step of the delivery and all that goes with it."""
        report, delivery = sent.report, claim.delivery
        route = self._deployment().route(delivery.rule.split(",")[0])
        policy = route.retry if route else RetryPolicy()
        situation = self._situation(claim, report)
        decision = decide(report, situation, policy, self._clock.chance())
        wanted = sent.prepared.translation.wanted or wanted_there(sent.prepared, report)
        if wanted and decision.step is Step.REFUSE and situation.time_left is None:
            decision = Decision(
                Step.AWAIT_DEPARA
            )  # it said what it lacks: the same wait as for our own
        delivers = decision.step is Step.DELIVER and delivery.kind is Kind.COPY
        if delivers and sent.prepared.translation.left:
            decision = Decision(Step.POSTPONE)  # the next of several ids gets its message now
        application = self._deployment().applications.get(delivery.destination)
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
            respond_within=application.response_within if application else 0.0,
            costs=report.outcome in COSTS_ATTEMPT,
            fault=fault_as_json(report.fault) if report.fault else "[]",
            reason=_reason(decision, report),
            substitutions=sent.prepared.substitutions(),
            raw=report.answer,
            answer=self._answer(claim, sent, decision),
            on_failure=self._behind(claim, decision),
            lesson=(
                self._crossings.lesson(sent.prepared, report.response)
                if delivers
                else NOTHING_LEARNT
            ),
            wanted=wanted if decision.step is Step.AWAIT_DEPARA else (),
            pair_within=application.pair_within if application else 0.0,
        )

    def _situation(self, claim: Claim, report: Report) -> Situation:
        delivery, now = claim.delivery, self._clock.now()
        cost = 1 if report.outcome in COSTS_ATTEMPT else 0
        deadline = delivery.deadline
        return Situation(
            attempts=delivery.attempts + cost,
            tries=delivery.tries,
            age=(now - claim.message.received_at) / MICROSECONDS,
            safe_to_repeat=delivery.safe,
            time_left=(deadline - now) / MICROSECONDS if deadline else None,
            outages=claim.outages + 1,
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
        if decision.step in {Step.DELIVER, Step.REFUSE, Step.WITHDRAW}:
            return self._answers.from_report(sent.envelope, sent.report, sent.back)
        if decision.step is Step.DISCARD and sent.report.fault:
            return OriginAnswer(Status.OK, self._answers.ok(sent.envelope, sent.report.fault))
        if decision.step is Step.GIVE_UP:
            fault = sent.report.fault
            barred = fault if fault and sent.report.outcome is Outcome.WITHHELD else None
            return self._answers.told(sent.envelope, barred or _gave_up(claim, sent.report))
        return None

    # -- recording ---------------------------------------------------------------------------------

    async def _record(self, ended: RecordAttempt) -> Recorded:
        """Record an outcome, again and again until the journal takes it: it happened."""
        while True:
            try:
                return await self._journal.record(ended)
            except BusFault as fault:
                self._observer.troubled("an outcome waits to be recorded", fault)
                await self._clock.sleep(RECORD_AGAIN)


def _reason(decision: Decision, report: Report) -> str:
    if decision.step is Step.WITHDRAW:
        return "WITHDRAWN"
    if decision.step is Step.GIVE_UP and report.outcome is not Outcome.WITHHELD:
        return "RETRIES_EXHAUSTED"
    return report.fault.code if report.fault else ""


def _removed(claim: Claim) -> Report:
    details = {"application": claim.delivery.destination}
    return Report(Outcome.UNREACHABLE, fault=Fault("DESTINATION_REMOVED", details=details))


def _gave_up(claim: Claim, report: Report) -> Fault:
    fault = report.fault
    details = {
        "application": claim.delivery.destination,
        "attempts": str(claim.delivery.tries),
        "problem": fault.problem if fault else "-",
    }
    return Fault("RETRIES_EXHAUSTED", details=details)
