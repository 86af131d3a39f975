"""examples/omie-keepfy as it ships: two branches between simulated Omies and Keepfys."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from adapters.keepfy.simulated.orders import SimulatedOrder, labour, material
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from bus.config import load_settings
from bus.core.delivery import State
from bus.core.route import Credentials
from bus.edge.cli import main
from bus.edge.http.server import Running, running
from bus.journal.commands import Confirm
from bus.ports.depara import PairFilter, every_row
from bus.wiring import open_codec
from depara.model import PairRow
from tests.support.keepfy_bus import stock

EXAMPLE = Path(__file__).parents[2] / "examples" / "omie-keepfy"
BRANCHES = ("matriz", "filial")
KEYS = {"matriz": "1560731700000", "filial": "1560731700001"}
SECRET = "only-in-tests"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets that the file names, each another."""
    for product in ("OMIE", "KEEPFY"):
        for branch in BRANCHES:
            for what in ("SECRET", "WEBHOOK"):
                name = f"{product}_{branch.upper()}_{what}"
                monkeypatch.setenv(name, f"{SECRET}-{branch}-{what}".lower())


class Both(NamedTuple):
    """A running bus on the example, between one Omie and a Keepfy for each branch."""

    omie: OmieSimulator
    keepfy: dict[str, KeepfySimulator]
    run: Running

    def app(self, branch: str) -> OmieApp:
        """The app of a branch."""
        return self.omie.app(KEYS[branch])

    async def forecast(self, branch: str, told: str = "") -> tuple[int, list[str]]:
        """Post a forecast to the webhook of a branch: the status, and the ids of the messages."""
        keepfy = self.keepfy[branch]
        item, place = (
            keepfy.branch.named(name, code)
            for name, code in (("Item", "PAR"), ("Warehouse", "CENTRAL"))
        )
        event = SimulatedOrder("os-7", "OS 7", told or branch).forecast(
            labour("A", material("1", item, place, 2))
        )
        webhook = f"{self.run.address}/webhooks/keepfy-{branch}/{SECRET}-{branch}-webhook"
        said = await asyncio.wait_for(keepfy.post(event, webhook), 15)
        return said.status, said.answer.get("messages", [])

    async def pairs(self, entity: str, count: int) -> list[PairRow]:
        """The rows of the de-para about an entity, once so many pairs of it are known."""
        async with asyncio.timeout(20):
            while True:
                rows = await every_row(self.run.bus.ports.crossreference, PairFilter())
                found = [row for row in rows if row.entity == entity]
                if len(found) >= 2 * count:
                    return found
                await asyncio.sleep(0.02)

    async def delivered(self, message: str) -> str:
        """Where a message went, once it is there."""
        async with asyncio.timeout(20):
            while True:
                trace = await self.run.bus.history.trace(message)
                (row,) = trace.deliveries if trace else ()
                if row.state is State.DELIVERED:
                    return row.destination
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def both_branches(place: Path) -> AsyncIterator[Both]:
    """The example on simulated products, once each Keepfy has what its Omie has."""
    async with contextlib.AsyncExitStack() as stack:
        omie = await stack.enter_async_context(omie_simulator(open_codec()))
        keepfy = {
            branch: await stack.enter_async_context(
                keepfy_simulator(open_codec(), Setting(login=access(branch)))
            )
            for branch in BRANCHES
        }
        for key in KEYS.values():
            stock(omie.app(key))
        (place / "routes.yaml").write_text(routes(omie, keepfy), "utf-8")
        settings = load_settings(
            journal=str(place / "journal.sqlite"), routes=place / "routes.yaml", port=0
        )
        run = await stack.enter_async_context(running(settings))
        for branch in BRANCHES:
            await run.bus.diagnoser.confirm(Confirm(f"keepfy-{branch}", "K-03", "ana"))
            for name in (f"omie-{branch}", f"keepfy-{branch}"):
                preview = await run.bus.activator.preview(name)
                await run.bus.activator.activate(name, preview.hash, "ana")
        async with asyncio.timeout(20):
            while any(len(one.branch.own_ids) < 4 for one in keepfy.values()):  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.02)
        yield Both(omie, keepfy, run)


