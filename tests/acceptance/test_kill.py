"""kill -9 of the real process at random moments, while senders repeat and operators act."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.delivery import State, Step
from bus.engine.verify import verify
from bus.journal.facts import FactRow
from bus.ports.codec import Codec
from bus.wiring import open_codec, open_history, open_reading
from tests.acceptance.killing import ROUTES, KilledBus, KilledBusOnServer, moment
from tests.acceptance.operators import DONE, Operators, at_work
from tests.acceptance.senders import UNHEARD, Sent, senders

GONE = frozenset({State.DELIVERED, State.DISCARDED})
TROUBLE = {
    "safe": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.02, "drop-before": 0.02},
    "unsafe": {"busy": 0.03, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03},
    "till": {"busy": 0.4, "refuse": 0.05, "drop-after": 0.03, "drop-before": 0.03},
}
"""What each destination does instead of answering, and how often."""
DOUBT = frozenset({Step.MARK_UNKNOWN, Step.ASK})


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled_when_the_bus_is_killed(tmp_path: Path) -> None:
    """A dozen kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, KilledBus, kills=12)


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled_on_a_server(tmp_path: Path) -> None:
    """Nor where the journal is a database."""
    await kill_again_and_again(tmp_path, KilledBusOnServer, kills=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills(tmp_path: Path) -> None:
    """Two hundred kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, KilledBus, kills=200)


async def kill_again_and_again(folder: Path, kind: type[KilledBus], kills: int) -> None:
    """Load the bus, kill it that often while people act, let it finish, and look at both ends."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    codec = open_codec()
    async with (
        _destination("safe", codec, seed, registers=frozenset({"currency"})) as safe,
        _destination("unsafe", codec, seed) as unsafe,
        _destination("till", codec, seed) as till,
        kind(
            folder,
            ROUTES.format(safe=safe.address, unsafe=unsafe.address, till=till.address),
        ) as bus,
    ):
        destinations = {"safe": safe, "unsafe": unsafe, "till": till}
        async with senders(bus.address, chance) as sent:
            operators = Operators(bus, sent, chance)
            async with at_work(operators):
                await _kill(operators, kills)
        await _finish(operators, destinations)
        assert await bus.stop() == 0
        facts = await _facts(bus)
        _check_acts(operators, facts)
        for name, destination in destinations.items():
            _check_arrivals(sent[name], destination, operators, facts)
        _check_safe(sent["safe"], safe, operators)
        await _check_books(bus)
        _tell(operators, destinations)


def _destination(
    name: str, codec: Codec, seed: int, registers: frozenset[str] = frozenset()
) -> Simulator:
    chances = [
        (share, ScriptedConduct(Conduct(do), retry_after=0)) for do, share in TROUBLE[name].items()
    ]
    setting = Setting(name=name, registers=registers)
    return Simulator(codec, setting, Behaviour(chances=chances, seed=seed))


async def _kill(operators: Operators, kills: int) -> None:
    """Kill and start again; now and then somebody has the command line at hand."""
    bus, chance = operators.bus, operators.chance
    for number in range(kills):
        await asyncio.sleep(moment(chance))
        asked = asyncio.create_task(_command(operators)) if number % 3 == 0 else None
        if asked:
            await asyncio.sleep(chance.uniform(0.0, 1.0))
        await bus.kill()
        await bus.start()
        if asked:
            await asked


async def _command(operators: Operators) -> None:
    """Replay something, be there a bus or not."""
    sent = operators.sent["till"]
    chosen = sorted(sent.untaken) or sent.uuids
    if chosen:
        await operators.command("replay", operators.chance.choice(chosen))


async def _finish(operators: Operators, destinations: dict[str, Simulator]) -> None:
    """Let the bus do what it does alone, and clear up behind it, until nothing is left."""
    for destination in destinations.values():
        destination.behave()
    until = time.monotonic() + 120
    left: list[object] = []
    while time.monotonic() < until:
        standings = await operators.bus.standings()
        left = [one for one in standings if one.state not in GONE]
        if not left:
            return
        processed = {e.uuid for each in destinations.values() for e in each.received}
        for message, uuid, state, _ in standings:
            if state is State.UNKNOWN and uuid in processed:
                await operators.act("settle", uuid, {"done": True}, message)
            elif state in {State.UNKNOWN, State.REFUSED, State.DEAD}:
                await operators.act("replay", uuid, {"overwrite": True}, message)
            elif state is State.BLOCKED:
                await operators.act("unblock", uuid, {}, message)
        await asyncio.sleep(0.2)
    raise AssertionError(left)


async def _facts(bus: KilledBus) -> dict[str, list[FactRow]]:
    """The facts of all messages, by UUID."""
    async with open_history(load_settings(journal=bus.journal)) as history:
        messages = [row async for row in await history.audit("messages")]
        facts: dict[str, list[FactRow]] = {}
        for row in messages:
            trace = await history.trace(str(row[0]))
            assert trace
            facts.setdefault(str(row[9]), []).extend(trace.facts)
    return facts


async def _check_books(bus: KilledBus) -> None:
    """The facts and the state tables tell the same."""
    async with open_reading(load_settings(journal=bus.journal)) as (history, pairs):
        verification = await verify(history, pairs)

    assert verification.discrepancies == ()


def _check_acts(operators: Operators, facts: dict[str, list[FactRow]]) -> None:
    """What an operator was told was done is in the journal, and what was refused left nothing."""
    acted = {fact.actor for told in facts.values() for fact in told}

    assert [one for one in operators.acts if one.told == DONE and one.actor not in acted] == []
    refused = [one for one in operators.acts if one.told not in {DONE, UNHEARD}]
    assert [one for one in refused if one.actor in acted] == []
    names = {one.actor for one in operators.acts}
    assert {name for name in acted if name.startswith("operator-")} <= names


def _check_arrivals(
    sent: Sent, destination: Simulator, operators: Operators, facts: dict[str, list[FactRow]]
) -> None:
    """What has a receipt arrived, unless a person gave it up; documents in order; movements once."""
    arrived = [entry.uuid for entry in destination.received]
    first = list(dict.fromkeys(arrived))
    given_up = operators.done("discard") | {
        one.uuid for one in operators.acts if one.verb == "settle" and one.may_be_done
    }
    asked_again = sent.repeated | operators.done("replay", "settle")

    assert sorted(sent.promised - given_up - set(arrived)) == []
    for uuids in sent.documents.values():
        alone = [uuid for uuid in uuids if uuid not in asked_again and uuid in set(arrived)]
        assert [uuid for uuid in first if uuid in set(alone)] == alone
    assert sorted(sent.untaken - asked_again & set(arrived)) == []
    if sent.destination != "safe":
        often = {uuid: times for uuid, times in Counter(arrived).items() if times > 1}
        allowed = {uuid: 1 + _allowed(facts[uuid]) for uuid in often}
        assert {u: (n, allowed[u]) for u, n in often.items() if n > allowed[u]} == {}


def _allowed(facts: list[FactRow]) -> int:
    """How often a person had it sent again, or said that it was not done, when nobody knew."""
    steps: dict[tuple[str, int], str] = {}
    times = 0
    for fact in facts:
        by_person = fact.actor.startswith("operator-")
        if by_person and fact.step in {Step.REPLAY, Step.REFUSE}:
            times += steps.get((fact.message, fact.number)) in DOUBT
        if fact.step:
            steps[fact.message, fact.number] = fact.step
    return times


def _check_safe(sent: Sent, destination: Simulator, operators: Operators) -> None:
    """A repeat only updates; an old snapshot goes over a newer one only where somebody says so."""
    said = {
        one.uuid
        for one in operators.acts
        if one.verb == "replay" and one.may_be_done and one.wish.get("overwrite")
    }
    allowed = said | sent.repeated
    arrived = [entry.uuid for entry in destination.received]

    assert destination.doubles == ()
    for uuids in sent.documents.values():
        newest = -1
        for place in (uuids.index(uuid) for uuid in arrived if uuid in uuids):
            assert place >= newest or uuids[place] in allowed, (uuids, place)
            newest = max(newest, place)


def _tell(operators: Operators, destinations: dict[str, Simulator]) -> None:
    kinds = Counter(one.verb for one in operators.acts if one.told == DONE)
    print(f"kills {operators.bus.kills}, done {dict(kinds)}, refused {dict(operators.refusals())}")
    for name, sent in operators.sent.items():
        received = len(destinations[name].received)
        print(f"{name}: {len(sent.uuids)} sent, {received} processed, told {dict(sent.answers)}")
