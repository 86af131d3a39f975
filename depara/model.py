"""The hub of internal ids: which ids of which applications name the same thing (D2, D6 to D8).

Pure rules over a `Hub`, which holds the open rows. An identity is a thing; each of its open rows
is how one application calls it. Ids are opaque: blanks, empty segments, zeros and letter case are
kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Source(StrEnum):
    """Where a row comes from (D11)."""

    ANSWER = "answer"
    PERSON = "person"
    FILE = "file"
    LOAD = "load"  # a message that carries pairs, such as INTERNALIDLOAD


FIRM = frozenset({Source.PERSON, Source.FILE})
"""Sources whose rows an answer never closes."""


class Key(NamedTuple):
    """An id in an application. `scope` is empty where the id is unique there by itself."""

    entity: str
    application: str
    scope: str
    id: str


SEGMENT = "|"
"""What parts an id that is composed of several."""


@dataclass(frozen=True, slots=True)
class IdLimits:
    """How a reader keeps the ids of others: the first `longest` characters (0: all of them).

    Where nobody knows whether it tells ids apart by letter case and padding, it may not: a warning
    too many costs less than two things that are taken for one.
    """

    longest: int = 0
    ignores_case: bool = True
    ignores_padding: bool = True

    def seen_as(self, id_: str) -> str:
        """What the reader tells an id from others by."""
        seen = id_[: self.longest or None]
        if self.ignores_padding:
            seen = SEGMENT.join(part.strip() for part in seen.split(SEGMENT))
        return seen.casefold() if self.ignores_case else seen


class Member(NamedTuple):
    """A key, and which of several ids of one thing it is: `vendor`; empty for the only one."""

    key: Key
    qualifier: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What no two ids of one thing share: an application, its scope, a qualifier."""
        return self.key.entity, self.key.application, self.key.scope, self.qualifier


class Link(NamedTuple):
    """One thing's id in one application, and its ids in another."""

    one: Member
    others: tuple[Member, ...]


class PairRow(NamedTuple):
    """A member of an identity, from `since` until `until` (µs; 0: it is open).

    `opened_by` and `closed_by` are the numbers of the changes that did it.
    """

    number: int
    identity: int
    entity: str
    application: str
    scope: str
    id: str
    qualifier: str
    since: int
    until: int
    source: str
    opened_by: int
    closed_by: int

    @property
    def key(self) -> Key:
        """The id and where it is one."""
        return Key(self.entity, self.application, self.scope, self.id)

    @property
    def member(self) -> Member:
        """The key with its qualifier."""
        return Member(self.key, self.qualifier)

    @property
    def place(self) -> tuple[str, str, str]:
        """What an identity has once: an application, its scope, a qualifier."""
        return self.application, self.scope, self.qualifier


class Hub(Protocol):
    """The open rows, as one change sees and writes them."""

    def find(self, key: Key) -> PairRow | None:
        """The open row of a key."""

    def members(self, identity: int) -> Sequence[PairRow]:
        """The open rows of an identity."""

    def open(self, member: Member, identity: int, source: str) -> PairRow:
        """Add a row; identity 0 makes a new one."""

    def close(self, row: PairRow) -> None:
        """End a row."""


class JoinVerdict(StrEnum):
    """What came of a link."""

    SAME = "same"  # it was known
    ADDED = "added"  # new, or joined to what was known
    MERGED = "merged"  # two things that were known turned out to be one
    CHANGED = "changed"  # an old id gave way
    CONFLICT = "conflict"  # nothing was changed; a person decides


class Joined(NamedTuple):
    """What came of a link: the identity it is now, and the rows that stood against it."""

    verdict: JoinVerdict
    identity: int = 0
    against: tuple[PairRow, ...] = ()


# -- joining (D6) ----------------------------------------------------------------------------------


def join(
    hub: Hub, link: Link, source: str, *, replace: bool = False, late: bool = False
) -> tuple[Joined, ...]:
    """Say that ids name one thing: one result for each of `link.others`.

    `replace`: a person has decided; what stands against it gives way. `late`: it was told of what
    had ended before, so that nothing gives way: what is known may be the newer of the two.
    """
    others = _told_apart(hub, link)
    told = None if late else frozenset(member.key for member in others)
    return tuple(_join(hub, link.one, other, source, told, replace=replace) for other in others)


def _told_apart(hub: Hub, link: Link) -> tuple[Member, ...]:
    """Parts that nothing tells apart get numbers (D7): nothing is ever chosen silently."""
    same = [o for o in link.others if o.qualifier == "" and len(link.others) > 1]
    alike = {o for o in same if sum(p.key[:3] == o.key[:3] for p in same) > 1}
    taken = {row.qualifier for o in alike if (row := hub.find(o.key)) is not None}
    free = (str(n) for n in range(1, len(link.others) + len(taken) + 1) if str(n) not in taken)
    told = []
    for other in link.others:
        if other in alike:
            row = hub.find(other.key)
            other = other._replace(qualifier=row.qualifier if row else next(free))  # noqa: PLW2901
        told.append(other)
    return tuple(told)


def _join(  # noqa: PLR0913 - the two, and how they may be joined
    hub: Hub,
    one: Member,
    other: Member,
    source: str,
    told: AbstractSet[Key] | None,
    *,
    replace: bool,
) -> Joined:
    known, found = hub.find(one.key), hub.find(other.key)
    if one.key == other.key:
        return Joined(JoinVerdict.SAME, known.identity if known else 0)
    if one.place == other.place:  # an application that calls one thing by two ids: no
        return Joined(JoinVerdict.CONFLICT, 0, tuple(row for row in (known, found) if row))
    if known is not None and found is not None:
        return _merge(hub, known, found, source, replace=replace)
    if found is not None:
        return _enter(hub, found, one, source, replace=replace, yields=lambda _: False)
    if known is None:
        known = hub.open(one, 0, source)
    mine = known

    def yields(holders: Sequence[PairRow]) -> bool:
        # Of the ids that are told together, none takes another's place; a late one takes none.
        return told is not None and _gives_way(hub.members(mine.identity), mine, holders, told)

    return _enter(hub, known, other, source, replace=replace, yields=yields)


