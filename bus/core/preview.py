"""What activating a group that shares registers would do at one application: pure.

A register of the origin meets one that is there already by the de-para, or by what everybody calls
it: a CNPJ or CPF, a code. What matches is overwritten, what does not is kept: nothing is deleted
(X-11).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from bus.core.sharing import APART, Change, change_of, recognised_as

HASH = 12
"""Characters of the hash of a preview that a person types."""


class RegisterFate(StrEnum):
    """What becomes of a register. The comment is the meaning."""

    CREATED = "created"  # the origin has it, the application does not
    OVERWRITTEN = "overwritten"  # both have it
    DUPLICATE = "duplicate"  # two that may be one: to be looked at by a person first
    SKIPPED = "skipped"  # it lacks the document by which it would be recognised
    KEPT = "kept"  # only the application has it
    MISSING = "missing"  # the de-para has an id of it there, and the application has it no more
    FORBIDDEN = "forbidden"  # the origin may not do there what it would take


class SharedRecord(NamedTuple):
    """A register as an application has it: its own id, what everybody calls it, and its name."""

    entity: str
    id: str
    match: str
    name: str = ""
    needs_match: bool = False


class PreviewLine(NamedTuple):
    """What becomes of one register at an application; `there` is its id in it, where it has one."""

    application: str
    entity: str
    fate: RegisterFate
    id: str
    match: str
    name: str
    there: str = ""


class Preview(NamedTuple):
    """What activation would do, application by application."""

    group: str
    lines: tuple[PreviewLine, ...]

    @property
    def hash(self) -> str:
        """What a person types who has read it: another for everything that would be otherwise."""
        told = "\n".join("\t".join(line) for line in sorted(self.lines))
        return sha256(f"{self.group}\n{told}".encode()).hexdigest()[:HASH]

    def counts(self) -> dict[tuple[str, str, RegisterFate], int]:
        """How many registers have each fate, by application and entity."""
        return dict(Counter((line.application, line.entity, line.fate) for line in self.lines))


Pairs = Mapping[tuple[str, str], Collection[str]]
"""By entity and the origin's id, the ids that an application has for the same register."""


def lines_of(
    application: str, origin: Sequence[SharedRecord], there: Sequence[SharedRecord], pairs: Pairs
) -> Iterator[PreviewLine]:
    """What becomes of each register of the origin, and of each that the application has."""
    by_match = _by(there, _recognised)
    by_name = _by(there, _alike)
    matched: set[tuple[str, str]] = set()
    has = {(one.entity, one.id) for one in there}
    for one in origin:
        if one.needs_match and not one.match:
            yield _line(application, one, RegisterFate.SKIPPED)
            continue
        found = set(pairs.get((one.entity, one.id), ())) or _ids(by_match.get(_recognised(one)))
        yield _line(
            application,
            one,
            _fate_of({(one.entity, id_) for id_ in found}, has),
            *sorted(found),
        )
        matched |= {(one.entity, id_) for id_ in found}
        similar = _ids(by_name.get(_alike(one))) - found
        for id_ in sorted(similar | (found if len(found) > 1 else set())):
            yield _line(application, one, RegisterFate.DUPLICATE, id_)
    yield from _twice(application, origin)
    for one in there:
        if (one.entity, one.id) not in matched:
            yield _line(application, one._replace(id=""), RegisterFate.KEPT, one.id)


def as_permitted(
    lines: Iterable[PreviewLine], pairs: Pairs, may: Collection[Change]
) -> Iterator[PreviewLine]:
    """The same as far as the origin may: what has no pair yet is included, even if it matches."""
    for line in lines:
        does = line.fate in {RegisterFate.CREATED, RegisterFate.OVERWRITTEN}
        change = change_of(deletes=False, new=not pairs.get((line.entity, line.id)))
        forbidden = does and change not in may
        yield line._replace(fate=RegisterFate.FORBIDDEN) if forbidden else line


def _fate_of(found: set[tuple[str, str]], has: set[tuple[str, str]]) -> RegisterFate:
    """What becomes of a register that is found by these ids, of those that its reader has."""
    if not found:
        return RegisterFate.CREATED
    return RegisterFate.OVERWRITTEN if found & has else RegisterFate.MISSING


def _twice(application: str, origin: Iterable[SharedRecord]) -> Iterator[PreviewLine]:
    """Registers of the origin that are recognised as one."""
    for same in _by(origin, _recognised).values():
        for one in same[1:]:
            yield _line(application, one, RegisterFate.DUPLICATE)


def _line(
    application: str, one: SharedRecord, fate: RegisterFate, there: str = "", *_: str
) -> PreviewLine:
    return PreviewLine(application, one.entity, fate, one.id, one.match, one.name, there)


def _recognised(one: SharedRecord) -> tuple[str, str]:
    return one.entity, recognised_as(one.match, document=one.needs_match)


def _alike(one: SharedRecord) -> tuple[str, str]:
    """The name, whatever its letters' case, its blanks and dots."""
    return one.entity, APART.sub("", one.name).casefold()


def _by(
    records: Iterable[SharedRecord], key: Callable[[SharedRecord], tuple[str, str]]
) -> dict[tuple[str, str], list[SharedRecord]]:
    found: dict[tuple[str, str], list[SharedRecord]] = defaultdict(list)
    for one in records:
        entity, value = key(one)
        if value:
            found[entity, value].append(one)
    return found


def _ids(records: Iterable[SharedRecord] | None) -> set[str]:
    return {one.id for one in records or ()}
