"""Which messages a filter chooses, found without reading all that there are.

What is rare has an index. Else the sightings tell in which stretches of ids such messages occur,
and those are read one after the other, the newest first, until there are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bus.core.delivery import GONE, State
from bus.core.effect import OPEN_VERDICTS
from bus.journal.rows import MessageRow
from bus.journal.unit import Changes
from bus.ports.history import Filter
from bus.store.database import Database, Statements
from bus.store.rows import SightingRow, Value

REJECTED: Final = "rejected"
AFTER_ALL: Final = "~"
"""Sorts after every id."""

_RARE: Mapping[str, str] = {
    **{state: "stopped" for state in State if state not in GONE},
    State.WAITING: "waiting",
    State.SENDING: "sending",
    REJECTED: REJECTED,
}
"""The condition that finds a state by its index, for those that few deliveries are in."""
_CROWDED: Final = frozenset({State.WAITING, State.AWAITING_DEPARA})
"""Of these states the ones that many deliveries may be in while something is down or missing."""
NEWEST: Final = 1_000
"""Messages among which those of a crowded state are looked for first, the newest of all."""


def chosen(database: Database, wanted: Filter) -> list[str]:
    """The ids of the messages that a filter chooses, newest first."""
    asked: dict[str, Value] = {
        "transaction": wanted.transaction,
        "sender": wanted.sender,
        "destination": wanted.destination,
        "state": "" if wanted.state == REJECTED else wanted.state,
        "key": wanted.key,
        "effect": wanted.effect.value,
        "since": wanted.since,
        "until": wanted.until,
        "before": wanted.before,
        "limit": wanted.limit,
        "floor": "",
    }
    sql = database.statements("search.sql")
    if wanted.since and (found := sql.where("floor", {"since": wanted.since})):
        asked["floor"] = found[0][0]
    conditions = list(_conditions(wanted, asked))
    scattered = wanted.transaction or wanted.sender or wanted.destination
    if (
        wanted.key
        or wanted.differs
        or wanted.state in _RARE
        or wanted.effect in OPEN_VERDICTS
        or not scattered
    ):
        return _listed_by_index(sql, conditions, asked, wanted)
    return _in_stretches(sql, conditions, asked, wanted)


def _conditions(wanted: Filter, asked: Mapping[str, Value]) -> Iterator[str]:
    for name in ("before", "floor", "since", "until", "sender", "transaction", "key"):
        if asked[name]:
            yield name
    if wanted.state in _RARE:
        yield _RARE[wanted.state]
    if wanted.effect in OPEN_VERDICTS:
        yield "without_effect"
    if wanted.differs:
        yield "differing"
    if wanted.destination or asked["state"] or asked["effect"]:
        yield "delivery"


def _listed_by_index(
    sql: Statements, conditions: list[str], asked: dict[str, Value], wanted: Filter
) -> list[str]:
    """What the conditions choose; of a crowded state not all is gathered to show a page of it."""
    if wanted.state in _CROWDED and not wanted.key:
        others = [one for one in conditions if one != _RARE[wanted.state]]
        found = _listed(sql, [*others, "newest"], asked | {"newest": NEWEST})
        if len(found) >= wanted.limit:
            return found
    return _listed(sql, conditions, asked)


def _in_stretches(
    sql: Statements, conditions: list[str], asked: dict[str, Value], wanted: Filter
) -> list[str]:
    found: list[str] = []
    for stretch in _stretches(sql, asked, wanted):
        asked |= {"stretch": stretch, "limit": wanted.limit - len(found)}
        found += _listed(sql, [*conditions, "stretch"], asked)
        if len(found) >= wanted.limit:
            break
    return found


def _stretches(sql: Statements, asked: dict[str, Value], wanted: Filter) -> Iterator[str]:
    """Where such messages occur, the newest first."""
    below = wanted.before[:STRETCH] + AFTER_ALL
    while page := sql.where("stretches", asked | {"before_stretch": below}):
        yield from (row[0] for row in page)
        below = page[-1][0]


def _listed(sql: Statements, conditions: list[str], asked: Mapping[str, Value]) -> list[str]:
    return [row[0] for row in sql.chosen("listed", conditions, asked)]


# -- who sends what to whom, noted once for each stretch of ids --------------------------------


STRETCH: Final = 7
"""The characters of an id that make its stretch: a quarter of an hour, of a UUIDv7."""

MOST_KNOWN: Final = 10_000


class Sightings:
    """Remembers what was noted, so that a commit writes only what is new."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str, str, str]] = set()

    def new_in(self, changes: Changes) -> list[SightingRow]:
        """What a commit sees for the first time, or perhaps not."""
        found = {
            where: message.received_at
            for where, message in _seen(changes)
            if where not in self._known
        }
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update(found)
        return [SightingRow(*where, at) for where, at in found.items()]

    def forget(self) -> None:
        """Know nothing: what was noted last was not committed."""
        self._known.clear()


def _seen(changes: Changes) -> Iterator[tuple[tuple[str, str, str, str], MessageRow]]:
    messages = changes.messages
    for message in messages.values():
        if not message.deliveries:
            yield (message.id[:STRETCH], message.sender, message.transaction, ""), message
    for row in changes.deliveries.values():
        if whole := messages.get(row.message):
            yield (whole.id[:STRETCH], whole.sender, whole.transaction, row.destination), whole
