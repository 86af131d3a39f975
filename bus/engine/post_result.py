"""What the bus tells whoever posted a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bus.core.errors import Fault
from bus.core.identity import RepeatVerdict


class Form(StrEnum):
    """Which message the body of a reception is."""

    RECEIPT = "receipt"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class PostResult:
    """The answer to a post: a ReceiptMessage or a ResponseMessage, and our fault if it is one.

    `fault` is None where the destination itself answered, OK or ERROR. `retry_after` is in seconds;
    `verdict` says of a repeat what it was taken for; `rejected`: it is recorded, and goes no
    further.
    """

    message: str
    form: Form
    body: bytes
    fault: Fault | None = None
    retry_after: float | None = None
    verdict: RepeatVerdict | None = None
    rejected: bool = False
