"""What may be done to a message: sent again, held, let go, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.core.delivery import Step
from bus.core.errors import Fault
from bus.edge.verbs.verb import Asked, FaultOut, Verb
from bus.edge.words.pairs import id_of
from bus.engine.operate import Replay
from bus.engine.responses import Settling
from bus.journal.commands import Operate, Operated
from bus.journal.depara_rows import ConflictRow

if TYPE_CHECKING:
    from bus.wiring import Bus


class OperationIn(Asked):
    """What a person wants done to a message: to one delivery (`number`), or to all (0), and why.

    `message` is the id that the bus gave it, or its sender's UUID.
    """

    message: str
    number: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    actor: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(max_length=2000)] = ""


class DeliveryOut(BaseModel):
    """A delivery that changed, as it stands now."""

    number: int
    application: str
    state: str


class OperationOut(BaseModel):
    """What came of it: the message that is now under way, and the deliveries that changed.

    `faults` tell what of it was not kept.
    """

    message: str
    moved: list[DeliveryOut]
    faults: list[FaultOut] = []


class ReplayIn(OperationIn):
    """What a person wants sent again; `overwrite`: though a newer message was delivered."""

    overwrite: bool = False


class SettleIn(OperationIn):
    """What a person says of what nobody knows; `id` is the one that the destination gave."""

    done: bool
    id: Annotated[str, Field(max_length=500)] = ""


async def replay(bus: Bus, asked: ReplayIn) -> OperationOut:
    """Send again what stopped."""
    message = await bus.operators.find(asked.message)
    wanted = Replay(message, asked.number, asked.actor, asked.reason, asked.overwrite)
    return _told(await bus.operators.replay(wanted))


async def settle(bus: Bus, asked: SettleIn) -> OperationOut:
    """Say what became of what nobody knows."""
    message = await bus.operators.find(asked.message)
    said = Settling(message, asked.done, asked.number, asked.actor, asked.reason, asked.id)
    acted = await bus.operators.settle(said)
    return _told(acted).model_copy(update={"faults": await _in_conflict(bus, acted)})


async def _in_conflict(bus: Bus, settled: Operated) -> list[FaultOut]:
    """What the de-para did not learn of an id that a person gave, for it knows another."""
    numbers = {row.number for row in settled.moved if row.message == settled.message.id}
    return [
        FaultOut.of(_not_learnt(one))
        for one in await bus.ports.crossreference.conflicts()
        if one.message == settled.message.id and one.delivery in numbers
    ]


def _not_learnt(conflict: ConflictRow) -> Fault:
    details = {
        "pair": f"{conflict.entity} {id_of(conflict.one.key)} = {id_of(conflict.other.key)}",
        "against": ", ".join(id_of(one.key) for one in conflict.against),
        "number": str(conflict.number),
    }
    return Fault("ID_IN_CONFLICT", details=details)


async def block(bus: Bus, asked: OperationIn) -> OperationOut:
    """Hold what waits."""
    return await _step(bus, asked, Step.BLOCK)


async def unblock(bus: Bus, asked: OperationIn) -> OperationOut:
    """Let what was held go on."""
    return await _step(bus, asked, Step.UNBLOCK)


async def discard(bus: Bus, asked: OperationIn) -> OperationOut:
    """Give up, with a reason."""
    message = await bus.operators.find(asked.message)
    return _told(await bus.operators.discard(message, asked.number, asked.actor, asked.reason))


async def _step(bus: Bus, asked: OperationIn, step: Step) -> OperationOut:
    message = await bus.operators.find(asked.message)
    act = Operate(message.id, step, asked.number, asked.actor, asked.reason)
    return _told(await bus.operators.act(act))


def _told(acted: Operated) -> OperationOut:
    moved = [
        DeliveryOut(number=row.number, application=row.destination, state=row.state.value)
        for row in acted.moved
        if row.message == acted.message.id
    ]
    return OperationOut(message=acted.message.id, moved=moved)


REPLAY = Verb("messages/replay", ReplayIn, OperationOut, replay)
SETTLE = Verb("messages/settle", SettleIn, OperationOut, settle)
BLOCK = Verb("messages/block", OperationIn, OperationOut, block)
UNBLOCK = Verb("messages/unblock", OperationIn, OperationOut, unblock)
DISCARD = Verb("messages/discard", OperationIn, OperationOut, discard)
