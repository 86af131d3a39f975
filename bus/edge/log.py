"""Logs: one structlog event a fact worth telling, as JSON or for people, on standard error."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from structlog.typing import EventDict

from bus.core.delivery import FAILED, State
from bus.core.errors import Fault, Refusal
from bus.core.known_faults import mapping_of
from bus.core.outcome import Outcome, Report
from bus.core.text import visible
from bus.journal.commands import Recorded
from bus.journal.rows import DeliveryRow, MessageRow
from bus.journal.standing import standing_fault
from bus.ports.observer import Observer, SilentObserver

LONGEST = 300
"""Characters of a field; of an exception all are kept."""
QUIET = frozenset({Outcome.DELIVERED, Outcome.RECEIVED})


def configure(level: str, form: str) -> None:
    """Set up logging for this process: level name, and `json` or `console`."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bounded,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _bounded(_: Any, __: str, event: EventDict) -> EventDict:  # noqa: ANN401 - structlog's
    """Fields that came from outside neither fill the log nor command the terminal it is read on."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = visible(value[:LONGEST])
    return event


MOST_TOLD = 1_024
"""Texts that are remembered as told."""


class LogObserver(SilentObserver):
    """Tells in the log what needs somebody; what went well is told by metrics and the journal."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("bus")
        self._told: set[str] = set()
        """The lines that would map texts of which it was told that nobody knows them."""

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """A sender must change something."""
        self._log.warning(
            "message rejected",
            message=message.id,
            uuid=message.uuid,
            sender=message.sender,
            transaction=message.transaction,
            code=faults[0].code,
            path=faults[0].path,
        )

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """A sender sent something again."""
        self._log.info("message repeated", message=message.id, uuid=message.uuid, verdict=verdict)

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """An attempt that did not go well, or whose answer has something wrong."""
        delivery = recorded.delivery
        for one in recorded.complaints:
            self._log.warning(
                "answer differs from its contract",
                message=delivery.message,
                application=delivery.destination,
                transaction=recorded.message.transaction,
                code=one.code,
                path=one.path,
            )
        if report.unmapped:
            self._unmapped(delivery, report.unmapped)
        if report.outcome in QUIET:
            return
        needs_somebody = delivery.state in FAILED or delivery.state is State.UNKNOWN
        tell = self._log.warning if needs_somebody else self._log.info
        tell(
            f"delivery {delivery.state}",
            message=delivery.message,
            application=delivery.destination,
            outcome=report.outcome.value,
            code=report.fault.code if report.fault else "",
            attempt=delivery.tries,
            seconds=round(seconds, 3),
            due_at=delivery.due_at,
        )

    def _unmapped(self, delivery: DeliveryRow, text: str) -> None:
        """That there are words that nobody mapped, once, however many deliveries they are of.

        The words are on the trace alone: they may name somebody, and logs go far (LGPD).
        """
        application = delivery.destination
        line = mapping_of(application, text)
        if line in self._told:
            return
        if len(self._told) < MOST_TOLD:
            self._told.add(line)
        self._log.warning(
            "fault text unknown",
            message=delivery.message,
            application=application,
            read=f"bus trace {delivery.message}",
        )

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """An effect that is not there, or that could not be asked for."""
        if fault is None:
            return
        self._log.warning(
            f"effect {delivery.effect}",
            message=message.id,
            application=delivery.destination,
            transaction=message.transaction,
            code=fault.code,
            owner=fault.detail("owner"),
            why=fault.detail("why"),
        )

    def lost(self, delivery: DeliveryRow) -> None:
        """A doubt that no attempt of this bus ended in."""
        fault = standing_fault(delivery, None)
        self._log.warning(
            f"delivery {delivery.state}",
            message=delivery.message,
            application=delivery.destination,
            code=fault.code if fault else "",
            owner=fault.owner.value if fault else "",
            attempt=delivery.tries,
            due_at=delivery.due_at,
        )

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """How many attempts did not end before the bus did, by what became of them."""
        stand = Counter(str(one.state) for one in deliveries)
        self._log.warning("attempts cut off", count=len(deliveries), states=dict(stand))

    def troubled(self, what: str, error: BaseException) -> None:
        """What was survived: a fault by its code and reason, a surprise by where it came from."""
        if not isinstance(error, Refusal):
            self._log.error(what, exc_info=error)
            return
        for fault in error.faults:
            self._log.error(
                what,
                code=fault.code,
                path=fault.path,
                owner=fault.owner.value,
                why=fault.reason("en"),
                remedy=fault.remedy("en"),
            )


class Observers:
    """Tells several observers."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def received(self) -> None:
        """A message was taken in."""
        for one in self._observers:
            one.received()

    def turned_away(self) -> None:
        """A message was not recorded."""
        for one in self._observers:
            one.turned_away()

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """A message was accepted."""
        for one in self._observers:
            one.accepted(message, deliveries)

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """A message was rejected."""
        for one in self._observers:
            one.rejected(message, faults)

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """A message turned out to be a repeat."""
        for one in self._observers:
            one.repeated(message, verdict)

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """An attempt ended."""
        for one in self._observers:
            one.attempted(recorded, report, seconds)

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """What asking for an effect came to."""
        for one in self._observers:
            one.effect_found(message, delivery, fault)

    def lost(self, delivery: DeliveryRow) -> None:
        """A delivery is in doubt."""
        for one in self._observers:
            one.lost(delivery)

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """The bus stopped while it was sending."""
        for one in self._observers:
            one.cut_off(deliveries)

    def troubled(self, what: str, error: BaseException) -> None:
        """Something unexpected was survived."""
        for one in self._observers:
            one.troubled(what, error)
