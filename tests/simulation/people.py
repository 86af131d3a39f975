"""What people do to messages, often several at once and in vain; every refusal is counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Protocol

from bus.core.delivery import State, Step
from bus.core.errors import BusFault, Refusal, SenderFault
from bus.engine.operate import Replay
from bus.engine.responses import Settling
from bus.journal.commands import Operate
from bus.journal.rows import DeliveryRow
from tests.simulation.chronicle import Chronicle
from tests.simulation.process import Process
from tests.simulation.script import Deed

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

TOO_LATE = frozenset({"STEP_NOT_ALLOWED"})
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


class People:
    """Who acts in a history, all under one name."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.refusals: Counter[tuple[Deed, str]] = Counter()
        """How often a deed was refused, by the code."""

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
