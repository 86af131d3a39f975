"""Processor time of several processes, from Linux's /proc; not a number where nobody tells."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_STATES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq")
_WORKING = {"user", "nice", "system", "irq", "softirq"}
"""What the first line of /proc/stat counts, in its order, and what of that is work."""


class Process(NamedTuple):
    """One process, and the seconds of processor time that it and its ended children used."""

    pid: int
    name: str
    parent: int
    used: float


def used(family: int, *servers: str) -> float:
    """Seconds that a process with its children has used, and all processes of some names."""
    if not PROC.exists():
        return math.nan
    processes = {one.pid: one for one in _all()}

    def counts(one: Process | None) -> bool:
        if one is None:
            return False
        return one.name in servers or one.pid == family or counts(processes.get(one.parent))

    return sum(one.used for one in processes.values() if counts(one))


def busy() -> float:
    """Seconds that all cores of the machine together have worked, for whomever."""
    if not PROC.exists():
        return math.nan
    told = (PROC / "stat").read_text().partition("\n")[0].split()[1:]
    worked = (time for name, time in zip(_STATES, told, strict=False) if name in _WORKING)
    return sum(map(int, worked)) / os.sysconf("SC_CLK_TCK")


def _all() -> Iterator[Process]:
    tick = os.sysconf("SC_CLK_TCK")
    for folder in PROC.glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text()
        except OSError:  # it has ended
            continue
        name, fields = told[told.index("(") + 1 : told.rindex(")")], told[told.rindex(")") + 2 :]
        parts = fields.split()
        spent = sum(map(int, parts[11:15])) / tick
        yield Process(int(folder.name), name, int(parts[1]), spent)
