"""`bus load` on the routes that ship, over SOAP, to a simulated Protheus that keeps a de-para."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sys
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.rm.simulated import RM
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.ledger import Effect
from bus.core.envelope import Carrier, DeliveryMode
from bus.core.outcome import Outcome
from bus.engine.load import FEW
from bus.engine.post import Post
from bus.ports.history import Filter
from tests.acceptance import maintenance as m
from tests.acceptance.killing import MAIN, KilledBus
from tests.support.back_office import Trio, back_office, contract, until
from tests.support.brokers import free_port
from tests.support.full_messages import Whole
from tests.support.loads import REFERRED, REGISTERS, introduce_others, register, written

SLOW = ScriptedConduct(seconds=0.05)
"""A reader that takes its time, so that somebody can come between."""


class Ended(NamedTuple):
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The object that it printed."""
        return json.loads(self.out)


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them."""
    async with back_office(tmp_path, monkeypatch) as trio:
        yield trio


async def start(
    trio: Trio, *words: str, told_at: int = asyncio.subprocess.PIPE
) -> asyncio.subprocess.Process:
    """Start `bus load` as RM, in a process of its own; how far it is is told at a file."""
    settings = trio.run.bus.settings
    ours = {
        "BUS_JOURNAL": str(settings.journal),
        "BUS_ROUTES": str(settings.routes),
        "BUS_LANGUAGE": "en",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MAIN, "load", "--as", "rm", *words),
        env=os.environ | ours,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=told_at,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever starts the tests
    )


async def load(trio: Trio, *words: str, given: bytes | None = None) -> Ended:
    """Run `bus load` to its end."""
    process = await start(trio, *words)
    async with asyncio.timeout(120):
        out, err = await process.communicate(given)
    return Ended(process.returncode or 0, out.decode(), err.decode())


def centres(count: int) -> list[Whole]:
    """Cost centres, of which there may be as many as one likes."""
    return [register("CostCenter", f"C{number:03d}") for number in range(count)]


def arrivals(trio: Trio) -> list[str]:
    """The codes of what Protheus processed, in that order."""
    return [entry.internal_id.rpartition(" ")[2] for entry in trio.protheus.received]


async def begun(trio: Trio) -> list[str]:
    """The codes of what was sent, in the order in which the bus began to."""
    history = trio.run.bus.history
    traces = [await history.trace(row.id) for row, _ in await history.messages(Filter())]
    first = sorted((min(one.attempts).started_at, one.message.about) for one in traces if one)
    return [about.rpartition("|")[2].rpartition(" ")[2] for _, about in first]


@pytest.mark.rule("T-46")
async def test_every_register_goes_behind_what_it_names(trio: Trio, tmp_path: Path) -> None:
    """Protheus, which has none of them, takes all: what each refers to had come before it."""
    whole = [register(name, REFERRED) for name in REGISTERS]
    introduce_others(trio.protheus, *whole)
    folder = written(tmp_path / "load", *whole)

    ended = await load(trio, str(folder), "--json")

    assert ended.code == 0, ended
    assert ended.told["came"] == {"delivered": len(REGISTERS)}
    assert ended.told["failed"] == ended.told["unpaired"] == []
    level = {one["contract"].split()[0]: one["level"] for one in ended.told["levels"]}
    assert level["Item"] > level["UnitOfMeasure"]
    assert level["Assets"] > level["CustomerVendor"] > level["PaymentCondition"]
    arrived = [level[entry.transaction] for entry in trio.protheus.received]
    assert arrived == sorted(arrived)
    assert len(arrived) == len(REGISTERS)


async def test_a_load_of_pairs_goes_first(trio: Trio, tmp_path: Path) -> None:
    """It brings what all others need, whatever its file is called."""
    pairs = trio.whole("rm", "InternalIdLoad", "1.000")
    folder = written(tmp_path / "load", *centres(2), pairs)

    ended = await load(trio, str(folder), "--json")

    assert ended.code == 0, ended
    assert trio.protheus.received[0].transaction == "InternalIdLoad"
    assert ended.told["came"] == {"delivered": 3}


async def test_an_item_goes_behind_the_item_that_it_names(trio: Trio, tmp_path: Path) -> None:
    """Though its file comes first: what the documents say decides where contracts go in circles."""
    second = register("Item", "A", {"ScrapItemInternalId": "1|Item Z"})
    first = register("Item", "Z", {"ScrapItemInternalId": "1|Item Z"})
    for one in (first, second):
        for name, id_ in one.references():
            if name != "Item":
                trio.protheus.erp.pairs.learn("RM", name, id_, (f"01|01|{id_[2:]}",))
    folder = written(tmp_path / "load", second, first)

    ended = await load(trio, str(folder), "--json")

    assert ended.code == 0, ended
    assert arrivals(trio) == ["Z", "A"]


async def test_a_load_that_was_killed_goes_on_and_doubles_nothing(
    trio: Trio, tmp_path: Path
) -> None:
    """After a kill -9 of the command the next one sends the rest, and says what it found done."""
    folder = written(tmp_path / "load", *centres(100))
    trio.protheus.behave(always=SLOW)
    process = await start(trio, str(folder))

    async def some() -> bool:
        return len(trio.protheus.received) > 5

    await until(some)
    process.kill()
    await process.wait()
    assert len(trio.protheus.received) < 100
    trio.protheus.behave()
    ended = await load(trio, str(folder), "--json")

    assert ended.code == 0, ended
    assert ended.told["known"] >= 5
    assert Counter(arrivals(trio)) == Counter(f"C{number:03d}" for number in range(100))
    again = await load(trio, str(folder), "--json")
    assert again.told["known"] == 100
    assert len(trio.protheus.received) == 100


async def test_whoever_interrupts_a_load_is_told_how_far_it_is(trio: Trio, tmp_path: Path) -> None:
    """Ctrl+C ends what is under way, tells what came of it, and that the command goes on."""
    folder = written(tmp_path / "load", *centres(60))
    trio.protheus.behave(always=ScriptedConduct(seconds=0.5))
    process = await start(trio, str(folder), "--json")

    async def some() -> bool:
        return len(trio.protheus.received) > 5

    await until(some)
    process.send_signal(signal.SIGINT)
    out, _ = await process.communicate()
    told = json.loads(out)
    trio.protheus.behave()

    assert process.returncode == 1
    assert told["stopped"]["code"] == "LOAD_STOPPED"
    assert "interrupted" in told["stopped"]["message"]
    assert told["came"]["delivered"] == len(trio.protheus.received) == 60 - told["left"]
    assert (await load(trio, str(folder), "--json")).code == 0


async def test_people_see_how_far_a_load_is_and_what_came_of_it(trio: Trio, tmp_path: Path) -> None:
    """A bar on a terminal, plain lines where there is none; in the end a table by reader."""
    folder = written(tmp_path / "load", *centres(40))
    ours, theirs = pty.openpty()
    process = await start(trio, str(folder), told_at=theirs)
    os.close(theirs)
    out, _ = await process.communicate()
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    plain = await load(trio, str(folder))

    first, *_, last = shown.strip().split("\r")
    assert first.startswith("[###")
    assert "32 of 40 (80%)" in first
    assert "40 of 40 (100%)" in last or "40 of 40 (100%)" in shown
    assert plain.err.splitlines() == ["40 of 40 (100%), 0.0 a second, 0 s left, failed: 0"]
    rows = [line.split() for line in plain.out.splitlines()]
    assert ["CostCenter", "2.000", "protheus", "40", "40", "0", "40"] in rows
    assert "40 of 40 messages; 40 had been delivered before" in plain.out
    assert "40 of 40 messages; 0 had been delivered before" in out.decode()


async def test_the_level_behind_a_refused_one_waits_for_a_person(
    trio: Trio, tmp_path: Path
) -> None:
    """What failed is listed with the reader's reason; the same command sends it again, and the rest."""
    whole = [register("CostCenter", REFERRED), register("CustomerVendor", REFERRED)]
    introduce_others(trio.protheus, *whole)
    trio.protheus.erp.pairs.learn(
        "RM", "PaymentCondition", f"1|PaymentCondition {REFERRED}", ("01|01|5",)
    )
    folder = written(tmp_path / "load", *whole)
    trio.protheus.behave(ScriptedConduct(Conduct.REFUSE, text="Hoje não."))

    held = await load(trio, str(folder), "--json")
    went_on = await load(trio, str(folder), "--json")

    assert held.code == 1
    assert held.told["stopped"]["code"] == "LOAD_HELD"
    (failed,) = held.told["failed"]
    assert (failed["came"], failed["contract"]) == ("refused", "CostCenter 2.000")
    assert "Hoje não." in str(failed["notes"])
    assert [one["id"] for one in held.told["unpaired"]] == [
        f"1|CostCenter {REFERRED}",
        f"1|CustomerVendor {REFERRED}",
    ]
    assert went_on.code == 0, went_on
    assert arrivals(trio) == [REFERRED, REFERRED]


