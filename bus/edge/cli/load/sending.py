"""Sends a load to the bus that runs, level by level, and goes on where another stopped."""

from __future__ import annotations

import asyncio
import base64
import getpass
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bus.core.errors import BusFault, Fault
from bus.core.text import Text
from bus.edge.verbs import LOAD, LOADED
from bus.edge.verbs.load import LoadedIn, LoadIn, LoadOut, NoteOut, SaidOut, StandingOut
from bus.engine.load import DONE, Came

if TYPE_CHECKING:
    from bus.edge.cli.client import Client
    from bus.edge.cli.load.planning import LoadEntry, LoadPlan

Item = TypeVar("Item")

ASKED = 500
"""Messages that are looked up at once."""
AT_ONCE = 32
"""Messages of one request, at most as many as a second of the rate."""
BYTES = 4 * 1024 * 1024
"""Bytes of one request: it ends with the message that reaches them."""
LOOK = 0.5
"""Seconds between two looks at what is under way."""
IN_A_ROW = 10
"""Messages in a row that no reader answered: then the load stops."""
UNANSWERED = frozenset({Came.NOT_SENT, Came.UNKNOWN})
"""Of what no reader said anything."""
NO_ANSWER = Text("o barramento não respondeu ({problem}).", "the bus did not answer ({problem}).")
INTERRUPTED = Text("foi interrompida.", "it was interrupted.")
HOPELESS = frozenset({"COMPANY_MISSING"})
"""Faults that all that follows would meet too."""


class LoadedMessage(NamedTuple):
    """A message of a load, how it stands, and what was said of it."""

    entry: LoadEntry
    standing: StandingOut | None
    fault: Fault | None = None
    notes: tuple[NoteOut, ...] = ()

    @property
    def came(self) -> Came:
        """What came of it; of what was sent before and let go since, nobody knows more."""
        if self.fault and self.fault.code == "REPEATS_PRUNED":
            return Came.DELIVERED
        return self.standing.came if self.standing else Came.NOT_SENT


@dataclass(slots=True)
class LoadProgress:
    """How far a load is. `known` were there when it began; `failed` are those that are not done.

    `gave_way` were left out for a newer message of their document; how that one stands counts.
    `stopped` is why it did not go to the end.
    """

    count: int
    known: int = 0
    gave_way: int = 0
    counts: Counter[Came] = field(default_factory=Counter)
    at_readers: Counter[tuple[str, str, Came]] = field(default_factory=Counter)
    failed: list[LoadedMessage] = field(default_factory=list)
    yielded: float = 0.0
    stopped: Fault | None = None

    @property
    def done(self) -> int:
        """How many are behind it, whatever came of them."""
        return sum(self.counts.values())

    @property
    def troubled(self) -> int:
        """How many are not done."""
        return len(self.failed)

    def take(self, message: LoadedMessage) -> None:
        """Count a message."""
        came, entry = message.came, message.entry
        self.counts[came] += 1
        for reader in entry.readers:
            self.at_readers[entry.transaction, reader, came] += 1
        if came not in DONE:
            self.failed.append(message)


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """Under whose name a load is sent, how many messages a second (0: as they are answered), and
    whether it goes on behind what failed.
    """

    application: str
    rate: float
    goes_on: bool


