"""Waits for an id that is there: whoever waits so was not woken (D9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from bus.core.delivery import State
from bus.core.translation import Known, MissingId, ids_of
from bus.engine.verify.discrepancy import Breach, Discrepancy, discrepancy
from bus.journal.depara_rows import WaitRow
from bus.journal.facts import FactKind, FactRow
from bus.ports.depara import CrossReference
from bus.ports.history import Trace
from depara.model import Key

AT_ONCE = 500
"""Waits whose ids are looked up at once."""


async def suspicious(crossreference: CrossReference, waits: Iterable[WaitRow]) -> set[str]:
    """The messages with a wait for a thing that the reader has an id of."""
    found: set[str] = set()
    rest = iter(waits)
    while some := [*islice(rest, AT_ONCE)]:
        known = await crossreference.known({wait.key for wait in some})
        found |= {
            wait.message
            for wait in some
            if any(row.application == wait.reader for row in known.get(wait.key, ()))
        }
    return found


def needless(trace: Trace, known: Known) -> Iterator[Discrepancy]:
    """The deliveries of a message that wait though everything that they wait for is known."""
    waiting = {row.number for row in trace.deliveries if row.state == State.AWAITING_DEPARA}
    for number, its in groupby(sorted(trace.waits, key=_number), _number):
        wanted = [*_wanted(trace.facts, number, tuple(its))]
        if number in waiting and all(one and len(ids_of(one, known)) == 1 for one in wanted):
            keys = ", ".join(sorted({f"{one.key.entity} {one.key.id}" for one in wanted if one}))
            yield discrepancy(Breach.WAIT_NEEDLESS, trace.message.id, number, ids=keys)


def _number(wait: WaitRow) -> int:
    return wait.number


def _wanted(
    facts: Sequence[FactRow], number: int, waits: Sequence[WaitRow]
) -> Iterator[MissingId | None]:
    """What a delivery waits for; None where an id that is known does not end the wait, or where
    the facts, of an older journal, do not tell whether it does.
    """
    for path in sorted({wait.path for wait in waits}):
        mine = [wait for wait in waits if wait.path == path]
        told: Mapping[str, Any] | None = next(
            (fact.data for fact in reversed(facts) if _tells(fact, number, path)), None
        )
        if told is None or told["at_reader"]:
            yield None
            continue
        first = Key(*told["wanted"])
        keys = dict.fromkeys([first, *(wait.key for wait in mine)])
        readers = dict.fromkeys([str(told["reader"]), *(wait.reader for wait in mine)])
        scopes = tuple((wait.reader, wait.reader_scope) for wait in mine)
        yield MissingId(
            tuple(keys), path, tuple(readers), "", str(told["qualifier"]), elsewhere=scopes
        )


def _tells(fact: FactRow, number: int, path: str) -> bool:
    return (
        fact.kind == FactKind.ID_MISSING
        and fact.number == number
        and fact.data.get("path") == path
        and "at_reader" in fact.data
    )
