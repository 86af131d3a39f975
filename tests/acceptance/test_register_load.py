"""A person loads a register of a simulated Omie app: to its end, again, broken off, and too early."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from adapters.keepfy.simulator import keepfy_simulator
from adapters.omie import access
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import omie_simulator
from adapters.simulation.behaviour import ScriptedConduct
from adapters.simulation.desk import Setting
from bus.core.errors import RETRY_AFTER, ReceiverFault, Refusal
from bus.core.route import Credentials
from bus.edge.http.server import Running
from bus.edge.verbs.load import LOAD_REGISTER, LoadRegisterIn, LoadRegisterOut
from bus.ports.history import Filter
from bus.wiring import open_codec
from tests.acceptance.killing import MAIN, KilledBus
from tests.support import keepfy_bus as k
from tests.support import omie_bus
from tests.support.omie_bus import KEY, Trio, trio

CODEC = open_codec()
PATIENT = f"from bus.edge.cli import load_from; load_from.LOOK = 60; {MAIN}"
"""The command that would look after a minute only, where it is not told when."""
CODES = ["A", "B", "C", "D", "E"]


def five_of_each(app: OmieApp) -> None:
    """Products and locations, five each."""
    for code in CODES:
        app.keep_product(code, f"Produto {code}")
        app.keep_warehouse(code, f"Local {code}")


async def step(run: Running, register: str = "Item", *, yes: bool = True) -> LoadRegisterOut:
    """Take the next page in."""
    asked = LoadRegisterIn(application="omie", transaction=register, actor="ana", yes=yes)
    return await LOAD_REGISTER.do(run.bus, asked)


async def load(run: Running, register: str = "Item") -> LoadRegisterOut:
    """Take all pages in."""
    while not (done := await step(run, register)).ended:
        pass
    return done


def lists(bus: Trio, method: str) -> list[int]:
    """The pages of a list that were asked for."""
    found = [call.param for call in bus.omie.calls if call.method == method]
    return [one.get("pagina") or one["nPagina"] for one in found]


async def delivered(bus: Trio, count: int) -> list[str]:
    """What the reader was sent, once nothing is open and that are so many."""
    async with asyncio.timeout(15):
        while len(bus.keepfy.received) < count:  # noqa: ASYNC110 - books have no event
            await asyncio.sleep(0.02)
        while await bus.run.bus.history.unfinished(["keepfy"]):  # noqa: ASYNC110 - nor a journal
            await asyncio.sleep(0.02)
    return [one.internal_id for one in bus.keepfy.received]


@pytest.mark.rule("K-12", "K-17")
@pytest.mark.parametrize(
    ("register", "method"),
    [("Warehouse", "ListarLocaisEstoque"), ("Item", "ListarProdutos")],
)
async def test_a_register_is_read_to_its_last_page_and_twice_creates_nothing(
    tmp_path: Path, register: str, method: str
) -> None:
    """The second time all is recognised, and nothing is sent."""
    async with trio(CODEC, tmp_path, "", stocked=five_of_each, page="2") as bus:
        first = await load(bus.run, register.lower())
        sent = await delivered(bus, 5)
        pages = lists(bus, method)
        bus.pass_time(61)
        second = await load(bus.run, register)
        again = await delivered(bus, 5)
        came = await bus.messages()

    assert (first.passed, first.total, first.taken, first.known) == (5, 5, 5, 0)
    assert pages == [1, 2, 3]
    assert (second.passed, second.taken, second.known) == (5, 0, 5)
    assert sent == again
    assert len(set(sent)) == 5
    assert came == [f"omie {register}"] * 5


@pytest.mark.rule("K-12")
async def test_what_changed_since_is_sent_and_nothing_else(tmp_path: Path) -> None:
    """Of five products the one whose name changed."""
    async with trio(CODEC, tmp_path, "", stocked=five_of_each) as bus:
        await load(bus.run)
        await delivered(bus, 5)
        bus.pass_time(61)
        bus.app.keep_product("C", "Outro nome")
        second = await load(bus.run)
        sent = await delivered(bus, 6)

    assert (second.taken, second.known) == (1, 4)
    assert Counter(sent).most_common(1)[0][1] == 2


@pytest.mark.rule("K-11")
async def test_an_app_without_records_succeeds_with_none(tmp_path: Path) -> None:
    """Omie tells that as an error."""
    async with trio(CODEC, tmp_path, "") as bus:
        done = await load(bus.run)

    assert done == LoadRegisterOut(
        passed=0, total=0, taken=0, known=0, gave_way=0, rejected=0, ended=True
    )


@pytest.mark.rule("K-10")
async def test_what_comes_during_a_load_is_not_undone(tmp_path: Path) -> None:
    """An event tells that a product is gone while the list is on its way that still has it."""
    async with trio(CODEC, tmp_path, "", stocked=five_of_each) as bus:
        gone = next(id for id, row in bus.app.products.items() if row["codigo"] == "C")
        bus.omie.behave(ScriptedConduct(seconds=0.4))
        loading = asyncio.create_task(load(bus.run))
        async with asyncio.timeout(15):
            while not bus.omie.calls:  # noqa: ASYNC110 - a simulator has no event
                await asyncio.sleep(0.01)
        event = {
            "topic": "Produto.Excluido",
            "messageId": "m1",
            "appKey": KEY,
            "event": {"codigo_produto": gone},
        }
        status, _ = await bus.post(event)
        done = await loading
        found = await bus.run.bus.history.messages(Filter(key=str(gone)))

    assert status == 202
    assert (done.taken, done.gave_way) == (4, 1)
    assert [row.event for row, _ in found] == ["delete"]


@pytest.mark.rule("K-10")
async def test_a_load_before_any_event_is_refused_unless_somebody_says_yes(tmp_path: Path) -> None:
    """Once an event came it needs no yes; nor does one that goes on."""
    async with trio(CODEC, tmp_path, "", stocked=five_of_each, page="2") as bus:
        with pytest.raises(Refusal) as refused:
            await step(bus.run, yes=False)
        asked = list(bus.omie.calls)
        await step(bus.run, yes=True)
        on = await step(bus.run, yes=False)
        event = {"topic": "LocalEstoque.Alterado", "messageId": "m1", "appKey": KEY, "event": {}}
        await bus.post(event)
        heard = await step(bus.run, "Warehouse", yes=False)

    assert refused.value.fault.code == "LOAD_BEFORE_EVENTS"
    assert "--yes" in refused.value.fault.remedy("en")
    assert (asked, on.passed, heard.passed) == ([], 4, 2)


async def test_nothing_is_loaded_from_an_application_before_it_is_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says yes to the webhooks puts it in force first."""
    by_hand = omie_bus.ROUTES.replace("product: OMIE", "product: OMIE\n    activation: by_hand")
    monkeypatch.setattr(omie_bus, "ROUTES", by_hand)
    async with trio(CODEC, tmp_path, "", stocked=five_of_each) as bus:
        with pytest.raises(Refusal) as refused:
            await step(bus.run)
        calls = bus.methods("Produtos")

    assert (refused.value.fault.code, calls) == ("APPLICATION_INACTIVE", [])