async def test_a_load_goes_on_behind_what_was_refused_where_it_is_told_to(
    trio: Trio, tmp_path: Path
) -> None:
    """--continue: the levels behind are sent all the same, and the exit code still tells."""
    whole = [register("CostCenter", REFERRED), register("CustomerVendor", REFERRED)]
    introduce_others(trio.protheus, *whole)
    trio.protheus.erp.pairs.learn(
        "RM", "PaymentCondition", f"1|PaymentCondition {REFERRED}", ("01|01|5",)
    )
    trio.protheus.behave(ScriptedConduct(Conduct.REFUSE))

    ended = await load(trio, str(written(tmp_path / "load", *whole)), "--continue", "--json")

    assert ended.code == 1
    assert ended.told["came"] == {"delivered": 1, "refused": 1}
    assert [entry.transaction for entry in trio.protheus.received] == ["CustomerVendor"]


async def test_what_is_not_valid_is_told_before_anything_is_sent(
    trio: Trio, tmp_path: Path
) -> None:
    """By file, path, reason and remedy; a dry run ends there too, and shows the order."""
    folder = written(tmp_path / "load", *centres(2))
    wrong = centres(1)[0].write().replace(b"u-CostCenter-C000", b"u-wrong")
    (folder / "wrong.xml").write_bytes(wrong.replace(b"ShortCode>", b"ShortCod>"))

    refused = await load(trio, str(folder))
    dry = await load(trio, str(folder), "--dry-run", "--json")

    assert refused.code == dry.code == 1
    assert "wrong.xml" in refused.err
    assert "→" in refused.err
    assert dry.told["levels"] == [{"level": 1, "contract": "CostCenter 2.000", "messages": 2}]
    (invalid,) = dry.told["invalid"]
    assert invalid["file"].endswith("wrong.xml")
    assert invalid["errors"][0]["path"].endswith("/ShortCod")
    assert trio.protheus.received == ()


