"""The applications that a bus under load delivers to: what they really did, and what they heard."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.protheus.simulated import SERVICE
from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct
from adapters.simulation.carrier import bring_by_http
from adapters.simulation.clerk import ClerkAnswer, PlainClerk
from adapters.simulation.desk import Setting, SimulatedDesk
from adapters.simulation.ledger import Ledger
from adapters.simulation.simulator import Simulator
from bus.core.envelope import Status
from bus.core.route import Credentials
from bus.ports.codec import Codec, Document
from tests.acceptance.killing import PASSWORD

HOLDING = {"busy": 0.4, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03}
"""What a destination does for which its senders wait."""
TROUBLE: Mapping[str, Mapping[str, float]] = {
    "safe": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.02, "drop-before": 0.02},
    "unsafe": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03},
    "till": HOLDING,
    "counter": HOLDING,
    "shelf": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03},
    "late": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03},
    "shop": {"busy": 0.05, "drop-after": 0.05, "drop-before": 0.05},
}
"""What each does instead of answering, and how often."""
REGISTERS = {"safe": frozenset({"currency"}), "shelf": frozenset({"unitofmeasure"})}
ORIGIN = "shop"
"""Who is sent no messages, but the answers to its own."""


class OriginAnswer(NamedTuple):
    """An answer that an origin got: about which of its messages, its own UUID, and what it says."""

    about: str
    uuid: str
    status: Status


@dataclass(slots=True)
class Notes:
    """What an application was told beside its ledger: the unit of each item, and the answers."""

    units: dict[str, str] = field(default_factory=dict)
    answers: list[OriginAnswer] = field(default_factory=list)


class NotingClerk(PlainClerk):
    """Notes what an item refers to, and what an answer is about."""

    def __init__(self, ledger: Ledger, notes: Notes) -> None:
        super().__init__(ledger)
        self._notes = notes

    def process(self, document: Document) -> ClerkAnswer:
        """Note the message."""
        envelope = document.envelope
        uuid = envelope.header.uuid
        if said := envelope.response:
            self._notes.answers.append(OriginAnswer(said.received_uuid, uuid, said.status))
        elif envelope.header.transaction == "Item":
            (self._notes.units[uuid],) = document.values(("UnitOfMeasureInternalId",))
        return super().process(document)


class Reader(Simulator):
    """One of them."""

    def __init__(self, codec: Codec, setting: Setting, behaviour: Behaviour) -> None:
        self.notes = Notes()
        super().__init__(codec, setting, behaviour)

    def _open_desk(self, codec: Codec) -> SimulatedDesk:
        setting = self._setting
        bring = bring_by_http(setting.bus, setting.credentials) if setting.bus else None
        wrapping = SERVICE if setting.name == "counter" else None
        self.clerk = NotingClerk(self._ledger, self.notes)
        return SimulatedDesk(codec, setting, self.clerk, wrapping, bring)


@contextlib.asynccontextmanager
async def readers(bus: str, codec: Codec, seed: int) -> AsyncIterator[dict[str, Reader]]:
    """All of them, by name; late answers are brought to the bus at that address."""
    async with contextlib.AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(_reader(name, bus, codec, seed))
            for name in TROUBLE
        }


def _reader(name: str, bus: str, codec: Codec, seed: int) -> Reader:
    chances = [
        (share, ScriptedConduct(Conduct(do), retry_after=0)) for do, share in TROUBLE[name].items()
    ]
    late = name == "late"
    setting = Setting(
        name=name,
        registers=REGISTERS.get(name, frozenset()),
        receipts=late,
        bus=f"{bus}/messages" if late else "",
        credentials=Credentials(name, PASSWORD) if late else None,
    )
    return Reader(codec, setting, Behaviour(chances=chances, seed=seed))
