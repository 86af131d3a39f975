"""The chaos table: what is done to the bus, and on what ground."""

from __future__ import annotations

from typing import NamedTuple

from tests.soak import faults
from tests.soak.arena import Ground, Place


class Cell(NamedTuple):
    """One kind of chaos."""

    name: str
    tells: str
    fault: faults.Fault
    ground: Ground = Ground()


SHORT_LEASES = {"BUS_LEASE": "1s"}

CELLS = (
    Cell(
        "postgres-restart",
        "PostgreSQL is restarted, in good order or as by a crash, every few seconds",
        faults.restart_server,
    ),
    Cell(
        "backends-terminated",
        "`pg_terminate_backend` of all connections, several times a second",
        faults.terminate_backends,
    ),
    Cell(
        "idle-connections",
        "300 idle connections beside the buses' own, which stay while the rate is measured again",
        faults.idle_connections,
    ),
    Cell(
        "broker-restart",
        "RabbitMQ is restarted, in good order or as by a crash, every few seconds",
        faults.restart_broker,
        Ground(Place.FILE, buses=1, broker=True),
    ),
    Cell(
        "one-of-two-killed",
        "one of two processes is killed with SIGKILL, again and again",
        faults.kill_one,
        Ground(settings=SHORT_LEASES),
    ),
    Cell(
        "frozen-past-lease",
        "one of two processes stands still (SIGSTOP) for longer than its leases of 35 s",
        faults.freeze_one,
        Ground(settings=SHORT_LEASES),
    ),
    Cell(
        "bad-network",
        "ways to PostgreSQL and to destinations are cut, gone for a second, or slow by 0.3 s",
        faults.bad_network,
        Ground(cabled=True),
    ),
    Cell(
        "disk-full",
        "the journal's disk has no byte left for seconds at a time",
        faults.fill_disk,
        Ground(Place.FILE, buses=1, small_disk=True, settings={"BUS_DISK_RESERVE": "1MB"}),
    ),
    Cell(
        "clock-set",
        "the wall clock is set a day forward and back, and a day back and forward",
        faults.set_clock,
        Ground(Place.FILE, buses=1, moved_clock=True),
    ),
)


def cell_named(name: str) -> Cell:
    """The cell of a name."""
    return {cell.name: cell for cell in CELLS}[name]
