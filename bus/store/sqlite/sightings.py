"""Who sends what to whom, noted once for each stretch of ids, so that listings know where to look.

An index on every message would cost each of them a page; this costs a row now and then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from bus.journal.rows import MessageRow
from bus.journal.unit import Changes

STRETCH: Final = 7
"""The characters of an id that make its stretch: a quarter of an hour, of a UUIDv7."""

MOST_KNOWN: Final = 10_000


class SightingRow(NamedTuple):
    """A row of `sightings`. `destination` is empty for messages that go nowhere."""

    stretch: str
    sender: str
    transaction: str
    destination: str
    at: int


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
