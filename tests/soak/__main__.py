"""Hurts real buses under load, and proves that nothing is lost or doubled: `make soak`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.soak.cells import CELLS, Cell, cell_named
from tests.soak.reporting import CellRow, table, write
from tests.soak.servers import Missing
from tests.soak.trial import Effort, survive


def main(arguments: Sequence[str]) -> int:
    """Run cells, print their table; 1 where one fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends too
    options = _options().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    asked = [cell_named(name) for name in options.cell] or list(CELLS)
    effort = Effort(options.seconds, options.window, warming=3.0, rest=options.rest)
    rows = [_run(cell, options.seed, effort) for cell in asked]
    print(table(rows))
    if options.write:
        write(rows)
    return 1 if any(row.failed for row in rows) else 0


def _run(cell: Cell, seed: int, effort: Effort) -> CellRow:
    began = time.monotonic()
    print(f"{cell.name}, seed {seed} ...", end=" ", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="eai-bus-soak-", ignore_cleanup_errors=True) as folder:
        try:
            row = CellRow(
                cell, seed, effort, asyncio.run(survive(cell, seed, effort, Path(folder)))
            )
        except Missing as missing:
            row = CellRow(cell, seed, effort, missing=str(missing))
        except Exception as error:  # noqa: BLE001 - the other cells are run all the same
            traceback.print_exc()
            row = CellRow(cell, seed, effort, broken=f"{type(error).__name__}: {error}")
    print(f"{row.verdict} ({time.monotonic() - began:.0f} s)", file=sys.stderr)
    return row


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=__doc__,
        epilog="; ".join(f"{cell.name}: {cell.tells}" for cell in CELLS),
    )
    names = [cell.name for cell in CELLS]
    parser.add_argument(
        "--cell", action="append", default=[], choices=names, help="not all of them"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long a fault goes on")
    parser.add_argument(
        "--window",
        type=float,
        default=6.0,
        help="how long each of the stretches is in which a rate is measured",
    )
    parser.add_argument(
        "--rest", type=float, default=1.0, help="seconds that a sender rests after each message"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table to docs/reliability.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
