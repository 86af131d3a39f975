"""What really happened in a history, told by those it happened to and not by the bus.

The checks compare it with what the bus kept. It can be read as lines: who did what, when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bus.core.delivery import Step
from bus.core.envelope import Status
from bus.core.errors import Fault
from bus.core.identity import RepeatVerdict
from bus.engine.post_result import Form
from bus.journal.rows import DeliveryRow, MessageRow
from tests.simulation.script import Posting


class Fate(StrEnum):
    """What becomes of one call of a destination. The comment says what the bus sees."""

    DONE = "done"  # OK, or a receipt and an OK later
    REFUSED = "refused"  # no, or a receipt and a no later
    BUSY = "busy"  # come later
    UNREACHABLE = "unreachable"  # no connection
    VANISHED = "vanished"  # nothing, and it was never processed
    ANSWER_LOST = "answer lost"  # nothing, though it was processed
    GARBLED_DONE = "processed, answer unreadable"  # unknown at once
    GARBLED = "answer unreadable"  # unknown at once, and it was never processed
    SLOW = "slow"  # nothing within the limit; processed later
    VERY_SLOW = "very slow"  # nothing within the lease; processed later
    RAISED = "adapter raised"  # the adapter fails; it was processed


SURE_NO = frozenset({Fate.REFUSED, Fate.BUSY, Fate.UNREACHABLE})
"""Fates in which the bus is told that nothing was processed."""


@dataclass(slots=True)
class Call:
    """One call of a destination by the bus: what was sent, from where, and what came of it.

    `row` is the delivery as the store had it when the call began, `head` whose turn it was in its
    lane, `earlier` the deliveries before it there. `processed_at` is None where the destination did
    nothing; `answered` is the ResponseMessage that it posted later and that the bus took. While it is
    `under_way` it may yet be processed; `denied`: asked later, the destination said that it never came.
    `names` are the fields of what was sent.
    """

    number: int
    destination: str
    token: str
    uuid: str
    began: float
    row: DeliveryRow
    head: int
    fate: Fate
    earlier: tuple[DeliveryRow, ...] = ()
    processed_at: float | None = None
    answered: Status | None = None
    under_way: bool = True
    denied: bool = False
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> tuple[str, str, str]:
        """By what its destination knows the message."""
        return self.destination, self.token, self.uuid


@dataclass(slots=True)
class Opening:
    """The first call of a send that takes two. `done`: it was carried out."""

    row: DeliveryRow
    began: float
    token: str
    uuid: str
    fate: Fate
    under_way: bool = True
    done: bool = False
    denied: bool = False

    @property
    def destination(self) -> str:
        """Who is called."""
        return self.row.destination

    @property
    def about(self) -> tuple[str, str, str]:
        """By what its destination knows the message."""
        return self.destination, self.token, self.uuid


@dataclass(slots=True)
class Told:
    """What came of a post. `form` is None where nothing was heard: a crash, or a refused connection.

    `fault` is ours; `status` and `code` are read from the ResponseMessage; `kept` and `standing` are
    the message and its copies as they stood when it was told.
    """

    posting: Posting
    asked: float
    at: float = 0.0
    form: Form | None = None
    message: str = ""
    fault: Fault | None = None
    status: Status | None = None
    code: str = ""
    failed: str = ""
    kept: MessageRow | None = None
    standing: tuple[DeliveryRow, ...] = ()

    @property
    def heard(self) -> bool:
        """Whether the sender got an answer."""
        return self.form is not None


@dataclass(frozen=True, slots=True)
class Heard:
    """A ResponseMessage that reached an origin as a delivery."""

    origin: str
    received: str
    status: str
    code: str
    row: DeliveryRow
    at: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """A commit of an acceptance. `again`: a person sent it once more; `verdict` None: it is new.

    `over`: it goes over newer messages of its document that were delivered, and nobody said it may.
    """

    at: float
    token: str
    message: MessageRow
    deliveries: tuple[DeliveryRow, ...]
    verdict: RepeatVerdict | None
    again: bool
    over: str = ""


@dataclass(frozen=True, slots=True)
class Intervention:
    """A commit of a person's step, with the deliveries that it moved.

    `doubts` are the destinations of which nobody knew before; `over` as of an arrival.
    """

    at: float
    step: Step
    message: str
    moved: tuple[tuple[str, int], ...]
    doubts: frozenset[str] = frozenset()
    over: str = ""


@dataclass(slots=True)
class Chronicle:
    """Everything that happened, in order."""

    lines: list[tuple[float, str, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    interventions: list[Intervention] = field(default_factory=list)
    crashes: list[float] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    fed: list[bytes | None] = field(default_factory=list)
    """What was put before a reader; None is not for the bus."""
    read: list[tuple[int, bool]] = field(default_factory=list)
    """The places that were read, as they were committed, and whether with a message."""
    given: set[tuple[str, str]] = field(default_factory=set)
    """The destinations that said what they call a thing, and in answer to which content."""
    misnamed: list[str] = field(default_factory=list)
    """Who waited for nothing, and what was told of ids and not kept."""
    troubles: list[str] = field(default_factory=list)
    """What nobody expected."""

    def tell(self, at: float, who: str, what: str) -> None:
        """Add a line."""
        self.lines.append((at, who, what))

    def arrived(self, arrival: Arrival) -> None:
        """Note the commit of an acceptance."""
        self.arrivals.append(arrival)
        what = arrival.verdict or ("again" if arrival.again else "accepted")
        places = ", ".join(
            f"{row.number}→{row.destination} {row.state}" for row in arrival.deliveries
        )
        self.tell(arrival.at, "journal", f"{arrival.token} {what}: {arrival.message.id} [{places}]")

    def readable(self) -> str:
        """The history, a line an event."""
        return "\n".join(f"{at:9.3f}  {who:<10} {what}" for at, who, what in self.lines)
