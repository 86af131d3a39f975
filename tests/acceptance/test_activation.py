"""A person puts Omie and a branch of Keepfy in force: nothing flows before, and then all does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.keepfy.simulated.orders import labour, material
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from bus.config import load_settings
from bus.core.delivery import State
from bus.core.diagnosis import Aspect, Finding, Verdict
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.engine.load import LoadedPart
from bus.journal.commands import Confirm
from bus.journal.rows import DeliveryRow
from bus.ports.history import Filter
from bus.wiring import open_codec
from tests.support import omie_apps, omie_group
from tests.support.keepfy_bus import ACCESS, KEY, SECRET, order, stock, webhook_of
from tests.support.keepfy_bus import routes as at_once
from tests.support.omie_bus import Passed, clock_of_the_adapter

BY_HAND = "    activation: by_hand\n"
K_03 = "K-03"


@dataclass
class Office:
    """A bus between an Omie app and a branch of Keepfy, of which each begins by hand."""

    omie: OmieSimulator
    keepfy: KeepfySimulator
    place: Path
    passed: Passed
    run: Running

    def findings(self, found: tuple[Finding, ...], check: Aspect) -> list[Finding]:
        """What was found of one thing."""
        return [one for one in found if one.check is check]

    async def diagnosed(self, name: str, check: Aspect) -> list[Finding]:
        """What a diagnosis finds of one thing around an application."""
        (found,) = await self.run.bus.diagnoser.diagnose(name)
        return self.findings(found.findings, check)

    async def activate(self, name: str) -> None:
        """A person reads the preview, and confirms it."""
        preview = await self.run.bus.activator.preview(name)
        await self.run.bus.activator.activate(name, preview.hash, "ana")

    async def contracted(self) -> None:
        """A person confirms how Keepfy was contracted."""
        await self.run.bus.diagnoser.confirm(Confirm("keepfy", K_03, "ana"))

    async def refused(self, name: str) -> list[str]:
        """The codes by which an activation is refused; what was kept of it is nothing."""
        before = await self.run.bus.history.confirmations()
        with pytest.raises(SenderFault) as refused:
            await self.activate(name)
        assert await self.run.bus.history.confirmations() == before
        return [one.code for one in refused.value.faults]

    async def told(self, topic: str) -> int:
        """Have an event of the app posted: the status."""
        body = {"topic": topic, "event": {}, "appKey": KEY, "messageId": topic}
        return (await self.posted("omie", body))[0]

    async def posted(self, name: str, body: object) -> tuple[int, str]:
        """Have something posted to a webhook, once: the status, and what was said."""
        address = f"{self.run.address}/webhooks/{name}/{SECRET}"
        async with aiohttp.ClientSession() as http, http.post(address, json=body) as answer:
            return answer.status, await answer.text()

    async def known(self, count: int) -> None:
        """Wait until Keepfy has so many registers of Omie."""
        async with asyncio.timeout(20):
            while len(self.keepfy.branch.own_ids) < count:  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.02)

    async def deliveries(self, destination: str) -> list[DeliveryRow]:
        """How what goes to an application stands."""
        found = await self.run.bus.history.messages(Filter(destination=destination))
        return [row for _, rows in found for row in rows if row.destination == destination]

    async def waiting(self, destination: str, count: int) -> list[DeliveryRow]:
        """Wait until so many deliveries to an application are there; as they stand."""
        async with asyncio.timeout(20):
            while len(found := await self.deliveries(destination)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return found

    async def command(self, *arguments: str) -> tuple[int, str]:
        """What `bus application` says on the bus that runs, and its exit code."""
        at = ("--journal", str(self.place / "journal.sqlite"))
        routes = ("--routes", str(self.place / "routes.yaml"))
        program = (sys.executable, "-c", "from bus.edge.cli import main; main()")
        made = await asyncio.create_subprocess_exec(
            *(*program, "application", *arguments, *at, *routes), stdout=PIPE, stderr=PIPE
        )
        out, error = await made.communicate()
        return made.returncode or 0, (out + error).decode()

    async def as_json(self, *arguments: str) -> dict[str, Any]:
        """The same, as JSON."""
        _, told = await self.command(*arguments, "--json")
        return dict(json.loads(told.splitlines()[0]))

    async def put(self, was: str, becomes: str) -> None:
        """Change the file of routes, and have the bus go by it."""
        file = self.place / "routes.yaml"
        file.write_text(file.read_text("utf-8").replace(was, becomes), "utf-8")
        assert self.run.bus.reloader
        await self.run.bus.reloader.reload("ana")


@contextlib.asynccontextmanager
async def office(place: Path, *by_hand: str, wrong: str = "") -> AsyncIterator[Office]:
    """The bus, before anybody put these in force; the secret of a `wrong` user is not its own."""
    (place / "password").write_text(SECRET, "utf-8")
    (place / "other").write_text("not-its-secret", "utf-8")
    passed = Passed()
    async with (
        omie_simulator(open_codec(), Setting(login=Credentials(KEY, SECRET))) as omie,
        keepfy_simulator(open_codec(), Setting(login=ACCESS)) as keepfy,
        clock_of_the_adapter(passed),
    ):
        stock(omie.app(KEY))
        text = at_once(omie, keepfy).replace(
            f"{{user: {wrong}, password: {{file: password}}}}",
            f"{{user: {wrong}, password: {{file: other}}}}",
        )
        for name in by_hand or ("omie", "keepfy"):
            text = text.replace(f"  {name}:\n", f"  {name}:\n{BY_HAND}", 1)
        (place / "routes.yaml").write_text(text, "utf-8")
        settings = load_settings(
            journal=str(place / "journal.sqlite"), routes=place / "routes.yaml", port=0
        )
        async with running(settings) as run:
            yield Office(omie, keepfy, place, passed, run)


@pytest.mark.rule("K-07")
async def test_nothing_flows_until_a_person_has_confirmed_the_configuration(
    tmp_path: Path,
) -> None:
    """Omie is not read, and both webhooks are refused so that they come again; then all flows."""
    async with office(tmp_path) as bus:
        event = order().forecast(labour("A", material("1", "item", "place", 2)))
        early, told = await bus.posted("keepfy", event)
        statuses = (await bus.told("Produto.Incluido"), early)
        posting = bus.keepfy.post(event, webhook_of(bus.run.address))
        await bus.contracted()
        calls = [call.method for call in bus.omie.calls]
        before = await bus.run.bus.history.messages(Filter())

        for name in ("omie", "keepfy"):
            await bus.activate(name)
        await bus.known(4)
        later = (await bus.told("Produto.Alterado"), (await posting).status)

    assert statuses == (503, 503)
    assert "bus application preview keepfy" in told
    assert (calls, before) == ([], ())
    assert later == (202, 202)


@pytest.mark.rule("K-07")
async def test_what_is_for_who_is_not_in_force_waits(tmp_path: Path) -> None:
    """Omie is in force and Keepfy is not: registers wait, say why, and leave when it is."""
    async with office(tmp_path, "keepfy") as bus:
        rows = await bus.waiting("keepfy", 4)
        preview = await bus.run.bus.activator.preview("keepfy")
        message = await bus.run.bus.history.trace(rows[0].message)
        taken = len(bus.keepfy.branch.own_ids)

        await bus.contracted()
        await bus.activate("keepfy")
        await bus.known(4)

    assert {row.state for row in rows} == {State.WAITING}
    assert (preview.waiting, taken) == (4, 0)
    assert message
    assert [fault.code for fault in message.message.faults][-1:] == ["APPLICATION_INACTIVE"]


@pytest.mark.rule("K-01")
async def test_keys_that_omie_refuses_leave_it_inactive(tmp_path: Path) -> None:
    """And so does an Omie that does not answer; nothing is kept, and nothing flows."""
    async with office(tmp_path, wrong=f'"{KEY}"') as bus:
        refused = await bus.refused("omie")
        missing = (await bus.run.bus.activator.preview("omie")).findings
        status = await bus.told("Produto.Incluido")
        await bus.omie.leave()
        away = await bus.refused("omie")

    assert refused == ["ACTIVATION_REFUSED", "LOGIN_REFUSED_BY_RECEIVER"]
    assert [(one.check, one.verdict) for one in missing] == [(Aspect.LOGIN, Verdict.WRONG)]
    assert status == 503
    assert away == ["ACTIVATION_REFUSED", "UNREACHABLE"]


async def test_keys_that_keepfy_refuses_leave_its_branch_inactive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives no token for them; one that it gave before its secret changed does not count."""
    async with office(tmp_path, wrong="access-key") as bus:
        await bus.contracted()
        refused = await bus.refused("keepfy")
        await bus.put("{file: other}", "{file: password}")
        await bus.activate("keepfy")
        await bus.run.bus.activator.deactivate("keepfy", "ana")
        monkeypatch.setattr(bus.keepfy.questions, "_login", Credentials("access-key", "changed"))
        denied = await bus.refused("keepfy")

    assert refused == denied == ["ACTIVATION_REFUSED", "LOGIN_REFUSED_BY_RECEIVER"]


