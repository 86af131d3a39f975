"""A journal between the engine and a store, through which a test watches and disturbs."""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from bus.core.diagnosis import Confirmation
from bus.core.errors import BusFault, Fault
from bus.journal.commands import (
    NOT_SHARED,
    Accept,
    Accepted,
    Claim,
    Claims,
    ClaimShare,
    Confirm,
    CursorMove,
    Forgotten,
    Operate,
    Operated,
    RecordAttempt,
    Recorded,
    RecordResponse,
    Reject,
    Rejected,
    Repeated,
    Unmatched,
)
from bus.journal.effects import RecordEffect
from bus.journal.erasure import Erase, Erased
from bus.journal.retention import Prune, Pruned
from bus.journal.rows import DeliveryRow
from bus.ports.journal import Journal

Result = TypeVar("Result")
Disturbance = Callable[[], Awaitable[None]]


class TappedJournal:
    """Counts what is done, and runs a disturbance once before the verb that it is set for."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._disturbances: dict[str, list[Disturbance]] = {}
        self.done: Counter[str] = Counter()
        self.claiming = False
        self.passing: Callable[[str], None] = lambda _: None
        """Told of each verb by which messages come in, before it reaches the store and after."""

    def before(self, verb: str, *disturbances: Disturbance) -> None:
        """Run these before the next calls of a verb, one each."""
        self._disturbances.setdefault(verb, []).extend(disturbances)

    async def accept(self, acceptance: Accept) -> Accepted | Repeated | Forgotten:
        """Record an accepted message."""
        await self._disturb("accept")
        return await self._passed("accept", self._journal.accept(acceptance))

    async def reject(self, rejection: Reject) -> Rejected | Repeated:
        """Record a rejected message."""
        await self._disturb("reject")
        return await self._passed("reject", self._journal.reject(rejection))

    async def settle(self, settlement: RecordResponse) -> Recorded | Repeated | Unmatched:
        """Record a destination's own response."""
        await self._disturb("settle")
        return await self._journal.settle(settlement)

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
        self.claiming = True
        try:
            await self._disturb("claim")
            claims = await self._journal.claim(worker, room, lease, asks, checks, shares=shares)
        finally:
            self.claiming = False
        self.done["claim"] += 1
        return claims

    async def end_leases(
        self, worker: str, asks: frozenset[str] = frozenset()
    ) -> tuple[DeliveryRow, ...]:
        """End the leases of a worker that stops."""
        await self._disturb("end_leases")
        return await self._journal.end_leases(worker, asks)

    async def lease_cursor(self, application: str, worker: str, lease: float) -> str | None:
        """Take the right to read an application."""
        await self._disturb("lease_cursor")
        return await self._passed(
            "lease_cursor", self._journal.lease_cursor(application, worker, lease)
        )

    async def move_cursor(self, move: CursorMove) -> None:
        """Note how far an application has been read."""
        await self._disturb("move_cursor")
        await self._passed("move_cursor", self._journal.move_cursor(move))

    async def confirm(self, asked: Confirm) -> Confirmation:
        """Record what a person says of a prerequisite."""
        return await self._journal.confirm(asked)

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins."""
        await self._disturb("start")
        return await self._journal.start(claim)

    async def record_progress(self, claim: Claim, name: str, value: str) -> bool:
        """Record a call of an attempt."""
        await self._disturb("record_progress")
        return await self._journal.record_progress(claim, name, value)

    async def record(self, ended: RecordAttempt) -> Recorded:
        """Record the end of an attempt."""
        await self._disturb("record")
        return await self._journal.record(ended)

    async def record_effect(self, asked: RecordEffect) -> DeliveryRow:
        """Record what asking for an effect came to."""
        await self._disturb("record_effect")
        return await self._journal.record_effect(asked)

    async def act(self, act: Operate) -> Operated:
        """Record a person's step."""
        await self._disturb("act")
        return await self._journal.act(act)

    async def prune(self, asked: Prune) -> Pruned:
        """Let go of what is finished."""
        await self._disturb("prune")
        return await self._journal.prune(asked)

    async def erase(self, asked: Erase) -> Erased:
        """Erase the contents of messages."""
        return await self._journal.erase(asked)

    async def check(self) -> None:
        """Whether anything can be recorded."""
        await self._journal.check()

    async def _passed(self, verb: str, asked: Coroutine[Any, Any, Result]) -> Result:
        try:
            self.passing(f"before {verb}")
        except BaseException:
            asked.close()
            raise
        result = await asked
        self.passing(f"after {verb}")
        return result

    async def _disturb(self, verb: str) -> None:
        if waiting := self._disturbances.get(verb):
            await waiting.pop(0)()


async def disk_full() -> None:
    """The journal cannot write."""
    raise BusFault(Fault("JOURNAL_FAILED", details={"problem": "disk full"}))
