"""What differs on each side when a load is over, as far as the de-para knows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from bus.ports.depara import PAGE, PairFilter, last_chosen
from depara.model import Key, PairRow

if TYPE_CHECKING:
    from bus.edge.cli.load.planning import LoadEntry
    from bus.ports.depara import CrossReference


class Unpaired(NamedTuple):
    """A document of the load that has no id at a reader."""

    file: str
    key: Key
    reader: str


class OnlyThere(NamedTuple):
    """An id of a reader whose document is not in the load; `known_as` is its sender's id of it."""

    entity: str
    reader: str
    id: str
    known_as: str


@dataclass(slots=True)
class LoadReconciliation:
    """Documents with a pair, by transaction and reader, and what only one side has."""

    paired: Counter[tuple[str, str]] = field(default_factory=Counter)
    unpaired: list[Unpaired] = field(default_factory=list)
    only_there: list[OnlyThere] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether a document of the load lacks its pair."""
        return bool(self.unpaired)


async def reconcile(
    crossreference: CrossReference, entries: Sequence[LoadEntry], sender: str
) -> LoadReconciliation:
    """Compare the documents of a load with what the de-para knows at their readers."""
    found = LoadReconciliation()
    loaded: dict[tuple[str, str], set[Key]] = defaultdict(set)
    with_key = [entry for entry in entries if entry.key]
    for at in range(0, len(with_key), PAGE):
        page = with_key[at : at + PAGE]
        known = await crossreference.known({entry.key for entry in page if entry.key})
        for entry in page:
            _compare(found, entry, known)
    for entry in with_key:
        for reader in entry.readers:
            if entry.key:
                loaded[entry.key.entity, reader].add(entry.key)
    for (entity, reader), keys in sorted(loaded.items()):
        found.only_there += await _only_there(crossreference, entity, reader, sender, keys)
    return found


def _compare(
    found: LoadReconciliation, entry: LoadEntry, known: Mapping[Key, tuple[PairRow, ...]]
) -> None:
    if entry.key is None:
        return
    there = {row.application for row in known.get(entry.key, ())}
    for reader in entry.readers:
        if reader in there:
            found.paired[entry.transaction, reader] += 1
        else:
            found.unpaired.append(Unpaired(entry.place.name, entry.key, reader))


async def _only_there(
    crossreference: CrossReference, entity: str, reader: str, sender: str, loaded: set[Key]
) -> list[OnlyThere]:
    chosen = PairFilter(entity=entity, application=reader, limit=PAGE)
    found: list[OnlyThere] = []
    while True:
        page = await crossreference.rows(chosen)
        found += _strangers(page, reader, sender, loaded)
        last = last_chosen(page, chosen)
        if not last:
            return list(dict.fromkeys(found))
        chosen = replace(chosen, after=last)


def _strangers(
    page: Sequence[PairRow], reader: str, sender: str, loaded: set[Key]
) -> Iterator[OnlyThere]:
    """The ids of a reader whose thing is not in the load."""
    things: dict[int, list[PairRow]] = defaultdict(list)
    for row in page:
        things[row.identity].append(row)
    for rows in things.values():
        ours = [row for row in rows if row.application == sender]
        if any(row.key in loaded for row in ours):
            continue
        known_as = ours[0].id if ours else ""
        yield from (
            OnlyThere(row.entity, reader, row.id, known_as)
            for row in rows
            if row.application == reader
        )
