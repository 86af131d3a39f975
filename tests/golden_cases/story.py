"""The story that the journal tells of a golden case: without times, ids and chance."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import Any

from bus.journal.facts import FactRow
from bus.ports.history import Filter, History, Trace

EVERYTHING = Filter(limit=1000)

_FACT = re.compile(r"""\{\s+("kind": .*),\s+("step": .*),\s+("reason": .*)\s+\}""")


async def story_of(history: History) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """All messages of a journal in order, and the number of each by its id.

    The facts of each delivery stand by it: deliveries run beside each other.
    """
    ids = [message.id for message, _ in reversed(await history.messages(EVERYTHING))]
    traces = [trace for one in ids if (trace := await history.trace(one))]
    numbers = {one: number for number, one in enumerate(ids, 1)}
    return numbers, [_message(trace) for trace in traces]


def written(story: object) -> str:
    """A story as trace.json has it: each fact is a line."""
    text = json.dumps(story, indent=2, ensure_ascii=False)
    return _FACT.sub(r"{\1, \2, \3}", text) + "\n"


def _message(trace: Trace) -> dict[str, Any]:
    row = trace.message
    answers = [one.status for one in trace.answers if one.number == row.answer]
    return {
        "message": " ".join(filter(None, (row.transaction, row.version, row.event or row.type))),
        "uuid": row.uuid,
        "from": row.sender,
        "by": row.carrier,
        "state": row.state,
        "mode": row.mode,
        "faults": [one.code for one in row.faults],
        "answer": answers[0] if answers else "",
        "facts": _facts(trace, 0),
        "deliveries": [
            {
                "number": one.number,
                "kind": one.kind,
                "to": one.destination,
                "state": one.state,
                "reason": one.why,
                "facts": _facts(trace, one.number),
            }
            for one in trace.deliveries
        ],
    }


def _facts(trace: Trace, number: int) -> list[dict[str, str]]:
    """The facts of a delivery, 0 for those of the message itself, in order.

    How often one that is away was tried is chance: tries in a row that found nobody are told once.
    """
    told: list[dict[str, str]] = []
    before: list[dict[str, str]] = []
    facts = [one for one in trace.facts if one.number == number]
    for _, attempt in groupby(facts, key=lambda one: one.attempt):
        some = [_fact(one) for one in attempt]
        if some != before or some[-1]["reason"] != "UNREACHABLE":
            told += some
        before = some
    return told


def _fact(fact: FactRow) -> dict[str, str]:
    return {"kind": fact.kind, "step": fact.step, "reason": fact.reason}
