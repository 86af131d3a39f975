"""What a message is: its identity, its document, and what a repeat of it means (S5, S6)."""

from __future__ import annotations

import hashlib
import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bus.core.delivery import FAILED, GONE, UNDER_WAY, State
from bus.core.route import Application, IdentityBasis, IdScope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bus.core.envelope import Header

SEPARATOR = "/"
"""Joins the parts of a lane's and an identity's name. Only the last part may itself contain it."""
COMPANIES = frozenset({"company", "branch"})
"""Entities (casefolded) whose ids say where all others belong."""
PIECE = 2047
"""Bytes hashed without giving the interpreter up; taking it back costs more than hashing."""
LONG = 64 * 1024


def fingerprint(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    if len(data) > LONG:
        return hashlib.sha256(data).hexdigest()
    digest = hashlib.sha256()
    for at in range(0, len(data), PIECE):
        digest.update(data[at : at + PIECE])
    return digest.hexdigest()


class Identity(NamedTuple):
    """The unique key of a message; `window` (µs) bounds a match by content, 0 for none."""

    key: str
    window: int = 0


class RepeatVerdict(StrEnum):
    """What the arrival of a message under a known identity means."""

    JOIN = "join"  # under way: wait with the first
    STORED = "stored"  # done: its stored answer
    UNKNOWN = "unknown"  # nobody knows, and repeating is not safe
    RETRY = "retry"  # a new attempt of the deliveries that failed
    AGAIN = "again"  # nothing of it was ever sent: a new message that knows its ancestor
    CORRECTION = "correction"  # other content, after a failure: a new message in its place
    CONFLICT = "conflict"  # other content, without a failure: 409


def identity_of(
    application: Application, header: Header, document: str, content_hash: str
) -> Identity:
    """The identity of a message by the policy of its sender."""
    policy = application.identity
    scope = [application.name, header.type.value, header.transaction.casefold()]
    scope += [_escaped(header.company), _escaped(header.branch)]
    match policy.basis:
        case IdentityBasis.UUID:
            return Identity(SEPARATOR.join([*scope, header.uuid]))
        case IdentityBasis.UUID_AND_CONTENT:
            return Identity(SEPARATOR.join([*scope, content_hash, header.uuid]))
        case IdentityBasis.CONTENT:
            subject = document or content_hash
            return Identity(
                SEPARATOR.join([*scope, "document", subject]), int(policy.window * 1_000_000)
            )


def uuid_of_answer(message: str, number: int, made_at: int) -> str:
    """The UUID of an answer, the same however often it is written."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, SEPARATOR.join([message, str(number), str(made_at)])))


def identity_of_response(sender: str, header: Header, content_hash: str) -> Identity:
    """The identity of a destination's own response, whatever its policy for messages.

    Some destinations write the UUID of the request into its header, so the content belongs to it.
    """
    scope = [sender, header.type.value, header.transaction.casefold()]
    scope += [_escaped(header.company), _escaped(header.branch)]
    return Identity(SEPARATOR.join([*scope, "heard", content_hash, header.uuid]))


def document_of(application: Application, header: Header, entity: str, own_id: str) -> str:
    """The key of a document: entity and id, with company and branch where ids need them."""
    return SEPARATOR.join([entity.casefold(), scoped_id(application, header, entity, own_id)])


def scoped_id(application: Application, header: Header, entity: str, id_: str) -> str:
    """An internal id, with the company and branch without which its application repeats it."""
    scope = scope_of(application, entity, header.company, header.branch)
    return SEPARATOR.join([scope, id_]) if scope else id_


def scope_of(application: Application, entity: str, company: str, branch: str) -> str:
    """Where an application's ids of an entity are unique; empty where they are by themselves (D2).

    Ids of companies and branches always are.
    """
    name = entity.casefold()
    reach = application.entity_scopes.get(name, application.id_scope)
    if reach is IdScope.WHOLE or name in COMPANIES:
        return ""
    parts = [company] if reach is IdScope.COMPANY else [company, branch]
    return SEPARATOR.join(map(_escaped, parts))


def lane_of(destination: str, sender: str, document: str) -> str:
    """The lane of a document's deliveries; `sender` is "answers" for those that go back."""
    return SEPARATOR.join([destination, sender, document])


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace(SEPARATOR, "%2F")


class Standing(NamedTuple):
    """How one delivery of an earlier message stands; `safe` tells that repeating it is safe."""

    state: State
    safe: bool


def judge_repeat(
    *, same_content: bool, rejected: bool, withdrawn: bool, standings: Iterable[Standing]
) -> RepeatVerdict:
    """Say what a message means that arrived under the identity of an earlier one.

    `rejected` and `withdrawn` tell of the earlier message: it never had deliveries, or it was taken
    back before anything was sent.
    """
    earlier = tuple(standings)
    if not same_content:
        failed = rejected or withdrawn or any(one.state in FAILED for one in earlier)
        settled = all(one.state in FAILED | GONE for one in earlier)
        return RepeatVerdict.CORRECTION if failed and settled else RepeatVerdict.CONFLICT
    if rejected or withdrawn:
        return RepeatVerdict.AGAIN
    return _judge_same(earlier)


def _judge_same(earlier: tuple[Standing, ...]) -> RepeatVerdict:
    # A copy that is held by a delivery in doubt is not under way: nothing goes on by itself.
    doubtful = any(one.state is State.UNKNOWN for one in earlier)
    moving = UNDER_WAY - {State.HELD} if doubtful else UNDER_WAY
    if any(one.state in moving for one in earlier):
        return RepeatVerdict.JOIN
    if any(one.state is State.UNKNOWN and not one.safe for one in earlier):
        return RepeatVerdict.UNKNOWN
    if all(one.state in GONE for one in earlier):
        return RepeatVerdict.STORED
    return RepeatVerdict.RETRY