class LoadSender:
    """Sends a plan. `body` reads a message; `told` is called whenever something has come."""

    def __init__(
        self,
        client: Client,
        asked: LoadSettings,
        body: Callable[[LoadEntry], bytes],
        told: Callable[[LoadProgress], None],
    ) -> None:
        self._client = client
        self._asked = asked
        self._body = body
        self._told = told
        self._in_a_row = 0

    async def send(self, plan: LoadPlan) -> LoadProgress:
        """Send what is not there yet; what came of it all, also where it stopped on the way."""
        progress = LoadProgress(len(plan.entries))
        for level in plan.levels():
            try:
                await self._send_level(level, progress)
            except _Stopped as stopped:
                progress.stopped = stopped.fault
            except asyncio.CancelledError:
                _carry_on()
                progress.stopped = Fault("LOAD_STOPPED", details={"problem": INTERRUPTED})
            except BusFault as broken:
                progress.stopped = Fault("LOAD_STOPPED", details={"problem": _silence(broken)})
            if not progress.stopped and progress.failed and not self._asked.goes_on:
                progress.stopped = self._failed(progress, level[-1].level, plan)
            if progress.stopped:
                break
        self._told(progress)
        return progress

    def _failed(self, progress: LoadProgress, level: int, plan: LoadPlan) -> Fault | None:
        """That messages of a level failed, where others come behind it."""
        if progress.done == progress.count:
            return None
        details = {"count": str(progress.troubled), "level": str(level + 1)}
        return Fault("LOAD_HELD", details=details)

    async def _send_level(self, level: Sequence[LoadEntry], progress: LoadProgress) -> None:
        """Send a level, and wait until all of it was answered."""
        under_way: list[LoadedMessage] = []
        for some in _cut(level, ASKED):
            known = await self._known(some)
            rest = []
            for entry in some:
                standing = known.get((entry.uuid, entry.body_hash))
                if standing and standing.came in DONE:
                    progress.known += 1
                    progress.take(LoadedMessage(entry, standing))
                else:
                    rest.append(entry)
            for part in self._parts(rest):
                under_way += await self._send_part(part, progress)
                self._told(progress)
                await asyncio.sleep(0)  # Ctrl+C takes effect here, between two requests
            self._told(progress)
        while under_way:
            under_way = await self._ended(under_way, progress)
            self._told(progress)

    async def _send_part(
        self, part: Sequence[tuple[LoadEntry, bytes]], progress: LoadProgress
    ) -> list[LoadedMessage]:
        """Send some messages; those that are still under way."""
        asked = LoadIn(
            application=self._asked.application,
            actor=getpass.getuser(),
            bodies=[base64.b64encode(body) for _, body in part],
            every=1 / self._asked.rate if self._asked.rate else 0.0,
        )
        told = await self._client.ask(LOAD, asked)
        progress.yielded += told.yielded
        progress.gave_way += sum(said.gave_way for said in told.said)
        under_way = []
        for (entry, _), said, standing in _together(part, told):
            message = LoadedMessage(
                entry, standing, said.fault.fault() if said.fault else None, tuple(said.notes)
            )
            if message.came is Came.UNDER_WAY:
                under_way.append(message)
                continue
            progress.take(message)
            self._watch(message)
        return under_way

    def _watch(self, message: LoadedMessage) -> None:
        """Stop where what follows would come to nothing either."""
        fault = message.fault
        if fault and fault.code in HOPELESS:
            raise _Stopped(fault)
        answered = message.came not in UNANSWERED
        self._in_a_row = 0 if answered else self._in_a_row + 1
        if self._in_a_row >= IN_A_ROW:
            problem = fault.problem if fault else message.came.value
            raise _Stopped(Fault("LOAD_STOPPED", details={"problem": problem}))

    async def _ended(
        self, under_way: Sequence[LoadedMessage], progress: LoadProgress
    ) -> list[LoadedMessage]:
        """Those of some messages that are still under way after a moment."""
        await asyncio.sleep(LOOK)
        left = []
        for some in _cut(under_way, ASKED):
            names = [one.standing.message for one in some if one.standing]
            known = {one.message: one for one in await self._standings(names)}
            for one in some:
                now = one._replace(standing=known.get(one.standing.message if one.standing else ""))
                if now.came is Came.UNDER_WAY:
                    left.append(now)
                else:
                    progress.take(now)
        return left

    async def _known(self, some: Sequence[LoadEntry]) -> Mapping[tuple[str, str], StandingOut]:
        """How the messages that the journal has stand, by UUID and what they hold."""
        found = await self._standings([entry.uuid for entry in some if entry.uuid])
        return {(one.uuid, one.body_hash): one for one in reversed(found)}  # the newest counts

    async def _standings(self, names: list[str]) -> list[StandingOut]:
        asked = LoadedIn(application=self._asked.application, names=names)
        return (await self._client.ask(LOADED, asked)).messages

    def _parts(self, entries: Sequence[LoadEntry]) -> Iterator[list[tuple[LoadEntry, bytes]]]:
        """As many messages as go in one request."""
        most = min(AT_ONCE, max(1, int(self._asked.rate))) if self._asked.rate else AT_ONCE
        part: list[tuple[LoadEntry, bytes]] = []
        for entry in entries:
            part.append((entry, self._body(entry)))
            if len(part) == most or sum(len(body) for _, body in part) >= BYTES:
                yield part
                part = []
        if part:
            yield part


class _Stopped(Exception):
    """The load goes no further, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _silence(broken: BusFault) -> Text:
    """Why the bus did not answer a request."""
    fault = broken.fault
    if fault.code == "INTERNAL":  # most often it was stopped, or killed
        return NO_ANSWER.filled(problem=fault.detail("problem"))
    return fault.problem


def _carry_on() -> None:
    """Do what is left to do, though somebody pressed Ctrl+C: comparing, and telling."""
    if task := asyncio.current_task():
        task.uncancel()


def _together(
    part: Sequence[tuple[LoadEntry, bytes]], told: LoadOut
) -> Iterator[tuple[tuple[LoadEntry, bytes], SaidOut, StandingOut | None]]:
    standings = {one.message: one for one in told.standings}
    for sent, said in zip(part, told.said, strict=True):
        yield sent, said, standings.get(said.message)


def _cut(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), most):
        yield items[at : at + most]
