"""What the journal is asked to record, and what it answers: commands are imperatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bus.core.delivery import Reason, Step
from bus.core.envelope import Carrier
from bus.core.errors import Fault
from bus.core.identity import Identity, RepeatVerdict
from bus.core.learning import NOTHING_LEARNT, Lesson
from bus.core.outcome import Outcome
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.core.subject import Target
from bus.core.substitutions import NO_SUBSTITUTIONS, Substitutions
from bus.core.translation import MissingId
from bus.journal.rows import AnswerRow, DeliveryRow, IdentityRow, MessageRow, ProgressRow
from depara.model import JoinVerdict, Key, Link, PairRow


class ReceivedMessage(NamedTuple):
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


class OriginAnswer(NamedTuple):
    """The ResponseMessage for the origin that the end of a delivery gives.

    `code` is that of our fault that it tells, empty where the delivery's own reason is it.
    `original`: what a destination answered, as it came; the origin's is written when asked for.
    """

    status: str
    body: bytes
    code: str = ""
    original: bool = False


class CursorMove(NamedTuple):
    """How far a worker has read an application once this message is recorded.

    It goes into the commit of the message, whatever that makes of it, or is a command by itself
    where there was none to take. It renews the worker's lease for `lease` seconds. BusFault
    SOURCE_LOST where another worker reads the application by now.
    """

    application: str
    value: str
    worker: str
    lease: float


class Accept(NamedTuple):
    """A valid message with its plan.

    `deadline` (s from now) is set for a synchronous sender; `claims` are the destinations whose
    delivery the worker takes at once if it is its turn; `answering` the number of the answering
    delivery; `answer_to` the application that takes an answer as a delivery, empty for none.
    `parent` is the message that a person (`actor`) sends again; unless it `overwrites`, not over a
    newer one that was delivered. Without plans the message is filtered: `answer` is what its sender
    is told. `cursor` is set for what was read. `document` is that whose lane its contract says,
    `own_document` the message's own, empty where it is that one.
    """

    entry: ReceivedMessage
    plans: tuple[PlannedDelivery, ...]
    identity: Identity | None = None
    document: str = ""
    own_document: str = ""
    own_id: Target | None = None
    target: Target | None = None
    business_keys: tuple[tuple[str, str], ...] = ()
    parent: str = ""
    rule: str = ""
    deadline: float | None = None
    answering: int = 0
    answer_to: str = ""
    faults: tuple[Fault, ...] = ()
    answer: OriginAnswer | None = None
    actor: str = ""
    overwrites: bool = True
    worker: str = ""
    lease: float = 60.0
    claims: frozenset[str] = frozenset()
    cursor: CursorMove | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A message that differs from its contract, has no route, or is else its sender's fault.

    `own_document` and `business_keys` are what it says of itself, as far as it was understood.
    """

    entry: ReceivedMessage
    faults: tuple[Fault, ...]
    identity: Identity | None = None
    own_document: str = ""
    business_keys: tuple[tuple[str, str], ...] = ()
    parent: str = ""
    cursor: CursorMove | None = None


@dataclass(frozen=True, slots=True)
class RecordResponse:
    """A ResponseMessage that a destination sent by itself: which delivery it ends, and how.

    The delivery is that of `ended`, one to the sender of `entry`. With an identity that was heard
    before it is a repeat.
    """

    entry: ReceivedMessage
    ended: RecordAttempt
    identity: Identity | None = None
    cursor: CursorMove | None = None


