"""What a destination's answer teaches of ids (D5, D8): pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bus.core.contract import IdRole
from bus.core.translation import (
    COMPANY_PATH,
    FoundId,
    Translation,
    TranslationContext,
    company_id,
    is_blank,
    member_of,
    reader_scope,
)
from depara.model import Key, Link, Member, Source

if TYPE_CHECKING:
    from bus.core.envelope import InternalIdPair


class NotLearnt(NamedTuple):
    """An entry of an answer that taught nothing, and why (D5)."""

    reason: str
    name: str
    origin: str
    destination: str


class Lesson(NamedTuple):
    """What a delivered message teaches: links from the answer, or what a delete closes.

    `own` is the document's own id in the sender's terms, None where it has none; `source` is
    that of the rows.
    """

    own: Key | None = None
    links: tuple[Link, ...] = ()
    unlearnt: tuple[NotLearnt, ...] = ()
    deletes: tuple[Key, ...] = ()
    source: Source = Source.ANSWER


NOTHING_LEARNT = Lesson()


ALIASES: Mapping[str, tuple[str, str]] = {
    "customer": ("CustomerVendor", "customer"),
    "client": ("CustomerVendor", "customer"),
    "vendor": ("CustomerVendor", "vendor"),
    "supplier": ("CustomerVendor", "vendor"),
    "product": ("Item", ""),
    "branch": ("Company", ""),  # a branch is named with its company, by one id
}
"""Names of entries that differ from the entity's, and which of its ids they mean, in any product.

A product's own names come with its profile.
"""
SUFFIX = "internalid"
LOAD = "InternalIdLoad"
"""The entity of a message that carries pairs of all registers, each entry under its own name."""


class Taught(NamedTuple):
    """A message as it was sent, for reading its answer: its ids before and how they were put.

    `entities` are the known ones by casefolded name; `entity` is the message's own.
    """

    crossing: TranslationContext
    entity: str
    found: Sequence[FoundId]
    translation: Translation
    entities: Mapping[str, str]
    deletes: bool = False


def lesson_of(taught: Taught, answers: Sequence[InternalIdPair]) -> Lesson:
    """The links that an OK answer gives, and what it does not teach; a delete teaches nothing."""
    own = _own(taught)
    if taught.deletes:
        return Lesson(own=own, deletes=(own,) if own else ())
    gone = _deleted_parts(taught)
    if not answers:
        return NOTHING_LEARNT._replace(own=own, deletes=gone)
    read = [_read(taught, answer, alone=len(answers) == 1) for answer in answers]
    pairs = [one for one in read if isinstance(one, _Pair) and one.one.key not in gone]
    unlearnt = tuple(one for one in read if isinstance(one, NotLearnt))
    source = Source.LOAD if taught.entity == LOAD else Source.ANSWER
    return Lesson(own, _links(pairs), unlearnt, gone, source)


def in_sender_terms(
    taught: Taught, answers: Sequence[InternalIdPair]
) -> tuple[InternalIdPair, ...]:
    """The same pairs, each with the sender's own id and a name; one that is not known as it is."""
    alone = len(answers) == 1
    pairs = ((answer, _meant(taught, answer, alone=alone)) for answer in answers)
    return tuple(
        replace(answer, name=answer.name or found.element.entity, origin=found.value)
        if found
        else answer
        for answer, found in pairs
    )


def _deleted_parts(taught: Taught) -> tuple[Key, ...]:
    """The parts that the message deletes, item by item (D8)."""
    return tuple(
        taught.crossing.key(one.element.entity, one.value)
        for one in taught.found
        if one.deleted and not is_blank(one.value)
    )


class _Pair(NamedTuple):
    one: Member
    other: Member


def _links(pairs: Iterable[_Pair]) -> tuple[Link, ...]:
    """The ids that one origin got, together: parts of one thing are learnt at once (D7)."""
    others: dict[Member, dict[Member, None]] = {}
    for one, other in pairs:
        others.setdefault(one, {})[other] = None
    return tuple(Link(one, tuple(given)) for one, given in others.items())