@pytest.mark.rule("K-01")
async def test_a_block_leaves_open_whether_omie_takes_the_keys(tmp_path: Path) -> None:
    """It is not put in force until it has said so; then it is."""
    async with office(tmp_path) as bus:
        bus.omie.block(KEY, 600)
        blocked = await bus.refused("omie")
        words = (await bus.command("preview", "omie"))[1]
        for seconds in (600.0, 61.0):
            bus.omie.pass_time(seconds)
            bus.passed.seconds += seconds
        await bus.activate("omie")
        (stands,) = await bus.diagnosed("omie", Aspect.ACTIVATION)

    assert blocked == ["ACTIVATION_REFUSED", "CREDENTIALS_UNCHECKED"]
    assert "não se sabe se ela aceita as credenciais" in words
    assert stands.verdict is Verdict.CONFIRMED


@pytest.mark.rule("K-03")
async def test_who_did_not_contract_through_the_store_cannot_be_activated(
    tmp_path: Path,
) -> None:
    """Refused until a person confirms it; taken back, a next activation is refused again."""
    async with office(tmp_path) as bus:
        first = await bus.refused("keepfy")
        await bus.contracted()
        await bus.activate("keepfy")
        await bus.run.bus.diagnoser.confirm(Confirm("keepfy", K_03, "bia", withdrawn=True))
        await bus.run.bus.activator.deactivate("keepfy", "bia")
        second = await bus.refused("keepfy")

    assert first == second == ["ACTIVATION_REFUSED", "PREREQUISITE_UNCONFIRMED"]


