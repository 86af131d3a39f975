"""Faults: what went wrong, where, why, what to do, and who must do it.

An expected fault is a value (`Fault`); the three exceptions carry one and say whose it is. The
texts live in `bus.core.fault_texts`; HTTP statuses are given here once and used only at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bus.core.fault_texts import FAULT_TEXTS, NEVER_SENT, NOT_WAITED_FOR, REPEATED
from bus.core.text import NOTHING, Details, Language, Text

if TYPE_CHECKING:
    from collections.abc import Mapping


RETRY_AFTER = "retry_after"
"""Among the details of a fault: the seconds after which what is busy may be asked again."""


class Owner(StrEnum):
    """Who can fix a fault."""

    SENDER = "sender"
    ADMIN = "bus admin"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, told in each language from a code and its details.

    `path` is an element path (`/TOTVSMessage/…`) or a configuration key; `line` counts from 1, and
    is 0 where there is no line; `details` fill the texts of the code, one that differs by language
    is a Text itself; `remedy` among them stands for that of the code, `product_advice` follows it,
    and `follows` says what the bus then does by itself, where that is not what the code says.
    """

    code: str
    path: str = ""
    line: int = 0
    details: Details = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Fault:
        """The fault whose fields were kept or sent as plain values."""
        details = {
            name: Text(**each) if isinstance(each, dict) else each
            for name, each in plain["details"].items()
        }
        return cls(plain["code"], plain["path"], plain["line"], details)

    def plain(self) -> dict[str, Any]:
        """Its fields as plain values, of which `of` makes it again."""
        details = {
            name: each.as_dict() if isinstance(each, Text) else each
            for name, each in self.details.items()
        }
        return {"code": self.code, "path": self.path, "line": self.line, "details": details}

    @property
    def owner(self) -> Owner:
        """Who must act."""
        return Owner(FAULT_TEXTS[self.code].owner)

    @property
    def status(self) -> int:
        """The HTTP status that tells it to a caller."""
        return FAULT_TEXTS[self.code].status

    @property
    def problem(self) -> Text:
        """What happened, for another text to tell."""
        return self._filled(FAULT_TEXTS[self.code].reason)

    def reason(self, language: Language) -> str:
        """Say what happened, with the values of this fault."""
        return self.problem.told(language)

    def remedy(self, language: Language) -> str:
        """Say what to do about it, and what the bus then does by itself."""
        texts = FAULT_TEXTS[self.code]
        advice = self.details.get("product_advice", NOTHING)
        follows = self.details.get("follows", texts.follows)
        remedy = self.details.get("remedy") or self._filled(texts.remedy)
        parts = (remedy, advice, follows)
        told = (part if isinstance(part, str) else part.told(language) for part in parts)
        return " ".join(part.strip() for part in told if part)

    def taken_back(self) -> Fault:
        """The same of a message that the bus will not send any more, for its sender knows (S12)."""
        return replace(self, details={**self.details, "follows": NEVER_SENT})

    def tried_again(self) -> Fault:
        """The same where the bus repeats it by itself: nobody need look first."""
        return replace(self, details={**self.details, "remedy": REPEATED})

    def not_waited_for(self) -> Fault:
        """The same where what it speaks of, though it may come, wakes nothing."""
        return replace(self, details={**self.details, "follows": NOT_WAITED_FOR})

    def allowed(self, language: Language) -> str:
        """Say what is allowed there; empty where the code is not about a value or a place."""
        return self._filled(FAULT_TEXTS[self.code].allowed).told(language)

    @property
    def value(self) -> str:
        """The value that was seen, as far as it may be shown; empty where it is not about one."""
        return self.detail("value")

    def detail(self, name: str) -> str:
        """A detail that is the same in each language; empty where the fault has none."""
        found = self.details.get(name, "")
        return found if isinstance(found, str) else found.en

    def names(self, detail: str) -> bool:
        """Whether what happened is told with a detail in it."""
        return f"{{{detail}}}" in FAULT_TEXTS[self.code].reason.en

    def _filled(self, text: Text) -> Text:
        return text.filled(_Details(self.details))

    def __str__(self) -> str:
        """The fault in one English line, for logs and tracebacks."""
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}{where}: {self.reason('en')}"


class _Details(dict[str, "str | Text"]):
    """Details of a fault; a missing one shows as a dash rather than failing."""

    def __missing__(self, key: str) -> str:
        return "-"


class Refusal(Exception):
    """A fault that ends the work in hand; of its `faults` the first decides the status."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults

    @property
    def fault(self) -> Fault:
        """The first fault."""
        return self.faults[0]


class SenderFault(Refusal):
    """The sender must change what it sends: 4xx."""


class ReceiverFault(Refusal):
    """A destination did not do it: 502, 503 or 504."""


class BusFault(Refusal):
    """The bus itself, or its configuration, is at fault: 5xx."""
