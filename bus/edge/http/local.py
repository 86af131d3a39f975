"""The local API: what is asked of a running bus, over its Unix socket.

Only who may open the socket file (mode 0600) reaches it; there is no other login.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI

from bus.edge.http.refusals import tell_refusals
from bus.edge.verbs import VERBS, Verb
from bus.wiring import Bus


def local_api(bus: Bus) -> FastAPI:
    """The local API of a running bus: each verb of the table at its path."""
    api = FastAPI(title="bus", version="1", openapi_url="/api/v1/openapi.json", docs_url=None)

    tell_refusals(api, bus.settings.language)

    for verb in VERBS:
        api.post(verb.path, name=verb.name, description=verb.do.__doc__)(_endpoint(bus, verb))
    return api


def _endpoint(bus: Bus, verb: Verb[Any, Any]) -> Callable[..., Awaitable[Any]]:
    async def endpoint(asked: Any) -> Any:  # noqa: ANN401 - the models of the verb, below
        return await verb.do(bus, asked)

    endpoint.__annotations__ = {"asked": verb.asked, "return": verb.told}
    return endpoint
