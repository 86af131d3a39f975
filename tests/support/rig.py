"""A whole bus for one test: the engine, the real XML, a store, and applications that are scripted."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bus.config import Settings
from bus.contracts.bridges import XmlBridges
from bus.contracts.registry import Registry
from bus.core.delivery import Kind, State
from bus.core.envelope import Carrier, Response
from bus.core.errors import Fault
from bus.core.outcome import Report
from bus.core.route import Deployment
from bus.core.text import Language
from bus.engine.operate import Replay
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.engine.responses import Settling
from bus.engine.verify import verify
from bus.journal.commands import Claim, Recorded
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.history import Trace
from bus.ports.ports import Ports
from bus.wiring import Bus, assemble, open_codec
from tests.support.clock import HandClock
from tests.support.contracts import TestedContracts
from tests.support.deployments import DEADLINE, deployment
from tests.support.journals import TappedJournal
from tests.support.loopback import Behaviour, Gate, Loopback, LoopbackPool, is_unreachable
from tests.support.messages import Message
from tests.support.stores import Store, StoreKind

PATIENCE = 20.0
"""Seconds after which what a test waits for is not coming."""
GLANCE = 0.002
"""Seconds between two looks at the journal."""
SOON = 1_000_000
"""Microseconds within which a test waits for what is due later."""
ADDRESS = "http://bus.example"

CODEC = open_codec()
REGISTRY = Registry()
CONTRACTS = TestedContracts(REGISTRY)
BRIDGES = XmlBridges(REGISTRY)


def code_of(reception: PostResult) -> str:
    """The code of our fault; empty where a destination answered."""
    return reception.fault.code if reception.fault else ""


@dataclass
class Watcher:
    """The observer of a test: it counts, and keeps what went wrong unexpectedly."""

    seen: Counter[str] = field(default_factory=Counter)
    troubles: list[tuple[str, BaseException]] = field(default_factory=list)

    def received(self) -> None:
        """Count it."""
        self.seen["received"] += 1

    def turned_away(self) -> None:
        """Count it."""
        self.seen["turned away"] += 1

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """Count it."""
        self.seen["accepted"] += 1

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """Count it."""
        self.seen["rejected"] += 1

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """Count it."""
        self.seen["repeated"] += 1

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """Count it."""
        self.seen["attempted"] += 1

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """Count it."""
        self.seen[f"effect {delivery.effect}"] += 1

    def lost(self, delivery: DeliveryRow) -> None:
        """Count it."""
        self.seen[f"lost: {delivery.reason}"] += 1

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """Count them."""
        self.seen["cut off"] += len(deliveries)

    def troubled(self, what: str, error: BaseException) -> None:
        """Keep it: a test that expects it clears the list."""
        self.troubles.append((what, error))

    def assert_it_adds_up(self) -> None:
        """What is received is accepted, rejected, a repeat, or turned away."""
        ends = ("accepted", "rejected", "repeated", "turned away")
        assert self.seen["received"] == sum(self.seen[end] for end in ends), self.seen


class Rig:
    """A running bus, and all that a test needs to make things happen and to see what came of them."""

    poll = 0.1
    """Seconds between two looks at what time alone makes due: a bus looks less often."""

    def __init__(
        self,
        store: Store,
        clock: HandClock,
        pool: LoopbackPool,
        configuration: Deployment,
        language: Language = "pt",
    ) -> None:
        self._language = language
        self.store = store
        self.clock = clock
        self.pool = pool
        self.deployment = configuration
        self.watcher = Watcher()
        self.journal = TappedJournal(store.journal)
        self.bus = self._assemble(configuration)
        self._running: asyncio.Task[None] | None = None

    def _assemble(self, configuration: Deployment) -> Bus:
        ports = Ports(
            codec=CODEC,
            contracts=CONTRACTS,
            bridges=BRIDGES,
            clock=self.store.clock,
            journal=self.journal,
            history=self.store.history,
            crossreference=self.store.crossreference,
            observer=self.watcher,
            open_adapter=self.pool,
            asks=self.pool.asks,
            deployment=lambda: configuration,
            notifier=self.store.notifier,
        )
        return assemble(ports, Settings(language=self._language), ADDRESS, poll=self.poll)

    # -- running -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Begin to deliver."""
        self._running = asyncio.create_task(self.bus.dispatcher.run())

    async def stop(self) -> None:
        """Stop as a process that is killed: attempts under way are cut off."""
        stopping = self.stop_gently()
        await asyncio.sleep(0)
        self.pool.kill()
        await stopping

    def stop_gently(self) -> asyncio.Task[None]:
        """Stop as a process that ends: attempts under way may end too."""
        running, self._running = self._running, None

        async def stopping() -> None:
            if running is None:
                return
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

        return asyncio.create_task(stopping())

    def idle(self) -> None:
        """Take messages, but send nothing until `run`: others are always due first."""
        self.bus.dispatcher.wake_all()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and let the bus look at what that makes due."""
        self.clock.advance(seconds)
        self.bus.dispatcher.wake_all()

    # -- acting ------------------------------------------------------------------------------------

    def app(self, name: str) -> Loopback:
        """An application, to script it or to see what it received."""
        return self.pool.of(name)

    async def post(
        self,
        message: Message | bytes,
        sender: str = "protheus",
        carrier: Carrier = Carrier.HTTP,
    ) -> PostResult:
        """Post a message as an application and wait for the answer."""
        body = message if isinstance(message, bytes) else message.xml()
        application = self.deployment.applications[sender]
        return await self.bus.acceptor.receive(Post(body, application, carrier))

    def posting(
        self, message: Message | bytes, sender: str = "protheus"
    ) -> asyncio.Task[PostResult]:
        """Post a message beside the test, which goes on."""
        return asyncio.create_task(self.post(message, sender))

    async def accepted(self, message: Message | bytes, sender: str = "protheus") -> str:
        """Post a message; the bus's id of it."""
        return (await self.post(message, sender)).message

    async def withdrawn(self, message: Message, trouble: Behaviour | None = None) -> PostResult:
        """Post as a caller whose time runs out while nothing could be sent to `rm`."""
        gate = Gate(trouble or is_unreachable())
        self.app("rm").will(gate)
        posting = self.posting(message)
        await gate.arrived()
        self.clock.advance(DEADLINE + 1)
        gate.open()
        return await posting

    async def replay(self, message: str, number: int = 0, *, overwrites: bool = False) -> str:
        """Send again, as an operator does; the id of the message that is sent."""
        row = await self.bus.operators.find(message)
        asked = Replay(row, number, "ana", "again", overwrites=overwrites)
        return (await self.bus.operators.replay(asked)).message.id

    async def settle(self, message: str, *, done: bool, number: int = 0, id_: str = "") -> str:
        """Say what became of a delivery in doubt, as an operator does."""
        row = await self.bus.operators.find(message)
        said = Settling(row, done, number, "ana", "I looked", id_)
        return (await self.bus.operators.settle(said)).message.id

    async def discard(self, message: str, number: int = 0) -> str:
        """Give up, as an operator does; the id of the message."""
        row = await self.bus.operators.find(message)
        return (await self.bus.operators.discard(row, number, "ana", "not needed")).message.id

    async def claim(self, *destinations: str, worker: str = "another") -> tuple[Claim, ...]:
        """Claim as a worker of another process does, which sends nothing by itself."""
        room = dict.fromkeys(destinations or ("rm",), 100)
        return await self.journal.claim(worker, room, lease=60.0)

    # -- seeing ------------------------------------------------------------------------------------

    def response_in(self, reception: PostResult) -> Response:
        """The ResponseMessage that a caller was given."""
        found = CODEC.parse_answer(reception.body).response
        assert found is not None, "the caller was given a receipt"
        return found

    async def trace(self, message: str) -> Trace:
        """Everything of one message."""
        found = await self.bus.history.trace(message)
        assert found is not None
        return found

    async def message(self, message: str) -> MessageRow:
        """The row of a message."""
        return (await self.trace(message)).message

    async def delivery(self, message: str, number: int = 1) -> DeliveryRow:
        """One delivery of a message."""
        rows = (await self.trace(message)).deliveries
        return next(row for row in rows if row.number == number)

    async def states(self, message: str) -> tuple[State, ...]:
        """The states of a message's copies, in their order."""
        rows = (await self.trace(message)).deliveries
        return tuple(row.state for row in sorted(rows) if row.kind is Kind.COPY)

    async def facts(self, message: str, kind: FactKind | None = None) -> list[FactRow]:
        """What happened to a message, or what of one kind did."""
        rows = (await self.trace(message)).facts
        return [row for row in rows if kind is None or row.kind == kind]

    async def verdicts(self, message: str) -> list[str]:
        """What was said of the repeats of a message."""
        facts = await self.facts(message, FactKind.REPEATED)
        return [str(fact.data["verdict"]) for fact in facts]

    async def answer(self, message: str) -> Response | None:
        """What the origin is answered, if that is fixed."""
        stored = await self.bus.answers.stored(message)
        return self.response_in(stored) if stored else None

    async def deliveries(self) -> list[DeliveryRow]:
        """All deliveries."""
        rows = await self.bus.history.audit("deliveries")
        return [DeliveryRow._make(row) async for row in rows]

    # -- waiting -----------------------------------------------------------------------------------

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until something is so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not await holds():  # noqa: ASYNC110 - a journal has no event to wait for
                    await asyncio.sleep(GLANCE)
                return
        rows = [
            (row.message[-4:], row.destination, str(row.state)) for row in await self.deliveries()
        ]
        raise AssertionError(f"waited in vain until {what}; deliveries: {rows}")

    async def reaches(self, message: str, *states: State) -> None:
        """Wait until the copies of a message stand so."""

        async def stands() -> bool:
            return await self.states(message) == states

        await self.until(stands, f"{message} is {', '.join(states)}")

    async def answered(self, times: int = 1, origin: str = "protheus") -> None:
        """Wait until the origin has been sent so many answers, and what became of them is known."""

        async def enough() -> bool:
            rows = [row for row in await self.deliveries() if row.kind == Kind.ANSWER]
            return len(self.app(origin).answers) >= times and not any(
                row.state == State.SENDING for row in rows
            )

        await self.until(enough, f"{origin} has {times} answers")

    async def looked(self) -> None:
        """Wait until the bus has looked at everything, and has sent what it found."""
        await self.looked_at_once()
        await self.until(self.rests, "what it found is sent")

    async def looked_at_once(self) -> None:
        """Wait until the bus has looked at everything, whatever it is sending."""
        enough = self.journal.done["claim"] + 2  # one may have begun before

        async def seen() -> bool:
            self.bus.dispatcher.wake_all()
            return self.journal.done["claim"] >= enough

        await self.until(seen, "the bus looks at what is due")

    async def rests(self) -> bool:
        """Whether nothing is being sent."""
        return not any(row.state == State.SENDING for row in await self.deliveries())

    async def settled(self) -> None:
        """Wait until the bus has nothing to do by itself, now or soon."""

        async def quiet() -> bool:
            soon = self.clock.now() + SOON
            return not any(
                row.state == State.SENDING
                or (row.state == State.WAITING and row.due_at is not None and row.due_at <= soon)
                for row in await self.deliveries()
            )

        await self.until(quiet, "nothing is due")


