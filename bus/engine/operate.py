"""Operate: what people do to messages: send again, settle, hold, let go, give up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bus.core.contract import Lifecycle
from bus.core.delivery import STATE_TEXTS, IllegalStep, Reason, State, Step
from bus.core.effect import OPEN_VERDICTS, EffectVerdict
from bus.core.errors import Fault, SenderFault
from bus.core.identity import RepeatVerdict
from bus.core.plan import on_failure_of
from bus.engine.accept import Acceptor
from bus.engine.answers import Answers
from bus.engine.dispatch import Dispatcher
from bus.engine.post import Post
from bus.engine.responses import Responses, Settling
from bus.journal.commands import Operate, Operated
from bus.journal.effects import RecordEffect
from bus.journal.lanes import Overwrites
from bus.journal.operate import NoSuchDelivery
from bus.journal.rows import DeliveryRow, MessageRow, MessageState, answers_caller
from bus.ports.ports import Ports


@dataclass(frozen=True, slots=True)
class Replay:
    """What a person wants sent again: a message, or one delivery of it (`number`).

    `overwrites`: though a newer message of its document was delivered.
    """

    message: MessageRow
    number: int = 0
    actor: str = ""
    reason: str = ""
    overwrites: bool = False


class Operator:
    """What people do to messages: replay, settle, block, unblock, discard."""

    def __init__(
        self,
        ports: Ports,
        acceptor: Acceptor,
        responses: Responses,
        answers: Answers,
        dispatcher: Dispatcher,
    ) -> None:
        self._journal = ports.journal
        self._history = ports.history
        self._contracts = ports.contracts
        self._deployment = ports.deployment
        self._acceptor = acceptor
        self._responses = responses
        self._answers = answers
        self._dispatcher = dispatcher

    async def find(self, id_or_uuid: str) -> MessageRow:
        """The one message of an id; SenderFault where there is none, or several."""
        found = await self._history.find(id_or_uuid)
        if not found:
            raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": id_or_uuid}))
        if len(found) > 1:
            candidates = ", ".join(row.id for row in found)
            details = {"id": id_or_uuid, "candidates": candidates}
            raise SenderFault(Fault("MESSAGE_AMBIGUOUS", details=details))
        return found[0]

    async def replay(self, asked: Replay) -> Operated:
        """Send again: in place what stopped, as a new message what was never sent.

        A person's act claims the message: what is under way or delivered by now, by another's act
        or its sender's own repeat, is not sent twice; SenderFault says what became of it.
        """
        message = asked.message
        if asked.number > message.deliveries:
            raise SenderFault(_no_delivery(asked.number, message.deliveries))
        if message.erased:
            raise SenderFault(Fault("CONTENT_ERASED", details={"id": message.id}))
        trace = await self._history.trace(message.id)
        rows = trace.deliveries if trace else ()
        if message.state is MessageState.REJECTED or _withdrawn(rows):
            return await self._again(asked)
        contract = self._contracts.find(message.transaction, message.version)
        snapshot = contract is not None and contract.lifecycle is Lifecycle.REGISTER
        operation = Operate(message.id, Step.REPLAY, asked.number, asked.actor, asked.reason)
        return await self.act(replace(operation, overwrites=asked.overwrites or not snapshot))

    async def settle(self, asked: Settling) -> Operated:
        """Say what became of what nobody knows: the sender is told, copies and learning follow.

        As done, also of what was delivered and whose effect somebody has to look at: it is there
        now, or is taken care of.
        """
        message = asked.message
        trace = await self._history.trace(message.id)
        rows = trace.deliveries if trace else ()
        unknown = [row for row in rows if row.state is State.UNKNOWN]
        row = next((one for one in unknown if asked.number in {0, one.number}), None)
        if row is None and (without := _without_effect(rows, asked)):
            said = RecordEffect(
                without, EffectVerdict.CONFIRMED, actor=asked.actor, reason=asked.reason
            )
            return Operated(message, (await self._journal.record_effect(said),))
        if row is None or (asked.number == 0 and len(unknown) > 1):
            raise SenderFault(_not_to_settle(rows, unknown, asked.number))
        step = Step.DELIVER if asked.done else Step.REFUSE
        contract = self._contracts.find(message.transaction, message.version)
        lifecycle = contract.lifecycle if contract else Lifecycle.PROCESS
        on_failure = on_failure_of(
            self._deployment().route(row.rule),
            lifecycle,
            synchronous=not asked.done and answers_caller(message, row),
        )
        lesson, answer = await self._responses.settled(message, row, asked)
        return await self.act(
            Operate(
                message.id,
                step,
                row.number,
                asked.actor,
                asked.reason,
                on_failure,
                answer,
                lesson=lesson,
            )
        )

    async def act(self, act: Operate) -> Operated:
        """Take a step on deliveries; SenderFault NOT_POSSIBLE where none allows it."""
        try:
            acted = await self._journal.act(act)
        except NoSuchDelivery as error:
            raise SenderFault(_no_delivery(error.number, error.count)) from None
        except IllegalStep as error:
            details = {"state": STATE_TEXTS[error.state].name}
            raise SenderFault(Fault("STEP_NOT_ALLOWED", details=details)) from None
        except Overwrites as error:
            raise SenderFault(_overwrites(error)) from None
        self._dispatcher.wake(acted.moved)
        return acted

    async def discard(self, message: MessageRow, number: int, actor: str, reason: str) -> Operated:
        """Give up, with a reason; what waits behind goes on, and the origin is told."""
        trace = await self._history.trace(message.id)
        rule = trace.deliveries[0].rule if trace and trace.deliveries else ""
        contract = self._contracts.find(message.transaction, message.version)
        lifecycle = contract.lifecycle if contract else Lifecycle.PROCESS
        on_failure = on_failure_of(self._deployment().route(rule), lifecycle)
        fault = Fault("DISCARDED", details={"actor": actor, "problem": reason})
        answer = self._answers.told(await self._answers.envelope(message), fault)
        return await self.act(
            Operate(message.id, Step.DISCARD, number, actor, reason, on_failure, answer)
        )

    async def _again(self, asked: Replay) -> Operated:
        message = asked.message
        body = await self._history.body(message.id)
        sender = self._deployment().applications.get(message.sender)
        if body is None or sender is None:
            raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": message.id}))
        post = Post(
            body,
            sender,
            message.carrier,
            parent=message.id,
            actor=asked.actor,
            overwrites=asked.overwrites,
        )
        try:
            result = await self._acceptor.receive(post)
        except Overwrites as error:
            raise SenderFault(_overwrites(error)) from None
        (now,) = await self._history.find(result.message)
        if now.state is MessageState.REJECTED:
            raise SenderFault(*now.faults)
        if result.verdict in {RepeatVerdict.JOIN, RepeatVerdict.STORED, RepeatVerdict.UNKNOWN}:
            trace = await self._history.trace(now.id)
            states = {row.state for row in trace.deliveries} if trace else set()
            told = ", ".join(sorted(states)) or now.state
            details = {"message": now.id, "state": told}
            raise SenderFault(Fault("REPLAYED_ALREADY", details=details))
        return Operated(now)


def _overwrites(error: Overwrites) -> Fault:
    details = {"message": error.newer, "application": error.destination}
    return Fault("REPLAY_OVERWRITES", details=details)


def _no_delivery(number: int, count: int) -> Fault:
    """The fault of naming a delivery that a message does not have; 0 where it has none at all."""
    if not count:
        return Fault("NO_DELIVERIES")
    numbers = ", ".join(map(str, range(1, count + 1)))
    return Fault("DELIVERY_NOT_FOUND", details={"number": str(number), "numbers": numbers})


def _not_to_settle(rows: tuple[DeliveryRow, ...], unknown: list[DeliveryRow], number: int) -> Fault:
    if not rows or number > len(rows):
        return _no_delivery(number, len(rows))
    if len(unknown) > 1:
        numbers = ", ".join(f"{row.number} ({row.destination})" for row in unknown)
        return Fault("SEVERAL_UNKNOWN", details={"numbers": numbers})
    row = next((one for one in rows if one.number == number), rows[0])
    return Fault("STEP_NOT_ALLOWED", details={"state": STATE_TEXTS[row.state].name})


def _without_effect(rows: tuple[DeliveryRow, ...], asked: Settling) -> DeliveryRow | None:
    """The one delivery of which a person may say that its effect is there."""
    found = [
        row
        for row in rows
        if row.state is State.DELIVERED
        and row.effect in OPEN_VERDICTS
        and asked.number in {0, row.number}
    ]
    return found[0] if len(found) == 1 and asked.done and not asked.id else None


def _withdrawn(rows: tuple[DeliveryRow, ...]) -> bool:
    return any(row.state is State.DISCARDED and row.reason is Reason.WITHDRAWN for row in rows)
