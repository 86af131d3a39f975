"""Both ends of a bus that was hurt, compared: what senders were told, and what readers did.

The journal is asked only for what people did to a message.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import aiohttp

from adapters.simulation.behaviour import Behaviour
from adapters.simulation.ledger import Effect
from bus.config import load_settings
from bus.core.delivery import State, Step
from bus.core.envelope import Status
from bus.engine.verify import verify
from bus.journal.facts import FactRow
from bus.wiring import open_history, open_reading
from tests.acceptance.killing import PASSWORD, KilledBus, Standing
from tests.acceptance.operators import DONE, Operators
from tests.acceptance.readers import ORIGIN, Reader
from tests.acceptance.senders import FLOWS, UNHEARD, UNIT, Sent

GONE = frozenset({State.DELIVERED, State.DISCARDED})
DOUBT = frozenset({Step.MARK_UNKNOWN, Step.ASK})
PATIENCE = 120.0
"""Seconds in which all that was accepted must have ended."""


class HasReceived(Protocol):
    """An application that was delivered to: what it did, in order; how it behaves from now on."""

    @property
    def received(self) -> Sequence[HasUuid]:
        """What it did, in order."""

    def adopt(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""


class HasUuid(Protocol):
    """Something that was done."""

    @property
    def uuid(self) -> str:
        """The UUID of the message that asked for it."""


async def finish(operators: Operators, readers: Mapping[str, HasReceived]) -> None:
    """Let the bus do what it does alone, and clear up behind it, until nothing is left."""
    calm(readers)
    until = time.monotonic() + PATIENCE
    left: list[Standing] = []
    while time.monotonic() < until:
        left = [one for one in await operators.bus.standings() if one.state not in GONE]
        if not left:
            return
        processed = {entry.uuid for reader in readers.values() for entry in reader.received}
        for one in left:
            await _clear(operators, one, done=one.uuid in processed)
        if all(one.state in {State.AWAITING_DEPARA, State.WAITING} for one in left):
            await _post_units(operators, {one.uuid for one in left})
        await asyncio.sleep(0.2)
    raise AssertionError(left)


def calm(readers: Mapping[str, HasReceived]) -> None:
    """From now on they do nothing wrong."""
    for reader in readers.values():
        reader.adopt(Behaviour())


async def _clear(operators: Operators, one: Standing, *, done: bool) -> None:
    """What a person does, having looked at its reader."""
    match one.state:
        case State.UNKNOWN if done:
            await operators.act("settle", one.uuid, {"done": True}, one.message)
        case State.UNKNOWN | State.REFUSED | State.DEAD:
            await operators.act("replay", one.uuid, {"overwrite": True}, one.message)
        case State.BLOCKED:
            await operators.act("unblock", one.uuid, {}, one.message)
        case _:
            pass


async def _post_units(operators: Operators, waiting: set[str]) -> None:
    """Post what items wait for, once more: it was given up, or settled without its id."""
    flow, sent = FLOWS["shelf"], operators.sent["shelf"]
    login = {"Authorization": aiohttp.encode_basic_auth(flow.sender, PASSWORD)}
    for document in [one for one, uuids in sent.documents.items() if waiting & {*uuids}]:
        name = f"{document}{UNIT}"
        body = flow.message(f"{name}-again{UNIT}", name)
        async with (
            aiohttp.ClientSession(headers=login) as http,
            http.post(f"{operators.bus.address}/messages", data=body) as response,
        ):
            await response.read()


async def facts_of(bus: KilledBus) -> dict[str, list[FactRow]]:
    """The facts of all messages, by UUID."""
    async with open_history(load_settings(journal=bus.journal)) as history:
        messages = [row async for row in await history.audit("messages")]
        facts: dict[str, list[FactRow]] = {}
        for row in messages:
            trace = await history.trace(str(row[0]))
            assert trace
            facts.setdefault(str(row[9]), []).extend(trace.facts)
    return facts


async def reckon(operators: Operators, readers: Mapping[str, HasReceived]) -> None:
    """Nothing is lost, nothing doubled that must not be, order is kept, and the books are right."""
    facts = await facts_of(operators.bus)
    check_acts(operators, facts)
    for name, sent in operators.sent.items():
        check_arrivals(sent, readers[name], operators, facts)
    ours = {name: one for name, one in readers.items() if isinstance(one, Reader)}
    check_safe(operators.sent["safe"], ours["safe"], operators)
    check_units(operators.sent["shelf"], ours["shelf"])
    check_answers(operators, ours["late"], ours[ORIGIN], facts)
    await check_books(operators.bus)


async def check_books(bus: KilledBus) -> None:
    """The facts and the state tables tell the same."""
    async with open_reading(load_settings(journal=bus.journal)) as (history, pairs):
        verification = await verify(history, pairs)

    _none("discrepancies", verification.discrepancies)


def check_acts(operators: Operators, facts: Mapping[str, list[FactRow]]) -> None:
    """What an operator was told was done is in the journal, and what was refused left nothing."""
    acted = {fact.actor for told in facts.values() for fact in told}

    done = [one for one in operators.acts if one.told == DONE]
    _none("acts that are in no fact", [one for one in done if one.actor not in acted])
    refused = [one for one in operators.acts if one.told not in {DONE, UNHEARD}]
    _none("acts that were refused", [one for one in refused if one.actor in acted])
    names = {one.actor for one in operators.acts}
    _none("acts of nobody", {one for one in acted if one.startswith("operator-")} - names)


def check_arrivals(
    sent: Sent, reader: HasReceived, operators: Operators, facts: Mapping[str, list[FactRow]]
) -> None:
    """What has a receipt arrived, unless a person gave it up; documents in order; movements once."""
    arrived = [entry.uuid for entry in reader.received]
    first = list(dict.fromkeys(arrived))
    given_up = operators.done("discard") | {
        one.uuid for one in operators.acts if one.verb == "settle" and one.may_be_done
    }
    asked_again = sent.repeated | operators.done("replay", "settle")

    _none("lost", sorted(sent.promised - given_up - set(arrived)))
    for uuids in sent.documents.values():
        alone = [uuid for uuid in uuids if uuid not in asked_again and uuid in set(arrived)]
        came = [uuid for uuid in first if uuid in set(alone)]
        _none("out of order", came if came != alone else ())
    _none("sent, and told as unsent", sorted((sent.untaken - asked_again) & set(arrived)))
    flow = FLOWS[sent.destination]
    often = {
        uuid: times
        for uuid, times in Counter(arrived).items()
        if times > 1 and not flow.is_safe(uuid)
    }
    allowed = {uuid: 1 + _allowed(facts[uuid]) for uuid in often}
    _none("doubled", {u: (n, allowed[u]) for u, n in often.items() if n > allowed[u]})


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


def check_safe(sent: Sent, reader: Reader, operators: Operators) -> None:
    """A repeat only updates; an old snapshot goes over a newer one only where somebody says so."""
    said = {
        one.uuid
        for one in operators.acts
        if one.verb == "replay" and one.may_be_done and one.wish.get("overwrite")
    }
    allowed = said | sent.repeated
    arrived = [entry.uuid for entry in reader.received]

    _none("made twice", reader.doubles)
    for uuids in sent.documents.values():
        newest = -1
        for place in (uuids.index(uuid) for uuid in arrived if uuid in uuids):
            goes_back = place < newest and uuids[place] not in allowed
            _none("over a newer one", (uuids, place) if goes_back else ())
            newest = max(newest, place)


def check_units(sent: Sent, shelf: Reader) -> None:
    """An item came after the unit that it names, and named it by its reader's own id."""
    own: dict[str, str] = {}
    named = {uuid: one for one, uuids in sent.documents.items() for uuid in uuids}
    wrong: list[tuple[str, str]] = []
    for entry in shelf.received:
        if entry.transaction == "UnitOfMeasure":
            own[entry.internal_id] = entry.destination
        elif entry.uuid in named:
            unit = shelf.notes.units[entry.uuid]
            if unit != own.get(f"{named[entry.uuid]}{UNIT}"):
                wrong.append((entry.uuid, unit))

    _none("before its unit, or with a wrong id", wrong)


def check_answers(
    operators: Operators, late: Reader, shop: Reader, facts: Mapping[str, list[FactRow]]
) -> None:
    """Who sent once what nobody touched got one answer to it that says OK, perhaps repeated.

    Before it one may say ERROR: that nobody knew, where that was so, or that it was refused, where
    its sender, who had not heard of its receipt, sent it again.
    """
    sent = operators.sent["late"]
    touched = sent.repeated | {one.uuid for one in operators.acts if one.may_be_done}
    done = {entry.uuid for entry in late.received if entry.effect is not Effect.ANSWERED}
    told: dict[str, dict[str, Status]] = {}
    for one in shop.notes.answers:
        told.setdefault(one.about, {}).setdefault(one.uuid, one.status)
    expected = sent.promised & done - touched

    _none("not answered", sorted(expected - told.keys()))
    for uuid in expected:
        excused = any(fact.step in {*DOUBT, Step.REPLAY} for fact in facts[uuid])
        *before, last = told[uuid].values()
        may = last is Status.OK and before == [Status.ERROR] * len(before) * excused
        _none("answered wrongly", () if may else (uuid, told[uuid]))


def _none(what: str, found: Collection[object]) -> None:
    """Nothing of that kind was found."""
    assert not found, f"{what}: {found}"
