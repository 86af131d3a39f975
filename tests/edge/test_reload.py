"""Routes that change while the bus runs: by the file, by command, by another process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.errors import BusFault
from bus.edge.http.server import Running, running
from bus.reload import Reloaded
from bus.wiring import open_codec
from tests.edge import test_webhooks
from tests.edge.conftest import PASSWORD, ROUTES, Whole, unit
from tests.support.messages import new_uuid
from tests.support.postgres import database_of

folder = test_webhooks.folder
LESS = ROUTES.replace("[Currency, UnitOfMeasure]", "[Currency]")
"""The same, without a way for units."""


class Site:
    """A running bus whose file of routes can be changed."""

    def __init__(self, whole: Whole, file: Path) -> None:
        self.whole = whole
        self.bus = whole.run.bus
        self.file = file

    def write(self, text: str) -> None:
        """Change the file."""
        self.file.write_text(text.format(protheus=self.whole.protheus.address), "utf-8")

    async def reload(self) -> Reloaded:
        """Have the file put in force."""
        assert self.bus.reloader
        return await self.bus.reloader.reload("ana")

    async def refused(self) -> list[tuple[str, str]]:
        """Why the file is not put in force: codes and paths."""
        with pytest.raises(BusFault) as caught:
            await self.reload()
        return [(fault.code, fault.path) for fault in caught.value.faults]

    async def post_as(self, user: str, password: str = PASSWORD) -> int:
        """Post a message as somebody: the status."""
        login = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        status, _, _ = await self.whole.post(unit(new_uuid()), headers=login)
        return status


@pytest.fixture
def site(whole: Whole, tmp_path: Path) -> Site:
    """A bus that runs by the shortest of files."""
    return Site(whole, tmp_path / "routes.yaml")


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.05)


async def test_what_is_changed_is_in_force(site: Site) -> None:
    """Messages go by it from then on, under the number of the new version."""
    assert await site.post_as("rm") == 202
    site.write(LESS)

    done = await site.reload()

    assert done.number == site.bus.deployment.number == 2
    assert await site.post_as("rm") == 422
    newest, first = await site.bus.history.configurations()
    assert (newest.number, newest.actor, first.number) == (2, "ana", 1)
    assert newest.text == site.file.read_text("utf-8")


async def test_a_file_that_changes_is_in_force_by_itself(site: Site) -> None:
    """Nobody has to say so."""
    site.write(LESS)

    async def refused() -> bool:
        return await site.post_as("rm") == 422

    await until(refused)
    newest, _ = await site.bus.history.configurations()
    assert newest.actor == "file"


async def test_a_wrong_file_changes_nothing(site: Site) -> None:
    """It is refused with its mistakes, and told of in the log; what runs goes on."""
    site.write(LESS.replace("to: [protheus]", "to: [proteus]"))

    async def told() -> bool:
        async with site.whole.http.get(f"{site.whole.run.address}/metrics") as answer:
            return "the file of routes changed, and is not in force" in await answer.text()

    await until(told)

    assert await site.refused() == [("CONFIGURATION_INVALID", "routes.registers.to[0]")]
    assert (site.bus.deployment.number, len(await site.bus.history.configurations())) == (1, 1)
    assert await site.post_as("rm") == 202


async def test_an_application_to_which_something_goes_stays(site: Site) -> None:
    """Removing it, or its address, is refused with how much that is, until it has ended."""
    site.whole.protheus.behave(always=ScriptedConduct(Conduct.BUSY))
    for _ in range(3):
        await site.post_as("rm")
    alone = ROUTES[: ROUTES.index("  protheus:")] + "routes: {{}}\n"
    site.write(alone)
    gone = await site.refused()
    site.write(alone.replace("routes:", "  protheus: {{product: PROTHEUS}}\nroutes:"))
    mute = await site.refused()
    site.whole.protheus.behave()

    async def ended() -> bool:
        return not await site.bus.history.unfinished(["protheus"])

    await until(ended)
    done = await site.reload()

    assert gone == mute == [("APPLICATION_IN_USE", "applications.protheus")]
    assert done.number == 2
    assert len(site.whole.protheus.received) == 3


async def test_what_waits_goes_where_the_application_is_now(site: Site) -> None:
    """Its address changed: the next attempt goes there, each message once."""
    site.whole.protheus.behave(always=ScriptedConduct(Conduct.BUSY))
    await site.post_as("rm")
    registers = frozenset({"currency", "unitofmeasure"})
    async with Simulator(open_codec(), Setting(name="protheus", registers=registers)) as moved:
        site.file.write_text(ROUTES.format(protheus=moved.address), "utf-8")
        await site.reload()

        async def arrived() -> bool:
            return len(moved.received) == 1

        await until(arrived)
        assert await site.post_as("rm") == 202
        await until(lambda: _received(moved, 2))
    assert not moved.doubles
    assert not site.whole.protheus.doubles


async def _received(simulator: Simulator, count: int) -> bool:
    return len(simulator.received) == count


async def test_a_password_that_changed_counts(site: Site, tmp_path: Path) -> None:
    """Also where the file names only where it is kept: then somebody has to say so."""
    (tmp_path / "password").write_text("another-in-tests", "utf-8")
    await site.reload()

    assert site.bus.deployment.number == 1
    assert await site.post_as("rm") == 401
    assert await site.post_as("rm", "another-in-tests") == 202


async def test_the_broker_stays_until_a_restart(site: Site) -> None:
    """Connections to it are made at start."""
    site.write("broker: {{address: amqp://mq.example}}\n" + ROUTES)

    assert await site.refused() == [("BROKER_CHANGED", "broker")]


async def test_what_is_read_follows(tmp_path: Path, folder: Path) -> None:
    """An application that is to be read no more is not, and one that is to be is."""
    async with test_webhooks.opened(tmp_path, folder) as shop:
        file, reloader = tmp_path / "routes.yaml", shop.run.bus.reloader
        assert reloader
        text = file.read_text("utf-8")
        (folder / "1.xml").write_text(test_webhooks.text("u-1"), "utf-8")
        await test_webhooks.until_read(shop, 1)

        file.write_text(text.replace("    read_every: 100ms\n", ""), "utf-8")
        await reloader.reload("ana")
        (folder / "2.xml").write_text(test_webhooks.text("u-2"), "utf-8")
        await asyncio.sleep(0.5)
        unread = await shop.messages()
        file.write_text(text, "utf-8")
        await reloader.reload("ana")
        await test_webhooks.until_read(shop, 2)

        assert [uuid for uuid, _ in unread] == ["u-1"]
        assert [uuid for uuid, _ in await shop.messages()] == ["u-1", "u-2"]


# -- several processes -----------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def beside(place: Path, url: str) -> AsyncIterator[Running]:
    """A bus with a file of its own, on a journal that others have too."""
    _furnish(place)
    settings = load_settings(journal=url, routes=place / "routes.yaml", port=0)
    async with running(settings) as run:
        yield run


def _furnish(place: Path) -> None:
    place.mkdir()
    (place / "password").write_text(PASSWORD, "utf-8")
    (place / "routes.yaml").write_text(ROUTES.format(protheus="http://127.0.0.1:9/"), "utf-8")


async def test_all_that_share_a_journal_go_by_its_newest_version(tmp_path: Path) -> None:
    """What one put in force the other does too, without its own file."""
    url = database_of(tmp_path)
    async with beside(tmp_path / "a", url) as one, beside(tmp_path / "b", url) as other:
        text = LESS.format(protheus="http://127.0.0.1:9/")
        (tmp_path / "a" / "routes.yaml").write_text(text, "utf-8")
        assert one.bus.reloader
        done = await one.bus.reloader.reload("ana")

        async def follows() -> bool:
            return other.bus.deployment.number == done.number

        await until(follows)

        assert len(await other.bus.history.configurations()) == 2
        assert other.bus.deployment.routes == one.bus.deployment.routes
        login = {"Authorization": aiohttp.encode_basic_auth("rm", PASSWORD)}
        async with aiohttp.ClientSession(headers=login) as http:
            at = f"{other.address}/messages"
            async with http.post(at, data=unit(new_uuid())) as answer:
                assert answer.status == 422
        (tmp_path / "a" / "routes.yaml").write_text(text.replace("2s", "3s"), "utf-8")
        done = await one.bus.reloader.reload("ana")  # news of it: it does not look of its own yet
        await until(follows)
        assert done.number == 3
