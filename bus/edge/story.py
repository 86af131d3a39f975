"""The story of a message as a value: what it is, what happened, how it stands; in no language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bus.core.bridge import Transformation
from bus.core.delivery import DELIVERY_TRANSITIONS, State, Step
from bus.core.errors import Fault
from bus.core.outcome import Outcome
from bus.core.translation import Swap
from bus.journal.depara_rows import Provider
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import AnswerRow, ApplicationRow, AttemptRow, DeliveryRow, MessageRow
from bus.journal.standing import standing_fault
from bus.ports.history import Ahead, Trace
from depara.model import Key

LEADS_TO: dict[Step, State] = {
    step: state for steps in DELIVERY_TRANSITIONS.values() for step, state in steps.items()
}
"""The state that a step ends in: each ends in one alone, wherever it begins."""


class AwaitedId(NamedTuple):
    """An id without a pair: what it names, who would read it where, and what would bring it."""

    key: Key
    reader: str
    path: str
    provider: Provider
    message: str


class LearntIds(NamedTuple):
    """What a change of the de-para did: two ids that name one thing, or ids that it closed.

    With a conflict's number the two are said to name one thing, against what was known.
    """

    change: int
    pair: tuple[Key, Key] | None = None
    closed: tuple[Key, ...] = ()
    conflict: int = 0


class UnlearntIds(NamedTuple):
    """An entry of an answer that taught nothing, and the code of why."""

    name: str
    origin: str
    destination: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoryAttempt:
    """A try of a delivery: what came of it (None: under way), what was wrong, what it changed.

    Where the delivery was withdrawn after it, the faults say that it will not be sent.
    """

    row: AttemptRow
    outcome: Outcome | None
    faults: tuple[Fault, ...]
    swaps: tuple[Swap, ...]
    transformation: Transformation | None


@dataclass(frozen=True, slots=True)
class StoryFact:
    """Something that happened, with the delivery and the finished attempt that it is about.

    `planned` are number and destination of the copies that an acceptance planned; `complaints` what
    an answer has wrong; `fault` is why an effect is not confirmed.
    """

    row: FactRow
    kind: FactKind
    step: Step | None = None
    outcome: Outcome | None = None
    delivery: DeliveryRow | None = None
    attempt: StoryAttempt | None = None
    planned: tuple[tuple[int, str], ...] = ()
    ids: AwaitedId | LearntIds | UnlearntIds | None = None
    complaints: tuple[Fault, ...] = ()
    fault: Fault | None = None

    @property
    def state(self) -> State | None:
        """Where its step left the delivery; None where nothing moved."""
        return LEADS_TO[self.step] if self.step else None


@dataclass(frozen=True, slots=True)
class StoryDelivery:
    """A delivery as it stands, its attempts in order, and the ids that it waits for.

    `steps` are the calls of a send that were recorded as made, while it is not over; `ahead` is
    what it waits behind in its lane, `pause` how its destination is, where that is left alone;
    `complaints` are what its reader's answers have wrong; `fault` is why it stands where it stands,
    where anything is to be told.
    """

    row: DeliveryRow
    attempts: tuple[StoryAttempt, ...]
    awaits: tuple[AwaitedId, ...]
    steps: tuple[str, ...] = ()
    ahead: Ahead | None = None
    complaints: tuple[Fault, ...] = ()
    fault: Fault | None = None
    pause: ApplicationRow | None = None

    @property
    def untold(self) -> Fault | None:
        """The fault, where the story of no attempt tells it."""
        told = [one.row.fault for one in self.attempts[-1:]]
        return None if self.fault in told else self.fault


@dataclass(frozen=True, slots=True)
class Story:
    """All of a message. `faults` are why it was rejected, or what its routes only warned of."""

    message: MessageRow
    faults: tuple[Fault, ...]
    deliveries: tuple[StoryDelivery, ...]
    facts: tuple[StoryFact, ...]
    answers: tuple[AnswerRow, ...]

    @property
    def answer(self) -> AnswerRow | None:
        """The answer that the origin has or gets; None while there is none."""
        return next((row for row in self.answers if row.number == self.message.answer), None)


def story_of(trace: Trace) -> Story:
    """The story that the journal of a message tells."""
    given_up = _given_up(trace.facts)
    attempts = {
        key: _attempt(row, given_up=key in given_up)
        for row in trace.attempts
        for key in ((row.number, row.attempt),)
    }
    rows = {row.number: row for row in trace.deliveries}
    facts = tuple(_fact(fact, rows, attempts) for fact in trace.facts)
    deliveries = tuple(
        StoryDelivery(
            row,
            tuple(one for (number, _), one in attempts.items() if number == row.number),
            tuple(_awaited(row, facts)),
            tuple(one.name for one in trace.progress if one.number == row.number),
            next((one for one in trace.ahead if one.number == row.number), None),
            tuple(
                one for fact in facts if fact.row.number == row.number for one in fact.complaints
            ),
            standing_fault(row, _last_fault(trace.attempts, row.number)),
            next((one for one in trace.pauses if _is_held_by(row, one)), None),
        )
        for row in trace.deliveries
    )
    return Story(trace.message, trace.message.faults, deliveries, facts, trace.answers)


def _is_held_by(row: DeliveryRow, pause: ApplicationRow) -> bool:
    """Whether a delivery is not sent because its destination is left alone."""
    return row.state is State.WAITING and not row.behind and row.destination == pause.name


def _last_fault(attempts: Iterable[AttemptRow], number: int) -> Fault | None:
    """What the last try of a delivery met."""
    tried = [one for one in attempts if one.number == number]
    return max(tried, key=lambda one: one.attempt).fault if tried else None


def _given_up(facts: Iterable[FactRow]) -> set[tuple[int, int]]:
    """Number and attempt of the tries after which a delivery was withdrawn."""
    last: dict[int, int] = {}
    found: set[tuple[int, int]] = set()
    for fact in facts:
        last[fact.number] = fact.attempt or last.get(fact.number, 0)
        if fact.step == Step.WITHDRAW:
            found.add((fact.number, last[fact.number]))
    return found


def _attempt(row: AttemptRow, *, given_up: bool) -> StoryAttempt:
    outcome = Outcome(row.outcome) if row.outcome else None
    faults = (row.fault,) if row.fault else ()
    told = tuple(one.taken_back() for one in faults) if given_up else faults
    return StoryAttempt(row, outcome, told, *row.substitutions)


def _fact(
    row: FactRow,
    deliveries: Mapping[int, DeliveryRow],
    attempts: Mapping[tuple[int, int], StoryAttempt],
) -> StoryFact:
    kind = FactKind(row.kind)
    data: Mapping[str, Any] = row.data
    ends = kind in {FactKind.ENDED, FactKind.LATE_OUTCOME}
    planned = data.get("planned", ()) if kind is FactKind.ACCEPTED else ()
    return StoryFact(
        row,
        kind,
        step=Step(row.step) if row.step else None,
        outcome=Outcome(data["outcome"]) if data.get("outcome") else None,
        delivery=deliveries.get(row.number),
        attempt=attempts.get((row.number, row.attempt)) if ends else None,
        planned=tuple((number, destination) for number, destination, *_ in planned),
        ids=_ids(kind, row.reason, data),
        complaints=(Fault.of(data),) if kind is FactKind.ANSWER_DIFFERS else (),
        fault=Fault.of(data["fault"]) if "fault" in data else None,
    )


def _ids(
    kind: FactKind, reason: str, data: Mapping[str, Any]
) -> AwaitedId | LearntIds | UnlearntIds | None:
    """What a fact of the de-para is about; None for other facts."""
    match kind:
        case FactKind.ID_MISSING:
            key, provider = Key(*data["wanted"]), Provider(data["provider"])
            return AwaitedId(key, data["reader"], data["path"], provider, data["message"])
        case FactKind.LEARNT | FactKind.CONFLICT if "closed" in data:
            return LearntIds(data["change"], closed=tuple(Key(*one) for one in data["closed"]))
        case FactKind.LEARNT | FactKind.CONFLICT:
            pair = Key(*data["one"]), Key(*data["other"])
            return LearntIds(data["change"], pair, conflict=data.get("conflict", 0))
        case FactKind.NOT_LEARNT:
            return UnlearntIds(data["name"], data["origin"], data["destination"], reason)
        case _:
            return None


def _awaited(row: DeliveryRow, facts: Iterable[StoryFact]) -> Iterator[AwaitedId]:
    """The ids that a delivery waits for: those that its last miss named."""
    if row.state is not State.AWAITING_DEPARA:
        return
    awaited: dict[tuple[Key, str], AwaitedId] = {}
    for fact in facts:
        if fact.row.number != row.number:
            continue
        if fact.step is Step.AWAIT_DEPARA:
            awaited.clear()
        elif isinstance(fact.ids, AwaitedId):
            awaited[fact.ids.key, fact.ids.path] = fact.ids  # what was told last holds
    yield from awaited.values()
