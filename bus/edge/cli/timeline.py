"""The story of a message as a person reads it: line by line, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from bus.core.delivery import Kind, State
from bus.core.errors import Fault
from bus.core.fault_texts import LOOK_AND_SAY
from bus.core.text import Language, same, visible
from bus.edge.story import (
    AwaitedId,
    LearntIds,
    Story,
    StoryAttempt,
    StoryDelivery,
    StoryFact,
    UnlearntIds,
)
from bus.edge.verbs.load import LOADED_BY
from bus.edge.words.command_line import (
    EFFECT_WORDS,
    FACT_WORDS,
    OUTCOME_WORDS,
    OWNER_WORDS,
    SETTLED_WORDS,
    STEP_WORDS,
    UNLEARNT_WORDS,
    behind,
    reason_in,
    say,
    state_in,
)
from bus.edge.words.pairs import id_of, provided
from bus.edge.words.times import since, time_of
from bus.journal.facts import FactKind
from bus.journal.rows import DeliveryRow, MessageRow, MessageState

INDENT = " " * 38
DUE_WORDS = {
    State.AWAITING_DEPARA: "until",
    State.UNKNOWN: "asked",
    State.DELIVERED: "effect_asked",
}
"""What is told of the time at which the bus acts by itself; where nothing is here: `due`."""


def timeline(story: Story, language: Language, zone: tzinfo | None = None) -> str:
    """What a message is, what happened when, and how it stands, a line each.

    Times are those of `zone`, or of the machine.
    """
    return "\n".join(map(visible, _Teller(language, zone).lines(story)))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells stories in a language, with the times of a zone."""

    language: Language
    zone: tzinfo | None

    def lines(self, story: Story) -> Iterator[str]:
        yield from self._heading(story.message)
        yield ""
        before = story.message.received_at
        for fact in story.facts:
            moment = f"{time_of(fact.row.at, self.zone)} {since(before, fact.row.at):>12}"
            subject = _subject(fact.delivery) if fact.delivery else ""
            yield "  ".join(part for part in (moment, subject, self._happened(fact)) if part)
            yield from (INDENT + line for line in self._details(fact, story))
            before = fact.row.at
        yield ""
        yield from self._standing(story)

    def _say(self, word: str, **details: object) -> str:
        return say(word, self.language, **details)

    # -- what it is --------------------------------------------------------------------------------

    def _heading(self, message: MessageRow) -> Iterator[str]:
        what = f"{message.transaction} {message.version}".strip() or "?"
        yield f"{what}  {message.event}".rstrip()
        yield f"  {self._say('message')} {message.id}  UUID {message.uuid or '-'}"
        carrier = "bus load" if message.remote.startswith(LOADED_BY) else message.carrier
        origin = f"{self._say('from')} {message.sender} {self._say('by')} {carrier}"
        yield f"  {origin}  {self._say('received')} {time_of(message.received_at, self.zone)}"
        if message.document:
            yield f"  {self._say('document')} {message.document}"
        if message.parent:
            yield f"  {self._say('parent')} {message.parent}"

    # -- what happened -----------------------------------------------------------------------------

    def _happened(self, fact: StoryFact) -> str:
        words = FACT_WORDS[fact.kind].filled(attempt=fact.row.attempt).told(self.language)
        if fact.outcome:
            words += ": " + OUTCOME_WORDS[fact.outcome].told(self.language)
        if not (fact.step and fact.state):
            return words
        settled = SETTLED_WORDS.get(fact.step) if _by_a_person(fact) else None
        words_of = settled.filled(actor=fact.row.actor) if settled else STEP_WORDS[fact.step]
        moved = words_of.told(self.language)
        state = state_in(fact.state, self.language)
        if moved != state:
            moved += f" → {state}"
        return f"{words}; {moved}" if words else moved

    def _details(self, fact: StoryFact, story: Story) -> Iterator[str]:
        yield from (f"{number} → {destination}" for number, destination in fact.planned)
        if fact.kind in {FactKind.REJECTED, FactKind.ACCEPTED}:
            yield from self._faults(story.faults)
        if fact.attempt:
            yield from self._changes(fact.attempt)
            yield from self._faults(fact.attempt.faults)
        elif fact.complaints:
            yield from self._faults(fact.complaints)
        elif fact.ids:
            yield from self._ids(fact.ids)
        elif fact.fault:
            yield from self._faults((fact.fault,))
        elif fact.row.reason:
            who = f"{fact.row.actor}: " if fact.row.actor else ""
            yield f"{who}{reason_in(fact.row.reason, self.language)}"

    def _faults(self, faults: tuple[Fault, ...]) -> Iterator[str]:
        for fault in faults:
            place = f"{fault.path}:{fault.line}" if fault.line else fault.path
            said = f"{place}: {fault.reason(self.language)}".removeprefix(": ")
            yield f"{said} ({fault.code})"
            owner = OWNER_WORDS[fault.owner].told(self.language)
            yield f"→ {owner}: {fault.remedy(self.language)}"

    def _changes(self, attempt: StoryAttempt) -> Iterator[str]:
        for swap in attempt.swaps:
            word = "left_out" if swap.after is None else "substituted"
            yield self._say(word, **swap._asdict())
        done = attempt.transformation
        if done:
            yield self._say("transformed", before=done.source, after=done.target)
            yield from (self._say("lost", **one._asdict()) for one in done.lost)

    def _ids(self, ids: AwaitedId | LearntIds | UnlearntIds) -> Iterator[str]:
        match ids:
            case AwaitedId():
                yield self._lacks(ids)
            case LearntIds():
                yield from self._learnt(ids)
            case UnlearntIds(name, origin, destination, reason):
                yield f"{name}: {origin} = {destination}"
                yield (UNLEARNT_WORDS.get(reason) or same(reason)).told(self.language)

    def _lacks(self, awaited: AwaitedId) -> str:
        key, reader, path, provider, message = awaited
        told = {"entity": key.entity, "id": id_of(key), "reader": reader, "path": path}
        return self._say("lacks", **told, provider=provided(provider, message, self.language))

    def _learnt(self, learnt: LearntIds) -> Iterator[str]:
        change = self._say("change", number=learnt.change)
        for key in learnt.closed:
            yield self._say("closed", entity=key.entity, id=id_of(key), change=change)
        if learnt.pair:
            one, other = learnt.pair
            pair = f"{one.entity} {id_of(one)} = {id_of(other)}"
            conflict = self._say("in_conflict", pair=pair, number=learnt.conflict)
            yield conflict if learnt.conflict else f"{pair} ({change})"

    # -- how it stands -----------------------------------------------------------------------------

    def _standing(self, story: Story) -> Iterator[str]:
        yield f"{self._say('now')}:"
        if story.message.state is MessageState.REJECTED:
            yield f"  {self._say('rejected')}"
            return
        for delivery in story.deliveries:
            yield "  " + self._stands(delivery)
            yield from (f"      {self._lacks(one)}" for one in delivery.awaits[1:])
            if delivery.untold:
                yield from (f"      {line}" for line in self._faults((delivery.untold,)))
            elif delivery.row.state is State.UNKNOWN and delivery.row.due_at is None:
                yield f"      → {self._look_and_say(delivery.row)}"
            if delivery.ahead and delivery.ahead.fault:
                yield from (f"      {line}" for line in self._faults((delivery.ahead.fault,)))
            if delivery.steps:
                yield f"      {self._say('steps', names=', '.join(delivery.steps))}"
        if not story.deliveries:
            yield f"  {self._say('no_deliveries')}"
        answer = story.answer
        told = self._say("answer", status=answer.status) if answer else self._say("no_answer")
        yield f"  {told}"

    def _look_and_say(self, row: DeliveryRow) -> str:
        """How a person ends a doubt that an attempt told of: its sender cannot."""
        told = LOOK_AND_SAY.filled(application=row.destination, message=row.message)
        return told.told(self.language)

    def _stands(self, delivery: StoryDelivery) -> str:
        row = delivery.row
        told = [f"{_subject(row)}: {state_in(row.state, self.language)}"]
        awaits = row.state is State.AWAITING_DEPARA
        told += (self._lacks(one) for one in delivery.awaits[:1])
        pause = delivery.pause
        if pause and pause.paused_until >= (row.due_at or 0):
            at = time_of(pause.paused_until, self.zone)
            told.append(self._say("paused", application=row.destination, at=at))
        elif row.due_at is not None and row.state is not State.SENDING:
            word = DUE_WORDS.get(row.state, "due")
            told.append(self._say(word, at=time_of(row.due_at, self.zone)))
        elif delivery.ahead:
            told.append(behind(delivery.ahead, self.language))
        elif row.state is State.WAITING:
            told.append(self._say("behind"))
        if row.why and not awaits:
            told.append(reason_in(row.why, self.language))
        if row.effect:
            told.append(EFFECT_WORDS[row.effect].told(self.language))
        return "; ".join(told)


def _by_a_person(fact: StoryFact) -> bool:
    """Whether a move is a person's act: no attempt ended by it, and no destination told it."""
    actor = fact.row.actor
    return (
        fact.kind is FactKind.STATE_CHANGED
        and fact.delivery is not None
        and actor not in {"", fact.delivery.destination}
    )


def _subject(row: DeliveryRow) -> str:
    return f"{row.number} {'→' if row.kind is Kind.COPY else '↩'} {row.destination}"
