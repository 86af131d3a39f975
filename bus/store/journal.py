"""The Journal port over anything that carries out commands, and what the ledger does not know."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import orjson

from bus.core.journal import (
    Acceptance,
    Accepted,
    Act,
    Acted,
    Claim,
    ClaimDue,
    ConfigurationRow,
    Ended,
    FactKind,
    FactRow,
    Recorded,
    Rejected,
    Rejection,
    Repeated,
    Settlement,
    Start,
    Unmatched,
)
from bus.ports import Clock
from bus.store.ledger import Command

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Configure:
    """A text of the configuration, to record if the newest differs."""

    text: str
    actor: str


class CommandJournal:
    """Hands each call to the store as a command; the store answers what the ledger made of it."""

    def __init__(self, carry_out: Callable[[Command], Awaitable[object]]) -> None:
        self._carry_out = carry_out

    async def accept(self, acceptance: Acceptance) -> Accepted | Repeated:
        """Record an accepted message with its deliveries, or say whose repeat it is."""
        return cast("Accepted | Repeated", await self._carry_out(acceptance))

    async def reject(self, rejection: Rejection) -> Rejected | Repeated:
        """Record a rejected message, or say whose repeat it is."""
        return cast("Rejected | Repeated", await self._carry_out(rejection))

    async def settle(self, settlement: Settlement) -> Recorded | Repeated | Unmatched:
        """Record a destination's own ResponseMessage and end the delivery it is about."""
        return cast("Recorded | Repeated | Unmatched", await self._carry_out(settlement))

    async def claim(self, worker: str, room: Mapping[str, int], lease: float) -> tuple[Claim, ...]:
        """End what ran out, then take what is due."""
        return cast("tuple[Claim, ...]", await self._carry_out(ClaimDue(worker, room, lease)))

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins, where the lease still holds."""
        return cast("bool", await self._carry_out(Start(claim)))

    async def record(self, ended: Ended) -> Recorded:
        """Record the end of an attempt with all its consequences."""
        return cast("Recorded", await self._carry_out(ended))

    async def act(self, act: Act) -> Acted:
        """Record a person's step, or a deadline's."""
        return cast("Acted", await self._carry_out(act))


class StoreTime:
    """The time of a store: the clock's, but it never runs backwards and never stands still.

    Where the clock is set back, time goes on from the last one used, at its usual pace.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()
        self._read_at = clock.monotonic()

    def now(self) -> int:
        """µs since 1970 UTC, never less than before."""
        read_at = self._clock.monotonic()
        passed = int((read_at - self._read_at) * 1_000_000)
        self._last, self._read_at = max(self._clock.now(), self._last + passed), read_at
        return self._last


def new_version(
    newest: ConfigurationRow | None, asked: Configure, now: int
) -> tuple[ConfigurationRow, FactRow] | None:
    """The next version of the configuration and its fact; None where the text is in force."""
    if newest and newest.text == asked.text:
        return None
    digest = hashlib.sha256(asked.text.encode()).hexdigest()
    number = newest.number + 1 if newest else 1
    data = orjson.dumps({"number": number, "hash": digest}).decode()
    fact = FactRow(now, FactKind.CONFIGURED, "", 0, 0, "", asked.actor, "", data)
    return ConfigurationRow(number, now, asked.actor, digest, asked.text), fact
