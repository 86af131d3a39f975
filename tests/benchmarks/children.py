"""Starting the server processes, and ending them whatever happens."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.benchmarks.wire import Address, Broken

CHECKOUT = Path(__file__).resolve().parents[2]
START = 60.0
"""Seconds that a process may take to tell its address."""
STOP = 30.0
"""Seconds that it may take to end when told to."""


class Work(NamedTuple):
    """What a server did: messages a second, and seconds of processor time a message."""

    rate: float
    processor: float


@dataclass(frozen=True, slots=True)
class Child:
    """A process that serves."""

    pid: int
    address: Address

    def works(self, count: int, rate: Callable[[], float]) -> Work:
        """Have it do so many messages."""
        before = self._processor()
        return Work(rate(), (self._processor() - before) / count)

    def _processor(self) -> float:
        """The seconds of processor time that it has used; not a number where nobody tells."""
        told = Path(f"/proc/{self.pid}/stat")
        if not told.exists():
            return math.nan
        user, system = told.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def child(folder: Path, role: str, *arguments: str) -> Iterator[Child]:
    """A process of `tests.benchmarks.child`, which keeps what it writes in the folder."""
    complaints = folder / f"{role}.log"
    with complaints.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.child", role, *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    with process:  # closes its pipes; its input closed, it ends by itself
        try:
            yield Child(process.pid, _address(process, complaints))
        finally:
            _end(process)


def _address(process: subprocess.Popen[bytes], complaints: Path) -> Address:
    assert process.stdout is not None
    impatience = threading.Timer(START, process.kill)
    impatience.start()
    told = process.stdout.readline()
    impatience.cancel()
    if not told:
        process.wait()
        raise Broken(complaints.read_text("utf-8", "replace")[-4_000:])
    url = urlsplit(json.loads(told)["address"])
    return Address(url.hostname or "", url.port or 0)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
