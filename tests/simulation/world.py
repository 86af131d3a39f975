"""One history: puts the bus into its world, plays the script, lets everything settle, and clears up."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bus.core.delivery import Kind, State, Step
from bus.core.errors import BusFault, SenderFault
from bus.core.route import Application
from bus.engine.operate import Replay
from bus.engine.post import Post
from bus.engine.post_result import Form, PostResult
from bus.journal.commands import (
    Accept,
    Accepted,
    Operate,
    Operated,
    RecordAttempt,
    Repeated,
    StartAttempt,
)
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.adapter import Parcel
from bus.store.memory import MemoryStore
from tests.simulation.chronicle import Arrival, Chronicle, Intervention, Told
from tests.simulation.connection import (
    Conditions,
    HistoryConnection,
    JournalConnection,
)
from tests.simulation.destinations import Destination, Place
from tests.simulation.process import Process, Surroundings
from tests.simulation.script import (
    Acting,
    ClockJump,
    Crashing,
    JournalTrouble,
    Outage,
    Posting,
    Scene,
)
from tests.simulation.stage import Stage
from tests.simulation.texts import business, fields_of
from tests.simulation.virtual_time import SimulatedClock, VirtualLoop

PERSON = "ana"
GLANCE = 5.0
"""Seconds between two looks at whether everything has settled."""
LONGEST = 4 * 3600.0
"""Seconds after which what has not settled never will."""
ROUNDS = 40
"""How often a person goes through what has stopped, before it counts as stuck."""
REFUSED_ACTS = frozenset({"STEP_NOT_ALLOWED", "REPLAYED_ALREADY", "REPLAY_OVERWRITES"})
"""What a person may be told of an act that comes too late: nothing is sent twice, or over newer."""
STOPPED = frozenset({State.REFUSED, State.DEAD, State.UNKNOWN, State.BLOCKED})
"""States that wait for a person."""
ABLE = {
    Step.REPLAY: frozenset({State.REFUSED, State.DEAD, State.UNKNOWN}),
    Step.BLOCK: frozenset({State.WAITING}),
    Step.UNBLOCK: frozenset({State.BLOCKED}),
    Step.DISCARD: frozenset({State.WAITING, State.HELD, State.BLOCKED}) | STOPPED,
}
"""What a person finds in the list when they want to take a step."""


@dataclass(slots=True)
class Slot:
    """A place where a process of the bus runs, most of the time. `skew` (s) is its clock's error."""

    number: int
    skew: float = 0.0
    process: Process | None = None
    incarnations: int = 0


