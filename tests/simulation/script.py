"""What happens in a history from outside: posts, acts of people, crashes; drawn before it begins.

A script is a list of scenes in order of time. Each scene carries its own chance, so that leaving one
out (to find a shorter history that fails the same way) changes the others as little as can be.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from bus.core.envelope import Event, MessageType
from tests.simulation.stage import DESTINATIONS, DOCUMENTS, FEED, FLOWS, NAMEABLE, SENDERS
from tests.simulation.texts import NAMED

REGISTERS = ("Customer", "Item", "Price")
SEVERAL_OPEN = ("Price",)
"""Transactions that cannot be synchronous: several destinations, none of which answers."""


class Deed(StrEnum):
    """What a person asks for."""

    REPLAY = "replay"
    OVERWRITE = "replay --overwrite"
    DONE = "settle --done"
    NOT_DONE = "settle --not-done"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DISCARD = "discard"


class PairDeed(StrEnum):
    """What a person does to the de-para."""

    SET_WAITED = "set what is waited for"
    SET = "set"
    PART = "delete"
    UNDO = "undo"


MOST_PEOPLE = 4
"""Who act on one message at once."""
WISHED = {
    Deed.REPLAY: 6,
    Deed.OVERWRITE: 2,
    Deed.DONE: 1,
    Deed.NOT_DONE: 2,
    Deed.BLOCK: 2,
    Deed.UNBLOCK: 3,
    Deed.DISCARD: 1,
}
"""What people want, and how often beside the others."""
CURTAIN = 60.0
"""Seconds in which new messages are posted."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens at a time (s); `number` names it, `luck` in [0, 1) decides what it hits."""

    number: int
    at: float
    luck: float


@dataclass(frozen=True, slots=True)
class Posting(Scene):
    """A sender posts a message. `patience` is how often it repeats what was not answered."""

    sender: str
    fields: dict[str, Any] = field(compare=False)
    patience: int
    repeat: bool = False

    @property
    def token(self) -> str:
        """What stands for its content."""
        return str(self.fields["token"])


@dataclass(frozen=True, slots=True)
class Acting(Scene):
    """A person does something to a delivery that luck chooses, of those that allow it."""

    deed: Deed


class PersonsWish(NamedTuple):
    """What one of several wants done: so many seconds after the first, to all deliveries or one."""

    after: float
    luck: float
    deed: Deed
    whole: bool


@dataclass(frozen=True, slots=True)
class Crowding(Scene):
    """Several people act on one message at once; luck near 1 takes a new one.

    `looks`: of those in the list of what has stopped, if there are any; else whatever its state.
    """

    wishes: tuple[PersonsWish, ...]
    looks: bool


@dataclass(frozen=True, slots=True)
class Feeding(Scene):
    """Messages are put where the bus reads; None is not for it. `told`: the bus is woken."""

    contents: tuple[dict[str, Any] | None, ...] = field(compare=False)
    told: bool


@dataclass(frozen=True, slots=True)
class Pairing(Scene):
    """A person changes the de-para: the pair of a thing of a sender at a reader; luck may choose."""

    deed: PairDeed
    entity: str
    sender: str
    id: str
    reader: str
    firmly: bool


@dataclass(frozen=True, slots=True)
class Crashing(Scene):
    """An engine dies, or is stopped in an orderly way, and another one starts after a while.

    `released`: whoever opens the store ends the leases of the one before, as SQLite's does.
    """

    back_after: float
    orderly: bool
    released: bool


@dataclass(frozen=True, slots=True)
class Outage(Scene):
    """A destination cannot be reached for a while."""

    destination: str
    seconds: float


@dataclass(frozen=True, slots=True)
class JournalTrouble(Scene):
    """The journal refuses commands now and then for a while, or hears them late (a frozen process)."""

    seconds: float
    frozen: bool


@dataclass(frozen=True, slots=True)
class ClockJump(Scene):
    """The wall clocks are set to another time."""

    seconds: float


