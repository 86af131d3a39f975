"""OK is not effect: on the routes that ship, over SOAP, RM is asked whether it has what it took."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.rm.simulator import RmSimulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.config import load_settings
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.delivery import State
from bus.core.diagnosis import Aspect
from bus.core.effect import EffectVerdict, Uncheckable
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from bus.edge.cli.timeline import timeline
from bus.edge.story import story_of
from bus.engine.effects import EffectChecks, fault_of
from bus.engine.translate import Translator
from bus.engine.verify import verify
from bus.journal.facts import FactKind, FactRow
from bus.ports.history import Filter
from bus.wiring import open_history, open_reading
from tests.acceptance import maintenance as m
from tests.acceptance.killing import MAIN, KilledBus
from tests.support.back_office import PROTHEUS, Trio, back_office, contract, until
from tests.support.brokers import free_port
from tests.support.full_messages import Whole, introduce

ONE_AT_A_TIME = ("    response_within: 1h", "    concurrency: 1\n    response_within: 1h")
BUS_TRANSLATES = (ONE_AT_A_TIME[0], "    de_para: bus\n" + ONE_AT_A_TIME[0])
SOON = ("        after: 5m\n", "        after: 100ms\n")
OK_ALONE = ScriptedConduct(Conduct.OK_WITHOUT_EFFECT)
EFFECTS = {
    FactKind.EFFECT_CONFIRMED,
    FactKind.EFFECT_ABSENT,
    FactKind.EFFECT_NOT_CHECKABLE,
}


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    """RM, Protheus, and the bus between them, which asks soon."""
    async with back_office(tmp_path, monkeypatch, SOON) as trio:
        yield trio


async def requested(trio: Trio, *conducts: ScriptedConduct) -> Whole:
    """A requisition that RM said OK to, and met so, what follows it too."""
    whole = trio.whole(PROTHEUS, "Request", "1.010")
    trio.rm.behave(*conducts)
    report = await trio.protheus.post(whole.write())
    assert report.outcome is Outcome.DELIVERED, report.fault
    return whole


async def comes_to(trio: Trio, whole: Whole, verdict: EffectVerdict) -> FactRow:
    """Wait until that is what asking came to; the fact that tells it."""

    async def found() -> bool:
        return (await trio.trace(whole.uuid)).deliveries[0].effect is verdict

    await until(found)
    trace = await trio.trace(whole.uuid)
    (fact,) = [one for one in trace.facts if one.kind in EFFECTS]
    assert trace.deliveries[0].state is State.DELIVERED
    assert trace.deliveries[0].due_at is None
    assert trio.rm.heard.count(whole.uuid) == 1  # nothing was sent again
    return fact


def questions(trio: Trio) -> int:
    """How often RM was asked and answered."""
    return asked_of(trio.rm)


def asked_of(rm: RmSimulator) -> int:
    """How often it was asked and answered."""
    return sum(one.transaction == "TraceabilityRequest" for one in rm.received)


async def told(trio: Trio, whole: Whole) -> str:
    """The story of the message."""
    return timeline(story_of(await trio.trace(whole.uuid)), "en")


async def test_what_rm_shows_is_confirmed(trio: Trio) -> None:
    """It is asked by the id of Protheus, which it translates, and answers with its own."""
    whole = await requested(trio)
    fact = await comes_to(trio, whole, EffectVerdict.CONFIRMED)

    assert fact.kind == FactKind.EFFECT_CONFIRMED
    assert fact.data["ask"] == "TraceabilityRequest 2.000"
    assert questions(trio) == 1
    assert "effect confirmed" in await told(trio, whole)


async def test_an_ok_without_effect_is_work_for_whom_the_route_names(trio: Trio) -> None:
    """It stays delivered, after as many questions as the route allows, and nothing goes again."""
    whole = await requested(trio, OK_ALONE)
    fact = await comes_to(trio, whole, EffectVerdict.ABSENT)

    assert (fact.kind, fact.reason) == (FactKind.EFFECT_ABSENT, "EFFECT_ABSENT")
    assert questions(trio) == 3
    assert "This is work for compras e almoxarifado" in await told(trio, whole)
    (listed,) = await trio.run.bus.history.messages(Filter(effect=EffectVerdict.ABSENT))
    assert listed[0].uuid == whole.uuid
    (diagnosed,) = await trio.run.bus.diagnoser.diagnose("rm")
    faults = [one.fault for one in diagnosed.findings if one.check is Aspect.FAULTS]
    assert [one.code for one in faults if one] == ["EFFECT_ABSENT"]


async def test_a_person_says_that_what_is_absent_is_taken_care_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a fact of theirs; then its contents can be erased, and nobody asks about it any more."""
    async with back_office(tmp_path, monkeypatch) as trio:
        whole = await another(trio, "1", OK_ALONE)
        assert (await reconcile(tmp_path))[0] == 1
        early, _ = await commanded(tmp_path, "erase", whole.uuid, "--reason", "x")
        done = ("settle", whole.uuid, "--done", "--reason", "na mão")
        settled, _ = await commanded(tmp_path, *done)
        fact = [one for one in (await trio.trace(whole.uuid)).facts if one.kind in EFFECTS][-1]
        erased, _ = await commanded(tmp_path, "erase", whole.uuid, "--reason", "x")

        assert (early, settled, erased) == (1, 0, 0)
        assert (fact.kind, fact.reason) == (FactKind.EFFECT_CONFIRMED, "na mão")
        assert fact.actor
        assert (await reconcile(tmp_path))[0] == 0


