"""Faults: what went wrong, where, why, what to do, and who must do it.

An expected fault is a value (`Fault`); the three exceptions carry one and say whose it is. The
texts live in `bus.core.fault_texts`; HTTP statuses are given here once and used only at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from bus.core.fault_texts import FAULT_TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["pt", "en"]


class Owner(StrEnum):
    """Who can fix a fault."""

    SENDER = "sender"
    ADMIN = "bus admin"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, told in both languages from a code and its details.

    `path` is an element path (`/TOTVSMessage/…`) or a configuration key; `line` counts from 1, and
    is 0 where there is no line; `details` fill the texts of the code, one that differs by language
    under two names: `problem_pt` and `problem_en`. `advice_pt` and `advice_en` follow the remedy.
    """

    code: str
    path: str = ""
    line: int = 0
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> Owner:
        """Who must act."""
        return Owner(FAULT_TEXTS[self.code].owner)

    @property
    def status(self) -> int:
        """The HTTP status that tells it to a caller."""
        return FAULT_TEXTS[self.code].status

    def reason(self, language: Language) -> str:
        """Say what happened, with the values of this fault."""
        return self._fill(getattr(FAULT_TEXTS[self.code], f"reason_{language}"), language)

    def remedy(self, language: Language) -> str:
        """Say what to do about it."""
        remedy = self._fill(getattr(FAULT_TEXTS[self.code], f"remedy_{language}"), language)
        return f"{remedy} {self.details.get(f'advice_{language}', '')}".rstrip()

    def allowed(self, language: Language) -> str:
        """Say what is allowed there; empty where the code is not about a value or a place."""
        return self._fill(getattr(FAULT_TEXTS[self.code], f"allowed_{language}"), language)

    @property
    def value(self) -> str:
        """The value that was seen, as far as it may be shown; empty where it is not about one."""
        return self.details.get("value", "")

    def _fill(self, template: str, language: Language) -> str:
        return template.format_map(_Details(self.details, language))

    def __str__(self) -> str:
        """The fault in one English line, for logs and tracebacks."""
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}{where}: {self.reason('en')}"


class _Details(dict[str, str]):
    """Details of a fault in one language; a missing one shows as a dash rather than failing."""

    def __init__(self, details: Mapping[str, str], language: Language) -> None:
        super().__init__(details)
        self._language = language

    def __missing__(self, key: str) -> str:
        return self.get(f"{key}_{self._language}", "-")


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
