"""What the journal keeps, and what it is asked to record: plain values.

Rows are NamedTuples whose fields are the columns, in order. Times are integer microseconds since
1970-01-01 UTC, by the store's clock. Texts that hold structured data are JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bus.core.crossing import NOTHING_LEARNT, Lesson, Wanted
from bus.core.delivery import State, Step
from bus.core.identity import Identity, Verdict
from bus.core.outcome import Outcome
from bus.core.route import Behind

if TYPE_CHECKING:
    from collections.abc import Mapping

MICROSECONDS = 1_000_000

# -- rows ------------------------------------------------------------------------------------------


class MessageState(StrEnum):
    """What was decided when a message arrived."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Carrier(StrEnum):
    """How a message came in, and so how it is found in the body that is kept."""

    HTTP = "http"  # the body is the message
    SOAP = "soap"  # the message is text that the carrier has decoded


class Kind(StrEnum):
    """What a delivery carries."""

    COPY = "copy"  # the message itself
    ANSWER = "answer"  # its ResponseMessage, to its origin


class MessageRow(NamedTuple):
    """A received message. `id` is ours (UUIDv7); `uuid` is the sender's and may repeat.

    `rule` names the routes that took it, joined by commas; `parent` is the message that it repeats,
    corrects or replays; `deadline` is when a synchronous sender gives up; `planned` is how many
    copies were planned, numbered from 1, and `deliveries` counts answers to the origin as well;
    `answering` is the number of the delivery whose answer is the sender's (0: all must be OK);
    `answer` is the number in `answers` of the sender's answer (0: none yet); `answer_to` is the
    application that takes the answer as a delivery, empty for none; `faults` is a JSON list.
    """

    id: str
    received_at: int
    state: MessageState
    sender: str
    carrier: Carrier
    remote: str
    type: str
    transaction: str
    version: str
    uuid: str
    company: str
    branch: str
    entity: str
    event: str
    document: str
    mode: str
    identity: str
    body_hash: str
    content_hash: str
    configuration: int
    rule: str
    parent: str
    deadline: int
    planned: int
    deliveries: int
    answering: int
    answer: int
    answer_to: str
    faults: str


class DeliveryRow(NamedTuple):
    """One message for one application. Its key is (message, number); `number` counts from 1.

    `lane` is empty where order does not matter; `seq` is its place there, 0 where it gave its place
    up. `due_at` is None unless the bus must act by itself at that time: for `waiting` to send, else
    to end a wait. `attempts` counts what cost one, `tries` all. `started` tells that the attempt
    under way was committed as begun (S10). `sent_uuid` is the UUID that the destination saw.
    `safe` tells that repeating is safe. `reason` is the code of the last fault, or why it was
    discarded.
    """

    message: str
    number: int
    kind: Kind
    destination: str
    rule: str
    lane: str
    seq: int
    state: State
    due_at: int | None
    deadline: int
    attempts: int
    tries: int
    worker: str
    lease_until: int
    started: bool
    safe: bool
    sent_uuid: str
    reason: str
    changed_at: int


def answers_caller(message: MessageRow, delivery: DeliveryRow) -> bool:
    """Whether a caller waits, or waited, for what comes of this delivery (S12)."""
    return message.deadline > 0 and message.answering == delivery.number


class LaneRow(NamedTuple):
    """The deliveries of one document to one application, in order.

    `entered` is the last place given, `head` the place whose turn it is; head > entered: empty.
    """

    name: str
    entered: int
    head: int


class AttemptRow(NamedTuple):
    """One try. `ended_at` and `outcome` are empty while it is under way."""

    message: str
    number: int
    attempt: int
    worker: str
    started_at: int
    ended_at: int
    outcome: str
    fault: str
    substitutions: str
    answer: bytes