def _own(taught: Taught) -> Key | None:
    for one in taught.found:
        if one.element.role is IdRole.OWN and not is_blank(one.value):
            return taught.crossing.key(one.element.entity, one.value)
    return None


def _read(taught: Taught, answer: InternalIdPair, *, alone: bool) -> _Pair | NotLearnt:
    def not_learnt(reason: str) -> NotLearnt:
        return NotLearnt(reason, answer.name, answer.origin, answer.destination)

    if is_blank(answer.destination):
        return not_learnt("EMPTY_DESTINATION")
    found = _meant(taught, answer, alone=alone)
    if found is None:
        return not_learnt("EMPTY_ORIGIN" if is_blank(answer.origin) else "ORIGIN_NEVER_SENT")
    return _pair(taught, answer, found)


def _meant(taught: Taught, answer: InternalIdPair, *, alone: bool) -> FoundId | None:
    """Which id of the message an entry is about; None where it does not say."""
    if is_blank(answer.origin):
        return _only_own(taught) if alone else None
    return _sent(taught, answer)


def _pair(taught: Taught, answer: InternalIdPair, found: FoundId) -> _Pair:
    crossing = taught.crossing
    named = entity_named(answer.name, taught.entities, taught.crossing.reader.entry_names)
    entity, qualifier = named or (found.element.entity or taught.entity, "")
    if taught.entity == LOAD and named is None:
        entity = answer.name.strip()
    company = _reader_company(taught)
    scope = reader_scope(crossing.reader, company, entity)
    other = Key(entity, crossing.reader.name, scope, answer.destination)
    one = member_of(crossing.sender, crossing.key(entity, found.value))
    return _Pair(one, member_of(crossing.reader, other, qualifier))


def entity_named(
    name: str, entities: Mapping[str, str], own: Mapping[str, tuple[str, str]]
) -> tuple[str, str] | None:
    """The entity that an entry's Name means, and which of its ids; None for an unknown one.

    `own` are names that the product alone uses; they go before all others.
    """
    folded = name.strip().casefold().removesuffix(SUFFIX).rstrip("_")
    if folded in own:
        return own[folded]
    if folded in entities:
        return entities[folded], ""
    return ALIASES.get(folded)


def _only_own(taught: Taught) -> FoundId | None:
    """The message's own id, where it has just one (D5)."""
    own = {
        one.value: one
        for one in taught.found
        if one.element.role is IdRole.OWN and not is_blank(one.value)
    }
    return next(iter(own.values())) if len(own) == 1 else None


def _sent(taught: Taught, answer: InternalIdPair) -> FoundId | None:
    """Which id of the message an Origin is, read in the ids that were sent."""
    sent = [(one, taught.translation.after(one.path, one.value)) for one in taught.found]
    named = entity_named(answer.name, taught.entities, taught.crossing.reader.entry_names)
    wanted = [one for one, after in sent if after == answer.origin]
    if not wanted:  # some products put ids in capitals before they look them up
        folded = answer.origin.strip().casefold()
        close = [one for one, after in sent if after and after.strip().casefold() == folded]
        wanted = close if len({one.value for one in close}) == 1 else []
    if not wanted:
        return None
    return min(wanted, key=lambda one: _distance(one, named))


def _distance(found: FoundId, named: tuple[str, str] | None) -> tuple[bool, int]:
    """An id of the entity that is named comes first, then own ids, then parts, then references."""
    roles = [IdRole.OWN, IdRole.OWN_PART, IdRole.REFERENCE, IdRole.OPAQUE]
    return bool(named and found.element.entity != named[0]), roles.index(found.element.role)


def _reader_company(taught: Taught) -> str:
    header = taught.crossing.header
    before = company_id(header.company, header.branch)
    return taught.translation.after(COMPANY_PATH, before) or before
