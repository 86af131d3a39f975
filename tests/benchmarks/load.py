"""An initial load: 50,000 items from an archive to one reader, by `bus load`, and live traffic.

The load is the command as people run it, from its first file to its reconciliation. Live senders
post items of their own meanwhile, and wait for what the reader says of each; how long is held
against how long they wait where no load runs. The last row is the same command again, with nothing
left to send.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.children import CHECKOUT
from tests.benchmarks.loading import Load, at_random, open_load
from tests.benchmarks.measuring import RATE, Effort, Question, Row, Series, Target, alone
from tests.benchmarks.messages import SENDER, Messages
from tests.benchmarks.product import ROOM, Product, product
from tests.benchmarks.wire import Broken

NAME = "load"
USUAL = 50_000
LIVE = 500
LIVE_RATE = 20.0
"""Items a second that live senders save; idle connections are closed after 30 s."""
CONNECTIONS = 16
MEMORY = Target(200, 120, falling=True)
MAIN = "from bus.edge.cli import main; main()"


@dataclass(frozen=True, slots=True)
class LoadRun:
    """One run of `bus load`: its seconds, its peak memory (MB), and what it printed."""

    seconds: float
    memory: float
    told: dict[str, object]


def answer(effort: Effort) -> list[Row]:
    """Rows for the check, the load, the live traffic beside it, memory, and the load once more."""
    count, live = effort.count(USUAL, least=2 * ROOM), effort.count(LIVE, least=5)
    with tempfile.TemporaryDirectory() as name, product(Path(name)) as ours:
        archive = _archive(Path(name), count)
        checked = _ended(_start(Path(name), archive, "--dry-run"))
        quiet = _live(ours, live, seed=2)
        before = ours.memory()
        running = _start(Path(name), archive)
        ours.begun()
        busy = _live(ours, live, seed=3)
        loaded = _ended(running)
        ours.accepted += count
        ours.settle()
        after = ours.memory()
        again = _ended(_start(Path(name), archive))
    if loaded.told["came"] != {"delivered": count} or again.told["known"] != count:
        raise Broken(f"{loaded.told['came']}, then {again.told['known']} known")
    return [
        alone(NAME, f"{count:,} items checked and put in order", RATE, [count / checked.seconds]),
        alone(NAME, "the same loaded: checked, sent, reconciled", RATE, [count / loaded.seconds]),
        alone(NAME, "the same again, nothing to send", RATE, [count / again.seconds]),
        _waited(busy, quiet, 0.5, "median"),
        _waited(busy, quiet, 0.99, "p99"),
        alone(NAME, "memory of the bus before", "MB", [before], MEMORY),
        alone(NAME, "memory of the bus after", "MB", [after], MEMORY),
        alone(NAME, "memory of the command at most", "MB", [loaded.memory]),
    ]


def _waited(busy: Load, quiet: Load, share: float, name: str) -> Row:
    """How long live senders waited beside the load, against without it."""
    waited, alone_ = busy.quantile(share) * 1e3, quiet.quantile(share) * 1e3
    what = f"a live sender's wait ({name}) at {LIVE_RATE:.0f} messages/s, beside the load / alone"
    bare, ratio = Series.of([alone_]), Series.of([waited / alone_])
    return Row(NAME, what, "ms", Series.of([waited]), bare, ratio)


def _archive(folder: Path, count: int) -> Path:
    """A .zip with a file for each item."""
    archive, messages = folder / "load.zip", Messages(seed=4, transaction="Item")
    with zipfile.ZipFile(archive, "w") as packed:
        for number in range(count):
            (body,) = messages.bodies(1)
            packed.writestr(f"items/{number:06d}.xml", body)
    return archive


def _live(ours: Product, count: int, seed: int) -> Load:
    """Items that live senders save, and wait for."""
    posts = Messages(seed, "Item", first=seed * 10_000_000).posts(count)
    load = open_load(ours.bus.address, posts, at_random(LIVE_RATE, seed), CONNECTIONS)
    if set(load.statuses) != {200}:
        raise Broken(f"the bus answered {dict(load.statuses)}: {load.last_answer[:300]!r}")
    ours.accepted += count
    return load


def _start(folder: Path, archive: Path, *words: str) -> tuple[subprocess.Popen[bytes], float]:
    """Begin a load; the process, and when."""
    settings = {
        "BUS_JOURNAL": str(folder / "bus.db"),
        "BUS_ROUTES": str(folder / "routes.yaml"),
    }
    command = [sys.executable, "-c", MAIN, "load", "--as", SENDER, str(archive), "--json", *words]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return process, began


def _ended(running: tuple[subprocess.Popen[bytes], float]) -> LoadRun:
    """What came of a load."""
    process, began = running
    assert process.stdout is not None
    with process.stdout as out:
        told = out.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Broken(told[-2_000:].decode())
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = time.perf_counter() - began
    return LoadRun(seconds, used.ru_maxrss * unit / 1e6, json.loads(told))


QUESTION = Question(NAME, "How fast is an initial load, and who waits for it?", answer)
