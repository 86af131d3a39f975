"""The rows of the de-para beside its pairs: changes, conflicts, and who waits for an id.

The pairs themselves, and the rules of joining and parting, are those of `depara.model`.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from depara.model import Key, Member, PairRow


class ChangeRow(NamedTuple):
    """One change of the de-para: whatever one answer, person or file did at once (D11).

    `actor` is who did it; `message` and `delivery` are those whose answer taught it; `undoes` is
    the number of the change that it takes back, 0 for none.
    """

    number: int
    at: int
    source: str
    actor: str
    reason: str
    message: str
    delivery: int
    undoes: int


class Tally(NamedTuple):
    """What a change wrote: rows opened, rows closed, and a sum over what they say.

    Tallies of parts add up to that of the whole, in any order. The fact of a change tells its
    tally, which `bus verify` counts anew from the rows.
    """

    opened: int = 0
    closed: int = 0
    digest: int = 0

    def opening(self, row: PairRow) -> Tally:
        """With one more row opened."""
        named = (*row[:8], row.source)  # what of it never changes
        return Tally(self.opened + 1, self.closed, self._with(named))

    def closing(self, row: PairRow) -> Tally:
        """With one more row closed."""
        return Tally(self.opened, self.closed + 1, self._with((row.number, row.until)))

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        digest = (self.digest + other.digest) % 2**64
        return Tally(self.opened + other.opened, self.closed + other.closed, digest)

    def as_data(self) -> list[object]:
        """As a fact keeps it."""
        return [self.opened, self.closed, f"{self.digest:016x}"]

    @classmethod
    def of_data(cls, data: object) -> Tally:
        """As a fact tells it; ValueError or TypeError where it does not."""
        if not isinstance(data, list):
            raise TypeError(data)
        opened, closed, digest = data
        return cls(int(opened), int(closed), int(digest, 16))

    def _with(self, said: tuple[object, ...]) -> int:
        text = repr([*map(str, said)]).replace(r"\x00", "\ufffd")  # a store may keep no NUL
        found = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return (self.digest + int.from_bytes(found)) % 2**64


class ConflictState(StrEnum):
    """Whether a conflict still needs a person."""

    OPEN = "open"
    SETTLED = "settled"


class ConflictRow(NamedTuple):
    """Two ids that were said to name one thing, against what was known (D6).

    `against` are the ids that stood against them. `settled_by` is who settled it, empty while it
    is open.
    """

    number: int
    at: int
    state: ConflictState
    entity: str
    one: Member
    other: Member
    against: tuple[Member, ...]
    source: str
    message: str
    delivery: int
    settled_by: str


class Provider(StrEnum):
    """What is known of the message that would bring a missing id (D9)."""

    UNDER_WAY = "under way"
    NEVER_SEEN = "never seen"  # no message of that register has been on its way to the reader
    ITSELF = "itself"  # it is the very message that waits
    BEHIND = "behind"  # it goes only after the one that waits for it
    CYCLE = "cycle"  # it waits in turn, for an id or for its turn, for the one that waits for it
    STOPPED = "stopped"  # it failed or was given up
    HELD = "held"  # it waits for one that has stopped, which is named instead
    SILENT = "silent"  # it has ended, and no answer taught the id
    REJECTED = "rejected"  # it came, and was rejected
    UNROUTED = "unrouted"  # it came, and no route brings it to the reader
    AMBIGUOUS = "ambiguous"  # several ids are known, and nothing tells which is meant


ENDLESS = frozenset(Provider) - {Provider.UNDER_WAY}
"""What does not end by itself: a person must act."""


class WaitRow(NamedTuple):
    """A delivery that waits for an id: for what, whose id would do, and who would bring it.

    `path` is the element that holds it; `provider` what is known of the message that would bring
    the id, and `provided_by` that message (empty for none); `reader_scope` is that of the id that
    is wanted.
    """

    entity: str
    application: str
    scope: str
    id: str
    reader: str
    message: str
    number: int
    path: str
    provider: Provider
    provided_by: str
    reader_scope: str

    @property
    def key(self) -> Key:
        """What is missing."""
        return Key(self.entity, self.application, self.scope, self.id)
