"""What the journal keeps of the de-para beside its rows, and what it is asked to record.

The rows themselves, and the rules of joining and parting, are those of `depara.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from depara.model import Key, Link, Row, Source, Verdict

if TYPE_CHECKING:
    from bus.core.journal import DeliveryRow

# -- rows ------------------------------------------------------------------------------------------


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


class ConflictState(StrEnum):
    """Whether a conflict still needs a person."""

    OPEN = "open"
    SETTLED = "settled"


class ConflictRow(NamedTuple):
    """Two ids that were said to name one thing, against what was known (D6).

    `one` and `other` are the key and qualifier of each, as JSON lists; `against` lists the ids that
    stood against them. `settled_by` is who settled it, empty while it is open.
    """

    number: int
    at: int
    state: ConflictState
    entity: str
    one: str
    other: str
    against: str
    source: str
    message: str
    delivery: int
    settled_by: str


class Provider(StrEnum):
    """What is known of the message that would bring a missing id (D9)."""

    UNDER_WAY = "under way"
    NEVER_SEEN = "never seen"  # no message of that register has come
    BEHIND = "behind"  # it waits behind the one that waits for it
    STOPPED = "stopped"  # it failed or was given up
    SILENT = "silent"  # it has ended, and no answer taught the id
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


def command_to_set(key: Key, reader: str, reader_scope: str) -> str:
    """The command by which a person enters the id that a reader lacks."""
    names = [quote(f"{key.application}:{key.id}"), quote(f"{reader}:ID")]
    scopes = [("--scope", key.scope), ("--other-scope", reader_scope)]
    told = [f"{option} {quote(scope)}" for option, scope in scopes if scope]
    return " ".join(["bus depara set", key.entity, *names, *told])


# -- what an attempt finds out ---------------------------------------------------------------------


class Wanted(NamedTuple):
    """An id that a delivery lacks: the element, and what would do.

    `keys` are the sender's own and those that a rule says are the same; `readers` likewise the
    applications whose id would do, in a `scope` and with a `qualifier`. `ambiguous`: several are
    known. `at_reader`: the reader keeps its own de-para, and said that it does not know it.
    """

    keys: tuple[Key, ...]
    path: str
    readers: tuple[str, ...]
    scope: str = ""
    qualifier: str = ""
    ambiguous: bool = False
    at_reader: bool = False

    @property
    def key(self) -> Key:
        """The sender's own."""
        return self.keys[0]


class Unlearnt(NamedTuple):
    """An entry of an answer that taught nothing, and why (D5)."""

    reason: str
    name: str
    origin: str
    destination: str


class Lesson(NamedTuple):
    """What a delivered message teaches: links from the answer, or what a delete closes.

    `own` is the document's own id in the sender's terms, None where it has none; `source` is
    that of the rows.
    """

    own: Key | None = None
    links: tuple[Link, ...] = ()
    unlearnt: tuple[Unlearnt, ...] = ()
    deletes: tuple[Key, ...] = ()
    source: Source = Source.ANSWER


NOTHING_LEARNT = Lesson()


# -- what people do --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Amend:
    """A person's change of the de-para, or a file's: links to make, keys to part, or an undo.

    `replace`: what stands against a link gives way; `dry`: nothing is recorded; `settles` is the
    number of a conflict that this decides, `undoes` of a change to take back; 0 for none.
    """

    actor: str
    source: str
    reason: str = ""
    links: tuple[Link, ...] = ()
    parts: tuple[Key, ...] = ()
    undoes: int = 0
    settles: int = 0
    replace: bool = False
    dry: bool = False


class Linked(NamedTuple):
    """What came of one link: the verdict, and the rows against it."""

    link: Link
    verdict: Verdict
    against: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Amended:
    """What came of a change: its number (0: nothing changed), what closed, and who was woken.

    `against` are the rows that keep an undo from happening.
    """

    change: int
    linked: tuple[Linked, ...] = ()
    closed: tuple[Row, ...] = ()
    against: tuple[Row, ...] = ()
    woken: tuple[DeliveryRow, ...] = ()
