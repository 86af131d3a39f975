"""The local API: what is asked of a running bus, over its Unix socket.

Only who may open the socket file (mode 0600) reaches it; there is no other login.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bus.core.errors import Refusal
from bus.edge.http.asgi import fault_to_dict
from bus.edge.verbs import VERBS, Verb
from bus.wiring import Bus


def local_api(bus: Bus) -> FastAPI:
    """The local API of a running bus: each verb of the table at its path."""
    api = FastAPI(title="bus", version="1", openapi_url="/api/v1/openapi.json", docs_url=None)

    @api.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        language = bus.settings.language
        errors = [{**fault_to_dict(each, language), **each.plain()} for each in refusal.faults]
        return JSONResponse({"errors": errors}, status_code=refusal.fault.status)

    for verb in VERBS:
        api.post(verb.path, name=verb.name, description=verb.do.__doc__)(_endpoint(bus, verb))
    return api


def _endpoint(bus: Bus, verb: Verb[Any, Any]) -> Callable[..., Awaitable[Any]]:
    async def endpoint(asked: Any) -> Any:  # noqa: ANN401 - the models of the verb, below
        return await verb.do(bus, asked)

    endpoint.__annotations__ = {"asked": verb.asked, "return": verb.told}
    return endpoint
