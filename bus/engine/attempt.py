"""One attempt of a delivery: prepare, start, send, ask, record (design section 5).

It serves both modes. "Attempt started" is on disk before the first byte leaves, except where
repeating is safe (S10).
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime

from bus.core.decide import SYNC_WAIT
from bus.core.delivery import Kind, Reason, Step
from bus.core.errors import BusFault, Fault, Refusal
from bus.core.limits import without
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.translation import UNCHANGED
from bus.engine.active import ActiveApplications
from bus.engine.answers import Answers, envelope_of
from bus.engine.company_groups import CompanyGroups
from bus.engine.consequences import NOT_PREPARED, Consequences, SendResult, time_left
from bus.engine.echo import Echoes
from bus.engine.question import ASK_WITHIN, ask, untold
from bus.engine.returned import Returned
from bus.engine.sharing import Sharing
from bus.engine.transform import Transformer
from bus.engine.translate import Prepared, Translator, withheld
from bus.engine.waiters import Waiters
from bus.journal.commands import Claim, RecordAttempt, Recorded
from bus.journal.rows import MICROSECONDS, AttemptRow, DeliveryRow
from bus.ports.adapter import Parcel, Progress, ProgressLost
from bus.ports.codec import Document
from bus.ports.ports import Ports

LEASE_RESERVE = 10.0
"""Seconds of a lease that are kept for recording the outcome."""
SHORTEST_START = 0.05
"""Seconds that connecting gets at least, however little a caller has left."""
RECORD_AGAIN = 1.0
"""Seconds between tries to record an outcome that the journal did not take."""


class AttemptRunner:
    """Makes attempts of claimed deliveries."""

    def __init__(
        self,
        ports: Ports,
        answers: Answers,
        translator: Translator,
        transformer: Transformer,
        waiters: Waiters,
    ) -> None:
        self._journal = ports.journal
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._clock = ports.clock
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._open_adapter = ports.open_adapter
        self._history = ports.history
        self._answers = answers
        self._translator = translator
        self._transformer = transformer
        self._waiters = waiters
        self._active = ActiveApplications(ports.history)
        self._echoes = Echoes(ports)
        self._sharing = Sharing(ports, translator)
        self._groups = CompanyGroups(ports)
        self._returned = Returned(ports, translator)
        self._consequences = Consequences(ports, answers, translator)

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
        ended = await self._consequences.of(claim, sent)
        if ended.step is Step.ASK and (seconds := self._time_to_ask(claim)) > 0:
            sent = await self._ask_at_once(claim, sent, seconds)
            ended = await self._consequences.of(claim, sent)
        recorded = await self._record(ended)
        self._observer.attempted(recorded, sent.report, sent.took)
        self._waiters.tell(recorded)
        return recorded

    async def question(self, claim: Claim) -> Recorded:
        """Ask what became of an earlier attempt, and record what that leads to (S11)."""
        sent = await self._ask_later(claim)
        ended = (await self._consequences.of(claim, sent))._replace(question=True, costs=False)
        recorded = await self._record(ended)
        if sent.report.outcome is not Outcome.UNKNOWN:
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
        now = self._clock.now()
        if seconds := application.closed_for(now / MICROSECONDS):
            report = _closed(application, now, seconds)
            return SendResult(report, 0.0, envelope_of(claim.message))
        try:
            ready = await self._inactive(claim, application)
            ready = ready or await self._ready(claim, document, application)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            self._observer.troubled("an attempt could not begin", error)
            return SendResult(_not_begun(claim, error), 0.0, envelope_of(claim.message))
        if ready is None or ready.parcel is None:
            return ready
        began = self._clock.monotonic()
        # The attempt must end within its lease, which is longer than any time-out.
        left = application.timeout + LEASE_RESERVE - (began - asked_at)
        report = await self._hand_over(ready.parcel, min(application.timeout, left))
        if claim.delivery.kind is Kind.ANSWER and report.outcome is Outcome.RECEIVED:
            report = replace(report, outcome=Outcome.DELIVERED)  # nobody answers an answer
        took = self._clock.monotonic() - began
        try:
            return await self._heard(claim, ready, report, took)
        except Exception as error:  # noqa: BLE001 - it was sent, and what came of it is not readable
            self._observer.troubled("an answer could not be taken", error)
            return ready._replace(report=_not_heard(claim, report, error), took=took)

    async def _inactive(self, claim: Claim, application: Application) -> SendResult | None:
        """Why nothing is sent to who is not in force: it waits, and a caller is told so."""
        fault = await self._active.bar(application)
        if fault is None:
            return None
        report = Report(Outcome.WITHHELD, fault=fault, retry_after=0.0, withheld=Reason.CLOSED)
        return SendResult(report, 0.0, envelope_of(claim.message))

    async def _ready(
        self, claim: Claim, document: Document | None, application: Application
    ) -> SendResult | None:
        """What is to be sent (`parcel`), or why nothing is; None where the lease is lost."""
        document = document or await self._codec.read(claim.body or b"", claim.message.carrier)
        document = self._as_taken(claim, document, application)
        prepared = await self._prepare(claim, document, application)
        barred = await self._not_shared(claim, document, prepared)
        if reason := barred or withheld(prepared, application.name):
            return SendResult(reason, 0.0, document.envelope, prepared)
        if (window := self._echoes.window(claim)) and (
            echo := await self._echoes.found(claim, document, prepared, window)
        ):
            report, prepared = echo
            return SendResult(report, 0.0, document.envelope, prepared)
        if application.holds and (full := await self._translator.no_room(prepared, application)):
            return SendResult(full, 0.0, document.envelope, prepared)
        if second := await self._groups.of_load(prepared.contract, document, application):
            return SendResult(second, 0.0, document.envelope, prepared)
        parcel = await self._parcel(claim, application, document, prepared)
        if _must_be_told(claim.delivery) and not await self._journal.start(claim):
            return None
        return SendResult(untold(application.name), 0.0, document.envelope, prepared, parcel=parcel)

    async def _not_shared(
        self, claim: Claim, document: Document, prepared: Prepared
    ) -> Report | None:
        """Why a message of a group that shares registers is not sent; None of any other."""
        route = self._deployment().route(claim.delivery.rule)
        if claim.delivery.kind is not Kind.COPY or route is None or route.share is None:
            return None
        return await self._sharing.barred(claim, document, prepared, route.share)

    async def _heard(
        self, claim: Claim, sent: SendResult, report: Report, took: float
    ) -> SendResult:
        """What was sent, a report, and the ResponseMessage that it speaks of, for the origin."""
        said = await self._answers.as_it_came(report)
        came = said.answer
        if report.response and said.answer is None and sent.parcel:
            response = self._translator.in_sender_terms(sent.prepared, report.response)
            said = await self._answers.said_by(sent.parcel.application, response, sent.envelope)
        wrong = await self._returned.complaints(
            claim.delivery,
            sent.prepared,
            said.answer,
            came.response if came else None,
            came.transaction if came else "",
        )
        back = await self._translator.answer(sent.prepared, said.answer)
        return sent._replace(report=report, took=took, said=said.body, back=back, complaints=wrong)

    def _as_taken(self, claim: Claim, document: Document, application: Application) -> Document:
        """A message without what is ours in it, where its reader does not take that."""
        contract = self._contracts.find(claim.message.transaction, claim.message.version)
        is_copy = claim.delivery.kind is Kind.COPY
        if application.extensions or contract is None or not is_copy:
            return document
        return document.without(contract.extensions)

    async def _prepare(
        self, claim: Claim, document: Document, application: Application
    ) -> Prepared:
        """A copy in its reader's ids and version, or why it cannot be; an answer goes as it is."""
        if claim.delivery.kind is Kind.ANSWER:
            return NOT_PREPARED
        prepared = await self._translator.prepare(claim.message, document, application)
        if withheld(prepared, application.name):
            return prepared
        return await self._transformer.bring(prepared, document, application)

    async def _parcel(
        self, claim: Claim, application: Application, document: Document, prepared: Prepared
    ) -> Parcel:
        delivery = claim.delivery
        # Over a bridge it went in its reader's ids.
        translation = UNCHANGED if prepared.document else prepared.translation
        answer = None
        if delivery.kind is Kind.ANSWER and claim.answer:
            message = await self._answers.body_for(claim.message, claim.answer, document)
            answer, uuid = await self._codec.read(message), claim.message.uuid
        else:
            uuid = delivery.sent_uuid
            message = (prepared.document or document).write(uuid, translation)
        message = without(message, application.lost_characters)
        route = self._deployment().route(delivery.rule)
        return Parcel(
            application,
            prepared.document or document,
            message,
            uuid,
            delivery.safe,
            application.timeout,
            prepared.translation.new,
            self._progress(claim),
            translation,
            self._time_to_start(claim),
            answer,
            awaits_response=bool(route and route.awaits_response),
        )

    def _time_to_start(self, claim: Claim) -> float | None:
        """Seconds in which sending must begin, so that a caller still hears that it has not."""
        left = time_left(claim, self._clock.now())
        return None if left is None else max(left - SYNC_WAIT, SHORTEST_START)

    def _progress(self, claim: Claim) -> Progress:
        """What earlier tries recorded, and how this one does: again and again, for it happened."""

        async def keep(name: str, value: object) -> None:
            text = json.dumps(value)
            while True:
                try:
                    if await self._journal.record_progress(claim, name, text):
                        return
                except BusFault as fault:
                    self._observer.troubled("a call that was made waits to be recorded", fault)
                    await self._clock.sleep(RECORD_AGAIN)
                else:
                    raise ProgressLost(name)

        return Progress({row.name: json.loads(row.value) for row in claim.progress}, keep)

    async def _hand_over(self, parcel: Parcel, limit: float) -> Report:
        name = parcel.application.name
        if limit <= 0:
            details = {"application": name, "problem": "lease"}
            return Report(Outcome.BUSY, fault=Fault("BUSY", details=details), retry_after=0.0)
        try:
            async with asyncio.timeout(limit):
                return await self._open_adapter(parcel.application).send(parcel)
        except TimeoutError:
            details = {"application": name, "problem": f"> {limit:g} s"}
            return Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN", details=details))
        except BusFault as fault:
            return Report(Outcome.BUSY, fault=fault.fault)
        except ProgressLost as lost:
            details = {"application": name, "problem": f"{lost}: lease"}
            return Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN", details=details))
        except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
            self._observer.troubled(f"adapter of {name}", error)
            details = {"application": name, "problem": type(error).__name__}
            return Report(Outcome.UNKNOWN, fault=Fault("ADAPTER_FAILED", details=details))

    # -- asking ------------------------------------------------------------------------------------

    def _time_to_ask(self, claim: Claim) -> float:
        """Seconds for a question at once: those that a caller has left, if one waits."""
        application = self._deployment().applications[claim.delivery.destination]
        seconds = min(ASK_WITHIN, application.timeout)
        if deadline := claim.delivery.deadline:
            left = (deadline - self._clock.now()) / MICROSECONDS
            return min(seconds, left - SYNC_WAIT)  # it must hear the answer in time
        return seconds

    async def _ask_at_once(self, claim: Claim, sent: SendResult, seconds: float) -> SendResult:
        """What the destination says of what was just sent; what was known before if it cannot."""
        parcel = sent.parcel
        if parcel is None:
            return sent
        began = self._clock.monotonic()
        report = await ask(self._open_adapter, parcel, seconds, self._observer)
        sent = sent._replace(asked=1, took=sent.took + self._clock.monotonic() - began)
        if report is None:
            return sent
        return await self._heard(claim, sent, report, sent.took)

    async def _ask_later(self, claim: Claim) -> SendResult:
        """What the destination says of what was sent some time ago."""
        name, envelope = claim.delivery.destination, envelope_of(claim.message)
        sent = SendResult(untold(name), 0.0, envelope, asked=claim.delivery.asked)
        application = self._deployment().applications.get(name)
        if application is None:
            return sent
        document = await self._codec.read(claim.body or b"", claim.message.carrier)
        document = self._as_taken(claim, document, application)
        attempt = await self._attempt_of(claim.delivery)
        prepared = _as_sent(await self._prepare(claim, document, application), attempt)
        if withheld(prepared, name):
            return sent
        parcel = await self._parcel(claim, application, document, prepared)
        seconds = min(ASK_WITHIN, application.timeout)
        said = await ask(self._open_adapter, parcel, seconds, self._observer)
        report = said or sent.report
        prepared = await self._translator.as_it_left(prepared, report.response)
        took = (self._clock.now() - attempt.started_at) / MICROSECONDS if attempt else 0.0
        sent = sent._replace(envelope=document.envelope, prepared=prepared, parcel=parcel)
        return await self._heard(claim, sent, report, took)

    async def _attempt_of(self, delivery: DeliveryRow) -> AttemptRow | None:
        """The attempt that a question is about."""
        trace = await self._history.trace(delivery.message)
        about = (delivery.number, delivery.tries)
        rows = trace.attempts if trace else ()
        return next((row for row in rows if (row.number, row.attempt) == about), None)

    # -- recording ---------------------------------------------------------------------------------

    async def _record(self, ended: RecordAttempt) -> Recorded:
        """Record an outcome, again and again until the journal takes it: it happened."""
        while True:
            try:
                return await self._journal.record(ended)
            except BusFault as fault:
                self._observer.troubled("an outcome waits to be recorded", fault)
                await self._clock.sleep(RECORD_AGAIN)