@dataclass
class World:
    """Everything around the bus. All that is random comes from streams of one seed."""

    seed: int
    stage: Stage
    loop: VirtualLoop
    chronicle: Chronicle = field(default_factory=Chronicle)
    jumped: float = 0.0

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._streams: dict[str, random.Random] = {}
        self._asked: dict[str, int] = {}
        self._outside = contextvars.Context()
        self._under_way = 0
        self.conditions = Conditions(self.stage.weather.delay)
        self.store = MemoryStore(self._clock(0.0))
        self.slots = [
            Slot(number, self.chance("skew").uniform(-30.0, 30.0) if number > 1 else 0.0)
            for number in range(1, self.stage.engines + 1)
        ]
        self.destinations = {
            name: Destination(one, self, self.stage.weather)
            for name, one in self.stage.deployment.applications.items()
        }

    # -- time and chance ---------------------------------------------------------------------------

    def time(self) -> float:
        """Seconds since the beginning."""
        return self.loop.time()

    def chance(self, stream: str) -> random.Random:
        """A stream of chance of its own."""
        return self._streams.setdefault(stream, random.Random(f"{self.seed}/{stream}"))

    def chance_for(self, *what: object) -> random.Random:
        """Chance that belongs to one thing alone, so that others may be left out (to shorten)."""
        name = "/".join(map(str, what))
        times = self._asked[name] = self._asked.get(name, 0) + 1
        return random.Random(f"{self.seed}/{name}/{times}")

    def _chance_of(self, command: object) -> random.Random:
        """The chance of a command to the journal, by the content that it is about."""
        match command:
            case Accept():
                return self.chance_for("accept", command.entry.content_hash)
            case StartAttempt(claim):
                row = claim.delivery
                return self.chance_for("start", self._content(row.message), row.number)
            case RecordAttempt():
                return self.chance_for("end", self._content(command.message), command.number)
            case _:
                return self.chance("journal")

    def _content(self, message: str) -> str:
        return self.message(message).content_hash

    def _clock(self, skew: float) -> SimulatedClock:
        return SimulatedClock(
            self.loop, self.chance("engine"), self._next_id, lambda: self.jumped + skew
        )

    def _next_id(self) -> str:
        return f"m{next(self._ids):05d}"

    def later(self, seconds: float, do: Callable[..., None], *what: Any) -> None:
        """Do something after a while, whatever becomes of the bus."""
        self._under_way += 1
        self.loop.call_later(seconds, self._now, do, what, context=self._outside)

    def _now(self, do: Callable[..., None], what: Sequence[Any]) -> None:
        self._under_way -= 1
        do(*what)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that outlives every process of the bus."""
        self._under_way += 1
        task = self.loop.create_task(work, context=self._outside.copy())
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way -= 1
        if not task.cancelled() and (error := task.exception()):
            self.chronicle.troubles.append(f"the world failed: {error!r}")

    def tell(self, who: str, what: str) -> None:
        """Add a line to the chronicle."""
        self.chronicle.tell(self.time(), who, what)

    # -- processes ---------------------------------------------------------------------------------

    def start(self, slot: Slot) -> None:
        """Start a process of the bus."""
        slot.incarnations += 1
        name = f"bus{slot.number}.{slot.incarnations}"
        journal = JournalConnection(
            self.store.journal, self._chance_of, self.conditions, self.committed
        )
        history = HistoryConnection(self.store.history, self.chance("history"), self.conditions)
        around = Surroundings(
            self.stage,
            self._clock(slot.skew),
            journal,
            history,
            self.store.crossreference,
            self._open_adapter,
            self._troubled,
        )
        slot.process = Process(self.loop, name, around)
        self.tell(name, "starts")

    def _open_adapter(self, application: Application) -> Destination:
        return self.destinations[application.name]

    def _troubled(self, what: str) -> None:
        self.tell("bus", f"TROUBLED: {what}")
        self.chronicle.troubles.append(what)

    def a_process(self, luck: float) -> Process | None:
        """One of those that run; None where all are down."""
        running = [slot.process for slot in self.slots if slot.process]
        return running[int(luck * len(running))] if running else None

    def release_leases(self) -> None:
        """End the leases of whoever had the store before, as opening a file of SQLite does."""
        kept = self.store.tables.kept.deliveries
        for key, row in kept.items():
            if row.state is State.SENDING:
                kept[key] = row._replace(lease_until=0)

    # -- what the store commits --------------------------------------------------------------------

    def committed(self, command: object, result: object) -> None:
        """Note what matters of a commit."""
        if isinstance(command, Accept) and isinstance(result, Accepted | Repeated):
            self._arrived(command, result)
        elif isinstance(command, Operate) and isinstance(result, Operated) and command.step:
            moved = tuple((row.message, row.number) for row in result.moved)
            if command.actor == PERSON:
                act = Intervention(self.time(), command.step, command.message, moved)
                self.chronicle.interventions.append(act)
            states = ", ".join(f"{r.message}/{r.number} {r.state}" for r in result.moved)
            self.tell("journal", f"{command.actor}: {command.step} {command.message} → {states}")

    def _arrived(self, command: Accept, result: Accepted | Repeated) -> None:
        token = command.entry.content_hash
        verdict = result.verdict if isinstance(result, Repeated) else None
        again = bool(command.actor)
        arrival = Arrival(self.time(), token, result.message, result.deliveries, verdict, again)
        self.chronicle.arrived(arrival)

    # -- looking into the store --------------------------------------------------------------------

    def deliveries(self) -> list[DeliveryRow]:
        """All deliveries."""
        return list(self.store.tables.kept.deliveries.values())

    def message(self, id_: str) -> MessageRow:
        """A message."""
        return self.store.tables.kept.messages[id_]

    def place_of(self, destination: str, parcel: Parcel) -> Place | None:
        """Where the delivery that is being sent stands in its lane; None where there is none."""
        sent = fields_of(parcel.message)
        deliveries = self.deliveries()
        candidates = [
            row
            for row in deliveries
            if row.destination == destination and self._may_be(row, parcel, sent)
        ]
        if not candidates:
            return None
        row = max(candidates, key=lambda row: (*self._fit(row, parcel), row.message, row.number))
        lane = self.store.tables.kept.lanes.get(row.lane)
        earlier = (
            other
            for other in deliveries
            if row.lane and other.lane == row.lane and 0 < other.seq < row.seq
        )
        return Place(row, lane.head if lane else 0, tuple(earlier))

    def _may_be(self, row: DeliveryRow, parcel: Parcel, sent: dict[str, Any]) -> bool:
        if self.message(row.message).content_hash != parcel.document.content_hash:
            return False
        if "received" in sent:
            return row.kind is Kind.ANSWER
        return row.kind is Kind.COPY and row.sent_uuid == parcel.uuid

    def _fit(self, row: DeliveryRow, parcel: Parcel) -> tuple[bool, bool, bool]:
        """How well a delivery fits what is sent, for several may have one content and one UUID.

        An answer is known by its bytes, where they were kept; an attempt sends but once.
        """
        answers = self.store.tables.kept.answers.values()
        kept = any(one.message == row.message and one.body == parcel.message for one in answers)
        attempt = (row.message, row.number, row.tries)
        calls = (one.row for one in self.chronicle.calls)
        sent = any((one.message, one.number, one.tries) == attempt for one in calls)
        return kept, row.state is State.SENDING, not sent

    # -- posting -----------------------------------------------------------------------------------

    async def post_response(self, application: Application, body: bytes) -> bool:
        """Post a destination's response to the bus; whether it was received."""
        process = self.a_process(self.chance("responses").random())
        if process is None:
            return False
        reception = await self._hear(process, Post(body, application))
        if isinstance(reception, PostResult) and reception.form is Form.RESPONSE:
            code = reception.fault.code if reception.fault else "OK"
            self.chronicle.troubles.append(f"a response was answered {code}: {body.decode()}")
        return isinstance(reception, PostResult)

    async def _hear(self, process: Process, post: Post) -> PostResult | str:
        """What a process answers; a word where it does not."""
        task = process.spawn(process.acceptor.receive(post))
        await asyncio.wait([task])
        if task.cancelled():
            return "the process is gone"
        error = task.exception()
        if error is None:
            return task.result()
        if not (isinstance(error, BusFault) and error.fault.code == "JOURNAL_FAILED"):
            self.chronicle.troubles.append(f"a post raised {error!r}")
        return str(error)

    async def _post(self, scene: Posting) -> None:
        """Post, and again what was not answered, as often as the sender has patience."""
        chance = random.Random(f"{self.seed}/post/{scene.number}")
        for _ in range(1 + scene.patience):
            told = await self._post_once(scene, chance.random())
            if told.heard:
                return
            await asyncio.sleep(chance.choice((0.1, 3.0, 30.0)))

    async def _post_once(self, scene: Posting, luck: float) -> Told:
        told = Told(scene, self.time())
        self.chronicle.told.append(told)
        fields = scene.fields
        about = f"{fields['transaction']} {fields['document']} {fields['token']}"
        self.tell(scene.sender, f"({scene.number}) posts {about} {fields['uuid']} {fields['mode']}")
        process = self.a_process(luck)
        sender = self.stage.deployment.applications[scene.sender]
        if process is None:
            told.failed = "no process"
        else:
            self._note(told, await self._hear(process, Post(business(fields), sender)))
        told.at = self.time()
        heard = f"{told.form} {told.status or ''} {told.code}" if told.heard else told.failed
        self.tell(scene.sender, f"({scene.number}) is told {heard} {told.message}")
        return told

    def _note(self, told: Told, reception: PostResult | str) -> None:
        if isinstance(reception, str):
            told.failed = reception
            return
        fields = fields_of(reception.body)
        told.form, told.message, told.fault = reception.form, reception.message, reception.fault
        told.status, told.code = fields.get("status"), fields.get("code", "")
        told.kept = self.store.tables.kept.messages.get(told.message)
        told.standing = tuple(
            row
            for row in self.deliveries()
            if row.message == told.message and row.kind is Kind.COPY
        )

    # -- the scenes --------------------------------------------------------------------------------

    def perform(self, scene: Scene) -> None:
        """Let a scene happen."""
        match scene:
            case Posting():
                self.spawn(self._post(scene))
            case Acting():
                self._act(scene)
            case Crashing():
                self.spawn(self._crash(scene))
            case Outage():
                self.tell(scene.destination, f"({scene.number}) is down for {scene.seconds} s")
                self.destinations[scene.destination].down_until = self.time() + scene.seconds
            case JournalTrouble():
                self._trouble_journal(scene)
            case ClockJump():
                self.tell("clock", f"({scene.number}) jumps {scene.seconds} s")
                self.jumped += scene.seconds

    def _trouble_journal(self, scene: JournalTrouble) -> None:
        until = self.time() + scene.seconds
        if scene.frozen:
            self.conditions.frozen_until = until
        else:
            self.conditions.failing_until = until
        how = "is heard late" if scene.frozen else "fails now and then"
        self.tell("journal", f"({scene.number}) {how} for {scene.seconds} s")

    async def _crash(self, scene: Crashing) -> None:
        slot = self.slots[int(scene.luck * len(self.slots))]
        process, slot.process = slot.process, None
        if process is None:
            return
        self.tell(process.name, f"({scene.number}) {'is stopped' if scene.orderly else 'DIES'}")
        self.chronicle.crashes.append(self.time())
        if scene.orderly:
            await process.stop()
        else:
            process.kill()
        await asyncio.sleep(scene.back_after)
        if scene.released and len(self.slots) == 1:
            self.release_leases()
        self.start(slot)

    def _act(self, scene: Acting) -> None:
        able = [row for row in self.deliveries() if row.state in ABLE[scene.step]]
        process = self.a_process(scene.luck)
        if able and process:
            row = able[int(scene.luck * 7919) % len(able)]
            self.spawn(self.intervene(process, scene.step, row))

    async def intervene(self, process: Process, step: Step, row: DeliveryRow) -> None:
        """A person takes a step on a delivery, which may have moved on since they looked."""
        self.tell(PERSON, f"{step} {row.message}/{row.number}, which is {row.state}")
        task = process.spawn(_step(process, step, row))
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        allowed = isinstance(error, SenderFault) and error.fault.code in REFUSED_ACTS
        failed = isinstance(error, BusFault) and error.fault.code == "JOURNAL_FAILED"
        if error and not (allowed or failed):
            self.chronicle.troubles.append(f"an act raised {error!r}")

    # -- playing -----------------------------------------------------------------------------------

    async def play(self, scenes: Iterable[Scene]) -> None:
        """Play the script to its end, with faults."""
        for slot in self.slots:
            self.start(slot)
        for scene in scenes:
            await asyncio.sleep(max(0.0, scene.at - self.time()))
            self.perform(scene)

    async def settle(self) -> bool:
        """No faults any more: wait until the bus has nothing to do; False where that never comes."""
        for destination in self.destinations.values():
            destination.calm, destination.down_until = True, 0.0
        until = self.time() + LONGEST
        while self.time() < until:
            await asyncio.sleep(GLANCE)
            if self._under_way == 0 and all(s.process for s in self.slots) and self._quiet():
                return True
        return False

    def _quiet(self) -> bool:
        return not any(_goes_on(row) for row in self.deliveries())

    async def clear_up(self) -> bool:
        """A person goes through what has stopped until all is done; False where it cannot be."""
        chance = self.chance("clearing up")
        for _ in range(ROUNDS):
            stopped = [row for row in self.deliveries() if row.state in STOPPED]
            if not stopped:
                return True
            process = self.a_process(0.0)
            if process is None:
                return False
            for row in stopped:
                step = chance.choice((Step.REPLAY, Step.DISCARD))
                step = Step.UNBLOCK if row.state is State.BLOCKED else step
                await self.intervene(process, step, row)
            if not await self.settle():
                return False
        return False


def _goes_on(row: DeliveryRow) -> bool:
    if row.state is State.WAITING:
        return row.due_at is not None
    return row.state in {State.SENDING, State.AWAITING_RESPONSE}


async def _step(process: Process, step: Step, row: DeliveryRow) -> None:
    operators = process.operators
    message = await operators.find(row.message)
    if step is Step.REPLAY:
        await operators.replay(Replay(message, row.number, PERSON, "again", overwrites=True))
    elif step is Step.DISCARD:
        await operators.discard(message, row.number, PERSON, "not needed")
    else:
        await operators.act(Operate(row.message, step, row.number, PERSON, "a person's"))
