"""A service order of a simulated Keepfy: the events that it tells, revision by revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Told = dict[str, Any]


@dataclass
class SimulatedOrder:
    """A service order of a branch; each event that it makes is a revision of its own."""

    id: str
    code: str
    branch: str
    revision: int = 0

    def forecast(self, *labours: Told, **more: object) -> Told:
        """The confirmed forecast of these labours."""
        return self._event("forecast", labours, more)

    def report(self, *labours: Told, **more: object) -> Told:
        """The confirmed report of these labours."""
        return self._event("report", labours, more)

    def cancel(self, *labours: str, reason: str = "") -> Told:
        """That it is cancelled, with the requisitions of these labours."""
        named = tuple({"id": one, "kind": "labour"} for one in labours)
        return self._event("cancel", named, {"reason": reason} if reason else {})

    def _event(self, kind: str, labours: tuple[Told, ...], more: Mapping[str, object]) -> Told:
        self.revision += 1
        return {
            "kind": kind,
            "revision": self.revision,
            "branch": self.branch,
            "serviceOrder": {"id": self.id, "code": self.code},
            "labours": list(labours),
            **more,
        }


def labour(id: str, *materials: Told, day: str = "2026-02-03", **more: object) -> Told:
    """A labour of one day, with its materials."""
    period = {"start": f"{day}T08:00:00", "end": f"{day}T17:00:00"}
    return {"id": id, "kind": "labour", "period": period, "materials": list(materials), **more}


def material(line: str, item: str, location: str, quantity: float, **more: object) -> Told:
    """A line of a labour."""
    told = {"lineId": line, "itemId": item, "locationId": location, "quantity": quantity}
    return {**told, **more}
