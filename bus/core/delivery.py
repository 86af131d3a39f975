"""The life of a delivery: one table, from which the docs' diagram is drawn.

The rules, above the table that carries them out:

* `delivered` is final: no step leaves it.
* Only a worker that holds the lease moves a delivery out of `sending`. Late news may settle an
  `unknown`; an OK also ends what waits to be sent again, and says how a try under way ends (S10).
* `unknown` is not failed: it ends by news, by a repeat where that is safe, by what the destination
  says when it is asked, or by a person (S11).
* What a synchronous sender was told is ERROR is never sent later by the bus alone: `withdraw` ends
  in `discarded`, and where an earlier try was sent, `doubt` in `unknown` (S12).
* A person may send again what was refused, dead or unknown, hold what waits, and give up what has
  not been delivered.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bus.core.text import Text


class Kind(StrEnum):
    """What a delivery carries."""

    COPY = "copy"  # the message itself
    ANSWER = "answer"  # its ResponseMessage, to its origin


class State(StrEnum):
    """Where a delivery stands."""

    HELD = "held"
    WAITING = "waiting"
    AWAITING_DEPARA = "awaiting de-para"
    SENDING = "sending"
    AWAITING_RESPONSE = "awaiting response"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DEAD = "dead"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    DISCARDED = "discarded"


class Step(StrEnum):
    """What may happen to a delivery."""

    RELEASE = "release"
    CLAIM = "claim"
    POSTPONE = "postpone"
    AWAIT_DEPARA = "await de-para"
    RESUME = "resume"
    AWAIT_RESPONSE = "await response"
    DELIVER = "deliver"
    REFUSE = "refuse"
    MARK_UNKNOWN = "mark unknown"
    ASK = "ask"
    GIVE_UP = "give up"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    REPLAY = "replay"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DISCARD = "discard"


class Reason(StrEnum):
    """Why a delivery stands where it stands, as far as the bus itself decides by it.

    The comment is the meaning. Those with words for people have them in `bus.core.fault_texts`.
    """

    NONE = ""  # it goes its way
    FAULT = "FAULT"  # as the fault of its last attempt says
    PERSON = "PERSON"  # a person's, in their words
    REPEAT = "REPEAT"  # its sender sent it again
    SUPERSEDED = "SUPERSEDED"  # a newer message of its document stands
    WITHDRAWN = "WITHDRAWN"  # taken back before anything was sent: its sender was told ERROR
    DISCARDED = "DISCARDED"  # given up by a person
    NOTHING_TO_DELETE = "NOTHING_TO_DELETE"  # its reader never had what it deletes
    ECHO = "ECHO"  # it is what its reader sent, come back from where it was delivered
    MAYBE_ECHO = "MAYBE_ECHO"  # it is that, if what is still sent there gets the id of this
    NOT_SHARED = "NOT_SHARED"  # its group does not share it: it is not active, or has no document
    NOT_PERMITTED = "NOT_PERMITTED"  # its sender may not do this in the others of its group
    NO_WAY = "NO_WAY"  # it has no way into its reader's version
    CLOSED = "CLOSED"  # its reader's hours, in which nothing is sent
    BROKE = "BROKE"  # the bus failed to make what was to be sent
    ID_MISSING = "ID_MISSING"  # its reader lacks an id that it names
    LEASE_EXPIRED = "LEASE_EXPIRED"  # its worker is gone
    NO_RESPONSE = "NO_RESPONSE"  # the destination has it, and never said what came of it
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"  # an earlier try was sent, and its sender has given up
    RETRIES_EXHAUSTED = "RETRIES_EXHAUSTED"  # its attempts are used up, or it is too old
    DEPARA_TIMEOUT = "DEPARA_TIMEOUT"  # the id that it waited for never came

    def text(self, detail: str) -> str:
        """What is shown: the code of a fault or a person's words (`detail`), else the reason."""
        return detail or ("" if self in {Reason.FAULT, Reason.PERSON} else self.value)


class StateText(NamedTuple):
    """The words of a state: its name, in Portuguese the one TOTVS users know, and its meaning."""

    name: Text
    meaning: Text


STATE_TEXTS: dict[State, StateText] = {
    State.HELD: StateText(
        Text("Retida", "held"),
        Text(
            "cópia que espera o OK do destino que responde",
            "a copy that waits for the OK of the answering destination",
        ),
    ),
    State.WAITING: StateText(
        Text("Aguardando execução", "waiting"),
        Text(
            "será enviada agora, mais tarde ou depois da anterior do documento",
            "due now or later, or behind another in its lane",
        ),
    ),
    State.AWAITING_DEPARA: StateText(
        Text("Aguardando de-para", "awaiting de-para"),
        Text(
            "falta um par; recomeça sozinha, na ordem do documento",
            "lacks a pair, names exactly which; resumes by itself, in lane order",
        ),
    ),
    State.SENDING: StateText(
        Text("Executando", "sending"),
        Text("sendo enviada", "leased by a worker"),
    ),
    State.AWAITING_RESPONSE: StateText(
        Text("Aguardando resposta", "awaiting response"),
        Text(
            "o destino recebeu; a resposta dele tem prazo",
            "the destination has it; its answer is due by a time",
        ),
    ),
    State.DELIVERED: StateText(
        Text("Finalizada", "delivered"),
        Text("o destino disse OK", "the destination said OK"),
    ),
    State.REFUSED: StateText(
        Text("Falhou", "refused"),
        Text("o destino recusou", "the destination said no"),
    ),
    State.DEAD: StateText(
        Text("Falhou", "dead"),
        Text("o barramento desistiu", "given up; needs a person"),
    ),
    State.UNKNOWN: StateText(
        Text("Não entregue", "unknown"),
        Text(
            "enviada, sem resposta legível: não se sabe", "sent, no readable answer: nobody knows"
        ),
    ),
    State.BLOCKED: StateText(
        Text("Bloqueado", "blocked"),
        Text("segurada por uma pessoa", "held by a person"),
    ),
    State.DISCARDED: StateText(
        Text("Dispensada", "discarded"),
        Text(
            "abandonada por uma pessoa ou regra, com motivo",
            "given up by a person or a declared rule, with a reason",
        ),
    ),
}

