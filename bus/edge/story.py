"""The story of one message, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from bus.core.delivery import DELIVERY_TRANSITIONS, Kind, State, Step
from bus.core.outcome import Outcome
from bus.core.text import Language
from bus.edge.http.asgi import fault_to_dict
from bus.edge.words.command_line import (
    FACT_WORDS,
    OUTCOME_WORDS,
    OWNER_WORDS,
    STEP_WORDS,
    say,
    state_in,
)
from bus.edge.words.pairs import awaited, pair_details
from bus.engine.answers import faults_from_json
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import MICROSECONDS, AttemptRow, DeliveryRow, MessageRow, MessageState
from bus.ports.history import Trace

LEADS_TO: dict[Step, State] = {
    step: state for steps in DELIVERY_TRANSITIONS.values() for step, state in steps.items()
}
"""The state that a step ends in: each ends in one alone, wherever it begins."""

OF_PAIRS = frozenset({FactKind.ID_MISSING, FactKind.LEARNT, FactKind.NOT_LEARNT, FactKind.CONFLICT})
"""Facts about ids; their reason is a code."""

INDENT = " " * 38


def timeline(trace: Trace, language: Language, zone: tzinfo | None = None) -> str:
    """A message's story, line by line: what it is, what happened when, and how it stands.

    Times are those of `zone`, or of the machine.
    """
    return "\n".join(_lines(trace, language, zone))


def trace_as_json(trace: Trace, language: Language) -> dict[str, Any]:
    """Everything of a message as plain values; faults are told, times are µs since 1970 UTC."""
    message = _plain(trace.message, language)
    return {
        **message,
        "deliveries": [_plain(row, language) for row in trace.deliveries],
        "attempts": [_plain(row, language) for row in trace.attempts],
        "answers": [_plain(row, language) for row in trace.answers],
        "facts": [_plain(row, language) for row in trace.facts],
    }


def time_of(at: int, zone: tzinfo | None = None) -> str:
    """A time of the journal as people read it: `2026-01-31 10:00:00.123`."""
    moment = datetime.fromtimestamp(at // MICROSECONDS, tz=UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at % MICROSECONDS // 1000:03d}"


def since(before: int, at: int) -> str:
    """How much later something happened: `+12 ms`, `+5.2 s`, `+3 min 20 s`, `+2 h 5 min`."""
    milliseconds = (at - before) // 1000
    seconds = milliseconds // 1000
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"+{milliseconds} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"+{milliseconds / 1000:.1f} s"
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return f"+{seconds // 60} min {seconds % 60} s"
    if seconds < 86400:  # noqa: PLR2004 - a day
        return f"+{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"+{seconds // 86400} d {seconds % 86400 // 3600} h"


def _lines(trace: Trace, language: Language, zone: tzinfo | None) -> Iterator[str]:
    yield from _heading(trace.message, language, zone)
    yield ""
    before = trace.message.received_at
    for fact in trace.facts:
        yield _line(fact, trace, before, language, zone)
        yield from (INDENT + line for line in _details(fact, trace, language))
        before = fact.at
    yield ""
    yield from _standing(trace, language, zone)


# -- what it is ------------------------------------------------------------------------------------


def _heading(message: MessageRow, language: Language, zone: tzinfo | None) -> Iterator[str]:
    what = f"{message.transaction} {message.version}".strip() or "?"
    yield f"{what}  {message.event}".rstrip()
    yield f"  {say('message', language)} {message.id}  UUID {message.uuid or '-'}"
    origin = f"{say('from', language)} {message.sender} {say('by', language)} {message.carrier}"
    yield f"  {origin}  {say('received', language)} {time_of(message.received_at, zone)}"
    if message.document:
        yield f"  {say('document', language)} {message.document}"
    if message.parent:
        yield f"  {say('parent', language)} {message.parent}"


# -- what happened ---------------------------------------------------------------------------------


def _line(fact: FactRow, trace: Trace, before: int, language: Language, zone: tzinfo | None) -> str:
    parts = [_subject(fact, trace), _happened(fact, language)]
    told = "  ".join(part for part in parts if part)
    return f"{time_of(fact.at, zone)} {since(before, fact.at):>12}  {told}"


def _subject(fact: FactRow, trace: Trace) -> str:
    row = _delivery(trace, fact.number)
    if row is None:
        return ""
    return f"{row.number} {'→' if row.kind is Kind.COPY else '↩'} {row.destination}"


def _happened(fact: FactRow, language: Language) -> str:
    words = FACT_WORDS[FactKind(fact.kind)].filled(attempt=fact.attempt).told(language)
    outcome = json.loads(fact.data or "{}").get("outcome")
    if outcome:
        words += ": " + OUTCOME_WORDS[Outcome(outcome)].told(language)
    if not fact.step:
        return words
    step = Step(fact.step)
    moved, state = STEP_WORDS[step].told(language), state_in(LEADS_TO[step], language)
    if moved != state:
        moved += f" → {state}"
    return f"{words}; {moved}" if words else moved


def _details(fact: FactRow, trace: Trace, language: Language) -> Iterator[str]:
    data: dict[str, Any] = json.loads(fact.data or "{}")
    for number, destination, *_ in data.get("planned", ()):
        if fact.kind == FactKind.ACCEPTED:
            yield f"{number} → {destination}"
    if fact.kind == FactKind.REJECTED:
        yield from _faults(trace.message.faults, language)
    attempt = _attempt(trace, fact)
    if attempt and fact.kind in {FactKind.ENDED, FactKind.LATE_OUTCOME}:
        yield from _substitutions(attempt.substitutions, language)
        yield from _faults(attempt.fault, language)
    elif fact.kind in OF_PAIRS:
        yield from pair_details(fact, language)
    elif fact.reason:
        who = f"{fact.actor}: " if fact.actor else ""
        yield f"{who}{fact.reason}"


def _faults(text: str, language: Language) -> Iterator[str]:
    for fault in faults_from_json(text):
        place = f"{fault.path}:{fault.line}" if fault.line else fault.path
        yield f"{place}: {fault.reason(language)}".removeprefix(": ")
        yield f"→ {OWNER_WORDS[fault.owner].told(language)}: {fault.remedy(language)}"


def _substitutions(text: str, language: Language) -> Iterator[str]:
    for one in json.loads(text):
        yield say(_change_word(one), language, **one)
        for path, times in one.get("lost", ()):
            yield say("lost", language, path=path, times=times)


def _change_word(change: dict[str, Any]) -> str:
    if "lost" in change:
        return "transformed"
    return "left_out" if change["after"] is None else "substituted"


# -- how it stands ---------------------------------------------------------------------------------


def _standing(trace: Trace, language: Language, zone: tzinfo | None) -> Iterator[str]:
    yield f"{say('now', language)}:"
    message = trace.message
    if message.state is MessageState.REJECTED:
        yield f"  {say('rejected', language)}"
        return
    for row in trace.deliveries:
        lacks = list(awaited(row, trace.facts, language))
        yield "  " + _stands(row, lacks, language, zone)
        yield from (f"      {one}" for one in lacks[1:])
    if not trace.deliveries:
        yield f"  {say('no_deliveries', language)}"
    answer = next((row for row in trace.answers if row.number == message.answer), None)
    if answer:
        yield f"  {say('answer', language, status=answer.status)}"
    else:
        yield f"  {say('no_answer', language)}"


def _stands(row: DeliveryRow, lacks: list[str], language: Language, zone: tzinfo | None) -> str:
    arrow = "→" if row.kind is Kind.COPY else "↩"
    told = [f"{row.number} {arrow} {row.destination}: {state_in(row.state, language)}"]
    awaits = row.state is State.AWAITING_DEPARA
    told += lacks[:1]
    if row.due_at is not None and row.state is not State.SENDING:
        told.append(say("until" if awaits else "due", language, at=time_of(row.due_at, zone)))
    elif row.state is State.WAITING:
        told.append(say("behind", language))
    if row.reason and not awaits:
        told.append(row.reason)
    return "; ".join(told)


# -- finding and showing ---------------------------------------------------------------------------


def _delivery(trace: Trace, number: int) -> DeliveryRow | None:
    return next((row for row in trace.deliveries if row.number == number), None)


def _attempt(trace: Trace, fact: FactRow) -> AttemptRow | None:
    key = (fact.number, fact.attempt)
    return next((row for row in trace.attempts if (row.number, row.attempt) == key), None)


def _plain(row: Any, language: Language) -> dict[str, Any]:  # noqa: ANN401 - any row of the journal
    """A row with its JSON read, its faults told and its bytes as text."""
    plain: dict[str, Any] = row._asdict()
    for name, value in plain.items():
        if name in {"faults", "fault"}:
            plain[name] = [fault_to_dict(one, language) for one in faults_from_json(value)]
        elif name in {"substitutions", "data"}:
            plain[name] = json.loads(value)
        elif isinstance(value, bytes):
            plain[name] = value.decode("utf-8", "replace")
    return plain
