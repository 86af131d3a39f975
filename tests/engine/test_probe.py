"""Probes: who answers, asked at most so often and never twice at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from bus.core.errors import BusFault, Fault
from bus.core.outcome import Report
from bus.core.route import Application
from bus.engine.probe import GOOD_FOR, ProbeFinding, Probes
from bus.ports.adapter import PROBE_WITHIN, Adapter, Parcel
from tests.support.clock import HandClock
from tests.support.deployments import application

RM, OMIE = application("rm"), application("omie")
REFUSED = Fault("UNREACHABLE", details={"application": "rm", "problem": "refused"})

Answering = Callable[[], Awaitable[Fault | None]]


class Probed:
    """An adapter that is only probed, and how often that is under way."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.times = self.now = self.most = 0

    async def probe(self) -> Fault | None:
        """Count, and answer."""
        self.times, self.now = self.times + 1, self.now + 1
        self.most = max(self.most, self.now)
        try:
            return await self.answering()
        finally:
            self.now -= 1

    async def send(self, parcel: Parcel) -> Report:
        """Never asked for."""
        raise AssertionError(parcel)

    async def ask(self, parcel: Parcel) -> Report | None:
        """Never asked for."""
        raise AssertionError(parcel)

    async def close(self) -> None:
        """Nothing is open."""


class Side:
    """Applications as a test has them answer, and the probes of them."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.adapters: dict[str, Probed] = {}
        self.probes = Probes(self._open, self.clock)

    def answers(self, name: str, answering: Answering) -> Probed:
        """Have an application answer so."""
        self.adapters[name] = Probed(answering)
        return self.adapters[name]

    def _open(self, application: Application) -> Adapter:
        if application.name not in self.adapters:
            raise BusFault(Fault("ADAPTER_FAILED", details={"application": application.name}))
        return self.adapters[application.name]

    async def faults(self, *applications: Application, patience: float = 20) -> dict[str, str]:
        """By name, the code of what was found; `?` where nothing is known yet."""

        def code(found: ProbeFinding | None) -> str:
            return "?" if found is None else found.fault.code if found.fault else ""

        found = await self.probes.findings(applications, patience)
        return {name: code(one) for name, one in found.items()}


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    """Nobody answers until the test says how."""
    made = Side()
    yield made
    await made.probes.aclose()


async def well() -> Fault | None:
    """It answers."""
    return None


async def refused() -> Fault | None:
    """Nobody is there."""
    return REFUSED


async def silent() -> Fault | None:
    """It never answers."""
    await asyncio.Event().wait()
    return None


async def broken() -> Fault | None:
    """Its adapter has a defect."""
    raise ZeroDivisionError


async def test_each_application_is_told_by_itself(side: Side) -> None:
    """Reachable, a fault, an adapter that breaks, one that cannot be opened; not one that sends."""
    side.answers("rm", refused)
    side.answers("omie", well)
    side.answers("wis", broken)
    sends_only = application("keepfy", adapter="")

    told = await side.faults(RM, OMIE, application("wis"), application("none"), sends_only)

    assert told == {
        "rm": "UNREACHABLE",
        "omie": "",
        "wis": "ADAPTER_FAILED",
        "none": "ADAPTER_FAILED",
    }


async def test_all_are_asked_at_once_and_in_time(side: Side) -> None:
    """Several silent ones take as long as one."""
    side.answers("rm", silent)
    side.answers("omie", silent)
    loop = asyncio.get_running_loop()

    began = loop.time()
    told = await side.faults(RM, OMIE)

    assert told == {"rm": "UNREACHABLE", "omie": "UNREACHABLE"}
    assert PROBE_WITHIN <= loop.time() - began < 2 * PROBE_WITHIN
    found = (await side.probes.findings([RM]))["rm"]
    assert found
    assert found.fault
    assert found.fault.reason("pt").endswith(": sem resposta em 2 s. Nada foi enviado.")


async def test_a_finding_holds_for_a_while(side: Side) -> None:
    """Who asks often asks us, not the application; a changed one is another."""
    rm = side.answers("rm", well)

    await side.faults(RM)
    side.clock.advance(GOOD_FOR - 1)
    await side.faults(RM)
    assert rm.times == 1
    side.clock.advance(1)
    await side.faults(RM)
    assert rm.times == 2
    await side.faults(application("rm", address="another:"))
    assert rm.times == 3


async def test_one_application_is_never_asked_twice_at_once(side: Side) -> None:
    """However many ask, and even where its adapter does not let go when it is given up."""
    let_go = asyncio.Event()

    async def stubborn() -> Fault | None:
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()
        return None

    rm = side.answers("rm", stubborn)

    both = await asyncio.gather(side.faults(RM), side.faults(RM))
    side.clock.advance(GOOD_FOR)
    again = await side.faults(RM)

    assert [*both, again] == [{"rm": "UNREACHABLE"}] * 3
    assert (rm.times, rm.most) == (1, 1)
    let_go.set()
    await asyncio.sleep(0)
    side.clock.advance(GOOD_FOR)
    assert await side.faults(RM) == {"rm": ""}
    assert (rm.times, rm.most) == (2, 1)


async def test_a_probe_that_does_not_let_go_keeps_nobody(side: Side) -> None:
    """The bus stops all the same."""
    let_go = asyncio.Event()

    async def stubborn() -> Fault | None:
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()
        return None

    side.answers("rm", stubborn)
    await side.faults(RM, patience=0.01)

    async with asyncio.timeout(2 * PROBE_WITHIN):
        await side.probes.aclose()

    let_go.set()


async def test_who_has_no_patience_is_told_what_was_known(side: Side) -> None:
    """Nothing at first, then what was found before; the probe goes on."""
    opened = asyncio.Event()

    async def slow() -> Fault | None:
        await opened.wait()
        return REFUSED

    rm = side.answers("rm", slow)

    assert await side.faults(RM, patience=0.01) == {"rm": "?"}
    opened.set()
    assert await side.faults(RM) == {"rm": "UNREACHABLE"}
    rm.answering = silent
    side.clock.advance(GOOD_FOR)
    assert await side.faults(RM, patience=0.01) == {"rm": "UNREACHABLE"}
    assert (rm.times, rm.now) == (2, 1)


async def test_who_stops_waiting_ends_nobody_s_probe(side: Side) -> None:
    """A caller that hangs up leaves the others what they wait for."""
    opened = asyncio.Event()

    async def slow() -> Fault | None:
        await opened.wait()
        return None

    rm = side.answers("rm", slow)
    leaving, staying = (asyncio.create_task(side.faults(RM)) for _ in range(2))
    await asyncio.sleep(0.01)

    leaving.cancel()
    await asyncio.sleep(0)
    opened.set()

    assert await staying == {"rm": ""}
    assert rm.times == 1