@pytest.mark.rule("K-12")
async def test_a_load_takes_no_answer_that_was_kept_from_before_it(tmp_path: Path) -> None:
    """Products that came since the bus read the list are in it; it is busy until Omie may be asked."""
    async with trio(CODEC, tmp_path, stocked=five_of_each, reads="Item") as bus:
        await delivered(bus, 5)
        bus.app.keep_product("F", "Produto F")
        with pytest.raises(ReceiverFault) as busy:
            await step(bus.run)
        asked = lists(bus, "ListarProdutos")
        bus.pass_time(61)
        done = await load(bus.run)

    seconds = int(busy.value.fault.detail(RETRY_AFTER))
    assert busy.value.fault.code == "BUSY"
    assert 30 < seconds <= 60
    assert "the same request goes on with it" in busy.value.fault.remedy("en")
    assert "by itself" not in busy.value.fault.remedy("en")
    assert asked == [1]
    assert (done.total, done.taken, done.known) == (6, 1, 5)


@pytest.mark.rule("K-12")
async def test_the_command_waits_as_long_as_omie_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the bus closes its connection meanwhile."""
    monkeypatch.setattr(uvicorn, "Config", partial(uvicorn.Config, timeout_keep_alive=1))
    async with trio(CODEC, tmp_path, stocked=five_of_each, reads="Item") as bus:
        await delivered(bus, 5)
        bus.pass_time(57)
        words = (tmp_path, tmp_path / "journal.sqlite", "omie", "Item", "--yes")
        async with asyncio.timeout(30):
            code, out, error = await commanded(*words, main=PATIENT)

    assert (code, out[:15]) == (0, "5 records read.")
    assert "omie is busy" in error
    assert "The command waits" in error
    assert "by itself" not in error


async def test_a_register_that_is_not_read_is_told_with_those_that_are(tmp_path: Path) -> None:
    """A family where the options leave families out."""
    async with trio(CODEC, tmp_path, "", reads="Item, StockLevel") as bus:
        for name in ("Itens", "StockLevel"):
            with pytest.raises(Refusal) as refused:
                await step(bus.run, name)

            assert refused.value.fault.code == "REGISTER_NOT_READ"
            assert "Item." in refused.value.fault.remedy("en")


async def test_another_process_that_loads_is_left_alone(tmp_path: Path) -> None:
    """Nothing is read meanwhile."""
    async with trio(CODEC, tmp_path, "") as bus:
        await bus.run.bus.ports.journal.lease_cursor("load omie item", "another", 60.0)
        with pytest.raises(Refusal) as refused:
            await step(bus.run)
        calls = bus.methods("Produtos")

    assert (refused.value.fault.code, calls) == ("LOAD_ELSEWHERE", [])


async def test_a_load_keeps_to_the_calls_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By key and method; when the minute is over it goes on with the next page."""
    monkeypatch.setattr(access, "MOST_IN_A_MINUTE", 2)
    async with trio(CODEC, tmp_path, "", stocked=five_of_each, page="2") as bus:
        await step(bus.run)
        await step(bus.run)
        with pytest.raises(ReceiverFault) as busy:
            await step(bus.run)
        counted = Counter((call.app_key, call.method) for call in bus.omie.calls)
        bus.pass_time(61)
        done = await step(bus.run)

    assert busy.value.fault.code == "BUSY"
    assert counted[KEY, "ListarProdutos"] == 2
    assert (done.ended, done.taken, lists(bus, "ListarProdutos")) == (True, 5, [1, 2, 3])


