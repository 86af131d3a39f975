"""A diagnosis over adapters of every kind: what does not answer, breaks, or can only be probed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bus.core.diagnosis import Aspect, Diagnosis, Means, Verdict
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.engine.diagnose import Diagnoser
from bus.ports.adapter import Adapter, Parcel
from tests.support.deployments import deployment, route
from tests.support.rig import Rig, Rigs

DETAILS = {"application": "rm", "problem": "x"}
OK, WRONG, UNSEEN = Verdict.OK, Verdict.WRONG, Verdict.NOT_CHECKABLE


class Probed:
    """An adapter that can only be probed."""

    def __init__(self, probe: Callable[[], Awaitable[Fault | None]]) -> None:
        self._probe = probe

    async def probe(self) -> Fault | None:
        """As told."""
        return await self._probe()

    async def send(self, parcel: Parcel) -> Report:
        """Never asked for."""
        raise AssertionError(parcel)

    async def ask(self, parcel: Parcel) -> Report | None:
        """Never asked for."""
        raise AssertionError(parcel)

    async def close(self) -> None:
        """Nothing is open."""


class Knocked(Probed):
    """An adapter that hands on what it is given."""

    def __init__(self, answer: Callable[[Parcel], Awaitable[Report]]) -> None:
        super().__init__(well)
        self.answer = answer
        self.messages: list[bytes] = []

    async def knock(self, parcel: Parcel) -> Report:
        """Note it, and answer."""
        self.messages.append(parcel.message)
        return await self.answer(parcel)


async def well() -> Fault | None:
    """It answers."""
    return None


async def refused() -> Fault | None:
    """It does not know us."""
    return Fault("LOGIN_REFUSED_BY_RECEIVER", details=DETAILS)


async def broken() -> Fault | None:
    """Its adapter has a defect."""
    raise ZeroDivisionError


async def found(rig: Rig, adapters: dict[str, Adapter]) -> dict[str, Diagnosis]:
    """What a diagnosis finds with these adapters."""

    def open_adapter(application: Application) -> Adapter:
        return adapters[application.name]

    ports = replace(rig.bus.ports, open_adapter=open_adapter)
    told = await Diagnoser(ports, {}, rig.bus.refused_logins).diagnose()
    return {one.application: one for one in told}


def way(one: Diagnosis) -> list[Verdict]:
    """How far the bus comes."""
    return [each.verdict for each in one.findings if each.check in {Aspect.REACHABLE, Aspect.LOGIN}]


async def test_what_cannot_be_knocked_at_is_probed(rigs: Rigs) -> None:
    """Whoever breaks breaks for itself."""
    rig = await rigs.start(deployment(route("rm"), route("omie")), run=False)
    told = await found(
        rig, {"rm": Probed(refused), "omie": Probed(broken), "protheus": Probed(well)}
    )

    assert {name: way(one) for name, one in told.items()} == {
        "rm": [OK, WRONG],
        "omie": [WRONG, UNSEEN],
        "protheus": [OK, OK],
    }
    assert {one.findings[0].means for one in told.values()} == {Means.PROBE}


async def test_who_never_answers_holds_nobody_up(
    rigs: Rigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where its adapter does not let go when it is given up."""
    monkeypatch.setattr("bus.engine.diagnose.contact.ANSWERED_WITHIN", 0.05)
    let_go = asyncio.Event()

    async def stubborn(_: Parcel) -> Report:
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()
        return Report(Outcome.DELIVERED)

    rig = await rigs.start(run=False)
    async with asyncio.timeout(20):
        told = await found(rig, {"rm": Knocked(stubborn), "protheus": Probed(well)})
    let_go.set()

    assert way(told["rm"]) == [WRONG, UNSEEN]
    assert way(told["protheus"]) == [OK, OK]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.UNREACHABLE, "UNREACHABLE"),
        (Outcome.UNREACHABLE, "LOGIN_REFUSED_BY_RECEIVER"),
        (Outcome.BUSY, "BUSY"),
    ],
)
async def test_who_does_not_admit_us_is_asked_once(rigs: Rigs, outcome: Outcome, code: str) -> None:
    """A login that is tried again and again gets locked; the first message is the empty one."""

    async def answer(_: Parcel) -> Report:
        return Report(outcome, fault=Fault(code, details=DETAILS))

    knocked = Knocked(answer)
    rig = await rigs.start(run=False)
    await found(rig, {"rm": knocked, "protheus": Probed(well)})

    assert knocked.messages == [b""]


async def test_a_diagnosis_records_nothing(rigs: Rigs) -> None:
    """Neither a message nor a fact."""

    async def answer(_: Parcel) -> Report:
        return Report(Outcome.REFUSED, fault=Fault("REFUSED", details=DETAILS))

    rig = await rigs.start(run=False)
    before = [row async for row in await rig.bus.history.audit("facts")]
    told = await found(rig, {"rm": Knocked(answer), "protheus": Probed(well)})

    assert way(told["rm"]) == [OK, OK]
    assert [row async for row in await rig.bus.history.audit("facts")] == before
    assert [row async for row in await rig.bus.history.audit("messages")] == []
