"""Has an operator's verbs carried out: by the bus that runs on the journal, or by ourselves."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bus.config import Settings
from bus.core.errors import BusFault, Fault, Owner, ReceiverFault, SenderFault
from bus.core.text import Text
from bus.edge.local_socket import local_socket, within_reach
from bus.edge.verbs.verb import AskedT, ToldT, Verb

if TYPE_CHECKING:
    from bus.wiring import Bus

_OURS = 500
AS_IT_IS_IN_FORCE = Text(
    "Vale para o barramento no ar a última versão do arquivo de rotas que ele aceitou: se o mudou "
    "depois, `bus routes reload` diz o que falta.",
    "The bus that runs goes by the last version of the file of routes that it took: where that was "
    "changed since, `bus routes reload` says what is wrong with it.",
)


class Client(Protocol):
    """Carries verbs to a bus."""

    async def ask(self, verb: Verb[AskedT, ToldT], asked: AskedT) -> ToldT:
        """What came of it; a Refusal where it cannot be done."""


@contextlib.asynccontextmanager
async def open_client(settings: Settings, *, existing: bool = False) -> AsyncIterator[Client]:
    """A client of the bus that runs on the journal; where none does, of one that delivers nothing.

    A bus that holds the journal and does not listen is found when the journal is opened: BusFault
    JOURNAL_IN_USE. One that is not there is begun, unless it must be `existing`.
    """
    with running_client(settings) as running:
        if running:
            yield running
            return
    from bus.wiring import open_reading, open_unwatched

    if existing:
        async with open_reading(settings):
            pass
    async with open_unwatched(settings) as bus:
        yield _Ourselves(bus)


@contextlib.contextmanager
def running_client(settings: Settings) -> Iterator[Client | None]:
    """A client of the bus that runs on the journal; None where none does."""
    connection = _LocalConnection(local_socket(settings.journal))
    try:
        connection.connect()
    except OSError:
        yield None
        return
    with contextlib.closing(connection):
        yield _Running(connection)


def carry_out(
    settings: Settings, verb: Verb[AskedT, ToldT], asked: AskedT, *, existing: bool = False
) -> ToldT:
    """Have one verb carried out; on a journal that is there, where it must be `existing`."""

    async def ask() -> ToldT:
        async with open_client(settings, existing=existing) as client:
            return await client.ask(verb, asked)

    return asyncio.run(ask())


class _Ourselves:
    """A bus on a journal that no other holds."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def ask(self, verb: Verb[AskedT, ToldT], asked: AskedT) -> ToldT:
        return await verb.do(self._bus, asked)


class _Running:
    """A bus that runs. Nothing else is to be done while it answers."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    async def ask(self, verb: Verb[AskedT, ToldT], asked: AskedT) -> ToldT:
        try:
            self._connection.sock.settimeout(verb.patience)
            status, answer = self._post(verb.path, asked.model_dump_json())
            if "errors" not in answer:
                return verb.told.model_validate(answer)
            faults = [_by_what_is_in_force(Fault.of(each)) for each in answer["errors"]]
        except (OSError, ValueError, http.client.HTTPException) as error:
            details = {"problem": type(error).__name__}
            raise BusFault(Fault("INTERNAL", details=details)) from error
        if status < _OURS:
            raise SenderFault(*faults)
        kind = ReceiverFault if faults[0].owner is Owner.RECEIVER else BusFault
        raise kind(*faults)

    def _post(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", path, body.encode(), headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        return response.status, answer


def _by_what_is_in_force(fault: Fault) -> Fault:
    """A fault of a bus that runs; of a name that it does not know, with whence it knows them."""
    if fault.code not in {"UNKNOWN_APPLICATION", "UNKNOWN_ROUTE"}:
        return fault
    return replace(fault, details={**fault.details, "follows": AS_IT_IS_IN_FORCE})


class _LocalConnection(http.client.HTTPConnection):
    """HTTP over the Unix socket of a bus."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Open the socket file."""
        self.sock = socket.socket(socket.AF_UNIX)
        try:
            with within_reach(self._path) as path:
                self.sock.connect(path)
        except OSError:
            self.close()
            raise
