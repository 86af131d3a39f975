"""Operators who act on a bus that is killed meanwhile, several at once, and note what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import aiohttp

from bus.core.delivery import State
from bus.edge.local_socket import local_socket
from tests.acceptance.killing import IMPOSSIBLE, KilledBus
from tests.acceptance.senders import UNHEARD, Sent

AT_ONCE = 3
"""Operators who look for something to do."""
MOST = 4
"""Who act on one message at once."""
RECENT = 40
"""Receipts among which operators choose."""
LOOK_AGAIN = 20
"""Acts after which the list of what has stopped is read anew."""
LATE = frozenset({"STEP_NOT_ALLOWED", "MESSAGE_AMBIGUOUS"})
"""With which codes every verb may be refused: it moved on; its UUID went as several messages."""
REFUSALS: Mapping[str, frozenset[str]] = {
    "replay": LATE | {"REPLAYED_ALREADY", "REPLAY_OVERWRITES"},
    "settle": LATE,
    "block": LATE,
    "unblock": LATE,
    "discard": LATE,
}
"""With which codes the bus may refuse a verb. Any other is trouble."""
WISHES: Mapping[str, int] = {"replay": 8, "settle": 4, "block": 2, "unblock": 4, "discard": 1}
"""What operators do, and how often beside the others."""
BY_STATE = {
    State.REFUSED: ("replay", "replay", "discard"),
    State.DEAD: ("replay", "replay", "discard"),
    State.UNKNOWN: ("replay", "settle", "settle", "discard"),
    State.BLOCKED: ("unblock",),
}
"""What they do with what the list shows as stopped."""
UNTOLD = frozenset({"INTERNAL", "JOURNAL_IN_USE"})
"""What the command line says where the bus goes away, or has the journal and does not listen yet."""
DONE = ""


@dataclass(slots=True)
class Act:
    """What somebody asked for. `actor` is a name that nobody else bears; `told` the code."""

    actor: str
    verb: str
    uuid: str
    wish: dict[str, object]
    told: str = UNHEARD
    candidates: tuple[str, ...] = ()

    @property
    def may_be_done(self) -> bool:
        """Whether it was done, as far as who asked can know."""
        return self.told in {DONE, UNHEARD}


@dataclass
class Operators:
    """Who acts on one bus, and all that they did."""

    bus: KilledBus
    sent: Mapping[str, Sent]
    chance: random.Random
    acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = (f"operator-{number}" for number in itertools.count(1))

    def done(self, *verbs: str) -> set[str]:
        """The UUIDs of what was done, or may have been, by one of those verbs."""
        return {one.uuid for one in self.acts if one.verb in verbs and one.may_be_done}

    def refusals(self) -> Counter[str]:
        """How often a verb was refused with a code."""
        refused = (one for one in self.acts if not one.may_be_done)
        return Counter(f"{one.verb} {one.told}" for one in refused)

    # -- acting ------------------------------------------------------------------------------------

    async def act(
        self,
        verb: str,
        uuid: str,
        wish: Mapping[str, object] = MappingProxyType({}),
        message: str = "",
    ) -> Act:
        """Ask for it over the local API; of a UUID of several messages, for one of them."""
        act = self._note(verb, uuid, {"message": message or uuid, **wish})
        connector = aiohttp.UnixConnector(str(local_socket(self.bus.journal)))
        asked = {**act.wish, "actor": act.actor, "reason": "they looked"}
        try:
            async with (
                aiohttp.ClientSession(connector=connector) as http,
                http.post(f"http://bus/api/v1/messages/{verb}", json=asked) as response,
            ):
                self._hear(act, await response.json())
        except (aiohttp.ClientError, OSError):
            return act
        if act.candidates:
            return await self.act(verb, uuid, wish, self.chance.choice(act.candidates))
        return act

    async def command(self, verb: str, uuid: str, *options: str) -> Act:
        """Ask for it on the command line, which does it itself where no bus runs."""
        act = self._note(verb, uuid, {"message": uuid})
        process = await self.bus.command(
            verb, uuid, *options, "--reason", "they looked", "--json", LOGNAME=act.actor
        )
        said, _ = await process.communicate()
        answer = json.loads(said)
        if process.returncode != IMPOSSIBLE:
            self._hear(act, answer)
            return act
        assert answer["errors"][0]["code"] in UNTOLD, answer
        return act

    def _note(self, verb: str, uuid: str, wish: dict[str, object]) -> Act:
        act = Act(next(self._names), verb, uuid, wish)
        self.acts.append(act)
        return act

    def _hear(self, act: Act, answer: Mapping[str, list[dict[str, object]]]) -> None:
        fault = answer["errors"][0] if "errors" in answer else {}
        act.told = str(fault.get("code", DONE))
        assert act.told in REFUSALS[act.verb] | {DONE}, (act, answer)
        details = fault.get("details")
        if act.told == "MESSAGE_AMBIGUOUS" and isinstance(details, dict):
            act.candidates = tuple(str(details["candidates"]).split(", "))

    # -- working -----------------------------------------------------------------------------------

    async def work(self, stop: asyncio.Event) -> None:
        """Look for something to do, and do it, alone or several at once."""
        stopped: list[tuple[str, State]] = []
        for count in itertools.count():
            if stop.is_set():
                return
            if count % LOOK_AGAIN == 0:
                now = await self.bus.standings()
                stopped = [(one.uuid, one.state) for one in now if one.state in BY_STATE]
            heard = await self._crowd(*self._something(stopped))
            await asyncio.sleep(self.chance.choice((0.0, 0.02, 0.1)) if heard else 0.1)

    def _something(self, stopped: list[tuple[str, State]]) -> tuple[str, str]:
        """A UUID and what to do: of the list, of what was taken back, or of the last receipts."""
        chance = self.chance
        verb = chance.choices(list(WISHES), list(WISHES.values()))[0]
        sent = chance.choice(list(self.sent.values()))
        untaken = sorted(self.sent["till"].untaken)
        match chance.randrange(3):
            case 0 if stopped:
                uuid, state = chance.choice(stopped)
                return uuid, chance.choice(BY_STATE[state])
            case 1 if untaken:
                return chance.choice(untaken), "replay"
            case _:
                return chance.choice(sent.uuids[-RECENT:] or [""]), verb

    async def _crowd(self, uuid: str, verb: str) -> bool:
        """One and perhaps others, most of whom want the same; whether anybody was heard."""
        chance, verbs = self.chance, [verb]
        while len(verbs) < MOST and chance.random() < 0.6:
            verbs.append(verb if chance.random() < 0.7 else chance.choice(list(WISHES)))
        if not uuid:
            return False
        acts = await asyncio.gather(*(self.act(one, uuid, self._wish(one)) for one in verbs))
        return any(act.told != UNHEARD for act in acts)

    def _wish(self, verb: str) -> dict[str, object]:
        if verb == "settle":
            return {"done": self.chance.random() < 0.5}
        return {"overwrite": self.chance.random() < 0.3} if verb == "replay" else {}


@contextlib.asynccontextmanager
async def at_work(operators: Operators) -> AsyncIterator[None]:
    """Some of them, working until the block ends."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(operators.work(stop)) for _ in range(AT_ONCE)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
