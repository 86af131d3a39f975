"""Another version of routes.yaml in force without a restart: from the file, or the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bus.config import Loaded
from bus.core.broker import Broker
from bus.core.errors import BusFault, Fault
from bus.core.route import Deployment
from bus.engine.in_force import InForce
from bus.ports.notifier import News
from bus.ports.ports import Ports

LOOK = 1.0
"""Seconds between two looks at the file."""
LOOKS_AT_JOURNAL = 30
"""After so many looks at the file the journal is looked at too: news of it may be lost."""

_Stamp = tuple[int, int, int]
Load = Callable[[str | None], Loaded]
"""Reads a text of routes, that of the file for None; BusFault with every mistake in it."""


class Reloaded(NamedTuple):
    """What is in force now: its number, and what is to be warned of."""

    number: int
    warnings: tuple[Fault, ...]


class Reloader:
    """Puts what the file says in force when it changes, or when somebody asks.

    What is wrong is refused with its reasons, and what is in force stays. Each text has a number in
    the journal; of several processes on one journal, all go by the newest there. The broker stays
    the one that the process began with.
    """

    def __init__(
        self, file: Path, load: Load, in_force: InForce, ports: Ports, broker: Broker | None
    ) -> None:
        self._file = file
        self._load = load
        self._in_force = in_force
        self._history = ports.history
        self._observer = ports.observer
        self._notifier = ports.notifier
        self._broker = broker
        self._one_at_a_time = asyncio.Lock()
        self._seen = self._last = _stamp(file)
        self._refused = 0
        self._newer = asyncio.Event()

    def follow(self, put: Callable[[Deployment], None]) -> None:
        """Have somebody told of every configuration that is put in force from now on."""
        self._in_force.follow(put)

    async def reload(self, actor: str) -> Reloaded:
        """Put the file in force as it is now; BusFault where it cannot be."""
        async with self._one_at_a_time:
            self._seen = _stamp(self._file)
            loaded = await self._loaded(None)
            await self._refuse_removal(loaded.deployment)
            newest, *_ = await self._history.configurations(loaded.text, actor)
            self._in_force.put(replace(loaded.deployment, number=newest.number))
        if self._notifier:
            self._notifier.tell(News(configured=True))
        return Reloaded(newest.number, loaded.warnings)

    async def run(self) -> None:
        """Follow the file, and what other processes record, until cancelled."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK)
            looks += 1
            before, self._last = self._last, _stamp(self._file)
            if self._last and before == self._last != self._seen:  # it is no longer being written
                await self._follow_file()
            if self._newer.is_set() or looks % LOOKS_AT_JOURNAL == 0:
                self._newer.clear()
                await self._follow_journal()

    def others_recorded(self) -> None:
        """Another process may have recorded a newer version: look soon."""
        self._newer.set()

    # -- following ---------------------------------------------------------------------------------

    async def _follow_file(self) -> None:
        try:
            await self.reload("file")
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, what runs goes on
            self._observer.troubled("the file of routes changed, and is not in force", error)

    async def _follow_journal(self) -> None:
        """Go by the newest version that is recorded; one that is refused here is told once."""
        try:
            async with self._one_at_a_time:
                newest, *_ = await self._history.configurations()
                if newest.number in {self._in_force().number, self._refused}:
                    return
                self._refused = newest.number
                loaded = await self._loaded(newest.text)
                self._in_force.put(replace(loaded.deployment, number=newest.number))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, what runs goes on
            self._observer.troubled("a newer configuration of the journal is not in force", error)

    async def _loaded(self, text: str | None) -> Loaded:
        loaded = await asyncio.to_thread(self._load, text)
        if loaded.broker != self._broker:
            raise BusFault(Fault("BROKER_CHANGED", "broker"))
        return loaded

    async def _refuse_removal(self, deployment: Deployment) -> None:
        """Refuse to remove an application, or its adapter, while something is to be sent there."""
        stay = deployment.applications
        removed = [
            name
            for name, one in self._in_force().applications.items()
            if name not in stay or (one.adapter and not stay[name].adapter)
        ]
        left = await self._history.unfinished(removed) if removed else {}
        if left:
            raise BusFault(*(_in_use(name, count) for name, count in sorted(left.items())))


def _in_use(application: str, count: int) -> Fault:
    details = {"application": application, "count": str(count)}
    return Fault("APPLICATION_IN_USE", f"applications.{application}", details=details)


def _stamp(file: Path) -> _Stamp | None:
    """By what a file is known to have changed; None where it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
