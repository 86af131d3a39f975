"""Measures the speed of the bus against bare pipelines: `make bench`.

Nothing is judged by time: a figure that is worse than its target is shown, and the exit code is 0.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from tests.benchmarks.children import CHECKOUT
from tests.benchmarks.machine import this_machine
from tests.benchmarks.measuring import FULL, QUICK, Effort, Row
from tests.benchmarks.profiling import WORK, profile, shares
from tests.benchmarks.questions import QUESTIONS
from tests.benchmarks.reporting import as_json, page, table

PAGE = CHECKOUT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str]) -> None:
    """Ask the questions and show the answers."""
    signal.signal(signal.SIGTERM, _stop)
    options = _options().parse_args(arguments)
    if options.profile:
        profile(options.profile)
        return
    effort = QUICK if options.quick else FULL
    machine = this_machine()
    if machine.busy:
        print(f"The machine is busy (load {machine.load:.1f}): wait, or distrust.", file=sys.stderr)
    rows = _ask(options.questions or [one.name for one in QUESTIONS if not one.apart], effort)
    if options.json:
        print(json.dumps(as_json(machine, rows), indent=2))
    else:
        print(f"{machine.line()}\n\n{table(rows)}")
    if options.write:
        command = " ".join(["make bench", f'ARGS="{" ".join(arguments)}"'])
        text = page(machine, rows, effort.rounds, command, shares("whole"))
        PAGE.write_text(text, encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog="; ".join(f"{question.name}: {question.asks}" for question in QUESTIONS),
    )
    parser.add_argument(
        "questions", nargs="*", type=_known, metavar="QUESTION", help="those to ask, if not all"
    )
    parser.add_argument("--quick", action="store_true", help="fewer messages, in two minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md anew")
    parser.add_argument(
        "--profile", choices=sorted(WORK), help="show where the bus spends its time instead"
    )
    return parser


def _known(name: str) -> str:
    names = [question.name for question in QUESTIONS]
    if name not in names:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(names)}")
    return name


def _ask(names: Sequence[str], effort: Effort) -> list[Row]:
    rows: list[Row] = []
    for question in QUESTIONS:
        if question.name in names:
            began = time.perf_counter()
            rows += [row for row in question.answer(effort) if row.told]
            seconds = time.perf_counter() - began
            print(f"{question.name}: {question.asks} ({seconds:.0f} s)", file=sys.stderr)
    return rows


def _stop(number: int, frame: FrameType | None) -> None:
    """Unwind, so that every process is ended."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main(sys.argv[1:])
