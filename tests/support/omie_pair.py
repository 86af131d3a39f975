"""A running bus between two apps of a simulated Omie that share registers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import omie_simulator
from bus.core.delivery import State
from bus.core.envelope import Event
from bus.engine.depara_changes import DeparaChange, IdPair
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.codec import Codec, Document
from bus.ports.history import Filter
from bus.wiring import open_codec
from depara.model import Key, Member, Source
from tests.support.omie_apps import MOST_SECONDS, Fill, OmieApps, between, fill_nothing

A, B = "matriz", "filial"
ROUTE = """  {name}:
    transactions: [Family, Item, CustomerVendor]
    from: {name}
    to: [{other}]
    echo_within: 30d
    strictness: warn
    retry: {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
"""
ENDED = frozenset({State.DELIVERED, State.DISCARDED, State.REFUSED, State.DEAD})


class Pair(OmieApps):
    """The bus, and the two apps `a` and `b`."""

    @property
    def a(self) -> OmieApp:
        """The books of the first app."""
        return self.omie.app(A)

    @property
    def b(self) -> OmieApp:
        """The books of the other."""
        return self.omie.app(B)

    async def link(self, entity: str, ours: str, theirs: str) -> None:
        """Have the de-para know that an id of the first app and one of the other are one thing."""
        one, other = Key(entity, A, "", ours), Key(entity, B, "", theirs)
        links = (IdPair(Member(one), Member(other)),)
        change = DeparaChange(actor="test", source=Source.PERSON, links=links)
        await self.run.bus.amending.change(change)

    async def delivered(self, sender: str, state: State, count: int = 1) -> list[Document]:
        """What an app sent, once so many of its messages stand so; as it was sent."""
        async with asyncio.timeout(MOST_SECONDS):
            while len(found := await self._stand(sender, state)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return [await self._document(row) for row, _ in found]

    async def settled(self) -> list[str]:
        """Wait until all deliveries have ended: those that were sent and failed."""
        async with asyncio.timeout(MOST_SECONDS):
            while not ENDED.issuperset(told := await self._states()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return [state for state in told if state not in {State.DELIVERED, State.DISCARDED}]

    async def told_again(self, app: str, name: str) -> None:
        """Wait until an app has told a record of this name, and nobody was sent it.

        Time passes meanwhile, for no list is read twice in a minute.
        """
        async with asyncio.timeout(MOST_SECONDS):
            while True:
                self.pass_time(61)
                found = await self._stand(app, State.DISCARDED)
                documents = [await self._document(row) for row, _ in found]
                if any(one.values(["Name"]) == (name,) for one in documents):
                    return
                await asyncio.sleep(0.2)

    async def deleted_again(self, app: str) -> None:
        """Wait until an app has told that something is gone, and nobody was sent it."""
        async with asyncio.timeout(MOST_SECONDS):
            while True:
                found = await self._stand(app, State.DISCARDED)
                documents = [await self._document(row) for row, _ in found]
                events = [one.envelope.business for one in documents]
                if any(getattr(one, "event", None) is Event.DELETE for one in events):
                    return
                await asyncio.sleep(0.05)

    async def _states(self) -> list[State]:
        return [one.state for app in (A, B) for _, rows in await self._sent(app) for one in rows]

    async def state(self, sender: str) -> list[str]:
        """How all that an app sent stands: transactions with states, the oldest first."""
        found = await self._sent(sender)
        return [f"{row.transaction} {one.state}" for row, rows in found for one in rows]

    async def faults(self, sender: str) -> list[str]:
        """Why what an app sent stands so, in Portuguese."""
        told = []
        for row, _ in await self._sent(sender):
            trace = await self.run.bus.history.trace(row.id)
            assert trace
            told += [one.fault.reason("pt") for one in trace.attempts if one.fault]
        return told

    async def _stand(
        self, sender: str, state: State
    ) -> list[tuple[MessageRow, tuple[DeliveryRow, ...]]]:
        return [
            (row, rows)
            for row, rows in await self._sent(sender)
            if any(one.state is state for one in rows)
        ]

    async def _sent(self, sender: str) -> list[tuple[MessageRow, tuple[DeliveryRow, ...]]]:
        found = await self.run.bus.history.messages(Filter(sender=sender))
        return [(row, tuple(rows)) for row, rows in reversed(found)]

    async def _document(self, row: MessageRow) -> Document:
        body = await self.run.bus.history.body(row.id)
        assert body
        return await open_codec().read(body, row.carrier)


@contextlib.asynccontextmanager
async def pair(
    codec: Codec,
    place: Path,
    fill: Fill = fill_nothing,
    *,
    extended: bool = False,
) -> AsyncIterator[Pair]:
    """A bus between two apps, which are filled before it starts, and whose events it is told.

    `extended`: they share what is added to published contracts, too.
    """
    routes = "".join(ROUTE.format(name=one, other=other) for one, other in ((A, B), (B, A)))
    shared = f"shared_ids: [{{entity: Company, between: [{A}, {B}]}}]\n"
    rules = f"routes:\n{routes}{shared}"
    async with omie_simulator(codec) as omie:
        fill(omie)
        reads = "Family, Item, CustomerVendor"
        async with between(Pair(omie, place), (A, B), rules, reads, extended=extended) as bus:
            yield bus
