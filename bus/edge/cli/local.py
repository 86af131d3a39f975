"""What writing commands do: they ask the running bus, or open a journal that no bus holds."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bus.config import Settings
from bus.core.delivery import Step
from bus.core.errors import BusFault, Fault, SenderFault
from bus.edge.cli.faults import AsTold
from bus.journal.commands import Operate, Operated

PATIENCE = 60.0
"""Seconds that a running bus may take."""

_OURS = 500


@dataclass(frozen=True, slots=True)
class Operation:
    """What a person wants done to a message: to one delivery (`number`), or to all (0), and why."""

    verb: str
    message: str
    number: int = 0
    reason: str = ""


class _LocalConnection(http.client.HTTPConnection):
    """HTTP over the Unix socket of a bus."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Open the socket file."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


def carry_out(settings: Settings, wish: Operation) -> dict[str, Any]:
    """Do it: what a running bus answers, or the same from an open journal.

    The result is `{"message": id, "moved": [{"number", "application", "state"}]}`.
    """
    connection = running_bus(settings)
    if connection is None:
        return asyncio.run(_by_ourselves(settings, wish))
    with contextlib.closing(connection):
        path = f"/api/v1/messages/{quote(wish.message, safe='')}/{wish.verb}"
        body = {"number": wish.number, "actor": getpass.getuser(), "reason": wish.reason}
        return ask(connection, path, json.dumps(body))


def running_bus(settings: Settings) -> http.client.HTTPConnection | None:
    """A connection to the bus that runs on the journal.

    None where nobody listens. A bus that holds the journal all the same is found when it is opened.
    """
    connection = _LocalConnection(f"{settings.journal}.sock")
    try:
        connection.connect()
    except OSError:
        return None
    return connection


def ask(connection: http.client.HTTPConnection, path: str, body: str) -> dict[str, Any]:
    """What a running bus answers to a request; a Refusal where it refuses or breaks off."""
    try:
        connection.request("POST", path, body.encode(), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        details = {"problem": type(error).__name__, "id": path}
        raise BusFault(Fault("INTERNAL", details=details)) from error
    if "errors" in answer:
        faults = [AsTold(one["code"], one["path"], one["line"], one) for one in answer["errors"]]
        raise SenderFault(*faults) if response.status < _OURS else BusFault(*faults)
    return answer


async def _by_ourselves(settings: Settings, wish: Operation) -> dict[str, Any]:
    from bus.wiring import open_acts

    actor = getpass.getuser()
    async with open_acts(settings) as operators:
        message = await operators.find(wish.message)
        if wish.verb == "replay":
            acted = await operators.replay(message, wish.number, actor, wish.reason)
        elif wish.verb == "discard":
            acted = await operators.discard(message, wish.number, actor, wish.reason)
        else:
            act = Operate(message.id, Step(wish.verb), wish.number, actor, wish.reason)
            acted = await operators.act(act)
    return _told(acted)


def _told(acted: Operated) -> dict[str, Any]:
    moved = [
        {"number": row.number, "application": row.destination, "state": row.state.value}
        for row in acted.moved
        if row.message == acted.message.id
    ]
    return {"message": acted.message.id, "moved": moved}