async def test_an_operator_activates_and_deactivates(tmp_path: Path) -> None:
    """In two steps, by the preview's code; it tells no secret, and the journal who did it."""
    async with office(tmp_path, "omie") as bus:
        (code, words), preview, (wrong, said), (at_once_, other) = await asyncio.gather(
            bus.command("preview", "omie"),
            bus.as_json("preview", "OMIE"),
            bus.command("activate", "omie", "--confirm", "0" * 12),
            bus.command("preview", "keepfy"),
        )
        done = await bus.as_json("activate", "omie", "--confirm", preview["hash"])
        (confirmed,) = await bus.run.bus.history.confirmations()
        again = await bus.run.bus.activator.preview("omie")
        await bus.known(4)
        left = await bus.as_json("deactivate", "omie")
        refused = await bus.told("Produto.Incluido")
        twice = await bus.run.bus.activator.deactivate("omie", "ana")

    assert code == 0
    assert f"bus application activate omie --confirm {preview['hash']}" in words
    assert "2.01.03" in words
    assert KEY in words
    assert SECRET not in words
    assert {one["route"] for one in preview["routes"]} == {"registers", "orders", "balances"}
    assert wrong == 1
    assert "bus application preview omie" in said
    assert confirmed.by == done["by"]
    assert confirmed.note.startswith(f"{preview['hash']} product=OMIE; ")
    assert (again.fault, again.confirmation) == (None, confirmed)
    assert (left["was_active"], refused, twice) == (True, 503, False)
    assert at_once_ == 1
    assert "activation: by_hand" in other


async def test_another_configuration_has_to_be_confirmed_anew(tmp_path: Path) -> None:
    """Of where it is, as whom the bus comes there, or what it does; by the file as it was, not."""
    async with office(tmp_path, "omie") as bus:
        await bus.activate("omie")
        await bus.known(4)
        await bus.put("read_every: 1h", "read_every: 2h")
        same = await bus.told("Produto.Alterado")
        await bus.put('category: "2.01.03"', 'category: "2.01.04"')
        other = await bus.told("Produto.Alterado")
        (found,) = await bus.diagnosed("omie", Aspect.ACTIVATION)
        await bus.put('category: "2.01.04"', 'category: "2.01.03"')
        back = await bus.told("Produto.Alterado")

    assert (same, other, back) == (202, 503, 202)
    assert found.verdict is Verdict.TO_CONFIRM
    assert found.fault
    assert found.fault.code == "APPLICATION_CHANGED"