def _as_sent(prepared: Prepared, attempt: AttemptRow | None) -> Prepared:
    """A message in the ids in which it left, whatever became of the de-para since.

    Of an attempt whose end nobody recorded nobody knows them: then they are those of now, until an
    answer tells better.
    """
    swaps = attempt.substitutions.swaps if attempt else ()
    if not swaps:
        return prepared
    translation = prepared.translation._replace(swaps=swaps, wanted=())
    return replace(prepared, translation=translation)


def _must_be_told(delivery: DeliveryRow) -> bool:
    """Whether "attempt started" is on disk before the first byte leaves (S10).

    Where repeating is safe a first try need not be; a later one must, for the destination's own
    response to an earlier one may have settled it since it was claimed.
    """
    return not delivery.safe or delivery.tries > 1


def _closed(application: Application, now: int, seconds: float) -> Report:
    """What comes of an attempt in hours in which nothing is sent (µs, s)."""
    opens = datetime.fromtimestamp(now / MICROSECONDS + seconds, tz=application.zone)
    details = {"application": application.name, "until": f"{opens:%Y-%m-%d %H:%M}"}
    fault = Fault("CLOSED_HOURS", details=details)
    return Report(Outcome.WITHHELD, fault=fault, retry_after=seconds, withheld=Reason.CLOSED)


def _removed(claim: Claim) -> Report:
    details = {"application": claim.delivery.destination}
    return Report(Outcome.UNREACHABLE, fault=Fault("DESTINATION_REMOVED", details=details))


def _not_begun(claim: Claim, error: Exception) -> Report:
    """Nothing was sent: what the bus lacks may come back, a defect may not."""
    if isinstance(error, BusFault):
        return Report(Outcome.BUSY, fault=error.fault)
    return Report(Outcome.WITHHELD, fault=_internal(claim, error), withheld=Reason.BROKE)


def _not_heard(claim: Claim, report: Report, error: Exception) -> Report:
    """It was sent, and what was answered broke the bus: nobody knows."""
    return Report(Outcome.UNKNOWN, report.answer, fault=_internal(claim, error))


def _internal(claim: Claim, error: Exception) -> Fault:
    problem = error.fault.code if isinstance(error, Refusal) else type(error).__name__
    return Fault("INTERNAL", details={"problem": problem, "id": claim.message.id})
