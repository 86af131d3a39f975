"""The local API: what writing commands ask of a running bus."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import aiohttp
import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.core.delivery import State
from bus.edge.verbs import VERBS
from tests.edge.conftest import Whole, unit


async def ask(whole: Whole, path: str, wish: dict[str, object]) -> tuple[int, dict[str, object]]:
    """Post to the local API: what is to be done to which message, `l-1/replay`."""
    message, verb = path.split("/")
    connector = aiohttp.UnixConnector(f"{whole.journal}.sock")
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        http.post(
            f"http://bus/api/v1/messages/{verb}", json={"message": message, **wish}
        ) as response,
    ):
        return response.status, await response.json()


async def state(whole: Whole, uuid: str) -> State:
    """The state of the first delivery of a message."""
    (message,) = await whole.run.bus.history.find(uuid)
    trace = await whole.run.bus.history.trace(message.id)
    assert trace
    return trace.deliveries[0].state


async def becomes(whole: Whole, uuid: str, wanted: State) -> None:
    """Wait for a state."""
    for _ in range(500):
        if await state(whole, uuid) is wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{uuid} never became {wanted}")


async def between_tries(whole: Whole, path: str, wish: dict[str, object]) -> None:
    """Ask until it is possible: not while an attempt is under way."""
    for _ in range(500):
        status, _answer = await ask(whole, path, wish)
        if status == 200:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} was never possible")


def permissions(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_socket_is_for_its_owner_alone(whole: Whole) -> None:
    """Nobody but the owner of the journal may open the socket."""
    assert permissions(Path(f"{whole.journal}.sock")) == 0o600


async def test_a_refused_message_is_replayed(whole: Whole) -> None:
    """A replay is a new attempt, and the fact names who wanted it and why."""
    whole.protheus.behave(ScriptedConduct(Conduct.REFUSE))
    await whole.post(unit("l-1"))
    await becomes(whole, "l-1", State.REFUSED)
    status, told = await ask(whole, "l-1/replay", {"actor": "ana", "reason": "corrigido"})
    await becomes(whole, "l-1", State.DELIVERED)
    (message,) = await whole.run.bus.history.find("l-1")
    trace = await whole.run.bus.history.trace(message.id)

    assert status == 200
    assert told["message"] == message.id
    assert trace
    assert [(f.actor, f.reason) for f in trace.facts if f.step == "replay"] == [
        ("ana", "corrigido")
    ]


async def test_block_unblock_discard(whole: Whole) -> None:
    """What waits can be held, let go, and given up."""
    await whole.protheus.leave()
    await whole.post(unit("l-2"))
    await between_tries(whole, "l-2/block", {"actor": "ana"})
    blocked = await state(whole, "l-2")
    await ask(whole, "l-2/unblock", {"actor": "ana"})
    waiting = await state(whole, "l-2")
    await between_tries(whole, "l-2/block", {"actor": "ana"})
    await ask(whole, "l-2/discard", {"actor": "ana", "reason": "teste"})

    assert blocked is State.BLOCKED
    assert waiting in {State.WAITING, State.SENDING}
    assert await state(whole, "l-2") is State.DISCARDED


@pytest.mark.parametrize(
    ("path", "wish", "status", "code"),
    [
        ("none/replay", {}, 404, "MESSAGE_NOT_FOUND"),
        ("l-3/unblock", {}, 409, "STEP_NOT_ALLOWED"),
    ],
)
async def test_what_cannot_be_is_said(
    whole: Whole, path: str, wish: dict[str, object], status: int, code: str
) -> None:
    """A wish that makes no sense changes nothing and says why."""
    await whole.post(unit("l-3", mode="Sync"))

    answered, told = await ask(whole, path, wish)

    assert answered == status
    errors = told["errors"]
    assert isinstance(errors, list)
    assert errors[0]["code"] == code


async def test_every_verb_is_served(whole: Whole) -> None:
    """The API has what the table has, and no more."""
    connector = aiohttp.UnixConnector(f"{whole.journal}.sock")
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        http.get("http://bus/api/v1/openapi.json") as response,
    ):
        paths = (await response.json())["paths"]

    assert paths.keys() == {verb.path for verb in VERBS}
    assert all(each["post"]["description"] for each in paths.values())


async def test_an_unknown_key_is_refused(whole: Whole) -> None:
    """The API takes what it knows and nothing else."""
    status, _ = await ask(whole, "x/replay", {"numero": 1})

    assert status == 422