async def commanded(
    place: Path, journal: object, *words: str, main: str = MAIN
) -> tuple[int, str, str]:
    """What `bus load-from` does on the bus that runs."""
    at = ("--journal", str(journal), "--language", "en")
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", main, "load-from", *words, *at), stdout=PIPE, stderr=PIPE, cwd=place
    )
    out, error = await made.communicate()
    return made.returncode or 0, out.decode(), error.decode()


@pytest.mark.rule("K-12")
async def test_a_person_loads_locations_and_the_branch_has_each_once(tmp_path: Path) -> None:
    """Though the bus had read them before: they are recognised, and the branch is sent nothing."""
    async with k.workshop(tmp_path) as shop:
        before = len(shop.keepfy.branch.came)
        shop.passed.seconds += 61
        shop.omie.pass_time(61)
        journal = tmp_path / "journal.sqlite"
        code, out, error = await commanded(tmp_path, journal, "omie", "Warehouse", "--yes")
        held = shop.keepfy.branch.registers["WAREHOUSE"]
        after = len(shop.keepfy.branch.came)

    assert (code, error) == (0, "")
    assert out.startswith("2 records read. Taken in: 0; come before, and unchanged: 2;")
    assert sorted(row["Code"] for row in held.values()) == ["CENTRAL", "OFICINA"]
    assert after == before


@pytest.mark.timeout(120)
@pytest.mark.rule("K-17")
async def test_a_load_whose_bus_is_killed_goes_on_and_doubles_nothing(tmp_path: Path) -> None:
    """Two real processes: the command is told, the same command goes on behind what is taken in."""
    (tmp_path / "password").write_text(k.SECRET, "utf-8")
    async with (
        omie_simulator(CODEC, Setting(login=Credentials(k.KEY, k.SECRET))) as omie,
        keepfy_simulator(CODEC, Setting(login=k.ACCESS)) as keepfy,
    ):
        for number in range(20):
            omie.app(k.KEY).keep_product(f"P{number}", f"Produto {number}")
        routes = k.routes(omie, keepfy).replace("    read_every: 1h\n", "")
        routes = routes.replace("options: {reads:", 'options: {page: "2", reads:')
        omie.behave(always=ScriptedConduct(seconds=0.05))
        async with KilledBus(tmp_path, routes) as bus:
            words = ("omie", "Item", "--yes", "--json")
            loading = asyncio.create_task(commanded(tmp_path, bus.journal, *words))
            async with asyncio.timeout(60):
                while len(omie.calls) < 4:  # noqa: ASYNC110 - a simulator has no event
                    await asyncio.sleep(0.01)
            await bus.kill()
            broken = await loading
            omie.pass_time(61)
            await bus.start()
            code, out, _ = await commanded(tmp_path, bus.journal, *words)
            async with asyncio.timeout(30):
                while len(keepfy.branch.own_ids) < 20:  # noqa: ASYNC110 - books have no event
                    await asyncio.sleep(0.02)
            assert await bus.stop() == 0
        pages = Counter(call.param.get("pagina") for call in omie.calls)
        told: dict[str, Any] = json.loads(out)

    assert broken[0] != 0
    assert (code, told["passed"], told["taken"] + told["known"]) == (0, 20, 20)
    assert pages[1] == 1
    assert len(keepfy.branch.registers["ITEM"]) == len(keepfy.branch.own_ids) == 20