async def test_an_archive_from_a_pipe_is_a_load(trio: Trio, tmp_path: Path) -> None:
    """`bus load -` reads a .zip from standard input."""
    packed = tmp_path / "load.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number, one in enumerate(centres(3)):
            archive.writestr(f"rm/{number}.xml", one.write())
        archive.writestr("rm/readme.txt", "not a message")

    ended = await load(trio, "-", "--json", given=packed.read_bytes())

    assert ended.code == 0, ended
    assert ended.told["came"] == {"delivered": 3}


@pytest.mark.rule("T-09")
async def test_a_load_of_a_company_without_a_pair_stops_at_once(trio: Trio, tmp_path: Path) -> None:
    """It names the pair that is missing, and nothing was sent."""
    folder = tmp_path / "load"
    folder.mkdir()
    for number, one in enumerate(centres(100)):
        body = one.write().replace(b"<CompanyId>1<", b"<CompanyId>9<")
        (folder / f"{number}.xml").write_bytes(body.replace(b">1|1<", b">9|1<"))

    ended = await load(trio, str(folder), "--json")

    assert ended.code == 1
    assert ended.told["stopped"]["code"] == "COMPANY_MISSING"
    assert "company 9, branch 1 of rm" in ended.told["stopped"]["message"]
    assert "will not send it by itself" in ended.told["stopped"]["hint"]
    assert trio.protheus.received == ()
    assert ended.told["left"] > 50