async def test_who_names_no_company_needs_no_pair_of_one(tmp_path: Path) -> None:
    """Neither the app nor the branch, with messages or without; once the app names one, it does."""
    async with office(tmp_path, "keepfy") as bus:
        await bus.waiting("keepfy", 4)
        found = [await bus.diagnosed(name, Aspect.COMPANIES) for name in ("omie", "keepfy")]
        await bus.put('category: "2.01.03"', 'category: "2.01.03", company: "7"')
        bus.passed.seconds += 61
        bus.omie.pass_time(61)
        bus.omie.app(KEY).keep_product("NOVO", "Novo")
        await bus.told("Produto.Incluido")
        await bus.waiting("keepfy", 5)
        (named,) = await bus.diagnosed("omie", Aspect.COMPANIES)

    assert found == [[], []]
    assert named.fault
    assert (named.fault.code, named.fault.detail("missing")) == ("COMPANIES_UNPAIRED", "7")


async def test_a_load_of_who_is_not_in_force_is_refused(tmp_path: Path) -> None:
    """It would flow from it all the same."""
    async with office(tmp_path, "omie") as bus:
        sender = bus.run.bus.deployment.applications["omie"]
        with pytest.raises(BusFault, match="APPLICATION_INACTIVE"):
            await bus.run.bus.loader.take(sender, (), 0.0)
        await bus.activate("omie")
        part = await bus.run.bus.loader.take(sender, (), 0.0)

    assert part == LoadedPart((), part.yielded)


async def test_a_group_does_not_read_who_is_not_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its preview would; it is told which application that is."""
    monkeypatch.setattr(omie_apps, "APPLICATION", omie_apps.APPLICATION + BY_HAND)
    async with omie_group.group(open_codec(), tmp_path) as bus:
        activations = bus.run.bus.activations
        with pytest.raises(BusFault, match="APPLICATION_INACTIVE"):
            await activations.preview(activations.group("grupo"))

    assert bus.omie.calls == []


@pytest.mark.rule("K-08")
async def test_each_webhook_that_never_came_is_named(tmp_path: Path) -> None:
    """The app is degraded until all three came; a restart forgets none, a ping is none."""
    async with office(tmp_path, "keepfy") as bus:
        named = [_missing(await bus.diagnosed("omie", Aspect.TOPICS))]
        webhooks = bus.omie.webhooks(KEY, f"{bus.run.address}/webhooks/omie/{SECRET}")
        webhooks.ping()
        await webhooks.caught_up()
        named.append(_missing(await bus.diagnosed("omie", Aspect.TOPICS)))
        bus.omie.app(KEY).keep_product("NOVO", "Novo")
        await webhooks.caught_up()
        named.append(_missing(await bus.diagnosed("omie", Aspect.TOPICS)))
        bus.omie.app(KEY).keep_warehouse("NOVO", "Novo")
        await webhooks.caught_up()
        (told, *_) = await bus.diagnosed("omie", Aspect.TOPICS)
        named.append(_missing(await bus.diagnosed("omie", Aspect.TOPICS)))
        settings = bus.run.bus.settings
        said = await bus.run.bus.history.confirmations()

    async with running(settings) as again:
        (found,) = await again.bus.diagnoser.diagnose("omie")
    left = [one for one in found.findings if one.check is Aspect.TOPICS]

    every = {"locais de estoque", "produtos", "nível de estoque"}
    assert named == [every, every, every - {"produtos"}, {"nível de estoque"}]
    assert _missing(left) == {"nível de estoque"}
    assert told.verdict is Verdict.OK
    assert {one.by for one in said} == {"omie"}


@pytest.mark.rule("K-08")
async def test_once_all_three_came_nothing_of_them_is_to_be_done(tmp_path: Path) -> None:
    """Either of the two topics of stock will do; another user's count for nothing."""
    async with office(tmp_path, "keepfy") as bus:
        topics = ("LocalEstoque.Incluido", "Produto.Alterado", "Produto.MovimentacaoEstoque")
        statuses = [await bus.told(topic) for topic in (*topics, "ClienteFornecedor.Incluido")]
        left = _missing(await bus.diagnosed("omie", Aspect.TOPICS))
        said = await bus.run.bus.history.confirmations()
        await bus.put(f'user: "{KEY}"', 'user: "another"')
        other = _missing(await bus.diagnosed("omie", Aspect.TOPICS))

    assert statuses == [202] * 4
    assert left == set()
    assert len(said) == 3
    assert len(other) == 3


def _missing(found: list[Finding]) -> set[str]:
    """The topics that are told to be wrong, each as degrading the integration."""
    wrong = [one for one in found if one.verdict is Verdict.WRONG]
    faults: list[Fault] = [one.fault for one in wrong if one.fault]
    assert all("degradada" in fault.reason("pt") for fault in faults)
    assert len(faults) == len(wrong)
    return {one.subject.pt for one in wrong}
