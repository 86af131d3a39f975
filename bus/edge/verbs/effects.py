"""What may be asked about what was delivered: whether destinations show it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from bus.core.effect import EffectVerdict
from bus.core.errors import Fault, SenderFault
from bus.core.suggest import suggestion
from bus.edge.verbs.verb import Asked, FaultOut, Verb
from bus.engine.filter_names import FilterNames
from bus.engine.reconcile import Reconcile, ReconciledDelivery
from bus.ports.history import Filter

if TYPE_CHECKING:
    from bus.wiring import Bus

HOUR = 3600.0


class ReconcileIn(Asked):
    """Which delivered messages to ask about; times are µs since 1970, and what is empty, any."""

    since: int
    until: int = 0
    transaction: str = ""
    application: str = ""
    route: str = ""
    limit: Annotated[int, Field(ge=1, le=100_000)] = 1000
    actor: Annotated[str, Field(max_length=200)] = ""


class EffectCountOut(BaseModel):
    """How many deliveries of a transaction by a route to an application came to what."""

    application: str
    route: str
    transaction: str
    confirmed: int = 0
    absent: int = 0
    not_checkable: int = 0


class OpenEffectOut(BaseModel):
    """A delivery whose effect is absent or not checkable, and what to do about it."""

    message: str
    uuid: str
    document: str
    transaction: str
    received_at: int
    number: int
    application: str
    route: str
    effect: EffectVerdict
    fault: FaultOut

    @classmethod
    def of(cls, one: ReconciledDelivery, fault: FaultOut) -> OpenEffectOut:
        """The plain values of a delivery that was asked about."""
        message, delivery = one.message, one.delivery
        return cls(
            message=message.id,
            uuid=message.uuid,
            document=message.about,
            transaction=message.transaction,
            received_at=message.received_at,
            number=delivery.number,
            application=delivery.destination,
            route=delivery.rule,
            effect=one.verdict,
            fault=fault,
        )


class ReconciledOut(BaseModel):
    """What asking came to: counted, and what somebody has to look at.

    `undeclared` are deliveries whose route declares nothing to ask; `unasked` those that were not
    asked about, for an application that was silent or for the limit.
    """

    counts: list[EffectCountOut]
    open: list[OpenEffectOut]
    undeclared: int
    unasked: int


async def reconcile(bus: Bus, asked: ReconcileIn) -> ReconciledOut:
    """Ask destinations about what they said OK to; SenderFault for a name that there is not."""
    names = FilterNames(bus.deployment.applications, tuple(bus.ports.contracts.known()))
    chosen = Filter(
        transaction=asked.transaction,
        destination=asked.application,
        since=asked.since,
        until=asked.until,
    )
    chosen = await names.in_right_spelling(chosen, bus.history)
    wish = Reconcile(chosen, _route(bus, asked.route), asked.limit, asked.actor)
    done = await bus.reconciler.reconcile(wish)
    return ReconciledOut(
        counts=_counts(done.asked),
        open=[OpenEffectOut.of(one, FaultOut.of(one.fault)) for one in done.asked if one.fault],
        undeclared=done.undeclared,
        unasked=done.unasked,
    )


def _route(bus: Bus, name: str) -> str:
    """A route by its name, in any letter case; SenderFault with the nearest."""
    known = {route.name.casefold(): route.name for route in bus.deployment.routes}
    if name and name.casefold() not in known:
        raise SenderFault(Fault("UNKNOWN_ROUTE", "route", details=suggestion(name, known.values())))
    return known.get(name.casefold(), "")


def _counts(asked: list[ReconciledDelivery]) -> list[EffectCountOut]:
    counted: dict[tuple[str, str, str], Counter[str]] = {}
    for one in asked:
        row = (one.delivery.destination, one.delivery.rule, one.message.transaction)
        counted.setdefault(row, Counter())[one.verdict.replace(" ", "_")] += 1
    return [
        EffectCountOut(application=row[0], route=row[1], transaction=row[2], **counts)
        for row, counts in sorted(counted.items())
    ]


RECONCILE = Verb("effects/reconcile", ReconcileIn, ReconciledOut, reconcile, patience=HOUR)
