"""A body that the disk has damaged: its delivery ends where a person sees it, the others go on."""

from pathlib import Path

import apsw
import pytest

from bus.core.delivery import State, Step
from bus.core.errors import BusFault
from bus.engine.verify import verify
from bus.journal.commands import Claim
from bus.ports.history import Filter
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample, ended, noise
from tests.support.clock import HandClock

DEAD = Filter(state=State.DEAD)
LONG = noise(100_000)


def alter(file: Path, sample: Sample) -> None:
    """Some bytes of a body are others."""
    connection = apsw.Connection(str(file))
    connection.execute("UPDATE bodies SET body = zeroblob(9) WHERE message = ?", (sample.id,))
    connection.close()


def lose(file: Path, sample: Sample) -> None:
    """A body is gone."""
    connection = apsw.Connection(str(file))
    connection.execute("DELETE FROM bodies WHERE message = ?", (sample.id,))
    connection.close()


def tear(file: Path, sample: Sample) -> None:
    """The chain of pages that a long body has leads nowhere: its pages hold nothing else."""
    image = bytearray(file.read_bytes())
    pages = [at for at in range(0, len(image), 4096) if image[at + 4 : at + 4096] in LONG]
    image[pages[2] : pages[2] + 4] = b"\xff" * 4
    file.write_bytes(image)


async def claimed(store: SqliteStore) -> tuple[Claim, ...]:
    """What a worker gets, who asks again where damaged pages were met for the first time."""
    try:
        return await store.journal.claim("worker", {"rm": 9}, 60.0)
    except BusFault:
        return await store.journal.claim("worker", {"rm": 9}, 60.0)


@pytest.mark.parametrize("harm", [alter, lose, tear], ids=lambda harm: harm.__name__)
async def test_it_is_dead_and_the_others_are_sent(
    file: Path, clock: HandClock, harm: object
) -> None:
    """One message that cannot be read must not keep the bus from sending any other."""
    damaged, behind, sound = Sample(body=LONG, code="C"), Sample(code="C"), Sample()
    store = await SqliteStore.open(file, clock)
    for sample in (damaged, behind, sound):
        await store.journal.accept(sample.accepted())
    await store.close()
    harm(file, damaged)  # type: ignore[operator]
    store = await SqliteStore.open(file, clock)
    claims = await claimed(store)
    (row,) = [row for _, rows in await store.history.messages(DEAD) for row in rows]
    await store.journal.record(ended(claims[0]))
    verified = await verify(store.history, store.crossreference)
    await store.close()

    assert [claim.message.id for claim in claims] == [sound.id]
    assert (row.message, row.why) == (damaged.id, "BODY_UNREADABLE")
    assert {one.message for one in verified.discrepancies} <= {damaged.id, ""}
    assert verified.discrepancies


async def test_what_nobody_knows_is_not_asked_about_without_its_body(
    file: Path, clock: HandClock
) -> None:
    """It stays unknown, and is a person's."""
    sample = Sample()
    store = await SqliteStore.open(file, clock)
    await store.journal.accept(sample.accepted())
    (claim,) = await store.journal.claim("worker", {"rm": 9}, 60.0)
    await store.journal.record(ended(claim, Step.ASK))
    await store.close()
    lose(file, sample)
    store = await SqliteStore.open(file, clock)
    asked = await store.journal.claim("worker", {"rm": 9}, 60.0, frozenset(["rm"]))
    again = await store.journal.claim("worker", {"rm": 9}, 60.0, frozenset(["rm"]))
    trace = await store.history.trace(sample.id)
    await store.close()

    assert (asked, again) == ((), ())
    assert trace
    assert (trace.deliveries[0].state, trace.deliveries[0].due_at) == (State.UNKNOWN, None)