def access(branch: str) -> Credentials:
    """What Keepfy knows a branch by."""
    return Credentials("access-key", f"{SECRET}-{branch}-secret")


def routes(omie: OmieSimulator, keepfy: dict[str, KeepfySimulator]) -> str:
    """The file of the example, with the addresses of the simulators in it."""
    text = (EXAMPLE / "routes.yaml").read_text("utf-8")
    text = text.replace("https://app.omie.com.br/api/v1/", f'"{omie.address}"')
    for one in keepfy.values():
        text = text.replace("https://keepfy.example/unified-message", f'"{one.address}"', 1)
        text = text.replace("https://keepfy.example/graphql", one.graphql, 1)
    return text


def test_the_example_is_right() -> None:
    """`bus routes check` finds nothing to complain of, and lists its routes."""
    told = CliRunner().invoke(main, ["routes", "check", str(EXAMPLE / "routes.yaml")])

    assert told.exit_code == 0, told.output
    for branch in BRANCHES:
        assert f"{branch}-registers" in told.output
        assert f"{branch}-orders" in told.output


@pytest.mark.rule("K-04")
async def test_two_branches_never_mix(tmp_path: Path) -> None:
    """What a branch forecasts is in its own app of Omie; an event of the other is refused."""
    async with both_branches(tmp_path) as both:
        for number, branch in enumerate(BRANCHES, start=1):
            status, (message,) = await both.forecast(branch)

            assert (status, await both.delivered(message)) == (202, f"omie-{branch}")
            counts = [len(both.app(one).requisitions) for one in BRANCHES]
            assert counts == ([1, 0] if number == 1 else [1, 1])
        assert await both.forecast("matriz", told="filial") == (422, [])

        assert [len(both.app(one).requisitions) for one in BRANCHES] == [1, 1]


@pytest.mark.rule("O-01")
async def test_each_app_has_its_own_credentials_and_de_para(tmp_path: Path) -> None:
    """The same code in two apps is two things; no pair joins them, and no call has another's key."""
    async with both_branches(tmp_path) as both:
        rows = await both.pairs("Item", 2 * len(BRANCHES))
        keys = {call.app_key for call in both.omie.calls}
    of_things: dict[str, set[str]] = {}
    for row in rows:
        of_things.setdefault(str(row.identity), set()).add(row.application)

    assert sorted(map(sorted, of_things.values())) == sorted(
        [[f"keepfy-{branch}", f"omie-{branch}"] for branch in BRANCHES for _ in range(2)]
    )
    assert keys == set(KEYS.values())


@pytest.mark.rule("O-01")
def test_one_app_is_one_application(tmp_path: Path) -> None:
    """An App Key that two applications have is refused, with its line; two of Keepfy may share one."""
    text = (EXAMPLE / "routes.yaml").read_text("utf-8").replace(KEYS["filial"], KEYS["matriz"])
    text = text.replace("on_change: alter_and_new}", "on_change: delete_and_new}")
    (tmp_path / "routes.yaml").write_text(text, "utf-8")
    told = CliRunner().invoke(main, ["routes", "check", str(tmp_path / "routes.yaml"), "--json"])
    (fault,) = json.loads(told.stdout)["errors"]

    assert told.exit_code == 1
    assert fault["path"] == "applications.omie-filial.credentials.user"
    assert "omie-matriz" in fault["message"]


async def test_its_pairs_can_be_imported(tmp_path: Path) -> None:
    """As they are: applications and entities are those of the routes."""
    options = [
        "--journal",
        str(tmp_path / "journal.sqlite"),
        "--routes",
        str(EXAMPLE / "routes.yaml"),
    ]
    imported = ["depara", "import", str(EXAMPLE / "depara.csv"), "--reason", "go-live", *options]
    told = await asyncio.to_thread(CliRunner().invoke, main, imported)

    assert told.exit_code == 0, told.output
