"""The local API: what writing commands ask of a running bus, over its Unix socket.

Only who may open the socket file (mode 0600) reaches it; there is no other login.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from bus.core.delivery import Step
from bus.edge.http.depara import depara_api
from bus.edge.http.refusals import tell_refusals
from bus.journal.commands import Operate, Operated
from bus.wiring import Bus


class OperationIn(BaseModel):
    """What a person wants done: to one delivery (`number`), or to all (0), by whom and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[int, Field(ge=0)] = 0
    actor: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(max_length=2000)] = ""


class DeliveryOut(BaseModel):
    """A delivery that changed, as it stands now."""

    number: int
    application: str
    state: str


class OperationOut(BaseModel):
    """What came of a wish: the message that is now under way, and the deliveries that changed."""

    message: str
    moved: list[DeliveryOut]


def local_api(bus: Bus) -> FastAPI:
    """The local API of a running bus."""
    api = FastAPI(title="bus", version="1", openapi_url="/api/v1/openapi.json", docs_url=None)
    operators = bus.operators

    tell_refusals(api, bus.settings.language)

    @api.post("/api/v1/messages/{id_or_uuid}/replay")
    async def replay(id_or_uuid: str, wish: OperationIn) -> OperationOut:
        """Send again what stopped."""
        message = await operators.find(id_or_uuid)
        return _done(await operators.replay(message, wish.number, wish.actor, wish.reason))

    @api.post("/api/v1/messages/{id_or_uuid}/discard")
    async def discard(id_or_uuid: str, wish: OperationIn) -> OperationOut:
        """Give up, with a reason."""
        message = await operators.find(id_or_uuid)
        return _done(await operators.discard(message, wish.number, wish.actor, wish.reason))

    @api.post("/api/v1/messages/{id_or_uuid}/block")
    async def block(id_or_uuid: str, wish: OperationIn) -> OperationOut:
        """Hold what waits."""
        message = await operators.find(id_or_uuid)
        act = Operate(message.id, Step.BLOCK, wish.number, wish.actor, wish.reason)
        return _done(await operators.act(act))

    @api.post("/api/v1/messages/{id_or_uuid}/unblock")
    async def unblock(id_or_uuid: str, wish: OperationIn) -> OperationOut:
        """Let what was held go on."""
        message = await operators.find(id_or_uuid)
        act = Operate(message.id, Step.UNBLOCK, wish.number, wish.actor, wish.reason)
        return _done(await operators.act(act))

    api.include_router(depara_api(bus.amending, bus.settings.language))
    return api


def _done(acted: Operated) -> OperationOut:
    moved = [
        DeliveryOut(number=row.number, application=row.destination, state=row.state.value)
        for row in acted.moved
        if row.message == acted.message.id
    ]
    return OperationOut(message=acted.message.id, moved=moved)
