"""What will not do in the de-para: ids that nobody shares, that collide or are gone (D2, D11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from depara.model import PairRow

LONGEST = 50
"""Characters of an id that Protheus keeps in its own de-para."""
SEGMENT = "|"


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


def colliding(rows: Iterable[PairRow]) -> tuple[tuple[PairRow, ...], ...]:
    """Ids that a reader takes for one, who looks neither at letter case nor at padding."""
    return _alike(rows, lambda id_: SEGMENT.join(p.strip() for p in id_.casefold().split(SEGMENT)))


def too_long(rows: Iterable[PairRow], short: Collection[str]) -> tuple[PairRow, ...]:
    """Ids that are longer than an application in `short`, which knows the thing too, can keep."""
    rows = tuple(rows)
    known = {row.identity for row in rows if row.application in short}
    return tuple(row for row in rows if len(row.id) > LONGEST and row.identity in known)


def compare(rows: Iterable[PairRow], application: str, ids: Iterable[str]) -> Missing:
    """Compare the ids of an application with those that it says it has."""
    mine = [row for row in rows if row.application == application]
    has = dict.fromkeys(ids)
    paired = {row.id for row in mine}
    gone = tuple(row for row in mine if row.id not in has)
    return Missing(gone, tuple(id_ for id_ in has if id_ not in paired))


def _alike(
    rows: Iterable[PairRow], seen_as: Callable[[str], str]
) -> tuple[tuple[PairRow, ...], ...]:
    groups: dict[tuple[str, ...], list[PairRow]] = {}
    for row in rows:
        key = (row.entity, row.application, row.scope, seen_as(row.id))
        groups.setdefault(key, []).append(row)
    return tuple(tuple(group) for group in groups.values() if len({one.id for one in group}) > 1)