class AnswerRow(NamedTuple):
    """The ResponseMessage that a delivery's end gives for the origin.

    It is written when asked for where the body is empty, from `reason`, the code of a fault; and
    where the body is `original`: a destination's own ResponseMessage as it came.
    """

    message: str
    number: int
    made_at: int
    status: str
    reason: str
    body: bytes
    original: bool = False


class FactRow(NamedTuple):
    """What happened, once, for ever. `data` is JSON; `step` is empty where nothing moved."""

    at: int
    kind: str
    message: str
    number: int
    attempt: int
    step: str
    actor: str
    reason: str
    data: str


class IdentityRow(NamedTuple):
    """Which message an identity belongs to."""

    key: str
    message: str
    content_hash: str
    at: int


class DocumentRow(NamedTuple):
    """The document of an internal id that a sender used, so that a cancellation finds its lane."""

    sender: str
    entity: str
    id: str
    document: str


class BusinessKeyRow(NamedTuple):
    """What people search by: a name (`Code`), its value, and the message."""

    name: str
    value: str
    message: str


class ApplicationRow(NamedTuple):
    """Whether an application is reachable, as seen by its deliveries."""

    name: str
    paused_until: int
    outages: int


class ConfigurationRow(NamedTuple):
    """A version of routes.yaml, as text without secrets."""

    number: int
    at: int
    actor: str
    hash: str
    text: str


