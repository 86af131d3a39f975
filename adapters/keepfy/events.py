"""A service-order event: what of it may be sent, and why not where it may not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from adapters.keepfy.checking import Mistake, Schema, mistakes_in, refused
from bus.core.text import Text

ANOTHER_BRANCH = Text(
    "é da filial {branch}, e aqui chega a {own}", "it is of branch {branch}, and this is {own}"
)
TWICE = Text("o id {id} aparece duas vezes", "id {id} appears twice")
ENDS_BEFORE = Text("o período termina antes de começar", "the period ends before it begins")
TWO_ZONES = Text(
    "só um dos dois momentos do período tem fuso", "only one moment of the period has an offset"
)
NO_LOCATION = Text(
    "o material integrado {item} não tem local de estoque (locationId)",
    "integrated material {item} has no stock location (locationId)",
)
NO_QUANTITY = Text(
    "o material {item} não tem quantidade (quantity)", "material {item} has no quantity"
)
NO_PERIOD = Text(
    "materiais reportados sem o período trabalhado (period)",
    "materials are reported without the period worked (period)",
)
NO_DATE = Text(
    "materiais previstos sem data (date ou period)",
    "materials are forecast without a date (date or period)",
)
NOTHING_TO_REMOVE = Text(
    "mão de obra removida do reporte sem os materiais que saem com ela",
    "a labour is removed from the report without the materials that go with it",
)


LATER = Text(
    "mudou na revisão {changed}, que vem depois desta",
    "it changed in revision {changed}, which comes after this one",
)


class EventKind(StrEnum):
    """What an event tells."""

    FORECAST = "forecast"
    REPORT = "report"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Material:
    """A line of a labour, of a material that is integrated."""

    line: str
    item: str
    location: str
    quantity: Decimal | None
    removed: bool


@dataclass(frozen=True, slots=True)
class Labour:
    """A labour or specialty, as it is since a revision.

    `place` is where it stands among those of its event, from 0; `start` an ISO date or moment,
    empty where none is told; `tells` whether its materials are told, though there be none.
    """

    place: int
    id: str
    revision: int
    removed: bool
    start: str
    materials: tuple[Material, ...]
    tells: bool

    @property
    def ends(self) -> bool:
        """Whether no material is left of what it may have had (K-31)."""
        before = self.tells and self.revision > 1
        return not self.kept and bool(self.removed or self.materials or before)

    @property
    def kept(self) -> tuple[Material, ...]:
        """The lines that are not removed."""
        return () if self.removed else tuple(one for one in self.materials if not one.removed)


@dataclass(frozen=True, slots=True)
class ServiceOrderEvent:
    """What became of a service order; materials that are not integrated are left out (K-19)."""

    kind: EventKind
    revision: int
    branch: str
    order: str
    code: str
    confirmed: bool
    at: str
    reason: str
    labours: tuple[Labour, ...]


@cache
def schema() -> Schema:
    """The published schema of an event."""
    text = resources.files(__package__).joinpath("service_order_event.json").read_bytes()
    told: Schema = json.loads(text, parse_float=Decimal)
    return told


def read_event(told: object, branch: str) -> ServiceOrderEvent:
    """The event of a branch that JSON tells; SenderFault with every mistake in it."""
    mistakes = mistakes_in(told, schema())
    if mistakes or not isinstance(told, dict):
        raise refused(mistakes)
    if mistakes := list(_wrong(told, branch)):
        raise refused(mistakes)
    return ServiceOrderEvent(
        EventKind(told["kind"]),
        int(told["revision"]),
        told["branch"],
        told["serviceOrder"]["id"],
        told["serviceOrder"]["code"],
        told.get("confirmed", True),
        told.get("occurredAt", ""),
        told.get("reason", ""),
        tuple(_labour(place, one, told["revision"]) for place, one in enumerate(told["labours"])),
    )


def _labour(place: int, told: Mapping[str, Any], revision: int) -> Labour:
    lines = (line for line in told.get("materials", ()) if line.get("integrated", True))
    start = told.get("period", {}).get("start") or told.get("date", "")
    return Labour(
        place,
        told["id"],
        int(told.get("changedIn", revision)),
        told.get("removed", False),
        start,
        tuple(map(_material, lines)),
        "materials" in told,
    )


def _material(told: Mapping[str, Any]) -> Material:
    quantity = told.get("quantity")
    return Material(
        told["lineId"],
        told["itemId"],
        told.get("locationId", ""),
        None if quantity is None else Decimal(quantity),
        told.get("removed", False),
    )


def _wrong(told: Mapping[str, Any], branch: str) -> Iterator[Mistake]:
    """What no schema says: each thing once, and all that its kind of event needs."""
    if told["branch"] != branch:
        yield Mistake("/branch", ANOTHER_BRANCH.filled(branch=told["branch"], own=branch))
    yield from _twice("/labours", told["labours"], "id")
    for place, labour in enumerate(told["labours"]):
        path = f"/labours/{place}"
        yield from _twice(f"{path}/materials", labour.get("materials", ()), "lineId")
        yield from _period(f"{path}/period", labour.get("period"))
        if labour.get("changedIn", 0) > told["revision"]:
            yield Mistake(f"{path}/changedIn", LATER.filled(changed=labour["changedIn"]))
        if told["kind"] != EventKind.CANCEL:
            yield from _lacks(path, labour, EventKind(told["kind"]))


def _twice(path: str, things: list[Mapping[str, Any]], name: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for place, one in enumerate(things):
        if one[name] in seen:
            yield Mistake(f"{path}/{place}/{name}", TWICE.filled(id=one[name]))
        seen.add(one[name])


def _period(path: str, period: Mapping[str, str] | None) -> Iterator[Mistake]:
    if not period:
        return
    start, end = (datetime.fromisoformat(period[name]) for name in ("start", "end"))
    if (start.tzinfo is None) != (end.tzinfo is None):
        yield Mistake(path, TWO_ZONES)
    elif end < start:
        yield Mistake(path, ENDS_BEFORE)


def _lacks(path: str, labour: Mapping[str, Any], kind: EventKind) -> Iterator[Mistake]:
    """What a labour needs so that its materials can be sent (K-20, K-34)."""
    lines = [
        (place, one)
        for place, one in enumerate(labour.get("materials", ()))
        if one.get("integrated", True)
    ]
    if labour.get("removed"):
        if kind is EventKind.REPORT and not lines:
            yield Mistake(path, NOTHING_TO_REMOVE)
        return
    if lines and kind is EventKind.REPORT and "period" not in labour:
        yield Mistake(path, NO_PERIOD)
    if lines and kind is EventKind.FORECAST and not {"period", "date"} & labour.keys():
        yield Mistake(path, NO_DATE)
    for place, line in lines:
        yield from _lacks_of_line(f"{path}/materials/{place}", line)


def _lacks_of_line(below: str, line: Mapping[str, Any]) -> Iterator[Mistake]:
    if not line.get("removed"):
        if "locationId" not in line:
            yield Mistake(below, NO_LOCATION.filled(item=line["itemId"]))
        if "quantity" not in line:
            yield Mistake(below, NO_QUANTITY.filled(item=line["itemId"]))