async def test_a_load_takes_registers_whose_uuids_are_their_own(trio: Trio, tmp_path: Path) -> None:
    """Not a work order, and no two contents of one UUID; a file that is there twice goes once."""
    one, other = centres(2)
    folder = written(tmp_path / "load", one)
    (folder / "Copy.xml").write_bytes(one.write())
    (folder / "Other.xml").write_bytes(
        other.write().replace(b"u-CostCenter-C001", one.uuid.encode())
    )
    step = Whole(contract("MaintenanceOrder", "1.002"), RM, "rm", "u-step")
    (folder / "Step.xml").write_bytes(step.write())

    refused = await load(trio, str(folder), "--json")
    went_on = await load(trio, str(folder), "--json", "--continue")

    assert refused.code == went_on.code == 1
    codes = [one["errors"][0]["code"] for one in refused.told["invalid"]]
    assert codes == ["LOAD_UUID_TWICE", "LOAD_REGISTERS_ONLY"]
    assert went_on.told["came"] == {"delivered": 1}
    assert went_on.told["twice"] == 1
    assert arrivals(trio) == ["C000"]


async def test_a_load_that_lost_its_bus_goes_on(tmp_path: Path) -> None:
    """After a kill -9 of the bus the load says so, and with a new one it goes on and doubles nothing."""
    port = free_port()
    async with m.pair(f"http://127.0.0.1:{port}/EAIService") as both:
        routes = m.routes_for(both.rm, both.protheus)
        async with KilledBus(tmp_path, routes, port, m.ENVIRONMENT) as bus:
            named = [f"{application}:{id_}" for application, _, id_ in m.COMPANY]
            entered = await bus.command("depara", "set", "Company", *named, "--reason", "go-live")
            assert await entered.wait() == 0
            words = ("load", "--as", "rm", str(written(tmp_path / "load", *centres(60))), "--json")
            sits = ScriptedConduct(seconds=3600)  # it has it, and will never answer
            both.protheus.behave(ScriptedConduct(times=40), always=sits)
            first = await bus.command(*words)

            async def some() -> bool:
                return len(both.protheus.received) > 40

            await until(some)
            await bus.kill()
            broken, _ = await first.communicate()
            both.protheus.behave()
            await bus.start()
            second = await bus.command(*words)
            whole, _ = await second.communicate()

    assert json.loads(broken)["stopped"]["code"] == "LOAD_STOPPED"
    assert "o barramento não respondeu" in json.loads(broken)["stopped"]["message"]
    assert json.loads(broken)["left"] > 0
    told = json.loads(whole)
    assert second.returncode == 0, told
    assert told["known"] >= 40
    assert both.protheus.doubles == ()
    made = [one.internal_id for one in both.protheus.received if one.effect is Effect.CREATED]
    assert sorted(made) == sorted(one.own_id for one in centres(60))


async def test_live_traffic_goes_before_the_load(trio: Trio) -> None:
    """Nothing of a load begins while a live message waits for a place, whoever came first."""
    trio.protheus.behave(always=ScriptedConduct(seconds=0.8))
    live = [asyncio.create_task(trio.rm.post(one.write())) for one in centres(3)]

    async def crowded() -> bool:
        return trio.run.bus.dispatcher.is_crowded("protheus")

    await until(crowded)
    sender = trio.run.bus.deployment.applications["rm"]
    loaded = Post(register("CostCenter", "LOAD").write(), sender, Carrier.HTTP)
    taking = asyncio.create_task(trio.run.bus.loader.take(sender, [loaded], 0.0))
    await asyncio.sleep(0)  # the load asks for its turn
    live += [
        asyncio.create_task(trio.rm.post(register("CostCenter", f"L{number}").write()))
        for number in range(3)
    ]
    reports = await asyncio.gather(*live)
    part = await taking

    assert {report.outcome for report in reports} == {Outcome.DELIVERED}
    assert (await begun(trio))[-1] == "LOAD"
    assert part.yielded > 0