AFTER_A_QUESTION: dict[Step, State] = {
    Step.ASK: State.UNKNOWN,
    Step.MARK_UNKNOWN: State.UNKNOWN,
    Step.AWAIT_RESPONSE: State.AWAITING_RESPONSE,
    Step.AWAIT_DEPARA: State.AWAITING_DEPARA,
    Step.POSTPONE: State.WAITING,
    Step.GIVE_UP: State.DEAD,
    Step.WITHDRAW: State.DISCARDED,
}
"""What only a destination's answer to a question, or its silence, makes of an `unknown` (S11)."""

DELIVERY_TRANSITIONS: dict[State, dict[Step, State]] = {
    State.HELD: {
        Step.RELEASE: State.WAITING,
        Step.WITHDRAW: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    },
    State.WAITING: {
        Step.CLAIM: State.SENDING,
        Step.DELIVER: State.DELIVERED,
        Step.AWAIT_DEPARA: State.AWAITING_DEPARA,
        Step.MARK_UNKNOWN: State.UNKNOWN,
        Step.GIVE_UP: State.DEAD,
        Step.WITHDRAW: State.DISCARDED,
        Step.BLOCK: State.BLOCKED,
        Step.DISCARD: State.DISCARDED,
    },
    State.AWAITING_DEPARA: {
        Step.RESUME: State.WAITING,
        Step.GIVE_UP: State.DEAD,
        Step.WITHDRAW: State.DISCARDED,
        Step.SUPERSEDE: State.DISCARDED,
        Step.BLOCK: State.BLOCKED,
        Step.DISCARD: State.DISCARDED,
    },
    State.SENDING: {
        Step.POSTPONE: State.WAITING,
        Step.AWAIT_DEPARA: State.AWAITING_DEPARA,
        Step.AWAIT_RESPONSE: State.AWAITING_RESPONSE,
        Step.DELIVER: State.DELIVERED,
        Step.REFUSE: State.REFUSED,
        Step.MARK_UNKNOWN: State.UNKNOWN,
        Step.ASK: State.UNKNOWN,
        Step.GIVE_UP: State.DEAD,
        Step.WITHDRAW: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    },
    State.AWAITING_RESPONSE: {
        Step.DELIVER: State.DELIVERED,
        Step.REFUSE: State.REFUSED,
        Step.MARK_UNKNOWN: State.UNKNOWN,
        Step.ASK: State.UNKNOWN,
    },
    State.DELIVERED: {},
    State.REFUSED: {
        Step.REPLAY: State.WAITING,
        Step.SUPERSEDE: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    },
    State.DEAD: {
        Step.REPLAY: State.WAITING,
        Step.SUPERSEDE: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    },
    State.UNKNOWN: {
        Step.DELIVER: State.DELIVERED,
        Step.REFUSE: State.REFUSED,
        Step.REPLAY: State.WAITING,
        Step.DISCARD: State.DISCARDED,
        **AFTER_A_QUESTION,
    },
    State.BLOCKED: {
        Step.UNBLOCK: State.WAITING,
        Step.WITHDRAW: State.DISCARDED,
        Step.DISCARD: State.DISCARDED,
    },
    State.DISCARDED: {},
}

ENDED = frozenset({State.DELIVERED, State.REFUSED, State.DEAD, State.DISCARDED})
"""States in which the origin is owed its answer."""

FAILED = frozenset({State.REFUSED, State.DEAD})
"""States that need somebody; a repeat or a replay is a new attempt."""

UNDER_WAY = frozenset(State) - ENDED - {State.UNKNOWN}
"""States from which the bus, or time, goes on by itself, or a person lets it."""

GONE = frozenset({State.DELIVERED, State.DISCARDED})
"""States that leave the lane."""

HEARD = frozenset({State.SENDING, State.AWAITING_RESPONSE, State.UNKNOWN})
"""States that a destination's own news may settle."""


class IllegalStep(Exception):
    """A step that the table does not allow: a stale view of the delivery, or a defect of ours."""

    def __init__(self, state: State, step: Step) -> None:
        super().__init__(f"a delivery that is {state} cannot {step}")
        self.state, self.step = state, step


def advance(state: State, step: Step) -> State:
    """Take one step; raise IllegalStep where the table has none."""
    try:
        return DELIVERY_TRANSITIONS[state][step]
    except KeyError:
        raise IllegalStep(state, step) from None