class Told(Rig):
    """A process that must be told: it looks by itself once an hour."""

    poll = 3600.0


class Rigs:
    """Makes rigs over one journal, one after another or side by side, and ends them."""

    def __init__(self, kind: StoreKind, folder: Path) -> None:
        self.kind = kind
        self.clock = HandClock()
        self.pool = LoopbackPool(CODEC)
        self._folder = folder
        self._store: Store | None = None
        self._rigs: list[Rig] = []

    async def start(
        self,
        configuration: Deployment | None = None,
        *,
        run: bool = True,
        language: Language = "pt",
        kind: type[Rig] = Rig,
    ) -> Rig:
        """A bus on the journal; several are several workers of one bus."""
        if self._store is None:
            self._store = await self.kind.open(self._folder, self.clock)
        rig = kind(self._store, self.clock, self.pool, configuration or deployment(), language)
        self._rigs.append(rig)
        self.pool.revive()
        if run:
            rig.run()
        else:
            rig.idle()
        return rig

    async def restart(self, configuration: Deployment | None = None) -> Rig:
        """End the process as it stands, and start another on the same journal."""
        last = self._rigs[-1]
        await self._end()
        return await self.start(configuration or last.deployment)

    async def _end(self) -> None:
        for rig in self._rigs:
            await rig.stop()
        if self._store:
            await self._store.close()
        self._store = None

    async def close(self) -> None:
        """Stop, and prove that nothing was lost and nothing unexpected happened (S15)."""
        for rig in self._rigs:
            await rig.stop()
        if self._store is None:
            return
        told = await verify(self._store.history, self._store.crossreference)
        await self._end()
        assert [(one.problem, one.message) for one in told.discrepancies] == []
        assert told.received == told.rejected + told.repeats + told.accepted
        assert [trouble for rig in self._rigs for trouble in rig.watcher.troubles] == []
        for rig in self._rigs:
            rig.watcher.assert_it_adds_up()


@contextlib.asynccontextmanager
async def rigs_over(kind: StoreKind, folder: Path) -> AsyncIterator[Rigs]:
    """Rigs over a new journal."""
    made = Rigs(kind, folder)
    try:
        yield made
    finally:
        await made.close()
