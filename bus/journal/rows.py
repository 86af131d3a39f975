"""The rows of the journal: what is kept, column by column.

Rows are NamedTuples whose fields are the columns, in order. Times are integer microseconds since
1970-01-01 UTC, by the store's clock.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bus.core.delivery import Kind, Reason, State
from bus.core.effect import EffectVerdict
from bus.core.envelope import Carrier
from bus.core.errors import Fault
from bus.core.substitutions import Substitutions

MICROSECONDS = 1_000_000


class MessageState(StrEnum):
    """What was decided when a message arrived."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class MessageRow(NamedTuple):
    """A received message. `id` is ours (UUIDv7); `uuid` is the sender's and may repeat.

    `rule` names the routes that took it, joined by commas; `parent` is the message that it repeats,
    corrects or replays; `deadline` is when a synchronous sender gives up; `planned` is how many
    copies were planned, numbered from 1, and `deliveries` counts answers to the origin as well;
    `answering` is the number of the delivery whose answer is the sender's (0: all must be OK);
    `answer` is the number in `answers` of the sender's answer (0: none yet); `answer_to` is the
    application that takes the answer as a delivery, empty for none. `document` is that in whose
    lane it goes, and `own_document` its own where that is another (the message's id where it names
    none), else empty; one that was rejected goes in no lane. `erased` is when its contents were
    erased (0: they are there).
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
    faults: tuple[Fault, ...]
    own_document: str = ""
    erased: int = 0

    @property
    def about(self) -> str:
        """The document that the message itself is about."""
        return self.own_document or self.document


class DeliveryRow(NamedTuple):
    """One message for one application. Its key is (message, number); `number` counts from 1.

    `lane` is empty where order does not matter; `seq` is its place there, 0 where it gave its place
    up. `due_at` is None unless the bus must act by itself at that time: for `waiting` to send, else
    to end a wait. `attempts` counts what cost one, `tries` all. `started` tells that the attempt
    under way was committed as begun (S10). `sent_uuid` is the UUID that the destination saw.
    `safe` tells that repeating is safe. `reason` is why it stands where it stands; `detail` the
    code of its last fault, or a person's words. `steps` counts the calls of a send that were
    recorded as made, `asked` how often its destination was asked what became of it; while that is
    `unknown`, `due_at` is when it is asked next. `tries_before` are those that were made before it
    was last sent anew, by its sender or a person. `confirmed` tells that an OK to an earlier try
    was heard while it was being sent, `unheard` that one from before it was sent anew may have
    arrived, and its destination has not said what came of it. `check_after` is how long (µs) after
    an OK its effect is asked for, 0: it is not; of what is delivered, `due_at` is when it is asked
    for next, `asked` counts that, and `effect` is what it came to.
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
    reason: Reason
    detail: str
    changed_at: int
    steps: int = 0
    asked: int = 0
    tries_before: int = 0
    confirmed: bool = False
    unheard: bool = False
    check_after: int = 0
    effect: EffectVerdict = EffectVerdict.NONE

    @property
    def why(self) -> str:
        """Why it stands where it stands, as it is shown: a code, or a person's words."""
        return self.reason.text(self.detail)

    @property
    def behind(self) -> bool:
        """Whether it waits for its turn in its lane."""
        return self.state is State.WAITING and bool(self.lane) and self.due_at is None


def answers_caller(message: MessageRow, delivery: DeliveryRow) -> bool:
    """Whether a caller waits, or waited, for what comes of this delivery (S12)."""
    return message.deadline > 0 and message.answering == delivery.number


class LaneRow(NamedTuple):
    """The deliveries of one document to one application, in order.

    `entered` is the last place given, `head` the place whose turn it is; head > entered: empty.
    `delivered` is the newest message of it that was delivered, empty for none; `pruned` the last
    place of what was let go.
    """

    name: str
    entered: int
    head: int
    delivered: str = ""
    pruned: int = 0

    @property
    def open(self) -> bool:
        """Whether something in it has not had its turn yet, or has it."""
        return self.head <= self.entered


class AttemptRow(NamedTuple):
    """One try. `ended_at` and `outcome` are empty while it is under way."""

    message: str
    number: int
    attempt: int
    worker: str
    started_at: int
    ended_at: int
    outcome: str
    fault: Fault | None
    substitutions: Substitutions
    answer: bytes


class AnswerRow(NamedTuple):
    """The ResponseMessage that a delivery's end gives for the origin.

    It is written when asked for where the body is empty, from `code`, that of a fault; and
    where the body is `original`: a destination's own ResponseMessage as it came.
    """

    message: str
    number: int
    made_at: int
    status: str
    code: str
    body: bytes
    original: bool = False


class ProgressRow(NamedTuple):
    """A call of a send of several that was made, and `value`, what its adapter keeps of it (JSON).

    Its key is (message, number, name).
    """

    message: str
    number: int
    name: str
    value: str
    at: int


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
    """Whether an application is well, as seen by its deliveries.

    Where it is not it is left alone until `paused_until`, and then gets one delivery to see whether
    it is back. `outages` counts the pauses in a row, `failures` the attempts in a row that were
    answered, and did not go well.
    """

    name: str
    paused_until: int = 0
    outages: int = 0
    failures: int = 0


class CursorRow(NamedTuple):
    """How far an application that is read has been read, and which worker may read on.

    `value` is the application's own, empty before the first message; `at` is when it was committed
    last; the worker may read until `lease_until`.
    """

    application: str
    value: str
    at: int
    worker: str
    lease_until: int


class ConfigurationRow(NamedTuple):
    """A version of routes.yaml, as text without secrets."""

    number: int
    at: int
    actor: str
    hash: str
    text: str
