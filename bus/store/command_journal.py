"""The Journal port over anything that carries out commands, and what the ledger does not know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar, cast

from bus.core.diagnosis import Confirmation
from bus.journal.apply import Command
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
from bus.journal.retention import Prune, Pruned
from bus.journal.rows import DeliveryRow
from bus.ports.clock import Clock

Result = TypeVar("Result")


class CommandJournal:
    """Hands each call to the store as a command; the store answers what the ledger made of it."""

    def __init__(self, carry_out: Callable[[Command], Awaitable[object]]) -> None:
        self._carry_out = carry_out

    async def accept(self, acceptance: Accept) -> Accepted | Repeated | Forgotten:
        """Record an accepted message with its deliveries, or say whose repeat it is."""
        return cast("Accepted | Repeated | Forgotten", await self._carry_out(acceptance))

    async def reject(self, rejection: Reject) -> Rejected | Repeated:
        """Record a rejected message, or say whose repeat it is."""
        return cast("Rejected | Repeated", await self._carry_out(rejection))

    async def settle(self, settlement: RecordResponse) -> Recorded | Repeated | Unmatched:
        """Record a destination's own ResponseMessage and end the delivery it is about."""
        return cast("Recorded | Repeated | Unmatched", await self._carry_out(settlement))

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
        """End what ran out, then take what is due."""
        asked = ClaimDue(worker, room, lease, asks, checks, shares)
        return cast("Claims", await self._carry_out(asked))

    async def end_leases(
        self, worker: str, asks: frozenset[str] = frozenset()
    ) -> tuple[DeliveryRow, ...]:
        """End at once the leases of a worker that stops."""
        asked = EndLeases(worker, asks)
        return cast("tuple[DeliveryRow, ...]", await self._carry_out(asked))

    async def lease_cursor(self, application: str, worker: str, lease: float) -> str | None:
        """How far an application has been read; None where another worker reads it."""
        asked = LeaseCursor(application, worker, lease)
        return cast("str | None", await self._carry_out(asked))

    async def move_cursor(self, move: CursorMove) -> None:
        """Note how far an application has been read where there was nothing to take."""
        await self._carry_out(move)

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins, where the lease still holds."""
        return cast("bool", await self._carry_out(StartAttempt(claim)))

    async def record_progress(self, claim: Claim, name: str, value: str) -> bool:
        """Record a call of the attempt under way, where the lease still holds."""
        return cast("bool", await self._carry_out(RecordProgress(claim, name, value)))

    async def record(self, ended: RecordAttempt) -> Recorded:
        """Record the end of an attempt with all its consequences."""
        return cast("Recorded", await self._carry_out(ended))

    async def record_effect(self, asked: RecordEffect) -> DeliveryRow:
        """Record what asking for the effect of a delivery came to."""
        return cast("DeliveryRow", await self._carry_out(asked))

    async def act(self, act: Operate) -> Operated:
        """Record a person's step, or a deadline's."""
        return cast("Operated", await self._carry_out(act))

    async def confirm(self, asked: Confirm) -> Confirmation:
        """Record what a person says of a prerequisite."""
        return cast("Confirmation", await self._carry_out(asked))

    async def prune(self, asked: Prune) -> Pruned:
        """Let go of what is finished among the next messages."""
        return cast("Pruned", await self._carry_out(asked))

    async def erase(self, asked: Erase) -> Erased:
        """Erase the contents of messages."""
        return cast("Erased", await self._carry_out(asked))

    async def check(self) -> None:
        """Raise BusFault where nothing can be recorded."""
        await self._carry_out(Check())


class Opening(NamedTuple):
    """A time in which a journal was open: when it began, by the clock, and how long it was (µs)."""

    began_at: int
    lasted: int

    def since(self, at: int) -> int:
        """How much of it was after a time."""
        return max(0, min(self.lasted, self.lasted - (at - self.began_at)))


class StoreTime:
    """The time of a store: the clock's, but it never runs backwards and never stands still.

    Where the clock is set back, time goes on from the last one used, at its usual pace. How old
    something is counts by what passed while the journal was open, now and in `earlier` openings:
    no clock that is wrong makes it older.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = self._began_at = clock.now()
        self._read_at = self._opened_at = clock.monotonic()
        self.earlier: Sequence[Opening] = ()

    def lasted(self) -> int:
        """For how long the journal is open (µs)."""
        return int((self._clock.monotonic() - self._opened_at) * 1_000_000)

    def age(self, at: int) -> int:
        """How much time passed since then, as far as a journal was open (µs)."""
        passed = Opening(self._began_at, self.lasted()).since(at)
        if at < self._began_at:
            passed += sum(one.since(at) for one in self.earlier)
        return min(passed, max(0, self._last - at))

    def now(self) -> int:
        """µs since 1970 UTC, never less than before."""
        read_at = self._clock.monotonic()
        passed = int((read_at - self._read_at) * 1_000_000)
        self._last, self._read_at = max(self._clock.now(), self._last + passed), read_at
        return self._last
