"""The thread that writes: it commits together whatever waits, and answers everybody.

The event loop gathers the commands of all that it has in hand, then puts them into a list; the
thread swaps the list out, makes one commit of it, and wakes the loop once. A batch that fails is
repeated one by one, so that only the guilty waiter gets the error; where it is the fault of none
of them, such as a file that somebody else locked, all are told so at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final, NamedTuple, Protocol

from bus.core.errors import BusFault, Fault
from bus.core.text import Text
from bus.journal.apply import Command, apply
from bus.journal.commands import Check, ClaimDue, Configure, RecordAttempt, RecordProgress
from bus.journal.configure import new_version
from bus.journal.erasure import Erase
from bus.journal.prefetch import prefetch
from bus.journal.retention import Prune
from bus.journal.rows import ConfigurationRow
from bus.journal.unit import Tables, Unit
from bus.store.command_journal import StoreTime

MOST_AT_ONCE: Final = 512
NOTE_LASTING: Final = 60_000_000
"""Microseconds after which it is kept anew for how long the file is open."""
_CLOSED: Final = Text("já foi fechado", "it is closed")
_TURNS: Final[Mapping[type, int]] = {
    RecordProgress: 0,
    RecordAttempt: 0,
    ClaimDue: 1,
    Erase: 3,
    Prune: 4,
}


class QueuedCommand(NamedTuple):
    """A command and who waits for it."""

    command: Command | Configure
    waiter: asyncio.Future[object]


class Answered(NamedTuple):
    """What a waiter is told."""

    waiter: asyncio.Future[object]
    result: object
    error: Exception | None = None


class CommittingTables(Tables, Protocol):
    """The tables of a ledger, and how a driver commits what is written there."""

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What it raises where nothing can be written."""

    def commit(self) -> AbstractContextManager[None]:
        """All that is written within is on disk when it ends, or none of it."""

    def told(self, error: Exception) -> Exception:
        """An error as whoever waits is told of it."""

    def is_nobodys(self, error: Exception) -> bool:
        """Whether an error is the fault of no command, so that each alone would meet it too."""

    def note_lasting(self, lasted: int) -> None:
        """Keep for how long (µs) the journal is open, within a commit."""

    def newest_configuration(self) -> ConfigurationRow | None:
        """The configuration in force."""

    def put_configuration(self, row: ConfigurationRow) -> None:
        """Append a version of the configuration."""


class GroupCommit:
    """Carries out commands in its own thread; each is on disk before its waiter hears of it."""

    def __init__(self, tables: CommittingTables, time: StoreTime) -> None:
        self._tables = tables
        self._time = time
        self._loop = asyncio.get_running_loop()
        self._gathered: list[QueuedCommand] = []
        self._queue: list[QueuedCommand] = []
        self._changed = threading.Condition()
        self._closing = False
        self._noted = 0
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    async def carry_out(self, command: Command | Configure) -> object:
        """What came of a command. That its waiter is cancelled changes nothing: it stands."""
        if self._closing:
            raise BusFault(Fault("JOURNAL_FAILED", details={"problem": _CLOSED}))
        waiter: asyncio.Future[object] = self._loop.create_future()
        if not self._gathered:
            # Two threads that take the interpreter from each other are slow: what the loop has in
            # hand comes first, and goes into one commit.
            self._loop.call_soon(self._hand_over)
        self._gathered.append(QueuedCommand(command, waiter))
        return await waiter

    async def close(self) -> None:
        """Carry out what waits, then end."""
        self._closing = True
        self._hand_over()
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        with self._changed:
            self._queue += gathered
            self._changed.notify()

    # -- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while batch := self._take():
            answers = self._commit(batch)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_tell, answers)
        # A disk that is full takes nothing now; nor does a journal that is not there any more.
        with suppress(*self._tables.failures), self._tables.commit():
            self._note_lasting()

    def _take(self) -> list[QueuedCommand]:
        """What waits, as soon as something does; nothing once closed."""
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
        return batch

    def _commit(self, batch: list[QueuedCommand]) -> list[Answered]:
        try:
            results = self._together([one.command for one in batch])
        except Exception as error:  # noqa: BLE001 - it goes to the waiter; each gets an answer
            if len(batch) > 1 and not self._tables.is_nobodys(error):
                return [answer for one in batch for answer in self._commit([one])]
            told = self._tables.told(error)
            return [Answered(one.waiter, None, told) for one in batch]
        return [Answered(one.waiter, result) for one, result in zip(batch, results, strict=True)]

    def _together(self, commands: Sequence[Command | Configure]) -> list[object]:
        """Carry out commands in one commit, all or none.

        Ends of attempts and their progress come first: what is known by now has not run out. Then
        claims, which end what did, as others of the same commit may be about it. What is
        erased or let go comes last: nothing else of the commit is about it.
        """
        order = sorted(range(len(commands)), key=lambda at: _TURNS.get(type(commands[at]), 2))
        results: list[object] = [None] * len(commands)
        with self._tables.commit():
            unit = Unit(self._tables, self._time.now(), self._time.age)
            if len(commands) > 1:  # one alone loads just what it needs
                prefetch(unit, commands)
            for at in order:
                results[at] = self._apply(unit, commands[at])
            unit.save()
            self._note_lasting(every=NOTE_LASTING)
        return results

    def _note_lasting(self, every: int = 0) -> None:
        """Keep for how long the file is open, if that was kept long ago."""
        lasted = self._time.lasted()
        if lasted - self._noted >= every:
            self._tables.note_lasting(lasted)
            self._noted = lasted

    def _apply(self, unit: Unit, command: Command | Configure) -> object:
        if isinstance(command, Check):
            self._note_lasting()  # a commit of nothing says nothing of a full disk
            return None
        if not isinstance(command, Configure):
            return apply(unit, command)
        if new := new_version(self._tables.newest_configuration(), command, unit.now):
            row, fact = new
            self._tables.put_configuration(row)
            unit.put_fact(fact)
        return None


def _tell(answers: Sequence[Answered]) -> None:
    for waiter, result, error in answers:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(result)
        else:
            waiter.set_exception(error)
