"""One process of the bus: the engine put together from its ports, which can be stopped or killed."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bus.core.errors import BusFault, Fault
from bus.core.outcome import Report
from bus.core.route import Application, Deployment
from bus.engine.accept import Acceptor
from bus.engine.answers import Answers
from bus.engine.attempt import AttemptRunner
from bus.engine.dispatch import Dispatcher
from bus.engine.operate import Operator
from bus.engine.request import Requests
from bus.engine.responses import Responses
from bus.engine.transform import Transformer
from bus.engine.translate import Translator
from bus.engine.waiters import Waiters
from bus.journal.commands import Recorded
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.adapter import Adapter
from bus.ports.clock import Clock
from bus.ports.depara import CrossReference
from tests.simulation.connection import HistoryConnection, JournalConnection
from tests.simulation.stage import Stage
from tests.simulation.texts import TextBridges, TextCodec, TextContracts
from tests.simulation.virtual_time import VirtualLoop

Result = TypeVar("Result")

EXPECTED = {
    "claiming failed": "JOURNAL_FAILED",
    "an attempt failed": "JOURNAL_FAILED",
    "an outcome waits to be recorded": "JOURNAL_FAILED",
}
"""What an engine survives while the journal is in trouble, and the code of the fault."""
ADAPTER_RAISED = "simulated: adapter raised"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process is given by the world."""

    stage: Stage
    clock: Clock
    journal: JournalConnection
    history: HistoryConnection
    crossreference: CrossReference
    open_adapter: Callable[[Application], Adapter]
    troubled: Callable[[str], None]


class Process:
    """A running bus. Every task that it starts is known, so that all can be dropped at once."""

    def __init__(self, loop: VirtualLoop, name: str, around: Surroundings) -> None:
        self.name = name
        self._loop = loop
        self._around = around
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._context = contextvars.copy_context()
        self._context.run(OWNER.set, self)
        self._context.run(self._assemble)
        self._running = self.spawn(self.dispatcher.run())

    def _assemble(self) -> None:
        around, codec, contracts = self._around, TextCodec(), TextContracts()
        journal, history, clock = around.journal, around.history, around.clock
        crossings = Translator(
            codec=codec,
            contracts=contracts,
            crossreference=around.crossreference,
            history=history,
            deployment=lambda: around.stage.deployment,
        )
        waiters, observer = Waiters(), _Watcher(around.troubled)
        answers = Answers(codec, clock, history)

        def current() -> Deployment:
            return around.stage.deployment

        attempts = AttemptRunner(
            journal=journal,
            codec=codec,
            contracts=contracts,
            clock=clock,
            answers=answers,
            crossings=crossings,
            bridging=Transformer(bridges=TextBridges(), contracts=contracts, deployment=current),
            waiters=waiters,
            observer=observer,
            deployment=current,
            open_adapter=around.open_adapter,
        )
        self.dispatcher = Dispatcher(
            journal=journal,
            attempts=attempts,
            clock=clock,
            observer=observer,
            deployment=current,
            worker=self.name,
            shortest_lease=around.stage.lease,
            poll=around.stage.poll,
        )
        responses = Responses(
            codec=codec,
            contracts=contracts,
            journal=journal,
            history=history,
            clock=clock,
            answers=answers,
            crossings=crossings,
            dispatcher=self.dispatcher,
            waiters=waiters,
            observer=observer,
            deployment=current,
        )
        self.acceptor = Acceptor(
            codec=codec,
            contracts=contracts,
            journal=journal,
            clock=clock,
            answers=answers,
            dispatcher=self.dispatcher,
            requests=Requests(journal, clock, answers, waiters),
            responses=responses,
            observer=observer,
            deployment=current,
        )
        self.operators = Operator(
            journal=journal,
            history=history,
            contracts=contracts,
            acceptor=self.acceptor,
            answers=answers,
            dispatcher=self.dispatcher,
            deployment=current,
        )

    # -- its tasks ---------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Run something inside this process."""
        return self._loop.create_task(work, context=self._context.copy())

    def owns(self, task: asyncio.Task[Any]) -> None:
        """Note a task that was created inside."""
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def stop(self) -> None:
        """End as a program that is asked to: the attempts under way are cut off."""
        self._running.cancel()
        await asyncio.wait([self._running])
        self.kill()

    def kill(self) -> None:
        """End as a machine that loses its power."""
        self._around.journal.cut()
        self._around.history.dead = True
        for task in list(self._tasks):
            task.cancel()


OWNER: contextvars.ContextVar[Process | None] = contextvars.ContextVar("owner", default=None)


def make_task(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Result] | Generator[Any, None, Result],
    **options: Any,
) -> asyncio.Task[Result]:
    """The loop's task factory: a task belongs to the process that creates it."""
    task = asyncio.Task(work, loop=loop, **options)
    context: contextvars.Context | None = options.get("context")
    owner = context.get(OWNER) if context is not None else OWNER.get()
    if owner is not None:
        owner.owns(task)
    return task


class _Watcher:
    """The observer of a process: only what is unexpected matters."""

    def __init__(self, troubled: Callable[[str], None]) -> None:
        self._troubled = troubled

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """Nothing to note."""

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """Nothing to note."""

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """Nothing to note."""

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """Nothing to note."""

    def received(self) -> None:
        """Nothing to keep."""

    def turned_away(self) -> None:
        """Nothing to keep."""

    def troubled(self, what: str, error: BaseException) -> None:
        """Note what is neither a journal in trouble nor an adapter that was told to raise."""
        if what.startswith("adapter of") and str(error) == ADAPTER_RAISED:
            return
        if isinstance(error, BusFault) and EXPECTED.get(what) == error.fault.code:
            return
        self._troubled(f"{what}: {error!r}")