class Claim(NamedTuple):
    """The right to send a delivery, until its lease ends.

    `body` is None where the claimer has it; `answer` is what a delivery of kind answer carries;
    `outages` is how often in a row the application was unreachable; `progress` what earlier tries
    recorded; `age` how many seconds passed since acceptance in which a bus ran. With `asks` it is
    the right to ask what became of it instead, with `checks` to ask for its effect.
    """

    delivery: DeliveryRow
    message: MessageRow
    body: bytes | None = None
    answer: AnswerRow | None = None
    outages: int = 0
    progress: tuple[ProgressRow, ...] = ()
    asks: bool = False
    age: float = 0.0
    checks: bool = False


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
    verdict: RepeatVerdict
    deliveries: tuple[DeliveryRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """It came before, under this identity, and may have been sent; its record was let go since.

    Nothing was recorded.
    """

    identity: IdentityRow


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A response that names nothing we delivered to that application. Nothing was recorded."""


class Claims(tuple[Claim, ...]):  # noqa: SLOT001 - a tuple has no room for slots
    """What a worker may send. `lost` are the deliveries of which nobody knows since it asked."""

    lost: tuple[DeliveryRow, ...] = ()


class ClaimShare(NamedTuple):
    """How the room of an application is shared among what is due.

    `others`: callers go first, and of what nobody waits for so many are taken at most; None: the
    longest due goes first. `each`: so many of one transaction at most, of those in `left` (by
    casefolded name) as many as it says; None: any number. `sessions`: so many deliveries to it may
    be under way from all processes, 0: any number. `closed`: until then (µs) it is left alone.
    """

    others: int | None = None
    each: int | None = None
    left: Mapping[str, int] = {}
    sessions: int = 0
    closed: int = 0


WHOLE = ClaimShare()
"""The longest due goes first, whatever it is."""
NOT_SHARED: Mapping[str, ClaimShare] = {}
"""By application, how room is shared where it is of none."""


@dataclass(frozen=True, slots=True)
class ClaimDue:
    """A worker asks for what is due: at most `room[application]` each, for `lease` seconds.

    `asks` are the applications that can be asked what became of a message, `checks` those that may
    be asked for the effect of one, where nothing else takes their room; `shares` tells how their
    room is shared, of those where it is.
    """

    worker: str
    room: Mapping[str, int]
    lease: float
    asks: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    shares: Mapping[str, ClaimShare] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndLeases:
    """A worker that stops sends nothing more: whatever it was sending has ended.

    `asks` are the applications that can be asked what became of a message.
    """

    worker: str
    asks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LeaseCursor:
    """A worker asks for the right to read an application, for `lease` seconds."""

    application: str
    worker: str
    lease: float


@dataclass(frozen=True, slots=True)
class StartAttempt:
    """An attempt is about to begin."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class RecordProgress:
    """A call of the attempt under way was made; `value` is JSON. What came: whether it is kept."""

    claim: Claim
    name: str
    value: str


class RecordAttempt(NamedTuple):
    """An attempt ended, or a wait did: the step it leads to and all that goes with it.

    `wait` and `respond_within` are seconds from now, `took` how long the attempt lasted; `pause`
    (s) is set where the application is unreachable, 0 where it was reached; `trip` (s) is the pause
    where this is the last of `pause_after` failures in a row, None where it is none; `costs` tells
    that it counts as an attempt; `detail` is the code of its fault; `answer` is what the origin
    gets if this end decides; `on_failure` says what a failed head does to its lane. `lesson` is
    what an OK teaches, `wanted` which ids are missing, and `pair_within` (s) how long they are
    waited for.
    `asked` counts the questions about it, of which a `question` that was asked later is the last.
    `complaints` are what its destination's answer has wrong.
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
    trip: float | None = None
    pause_after: int = 0
    respond_within: float = 0.0
    costs: bool = False
    fault: Fault | None = None
    reason: Reason = Reason.NONE
    detail: str = ""
    substitutions: Substitutions = NO_SUBSTITUTIONS
    raw: bytes = b""
    answer: OriginAnswer | None = None
    on_failure: OnFailure = OnFailure.HOLD
    actor: str = ""
    lesson: Lesson = NOTHING_LEARNT
    wanted: tuple[MissingId, ...] = ()
    pair_within: float = 0.0
    asked: int = 0
    question: bool = False
    complaints: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the end of an attempt led to. `late`: the lease was no longer ours.

    `moved` are all deliveries that changed, this one included; `message` as it is now; `response`
    is the destination's own response that ended it, where it was that; `complaints` what the answer
    has wrong.
    """

    message: MessageRow
    delivery: DeliveryRow
    late: bool = False
    moved: tuple[DeliveryRow, ...] = ()
    answer: AnswerRow | None = None
    response: MessageRow | None = None
    complaints: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Operate:
    """A step that a person takes, or a deadline: on one delivery, or on all (number 0).

    Deliveries for which the table has no such step are left alone; none at all is IllegalStep.
    Without a step nothing moves: only the fact is kept. `deadline` (µs) is the one that has passed:
    a delivery that has another one by now, for it is sent again, is left alone; 0 for any. Unless
    it `overwrites`, nothing is sent again over a newer one that was delivered. `lesson` is what a
    delivery that is settled as done teaches.
    """

    message: str
    step: Step | None
    number: int = 0
    actor: str = ""
    reason: str = ""
    on_failure: OnFailure = OnFailure.HOLD
    answer: OriginAnswer | None = None
    deadline: int = 0
    overwrites: bool = True
    lesson: Lesson = NOTHING_LEARNT


@dataclass(frozen=True, slots=True)
class Operated:
    """The deliveries that changed."""

    message: MessageRow
    moved: tuple[DeliveryRow, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ChangeDepara:
    """A person's change of the de-para, or a file's: links to make, keys to part, or an undo.

    `replace`: what stands against a link gives way; `dry`: nothing is recorded; `settles` is the
    number of a conflict that this decides, `undoes` of a change to take back; 0 for none. `whole`
    names what this is a part of: with the parts before it, it is one change, as long as `more`
    follows and nobody took the change back. An undo takes back what it can in one commit, from the
    rows `after` a number on.
    """

    actor: str
    source: str
    reason: str = ""
    links: tuple[Link, ...] = ()
    parts: tuple[Key, ...] = ()
    undoes: int = 0
    settles: int = 0
    replace: bool = False
    dry: bool = False
    whole: str = ""
    more: bool = False
    after: int = 0


class Linked(NamedTuple):
    """What came of one link: the verdict, and the rows against it."""

    link: Link
    verdict: JoinVerdict
    against: tuple[PairRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DeparaChanged:
    """What came of a change: its number (0: nothing changed), what closed, and who was woken.

    `against` are the rows that keep an undo from happening; `after` is the row after which it has
    to go on, 0 where it is done.
    """

    change: int
    linked: tuple[Linked, ...] = ()
    closed: tuple[PairRow, ...] = ()
    against: tuple[PairRow, ...] = ()
    woken: tuple[DeliveryRow, ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class Confirm:
    """A person says that a prerequisite of an application is met, or takes that back."""

    application: str
    rule: str
    actor: str
    note: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Nothing to record: whether something could be."""


@dataclass(frozen=True, slots=True)
class Configure:
    """A text of the configuration, to record if the newest differs."""

    text: str
    actor: str