async def test_no_old_state_is_brought_over_a_newer_one(trio: Trio, tmp_path: Path) -> None:
    """What live traffic brought while the load was made stays, though the load is sent later.

    However often it was sent wrongly since.
    """
    old, other, missed = (one.write() for one in centres(3))
    folder = tmp_path / "load"
    folder.mkdir()
    for name, body in {"old": old, "other": other, "missed": missed}.items():
        (folder / f"{name}.xml").write_bytes(body)

    def live(body: bytes, at: bytes) -> bytes:
        return body.replace(b"<UUID>u-", b"<UUID>live-").replace(b"2026-01-31T10:00:00", at)

    newer = await trio.rm.post(live(old, b"2026-01-31T10:00:01"))
    older = await trio.rm.post(live(other, b"2026-01-31T09:59:59"))
    for number in range(FEW):
        wrong = live(old, b"2026-01-31T10:00:02").replace(b"<UUID>", b"<UUID>%d-" % number)
        assert (await trio.rm.post(wrong.replace(b"Code>", b"Codigo>"))).outcome is Outcome.REFUSED
    trio.protheus.behave(ScriptedConduct(Conduct.REFUSE))
    refused = await trio.rm.post(live(missed, b"2026-01-31T10:00:01"))
    ended = await load(trio, str(folder), "--json")

    assert (newer.outcome, older.outcome) == (Outcome.DELIVERED, Outcome.DELIVERED)
    assert refused.outcome is Outcome.REFUSED
    assert ended.code == 0, ended
    assert ended.told["gave_way"] == 1
    assert arrivals(trio) == ["C000", "C001", "C002", "C001"]


async def test_a_live_message_is_not_behind_the_load(trio: Trio) -> None:
    """A place is kept free: while the reader sits over a message of the load, it takes a live one."""
    trio.protheus.behave(always=ScriptedConduct(seconds=3600))
    sender = trio.run.bus.deployment.applications["rm"]
    posts = [Post(one.write(), sender, Carrier.HTTP) for one in centres(2)]
    taking = asyncio.create_task(trio.run.bus.loader.take(sender, posts, 0.0))
    history = trio.run.bus.history

    async def sits() -> bool:
        return len(trio.protheus.received) > 0

    await until(sits)
    trio.protheus.behave()
    report = await trio.rm.post(register("CostCenter", "LIVE").write())

    assert report.outcome is Outcome.DELIVERED
    assert sum(one.count for one in await history.stock()) == 1
    assert not taking.done()
    taking.cancel()


async def test_a_rate_is_kept(trio: Trio, tmp_path: Path) -> None:
    """At 20 a second eleven messages take half a second at least."""
    folder = written(tmp_path / "load", *centres(11))

    ended = await load(trio, str(folder), "--rate", "20", "--json")

    assert ended.code == 0, ended
    at = [entry.at for entry in trio.protheus.received]
    assert (at[-1] - at[0]) / 1_000_000 >= 10 / 20 * 0.9


async def test_a_level_waits_for_what_readers_answer_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On routes that take registers asynchronously too the next level waits for the delivery."""
    modes = ("modes: [sync]", "modes: [sync, async]\n    default_mode: async")
    async with back_office(tmp_path, monkeypatch, modes, modes, modes) as trio:
        whole = [
            replace(register(name, REFERRED), mode=DeliveryMode.ASYNC)
            for name in ("CostCenter", "PaymentCondition", "CustomerVendor")
        ]
        introduce_others(trio.protheus, *whole)
        trio.protheus.behave(always=ScriptedConduct(seconds=0.3))
        ended = await load(trio, str(written(tmp_path / "load", *whole)), "--json")

    assert ended.code == 0, ended
    assert ended.told["came"] == {"delivered": 3}
    assert [entry.transaction for entry in trio.protheus.received][-1] == "CustomerVendor"
