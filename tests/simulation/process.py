"""One process of the bus: the engine put together from its ports, which can be stopped or killed."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from bus.config import Settings
from bus.core.errors import Refusal
from bus.core.route import Application
from bus.ports.adapter import Adapter
from bus.ports.clock import Clock
from bus.ports.depara import CrossReference
from bus.ports.observer import SilentObserver
from bus.ports.ports import Ports
from bus.wiring import assemble
from tests.simulation.connection import HistoryConnection, JournalConnection
from tests.simulation.stage import FEED, Stage
from tests.simulation.texts import TextBridges, TextCodec, TextContracts
from tests.simulation.virtual_time import VirtualLoop

Result = TypeVar("Result")

IN_TROUBLE = frozenset({"JOURNAL_FAILED"})
EXPECTED = {
    "claiming failed": IN_TROUBLE,
    "an attempt failed": IN_TROUBLE,
    "an attempt could not begin": IN_TROUBLE,
    "an answer could not be taken": IN_TROUBLE,
    f"the right to read {FEED} stays": IN_TROUBLE,
    "an outcome waits to be recorded": IN_TROUBLE,
    "a call that was made waits to be recorded": IN_TROUBLE,
    f"reading {FEED} failed": IN_TROUBLE | {"UNREACHABLE", "SOURCE_LOST"},
}
"""What an engine survives: a journal in trouble, a source that is away, another that reads it."""
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
        self._running = [self.spawn(self.dispatcher.run())]
        if FEED in around.stage.deployment.applications:
            self._running.append(self.spawn(self.poller.run()))

    def _assemble(self) -> None:
        around, stage = self._around, self._around.stage
        ports = Ports(
            codec=TextCodec(),
            contracts=TextContracts(stage.contracts),
            bridges=TextBridges(),
            clock=around.clock,
            journal=around.journal,
            history=around.history,
            crossreference=around.crossreference,
            observer=_Watcher(around.troubled),
            open_adapter=around.open_adapter,
            asks=lambda application: application.name in stage.weather.asked,
            deployment=lambda: stage.deployment,
        )
        bus = assemble(ports, Settings(lease=stage.lease), worker=self.name, poll=stage.poll)
        self.dispatcher, self.acceptor, self.operators = bus.dispatcher, bus.acceptor, bus.operators
        self.poller, self.amending = bus.poller, bus.amending

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
        for task in self._running:
            task.cancel()
        await asyncio.wait(self._running)
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


class _Watcher(SilentObserver):
    """The observer of a process: only what is unexpected matters."""

    def __init__(self, troubled: Callable[[str], None]) -> None:
        self._troubled = troubled

    def troubled(self, what: str, error: BaseException) -> None:
        """Note what is neither a journal in trouble nor an adapter that was told to raise."""
        if what.startswith("adapter of") and str(error) == ADAPTER_RAISED:
            return
        if isinstance(error, Refusal) and error.fault.code in EXPECTED.get(what, ()):
            return
        self._troubled(f"{what}: {error!r}")
