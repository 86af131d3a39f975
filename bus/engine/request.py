"""Request: a synchronous sender waits for a definite answer within its deadline (S12)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from bus.core.delivery import ENDED, IllegalStep, State, Step
from bus.core.envelope import DeliveryMode, Envelope
from bus.core.errors import BusFault, Fault
from bus.core.fault_texts import FOLLOW_AT
from bus.core.identity import RepeatVerdict
from bus.core.text import Details, Text
from bus.engine.answers import Answers
from bus.engine.endings import AT_DEADLINE, JOURNAL_SILENT, in_doubt
from bus.engine.post_result import PostResult
from bus.engine.waiters import Waiters
from bus.journal.commands import Accepted, Operate, Recorded, Repeated
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow
from bus.ports.ports import Ports

NOTE_AGAIN = 1.0
"""Seconds between tries to note what a sender was told, where the journal does not take it."""
PATIENCE = 30.0
"""Seconds that a repeat waits for the answer of a message that is under way."""


@dataclass(frozen=True, slots=True)
class WaitingCaller:
    """A caller that waits: the message, where it was asked to go, and until when.

    `owner`: its deadline withdraws what was not sent; others only stop waiting. `first`: it brought
    the message, and no repeat of it.
    """

    message: MessageRow
    destination: str
    future: asyncio.Future[Recorded]
    seconds: float
    owner: bool
    first: bool = False


class Requester:
    """Lets callers wait, and tells them what they may rely on."""

    def __init__(self, ports: Ports, answers: Answers, waiters: Waiters) -> None:
        self._journal = ports.journal
        self._clock = ports.clock
        self._history = ports.history
        self._answers = answers
        self._waiters = waiters
        self._noting: set[asyncio.Task[None]] = set()

    def expect(self, accepted: Accepted) -> WaitingCaller:
        """Begin to wait, before anything is sent."""
        message = accepted.message
        return replace(self._waiting(message, accepted.deliveries, owner=True), first=True)

    def _waiting(
        self, message: MessageRow, deliveries: tuple[DeliveryRow, ...], *, owner: bool
    ) -> WaitingCaller:
        row = next((row for row in deliveries if row.number == message.answering), None)
        destination, seconds = row.destination if row else "-", PATIENCE
        attempt = row.tries + (row.state is State.WAITING) if row else 0
        if owner and row:
            # S14: both times are the store's, which a clock that was set has not moved apart.
            seconds = (message.deadline - row.changed_at) / MICROSECONDS
        future = self._waiters.expect(message.id, attempt)
        if row and not future.done() and _has_ended(message, row):
            future.set_result(Recorded(message, row))
        return WaitingCaller(message, destination, future, seconds, owner)

    async def answer(self, waiting: WaitingCaller, to: Envelope) -> PostResult:
        """The destination's answer; at the deadline, what is certain by then."""
        try:
            recorded = await asyncio.wait_for(asyncio.shield(waiting.future), waiting.seconds)
        except TimeoutError:
            return await self._in_time(waiting, to)
        finally:
            self._waiters.forget(waiting.message.id, waiting.future)
        return await self._told(waiting, recorded, to)

    async def _told(self, waiting: WaitingCaller, recorded: Recorded, to: Envelope) -> PostResult:
        message, delivery = recorded.message, recorded.delivery
        if recorded.answer is not None:
            own = to if waiting.first else None
            return await self._answers.kept(message, recorded.answer, own)
        # An earlier commit may have kept what answers now: of several destinations the failed one.
        stored = await self._answers.stored(message.id)
        if stored is not None:
            return stored
        return await self._in_doubt(message, delivery.destination, to)

    async def _in_time(self, waiting: WaitingCaller, to: Envelope) -> PostResult:
        """An answer even where the journal fails just now: the message was accepted long ago."""
        try:
            return await self._at_deadline(waiting, to)
        except BusFault:
            self._note_when_it_works(waiting.message)
            return self._unknown(waiting.message, waiting.destination, JOURNAL_SILENT, to)

    async def _at_deadline(self, waiting: WaitingCaller, to: Envelope) -> PostResult:
        """Withdraw what was not sent; else say that nobody knows, and where to ask."""
        message = waiting.message
        if not waiting.owner:
            return await self._answers.stored(message.id) or self._under_way(message, to)
        try:
            act = Operate(
                message.id,
                Step.WITHDRAW,
                message.answering,
                actor="deadline",
                deadline=message.deadline,
            )
            acted = await self._journal.act(act)
        except IllegalStep:
            return await self._already(waiting, to)
        row = next((r for r in acted.moved if r.number == message.answering), None)
        if row and row.state is State.UNKNOWN:
            return await self._in_doubt(message, waiting.destination, to)
        stored = await self._answers.stored(message.id)
        if stored is not None:
            return stored
        fault = Fault("NO_TURN", details={"application": waiting.destination})
        return self._answers.refusal(message.id, to, fault, retry_after=1.0)

    async def _already(self, waiting: WaitingCaller, to: Envelope) -> PostResult:
        """The deadline came while it was being sent, or just after it ended."""
        stored = await self._answers.stored(waiting.message.id)
        if stored is not None:
            return stored
        message = waiting.message
        await self._note(message)
        return self._unknown(message, waiting.destination, AT_DEADLINE, to)

    async def _note(self, message: MessageRow) -> None:
        """List the message among those whose sender was told that nobody knows."""
        await self._journal.act(
            Operate(
                message.id, None, message.answering, actor="deadline", reason="SENDER_TOLD_UNKNOWN"
            )
        )

    def _note_when_it_works(self, message: MessageRow) -> None:
        task = asyncio.create_task(self._note_in_the_end(message))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _note_in_the_end(self, message: MessageRow) -> None:
        while True:
            try:
                return await self._note(message)
            except BusFault:
                await self._clock.sleep(NOTE_AGAIN)

    # -- repeats -----------------------------------------------------------------------------------

    async def repeat(self, repeated: Repeated, to: Envelope, mode: DeliveryMode) -> PostResult:
        """What a repeat gets: the answer of the first, now or when it comes (S5)."""
        message = repeated.message
        match repeated.verdict:
            case RepeatVerdict.STORED:
                return await self._answers.stored(message.id) or self._under_way(message, to)
            case RepeatVerdict.UNKNOWN:
                return await self._in_doubt(message, self._unknown_at(repeated), to)
            case _ if mode is DeliveryMode.SYNC and message.answer:
                return await self._answers.stored(message.id) or self._under_way(message, to)
            case _ if mode is DeliveryMode.ASYNC:
                return self._answers.receipt(message.id, to)
            case _ if message.answer:  # the one that answers has; only copies are under way
                return await self._answers.stored(message.id) or self._under_way(message, to)
            case _:
                owner = repeated.verdict is RepeatVerdict.RETRY
                waiting = self._waiting(message, repeated.deliveries, owner=owner)
                return await self.answer(waiting, to)

    def _unknown_at(self, repeated: Repeated) -> str:
        rows = repeated.deliveries
        return next((row.destination for row in rows if row.state is State.UNKNOWN), "-")

    def _under_way(self, message: MessageRow, to: Envelope) -> PostResult:
        details = {"message": message.id, "address": self._answers.status_address(message.id)}
        return self._answers.refusal(message.id, to, Fault("IN_PROGRESS", details=details))

    async def _in_doubt(self, message: MessageRow, destination: str, to: Envelope) -> PostResult:
        """Nobody knows what came of it, and why."""
        trace = await self._history.trace(message.id)
        rows = [row for row in trace.deliveries if row.destination == destination] if trace else []
        problem = in_doubt(trace, rows[0].number) if trace and rows else AT_DEADLINE
        return self._unknown(message, destination, problem, to)

    def _unknown(
        self, message: MessageRow, destination: str, problem: Text, to: Envelope
    ) -> PostResult:
        follows = FOLLOW_AT.filled(address=self._answers.status_address(message.id))
        details: Details = {"application": destination, "problem": problem, "follows": follows}
        fault = Fault("OUTCOME_UNKNOWN", details=details)
        return self._answers.refusal(message.id, to, fault)


def _has_ended(message: MessageRow, row: DeliveryRow) -> bool:
    """Whether the delivery that answers is over already, as it is where it may not even wait."""
    return row.state is State.UNKNOWN or (row.state in ENDED and bool(message.answer))
