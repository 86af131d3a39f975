"""What the facts alone say of a message: a pure fold, one fact after another (S15).

It never sees a state table, so that `bus verify` has two records to compare. Claims are not facts:
a delivery that a worker holds is `waiting` here until "attempt started", and a worker's step is
taken from an implied claim.

Attempts are kept as bits, attempt 1 as bit 1: a journal has many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bus.core.delivery import DELIVERY_TRANSITIONS, ENDED, Kind, State, Step
from bus.core.effect import EffectVerdict
from bus.journal.facts import UNREADABLE, Data, FactKind, FactRow
from bus.journal.rows import MessageState

LARGEST = 1 << 24
"""No attempt and no place has a larger number, unless somebody damaged it."""


def bit(number: int) -> int:
    """An attempt or a place as a bit; 0 where there is no such number."""
    return 1 << number if 0 < number <= LARGEST else 0


class Illegal(NamedTuple):
    """A step that the facts tell of and the table of deliveries does not have."""

    number: int
    state: State
    step: Step


@dataclass(slots=True)
class ToldDelivery:
    """A delivery as the facts tell of it.

    `seq` is its last place; `superseded` tells that a newer message stands, which may have taken
    that place; `effect` is what asking for it came to last. The attempts: `started` are those told
    as begun, `ended` those whose end their worker told or a lost lease brought, `heard` those of
    which the destination told by itself.
    """

    number: int
    kind: Kind
    destination: str
    lane: str
    seq: int
    state: State
    superseded: bool = False
    effect: EffectVerdict = EffectVerdict.NONE
    started: int = 0
    ended: int = 0
    heard: int = 0

    @property
    def under_way(self) -> int:
        """The attempt that has started and not ended; 0 for none."""
        return self.started.bit_length() - 1 if self.state is State.SENDING else 0


@dataclass(slots=True)
class FoldedMessage:
    """A message as the facts tell of it. Told one fact after another, in their order.

    `arrival` is the state that it arrived in, None before; `arrivals` counts, for there must be
    one. `answer` is the number of the answer last given to the origin (0: none yet), `answer_by`
    the delivery that takes it there (0: none), `planning` one planned for an answer not yet given.
    `unplanned` are numbers of deliveries that something happened to without their having been
    planned.
    """

    arrival: MessageState | None = None
    arrivals: int = 0
    repeats: int = 0
    body_hash: str = ""
    deliveries: tuple[ToldDelivery, ...] = ()
    filtered: bool = False
    erased: bool = False
    answer: int = 0
    answer_by: int = 0
    planning: int = 0
    illegal: tuple[Illegal, ...] = ()
    unplanned: tuple[int, ...] = ()
    unreadable: int = 0

    def tell(self, fact: FactRow) -> tuple[ToldDelivery, ...]:
        """Take one more fact; the deliveries that it gave a place.

        A fact that cannot be read is counted and changes nothing.
        """
        try:
            return _TELLING.get(fact.kind, _nothing)(self, fact)
        except (ValueError, TypeError, KeyError):
            self.unreadable += 1
            return ()

    def delivery(self, number: int) -> ToldDelivery | None:
        """The delivery of a number, if it was planned."""
        return next((one for one in self.deliveries if one.number == number), None)

    @property
    def copies(self) -> tuple[ToldDelivery, ...]:
        """The deliveries of the message itself, without answers to its origin."""
        return tuple(one for one in self.deliveries if one.kind is Kind.COPY)

    def decided(self, answering: int) -> bool:
        """Whether its deliveries decide what its origin is answered; 0: all of them together."""
        copies = self.copies
        if answering:
            return any(one.number == answering and one.state in ENDED for one in copies)
        return bool(copies) and all(one.state in ENDED for one in copies)


# -- arriving --------------------------------------------------------------------------------------


def _accepted(story: FoldedMessage, fact: FactRow) -> tuple[ToldDelivery, ...]:
    data = _data(fact)
    planned = _planned(data, Kind.COPY)
    _arrive(story, MessageState.ACCEPTED, data)
    story.deliveries += planned
    return planned


def _rejected(story: FoldedMessage, fact: FactRow) -> tuple[ToldDelivery, ...]:
    _arrive(story, MessageState.REJECTED, _data(fact))
    return ()


def _arrive(story: FoldedMessage, state: MessageState, data: Data) -> None:
    story.arrivals += 1
    story.arrival = state
    story.body_hash = str(data.get("body", ""))


def _repeated(story: FoldedMessage, _: FactRow) -> tuple[ToldDelivery, ...]:
    story.repeats += 1
    return ()


def _filtered(story: FoldedMessage, _: FactRow) -> tuple[ToldDelivery, ...]:
    story.filtered = True
    return ()


def _erased(story: FoldedMessage, _: FactRow) -> tuple[ToldDelivery, ...]:
    story.erased = True
    return ()


# -- answering -------------------------------------------------------------------------------------


def _answer_planned(story: FoldedMessage, fact: FactRow) -> tuple[ToldDelivery, ...]:
    planned = _planned(_data(fact), Kind.ANSWER)
    story.deliveries += planned
    story.planning = fact.number
    return planned


def _answered(story: FoldedMessage, fact: FactRow) -> tuple[ToldDelivery, ...]:
    story.answer, story.answer_by, story.planning = fact.number, story.planning, 0
    return ()


# -- delivering ------------------------------------------------------------------------------------


def _started(_: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    told.started |= bit(fact.attempt)
    if told.state is State.WAITING:
        told.state = State.SENDING


def _lease_lost(_: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    """What was claimed stops being so: the next step is taken from `sending`."""
    told.ended |= told.started & bit(fact.attempt)
    if told.state is State.WAITING:
        told.state = State.SENDING


def _ended(story: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    _late(story, told, fact)
    if told.state is State.WAITING:
        told.state = State.SENDING
    _step(story, told, Step(fact.step))


def _late(_: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    """An end that moves nothing: the worker's own news, or the destination's."""
    if fact.actor == told.destination:
        told.heard |= bit(fact.attempt)
    else:
        told.ended |= bit(fact.attempt)


def _moved(story: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    step = Step(fact.step)
    if not _step(story, told, step):
        return
    if step is Step.SUPERSEDE:
        told.superseded = True
    if step is Step.REPLAY:
        told.seq = int(str(_data(fact)["seq"]))


def _step(story: FoldedMessage, told: ToldDelivery, step: Step) -> bool:
    after = DELIVERY_TRANSITIONS[told.state].get(step)
    if after is None:
        story.illegal += (Illegal(told.number, told.state, step),)
        return False
    told.state = after
    return True


def _effect_told(_: FoldedMessage, told: ToldDelivery, fact: FactRow) -> None:
    told.effect = EffectVerdict(fact.kind.removeprefix("effect "))


# -- facts by kind ---------------------------------------------------------------------------------

_Telling = Callable[[FoldedMessage, FactRow], tuple[ToldDelivery, ...]]


def _of_delivery(tell: Callable[[FoldedMessage, ToldDelivery, FactRow], None]) -> _Telling:
    """A fact about one delivery, which must have been planned; it may give it another place."""

    def telling(story: FoldedMessage, fact: FactRow) -> tuple[ToldDelivery, ...]:
        told = story.delivery(fact.number)
        if told is None:
            if fact.number not in story.unplanned:
                story.unplanned += (fact.number,)
            return ()
        before = told.seq
        tell(story, told, fact)
        return (told,) if told.seq != before else ()

    return telling


def _nothing(_: FoldedMessage, __: FactRow) -> tuple[ToldDelivery, ...]:
    return ()


_TELLING: dict[str, _Telling] = {
    FactKind.ACCEPTED: _accepted,
    FactKind.REJECTED: _rejected,
    FactKind.REPEATED: _repeated,
    FactKind.FILTERED: _filtered,
    FactKind.ERASED: _erased,
    FactKind.PLANNED: _answer_planned,
    FactKind.ANSWERED: _answered,
    FactKind.STARTED: _of_delivery(_started),
    FactKind.LEASE_EXPIRED: _of_delivery(_lease_lost),
    FactKind.ENDED: _of_delivery(_ended),
    FactKind.LATE_OUTCOME: _of_delivery(_late),
    FactKind.STATE_CHANGED: _of_delivery(_moved),
    FactKind.EFFECT_CONFIRMED: _of_delivery(_effect_told),
    FactKind.EFFECT_ABSENT: _of_delivery(_effect_told),
    FactKind.EFFECT_NOT_CHECKABLE: _of_delivery(_effect_told),
}


def _data(fact: FactRow) -> Data:
    if UNREADABLE in fact.data:
        raise ValueError(fact.data)
    return fact.data


def _planned(data: Data, kind: Kind) -> tuple[ToldDelivery, ...]:
    planned = data["planned"]
    if not isinstance(planned, list):
        raise TypeError(planned)
    return tuple(
        ToldDelivery(int(number), kind, str(destination), str(lane), int(seq), State(state))
        for number, destination, lane, seq, state in planned
    )
