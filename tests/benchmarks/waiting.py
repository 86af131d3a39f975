"""Many that wait: for ids that are missing, and behind one that has stopped.

The journal alone, on its real tables in a file. What wakes some is held against the same with nobody
else waiting, and what is sent in other lanes against the same without the long one: where nothing
scans those who are not concerned, the ratio is 1. The last row lets everything resume, and fails
where a delivery is taken out of its turn or none is woken.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bus.clock import SystemClock
from bus.core.delivery import Reason, Step
from bus.core.outcome import Outcome
from bus.core.route import OnFailure
from bus.core.translation import MissingId
from bus.journal.commands import Accept, ChangeDepara, Claim, RecordAttempt
from bus.store.sqlite import SqliteStore
from depara.model import Key, Link, Member, Source
from tests.benchmarks.journal import acceptance
from tests.benchmarks.loading import run, submitted
from tests.benchmarks.measuring import Effort, Question, Row, Target, alone, compared, interleave
from tests.benchmarks.wire import Broken

NAME = "waiting"
FLAT = Target(0.83, 0.95)
"""A cost of 1.2 times is a rate of 0.83."""
WAITING = 50_000
BEHIND = 10_000
EACH = 10
"""Deliveries that wait for one id."""
IN_LANE = 5
"""Of these, as many as have one document: the first waits for the id, the others for their turn."""
AT_ONCE = 50
"""Ids that come at the same time, where everything resumes."""
MEASURED = 200
TOGETHER = 128
BODY = b"<TOTVSMessage/>"
READER = "protheus"
DAY = 86_400.0


def answer(effort: Effort) -> list[Row]:
    """Waking beside many that wait, sending beside many behind one, and all resuming."""
    waiting = effort.count(WAITING, least=10 * EACH)
    behind, measured = effort.count(BEHIND, least=100), effort.count(MEASURED, least=4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crowded, empty = interleave(
            effort.rounds,
            _woken(folder / "crowded.db", measured, waiting),
            _woken(folder / "empty.db", measured, 0),
        )
        stopped, free = interleave(
            effort.rounds,
            _sent(folder / "stopped.db", measured, behind),
            _sent(folder / "free.db", measured, 0),
        )
        resumed = _on(folder / "resumed.db", lambda hall: hall.resume(waiting))
    what = f"a pair that wakes {EACH}, beside {waiting:,} that wait for others / beside none"
    other = f"sent in other lanes, beside {behind:,} behind one that has stopped / beside none"
    whole = f"{waiting:,} that wait for {waiting // EACH:,} ids resume as these come, in order"
    return [
        compared(NAME, what, crowded, empty, FLAT),
        compared(NAME, other, stopped, free, FLAT),
        alone(NAME, whole, "deliveries/s", [resumed]),
    ]


class Hall:
    """A journal and those who wait in it. Numbers of lanes and ids go on from one use to the next."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.clock = SystemClock()
        self._used = 0

    async def fill(self, ids: int, in_lane: int = 1) -> list[Key]:
        """Have `EACH` deliveries wait for each of so many ids; the ids."""
        first = self._used
        self._used += ids
        keys = [Key("Item", "rm", "", f"{number}") for number in range(first, self._used)]
        lanes = [f"{key.id}/{n}" for key in keys for n in range(EACH // in_lane)]
        await self._accept(lanes * in_lane)
        await self._work(self._await)
        return keys

    async def stop(self, behind: int) -> None:
        """Have one refused, and others behind it."""
        if behind:
            await self._accept(["stopped"])
            await self._work(lambda claim: _end(claim, Step.REFUSE, Outcome.REFUSED))
            await self._accept(["stopped"] * behind)

    async def wake(self, keys: Sequence[Key]) -> float:
        """Make the pairs of ids, each in a change of its own: how many a second."""
        return await submitted(self.store.crossreference.amend, map(_pair, keys), 1)

    async def send(self, lanes: int) -> float:
        """Accept messages of so many documents and send them: how many a second."""
        self._used += lanes
        began = self.clock.monotonic()
        await self._accept([f"{number}" for number in range(self._used - lanes, self._used)])
        if len(await self._work(_deliver)) != lanes:
            raise Broken("some were not sent")
        return lanes / (self.clock.monotonic() - began)

    async def resume(self, waiting: int) -> float:
        """Have them wait, then make the pairs; how many a second resume and are sent."""
        keys = await self.fill(waiting // EACH, IN_LANE)
        began = self.clock.monotonic()
        places: dict[str, list[int]] = defaultdict(list)
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            await submitted(self.store.crossreference.amend, map(_pair, some), AT_ONCE)
            for row in await self._work(_deliver):
                places[row.delivery.lane].append(row.delivery.seq)
        took = self.clock.monotonic() - began
        sent = sum(map(len, places.values()))
        if sent != waiting or any(each != sorted(each) for each in places.values()):
            raise Broken(f"{sent} of {waiting} resumed, or some out of turn")
        return waiting / took

    async def _accept(self, documents: Sequence[str]) -> None:
        made = (acceptance(self.clock.new_id(), 0, BODY, document) for document in documents)
        await submitted(self.store.journal.accept, map(_holding, made), TOGETHER)

    async def _work(self, end: Callable[[Claim], RecordAttempt]) -> list[Claim]:
        """End whatever is due, until nothing is."""
        done: list[Claim] = []
        while claims := await self.store.journal.claim("bench", {READER: TOGETHER}, 60.0):
            await submitted(self.store.journal.record, map(end, claims), TOGETHER)
            done += claims
        return done

    def _await(self, claim: Claim) -> RecordAttempt:
        key = Key("Item", "rm", "", claim.delivery.lane.rpartition("/")[0].rpartition("/")[2])
        missing = MissingId((key,), "ItemInternalId", (READER,))
        ended = _end(claim, Step.AWAIT_DEPARA, Outcome.WITHHELD)
        return ended._replace(wanted=(missing,), pair_within=DAY, reason=Reason.ID_MISSING)


def _holding(accept: Accept) -> Accept:
    """Where it fails, what is behind it waits for a person."""
    plans = (plan._replace(on_failure=OnFailure.HOLD) for plan in accept.plans)
    return accept._replace(plans=tuple(plans))


def _end(claim: Claim, step: Step, outcome: Outcome) -> RecordAttempt:
    row = claim.delivery
    return RecordAttempt(row.message, row.number, row.tries, row.worker, outcome, step)


def _deliver(claim: Claim) -> RecordAttempt:
    return _end(claim, Step.DELIVER, Outcome.DELIVERED)


def _pair(key: Key) -> ChangeDepara:
    link = Link(Member(key), (Member(Key("Item", READER, "", f"P{key.id}")),))
    return ChangeDepara("benchmark", Source.PERSON, links=(link,))


def _woken(file: Path, ids: int, beside: int) -> Callable[[], float]:
    async def measure(hall: Hall) -> float:
        await hall.fill(beside // EACH)
        return await hall.wake(await hall.fill(ids))

    return lambda: _on(_fresh(file), measure)


def _sent(file: Path, lanes: int, behind: int) -> Callable[[], float]:
    async def measure(hall: Hall) -> float:
        await hall.stop(behind)
        return await hall.send(lanes * EACH)

    return lambda: _on(_fresh(file), measure)


def _fresh(file: Path) -> Path:
    """A file that is not there."""
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()
    return file


def _on(file: Path, work: Callable[[Hall], Awaitable[float]]) -> float:
    async def open_and_work() -> float:
        store = await SqliteStore.open(file, SystemClock())
        try:
            return await work(Hall(store))
        finally:
            await store.close()

    return run(open_and_work())


QUESTION = Question(NAME, "What do many that wait cost the others?", answer)
