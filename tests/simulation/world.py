"""One history: puts the bus into its world, plays the script, lets everything settle, and clears up."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bus.core.delivery import Kind, State
from bus.core.errors import BusFault
from bus.core.route import Application
from bus.engine.post import Post
from bus.engine.post_result import Form, PostResult
from bus.journal.commands import (
    Accept,
    RecordAttempt,
    StartAttempt,
)
from bus.journal.rows import DeliveryRow
from bus.ports.adapter import Parcel
from bus.ports.depara import CrossReference
from bus.store.memory import MemoryStore
from tests.simulation.chronicle import Chronicle, Told
from tests.simulation.commits import CommitWatch
from tests.simulation.connection import (
    Conditions,
    HistoryConnection,
    JournalConnection,
)
from tests.simulation.conversant import Conversant
from tests.simulation.destinations import Place
from tests.simulation.feed import Feed
from tests.simulation.keepers import CrossReferenceConnection, PairKeepers
from tests.simulation.naming import NameBook
from tests.simulation.people import People
from tests.simulation.places import find_place
from tests.simulation.process import Process, Surroundings
from tests.simulation.script import (
    Acting,
    ClockJump,
    Crashing,
    Crowding,
    Feeding,
    JournalTrouble,
    Outage,
    Pairing,
    Posting,
    Scene,
)
from tests.simulation.sharing import JournalServer, SharedStore
from tests.simulation.stage import FEED, Stage
from tests.simulation.texts import business, fields_of
from tests.simulation.virtual_time import SimulatedClock, VirtualLoop


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
        self._server = JournalServer(self.store, self._clock(0.0).now)
        self.slots = [
            Slot(number, self._skew() if number > 1 else 0.0)
            for number in range(1, self.stage.engines + 1)
        ]
        self.destinations = {
            name: (Feed if one.read_every else Conversant)(one, self, self.stage.weather)
            for name, one in self.stage.deployment.applications.items()
        }
        self.people = People(self, self.store)
        self.keepers = PairKeepers(self, self.store)
        self.book = NameBook(self.store, self.chronicle, self.time) if self.stage.named else None
        self._commits = CommitWatch(self.store, self.chronicle, self.time, self.book)

    def _skew(self) -> float:
        """Seconds by which a clock is wrong; by much where the processes have one time all the same."""
        most = 3600.0 if self.stage.named else 30.0
        return self.chance("skew").uniform(-most, most)

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
        return self.store.tables.kept.messages[message].content_hash

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
        clock = self._clock(slot.skew)
        store = SharedStore(self._server, clock) if self.stage.shared else self.store
        journal = JournalConnection(
            store.journal, self._chance_of, self.conditions, self._commits.watch
        )
        history = HistoryConnection(store.history, self.chance("history"), self.conditions)
        around = Surroundings(
            self.stage,
            store.clock if self.stage.shared else clock,
            journal,
            history,
            self._crossreference(store, journal),
            self._open_adapter,
            self._troubled,
        )
        slot.process = Process(self.loop, name, around)
        self.tell(name, "starts")

    def _crossreference(self, store: MemoryStore, journal: JournalConnection) -> CrossReference:
        """The de-para as a process has it: at once where nothing is ever looked up."""
        kept = store.crossreference
        if not self.stage.named:
            return kept
        return CrossReferenceConnection(kept, journal, self.chance("names"), self.conditions)

    def _open_adapter(self, application: Application) -> Conversant:
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

    # -- looking into the store --------------------------------------------------------------------

    def deliveries(self) -> list[DeliveryRow]:
        """All deliveries."""
        return list(self.store.tables.kept.deliveries.values())

    def place_of(self, destination: str, parcel: Parcel) -> Place | None:
        """Where the delivery that is being sent stands in its lane; None where there is none."""
        return find_place(self.store, self.chronicle, destination, parcel)

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
        self._BY_SCENE[type(scene)](self, scene)

    def _begin_post(self, scene: Posting) -> None:
        self.spawn(self._post(scene))

    def _begin_crash(self, scene: Crashing) -> None:
        self.spawn(self._crash(scene))

    def _cut_off(self, scene: Outage) -> None:
        self.tell(scene.destination, f"({scene.number}) is down for {scene.seconds} s")
        self.destinations[scene.destination].down_until = self.time() + scene.seconds

    def _jump(self, scene: ClockJump) -> None:
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
            if self.book:
                self.book.note_death()
        await asyncio.sleep(scene.back_after)
        if scene.released and len(self.slots) == 1:
            self.release_leases()
        self.start(slot)

    def _feed(self, scene: Feeding) -> None:
        self.chronicle.fed += [business(one) if one else None for one in scene.contents]
        self.tell(FEED, f"({scene.number}) has {len(scene.contents)} more")
        process = self.a_process(scene.luck)
        if scene.told and process:
            process.poller.wake(FEED)

    _BY_SCENE: ClassVar[dict[type[Scene], Callable[..., None]]] = {
        Posting: _begin_post,
        Acting: lambda world, scene: world.people.look(scene),
        Crowding: lambda world, scene: world.people.gather(scene),
        Feeding: _feed,
        Pairing: lambda world, scene: world.keepers.look(scene),
        Crashing: _begin_crash,
        Outage: _cut_off,
        JournalTrouble: _trouble_journal,
        ClockJump: _jump,
    }

    # -- playing -----------------------------------------------------------------------------------

    async def play(self, scenes: Iterable[Scene]) -> None:
        """Play the script to its end, with faults."""
        for slot in self.slots:
            self.start(slot)
        for scene in scenes:
            await asyncio.sleep(max(0.0, scene.at - self.time()))
            self.perform(scene)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way outside, every process runs, and all that was fed was read."""
        cursor = self.store.tables.kept.cursors.get(FEED)
        had = int(cursor.value or 0) if cursor else 0
        running = all(slot.process for slot in self.slots)
        return self._under_way == 0 and running and had == len(self.chronicle.fed)
