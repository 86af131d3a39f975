"""Retention: what is finished and old, or of which there is too much, is let go of bit by bit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

from bus.journal.commands import CursorMove
from bus.journal.retention import RETENTION, Prune
from bus.journal.rows import MICROSECONDS
from bus.ports.ports import Ports

STEP = 50
"""Messages that are looked at in one commit: others wait for no longer than that takes."""
REST = 0.05
"""Seconds between two commits, in which others have theirs."""
EVERY = 3600.0
"""Seconds between two rounds."""
LEASE = 300.0
"""Seconds of the right to go on with a round, from each commit on."""
YOUNGEST = 86400.0
"""Seconds that a message is kept though there is too much: its sender may still repeat it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be kept of what is finished: for so long (s), and so much (bytes).

    None: without end. Whichever is reached first counts.
    """

    seconds: float | None = None
    size: int | None = None


class PruneRound(NamedTuple):
    """What a round came to: messages that were let go, and what the journal is then.

    `size` in bytes, `oldest` when the oldest message that is kept was received (µs; 0: none).
    """

    messages: int
    size: int
    oldest: int


class Retention:
    """Lets go of what is finished; what is open is never touched, however old it is."""

    def __init__(self, ports: Ports, worker: str, kept: Kept) -> None:
        self._journal = ports.journal
        self._history = ports.history
        self._clock = ports.clock
        self._observer = ports.observer
        self._worker = worker
        self.kept = kept

    async def run(self) -> None:
        """Let go, round by round, until cancelled; of several buses one does."""
        while self.kept != Kept():
            try:
                await self._round_of_one()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries again
                self._observer.troubled("letting go of what is finished failed", error)
            await self._clock.sleep(EVERY)

    async def _round_of_one(self) -> None:
        """One round, unless another process is at it."""
        after = await self._journal.lease_cursor(RETENTION, self._worker, LEASE)
        if after is None:
            return
        try:
            move = CursorMove(RETENTION, "", self._worker, LEASE)
            async for _ in self._let_go(self.kept, Prune(0, after, STEP, cursor=move)):
                await self._clock.sleep(REST)
        finally:
            await self._journal.lease_cursor(RETENTION, self._worker, 0.0)

    async def prune(self, kept: Kept, actor: str, reason: str, *, dry: bool) -> PruneRound:
        """One round at a person's wish; `dry`: nothing is let go, and size is not looked at."""
        asked = Prune(0, "", STEP, actor, reason, dry)
        messages = 0
        async for count in self._let_go(kept, asked):
            messages += count
        return PruneRound(messages, await self._history.size(), await self._history.oldest())

    async def _let_go(self, kept: Kept, asked: Prune) -> AsyncIterator[int]:
        """Let go of what is too old, then of the oldest while there is too much; how many each."""
        if kept.seconds is not None:
            async for count in self._steps(asked._replace(before=self._since(kept.seconds))):
                yield count
        if kept.size is None or asked.dry or not await self._is_too_much(kept.size):
            return
        asked = asked._replace(before=self._since(YOUNGEST), after="")
        async for count in self._steps(asked):
            yield count
            if count and not await self._is_too_much(kept.size):
                return

    async def _steps(self, asked: Prune) -> AsyncIterator[int]:
        while True:
            done = await self._journal.prune(asked)
            yield done.messages
            if not done.last:
                return
            asked = asked._replace(after=done.last)

    async def _is_too_much(self, size: int) -> bool:
        return await self._history.size() > size

    def _since(self, seconds: float) -> int:
        return self._clock.now() - int(seconds * MICROSECONDS)
