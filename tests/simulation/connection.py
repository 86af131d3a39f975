"""How a process reaches the store: commands take time, may fail, and die with the process.

A command that is under way when its process is killed has or has not been committed; its caller
never hears. A dead process commits nothing any more, whatever its tasks still try.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from bus.core.diagnosis import Confirmation
from bus.core.errors import BusFault, Fault
from bus.journal.commands import (
    NOT_SHARED,
    Accept,
    Accepted,
    Check,
    Claim,
    ClaimDue,
    Claims,
    ClaimShare,
    Confirm,
    CursorMove,
    EndLeases,
    Forgotten,
    LeaseCursor,
    Operate,
    Operated,
    RecordAttempt,
    Recorded,
    RecordProgress,
    RecordResponse,
    Reject,
    Rejected,
    Repeated,
    StartAttempt,
    Unmatched,
)
from bus.journal.effects import RecordEffect
from bus.journal.erasure import Erase, Erased
from bus.journal.facts import FactRow
from bus.journal.retention import Prune, Pruned
from bus.journal.rows import ApplicationRow, ConfigurationRow, DeliveryRow, MessageRow
from bus.ports.history import Ahead, EffectStock, Filter, History, Stock, Trace
from bus.ports.journal import Journal
from tests.simulation.virtual_time import VirtualLoop

Result = TypeVar("Result")

SHARE_FAILING = 0.4
"""How many commands fail while the journal is in trouble."""
LONGEST_DELAY = 3.0
"""Seconds that a command takes at most on its way to the store or back, where nothing is frozen."""


@dataclass(slots=True)
class Conditions:
    """How the store is at present, the same for all processes. `delay` (s) is the usual one."""

    delay: float
    failing_until: float = 0.0
    frozen_until: float = 0.0


class JournalConnection:
    """The Journal port of one process, over the store's own.

    `watch` is called with each command before it is carried out, and what it gives with the result.
    """

    def __init__(
        self,
        journal: Journal,
        chance_of: Callable[[object], random.Random],
        conditions: Conditions,
        watch: Callable[[object], Callable[[object], None]],
    ) -> None:
        self._journal = journal
        self._chance_of = chance_of
        self._conditions = conditions
        self._watch = watch
        self._loop = cast("VirtualLoop", asyncio.get_running_loop())
        self._outside = Context()
        self._under_way: dict[asyncio.Future[Any], _UnderWay] = {}
        self.dead = False

    async def accept(self, acceptance: Accept) -> Accepted | Repeated | Forgotten:
        """Record an accepted message."""
        return await self.ask(acceptance, lambda: self._journal.accept(acceptance))

    async def reject(self, rejection: Reject) -> Rejected | Repeated:
        """Record a rejected message."""
        return await self.ask(rejection, lambda: self._journal.reject(rejection))

    async def settle(self, settlement: RecordResponse) -> Recorded | Repeated | Unmatched:
        """Record a destination's own response."""
        return await self.ask(settlement, lambda: self._journal.settle(settlement))

    async def claim(  # noqa: PLR0913 - what a worker can take, and how
        self,
        worker: str,
        room: Mapping[str, int],
        lease: float,
        asks: frozenset[str] = frozenset(),
        checks: frozenset[str] = frozenset(),
        *,
        shares: Mapping[str, ClaimShare] = NOT_SHARED,
    ) -> Claims:
        """Take what is due."""
        asked = ClaimDue(worker, room, lease, asks, checks, shares)
        return await self.ask(
            asked, lambda: self._journal.claim(worker, room, lease, asks, checks, shares=shares)
        )

    async def end_leases(
        self, worker: str, asks: frozenset[str] = frozenset()
    ) -> tuple[DeliveryRow, ...]:
        """End the leases of a worker that stops."""
        asked = EndLeases(worker, asks)
        return await self.ask(asked, lambda: self._journal.end_leases(worker, asks))

    async def lease_cursor(self, application: str, worker: str, lease: float) -> str | None:
        """Take the right to read an application."""
        asked = LeaseCursor(application, worker, lease)
        return await self.ask(asked, lambda: self._journal.lease_cursor(application, worker, lease))

    async def move_cursor(self, move: CursorMove) -> None:
        """Note how far an application has been read."""
        await self.ask(move, lambda: self._journal.move_cursor(move))

    async def confirm(self, asked: Confirm) -> Confirmation:
        """Record what a person says of a prerequisite."""
        return await self.ask(asked, lambda: self._journal.confirm(asked))

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins."""
        return await self.ask(StartAttempt(claim), lambda: self._journal.start(claim))

    async def record_progress(self, claim: Claim, name: str, value: str) -> bool:
        """Record a call of an attempt."""
        asked = RecordProgress(claim, name, value)
        return await self.ask(asked, lambda: self._journal.record_progress(claim, name, value))

    async def record(self, ended: RecordAttempt) -> Recorded:
        """Record the end of an attempt."""
        return await self.ask(ended, lambda: self._journal.record(ended))

    async def record_effect(self, asked: RecordEffect) -> DeliveryRow:
        """Record what asking for an effect came to."""
        return await self.ask(asked, lambda: self._journal.record_effect(asked))

    async def act(self, act: Operate) -> Operated:
        """Record a person's step."""
        return await self.ask(act, lambda: self._journal.act(act))

    async def prune(self, asked: Prune) -> Pruned:
        """Let go of what is finished."""
        return await self.ask(asked, lambda: self._journal.prune(asked))

    async def erase(self, asked: Erase) -> Erased:
        """Erase the contents of messages."""
        return await self.ask(asked, lambda: self._journal.erase(asked))

    async def check(self) -> None:
        """Whether anything can be recorded."""
        await self.ask(Check(), self._journal.check)

    def cut(self) -> None:
        """The process dies: what is under way is committed or not, and nothing comes after."""
        self.dead = True
        under_way, self._under_way = self._under_way, {}
        for one in under_way.values():
            if one.chance.random() < 0.5:
                self._carry_out(one)

    # -- a command on its way ----------------------------------------------------------------------

    async def ask(self, command: object, work: _Work[Result]) -> Result:
        """Have a command carried out, if it gets there."""
        if self.dead:
            raise asyncio.CancelledError  # whatever its tasks still wanted to do at their end
        waiter: asyncio.Future[Result] = self._loop.create_future()
        one = _UnderWay(command, work, self._chance_of(command))
        self._under_way[waiter] = one
        self._loop.call_later(self._delay(one), self._arrive, waiter, context=self._outside)
        return await waiter

    def _delay(self, one: _UnderWay) -> float:
        usual = one.chance.expovariate(1 / self._conditions.delay)
        return min(usual * 50, LONGEST_DELAY) if one.chance.random() < 0.02 else usual

    def _arrive(self, waiter: asyncio.Future[Any]) -> None:
        one = self._under_way.pop(waiter, None)
        if one is None:
            return
        result, error = self._carry_out(one)
        frozen = self._conditions.frozen_until - self._loop.time()
        delay = max(self._delay(one), frozen)
        self._loop.call_later(delay, self._tell, waiter, result, error, context=self._outside)

    def _carry_out(self, one: _UnderWay) -> tuple[object, Exception | None]:
        in_trouble = self._conditions.failing_until > self._loop.time()
        if in_trouble and one.chance.random() < SHARE_FAILING:
            return None, BusFault(Fault("JOURNAL_FAILED", details={"problem": "simulated"}))
        committed = self._watch(one.command)
        try:
            result = at_once(one.work())
        except Exception as error:  # noqa: BLE001 - it goes to the caller, as the port has it
            return None, error
        committed(result)
        return result, None

    def _tell(self, waiter: asyncio.Future[Any], result: object, error: Exception | None) -> None:
        if waiter.done() or self.dead:
            return
        if error is None:
            waiter.set_result(result)
        else:
            waiter.set_exception(error)


