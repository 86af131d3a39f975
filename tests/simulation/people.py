"""What people do to messages, often several at once and in vain; every refusal is counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Protocol

from bus.core.delivery import Reason, State, Step
from bus.core.envelope import MessageType
from bus.core.errors import BusFault, Refusal, SenderFault
from bus.engine.operate import Replay
from bus.engine.responses import Settling
from bus.journal.commands import Operate
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.store.memory import MemoryStore
from tests.simulation.chronicle import Chronicle
from tests.simulation.process import Process
from tests.simulation.script import Acting, Crowding, Deed, PersonsWish

PERSON = "ana"


STOPPED = frozenset({State.REFUSED, State.DEAD, State.UNKNOWN, State.BLOCKED})
"""States that wait for a person."""
ABLE: Mapping[Deed, Collection[State]] = {
    Deed.OVERWRITE: frozenset({State.REFUSED, State.DEAD, State.UNKNOWN}),
    Deed.BLOCK: frozenset({State.WAITING}),
    Deed.UNBLOCK: frozenset({State.BLOCKED}),
    Deed.DISCARD: frozenset({State.WAITING, State.HELD, State.BLOCKED}) | STOPPED,
}
"""What a person who looks into the list first finds there for a deed."""

TOO_LATE = frozenset({"STEP_NOT_ALLOWED", "NO_DELIVERIES"})
"""It has moved on; or nothing of it was ever to be sent."""
SENT_ALREADY = TOO_LATE | {"REPLAYED_ALREADY", "UUID_REUSED", "ELEMENT_MISSING"}
"""What a replay may be told: somebody sent it, or a correction of it; or it is as wrong as ever."""
REFUSALS: Mapping[Deed, frozenset[str]] = {
    Deed.REPLAY: SENT_ALREADY | {"REPLAY_OVERWRITES"},
    Deed.OVERWRITE: SENT_ALREADY,
    Deed.DONE: TOO_LATE | {"SEVERAL_UNKNOWN"},
    Deed.NOT_DONE: TOO_LATE | {"SEVERAL_UNKNOWN"},
    Deed.BLOCK: TOO_LATE,
    Deed.UNBLOCK: TOO_LATE,
    Deed.DISCARD: TOO_LATE,
}
"""With which codes the bus may refuse a deed. Any other is trouble."""


class Office(Protocol):
    """What people need of the world."""

    chronicle: Chronicle

    def tell(self, who: str, what: str) -> None:
        """Add a line to the chronicle."""

    def a_process(self, luck: float) -> Process | None:
        """One of those that run; None where all are down."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that outlives every process of the bus."""


class People:
    """Who acts in a history, all under one name."""

    def __init__(self, office: Office, store: MemoryStore) -> None:
        self._office = office
        self._tables = store.tables
        self.refusals: Counter[tuple[Deed, str]] = Counter()
        """How often a deed was refused, by the code."""

    # -- what they choose --------------------------------------------------------------------------

    def look(self, scene: Acting) -> None:
        """One finds something in the list for what they want."""
        rows = self._tables.kept.deliveries.values()
        able = [row for row in rows if row.state in ABLE[scene.deed]]
        process = self._office.a_process(scene.luck)
        if able and process:
            row = able[int(scene.luck * 7919) % len(able)]
            self._office.spawn(self.intervene(process, scene.deed, row))

    def gather(self, scene: Crowding) -> None:
        """Several come upon one message."""
        messages = self._in_the_list() if scene.looks else []
        if not messages:
            kept = self._tables.kept.messages.values()
            messages = [row for row in kept if row.type == MessageType.BUSINESS]
        if messages:
            chosen = messages[int(scene.luck**0.5 * len(messages))]
            for wish in scene.wishes:
                self._office.spawn(self._wish(wish, chosen))

    def _in_the_list(self) -> list[MessageRow]:
        """What was rejected, has stopped or was taken back."""
        kept = self._tables.kept
        rejected = [row.id for row in kept.messages.values() if row.state is MessageState.REJECTED]
        stopped = [
            row.message
            for row in kept.deliveries.values()
            if row.state in STOPPED or row.reason is Reason.WITHDRAWN
        ]
        return [kept.messages[id_] for id_ in sorted({*rejected, *stopped})]

    async def _wish(self, wish: PersonsWish, message: MessageRow) -> None:
        await asyncio.sleep(wish.after)
        number = 0 if wish.whole else 1 + int(wish.luck * max(1, message.planned))
        if process := self._office.a_process(wish.luck):
            await self.act(process, wish.deed, message.id, number)

    # -- what they do ------------------------------------------------------------------------------

    async def intervene(self, process: Process, deed: Deed, row: DeliveryRow) -> None:
        """Act on a delivery, which may have moved on since they looked."""
        await self.act(process, deed, row.message, row.number, f", which is {row.state}")

    async def act(
        self, process: Process, deed: Deed, message: str, number: int, seen: str = ""
    ) -> None:
        """Act on a delivery of a message, or on all of them (0)."""
        self._office.tell(PERSON, f"{deed} {message}/{number}{seen}")
        task = process.spawn(_carry_out(process, deed, message, number))
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        if error is None or (isinstance(error, BusFault) and error.fault.code == "JOURNAL_FAILED"):
            return
        if isinstance(error, Refusal):
            self.refusals[deed, error.fault.code] += 1
            self._office.tell(PERSON, f"is refused {deed} {message}/{number}: {error.fault.code}")
        if not (isinstance(error, SenderFault) and error.fault.code in REFUSALS[deed]):
            self._office.chronicle.troubles.append(f"{deed} raised {error!r}")


async def _carry_out(process: Process, deed: Deed, id_: str, number: int) -> None:
    operators = process.operators
    message = await operators.find(id_)
    match deed:
        case Deed.REPLAY | Deed.OVERWRITE:
            overwrites = deed is Deed.OVERWRITE
            await operators.replay(Replay(message, number, PERSON, "again", overwrites))
        case Deed.DONE | Deed.NOT_DONE:
            done = deed is Deed.DONE
            await operators.settle(Settling(message, done, number, PERSON, "they looked"))
        case Deed.DISCARD:
            await operators.discard(message, number, PERSON, "not needed")
        case Deed.BLOCK | Deed.UNBLOCK:
            step = Step.BLOCK if deed is Deed.BLOCK else Step.UNBLOCK
            await operators.act(Operate(id_, step, number, PERSON, "a person's"))
