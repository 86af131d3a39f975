"""A simulated Omie: `async with omie_simulator(codec, setting) as omie`.

It answers at Omie's own paths, `/api/v1/<module>/<service>/`. Without a login every key opens an
app of its own; with one only that key does, and those of `POST /simulator/apps`, which also says
where the events of an app are told. `POST /simulator/block` blocks an app for some seconds.

    omie.app("key").keep_product("FLT-1", "Filtro")
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from adapters.omie.numbers import read_json, written
from adapters.omie.simulated.books import OmieApp, OmieFault, Row
from adapters.omie.simulated.guard import RUNNING, Guard
from adapters.omie.simulated.services import SERVICES
from adapters.omie.simulated.webhooks import Webhooks
from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct
from adapters.simulation.desk import Setting, hang_up
from adapters.simulation.json_wire import carried_out
from adapters.simulation.simulator import Simulator
from bus.ports.codec import Codec

ROOT = "/api/v1/"
LOCAL = timedelta(hours=-3)
"""The local time of Omie: that of São Paulo."""
NO_KEY = "A chave de acesso não está preenchida ou não é válida. O acesso não é permitido."
WITHOUT_IDS = frozenset({"codigo_status", "descricao_status", "cCodStatus", "cDesStatus"})
NO_EFFECT: Row = {"codigo_status": "0", "cCodStatus": "0", "descricao_status": "Sucesso!"}
FAULTS: Mapping[Conduct, OmieFault] = {
    Conduct.DENY: OmieFault(NO_KEY),
    Conduct.TRY_AGAIN: OmieFault(RUNNING, "Client-1880"),
}
UNPROCESSED = frozenset({*FAULTS, Conduct.REFUSE, Conduct.FAIL, Conduct.BUSY})


@dataclass
class _Key:
    """What one app key opens. An empty secret is any."""

    books: OmieApp
    guard: Guard
    secret: str = ""
    webhooks: Webhooks | None = None


@dataclass(frozen=True)
class OmieCall:
    """A call that came: its method and parameter, without the secret, and the key it came by."""

    method: str
    param: Row = field(default_factory=dict)
    app_key: str = ""


class OmieSimulator(Simulator):
    """Plays Omie's apps while its context is open."""

    def __init__(
        self, codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
    ) -> None:
        super().__init__(codec, setting, behaviour)
        self._keys: dict[str, _Key] = {}
        self._passed = 0.0
        self.calls: list[OmieCall] = []

    def app(self, key: str) -> OmieApp:
        """The books of an app."""
        return self._key(key).books

    def webhooks(self, key: str, address: str = "", *, older: bool = False) -> Webhooks:
        """Where the events of an app are told; with an address, there from now on."""
        opened = self._key(key)
        if address:
            opened.webhooks = Webhooks(key, address, older=older)
            opened.books.tell = opened.webhooks.tell
        if not opened.webhooks:
            raise LookupError(f"no webhooks of {key}")
        return opened.webhooks

    def block(self, key: str, seconds: float) -> None:
        """Block an app as after misuse."""
        self._key(key).guard.block(seconds)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for Omie at once."""
        self._passed += seconds

    async def leave(self) -> None:
        """Stop listening, and tell no more events."""
        await super().leave()
        for key in self._keys.values():
            if key.webhooks:
                await key.webhooks.close()

    def _path(self) -> str:
        return ROOT

    def _add_pages(self, pages: web.Application) -> None:
        pages.router.add_post("/simulator/apps", self._register)
        pages.router.add_post("/simulator/block", self._block)

    def _key(self, key: str) -> _Key:
        if key not in self._keys:
            self._keys[key] = _Key(OmieApp(self._local_time), Guard(self._now))
            if self._setting.bus:
                self.webhooks(key, self._setting.bus)
        return self._keys[key]

    def _now(self) -> float:
        return time.monotonic() + self._passed

    def _local_time(self) -> datetime:
        now = time.time() + self._passed  # noqa: TID251 - an application has a clock of its own
        return datetime.fromtimestamp(now, UTC).replace(tzinfo=None) + LOCAL

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        step = self._behaviour.next()
        if step.do is Conduct.DROP_BEFORE:
            return hang_up(request)
        body = await request.read()
        try:
            status, answer = 200, await self._answer(request.path, body, step)
        except OmieFault as fault:
            status = fault.status
            code = fault.code if fault.code.isupper() else f"SOAP-ENV:{fault.code}"
            answer = {"faultstring": f"ERROR: {fault.text}", "faultcode": code}
        return _carried_out(request, step, status, answer)

    async def _answer(self, path: str, body: bytes, step: ScriptedConduct) -> Row:
        call = _read(body)
        opened = self._opened(call)
        method = str(call.get("call"))
        param = call["param"][0]
        with opened.guard.admitted(method, body):
            self.calls.append(OmieCall(method, param, str(call.get("app_key"))))
            await asyncio.sleep(step.seconds)
            if step.do is Conduct.REFUSE:
                raise OmieFault(step.text)
            if step.do in FAULTS:
                raise FAULTS[step.do]
            if step.do is Conduct.OK_WITHOUT_EFFECT or step.do in UNPROCESSED:
                return NO_EFFECT
            service = SERVICES.get((path.removeprefix(ROOT).strip("/"), method))
            if not service:
                raise OmieFault(f"Method [{method}] not exists", "Client-8020")
            return service(opened.books, param)

    def _opened(self, call: Row) -> _Key:
        key, secret = str(call.get("app_key") or ""), str(call.get("app_secret") or "")
        login = self._setting.login
        if key not in self._keys and login and key != login.user:
            raise FAULTS[Conduct.DENY]
        if not key or not secret:
            raise FAULTS[Conduct.DENY]
        opened = self._key(key)
        wanted = login.password if login and key == login.user else opened.secret
        if wanted and secret != wanted:
            raise FAULTS[Conduct.DENY]
        return opened

    async def _register(self, request: web.Request) -> web.Response:
        try:
            told = json.loads(await request.text())
            opened = self._key(str(told["app_key"]))
            opened.secret = str(told.get("app_secret", ""))
            if told.get("webhook"):
                self.webhooks(str(told["app_key"]), str(told["webhook"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return web.json_response({"error": 'send {"app_key": "…"}'}, status=400)
        return web.json_response({})

    async def _block(self, request: web.Request) -> web.Response:
        try:
            told = json.loads(await request.text())
            self.block(str(told["app_key"]), float(told["seconds"]))
        except (ValueError, TypeError, KeyError):
            return web.json_response({"error": 'send {"app_key": "…", "seconds": 60}'}, status=400)
        return web.json_response({})


def omie_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> OmieSimulator:
    """An Omie, which listens while its context is open; its login are an app's key and secret."""
    return OmieSimulator(codec, setting, behaviour)


def _read(body: bytes) -> Row:
    try:
        call = read_json(body)
    except ValueError:
        raise OmieFault("Requisição mal formada: JSON inválido", "Client-3") from None
    param = call.get("param") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(param, list) or len(param) != 1:
        raise OmieFault("Requisição mal formada: param deve ter um objeto", "Client-3")
    return call


def _carried_out(
    request: web.Request, step: ScriptedConduct, status: int, answer: Row
) -> web.StreamResponse:
    """The answer, or what the step puts in its place on the wire."""
    if step.do is Conduct.WITHOUT_IDS and status == 200:  # noqa: PLR2004 - HTTP's success
        answer = {name: value for name, value in answer.items() if name in WITHOUT_IDS}
    body = written(answer)
    wait = {"Retry-After": str(step.retry_after)}
    busy = web.Response(status=429, text="Too many Requests", headers=wait)
    return carried_out(request, step, status, body, busy)
