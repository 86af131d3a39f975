"""A message arrives again: whose repeat it is, and what that means (S5)."""

from __future__ import annotations

from bus.core.delivery import FAILED, GONE, UNDER_WAY, Reason, State
from bus.core.identity import Identity, RepeatVerdict, Standing, judge_repeat
from bus.journal.claims import end_if_stuck
from bus.journal.commands import Accept, Forgotten, ReceivedMessage, Repeated
from bus.journal.facts import FactKind
from bus.journal.lanes import copies
from bus.journal.message import tell_of
from bus.journal.operate import replay
from bus.journal.rows import MICROSECONDS, DeliveryRow, IdentityRow, MessageRow, MessageState
from bus.journal.unit import Unit

REPEATS = frozenset({RepeatVerdict.JOIN, RepeatVerdict.STORED, RepeatVerdict.UNKNOWN})


def earlier_of(unit: Unit, identity: Identity | None, content_hash: str) -> MessageRow | None:
    """The message of an identity; by content, only the newest of its document counts."""
    known = _known(unit, identity, content_hash)
    return unit.messages.find(known.message) if known else None


def forgotten(unit: Unit, identity: Identity | None, content_hash: str) -> Forgotten | None:
    """The identity of a message that may have been sent, and whose record was let go since."""
    known = _known(unit, identity, content_hash)
    return Forgotten(known) if known and unit.messages.find(known.message) is None else None


def _known(unit: Unit, identity: Identity | None, content_hash: str) -> IdentityRow | None:
    if identity is None:
        return None
    key, window = identity
    known = unit.identities.find(key)
    if known and window and (known.content_hash != content_hash or unit.now - known.at > window):
        return None
    return known


def judge(unit: Unit, earlier: MessageRow, entry: ReceivedMessage) -> RepeatVerdict:
    """What a message means that came under the identity of an earlier one."""
    return judged(earlier, copies(unit, earlier), entry.content_hash)


def judged(earlier: MessageRow, rows: list[DeliveryRow], content_hash: str) -> RepeatVerdict:
    """The same, by its copies and what the new one has in it."""
    return judge_repeat(
        same_content=earlier.content_hash == content_hash,
        rejected=earlier.state is MessageState.REJECTED,
        withdrawn=_taken_back(earlier, rows),
        standings=[Standing(row.state, row.safe) for row in rows],
    )


def was_processed(unit: Unit, earlier: MessageRow, entry: ReceivedMessage) -> bool:
    """Whether what comes as a correction went out before, and was corrected itself.

    A late repeat looks just like a return to the old content. Where a destination has processed
    that, and repeating is not safe, the sender must say so with a new UUID.
    """
    ancestor = unit.messages.find(earlier.parent) if earlier.parent else None
    while ancestor is not None and ancestor.identity == earlier.identity:
        if ancestor.content_hash == entry.content_hash:
            rows = copies(unit, ancestor)
            return any(row.state is State.DELIVERED and not row.safe for row in rows)
        ancestor = unit.messages.find(ancestor.parent) if ancestor.parent else None
    return False


def _taken_back(message: MessageRow, rows: list[DeliveryRow]) -> bool:
    """Whether copies were withdrawn, and nobody is at it again or in doubt of it.

    Not where a person gave up a delivery in doubt.
    """
    if any(row.state in UNDER_WAY | {State.UNKNOWN} for row in rows):
        return False
    given_up = any(
        row.number == message.answering and row.state in GONE and row.reason is not Reason.WITHDRAWN
        for row in rows
    )
    withdrawn = any(row.state is State.DISCARDED and row.reason is Reason.WITHDRAWN for row in rows)
    return withdrawn and not given_up


def repeated(
    unit: Unit, earlier: MessageRow, verdict: RepeatVerdict, entry: ReceivedMessage
) -> Repeated:
    """Keep that a repeat came, and tell how the earlier one stands."""
    data = {
        "id": entry.id,
        "body": entry.body_hash,
        "verdict": verdict.value,
        "mode": str(entry.mode),
        "remote": entry.remote,
    }
    tell_of(unit, earlier, FactKind.REPEATED, data)
    return Repeated(earlier, verdict, tuple(copies(unit, earlier)))


def retried(unit: Unit, earlier: MessageRow, asked: Accept) -> Repeated:
    """Replay what stopped; who asks, and how, changes only where the answer is made anew."""
    stopped = [row for row in copies(unit, earlier) if row.state in FAILED | {State.UNKNOWN}]
    if asked.deadline is not None:  # S12: without the OK of the one that answers none goes on
        stopped = [row for row in stopped if row.number == earlier.answering] or stopped
    deadline = 0
    if earlier.answering in {0, *(row.number for row in stopped)}:
        deadline = deadline_of(unit, asked)
        mode, answer_to = asked.entry.mode, asked.answer_to
        unit.messages.put(earlier._replace(mode=mode, deadline=deadline, answer_to=answer_to))
    actor, reason = asked.entry.sender, Reason.REPEAT
    if asked.actor:
        actor, reason = asked.actor, Reason.PERSON
    for row in stopped:
        urgent = deadline if row.number == earlier.answering else 0
        end_if_stuck(unit, replay(unit, row, actor=actor, reason=reason, deadline=urgent))
    again = unit.messages.find(earlier.id) or earlier
    return repeated(unit, again, RepeatVerdict.RETRY, asked.entry)


def deadline_of(unit: Unit, asked: Accept) -> int:
    """When a synchronous sender gives up (µs); 0 where nobody waits."""
    return unit.now + int(asked.deadline * MICROSECONDS) if asked.deadline is not None else 0
