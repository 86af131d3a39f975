"""Thousands of random histories of the engine, each from a seed that is printed when it fails."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bus.core.decide import Decision, Overdue, decide
from bus.core.delivery import State, Step
from bus.core.envelope import MessageType
from bus.core.errors import Fault
from bus.core.identity import Identity
from bus.core.outcome import Outcome, Report
from bus.engine.accept import _identity as identity_by_policy
from bus.engine.post import Post
from bus.engine.question import ask
from bus.journal.claims import run_out
from bus.journal.commands import CursorMove, Operate
from bus.journal.cursors import move_cursor
from bus.journal.facts import FactRow
from bus.journal.operate import _STEPS as DEEDS
from bus.journal.operate import _may as may
from bus.journal.rows import DeliveryRow
from bus.journal.unit import Unit
from bus.ports.adapter import Parcel
from tests.simulation.destinations import Destination
from tests.simulation.findings import Flaw
from tests.simulation.history import (
    ENOUGH,
    WIDER,
    failing_seeds,
    first_with,
    new_seed,
    play,
    report,
    shorten,
)
from tests.simulation.people import REFUSALS
from tests.simulation.script import Deed
from tests.simulation.texts import fields_of

PARTS = 4
PART = 75
"""Histories of one part of the usual run."""
LONG = 5_000

REGRESSIONS: dict[int, str] = {
    15: "an attempt that its destination settled stood in no fact",
    34: "a sender told `unknown` while the journal failed was in no list",
    495438906: "a response that came again refused the correction of what it was about",
    495441055: "a doubt that was sent again in vain was told as if nothing had ever been sent",
    826115242: "what was processed and corrected came late, as a correction, and was processed again",
    714601548: "two answers of one content, to one UUID, were taken for two of one message",
    924938940: "a replay of what a replay had delivered was refused, and that was called trouble",
    1458213404: "a doubt that was refused when it was sent again, and again in vain, was told as unsent",
    1822134788: "a message that a person had sent again in part went as a new one beside it",
    2996157: "an OK that came after a person's replay did not keep it from being sent again",
    21426: "a late OK let the next of a lane pass a replay that was on its way",
    1200000625: "a repeat whose sender waited sent copies beside the one that answers",
    1000000085: "what went as a new message made a call again that had been answered",
    1853398526: "a replay as a new message made a call again that was answered to its parent",
    1853399204: "a no to the only sending that came there was held to be the last word, and is not",
    1853399318: "a place that a sender's retry had given was called one over a newer message",
    2308774948: "a question about what had left in an id that was parted since lost what was put",
    2000500065: "an id was undone, and the OK of what had left in it, and died, taught nothing",
    2000500309: "an id was undone, and the late OK of what had left in it taught nothing",
    71651261: "a retry went out of its turn, for a response had settled it since it was claimed",
}


def _fail(seeds: list[int]) -> None:
    if seeds:
        pytest.fail(f"{len(seeds)} histories: {seeds}\n{report(shorten(play(seeds[0])))}")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_keep_every_promise(part: int) -> None:
    """No loss, no doubling, no disorder, no false answer, whatever fails and whenever."""
    seed = new_seed()
    print(f"seed {seed}, {PART} histories")

    _fail(failing_seeds(seed, PART))


@pytest.mark.parametrize("seed", REGRESSIONS, ids=str)
def test_histories_that_once_failed_keep_every_promise(seed: int) -> None:
    """What was found and mended stays mended; the list says what it was."""
    played = play(seed)

    assert not played.findings, REGRESSIONS[seed] + "\n" + report(played)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_random_histories_keep_every_promise() -> None:
    """The same, by the thousand, on all processors."""
    seed = new_seed()
    print(f"seed {seed}, {LONG} histories")

    _fail(failing_seeds(seed, LONG, processes=os.cpu_count() or 1))


# -- the simulation itself ------------------------------------------------------------------------------


def test_a_seed_tells_the_same_history_in_every_process(checkout: Path) -> None:
    """Whatever the order of sets is there, and however fast it runs."""
    here = "".join(play(seed).told for seed in range(5))
    script = "from tests.simulation.history import play; import sys; "
    script += "sys.stdout.write(''.join(play(seed).told for seed in range(5)))"

    there = subprocess.run(
        [sys.executable, "-c", script],
        cwd=checkout,
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONIOENCODING": "utf-8"},
    )

    assert there.stdout == here


Break = Callable[[pytest.MonkeyPatch], None]


def _every_turn_is_mine(patch: pytest.MonkeyPatch) -> None:
    """Everybody has the turn in the lane."""
    for module in ("accept", "operate", "lanes"):
        patch.setattr(f"bus.journal.{module}.has_turn", lambda *_: True)


def _unknown_is_failed(patch: pytest.MonkeyPatch) -> None:
    """What is in doubt is sent again, safe or not."""

    def careless(*asked: Any) -> Decision:
        decision = decide(*asked)
        return Decision(Step.POSTPONE, wait=1.0) if decision.step is Step.MARK_UNKNOWN else decision

    patch.setattr("bus.engine.consequences.decide", careless)


def _started_is_not_sent(patch: pytest.MonkeyPatch) -> None:
    """A worker that is gone is taken to have sent nothing."""
    put = Unit.put_delivery

    def forget_start(unit: Unit, row: Any) -> None:
        put(unit, row._replace(started=False))

    patch.setattr(Unit, "put_delivery", forget_start)


def _forgetful_journal(patch: pytest.MonkeyPatch) -> None:
    """Every tenth message that arrives does not reach the disk."""
    save, arrivals = Unit.save, itertools.count(1)

    def forget(unit: Unit) -> None:
        if not unit.changes.bodies or next(arrivals) % 10:
            save(unit)

    patch.setattr(Unit, "save", forget)


def _nobody_is_answered(patch: pytest.MonkeyPatch) -> None:
    """The end of a delivery owes its origin nothing."""
    patch.setattr("bus.journal.lanes.owe_answer", lambda *_, **__: None)


def _answers_stay_here(patch: pytest.MonkeyPatch) -> None:
    """Every second answer for an origin is told delivered, and never sent."""
    send, answers = Destination.send, itertools.count()

    async def forget(self: Destination, parcel: Parcel) -> Report:
        answer = fields_of(parcel.message)["kind"] == MessageType.RESPONSE
        if answer and next(answers) % 2:
            return Report(Outcome.DELIVERED)
        return await send(self, parcel)

    patch.setattr(Destination, "send", forget)


def _withdrawn_is_sent(patch: pytest.MonkeyPatch) -> None:
    """A synchronous sender's deadline tells it so, and withdraws nothing."""

    def keep(unit: Unit, row: DeliveryRow, happened: Overdue, **how: Any) -> None:
        if happened is Overdue.DEADLINE:
            unit.put_delivery(row)
        else:
            run_out(unit, row, happened, **how)

    patch.setattr("bus.journal.claims.run_out", keep)
    patch.setattr("bus.journal.operate.run_out", keep)


