"""How far an app has been read: each register by the time of its changes, page by page.

A list is read from its first page to its last. What the next one begins with is the latest change
on the *first* page: whatever changed after that page was asked for is not older. What has been
handed on from that moment on is remembered, so that it is not handed on twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from adapters.omie.numbers import Record, written
from adapters.omie.values import moment_of

PRODUCTS = "Item"
"""The register that has families."""
Seen = Mapping[str, str]
"""By the id of a record: its last change, and a digest of what it was."""


@dataclass(frozen=True, slots=True)
class Mark:
    """From which change on a register is read, and what of that has been handed on."""

    since: str = ""
    seen: Seen = field(default_factory=dict)

    def is_new(self, id: str, changed: str, digest: str) -> bool:
        """Whether a record, or its last change, has not been handed on."""
        if self.seen.get(id) == f"{changed}#{digest}":
            return False
        return not (changed and self.since) or not _before(changed, self.since)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading stands: in which register (empty: between two rounds), page and record.

    `next` is the mark of the round under way; `total` how many records its list had. Where only
    some families of products are read, `families` are those, as told, and `members` the products
    that were handed on as theirs; `narrows`: until now all products were. `rounds` counts those
    that were begun, where balances are read: what was so before may be so again.
    """

    register: str = ""
    page: int = 1
    record: int = 0
    total: int = 0
    next: Mark = Mark()
    marks: Mapping[str, Mark] = field(default_factory=dict)
    families: str = ""
    members: frozenset[str] = frozenset()
    narrows: bool = False
    rounds: int = 0

    @property
    def mark(self) -> Mark:
        """Where the register that is being read begins."""
        return self.marks.get(self.register, Mark())

    def after(self, id: str, changed: str, digest: str) -> Cursor:
        """Behind one record more, of which `next` has noted the change."""
        keeps = not self.next.since or not changed or not _before(changed, self.next.since)
        seen = {**self.next.seen, id: f"{changed}#{digest}"} if keeps else self.next.seen
        return replace(self, record=self.record + 1, next=replace(self.next, seen=seen))

    def passing_over(self, changed: str) -> Cursor:
        """Behind a record that is read once more, whatever else changed later."""
        begins_later = changed and self.next.since and _before(changed, self.next.since)
        mark = replace(self.next, since=changed) if begins_later else self.next
        return replace(self, record=self.record + 1, next=mark)

    def moved(self, id: str, *, inside: bool) -> Cursor:
        """With a product among those of the families that are read, or no longer."""
        members = self.members | {id} if inside else self.members - {id}
        return replace(self, members=members)

    def of_families(self, families: str) -> Cursor:
        """Where it was read by other families, at the beginning of the register of products."""
        if families == self.families:
            return self
        marks = {name: mark for name, mark in self.marks.items() if name != PRODUCTS}
        narrows = not self.families and PRODUCTS in self.marks
        return replace(
            self, register="", marks=marks, families=families, narrows=narrows, next=Mark()
        )

    def begun(self, register: str) -> Cursor:
        """At the first record of a register."""
        mark = Mark(self.marks.get(register, Mark()).since)
        return replace(self, register=register, page=1, record=0, total=0, next=mark)

    def ended(self, following: str) -> Cursor:
        """A register has been read; the next one, or none, follows."""
        marks = {**self.marks, self.register: self.next}
        narrows = self.narrows and PRODUCTS not in marks
        after = replace(self, register="", marks=marks, next=Mark(), narrows=narrows)
        after = replace(after, page=1, record=0, total=0)
        return after.begun(following) if following else after

    def written(self) -> str:
        """As the journal keeps it."""
        marks = {name: [mark.since, dict(mark.seen)] for name, mark in self.marks.items()}
        state: dict[str, object] = {"marks": marks}
        if self.register:
            state["at"] = [self.register, self.page, self.record, self.total]
            state["next"] = [self.next.since, dict(self.next.seen)]
        if self.rounds:
            state["rounds"] = self.rounds
        if self.families or self.members:
            state["families"] = [self.families, sorted(self.members), self.narrows]
        return json.dumps(state, sort_keys=True)


def read_cursor(text: str) -> Cursor:
    """The cursor that `written` wrote; the beginning where there is none."""
    if not text:
        return Cursor()
    told = json.loads(text)
    marks = {name: Mark(since, seen) for name, (since, seen) in told["marks"].items()}
    families, members, narrows = told.get("families", ("", (), False))
    rounds = told.get("rounds", 0)
    ended = Cursor(marks=marks, families=families, narrows=narrows, rounds=rounds)
    ended = replace(ended, members=frozenset(members))
    if "at" not in told:
        return ended
    register, page, record, total = told["at"]
    place = replace(ended, register=register, page=page, record=record)
    return replace(place, total=total, next=Mark(*told["next"]))


def digest_of(row: Record) -> str:
    """What tells two states of a record apart that have the same time of change."""
    return f"{crc32(written(row)):08x}"


def latest(moments: list[str], least: str) -> str:
    """The latest of these moments, or that one."""
    known = [moment for moment in moments if moment]
    return max([*known, *filter(None, [least])], key=_sortable, default="")


def _before(one: str, other: str) -> bool:
    return _sortable(one) < _sortable(other)


def _sortable(moment: str) -> str:
    date, _, time = moment.partition(" ")
    found = moment_of(date, time)
    return found.isoformat() if found else ""
