"""The applications of a golden case: simulated ones, with the answers of the case for their own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from adapters.protheus.simulated import SERVICE as PROTHEUS_SERVICE
from adapters.rm.simulated import SERVICE as RM_SERVICE
from adapters.simulation.behaviour import Behaviour, read_behaviour
from adapters.simulation.carrier import PlainCarrier, SimulatedCarrier
from adapters.simulation.clerk import ClerkAnswer
from adapters.simulation.desk import Setting, SimulatedDesk
from adapters.simulation.eai.service import EaiService
from adapters.simulation.simulator import Simulator
from bus.core.route import Credentials
from bus.ports.codec import Codec, Document
from tests.golden_cases.cases import RECEIVED, Case, CaseMistake

PASSWORD = "only-in-golden-cases"
"""Of every user of every case."""
SERVICES: Mapping[str, EaiService] = {"RM": RM_SERVICE, "PROTHEUS": PROTHEUS_SERVICE}
"""How the web service of a product answers; those of others do as that of Protheus."""


class Script:
    """What an application says by its case. `messages` are those it got, each once, in order."""

    def __init__(self, case: Case, name: str) -> None:
        self._case = case
        self._name = name
        self.messages: dict[bytes, int] = {}
        self.newest: Document | None = None

    def hear(self, document: Document) -> Document:
        """Keep a message; one that comes again unchanged is the same one."""
        self.newest = document
        self.messages.setdefault(document.raw, len(self.messages) + 1)
        return document

    def process(self, document: Document) -> ClerkAnswer:
        """What the case has it answer."""
        answer = self._case.answer(self._name, self.messages[document.raw])
        if answer is None:
            return ClerkAnswer()
        return ClerkAnswer(text=self.fill(answer).decode(), bare=True)

    def pretend(self, document: Document) -> ClerkAnswer:
        """The same: it has no books."""
        return self.process(document)

    def fill(self, said: bytes) -> bytes:
        """What it says, with the UUID of the message that it was sent last."""
        uuid = self.newest.envelope.header.uuid if self.newest else ""
        return said.replace(RECEIVED, uuid.encode())


class Heard:
    """A wrapping whose messages a script hears."""

    def __init__(self, wrapping: SimulatedCarrier, script: Script) -> None:
        self._wrapping = wrapping
        self._script = script
        self.media_type = wrapping.media_type
        self.is_empty = wrapping.is_empty
        self.wrap = wrapping.wrap
        self.unreadable = wrapping.unreadable
        self.failure = wrapping.failure

    async def read(self, codec: Codec, body: bytes) -> Document:
        """The message in a body."""
        return self._script.hear(await self._wrapping.read(codec, body))


class Application(Simulator):
    """A simulated application that answers by its case.

    It is `away` while it does not listen; `visits` counts what was brought to it.
    """

    def __init__(self, codec: Codec, case: Case, name: str) -> None:
        keys = case.applications[name]
        user = keys.get("credentials", {}).get("user")
        self.script = Script(case, name)
        self.away = False
        self.visits = 0
        self._wrapping = Heard(_wrapping_of(name, keys), self.script)
        login = Credentials(str(user), PASSWORD) if user else None
        setting = Setting(name, str(keys.get("product", "")), login=login)
        super().__init__(codec, setting, _behaviour(case, name))

    async def leave(self) -> None:
        """Stop listening and drop all connections."""
        self.away = True
        await super().leave()

    async def come_back(self) -> None:
        """Listen again."""
        await super().come_back()
        self.away = False

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        self.visits += 1
        return await super()._receive(request)

    def _open_desk(self, codec: Codec) -> SimulatedDesk:
        return SimulatedDesk(codec, self._setting, self.script, self._wrapping)


def _wrapping_of(name: str, keys: Mapping[str, object]) -> SimulatedCarrier:
    """How messages come to an application, by its adapter."""
    kind, product = keys.get("adapter"), str(keys.get("product", "")).upper()
    if kind == "http-xml":
        return PlainCarrier()
    if kind == "eai-soap":
        return SERVICES.get(product, PROTHEUS_SERVICE)
    raise CaseMistake(
        f"routes.yaml: {name}: adapter `{kind}`. A case can play http-xml and eai-soap."
    )


def _behaviour(case: Case, name: str) -> Behaviour:
    try:
        return read_behaviour(json.dumps({"sequence": case.conducts.get(name, [])}))
    except (ValueError, TypeError) as mistake:
        raise CaseMistake(f"case.yaml: answers: {name}: {mistake}") from None