def _enter(  # noqa: PLR0913 - an identity, who enters it, and how
    hub: Hub,
    known: PairRow,
    member: Member,
    source: str,
    *,
    replace: bool,
    yields: Callable[[Sequence[PairRow]], bool],
) -> Joined:
    """Join an id to a known identity; what holds its place gives way, or it is a conflict."""
    place = (member.key.application, member.key.scope, member.qualifier)
    holders = tuple(row for row in hub.members(known.identity) if row.place == place)
    if holders and not replace and not yields(holders):
        return Joined(JoinVerdict.CONFLICT, known.identity, holders)
    for row in holders:
        hub.close(row)
    hub.open(member, known.identity, source)
    return Joined(JoinVerdict.CHANGED if holders else JoinVerdict.ADDED, known.identity)


def _gives_way(
    rows: Iterable[PairRow], known: PairRow, holders: Sequence[PairRow], told: Collection[Key]
) -> bool:
    """An old id is not in use where no third application knows it, and no person set it."""
    if any(row.key in told for row in holders):
        return False
    applications = {known.application, *(row.application for row in holders)}
    firm = any(row.source in FIRM for row in holders)
    return not firm and all(row.application in applications for row in rows)


def _merge(hub: Hub, known: PairRow, found: PairRow, source: str, *, replace: bool) -> Joined:
    """Make two identities one, where no application (and qualifier) then has two ids."""
    if known.identity == found.identity:
        return Joined(JoinVerdict.SAME, known.identity)
    mine, theirs = hub.members(known.identity), hub.members(found.identity)
    places = {row.place: row for row in mine}
    against = tuple(places[row.place] for row in theirs if row.place in places)
    if against and not replace:
        return Joined(JoinVerdict.CONFLICT, known.identity, against)
    moving = [found] if against else list(theirs)
    for row in moving:
        if holder := places.get(row.place):
            hub.close(holder)
    for row in moving:
        hub.close(row)
        hub.open(row.member, known.identity, source if against else row.source)
    return Joined(JoinVerdict.CHANGED if against else JoinVerdict.MERGED, known.identity)


# -- parting (D8, D11) -----------------------------------------------------------------------------


def delete(hub: Hub, key: Key, reader: str) -> tuple[PairRow, ...]:
    """A reader deleted the thing that `key` names: its ids close.

    The sender's own closes too once no other application holds the identity.
    """
    known = hub.find(key)
    if known is None:
        return ()
    rows = hub.members(known.identity)
    closing = [row for row in rows if row.application == reader]
    if all(row.application in {reader, key.application} for row in rows):
        closing = list(rows)
    for row in closing:
        hub.close(row)
    return tuple(closing)


def part(hub: Hub, keys: Iterable[Key]) -> tuple[PairRow, ...]:
    """Close the rows of some keys."""
    closed = []
    for key in dict.fromkeys(keys):
        if (row := hub.find(key)) is not None:
            hub.close(row)
            closed.append(row)
    return tuple(closed)


def undo(hub: Hub, opened: Iterable[PairRow], closed: Iterable[PairRow]) -> tuple[PairRow, ...]:
    """Take a change back; the rows that stand against it, where something changed since.

    `opened` and `closed` are the rows that the change opened and closed, as they are now. What it
    closed opens again under its old identity.
    """
    opened, closed = tuple(opened), tuple(closed)
    mine = {row.key for row in opened}
    against = [row for row in opened if row.until]
    for row in closed:
        holder = hub.find(row.key)
        if holder is not None and row.key not in mine:
            against.append(holder)
        members = hub.members(row.identity)
        against += [one for one in members if one.place == row.place and one.key not in mine]
    against += _left_alone(hub, opened)
    if against:
        return tuple(dict.fromkeys(against))
    for row in opened:
        hub.close(row)
    for row in closed:
        hub.open(row.member, row.identity, row.source)
    return ()


def _left_alone(hub: Hub, opened: Collection[PairRow]) -> list[PairRow]:
    """Rows of later changes that joined a thing which nothing but the change in hand tells of."""
    found: list[PairRow] = []
    for identity in dict.fromkeys(row.identity for row in opened):
        changes = {row.opened_by for row in opened if row.identity == identity}
        left = [row for row in hub.members(identity) if row not in opened]
        if changes and all(row.opened_by > max(changes) for row in left):
            found += left
    return found


# -- looking up (D7, D10) --------------------------------------------------------------------------


class SharedIds(NamedTuple):
    """A rule: these applications call things of an entity by the same ids (D10)."""

    entity: str
    applications: frozenset[str]


class Names(NamedTuple):
    """What an application calls a thing: nothing, one id, or several that only a person tells."""

    ids: tuple[str, ...]

    @property
    def one(self) -> str | None:
        """The id, where there is just one."""
        return self.ids[0] if len(self.ids) == 1 else None


def names(rows: Iterable[PairRow], application: str, scope: str, qualifier: str) -> Names:
    """The ids that an application has among the rows of an identity.

    A wanted qualifier chooses; an id without one stands for any.
    """
    mine = [row for row in rows if row.application == application and row.scope == scope]
    if qualifier:
        mine = [row for row in mine if row.qualifier == qualifier] or [
            row for row in mine if row.qualifier == ""
        ]
    return Names(tuple(row.id for row in mine))
