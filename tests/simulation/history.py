"""Plays one history from its seed and checks it; looks for a shorter one that fails the same way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.simulation.books import troubles, wrong_books
from tests.simulation.checks import (
    disorders,
    doublings,
    leftovers,
    losses,
    wrong_answers,
)
from tests.simulation.closing import clear_up, settle
from tests.simulation.evidence import Evidence
from tests.simulation.findings import Finding, Flaw
from tests.simulation.naming import Wait
from tests.simulation.process import make_task
from tests.simulation.promises import broken_promises, misnamings
from tests.simulation.script import Deed, Posting, Scene, write_script
from tests.simulation.stage import Stage, name_things, set_stage, widen
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import World

WIDER = 10**9
"""Seeds from here on also have crowds of people, destinations that are asked or take two calls, and
an application that is read. Those below tell what they told before there was any of it.
"""
NAMED_FROM = 2 * 10**9
"""Seeds from here on have all that, and things have ids: they are translated, waited for, brought by
answers and changed by people.
"""
NAMED_SHARE = 0.75
"""The share of those in which things have ids at all."""
FEWEST, MOST = 3, 25
"""How many first messages a history has; repeats and corrections come on top."""


ENOUGH = 400
"""Histories in which a broken engine must be found out."""


@dataclass(frozen=True, slots=True)
class Played:
    """A history that was played, and what is wrong with it."""

    seed: int
    stage: Stage
    scenes: tuple[Scene, ...]
    findings: tuple[Finding, ...]
    told: str
    refusals: Counter[tuple[Deed, str]]
    """What people were refused, by the code."""
    waits: Counter[Wait]
    """What became of those who waited for an id."""

    @property
    def shapes(self) -> frozenset[str]:
        """What is wrong with it, without the names of this history."""
        return frozenset(one.shape for one in self.findings)

    @property
    def posts(self) -> int:
        """How many posts the script has."""
        return sum(isinstance(scene, Posting) for scene in self.scenes)


def new_seed() -> int:
    """A seed of nobody's choice; pytest-randomly fixes those of `random`."""
    return NAMED_FROM + random.SystemRandom().randrange(WIDER)


def play(seed: int, only: Collection[int] | None = None) -> Played:
    """Play the history of a seed, or only those of its scenes, and check it."""
    stage = set_stage(random.Random(f"{seed}/stage"))
    chance = random.Random(f"{seed}/script")
    more = None
    if seed >= WIDER:
        stage = widen(stage, random.Random(f"{seed}/wider stage"))
        more = random.Random(f"{seed}/wider script")
    if seed >= NAMED_FROM and random.Random(f"{seed}/named").random() < NAMED_SHARE:
        stage = name_things(stage, random.Random(f"{seed}/named stage"))
    messages = chance.randint(FEWEST, MOST)
    scenes = write_script(chance, messages, more, named=stage.named)
    chosen = [scene for scene in scenes if only is None or scene.number in only]
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    try:
        world = World(seed, stage, loop)
        findings = loop.run_until_complete(_play(world, chosen))
        _end(loop)
    finally:
        loop.close()
    findings += troubles(world)
    told = world.chronicle.readable()
    waits = world.book.waits if world.book else Counter[Wait]()
    refusals = world.people.refusals
    return Played(seed, stage, tuple(chosen), tuple(findings), told, refusals, waits)


async def _play(world: World, scenes: list[Scene]) -> list[Finding]:
    await world.play(scenes)
    if not await settle(world):
        return [Finding(Flaw.LOSS, "it never settles"), *losses(Evidence(world))]
    world.tell("-", "everything has settled")
    evidence = Evidence(world)
    found = [
        *losses(evidence),
        *doublings(evidence),
        *disorders(evidence),
        *wrong_answers(evidence),
        *broken_promises(evidence, scenes),
        *misnamings(evidence),
        *await wrong_books(world),
    ]
    if found:
        return found
    cleared = await clear_up(world)
    world.tell("-", "everything is cleared up" if cleared else "this cannot be cleared up")
    evidence = Evidence(world)
    return [
        *leftovers(evidence),
        *losses(evidence),
        *doublings(evidence),
        *disorders(evidence),
        *wrong_answers(evidence),
        *misnamings(evidence),
        *await wrong_books(world),
    ]


def failing_seeds(first: int, histories: int, processes: int = 1) -> list[int]:
    """The seeds, from the first on, whose histories break a promise."""
    seeds = range(first, first + histories)
    if processes == 1:
        return [seed for seed in seeds if _fails(seed)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        failed = list(pool.map(_fails, seeds, chunksize=20))
    return [seed for seed, bad in zip(seeds, failed, strict=True) if bad]


def first_with(flaw: Flaw, first: int = 0) -> Played | None:
    """The first history from a seed on in which that is found; None where it is in none."""
    played = map(play, range(first, first + ENOUGH))
    return next((one for one in played if flaw in {found.flaw for found in one.findings}), None)


def _fails(seed: int) -> bool:
    return bool(play(seed).findings)


def _end(loop: VirtualLoop) -> None:
    """Drop whatever still runs, so that nothing is left for the garbage collector to complain of."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))


def shorten(played: Played, tries: int = 400) -> Played:
    """A history with as few scenes as can be found in which the first finding is found again."""
    best, size = played, max(1, len(played.scenes) // 2)
    while tries > 0:
        shorter = None
        for start in range(0, len(best.scenes), size):
            tries -= 1
            shorter = _without(best, start, size, played.findings[0].shape)
            if shorter or tries <= 0:
                break
        if shorter:
            best = shorter
        elif size == 1:
            break
        else:
            size //= 2
    return best


def _without(played: Played, start: int, size: int, shape: str) -> Played | None:
    kept = played.scenes[:start] + played.scenes[start + size :]
    again = play(played.seed, {scene.number for scene in kept})
    return again if shape in again.shapes else None


def report(played: Played) -> str:
    """A history that failed: what is wrong, what happened, and how to see it again."""
    numbers = ",".join(str(scene.number) for scene in played.scenes)
    found = "\n".join(f"  {one}" for one in played.findings)
    return (
        f"History {played.seed} breaks:\n{found}\n\n{played.told}\n\n"
        f"Again: python -m tests.simulation --seed {played.seed} --histories 1 --only {numbers}\n"
    )