def _facts_are_lost(patch: pytest.MonkeyPatch) -> None:
    """Steps are taken and not told of."""
    put = Unit.put_fact

    def silent(unit: Unit, fact: FactRow) -> None:
        if fact.step not in {Step.POSTPONE, Step.RELEASE}:
            put(unit, fact)

    patch.setattr(Unit, "put_fact", silent)


def _nobody_takes_over(patch: pytest.MonkeyPatch) -> None:
    """Leases never run out."""
    patch.setattr("bus.journal.claims._end_lease", lambda *_: None)


def _receipt_is_delivered(patch: pytest.MonkeyPatch) -> None:
    """A receipt is taken for an OK."""

    def hasty(got: Any, *asked: Any) -> Decision:
        received = got.outcome is Outcome.RECEIVED
        return Decision(Step.DELIVER) if received else decide(got, *asked)

    patch.setattr("bus.engine.consequences.decide", hasty)


def _replays_claim_nothing(patch: pytest.MonkeyPatch) -> None:
    """What a person sends as a new message is nobody's repeat."""

    def careless(entry: Any, examined: Any, post: Post, document: str) -> Identity | None:
        return None if post.parent else identity_by_policy(entry, examined, post, document)

    patch.setattr("bus.engine.accept._identity", careless)


def _everything_is_replayed(patch: pytest.MonkeyPatch) -> None:
    """What is under way or delivered stands for a person as if nobody knew."""
    send = DEEDS[Step.REPLAY]

    def again(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
        send(unit, row._replace(state=State.UNKNOWN), asked)

    patch.setattr("bus.journal.operate._may", lambda *asked: asked[2] is Step.REPLAY or may(*asked))
    patch.setitem(DEEDS, Step.REPLAY, again)


def _old_overwrites_new(patch: pytest.MonkeyPatch) -> None:
    """A replay goes over whatever was delivered since."""
    for module in ("accept", "operate"):
        patch.setattr(f"bus.journal.{module}.refuse_to_overwrite", lambda *_, **__: None)


def _calls_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The calls of a send are not kept."""
    patch.setattr(Unit, "put_progress", lambda *_: None)


def _silence_is_never_came(patch: pytest.MonkeyPatch) -> None:
    """A destination that cannot tell is taken to say that nothing came."""

    async def hasty(*asked: Any) -> Report:
        return await ask(*asked) or Report(Outcome.UNREACHABLE, fault=Fault("NOTHING_ARRIVED"))

    patch.setattr("bus.engine.attempt.ask", hasty)


def _places_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """How far an application was read is now and then not kept with its message."""
    moves = itertools.count(1)

    def forget(unit: Unit, move: CursorMove | None) -> None:
        if move and next(moves) % 5:
            move_cursor(unit, move)

    patch.setattr("bus.journal.accept.move_cursor", forget)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("broken", "flaw"),
    [
        (_replays_claim_nothing, Flaw.DOUBLING),
        (_everything_is_replayed, Flaw.DOUBLING),
        (_old_overwrites_new, Flaw.ORDER),
        (_calls_are_forgotten, Flaw.DOUBLING),
        (_silence_is_never_came, Flaw.DOUBLING),
        (_places_are_forgotten, Flaw.DOUBLING),
    ],
)
def test_a_wider_world_finds_out_more(
    broken: Break, flaw: Flaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only crowds, questions, several calls and readers can miss."""
    broken(monkeypatch)

    assert first_with(flaw, WIDER) is not None


@pytest.mark.long
@pytest.mark.timeout(900)
def test_people_are_told_of_every_kind_of_replay_that_is_too_late() -> None:
    """What they are refused is counted, so that no refusal on the list is there in vain."""
    met: Counter[tuple[Deed, str]] = Counter()
    for seed in range(WIDER, WIDER + ENOUGH):
        met += play(seed).refusals
        if REFUSALS[Deed.REPLAY] <= {code for deed, code in met if deed is Deed.REPLAY}:
            break

    assert {code for deed, code in met if deed is Deed.REPLAY} == REFUSALS[Deed.REPLAY]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("broken", "flaw"),
    [
        (_every_turn_is_mine, Flaw.ORDER),
        (_unknown_is_failed, Flaw.DOUBLING),
        (_started_is_not_sent, Flaw.DOUBLING),
        (_forgetful_journal, Flaw.LOSS),
        (_nobody_is_answered, Flaw.ANSWER),
        (_answers_stay_here, Flaw.LOSS),
        (_withdrawn_is_sent, Flaw.PROMISE),
        (_facts_are_lost, Flaw.BOOKS),
        (_nobody_takes_over, Flaw.LOSS),
        (_receipt_is_delivered, Flaw.PROMISE),
    ],
)
def test_a_broken_engine_is_found_out(
    broken: Break, flaw: Flaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks can fail: each rule that is left out is missed by one of them."""
    broken(monkeypatch)

    assert first_with(flaw) is not None


@pytest.mark.timeout(900)
def test_a_history_that_fails_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a few scenes that fail the same way, with the line that plays them again."""
    _every_turn_is_mine(monkeypatch)
    long = next(
        played for played in map(play, range(ENOUGH)) if played.findings and played.posts > 30
    )

    short = shorten(long)

    assert short.posts <= 5
    assert long.findings[0].shape in short.shapes
    assert f"--seed {long.seed} --histories 1 --only" in report(short)
