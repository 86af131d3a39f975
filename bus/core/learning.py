"""What a destination's answer teaches of ids (D5, D8): pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bus.core.contract import IdRole
from bus.core.translation import (
    COMPANY_PATH,
    FoundId,
    OriginPut,
    Translation,
    TranslationContext,
    company_there,
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
LONGEST_ID = 250
"""Characters of the longest id that is learnt: no product of the field keeps longer ones."""
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
        # While the reader has more of its ids to delete, the sender's still names them.
        gone_whole = own and not taught.translation.left
        return Lesson(own=own, deletes=(own,) if own and gone_whole else ())
    gone = _deleted_parts(taught)
    if not answers:
        return NOTHING_LEARNT._replace(own=own, deletes=gone)
    read = _read_all(taught, answers)
    pairs = [one for one in read if isinstance(one, _Pair) and one.one.key not in gone]
    unlearnt = tuple(one for one in read if isinstance(one, NotLearnt))
    source = Source.LOAD if taught.entity == LOAD else Source.ANSWER
    return Lesson(own, _links(pairs), unlearnt, gone, source)


def unlearnt_of(taught: Taught, answers: Sequence[InternalIdPair]) -> tuple[NotLearnt | None, ...]:
    """For each entry of an answer why it teaches nothing; None where it does."""
    read = _read_all(taught, answers)
    return tuple(one if isinstance(one, NotLearnt) else None for one in read)


def is_never_sent(taught: Taught, answer: InternalIdPair) -> bool:
    """Whether an entry of an answer names an Origin that the message did not have as it left."""
    return not is_blank(answer.origin) and not _sent(taught, answer)


def in_sender_terms(
    taught: Taught, answers: Sequence[InternalIdPair]
) -> tuple[InternalIdPair, ...]:
    """The same pairs, each with the sender's own id and a name; one that is not known as it is."""
    alone = len(answers) == 1
    return tuple(
        _in_sender_terms(answer, _meant(taught, answer, alone=alone)) for answer in answers
    )


def _in_sender_terms(answer: InternalIdPair, meant: Sequence[FoundId]) -> InternalIdPair:
    if len({one.value for one in meant}) != 1:
        return answer
    return replace(answer, name=answer.name or meant[0].element.entity, origin=meant[0].value)


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


def _read_all(taught: Taught, answers: Sequence[InternalIdPair]) -> list[_Pair | NotLearnt]:
    return [_read(taught, answer, alone=len(answers) == 1) for answer in answers]


def _read(taught: Taught, answer: InternalIdPair, *, alone: bool) -> _Pair | NotLearnt:
    def not_learnt(reason: str) -> NotLearnt:
        return NotLearnt(reason, answer.name, answer.origin, answer.destination)

    if is_blank(answer.destination):
        return not_learnt("EMPTY_DESTINATION")
    if len(answer.destination) > LONGEST_ID:
        return not_learnt("DESTINATION_TOO_LONG")
    meant = _meant(taught, answer, alone=alone)
    if not meant:
        return not_learnt("EMPTY_ORIGIN" if is_blank(answer.origin) else "ORIGIN_NEVER_SENT")
    named = _named(taught, answer)
    told = {(_entity(taught, answer, one, named), one.value): one for one in meant}
    if len(told) > 1:
        return not_learnt("AMBIGUOUS_ORIGIN")
    ((entity, _), found), *_ = told.items()
    if not entity:
        return not_learnt("NO_ENTITY")
    return _pair(taught, answer, found, entity, named[1] if named else "")


def _meant(taught: Taught, answer: InternalIdPair, *, alone: bool) -> list[FoundId]:
    """Which ids of the message an entry may be about; none where it does not say."""
    if is_blank(answer.origin):
        return _only_own(taught) if alone else []
    return _sent(taught, answer)


def _entity(
    taught: Taught, answer: InternalIdPair, found: FoundId, named: tuple[str, str] | None
) -> str:
    """What a pair is of: as its entry says, else as the catalog does; empty where neither does.

    It is never guessed: neither from the message, where a sibling would have said it, nor in a load
    of pairs, whose own entity no pair is of.
    """
    if taught.entity == LOAD:
        entity = named[0] if named else answer.name.strip()
        return "" if entity == LOAD else entity
    own = taught.entity if found.element.role is IdRole.OWN else ""
    return named[0] if named else found.element.entity or own


def _named(taught: Taught, answer: InternalIdPair) -> tuple[str, str] | None:
    return entity_named(answer.name, taught.entities, taught.crossing.reader.entry_names)


def _pair(
    taught: Taught, answer: InternalIdPair, found: FoundId, entity: str, qualifier: str
) -> _Pair:
    crossing = taught.crossing
    company = company_there(crossing.header, taught.translation.swaps)
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


def origins_of(taught: Taught, answers: Iterable[InternalIdPair]) -> tuple[OriginPut, ...]:
    """What the origin of a message calls what an answer is of, where it was sent under other ids.

    An Origin that may be of several of its ids becomes empty, which teaches nobody anything: with
    the reader's id there, the origin would learn that id for its own.
    """
    if not any(swap.path != COMPANY_PATH for swap in taught.translation.swaps):
        return ()
    put = []
    for answer in answers:
        meant = (
            {}
            if is_blank(answer.origin)
            else dict.fromkeys(one.value for one in _sent(taught, answer))
        )
        if meant:
            after = next(iter(meant)) if len(meant) == 1 else ""
            put.append(OriginPut(answer.name, answer.origin, after))
    return tuple(dict.fromkeys(one for one in put if one.before != one.after))


def _only_own(taught: Taught) -> list[FoundId]:
    """The message's own id, where it has just one (D5)."""
    own = {
        one.value: one
        for one in taught.found
        if one.element.role is IdRole.OWN and not is_blank(one.value)
    }
    return list(own.values()) if len(own) == 1 else []


def _sent(taught: Taught, answer: InternalIdPair) -> list[FoundId]:
    """Which ids of the message an Origin may be, read in the ids that were sent.

    What the catalog calls opaque is no id, whatever text it is.
    """
    ids = [one for one in taught.found if one.element.role is not IdRole.OPAQUE]
    after = taught.translation.after
    sent = [(one, after(one.path, one.value, one.element.entity)) for one in ids]
    wanted = [one for one, text in sent if text == answer.origin]
    if not wanted:  # some products put ids in capitals before they look them up
        folded = answer.origin.strip().casefold()
        close = [one for one, text in sent if text and text.strip().casefold() == folded]
        wanted = close if len({one.value for one in close}) == 1 else []
    if not wanted[1:]:
        return wanted
    named = _named(taught, answer)
    nearest = min(_distance(one, named) for one in wanted)
    return [one for one in wanted if _distance(one, named) == nearest]


def _distance(found: FoundId, named: tuple[str, str] | None) -> tuple[bool, int]:
    """An id of the entity that is named comes first, then own ids, then parts, then references."""
    roles = [IdRole.OWN, IdRole.OWN_PART, IdRole.REFERENCE]
    return bool(named and found.element.entity != named[0]), roles.index(found.element.role)
