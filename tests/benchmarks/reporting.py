"""The figures, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.machine import Machine
from tests.benchmarks.measuring import Row, Series, Target
from tests.benchmarks.messages import SIZE
from tests.benchmarks.product import ROOM
from tests.benchmarks.profiling import Share

HEADINGS = ("question", "measured", "unit", "bus", "bare", "ratio", "target", "reached")
LARGE = 20
"""A figure above this has no decimals."""

_PAGE = """# Benchmarks

Written by `{command}`; do not edit. What a figure means is said at the top of its file in \
`tests/benchmarks`.

Measured on {date}, on {machine}.

{warning}Every figure is the median of {rounds} interleaved rounds, with the least and the most of them; a \
ratio is taken within each round. The bus is the whole product, as `bus serve` runs it: nothing is \
switched off. *Bare* is the same server, libraries and disk doing only what the job cannot do \
without. A target has a second, better value: the stretch.

{table}

What the profile names next, in a run of its own of the *whole* (cProfile makes small functions look \
dearer than they are, and a call that waits for the disk or the interpreter counts its wait; \
`make bench ARGS="--profile whole"` shows the functions):

{spent}

What stands in the way of what is not reached:

- *validation*, small messages: the envelope. It is read element by element, in any order and \
letter case, and costs the same whatever the message's length: about what libxml2 takes to parse \
and check a message of 1 KB. The difference between *check* and *read + check* is mostly that.
- *journal* and *accept*, few at a time: each message changes threads twice and is written to \
six tables, some in several rows (facts, message, body, delivery, names, sighting) where bare writes one; \
with many at a time they share the commit. To commit in the loop's own thread was tried twice and \
gains nothing now (ADR 2).
- *whole*: beside its stages a message is claimed, which is a commit, and read once more where it \
had to wait for room; its destination's answer is read, judged and learnt from.
- *server*, two processes: every commit takes one lock (ADR 37), so that two send side by side \
but record no more than one, each waiting while a commit of the other goes to disk; and the server \
of the database, the destination and the load share the cores with both.
- *growth*: what is found by its sender's UUID stands in another page of the index each time, and \
there are many more of them. Why claims on a server cost more among many was not found out.

How it is measured:

- The server, the destination and the load are processes of their own, on the cores named above. \
Messages have {size:,} bytes, each is its own document.
- *validation*: each row is one contract, that of the median ratio or the worst. *Check* is the \
check alone. *Read + check* is all that the bus does to a message before it decides: the encoding, \
the limits against hostile input, the parsing, the envelope in any order and letter case, the \
contract. Bare knows the contract and reads no envelope. No figure has the hash of the content, \
which is computed where it is first asked for.
- *accept*: the destination keeps its first messages unanswered, so that all others wait for room; \
each is authenticated, validated, planned, put in its lane and committed before its receipt.
- *whole*: from the first post until the journal knows that everything is delivered, exactly once; \
the destination takes {room} deliveries at a time. The sender fetches its answers, except where it \
says that they are delivered.
- *imports*: each command is a process of its own, on files that are new to it; its start counts.
- *load*: `bus load` of one archive, a process of its own whose start counts; live senders begin \
when its first message has arrived. Measured once, not in rounds.
- *waiting* is the journal alone; *server* the whole way on databases of a PostgreSQL beside it.
- *peers* are measured by `make peers`: HTTP in, the check against the contract, a durable queue, \
HTTP out, the answer read. None of them keeps order, translates, traces, answers or knows a repeat.
- *processor time* is that of the server's process, all threads, a message.
- *latency*: messages arrive at random, and count from the moment they were due.
- A load whose answers are not all right has no figures: it fails.
"""

_BUSY = """**The machine was busy with other work: distrust these figures, and measure again.**

"""


def table(rows: Sequence[Row]) -> str:
    """A table for people."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEADINGS))]
    return "\n".join(_line(line, widths) for line in cells)


def markdown(rows: Sequence[Row]) -> str:
    """The same table for a page."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(machine: Machine, rows: Iterable[Row]) -> dict[str, Any]:
    """Everything, for programs."""
    told = [{**asdict(row), "reached": row.reached} for row in rows]
    for row in told:
        for name in ("ours", "bare", "ratio", "target"):
            row[name] = row[name] and row[name]._asdict()
    return {"machine": asdict(machine), "rows": told}


def page(
    machine: Machine, rows: Sequence[Row], rounds: int, command: str, spent: Sequence[Share] = ()
) -> str:
    """docs/benchmarks.md."""
    today = datetime.now(UTC).date()  # noqa: TID251 - a report is dated
    warning = "" if not machine.busy else _BUSY
    return _PAGE.format(
        warning=warning,
        command=command, date=today, machine=machine.line(), rounds=rounds, size=SIZE, room=ROOM,
        table=markdown(rows), spent=_shares(spent),
    )  # fmt: skip


def _shares(spent: Sequence[Share]) -> str:
    lines = [f"| {one.thread} | {one.package} | {_figure(one.spent)} |" for one in spent]
    return "\n".join(["| thread | spent in | µs a message |", "| --- | --- | --- |", *lines])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.question,
        row.what,
        row.unit,
        _series(row.ours),
        _series(row.bare),
        _series(row.ratio),
        _target(row.target),
        row.reached,
    )


def _series(series: Series | None) -> str:
    if series is None:
        return ""
    if series.least == series.most:
        return _figure(series.median)
    return f"{_figure(series.median)} ({_figure(series.least)}-{_figure(series.most)})"


def _figure(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= LARGE else f"{figure:.2f}"


def _target(target: Target | None) -> str:
    if target is None:
        return ""
    return f"{'≤' if target.falling else '≥'} {target.least:g} ({target.stretch:g})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
