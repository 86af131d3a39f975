"""The journal port alone, on its real tables, in a file."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from bus.clock import SystemClock
from bus.core.envelope import Carrier
from bus.core.identity import Identity
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.core.subject import Target
from bus.edge.http.server import SWITCH_INTERVAL
from bus.journal.commands import Accept, ReceivedMessage
from bus.store.sqlite import SqliteStore
from tests.benchmarks import measuring
from tests.benchmarks.bare import Table
from tests.benchmarks.loading import run, submitted
from tests.benchmarks.measuring import Effort, Question, Row, compared, interleave
from tests.benchmarks.messages import SENDER, Messages

NAME = "journal"
ALONE = measuring.Target(0.5, 0.7)
GROUPED = (64, 128)
USUAL_ALONE = 1_500
USUAL_GROUPED = 8_000


def answer(effort: Effort) -> list[Row]:
    """One row for a single submitter, one for each number of them."""
    with tempfile.TemporaryDirectory() as name:
        return [_alone(effort, Path(name)), *(_grouped(effort, Path(name), n) for n in GROUPED)]


def fsync_rate(folder: Path, bodies: Sequence[bytes]) -> float:
    """How many messages a second the disk takes, each written and synchronised by itself."""
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    synchronise = getattr(os, "fdatasync", os.fsync)
    began = time.perf_counter()
    for body in bodies:
        os.write(file, body)
        synchronise(file)
    seconds = time.perf_counter() - began
    os.close(file)
    return len(bodies) / seconds


def _alone(effort: Effort, folder: Path) -> Row:
    supply, count = Messages(), effort.count(USUAL_ALONE, least=20)
    ours, bare = interleave(
        effort.rounds,
        lambda: _as_the_bus(_accept(folder / "alone.db", supply.bodies(count), 1)),
        lambda: fsync_rate(folder, supply.bodies(count)),
    )
    what = "1 submitter / write + fdatasync of the same bytes"
    return compared(NAME, what, ours, bare, ALONE)


def _grouped(effort: Effort, folder: Path, submitters: int) -> Row:
    supply, count = Messages(), effort.count(USUAL_GROUPED, least=2 * submitters)
    ours, bare = interleave(
        effort.rounds,
        lambda: _as_the_bus(_accept(folder / f"{submitters}.db", supply.bodies(count), submitters)),
        lambda: _as_the_bus(_keep(folder, supply.bodies(count), submitters)),
    )
    what = f"{submitters} submitters / bare grouped insert"
    return compared(NAME, what, ours, bare)


def _as_the_bus(work: Coroutine[Any, Any, float]) -> float:
    """Run as the bus does: its loop, and its patience between threads."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        return run(work)
    finally:
        sys.setswitchinterval(usual)


async def _accept(path: Path, bodies: Sequence[bytes], submitters: int) -> float:
    clock = SystemClock()
    asked = [acceptance(clock.new_id(), number, body) for number, body in enumerate(bodies)]
    store = await SqliteStore.open(path, clock)
    try:
        return await submitted(store.journal.accept, asked, submitters)
    finally:
        await store.close()


async def _keep(folder: Path, bodies: Sequence[bytes], submitters: int) -> float:
    table = Table(folder / f"bare-{time.monotonic_ns()}.db")
    try:
        return await submitted(table.keep, bodies, submitters)
    finally:
        await table.close()


def acceptance(id_: str, number: int, body: bytes, document: str = "") -> Accept:
    """What the engine asks of the journal for a register on its way to one destination.

    Without a `document` each is its own.
    """
    uuid = id_[::-1]
    own = f"50|{id_}"
    entry = ReceivedMessage(
        id=id_,
        sender=SENDER,
        carrier=Carrier.HTTP,
        remote="127.0.0.1",
        type="BusinessMessage",
        transaction="Currency",
        version="2.001",
        uuid=uuid,
        company="1",
        branch="1",
        entity="Currency",
        event="upsert",
        mode="Async",
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        content_hash=hashlib.sha256(body[200:]).hexdigest(),
        configuration=1,
    )
    return Accept(
        entry=entry,
        plans=(
            PlannedDelivery(
                "protheus", "registers", on_failure=OnFailure.SUPERSEDE, safe=True, sent_uuid=uuid
            ),
        ),
        identity=Identity(f"{SENDER}/BusinessMessage/currency/1/1/{uuid}"),
        document=document or f"currency/{own}",
        own_id=Target("currency", own),
        business_keys=(("InternalId", own), ("Code", f"{number % 1000:03d}"), ("Description", "D")),
        rule="registers",
        answering=1,
        worker="bench:1",
    )


QUESTION = Question(NAME, "How many messages does the journal record?", answer)