async def test_what_is_booked_late_is_confirmed_by_a_later_question(trio: Trio) -> None:
    """One answer without it is no verdict."""
    whole = await requested(trio, OK_ALONE)

    async def asked() -> bool:
        return questions(trio) > 0

    await until(asked)
    trio.rm.erp.catch_up()
    fact = await comes_to(trio, whole, EffectVerdict.CONFIRMED)

    assert fact.data["tries"] in {2, 3}


async def test_a_query_that_is_refused_leaves_it_not_checkable(trio: Trio) -> None:
    """Why is told, and in RM's own words."""
    refusal = ScriptedConduct(Conduct.REFUSE, text="Consulta não licenciada", times=3)
    whole = await requested(trio, ScriptedConduct(), refusal)
    fact = await comes_to(trio, whole, EffectVerdict.NOT_CHECKABLE)

    assert why(fact) == Uncheckable.QUERY_REFUSED
    assert "Consulta não licenciada" in await told(trio, whole)


async def test_a_destination_that_stays_silent_leaves_it_not_checkable(trio: Trio) -> None:
    """After the tries, though messages may reach it again by then."""
    silence = ScriptedConduct(Conduct.DROP_AFTER, times=3)
    whole = await requested(trio, ScriptedConduct(), silence)
    fact = await comes_to(trio, whole, EffectVerdict.NOT_CHECKABLE)

    assert why(fact) == Uncheckable.SILENT


async def test_an_id_that_nobody_knows_at_rm_leaves_it_not_checkable(trio: Trio) -> None:
    """RM said OK and lost the pair: it cannot be asked about what it does not know."""
    whole = await requested(trio)
    (own,) = trio.rm.erp.pairs.find("PROTHEUS", "Request", whole.own_id)
    trio.rm.erp.pairs.forget("Request", own)
    fact = await comes_to(trio, whole, EffectVerdict.NOT_CHECKABLE)

    assert why(fact) == Uncheckable.ID_UNKNOWN


async def test_nothing_is_asked_by_an_id_that_the_bus_cannot_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the bus translates, a question that lacks a pair is not put, as no message would be."""
    async with back_office(tmp_path, monkeypatch, BUS_TRANSLATES) as trio:
        whole = replace(trio.whole(PROTHEUS, "Request", "1.010"), mode=DeliveryMode.ASYNC)
        await trio.protheus.post(whole.write())
        trace, ports = await trio.trace(whole.uuid), trio.run.bus.ports
        body = await ports.history.body(trace.message.id)
        found = await EffectChecks(ports, Translator(ports)).look(
            trace.message, trace.deliveries[0], body
        )

        assert found.why is Uncheckable.ID_UNKNOWN
        assert list(trio.rm.heard) == []


@pytest.mark.parametrize("changes", [(SOON, ONE_AT_A_TIME)])
async def test_asking_holds_up_no_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: tuple[tuple[str, str], ...]
) -> None:
    """Though its destination takes one message at a time, and is slow to answer the question."""
    async with back_office(tmp_path, monkeypatch, *changes) as trio:
        first = await requested(trio, ScriptedConduct(), ScriptedConduct(seconds=60))

        async def asked() -> bool:
            return questions(trio) == 1

        await until(asked)
        whole = trio.whole(PROTHEUS, "MaintenanceOrder", "1.002")
        report = await trio.protheus.post(whole.write())

        assert report.outcome is Outcome.DELIVERED, report.fault
        assert (await trio.trace(first.uuid)).deliveries[0].effect is EffectVerdict.NONE


async def test_metrics_tell_what_asking_came_to(trio: Trio) -> None:
    """As a count of what was found, and as a gauge of what somebody must look at."""
    await comes_to(trio, await requested(trio, OK_ALONE), EffectVerdict.ABSENT)
    labels = '{effect="absent",route="requests",transaction="Request"}'
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{trio.run.address}/metrics") as response,
    ):
        shown = await response.text()

    assert f"bus_effects_found_total{labels} 1.0" in shown
    assert f"bus_effects_open{labels} 1.0" in shown


async def test_a_person_asks_about_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the bus that runs; what is absent is listed with its owner, and is on its trace."""
    async with back_office(tmp_path, monkeypatch) as trio:
        shown = [await another(trio, code) for code in ("1", "2")]
        absent = await another(trio, "3", OK_ALONE)
        ended, told = await reconcile(tmp_path)

        assert ended == 1
        assert told["counts"] == [
            {
                "application": "rm",
                "route": "requests",
                "transaction": "Request",
                "confirmed": 2,
                "absent": 1,
                "not_checkable": 0,
            }
        ]
        (one,) = told["open"]
        assert (one["uuid"], one["effect"]) == (absent.uuid, "absent")
        assert one["owner"] == "compras e almoxarifado"
        for whole in (*shown, absent):
            trace = await trio.trace(whole.uuid)
            wanted = EffectVerdict.ABSENT if whole is absent else EffectVerdict.CONFIRMED
            assert trace.deliveries[0].effect is wanted
            assert trace.deliveries[0].state is State.DELIVERED

        trio.rm.erp.catch_up()
        assert await reconcile(tmp_path) == (0, {**told, "counts": [counted(3)], "open": []})
        kinds = [one.kind for one in (await trio.trace(absent.uuid)).facts if one.kind in EFFECTS]
        assert kinds == [FactKind.EFFECT_ABSENT, FactKind.EFFECT_CONFIRMED]


