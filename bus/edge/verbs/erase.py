"""What may be asked on behalf of whoever is spoken of in messages: that it be erased (LGPD)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.edge.verbs.verb import Asked, Verb
from bus.engine.erase import Erasing, ErasureSubject

if TYPE_CHECKING:
    from bus.wiring import Bus


class EraseIn(Asked):
    """Whose messages, who asks for it and why; `dry`: nothing is erased."""

    messages: tuple[str, ...] = ()
    key: Annotated[str, Field(max_length=500)] = ""
    holding: Annotated[str, Field(max_length=50)] = ""
    actor: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    dry: bool = False


class EraseOut(BaseModel):
    """The ids of messages that were erased, or would be; that were before; and that are open."""

    erased: list[str]
    before: list[str]
    open: list[str]


async def erase(bus: Bus, asked: EraseIn) -> EraseOut:
    """Erase the contents of the messages of a subject."""
    subject = ErasureSubject(asked.messages, asked.key, asked.holding)
    done = await bus.eraser.erase(Erasing(subject, asked.actor, asked.reason, asked.dry))
    erased, before, open_ = ([row.id for row in rows] for rows in done)
    return EraseOut(erased=erased, before=before, open=open_)


ERASE = Verb("messages/erase", EraseIn, EraseOut, erase, patience=24 * 3600.0)
