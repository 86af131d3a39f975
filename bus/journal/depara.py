"""The de-para within a commit: learning, waiting for an id, waking, and what people change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from bus.core.delivery import State, Step
from bus.core.learning import Lesson
from bus.core.translation import MissingId, ids_of
from bus.journal.commands import ChangeDepara, DeparaChanged, Linked
from bus.journal.depara_rows import ChangeRow, ConflictRow, ConflictState, Provider, WaitRow
from bus.journal.facts import FactKind, FactRow
from bus.journal.lanes import has_turn
from bus.journal.pairs import Pairs
from bus.journal.providers import provider_of
from bus.journal.rows import DeliveryRow
from bus.journal.step import move, note
from bus.journal.unit import Unit
from depara.model import JoinVerdict, Key, Link, Member, PairRow, Source, delete, join, part, undo

UNDONE_AT_ONCE: Final = 1000
"""Rows of a change that one commit takes back."""

# -- learning (D5, D6, D8) -------------------------------------------------------------------------


def learn(
    unit: Unit, row: DeliveryRow, lesson: Lesson, *, late: bool = False, actor: str = ""
) -> None:
    """Keep what an OK taught; a conflict undoes nothing, it is work for a person.

    `late`: it is about an attempt that had ended before, and replaces nothing (S13). `actor`: the
    person who told it; else its destination did.
    """
    for one in lesson.unlearnt:
        note(unit, row, FactKind.NOT_LEARNT, reason=one.reason, data=one._asdict())
    if lesson.links or lesson.deletes:
        _change(unit, row, lesson, actor or row.destination, late=late)
    if lesson.own:
        wake(unit, (lesson.own,), reader=row.destination)


def _change(unit: Unit, row: DeliveryRow, lesson: Lesson, actor: str, *, late: bool) -> None:
    pairs = unit.pairs
    keys = [member.key for link in lesson.links for member in (link.one, *link.others)]
    pairs.load([*keys, *lesson.deletes])
    change = ChangeRow(0, 0, lesson.source, actor, "", row.message, row.number, 0)
    change = change._replace(number=pairs.begin(change))
    for link in lesson.links:
        _learn_link(unit, row, link, change, late=late)
    # A delete that is told again says nothing of what came by that id since.
    again = late and row.state is State.DELIVERED
    for key in () if again else lesson.deletes:
        closed = delete(pairs, key, row.destination)
        if closed:
            data = {"closed": [list(one.key) for one in closed], "change": change.number}
            data |= {"tally": pairs.tally().as_data()}
            note(unit, row, FactKind.LEARNT, reason="DELETED", data=data)
    _wake_all(unit, lesson.links)


def _learn_link(unit: Unit, row: DeliveryRow, link: Link, change: ChangeRow, *, late: bool) -> None:
    source = Source(change.source)
    results = join(unit.pairs, link, source, late=late)
    for other, joined in zip(link.others, results, strict=True):
        data = {"one": list(link.one.key), "other": list(other.key), "change": change.number}
        if joined.verdict is JoinVerdict.CONFLICT:
            kept = unit.pairs.put_conflict(_conflict(row, link, other, joined.against, source))
            note(unit, row, FactKind.CONFLICT, data=data | {"conflict": kept.number})
        elif joined.verdict is not JoinVerdict.SAME:
            data |= {"tally": unit.pairs.tally().as_data()}
            note(unit, row, FactKind.LEARNT, reason=joined.verdict.upper(), data=data)


def _conflict(
    row: DeliveryRow, link: Link, other: Member, against: Sequence[PairRow], source: Source
) -> ConflictRow:
    return ConflictRow(
        number=0,
        at=0,
        state=ConflictState.OPEN,
        entity=other.key.entity,
        one=link.one,
        other=other,
        against=tuple(one.member for one in against),
        source=source,
        message=row.message,
        delivery=row.number,
        settled_by="",
    )


# -- waiting (D9) ----------------------------------------------------------------------------------


def await_ids(unit: Unit, row: DeliveryRow, wanted: Collection[MissingId]) -> None:
    """Keep what a delivery waits for; it goes on at once where an id was learnt meanwhile."""
    unit.pairs.load([key for one in wanted for key in one.keys])
    for one in wanted:
        provider, message, closed = provider_of(unit, row, one)
        waits = [
            WaitRow(
                *key,
                reader,
                row.message,
                row.number,
                one.path,
                provider,
                message,
                one.scope_at(reader),
            )
            for key in one.keys
            for reader in one.readers
        ]
        _note_missing(unit, row, waits[0], of=one)
        for wait in waits:
            unit.pairs.wait(wait)
        for wait in closed:
            _note_circle(unit, wait, row.message)
    if wanted and all(_known(unit, one) for one in wanted):
        _wake(unit, row.message, row.number, 0)


def _note_missing(unit: Unit, row: DeliveryRow, wait: WaitRow, of: MissingId | None = None) -> None:
    data: dict[str, object] = {
        "wanted": list(wait.key),
        "reader": wait.reader,
        "path": wait.path,
        "provider": wait.provider.value,
        "message": wait.provided_by,
    }
    if of:
        data |= {"qualifier": of.qualifier, "at_reader": of.at_reader}
    note(unit, row, FactKind.ID_MISSING, data=data)


def _note_circle(unit: Unit, wait: WaitRow, message: str) -> None:
    """Of a delivery that began to wait before: the message that brings its id waits for it now."""
    told = wait._replace(provider=Provider.CYCLE, provided_by=message)
    unit.pairs.wait(told)
    row = unit.deliveries.find((wait.message, wait.number))
    if row is not None:
        _note_missing(unit, row, told)


def _known(unit: Unit, wanted: MissingId) -> bool:
    if wanted.at_reader:
        return False
    known = {
        key: unit.pairs.members(found.identity)
        for key in wanted.keys
        if (found := unit.pairs.find(key)) is not None
    }
    return len(ids_of(wanted, known)) == 1


def wake(unit: Unit, keys: Iterable[Key], reader: str = "") -> tuple[DeliveryRow, ...]:
    """Wake those that wait for an id of what the keys name, in the order of acceptance."""
    found = unit.pairs.waits(tuple(keys))
    mine = sorted({(one.message, one.number) for one in found if reader in {"", one.reader}})
    unit.deliveries.load(mine)
    woken = [_wake(unit, *key, at) for at, key in enumerate(mine)]
    return tuple(one for one in woken if one is not None)


def _wake(unit: Unit, message: str, number: int, after: int) -> DeliveryRow | None:
    row = unit.deliveries.find((message, number))
    if row is None or row.state is not State.AWAITING_DEPARA:
        return None
    due = unit.now + after if has_turn(unit, row) else None
    return move(unit, row, Step.RESUME, due_at=due)


def _wake_all(unit: Unit, links: Iterable[Link]) -> tuple[DeliveryRow, ...]:
    """Wake those who wait for an id that these links brought."""
    rows: dict[int, PairRow] = {}
    for link in links:
        for member in (link.one, *link.others):
            found = unit.pairs.find(member.key)
            for row in unit.pairs.members(found.identity) if found else ():
                rows[row.number] = row
    identities: dict[int, set[str]] = {}
    for row in rows.values():
        identities.setdefault(row.identity, set()).add(row.application)
    keys = [row.key for row in rows.values()]
    of = {row.key: identities[row.identity] for row in rows.values()}
    waiting = [one for one in unit.pairs.waits(keys) if one.reader in of[one.key]]
    mine = sorted({(one.message, one.number) for one in waiting})
    unit.deliveries.load(mine)
    woken = [_wake(unit, *key, at) for at, key in enumerate(mine)]
    return tuple(one for one in woken if one is not None)


# -- what people do --------------------------------------------------------------------------------


def change_depara(unit: Unit, asked: ChangeDepara) -> DeparaChanged:
    """Make links, part keys or take a change back; a dry run leaves no trace."""
    if not asked.dry:
        return _amend(unit, asked)
    trial = Unit(unit.tables, unit.now, unit.age)
    return replace(_amend(trial, asked), change=0, woken=())


def _amend(unit: Unit, asked: ChangeDepara) -> DeparaChanged:
    pairs = unit.pairs
    keys = [member.key for link in asked.links for member in (link.one, *link.others)]
    pairs.load([*keys, *asked.parts])
    begun = unit.change_of_whole(asked.whole) if asked.whole else 0
    number = pairs.begin(
        ChangeRow(begun, 0, asked.source, asked.actor, asked.reason, "", 0, asked.undoes)
    )
    undone = _undo(unit, asked, number) if asked.undoes else _Undone()
    linked = tuple(one for link in asked.links for one in _link(unit, link, asked))
    closed = part(pairs, asked.parts)
    if asked.settles:
        _settle(unit, asked)
    rows = [row for row in pairs.changes.rows.values() if number in {row.opened_by, row.closed_by}]
    made = number if rows or begun else 0
    more = asked.more or undone.after > 0
    if rows or (begun and not more):
        _tell(unit, asked, number, rows=len(rows), more=more)
    opened = [row for row in rows if row.opened_by == number]
    woken = _wake_all(unit, [*asked.links, *(Link(row.member, ()) for row in opened)])
    left = [one.key for row in closed for one in pairs.members(row.identity)]
    woken += wake(unit, left)
    return DeparaChanged(made, linked, closed, undone.against, woken, undone.after)


def _link(unit: Unit, link: Link, asked: ChangeDepara) -> Iterable[Linked]:
    results = join(unit.pairs, link, asked.source, replace=asked.replace)
    for other, joined in zip(link.others, results, strict=True):
        yield Linked(Link(link.one, (other,)), joined.verdict, joined.against)


class _Undone(NamedTuple):
    """The rows against an undo, and the row after which it has to go on; 0 where it is done."""

    against: tuple[PairRow, ...] = ()
    after: int = 0


def _undo(unit: Unit, asked: ChangeDepara, number: int) -> _Undone:
    """Take the next rows of a change back, by the change of a number.

    What took the place of a row has a higher number than it; it closes in the commit that opens
    that row again, so that nothing is unknown meanwhile.
    """
    pairs, change = unit.pairs, asked.undoes
    page = list(pairs.tables.rows_of_change(change, asked.after, UNDONE_AT_ONCE))
    pairs.load([row.key for row in page])
    closed = [
        row
        for row in page
        if row.closed_by == change != row.opened_by and not _is_back(pairs, row, number)
    ]
    opened = [
        row for row in page if row.opened_by == change and row.closed_by not in {change, number}
    ]
    for row in closed:
        opened += [one for one in _instead(pairs, row) if one.opened_by == change]
    against = undo(pairs, dict.fromkeys(opened), closed)
    more = len(page) == UNDONE_AT_ONCE
    return _Undone(against, page[-1].number if more else 0)


def _is_back(pairs: Pairs, row: PairRow, number: int) -> bool:
    """Whether an earlier commit of this undo opened a row again."""
    holder = pairs.find(row.key)
    return holder is not None and holder.opened_by == number


def _instead(pairs: Pairs, row: PairRow) -> Iterable[PairRow]:
    """The rows that stand where a closed one did: under its key, or in its place."""
    holder = pairs.find(row.key)
    members = (one for one in pairs.members(row.identity) if one.place == row.place)
    return members if holder is None else (holder, *members)


def _settle(unit: Unit, asked: ChangeDepara) -> None:
    conflict = unit.pairs.conflict(asked.settles)
    if conflict is not None:
        settled = conflict._replace(state=ConflictState.SETTLED, settled_by=asked.actor)
        unit.pairs.put_conflict(settled)


def _tell(unit: Unit, asked: ChangeDepara, number: int, *, rows: int, more: bool) -> None:
    data: dict[str, object] = {"change": number, "undoes": asked.undoes, "rows": rows}
    data |= {"tally": unit.pairs.tally().as_data()}
    if asked.whole:
        data |= {"whole": asked.whole, "more": more}
    reason = asked.reason or asked.source
    kind = FactKind.DEPARA_CHANGED
    unit.put_fact(FactRow(unit.now, kind, "", 0, 0, "", asked.actor, reason, data))
