"""Where changes of the de-para are asked for: at the running bus, or in a journal of our own."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from bus.config import Settings
from bus.edge.cli.local import ask, running_bus
from bus.edge.http.depara import ChangeIn, ChangeOut, PairIn, PairsIn, PairsOut, change, check

if TYPE_CHECKING:
    from bus.wiring import Bus

CHUNK = 1000
"""Links of one commit."""

Item = TypeVar("Item")


class DeparaDesk(Protocol):
    """Takes changes of the de-para."""

    async def check(self, pairs: Sequence[PairIn]) -> PairsOut:
        """Put names right; nothing changes."""

    async def change(self, wanted: ChangeIn) -> ChangeOut:
        """Change the de-para; a Refusal where it cannot be."""


class _Theirs:
    """The desk of a running bus. Nothing else is to be done while it answers."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    async def check(self, pairs: Sequence[PairIn]) -> PairsOut:
        body = PairsIn(pairs=list(pairs)).model_dump_json()
        return PairsOut.model_validate(ask(self._connection, "/api/v1/depara/check", body))

    async def change(self, wanted: ChangeIn) -> ChangeOut:
        body = wanted.model_dump_json()
        return ChangeOut.model_validate(ask(self._connection, "/api/v1/depara/change", body))


class _Ours:
    """The desk of a journal that we hold."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def check(self, pairs: Sequence[PairIn]) -> PairsOut:
        asked = PairsIn(pairs=list(pairs))
        return await check(self._bus.amending, asked, self._bus.settings.language)

    async def change(self, wanted: ChangeIn) -> ChangeOut:
        return await change(self._bus.amending, wanted)


@contextlib.asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[DeparaDesk]:
    """The desk of the bus that runs on the journal, else our own."""
    connection = running_bus(settings)
    if connection is not None:
        with contextlib.closing(connection):
            yield _Theirs(connection)
        return
    from bus.wiring import open_unwatched

    async with open_unwatched(settings) as bus:
        yield _Ours(bus)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """As many at a time as one commit takes."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
