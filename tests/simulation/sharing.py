"""Several processes on one journal, each with a clock of its own, as they are on a server.

Each has a store over the same tables, whose time is that of the product's (`SharedTime`), read anew by
the server's clock with every command. Whoever comes first brings its time, all others join.
"""

from __future__ import annotations

from collections.abc import Callable

from bus.journal.apply import Command
from bus.store.memory import MemoryHistory, MemoryStore
from bus.store.memory_pairs import MemoryCrossReference
from bus.store.postgres.shared_time import SharedTime
from tests.simulation.virtual_time import SimulatedClock


class JournalServer:
    """What all processes share: the tables, the server's clock (µs), how far the journal is ahead."""

    def __init__(self, store: MemoryStore, now: Callable[[], int]) -> None:
        self.tables = store.tables
        self.now = now
        self.ahead: int | None = None

    def welcome(self, time: SharedTime) -> None:
        """Let a process begin."""
        if self.ahead is None:
            self.ahead = time.now() - self.now()
        else:
            time.join(self.now(), self.ahead)

    def keep_step(self, time: SharedTime) -> None:
        """Let a process take its turn."""
        self.ahead = time.keep_step(self.now(), self.ahead or 0)


class SharedStore(MemoryStore):
    """The store of one process."""

    def __init__(self, server: JournalServer, clock: SimulatedClock) -> None:
        super().__init__(clock)
        self._server = server
        self._shared = time = SharedTime(clock)
        self._time = time
        server.welcome(time)
        self.tables = tables = server.tables
        self.history = MemoryHistory(tables, time)
        self.crossreference = MemoryCrossReference(
            tables.pairs, tables.kept.attempts, self._carry_out
        )
        self.clock = clock.showing(time.now)

    async def _carry_out(self, command: Command) -> object:
        self._server.keep_step(self._shared)
        return await super()._carry_out(command)
