"""What the figures were measured on: its class, never its name."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import apsw
from lxml import etree

from tests.benchmarks.journal import fsync_rate
from tests.benchmarks.messages import SIZE

LIBRARIES = ("lxml", "apsw", "uvicorn", "uvloop", "httptools", "aiohttp", "orjson")


@dataclass(frozen=True, slots=True)
class Machine:
    """A class of machine, and how busy it was with other work when the measuring began.

    `fsyncs` is how many 3 KB writes a second its disk makes durable.
    """

    system: str
    cores: int
    python: str
    libraries: dict[str, str]
    fsyncs: int
    load: float

    @property
    def busy(self) -> bool:
        """Whether other work would be measured too."""
        return self.load > self.cores / 4

    def line(self) -> str:
        """All of it in a line."""
        libraries = ", ".join(f"{name} {number}" for name, number in self.libraries.items())
        return (
            f"{self.cores} cores, {self.system}, Python {self.python}, {libraries}; "
            f"{self.fsyncs:,} writes with fdatasync a second; load average before {self.load:.1f}"
        )


def this_machine() -> Machine:
    """The machine that we are on."""
    load = os.getloadavg()[0]
    libraries = {name: version(name) for name in LIBRARIES}
    libraries["libxml2"] = ".".join(map(str, etree.LIBXML_VERSION))
    libraries["SQLite"] = apsw.sqlite_lib_version()
    with tempfile.TemporaryDirectory() as name:
        rates = [fsync_rate(Path(name), [b"x" * SIZE] * 300) for _ in range(5)]
    return Machine(
        platform.system(),
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        platform.python_version(),
        libraries,
        round(statistics.median(rates)),
        load,
    )
