"""A pair learnt, a head finished and a message accepted at the same instant leave nobody asleep.

Each of those who act on a lane takes its steps in its own order; every order in which the steps of
all can follow one another is played, each on a lane of its own. Steps are what a commit, or a look
outside of one, does at once. In the end whatever is due is sent until nothing is, while no time
passes: who is then not delivered was left asleep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from bus.core.delivery import State, Step
from bus.engine.verify import verify
from bus.journal.commands import ChangeDepara, Claim
from bus.store.memory import MemoryStore
from depara.model import Key, Link, Member, Source
from tests.engine.histories import LEASE, Chronicler, wanted
from tests.support.clock import HandClock
from tests.support.stores import Store, StoreKind

Act = Callable[[], Awaitable[None]]
ALL = frozenset({"head", "next"})


class Scene(NamedTuple):
    """Who needs a pair, of the message that is there and the one that comes, and how many send."""

    needing: frozenset[str]
    workers: int


class Lane:
    """A lane: a message in it, one that comes, and the pairs that are learnt meanwhile."""

    def __init__(self, store: Store, clock: HandClock, name: str, needing: frozenset[str]) -> None:
        self.store = store
        self.name = name
        self.write = Chronicler(store, clock)
        self.needing = {self.id_of(one) for one in needing}
        self.sent: list[str] = []

    def id_of(self, which: str) -> str:
        """The id of one of the two messages."""
        return f"{self.name} {which}"

    def missing(self, id_: str) -> Key:
        """The id that a message needs, if it needs one."""
        return wanted(id_, self.name).key

    async def accept(self, which: str) -> None:
        """One of the two comes."""
        await self.write.accept(self.id_of(which), self.name)

    async def learn(self) -> None:
        """The pairs of both come."""
        links = tuple(
            Link(Member(self.missing(id_)), (Member(Key("Item", self.name, "", id_)),))
            for id_ in map(self.id_of, ("head", "next"))
        )
        await self.store.crossreference.amend(ChangeDepara("ana", Source.PERSON, links=links))

    async def work(self) -> int:
        """Send whatever is due now: how many."""
        worker = Worker(self)
        for step in worker.steps:
            await step()
        return len(worker.claims)


class Worker:
    """Claims what is due, looks its ids up, sends it or finds that it must wait."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.claims: Sequence[Claim] = ()
        self._known: Collection[Key] = ()
        self.steps: tuple[Act, ...] = (self._claim, self._look_up, self._record)

    async def _claim(self) -> None:
        self.claims = await self._lane.store.journal.claim("w", {self._lane.name: 9}, LEASE)

    async def _look_up(self) -> None:
        keys = [self._lane.missing(claim.delivery.message) for claim in self.claims]
        self._known = await self._lane.store.crossreference.known(keys)

    async def _record(self) -> None:
        for claim in self.claims:
            id_ = claim.delivery.message
            if id_ in self._lane.needing and self._lane.missing(id_) not in self._known:
                await self._lane.write.end(claim, Step.AWAIT_DEPARA)
            else:
                assert await self._lane.store.journal.start(claim)
                self._lane.sent.append(id_)
                await self._lane.write.end(claim, Step.DELIVER)


def orders(of: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every order of the steps of several, of whom each has so many: whose turn it is."""
    if not any(of):
        yield ()
    for one, left in enumerate(of):
        if left:
            rest = tuple(n - (at == one) for at, n in enumerate(of))
            yield from ((one, *following) for following in orders(rest))


async def play(store: Store, clock: HandClock, scene: Scene) -> list[tuple[int, ...]]:
    """Play every order; those that left somebody asleep, or sent out of turn."""
    wrong = []
    for number, order in enumerate(orders((1, 1, *[3] * scene.workers))):
        lane = Lane(store, clock, f"n{number}", scene.needing)
        await lane.accept("head")
        actors: list[list[Act]] = [[lane.learn], [lambda lane=lane: lane.accept("next")]]  # type: ignore[misc]
        actors += [[*Worker(lane).steps] for _ in range(scene.workers)]
        for turn in order:
            await actors[turn].pop(0)()
        while await lane.work():
            pass
        if lane.sent != [lane.id_of("head"), lane.id_of("next")]:
            wrong.append(order)
    return wrong


def name_of(scene: Scene) -> str:
    """The same in every process that collects."""
    return f"{' and '.join(sorted(scene.needing))}, {scene.workers} sending"


SCENES = [
    Scene(frozenset({"head"}), 1),
    Scene(frozenset({"next"}), 1),
    Scene(ALL, 1),
    pytest.param(Scene(ALL, 2), marks=pytest.mark.long),
]


@pytest.mark.parametrize("scene", SCENES, ids=name_of)
async def test_nobody_is_left_asleep(store_kind: StoreKind, tmp_path: Path, scene: Scene) -> None:
    """Whatever comes before what, and who does it."""
    clock = HandClock()
    store = await store_kind.open(tmp_path, clock)

    wrong = await play(store, clock, scene)
    told = await verify(store.history, store.crossreference)
    await store.close()

    assert wrong == []
    assert told.discrepancies == ()
    assert set(told.deliveries) == {State.DELIVERED}


@pytest.mark.parametrize(
    ("broken", "scene"),
    [
        ("bus.journal.depara._wake_all", Scene(frozenset({"head"}), 1)),
        ("bus.journal.depara._known", Scene(frozenset({"head"}), 1)),
        ("bus.journal.lanes.promote", Scene(frozenset({"head"}), 1)),
    ],
    ids=["a new pair wakes nobody", "a pair of a moment before is overlooked", "nobody follows"],
)
async def test_the_model_finds_who_sleeps(
    monkeypatch: pytest.MonkeyPatch, broken: str, scene: Scene
) -> None:
    """With a part of the waking taken out, some orders leave somebody asleep, and not all."""
    monkeypatch.setattr(broken, lambda *_: ())
    clock = HandClock()
    wrong = await play(MemoryStore(clock), clock, scene)

    assert 0 < len(wrong) < len([*orders((1, 1, 3))])
