"""The outcome of one attempt, as an adapter reports it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bus.core.delivery import Reason
from bus.core.envelope import Response
from bus.core.errors import Fault


class Outcome(StrEnum):
    """What came of one try to deliver (S8). The comment is the meaning."""

    DELIVERED = "delivered"  # the destination said OK
    RECEIVED = "received"  # it has it; its answer comes later
    REFUSED = "refused"  # a final no that we understand
    BUSY = "busy"  # come later; nothing was processed; costs no attempt
    UNREACHABLE = "unreachable"  # provably nothing was sent or admitted; pauses the application
    UNKNOWN = "unknown"  # sent, and no readable answer
    WITHHELD = "withheld"  # not sent by us: an id or a way lacks, it broke, is an echo …


NOTHING_LEFT = frozenset({Outcome.UNREACHABLE, Outcome.WITHHELD})
"""What comes of a try that sent nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an adapter's `send` or `ask` found out.

    `answer` are the bytes that came back, as they came, cut at the limit; `response` is what they
    say, in the terms of a ResponseMessage, whatever they are: by its `ids` the bus learns those
    that the application made, and the origin is told them and its `content`; `fault` says why, for
    every outcome but delivered and received; `retry_after` is the destination's own wish, in
    seconds; `withheld` says why nothing was sent, where we did not send. `unmapped` are the words
    in which it told a fault, where no table of known texts has them and the outcome is unknown.
    """

    outcome: Outcome
    answer: bytes = b""
    response: Response | None = None
    fault: Fault | None = None
    retry_after: float | None = None
    withheld: Reason = Reason.NONE
    unmapped: str = ""