async def test_filters_choose_whom_to_ask_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of another route or transaction; and no more than so many."""
    async with back_office(tmp_path, monkeypatch) as trio:
        for code in ("1", "2"):
            await another(trio, code)
        order = trio.whole(PROTHEUS, "MaintenanceOrder", "1.002")
        await trio.protheus.post(order.write())

        for words, confirmed, undeclared, unasked in (
            (("--route", "work-orders"), 0, 1, 0),
            (("--transaction", "request"), 2, 0, 0),
            (("--to", "protheus"), 0, 0, 0),
            (("--limit", "1"), 1, 1, 1),
        ):
            _, told = await reconcile(tmp_path, *words)
            assert sum(one["confirmed"] for one in told["counts"]) == confirmed, words
            assert (told["undeclared"], told["unasked"]) == (undeclared, unasked), words


async def test_one_that_is_silent_is_not_asked_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three questions without an answer the rest is told as not asked about."""
    async with back_office(tmp_path, monkeypatch) as trio:
        for code in ("1", "2", "3", "4", "5"):
            await another(trio, code)
        await trio.rm.leave()
        ended, told = await reconcile(tmp_path)

        assert ended == 1
        assert [one["why"] for one in told["open"]] == [Uncheckable.SILENT] * 3
        assert told["unasked"] == 2


async def test_what_an_answer_showed_outlasts_a_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A destination that is down takes back no verdict, and is what is told."""
    async with back_office(tmp_path, monkeypatch) as trio:
        wholes = await another(trio, "1"), await another(trio, "2", OK_ALONE)
        await reconcile(tmp_path)
        await trio.rm.leave()
        _, told = await reconcile(tmp_path)

        stand = [(await trio.trace(one.uuid)).deliveries[0].effect for one in wholes]
        assert stand == [EffectVerdict.CONFIRMED, EffectVerdict.ABSENT]
        assert [one["fault"]["code"] for one in told["open"]] == ["EFFECT_UNANSWERED"] * 2


async def test_people_read_a_table_and_what_is_to_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no bus runs on the journal: the command asks by itself, and records the fact."""
    async with back_office(tmp_path, monkeypatch) as trio:
        whole = await requested(trio)
    ended, told = await commanded(tmp_path, "reconcile", "--since", "1h", "--language", "pt")

    assert ended == 1
    heading, counts, effect, reason, mends, remedy = told.splitlines()
    assert heading.split()[:3] == ["aplicação", "rota", "transação"]
    assert counts.split() == ["rm", "requests", "Request", "0", "0", "1"]
    assert effect.startswith("efeito não verificável: ")
    assert "não houve resposta legível à consulta" in reason
    assert mends.startswith("  quem corrige: ")
    assert mends.endswith(" (EFFECT_UNANSWERED)")
    assert remedy.startswith("  → Veja se rm está no ar")
    settings = load_settings(journal=str(tmp_path / "journal.sqlite"))
    async with open_history(settings) as history:
        ((message, _),) = await history.messages(Filter(effect=EffectVerdict.NOT_CHECKABLE))
    assert message.uuid == whole.uuid


