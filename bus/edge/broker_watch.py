"""Whether there is a connection to the broker: for health, metrics and the log."""

from __future__ import annotations

from typing import Protocol

import structlog

from bus.broker.problems import is_of_broker, problem_of
from bus.core.broker import Broker
from bus.core.errors import Fault
from bus.core.text import Details, Language
from bus.edge.faults import fault_to_dict


class BrokerCounts(Protocol):
    """Where it is counted."""

    def broker_is(self, *, connected: bool) -> None:
        """There is a connection now, or one failed or was lost."""


class BrokerWatch:
    """Notes what is heard of the connection to a broker, and tells each news once."""

    def __init__(self, broker: Broker, counts: BrokerCounts) -> None:
        self._address = broker.address
        self._counts = counts
        self._log = structlog.get_logger("bus")
        self._known = False
        self._fault: Fault | None = None

    def heard(self, error: BaseException | None) -> None:
        """There is a connection; or there is none, for that reason."""
        self._counts.broker_is(connected=error is None)
        before, self._fault = (self._known, self._fault), self._told_by(error)
        self._known = True
        if before == (True, self._fault):
            return
        if self._fault is None:
            self._log.info("broker connected", address=self._address)
        else:
            problem = self._fault.detail("problem")
            # An error that is not the broker's is ours: where it is from is told too.
            from_us = None if error is None or is_of_broker(error) else error
            self._log.warning(
                "broker away", address=self._address, problem=problem, exc_info=from_us
            )

    def told(self, language: Language) -> dict[str, object]:
        """What is known; `connected` is None until the first try has ended."""
        if self._fault:
            return {"connected": False, "fault": fault_to_dict(self._fault, language)}
        return {"connected": True if self._known else None}

    def _told_by(self, error: BaseException | None) -> Fault | None:
        if error is None:
            return None
        details: Details = {"address": self._address, "problem": problem_of(error)}
        return Fault("BROKER_AWAY", details=details)
