"""Callers: their shares of the places, those that hang up, those that guess, and the end."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.clock import SystemClock
from bus.core.errors import SenderFault
from bus.core.route import Application, Credentials
from bus.edge.intake import CallerPlaces
from bus.edge.logins import FREE, MOST, PAUSE, Login, Logins, network_of
from bus.edge.turned_away import TurnedAway
from bus.engine.refused_logins import MOST as MOST_REFUSED
from bus.engine.refused_logins import RefusedLogins
from tests.edge.conftest import PASSWORD, Whole, unit, whole_bus
from tests.edge.test_health import metrics

SILENT = ScriptedConduct(Conduct.ANSWER, seconds=60)


async def heard(whole: Whole, count: int = 1) -> None:
    """Wait until the destination has heard so many messages."""
    async with asyncio.timeout(10):
        while len(whole.protheus.heard) < count:  # noqa: ASYNC110 - the simulator has no event
            await asyncio.sleep(0.02)


# -- shares ----------------------------------------------------------------------------------------


def test_one_application_cannot_take_the_places_of_all() -> None:
    """Half of them are kept in equal shares; the other half is for whoever comes."""
    places = CallerPlaces(8)
    places.share_among(["rm", "other"])

    assert [places.take("rm") for _ in range(8)] == [True] * 6 + [False] * 2
    assert [places.take("other") for _ in range(3)] == [True, True, False]
    places.leave("rm")
    assert places.take("other") is True
    assert places.take("rm") is False


async def test_slow_callers_of_one_leave_room_for_others(tmp_path: Path) -> None:
    """Over HTTP: rm's callers all wait for a destination, and other is still heard."""
    async with whole_bus(tmp_path, max_in_flight=4) as whole, asyncio.TaskGroup() as callers:
        whole.protheus.behave(always=ScriptedConduct(Conduct.ANSWER, seconds=1))
        slow = [
            callers.create_task(whole.post(unit(f"s-{n}", f"U{n}", "Sync", f"1|U{n}")))
            for n in range(5)
        ]
        await asyncio.sleep(0.3)
        login = {"Authorization": aiohttp.encode_basic_auth("other", PASSWORD)}
        async with (
            aiohttp.ClientSession(headers=login) as http,
            http.post(whole.url, data=b"<a/>") as told,
        ):
            status = told.status

    assert status == 400
    assert sorted(one.result()[0] for one in slow).count(503) >= 2


# -- hanging up ------------------------------------------------------------------------------------


async def test_a_caller_that_hangs_up_frees_its_place(tmp_path: Path) -> None:
    """Its message goes on; another caller is served at once."""
    async with whole_bus(tmp_path, max_in_flight=1) as whole:
        whole.protheus.behave(ScriptedConduct(Conduct.ANSWER, seconds=1.5))
        with pytest.raises(TimeoutError):
            await whole.post(unit("h-1", mode="Sync"), timeout=aiohttp.ClientTimeout(total=0.3))
        await asyncio.sleep(0.05)
        status, _, _ = await whole.post(unit("h-2", "KG", id_="1|KG"))
        (message,) = await whole.run.bus.history.find("h-1")

    assert status == 202
    assert message.uuid == "h-1"


# -- guessing --------------------------------------------------------------------------------------


class Counted:
    """Counts what was turned away."""

    def __init__(self) -> None:
        self.whys: list[str] = []

    def turned_away_at_door(self, why: str) -> None:
        """Count it."""
        self.whys.append(why)


