"""Who keeps the de-para in a history: people who set pairs, part them and take changes back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import count

from bus.core.errors import BusFault, SenderFault
from bus.engine.depara_changes import DeparaChange, IdPair
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara_rows import ChangeRow, ConflictRow, WaitRow
from bus.ports.depara import CrossReference, PairFilter
from bus.store.memory import MemoryStore
from depara.model import Key, Member, PairRow
from tests.simulation.connection import Conditions, JournalConnection
from tests.simulation.people import PERSON, Office
from tests.simulation.process import Process
from tests.simulation.script import PairDeed, Pairing

REFUSED_PAIRS = frozenset({"UNDO_CONFLICT", "CHANGE_NOT_FOUND"})
"""What a person may be told: something changed since, or there is nothing to take back."""


class PairKeepers:
    """People at the de-para, all under one name."""

    def __init__(self, office: Office, store: MemoryStore) -> None:
        self._office = office
        self._pairs = store.tables.pairs
        self._numbers = count(1)
        self.refusals: Counter[str] = Counter()
        """How often a change was refused, by the code."""

    def waited_for(self) -> list[WaitRow]:
        """What deliveries wait for, in an order that is always the same."""
        return sorted(self._pairs.kept_waits)

    def look(self, scene: Pairing) -> None:
        """One finds something to do."""
        change, process = self._wanted(scene), self._office.a_process(scene.luck)
        if change and process:
            self._office.spawn(self._change(process, change, scene.deed))

    async def supply(self, process: Process, wait: WaitRow) -> None:
        """Set the pair that a delivery waits for."""
        await self._change(process, self._pair(wait.key, wait.reader), PairDeed.SET_WAITED)

    def _wanted(self, scene: Pairing) -> DeparaChange | None:
        key = Key(scene.entity, scene.sender, "", scene.id)
        match scene.deed:
            case PairDeed.SET_WAITED:
                waits = self.waited_for()
                chosen = waits[int(scene.luck * len(waits))] if waits else None
                return self._pair(chosen.key, chosen.reader) if chosen else None
            case PairDeed.SET:
                return self._pair(key, scene.reader, firmly=scene.firmly)
            case PairDeed.PART:
                known = self._pairs.by_key.get(key)
                rows = self._pairs.members((known.identity,)) if known else ()
                parts = tuple(row.key for row in rows if row.application == scene.reader)
                return DeparaChange(PERSON, reason="gone", parts=parts, orphans=scene.firmly)
            case PairDeed.UNDO:
                changes = sorted(self._pairs.changes)
                undone = changes[int(scene.luck * len(changes))] if changes else 0
                return DeparaChange(PERSON, reason="a mistake", undoes=undone) if undone else None

    def _pair(self, key: Key, reader: str, *, firmly: bool = False) -> DeparaChange:
        other = Key(key.entity, reader, "", f"{reader}-{PERSON}-{next(self._numbers)}")
        links = (IdPair(Member(key), Member(other)),)
        return DeparaChange(PERSON, reason="known", links=links, replace=firmly)

    async def _change(self, process: Process, change: DeparaChange, deed: PairDeed) -> None:
        named = ", ".join(f"{one.key.id}={other.key.id}" for one, other in change.links)
        named = named or ", ".join(key.id for key in change.parts) or str(change.undoes)
        self._office.tell(PERSON, f"{deed}: {named}")
        task = process.spawn(process.amending.change(change))
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        if error is None or (isinstance(error, BusFault) and error.fault.code == "JOURNAL_FAILED"):
            return
        if isinstance(error, SenderFault) and error.fault.code in REFUSED_PAIRS:
            self.refusals[error.fault.code] += 1
            self._office.tell(PERSON, f"is refused {deed}: {error.fault.code}")
            return
        self._office.chronicle.troubles.append(f"{deed} raised {error!r}")


class CrossReferenceConnection:
    """The CrossReference port of one process: reading takes time, and changes may not get there.

    What is read may have changed when it is heard of.
    """

    def __init__(
        self,
        kept: CrossReference,
        journal: JournalConnection,
        chance: random.Random,
        conditions: Conditions,
    ) -> None:
        self._kept = kept
        self._journal = journal
        self._chance = chance
        self._conditions = conditions

    async def _travel(self) -> None:
        if self._journal.dead:
            raise asyncio.CancelledError
        await asyncio.sleep(self._chance.expovariate(1 / self._conditions.delay))

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        await self._travel()
        found = await self._kept.known(keys)
        await self._travel()
        return found

    async def amend(self, asked: ChangeDepara) -> DeparaChanged:
        """Record a change."""
        return await self._journal.ask(asked, lambda: self._kept.amend(asked))

    async def rows(self, chosen: PairFilter) -> tuple[PairRow, ...]:
        """The rows that a filter chooses."""
        await self._travel()
        return await self._kept.rows(chosen)

    async def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named."""
        return await self._kept.history(key)

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """What needs a person."""
        return await self._kept.conflicts()

    async def waits(self, message: str = "") -> tuple[WaitRow, ...]:
        """Who waits for an id."""
        return await self._kept.waits(message)

    async def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened."""
        await self._travel()
        return await self._kept.uses(change)