_Work = Callable[[], Coroutine[Any, Any, Result]]


class _UnderWay(NamedTuple):
    """A command that has not reached the store yet, with chance of its own."""

    command: object
    work: _Work[Any]
    chance: random.Random


def at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """Run what waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    work.close()
    raise AssertionError("the store of the simulation must not wait")


class HistoryConnection:
    """The History port of one process: reading takes time and ends with the process."""

    def __init__(self, history: History, chance: random.Random, conditions: Conditions) -> None:
        self._history = history
        self._chance = chance
        self._conditions = conditions
        self.dead = False

    async def _reach(self) -> None:
        if self.dead:
            raise asyncio.CancelledError
        await asyncio.sleep(self._chance.expovariate(1 / self._conditions.delay))

    async def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """What a response is about."""
        await self._reach()
        return await self._history.sent_as(destination, uuid)

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of an id."""
        await self._reach()
        return await self._history.find(id_or_uuid)

    async def standings(
        self, ids_or_uuids: Collection[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages of ids or UUIDs."""
        await self._reach()
        return await self._history.standings(ids_or_uuids)

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message."""
        await self._reach()
        return await self._history.trace(message)

    async def facts(self, message: str) -> tuple[FactRow, ...]:
        """The facts of a message."""
        return await self._history.facts(message)

    async def oldest(self) -> int:
        """When the oldest message was received."""
        return await self._history.oldest()

    async def size(self) -> int:
        """What the journal takes."""
        return await self._history.size()

    async def body(self, message: str) -> bytes | None:
        """What was received."""
        await self._reach()
        return await self._history.body(message)

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """A listing."""
        return await self._history.messages(chosen)

    async def ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        """What those that wait for their turn wait behind."""
        return await self._history.ahead(deliveries)

    async def pauses(self) -> tuple[ApplicationRow, ...]:
        """The applications that are left alone."""
        return await self._history.pauses()

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone."""
        return await self._history.stock()

    async def unfinished(self, applications: Collection[str]) -> Mapping[str, int]:
        """What is not gone, by application."""
        return await self._history.unfinished(applications)

    async def without_effect(self) -> tuple[EffectStock, ...]:
        """What is delivered without its effect."""
        return await self._history.without_effect()

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """All rows of a table."""
        return await self._history.audit(table)

    async def damage(self) -> tuple[str, ...]:
        """What the store finds wrong."""
        return await self._history.damage()

    async def back_up(self, file: Path) -> int:
        """A copy of the journal."""
        return await self._history.back_up(file)

    async def confirmations(self) -> tuple[Confirmation, ...]:
        """What people have confirmed."""
        return await self._history.confirmations()

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions of the configuration."""
        return await self._history.configurations(text, actor)