def write_script(
    chance: random.Random,
    messages: int,
    more: random.Random | None = None,
    *,
    named: bool = False,
) -> list[Scene]:
    """Draw a script with that many first messages, and all that goes with them.

    `more` draws crowds of people and an application that is read beside it. Where things are
    `named`, messages name others, and people change the de-para.
    """
    writer = _Writer(chance, named=named)
    for _ in range(messages):
        writer.message()
    for _ in range(chance.choice((0, 0, 2, 5))):
        writer.person()
    for _ in range(chance.choice((0, 1, 1, 3))):
        writer.crash()
    for _ in range(chance.choice((0, 0, 1, 2))):
        writer.mishap()
    if more:
        writer.widen(more)
    if named:
        writer.pair()
    scenes = sorted(writer.scenes, key=lambda scene: scene.at)
    return [replace(scene, number=number) for number, scene in enumerate(scenes, 1)]


class _Writer:
    def __init__(self, chance: random.Random, *, named: bool = False) -> None:
        self.scenes: list[Scene] = []
        self._chance = chance
        self._named = named
        self._span = chance.choice((3.0, 20.0, CURTAIN))
        self._transactions = self._some_flows()
        self._documents = DOCUMENTS[: chance.randint(1, 3)]
        self._synchronous = chance.choice((0.0, 0.3, 0.8))
        self._tokens = 0

    def _some_flows(self) -> list[str]:
        if not self._named:
            return self._chance.sample(sorted(FLOWS), self._chance.randint(1, 4))
        naming = self._chance.sample(sorted(NAMED), self._chance.randint(1, 3))
        return naming + self._chance.sample(sorted(NAMEABLE), self._chance.randint(0, 2))

    def _now(self) -> float:
        return round(self._chance.uniform(0.0, self._span), 3)

    def _luck(self) -> float:
        return self._chance.random()

    # -- messages ----------------------------------------------------------------------------------

    def message(self) -> None:
        """A message, and perhaps its repeats and corrections."""
        chance = self._chance
        sender = "erp" if chance.random() < 0.75 else "legacy"
        first = self._posting(self._now(), sender, self._content())
        self.scenes.append(first)
        while chance.random() < 0.3:
            self.scenes.append(self._repeat(first))
        if chance.random() < 0.12:
            self.scenes.append(self._correction(first))

    def _posting(self, at: float, sender: str, fields: dict[str, Any]) -> Posting:
        patience = self._chance.choice((0, 1, 3))
        return Posting(0, at, self._luck(), sender, fields, patience)

    def _content(self) -> dict[str, Any]:
        chance = self._chance
        transaction = chance.choice(self._transactions)
        self._tokens += 1
        fields: dict[str, Any] = {
            "kind": MessageType.BUSINESS,
            "uuid": f"u{self._tokens}",
            "transaction": transaction,
            "document": chance.choice(self._documents),
            "token": f"t{self._tokens}",
            "loud": chance.random() < 0.7,
            "broken": chance.random() < 0.04,
        }
        if transaction == "CancelOrder":
            fields |= {"document": f"cancel-{self._tokens}", "target": fields["document"]}
        if transaction in REGISTERS:
            fields["event"] = Event.DELETE if chance.random() < 0.1 else Event.UPSERT
        fields["mode"] = self._mode(transaction)
        return fields | self._references(transaction) if self._named else fields

    def _references(self, transaction: str) -> dict[str, str]:
        """What it names beside itself."""
        return {
            field: self._chance.choice((*self._documents, *self._documents, "X"))
            for field, entity in NAMED.get(transaction, {}).items()
            if self._chance.random() < (0.3 if entity == transaction else 0.8)
        }

    def _mode(self, transaction: str) -> str:
        if transaction not in SEVERAL_OPEN and self._chance.random() < self._synchronous:
            return "Sync"
        return self._chance.choice(("Async", ""))

    def _repeat(self, first: Posting) -> Posting:
        soon = self._chance.choice((0.0, 0.02, 2.0, 20.0, 120.0))
        at = round(first.at + soon * self._chance.random(), 3)
        fields = dict(first.fields)
        if self._chance.random() < 0.2:
            fields["mode"] = self._mode(fields["transaction"])
        return replace(first, at=at, luck=self._luck(), fields=fields, patience=0, repeat=True)

    def _correction(self, first: Posting) -> Posting:
        self._tokens += 1
        at = round(first.at + self._chance.choice((1.0, 20.0, 90.0)) * self._chance.random(), 3)
        fields = {**first.fields, "token": f"t{self._tokens}", "broken": False}
        return self._posting(at, first.sender, fields)

    # -- more of them ------------------------------------------------------------------------------

    def widen(self, more: random.Random) -> None:
        """Crowds of people, and messages that are fetched."""
        posts = [scene for scene in self.scenes if isinstance(scene, Posting)]
        self._chance = more
        for _ in range(more.choice((0, 3, 8, 15))):
            self._crowd(posts)
        for _ in range(more.choice((0, 0, 2, 6))):
            self._feed()

    def _crowd(self, posts: list[Posting]) -> None:
        """Some come soon after a post, some when much has happened."""
        chance = self._chance
        soon = chance.choice(posts).at + chance.expovariate(1 / chance.choice((0.1, 3.0, 15.0)))
        at = chance.choice((soon, chance.uniform(0.0, 2 * self._span)))
        first = chance.choices(list(WISHED), list(WISHED.values()))[0]
        wishes = [PersonsWish(0.0, self._luck(), first, self._luck() < 0.5)]
        while chance.random() < 0.6 and len(wishes) < MOST_PEOPLE:
            other = chance.choices(list(WISHED), list(WISHED.values()))[0]
            deed = first if chance.random() < 0.7 else other
            after = round(chance.choice((0.0, 0.05, 1.0)) * chance.random(), 3)
            wishes.append(PersonsWish(after, self._luck(), deed, self._luck() < 0.5))
        looks = chance.random() < 0.6
        self.scenes.append(Crowding(0, round(at, 3), self._luck(), tuple(wishes), looks))

    def _feed(self) -> None:
        chance = self._chance
        contents = tuple(
            self._content() if chance.random() < 0.85 else None for _ in range(chance.randint(1, 4))
        )
        told = chance.random() < 0.3
        self.scenes.append(Feeding(0, self._now(), self._luck(), contents, told))

    def pair(self) -> None:
        """People who set pairs, take them away and take changes back."""
        chance = self._chance
        for _ in range(chance.choice((0, 2, 5, 10))):
            deed = chance.choices(list(PairDeed), (4, 2, 3, 2))[0]
            entity = chance.choice(sorted(NAMEABLE))
            scene = Pairing(
                0,
                round(chance.uniform(0.0, 2 * self._span), 3),
                self._luck(),
                deed,
                entity,
                chance.choice((*SENDERS, FEED)),
                chance.choice((*self._documents, "X")),
                chance.choice(DESTINATIONS),
                self._luck() < 0.5,
            )
            self.scenes.append(scene)

    # -- people and mishaps ------------------------------------------------------------------------

    def person(self) -> None:
        """Somebody replays, blocks (and later unblocks) or discards something."""
        deed = self._chance.choice((Deed.OVERWRITE, Deed.BLOCK, Deed.DISCARD))
        at = round(self._chance.uniform(0.0, 2 * self._span), 3)
        self.scenes.append(Acting(0, at, self._luck(), deed))
        if deed is Deed.BLOCK:
            at = round(at + self._chance.uniform(0.0, 40.0), 3)
            self.scenes.append(Acting(0, at, self._luck(), Deed.UNBLOCK))

    def crash(self) -> None:
        """An engine goes and comes back."""
        chance = self._chance
        at = round(chance.uniform(0.0, self._span + 20.0), 3)
        back = chance.choice((0.05, 3.0, 50.0)) * chance.random()
        orderly, released = chance.random() < 0.2, chance.random() < 0.5
        self.scenes.append(Crashing(0, at, self._luck(), round(back, 3), orderly, released))

    def mishap(self) -> None:
        """Something goes wrong for a while."""
        chance = self._chance
        at = round(chance.uniform(0.0, self._span + 10.0), 3)
        seconds = round(chance.choice((1.0, 10.0, 90.0)) * chance.random(), 3)
        match chance.randrange(4):
            case 0:
                where = chance.choice(DESTINATIONS + SENDERS)
                self.scenes.append(Outage(0, at, self._luck(), where, seconds))
            case 1:
                self.scenes.append(JournalTrouble(0, at, self._luck(), seconds, frozen=False))
            case 2:
                self.scenes.append(JournalTrouble(0, at, self._luck(), seconds, frozen=True))
            case _:
                jump = round(chance.choice((-3600.0, -20.0, 5.0, 400.0)) * chance.random(), 3)
                self.scenes.append(ClockJump(0, at, self._luck(), jump))