async def test_a_bus_that_is_killed_before_it_asks_asks_when_it_is_back(tmp_path: Path) -> None:
    """When that is due is on disk, and nothing is sent again."""
    port = free_port()
    async with m.pair(f"http://127.0.0.1:{port}/EAIService") as both:
        routes = m.routes_for(both.rm, both.protheus).replace("after: 5m", "after: 2s")
        async with KilledBus(tmp_path, routes, port, m.ENVIRONMENT) as bus:
            named = [f"{application}:{id_}" for application, _, id_ in m.COMPANY]
            entered = await bus.command("depara", "set", "Company", *named, "--reason", "go-live")
            assert await entered.wait() == 0
            whole = Whole(
                contract("Request", "1.010"), both.protheus.product, "P12Manutencao", "u-killed"
            )
            introduce(whole, both.rm)
            report = await both.protheus.post(whole.write())
            assert report.outcome is Outcome.DELIVERED, report.fault
            await bus.kill()
            assert asked_of(both.rm) == 0
            await bus.start()
            await m.until(lambda: asked_of(both.rm))
            settings = load_settings(journal=str(bus.journal))
            async with open_history(settings) as history:

                async def confirmed() -> bool:
                    return bool(await history.messages(Filter(effect=EffectVerdict.CONFIRMED)))

                await until(confirmed)
            assert await bus.stop() == 0
            async with open_reading(settings) as (history, pairs):
                verification = await verify(history, pairs)

    assert (asked_of(both.rm), both.rm.heard.count(whole.uuid)) == (1, 1)
    assert verification.discrepancies == ()


async def another(trio: Trio, code: str, *conducts: ScriptedConduct) -> Whole:
    """A requisition of that code, which RM met so."""
    whole = replace(trio.whole(PROTHEUS, "Request", "1.010"), code=code, uuid=f"u-{code}")
    trio.rm.behave(*conducts)
    report = await trio.protheus.post(whole.write())
    assert report.outcome is Outcome.DELIVERED, report.fault
    return whole


def counted(confirmed: int) -> dict[str, object]:
    """A row of the table in which all is well."""
    return {
        "application": "rm",
        "route": "requests",
        "transaction": "Request",
        "confirmed": confirmed,
        "absent": 0,
        "not_checkable": 0,
    }


async def reconcile(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Run the command beside the bus: its exit code, and what it told."""
    ended, told = await commanded(
        folder, "reconcile", *words, "--since", "1h", "--json", "--language", "en"
    )
    return ended, json.loads(told)


async def commanded(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command on the journal of a folder: its exit code, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MAIN, *words),
        env=os.environ
        | {
            "BUS_JOURNAL": str(folder / "journal.sqlite"),
            "BUS_ROUTES": str(folder / "routes.yaml"),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


async def test_a_rule_that_is_gone_when_it_is_due_leaves_it_not_checkable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration in force decides what is asked."""
    async with back_office(
        tmp_path, monkeypatch, ("        after: 5m\n", "        after: 1s\n")
    ) as trio:
        whole = await requested(trio)
    gone = ("      Request:\n        ask:", "      CancelRequest:\n        ask:")
    async with back_office(tmp_path, monkeypatch, gone) as trio:

        async def found() -> bool:
            trace = await trio.trace(whole.uuid)
            return trace.deliveries[0].effect is EffectVerdict.NOT_CHECKABLE

        await until(found)
        (fact,) = [one for one in (await trio.trace(whole.uuid)).facts if one.kind in EFFECTS]

    assert why(fact) == Uncheckable.NOT_DECLARED
    assert questions(trio) == 0


async def test_a_contract_that_is_gone_leaves_it_not_checkable(trio: Trio) -> None:
    """An installation may have taken back what it had imported."""
    whole = await requested(trio)
    trace, ports = await trio.trace(whole.uuid), trio.run.bus.ports
    for lacking in ("Request", "TraceabilityRequest"):
        without = replace(ports, contracts=Lacking(lacking))
        checks = EffectChecks(without, Translator(without))
        body = await ports.history.body(trace.message.id)
        found = await checks.look(trace.message, trace.deliveries[0], body)
        fault = fault_of(trace.deliveries[0], None, found)

        assert found.why is Uncheckable.CONTRACT_MISSING
        assert fault is not None
        assert lacking in fault.reason("en")


class Lacking(Registry):
    """The contracts that ship, but one."""

    def __init__(self, lacking: str) -> None:
        super().__init__()
        self._lacking = lacking

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract, if it is there."""
        return None if transaction == self._lacking else super().find(transaction, version)


def why(fact: FactRow) -> str:
    """Why it could not be found out."""
    fault = fact.data["fault"]
    assert isinstance(fault, dict)
    return str(fault["details"]["why"])
