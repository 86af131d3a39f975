"""Probe: whether the applications answer, found out at most so often and never twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bus.core.errors import BusFault, Fault
from bus.core.route import Application
from bus.core.text import Details, Text
from bus.ports.adapter import PROBE_WITHIN, Adapter
from bus.ports.clock import Clock

GOOD_FOR = 10.0
"""Seconds for which a finding holds."""

_SILENT = Text("sem resposta em {limit:g} s", "no answer within {limit:g} s")


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """What a probe found, and when it ended (monotonic): no fault where the application answers."""

    application: Application
    fault: Fault | None
    at: float


class Probes:
    """Probes applications, each at most once at a time.

    A finding holds for `GOOD_FOR` seconds, as long as the configuration of its application stays.
    """

    def __init__(self, open_adapter: Callable[[Application], Adapter], clock: Clock) -> None:
        self._open_adapter = open_adapter
        self._clock = clock
        self._findings: dict[str, ProbeFinding] = {}
        self._under_way: dict[str, asyncio.Task[Fault | None]] = {}
        self._probing: dict[str, asyncio.Task[None]] = {}

    async def findings(
        self, applications: Iterable[Application], patience: float = PROBE_WITHIN + 1
    ) -> Mapping[str, ProbeFinding | None]:
        """By name, what is known of the applications that have an adapter.

        After `patience` (s) it is told what was found before, or None where nothing was; probes
        that are still under way go on.
        """
        asked = [one for one in applications if one.adapter]
        probing = [self._begun(one) for one in asked if not self._is_fresh(one)]
        if probing:
            await asyncio.wait(probing, timeout=patience)
        return {one.name: self._known(one) for one in asked}

    async def aclose(self) -> None:
        """Give up what is under way; what does not let go keeps nobody from leaving."""
        tasks = [*self._probing.values(), *self._under_way.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=PROBE_WITHIN)

    def _known(self, application: Application) -> ProbeFinding | None:
        found = self._findings.get(application.name)
        return found if found and found.application == application else None

    def _is_fresh(self, application: Application) -> bool:
        found = self._known(application)
        return found is not None and self._clock.monotonic() < found.at + GOOD_FOR

    def _begun(self, application: Application) -> asyncio.Task[None]:
        """The probe of an application that is under way, or a new one."""
        name = application.name
        if name not in self._probing:
            task = asyncio.create_task(self._probe(application))
            self._probing[name] = task
            task.add_done_callback(lambda _: self._probing.pop(name))
        return self._probing[name]

    async def _probe(self, application: Application) -> None:
        fault = await self._asked(application)
        now = self._clock.monotonic()
        self._findings[application.name] = ProbeFinding(application, fault, now)

    async def _asked(self, application: Application) -> Fault | None:
        """What an adapter finds in time; one that does not let go is not asked again until then."""
        name = application.name
        if name not in self._under_way:
            asking = asyncio.create_task(self._ask(application))
            self._under_way[name] = asking
            asking.add_done_callback(lambda _: self._under_way.pop(name))
        asking = self._under_way[name]
        done, _ = await asyncio.wait([asking], timeout=PROBE_WITHIN)
        if done and not asking.cancelled():
            return asking.result()
        asking.cancel()
        details: Details = {"application": name, "problem": _SILENT.filled(limit=PROBE_WITHIN)}
        return Fault("UNREACHABLE", details=details)

    async def _ask(self, application: Application) -> Fault | None:
        try:
            return await self._open_adapter(application).probe()
        except BusFault as fault:
            return fault.fault
        except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
            details = {"application": application.name, "problem": type(error).__name__}
            return Fault("ADAPTER_FAILED", details=details)
