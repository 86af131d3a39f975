"""Applications that are read by a running bus: by webhook, and by polling."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from bus.config import load_settings
from bus.edge.http.server import Running, running
from bus.journal.rows import MessageState
from bus.ports.history import Filter
from tests.edge.conftest import PASSWORD, unit
from tests.support import folder_source
from tests.support.foreign import Foreign

ROUTES = """
applications:
  shop:
    product: SHOP
    adapter: folder-source
    address: "{folder}"
    login: {{user: shop, password: {{file: password}}}}
    timeout: 2s
    source_applications: [RM]
    read_every: 100ms
  rm: {{product: RM, login: {{user: rm, password: {{file: password}}}}}}
  protheus:
    product: PROTHEUS
    adapter: http-xml
    address: "http://127.0.0.1:9/"
    login: {{user: protheus, password: {{file: password}}}}
routes:
  units: {{transactions: [UnitOfMeasure], from: shop, to: [protheus]}}
shared_ids: [{{entity: Company, between: [shop, protheus]}}]
"""
WORD = {"X-Shared-Word": "sesame"}


@dataclass(frozen=True)
class Shop:
    """A running bus, and the folder that it reads."""

    run: Running
    folder: Path
    http: aiohttp.ClientSession

    async def call(
        self,
        body: object,
        name: str = "shop",
        *,
        user: str = "shop",
        method: str = "POST",
        query: str = "",
    ) -> tuple[int, dict[str, Any]]:
        """Post to a webhook: status and what was answered."""
        login = {"Authorization": aiohttp.encode_basic_auth(user, PASSWORD)} if user else {}
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        url = f"{self.run.address}/webhooks/{name}{query}"
        async with self.http.request(method, url, data=data, headers=WORD | login) as told:
            return told.status, json.loads(await told.read())

    async def messages(self) -> list[tuple[str, str]]:
        """The UUIDs and states of what came in, as it came."""
        found = await self.run.bus.history.messages(Filter())
        return [(row.uuid, row.state.value) for row, _ in reversed(found)]


@pytest.fixture
def folder(tmp_path: Path, foreign: Foreign) -> Path:
    """A folder that an installed adapter can read."""
    foreign("folder-source", Path(folder_source.__file__).read_text("utf-8"))
    made = tmp_path / "out"
    made.mkdir()
    return made


@pytest.fixture
async def shop(tmp_path: Path, folder: Path) -> AsyncIterator[Shop]:
    """A bus with an application that is read."""
    async with opened(tmp_path, folder) as made:
        yield made


@contextlib.asynccontextmanager
async def opened(place: Path, folder: Path) -> AsyncIterator[Shop]:
    """A bus on the journal of a place, that reads a folder."""
    (place / "password").write_text(PASSWORD, "utf-8")
    routes = place / "routes.yaml"
    routes.write_text(ROUTES.format(folder=folder.as_uri()), "utf-8")
    settings = load_settings(journal=str(place / "journal.sqlite"), routes=routes, port=0)
    async with running(settings) as run, aiohttp.ClientSession() as http:
        yield Shop(run, folder, http)


def text(uuid: str, code: str = "UN") -> str:
    """A message as this application tells it."""
    return unit(uuid, code).decode()


async def until_read(shop: Shop, count: int) -> None:
    """Wait until so many messages came in."""
    async with asyncio.timeout(10):
        while len(await shop.messages()) < count:  # noqa: ASYNC110 - a journal has no event
            await asyncio.sleep(0.02)


# -- webhooks --------------------------------------------------------------------------------------


async def test_what_is_posted_is_taken_in_order(shop: Shop) -> None:
    """202, and the ids of the bus."""
    status, told = await shop.call([text("1"), text("2")])

    assert status == 202
    assert await shop.messages() == [("1", "accepted"), ("2", "accepted")]
    for id_ in told["messages"]:
        (row,) = await shop.run.bus.history.find(id_)
        assert (row.sender, row.state) == ("shop", MessageState.ACCEPTED)


async def test_a_call_that_is_repeated_brings_nothing_twice(shop: Shop) -> None:
    """Its answer names the messages that the bus has already."""
    first = await shop.call([text("1"), text("2")])
    again = await shop.call([text("1"), text("2")])

    assert again == first
    assert len(await shop.messages()) == 2


async def test_a_message_that_is_refused_is_told_and_the_others_are_taken(shop: Shop) -> None:
    """The refusal of the first; nobody need post the others again."""
    status, told = await shop.call([text("1"), text("2", "TOO LONG"), "<", text("3")])

    assert (status, told["errors"][0]["code"]) == (422, "VALUE_TOO_LONG")
    states = [state for _, state in await shop.messages()]
    assert states == ["accepted", "rejected", "rejected", "accepted"]


async def test_a_call_with_nothing_in_it_brings_nothing(shop: Shop) -> None:
    """Many tell that they are there."""
    assert await shop.call([]) == (202, {"messages": []})


async def test_nobody_waits_at_a_webhook(shop: Shop) -> None:
    """A synchronous message is taken like any other: its destination does not answer here."""
    async with asyncio.timeout(5):
        status, _ = await shop.call([unit("1", mode="Sync").decode()])

    assert status == 202


async def test_a_login_may_stand_in_the_address(shop: Shop) -> None:
    """Of whom only an address can be told: the password of the application that is called."""
    in_query, _ = await shop.call([text("1")], user="", query=f"?a=b&token={quote(PASSWORD)}")
    in_path, _ = await shop.call([text("2")], user="", query=f"/{quote(PASSWORD)}")

    assert (in_query, in_path) == (202, 202)
    assert await shop.messages() == [("1", "accepted"), ("2", "accepted")]


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no login": ({"user": ""}, 401, "UNAUTHENTICATED"),
    "login of another": ({"user": "rm"}, 401, "UNAUTHENTICATED"),
    "one that only sends": ({"user": "rm", "name": "rm"}, 404, "PAGE_NOT_FOUND"),
    "one that only delivers": ({"user": "protheus", "name": "protheus"}, 404, "PAGE_NOT_FOUND"),
    "nobody": ({"name": "nobody"}, 401, "UNAUTHENTICATED"),
    "wrong token": ({"user": "", "query": "?token=wrong"}, 401, "UNAUTHENTICATED"),
    "wrong password in the path": ({"user": "", "query": "/wrong"}, 401, "UNAUTHENTICATED"),
    "a password too many": (
        {"user": "", "query": f"/{PASSWORD}?token={PASSWORD}"},
        401,
        "UNAUTHENTICATED",
    ),
    "empty token": ({"user": "", "query": "?token="}, 401, "UNAUTHENTICATED"),
    "two tokens": (
        {"user": "", "query": f"?token={PASSWORD}&token={PASSWORD}"},
        401,
        "UNAUTHENTICATED",
    ),
    "wrong login beside a token": (
        {"user": "rm", "query": f"?token={PASSWORD}"},
        401,
        "UNAUTHENTICATED",
    ),
    "token for nobody": (
        {"user": "", "name": "nobody", "query": f"?token={PASSWORD}"},
        401,
        "UNAUTHENTICATED",
    ),
    "looking for nobody": (
        {"user": "", "name": "nobody", "method": "GET"},
        401,
        "UNAUTHENTICATED",
    ),
    "looking for another": ({"name": "rm", "method": "GET"}, 401, "UNAUTHENTICATED"),
    "posting for another": ({"name": "rm"}, 401, "UNAUTHENTICATED"),
    "no name": ({"name": ""}, 401, "UNAUTHENTICATED"),
    "looking": ({"method": "GET"}, 405, "METHOD_NOT_ALLOWED"),
    "looking, with the password in the path": (
        {"user": "", "method": "GET", "query": f"/{quote(PASSWORD)}"},
        405,
        "METHOD_NOT_ALLOWED",
    ),
    "options, with the password in the path": (
        {"user": "", "method": "OPTIONS", "query": f"/{quote(PASSWORD)}"},
        405,
        "METHOD_NOT_ALLOWED",
    ),
    "what the adapter refuses": ({"body": b"nonsense"}, 400, "MALFORMED_JSON"),
    "too large": ({"body": b" " * 11_000_000}, 413, "TOO_LARGE"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused(shop: Shop, case: str) -> None:
    """In the form of the other JSON answers, and nothing is kept of it."""
    options, expected, code = REFUSED[case]
    status, told = await shop.call(**{"body": [text("1")]} | options)

    assert (status, told["errors"][0]["code"]) == (expected, code)
    assert PASSWORD not in json.dumps(told)
    assert await shop.messages() == []


async def test_a_call_that_only_tells_of_a_change_has_it_read(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon, whatever `read_every` is; its caller is answered before."""
    monkeypatch.setattr("bus.engine.poll.SETTLE", 0.01)
    monkeypatch.setitem(globals(), "ROUTES", ROUTES.replace("read_every: 100ms", "read_every: 1h"))
    async with opened(tmp_path, folder) as shop:
        await asyncio.sleep(0.2)
        (folder / "1.xml").write_bytes(unit("1"))
        assert await shop.messages() == []

        answer = await shop.call("changed")
        await until_read(shop, 1)

    assert answer == (202, {"messages": []})


# -- polling ---------------------------------------------------------------------------------------


async def test_a_running_bus_reads(shop: Shop) -> None:
    """What an application has ready, in its order."""
    for number in range(1, 6):
        (shop.folder / f"{number}.xml").write_bytes(unit(f"uuid-{number}"))

    await until_read(shop, 5)

    assert await shop.messages() == [(f"uuid-{n}", "accepted") for n in range(1, 6)]


async def test_the_next_process_reads_on(tmp_path: Path, folder: Path) -> None:
    """Not from the beginning: also where UUIDs say nothing, nothing comes twice."""
    (folder / "1.xml").write_bytes(b"<no message>")
    async with opened(tmp_path, folder) as shop:
        await until_read(shop, 1)
    (folder / "2.xml").write_bytes(b"<no message either>")

    async with opened(tmp_path, folder) as shop:
        await until_read(shop, 2)
        await asyncio.sleep(0.3)

        assert len(await shop.messages()) == 2
