"""What happens is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bus.core.diagnosis import Confirmation
from bus.journal.commands import (
    NOT_SHARED,
    Accept,
    Accepted,
    Claim,
    Claims,
    ClaimShare,
    Confirm,
    CursorMove,
    Forgotten,
    Operate,
    Operated,
    RecordAttempt,
    Recorded,
    RecordResponse,
    Reject,
    Rejected,
    Repeated,
    Unmatched,
)
from bus.journal.effects import RecordEffect
from bus.journal.erasure import Erase, Erased
from bus.journal.retention import Prune, Pruned
from bus.journal.rows import DeliveryRow


class Journal(Protocol):
    """Records what happens. Every method that returns has committed to disk (promise 1).

    Order within a lane is the order of commits. A method that raises has recorded nothing.
    """

    async def accept(self, acceptance: Accept) -> Accepted | Repeated | Forgotten:
        """Record an accepted message with its deliveries, or say whose repeat it is (S5, S7)."""

    async def reject(self, rejection: Reject) -> Rejected | Repeated:
        """Record a rejected message; a repeat of one that did not fail is a repeat after all."""

    async def settle(self, settlement: RecordResponse) -> Recorded | Repeated | Unmatched:
        """Record a destination's own ResponseMessage and end the delivery it is about (S13).

        One that was heard before is a repeat and ends nothing, unless it is the OK of a message
        that is being sent again.
        """

    async def claim(  # noqa: PLR0913 - what a worker can take, and how
        self,
        worker: str,
        room: Mapping[str, int],
        lease: float,
        asks: frozenset[str] = frozenset(),
        checks: frozenset[str] = frozenset(),
        *,
        shares: Mapping[str, ClaimShare] = NOT_SHARED,
    ) -> Claims:
        """Take what is due, at most `room[application]` each, for `lease` seconds.

        The longest due goes first, where `shares` does not say otherwise. Also questions that are
        due, for applications that can be asked (`asks`); and of those in `checks` that nothing else
        takes the room of, one effect each that is to be asked for.

        Also ends what ran out: leases (S10), waits for a response (unknown), synchronous deadlines
        (withdrawn); what nobody knows of since then is told (`lost`). Paused applications give
        nothing; one that was paused gives one delivery.
        """

    async def end_leases(
        self, worker: str, asks: frozenset[str] = frozenset()
    ) -> tuple[DeliveryRow, ...]:
        """End at once the leases of a worker that stops: what it was sending, as it is then.

        As when they run out (S10): unknown where it may have been sent, else waiting.
        """

    async def lease_cursor(self, application: str, worker: str, lease: float) -> str | None:
        """Take the right to read an application for `lease` seconds: how far it has been read.

        Empty before its first message; None while another worker has the right. A message that was
        read is recorded with its `cursor`, which commits with it; where the right was lost by then,
        nothing is recorded: BusFault SOURCE_LOST.
        """

    async def move_cursor(self, move: CursorMove) -> None:
        """Record how far an application has been read, where nothing of that was for the bus.

        BusFault SOURCE_LOST as for a message.
        """

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins; False where the lease is lost: nothing may be sent."""

    async def record_progress(self, claim: Claim, name: str, value: str) -> bool:
        """Record a call of the attempt under way (value: JSON); False where the lease is lost."""

    async def record(self, ended: RecordAttempt) -> Recorded:
        """Record the end of an attempt with all its consequences in one commit."""

    async def record_effect(self, asked: RecordEffect) -> DeliveryRow:
        """Record what asking for the effect of a delivery came to: as the delivery is then."""

    async def act(self, act: Operate) -> Operated:
        """Record a person's step, or a deadline's. IllegalStep where the table has none."""

    async def confirm(self, asked: Confirm) -> Confirmation:
        """Record that a person says that a prerequisite is met, or takes that back."""

    async def prune(self, asked: Prune) -> Pruned:
        """Let go of what is finished among the next messages; BusFault SOURCE_LOST as for one."""

    async def erase(self, asked: Erase) -> Erased:
        """Erase the contents of messages; where one of them is not finished, of none."""

    async def check(self) -> None:
        """Raise BusFault where nothing can be recorded, and so nothing is accepted or sent."""
