"""Commands as the engine gives them, about a made-up register."""

import hashlib
import itertools
import random
from dataclasses import dataclass, field

from bus.clock import SystemClock
from bus.core.delivery import Step
from bus.core.envelope import Carrier
from bus.core.errors import Fault
from bus.core.identity import Identity
from bus.core.outcome import Outcome
from bus.core.plan import PlannedDelivery
from bus.core.subject import Target
from bus.journal.commands import (
    Accept,
    Claim,
    OriginAnswer,
    ReceivedMessage,
    RecordAttempt,
    RecordResponse,
    Reject,
)

_clock = SystemClock()
_numbers = itertools.count(1)

FAULTS = (Fault("VALUE_TOO_LONG", "/A/B", 3, {"value": "ç"}), Fault("NO_ROUTE"))


def noise(length: int) -> bytes:
    """Bytes that cannot be compressed, always the same."""
    return random.Random(length).randbytes(length)


@dataclass(frozen=True)
class Sample:
    """A message to be: what tests vary, and the commands about it."""

    id: str = field(default_factory=_clock.new_id)
    uuid: str = field(default_factory=lambda: f"uuid-{next(_numbers)}")
    code: str = field(default_factory=lambda: f"C{next(_numbers)}")
    sender: str = "protheus"
    destinations: tuple[str, ...] = ("rm",)
    transaction: str = "CustomerVendor"
    content: str = "one"
    body: bytes = b"<TOTVSMessage/>"

    @property
    def entry(self) -> ReceivedMessage:
        """What arrived."""
        return ReceivedMessage(
            id=self.id,
            sender=self.sender,
            carrier=Carrier.HTTP,
            remote="10.0.0.7",
            type="BusinessMessage",
            transaction=self.transaction,
            version="2.002",
            uuid=self.uuid,
            company="01",
            branch="01",
            entity=self.transaction,
            event="upsert",
            mode="async",
            body=self.body,
            body_hash=hashlib.sha256(self.body).hexdigest(),
            content_hash=self.content,
            configuration=1,
        )

    @property
    def identity(self) -> Identity:
        """Its identity by UUID."""
        return Identity(f"{self.sender}/BusinessMessage/{self.transaction}/01/01/{self.uuid}")

    def accepted(self, **changes: object) -> Accept:
        """Its acceptance, with one delivery for each destination."""
        usual: dict[str, object] = {
            "entry": self.entry,
            "plans": tuple(
                PlannedDelivery(name, "customers", sent_uuid=self.uuid)
                for name in self.destinations
            ),
            "identity": self.identity,
            "document": f"customervendor/01/01/{self.code}",
            "own_id": Target(self.transaction, self.code),
            "business_keys": (("Code", self.code),),
            "rule": "customers",
        }
        return Accept(**{**usual, **changes})  # type: ignore[arg-type]

    def rejected(self) -> Reject:
        """Its refusal."""
        return Reject(self.entry, FAULTS, self.identity)

    def settling(self, message: str, *, identity: Identity | None = None) -> RecordResponse:
        """Itself as the response of a destination to the first delivery of a message."""
        ended = RecordAttempt(
            message, 1, 1, "", Outcome.DELIVERED, Step.DELIVER, answer=OriginAnswer("OK", b"ok")
        )
        return RecordResponse(self.entry, ended, identity)


def ended(claim: Claim, step: Step = Step.DELIVER, **changes: object) -> RecordAttempt:
    """The end of a claimed attempt."""
    delivery = claim.delivery
    outcomes = {Step.DELIVER: Outcome.DELIVERED, Step.REFUSE: Outcome.REFUSED}
    usual: dict[str, object] = {
        "message": delivery.message,
        "number": delivery.number,
        "attempt": delivery.tries,
        "worker": delivery.worker,
        "outcome": outcomes.get(step, Outcome.UNKNOWN),
        "step": step,
        "answer": OriginAnswer("OK", b"<ResponseMessage/>") if step is Step.DELIVER else None,
    }
    return RecordAttempt(**{**usual, **changes})  # type: ignore[arg-type]
