"""Who watches the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bus.core.errors import Fault
from bus.core.outcome import Report
from bus.journal.commands import (
    Recorded,
)
from bus.journal.rows import DeliveryRow, MessageRow


class Observer(Protocol):
    """Watches what the engine does, for metrics and logs. Must neither wait nor raise."""

    def received(self) -> None:
        """A message was taken in; it is accepted, rejected, repeated or turned away next."""

    def turned_away(self) -> None:
        """A message was not recorded: the bus itself failed, and its sender was told so."""

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """A message was accepted."""

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """A message was rejected."""

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """A message turned out to be a repeat."""

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """An attempt ended, after that long."""

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """What asking for the effect of a delivery came to; the fault says why it is not there."""

    def lost(self, delivery: DeliveryRow) -> None:
        """A delivery is in doubt: whoever sent it stopped, or its response never came."""

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """The bus stopped while it was sending these; as they stand since."""

    def troubled(self, what: str, error: BaseException) -> None:
        """Something unexpected happened and was survived."""


class SilentObserver:
    """Notes nothing: where nobody watches, and for those who note only some of it."""

    def received(self) -> None:
        """Nothing."""

    def turned_away(self) -> None:
        """Nothing."""

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """Nothing."""

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """Nothing."""

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """Nothing."""

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """Nothing."""

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """Nothing."""

    def lost(self, delivery: DeliveryRow) -> None:
        """Nothing."""

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """Nothing."""

    def troubled(self, what: str, error: BaseException) -> None:
        """Nothing."""