class Guessed:
    """One application, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.counted = Counted()
        rm = Application(name="rm", product="RM", login=Credentials("rm", PASSWORD))
        turned_away = TurnedAway(self.counted, lambda: self.now)
        self.refused = RefusedLogins(SystemClock())
        self.logins = Logins(turned_away, self.refused, now=lambda: self.now)
        self.logins.know([rm])

    def guess(self, password: str, user: str = "rm", remote: str = "10.0.0.1") -> str:
        """What comes of a password."""
        try:
            return self.logins.application(Login(user, password.encode()), remote).name
        except SenderFault as refusal:
            return refusal.fault.code


def test_guessing_gets_slow_and_only_for_the_guesser() -> None:
    """After ten wrong ones, one a second from that address for that user is looked at."""
    world = Guessed()
    told = [world.guess("x") for _ in range(FREE + 5)]
    unseen = world.guess(PASSWORD)
    elsewhere = world.guess(PASSWORD, remote="10.0.0.2")
    world.now += PAUSE
    seen = world.guess("x")
    world.now += PAUSE

    assert told == ["UNAUTHENTICATED"] * FREE + ["TOO_MANY_LOGINS"] * 5
    assert (unseen, elsewhere, seen) == ("TOO_MANY_LOGINS", "rm", "UNAUTHENTICATED")
    assert world.guess(PASSWORD) == "rm"
    assert world.guess("x") == "UNAUTHENTICATED"


def test_users_that_nobody_knows_are_one_and_nothing_grows() -> None:
    """Neither names nor addresses that a guesser makes up fill the memory; IPv6 by network."""
    world = Guessed()
    told = [world.guess("x", user=f"u{n}") for n in range(FREE + 1)]
    for n in range(MOST + 10):
        world.guess("x", remote=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")

    assert told[-1] == "TOO_MANY_LOGINS"
    assert len(world.logins._wrong) == MOST  # noqa: SLF001 - what must not grow
    assert len(world.refused.admission("rm", ["rm"]).refused) == MOST_REFUSED
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db9::1")
    assert network_of("::ffff:10.0.0.1") == "10.0.0.1"


async def test_guesses_are_told_and_counted(whole: Whole) -> None:
    """A line for application and address, never with what was guessed; a metric; Retry-After."""
    async with AsyncExitStack() as stack:
        lines = stack.enter_context(capture_logs())
        wrong = {"Authorization": aiohttp.encode_basic_auth("rm", "my-guess")}
        http = await stack.enter_async_context(aiohttp.ClientSession(headers=wrong))
        status, headers = 0, {}
        for _ in range(FREE + 2):
            async with http.post(whole.url, data=b"<a/>") as response:
                status, headers = response.status, dict(response.headers)
        async with http.get(f"{whole.url}/x") as response:
            asking = response.status
    shown = await metrics(whole)

    assert (status, headers["Retry-After"], asking) == (429, "1", 429)
    assert [line["why"] for line in lines] == ["UNAUTHENTICATED", "TOO_MANY_LOGINS"]
    assert lines[0] == {
        "event": "turned away",
        "log_level": "warning",
        "why": "UNAUTHENTICATED",
        "application": "rm",
        "address": "127.0.0.1",
        "times": 1,
    }
    assert "my-guess" not in str(lines)
    assert shown['bus_turned_away_total{why="UNAUTHENTICATED"}'] == FREE
    assert shown['bus_turned_away_total{why="TOO_MANY_LOGINS"}'] == 3


async def test_the_slots_that_are_taken_are_shown(whole: Whole) -> None:
    """By application: those of an attempt that is under way, until it ends."""
    whole.protheus.behave(always=SILENT)
    await whole.post(unit("s-1", "U1", "Async", "1|U1"))
    await heard(whole)
    shown = await metrics(whole)

    assert shown['bus_application_slots{application="protheus"}'] == 1
    assert shown['bus_application_slots{application="rm"}'] == 0


# -- the end ---------------------------------------------------------------------------------------


async def test_the_end_does_not_wait_for_a_silent_destination(tmp_path: Path) -> None:
    """Within ten seconds; whose message was sent hears that nobody knows, the others 503."""
    headers = {"Authorization": aiohttp.encode_basic_auth("rm", PASSWORD)}
    async with aiohttp.ClientSession(headers=headers) as http, AsyncExitStack() as stack:
        whole = await stack.enter_async_context(whole_bus(tmp_path, deadline="60s"))
        whole.protheus.behave(always=SILENT)
        whole = replace(whole, http=http)
        sent = asyncio.create_task(whole.post(unit("e-1", "UN", "Sync")))
        await heard(whole)
        behind = asyncio.create_task(whole.post(unit("e-2", "UN", "Sync")))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        ending = asyncio.create_task(stack.aclose())
        await asyncio.sleep(0.5)
        late = await whole.post(unit("e-3", "KG"))
        await ending
        took = time.monotonic() - began
        statuses = [(await one)[0] for one in (sent, behind)]

    assert took < 10
    assert statuses == [504, 503]
    assert late[0] == 503
    assert b"STOPPING" in late[1]
