"""What will not do in the de-para: ids that nobody shares, that collide or are gone (D2, D11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from depara.model import IdLimits, PairRow


class Missing(NamedTuple):
    """A comparison with an application's own list: pairs without an id, ids without a pair."""

    gone: tuple[PairRow, ...]
    unpaired: tuple[str, ...]


def alone(rows: Iterable[PairRow]) -> tuple[PairRow, ...]:
    """The rows of identities that one application alone knows."""
    identities: dict[int, list[PairRow]] = {}
    for row in rows:
        identities.setdefault(row.identity, []).append(row)
    return tuple(
        row
        for members in identities.values()
        if len({one.application for one in members}) == 1
        for row in members
    )


def strangers(rows: Iterable[PairRow], applications: Collection[str]) -> tuple[PairRow, ...]:
    """The rows of applications that there are no more."""
    return tuple(row for row in rows if row.application not in applications)


def colliding(
    rows: Iterable[PairRow], readers: Mapping[str, IdLimits]
) -> tuple[tuple[PairRow, ...], ...]:
    """Ids of one application that another one, by how it keeps them, takes for the same."""
    rows = tuple(rows)
    groups = (group for name, limits in readers.items() for group in _alike(rows, name, limits))
    return tuple(dict.fromkeys(groups))


def too_long(rows: Iterable[PairRow], readers: Mapping[str, IdLimits]) -> tuple[PairRow, ...]:
    """Ids that are longer than a reader that knows the thing too can keep."""
    rows = tuple(rows)
    found = {row for name, limits in readers.items() for row in _cut(rows, name, limits)}
    return tuple(row for row in rows if row in found)


def compare(rows: Iterable[PairRow], application: str, ids: Iterable[str]) -> Missing:
    """Compare the ids of an application with those that it says it has."""
    mine = [row for row in rows if row.application == application]
    has = dict.fromkeys(ids)
    paired = {row.id for row in mine}
    gone = tuple(row for row in mine if row.id not in has)
    return Missing(gone, tuple(id_ for id_ in has if id_ not in paired))


def _alike(rows: Iterable[PairRow], reader: str, limits: IdLimits) -> Iterable[tuple[PairRow, ...]]:
    groups: dict[tuple[str, ...], list[PairRow]] = {}
    for row in rows:
        if row.application != reader:
            key = (row.entity, row.application, row.scope, limits.seen_as(row.id))
            groups.setdefault(key, []).append(row)
    return (tuple(group) for group in groups.values() if len({one.id for one in group}) > 1)


def _cut(rows: Iterable[PairRow], reader: str, limits: IdLimits) -> Iterable[PairRow]:
    if not limits.longest:
        return ()
    known = {row.identity for row in rows if row.application == reader}
    return (row for row in rows if len(row.id) > limits.longest and row.identity in known)