class FactKind(StrEnum):
    """The kinds of facts. Every one that moves a delivery carries the step."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"
    FILTERED = "filtered"
    PLANNED = "planned"
    STARTED = "attempt started"
    ENDED = "attempt ended"
    LATE = "late news"
    LEASE_LOST = "lease lost"
    MOVED = "moved"
    NOTED = "noted"
    WANTED = "id wanted"
    LEARNT = "learnt"
    NOT_LEARNT = "not learnt"
    CONFLICT = "conflict"
    AMENDED = "de-para amended"
    ANSWERED = "answered"
    CONFIGURED = "configured"
    ERASED = "erased"


# -- what is recorded on arrival -------------------------------------------------------------------


class Entry(NamedTuple):
    """An arrived message as the engine knows it, before the journal gives it a time."""

    id: str
    sender: str
    carrier: Carrier
    remote: str
    type: str
    transaction: str
    version: str
    uuid: str
    company: str
    branch: str
    entity: str
    event: str
    mode: str
    body: bytes
    body_hash: str
    content_hash: str
    configuration: int


class Plan(NamedTuple):
    """A delivery to make. `ordered`: it has a lane; `held`: born held (a synchronous copy)."""

    destination: str
    rule: str
    kind: Kind = Kind.COPY
    ordered: bool = True
    held: bool = False
    behind: Behind = Behind.HOLD
    safe: bool = False
    sent_uuid: str = ""


class Target(NamedTuple):
    """The reference of a cancellation: the document to find, whose lane it goes in."""

    entity: str
    id: str


class Answer(NamedTuple):
    """The ResponseMessage for the origin that the end of a delivery gives.

    `reason` is the code of our fault that it tells, empty where the delivery's own reason is it.
    `original`: what a destination answered, as it came; the origin's is written when asked for.
    """

    status: str
    body: bytes
    reason: str = ""
    original: bool = False


class Acceptance(NamedTuple):
    """A valid message with its plan.

    `deadline` (s from now) is set for a synchronous sender; `claims` are the destinations whose
    delivery the worker takes at once if it is its turn; `answering` the number of the answering
    delivery; `answer_to` the application that takes an answer as a delivery, empty for none.
    Without plans the message is filtered: `answer` is what its sender is told.
    """

    entry: Entry
    plans: tuple[Plan, ...]
    identity: Identity | None = None
    document: str = ""
    own_id: Target | None = None
    target: Target | None = None
    business_keys: tuple[tuple[str, str], ...] = ()
    parent: str = ""
    rule: str = ""
    deadline: float | None = None
    answering: int = 0
    answer_to: str = ""
    faults: str = "[]"
    answer: Answer | None = None
    actor: str = ""
    worker: str = ""
    lease: float = 60.0
    claims: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that differs from its contract, has no route, or is else its sender's fault."""

    entry: Entry
    faults: str
    identity: Identity | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A ResponseMessage that a destination sent by itself: which delivery it ends, and how.

    The delivery is the newest one to `sender` whose destination saw `uuid`. With an identity that
    was heard before it is a repeat.
    """

    entry: Entry
    uuid: str
    ended: Ended
    identity: Identity | None = None


class Claim(NamedTuple):
    """The right to send a delivery, until its lease ends.

    `body` is None where the claimer has it; `answer` is what a delivery of kind answer carries;
    `outages` is how often in a row the application was unreachable.
    """

    delivery: DeliveryRow
    message: MessageRow
    body: bytes | None = None
    answer: AnswerRow | None = None
    outages: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is on disk. `claims` are those the worker asked for and got."""

    message: MessageRow
    deliveries: tuple[DeliveryRow, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The refusal is on disk."""

    message: MessageRow


@dataclass(frozen=True, slots=True)
class Repeated:
    """It is a repeat; nothing new was planned. `message` is the earlier one."""

    message: MessageRow
    verdict: Verdict
    deliveries: tuple[DeliveryRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A response that names nothing we delivered to that application. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class ClaimDue:
    """A worker asks for what is due: at most `room[application]` each, for `lease` seconds."""

    worker: str
    room: Mapping[str, int]
    lease: float


@dataclass(frozen=True, slots=True)
class Start:
    """An attempt is about to begin."""

    claim: Claim


# -- what is recorded of an attempt ----------------------------------------------------------------


class Ended(NamedTuple):
    """An attempt ended, or a wait did: the step it leads to and all that goes with it.

    `wait` and `respond_within` are seconds from now, `took` how long the attempt lasted; `pause`
    (s) is set where the application is unreachable, 0 where it was reached; `costs` tells that it
    counts as an attempt; `answer` is what the origin gets if this end decides; `behind` says
    what a failed head does to its lane. `lesson` is what an OK teaches, `wanted` which ids are
    missing, and `pair_within` (s) how long they are waited for.
    """

    message: str
    number: int
    attempt: int
    worker: str
    outcome: Outcome | None
    step: Step
    took: float = 0.0
    wait: float = 0.0
    pause: float | None = None
    respond_within: float = 0.0
    costs: bool = False
    fault: str = ""
    reason: str = ""
    substitutions: str = "[]"
    raw: bytes = b""
    answer: Answer | None = None
    behind: Behind = Behind.HOLD
    actor: str = ""
    lesson: Lesson = NOTHING_LEARNT
    wanted: tuple[Wanted, ...] = ()
    pair_within: float = 0.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the end of an attempt led to. `late`: the lease was no longer ours.

    `moved` are all deliveries that changed, this one included; `message` as it is now; `response`
    is the destination's own response that ended it, where it was that.
    """

    message: MessageRow
    delivery: DeliveryRow
    late: bool = False
    moved: tuple[DeliveryRow, ...] = ()
    answer: AnswerRow | None = None
    response: MessageRow | None = None


# -- what a person, or time, does ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """A step that a person takes, or a deadline: on one delivery, or on all (number 0).

    Deliveries for which the table has no such step are left alone; none at all is IllegalStep.
    Without a step nothing moves: only the fact is kept. `deadline` (µs) is the one that has passed:
    a delivery that has another one by now, for it is sent again, is left alone; 0 for any.
    """

    message: str
    step: Step | None
    number: int = 0
    actor: str = ""
    reason: str = ""
    behind: Behind = Behind.HOLD
    answer: Answer | None = None
    deadline: int = 0


@dataclass(frozen=True, slots=True)
class Acted:
    """The deliveries that changed."""

    message: MessageRow
    moved: tuple[DeliveryRow, ...] = field(default=())
