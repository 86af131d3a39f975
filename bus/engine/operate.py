"""Replay: a person sends again what stopped, or a message of which nothing was ever sent."""

from __future__ import annotations

from bus.core.contract import Lifecycle
from bus.core.delivery import STATE_TEXTS, IllegalStep, Reason, State, Step
from bus.core.errors import Fault, SenderFault
from bus.core.plan import on_failure_of
from bus.engine.accept import Acceptor
from bus.engine.answers import Answers
from bus.engine.dispatch import Dispatcher
from bus.engine.post import Post
from bus.journal.commands import Operate, Operated
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.ports.ports import Ports


class Operator:
    """What people do to messages: replay, block, unblock, discard."""

    def __init__(
        self, ports: Ports, acceptor: Acceptor, answers: Answers, dispatcher: Dispatcher
    ) -> None:
        self._journal = ports.journal
        self._history = ports.history
        self._contracts = ports.contracts
        self._deployment = ports.deployment
        self._acceptor = acceptor
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

    async def replay(self, message: MessageRow, number: int, actor: str, reason: str) -> Operated:
        """Send again: in place what stopped, as a new message what was never sent."""
        trace = await self._history.trace(message.id)
        rows = trace.deliveries if trace else ()
        if message.state is MessageState.REJECTED or _withdrawn(rows):
            return await self._again(message, actor)
        return await self.act(Operate(message.id, Step.REPLAY, number, actor, reason))

    async def act(self, act: Operate) -> Operated:
        """Take a step on deliveries; SenderFault NOT_POSSIBLE where none allows it."""
        try:
            acted = await self._journal.act(act)
        except IllegalStep as error:
            details = {"state": STATE_TEXTS[error.state].name}
            raise SenderFault(Fault("STEP_NOT_ALLOWED", details=details)) from None
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

    async def _again(self, message: MessageRow, actor: str) -> Operated:
        body = await self._history.body(message.id)
        sender = self._deployment().applications.get(message.sender)
        if body is None or sender is None:
            raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": message.id}))
        post = Post(body, sender, carrier=message.carrier, parent=message.id, actor=actor)
        reception = await self._acceptor.receive(post)
        (again,) = await self._history.find(reception.message)
        return Operated(again)


def _withdrawn(rows: tuple[DeliveryRow, ...]) -> bool:
    return any(row.state is State.DISCARDED and row.reason is Reason.WITHDRAWN for row in rows)
