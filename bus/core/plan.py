"""Where a message goes: which routes take it, in which mode, and the deliveries to make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bus.core.contract import Contract, Lifecycle
from bus.core.delivery import Kind
from bus.core.envelope import DeliveryMode, Envelope, Header
from bus.core.errors import Fault, SenderFault
from bus.core.route import (
    Application,
    Deployment,
    IdentityBasis,
    OnFailure,
    Route,
    Strictness,
)
from bus.core.subject import Subject
from bus.core.suggest import suggestion
from bus.core.text import Text
from bus.core.way import not_accepted, way_to

KEPT_BY = Text(
    "Quem envia {transaction} é {keepers}: inclua e altere o registro lá, não em {application}.",
    "{keepers} is who sends {transaction}: make and change the record there, not in {application}.",
)


class PlannedDelivery(NamedTuple):
    """A delivery to make. `ordered`: it has a lane; `held`: born held (a synchronous copy).

    `check_after` (s): how long after an OK its effect is asked for; 0: it is not.
    """

    destination: str
    rule: str
    kind: Kind = Kind.COPY
    ordered: bool = True
    held: bool = False
    on_failure: OnFailure = OnFailure.HOLD
    safe: bool = False
    sent_uuid: str = ""
    check_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The deliveries of a message. `answering` is a number (0: none declared, all must be OK)."""

    mode: DeliveryMode
    deliveries: tuple[PlannedDelivery, ...]
    answering: int
    deadline: float | None
    rule: str


def routes_of(
    deployment: Deployment,
    envelope: Envelope,
    sender: Application,
    known: Callable[[], Iterable[Contract]] = tuple,
) -> tuple[Route, ...]:
    """The routes that take a message by its header; SenderFault where none does (S4).

    NO_ROUTE, or VERSION_NOT_ROUTED where its transaction has one, in other versions. `known` gives
    the contracts, which tell the names as people write them, and which versions there are of each.
    """
    routes = deployment.routes_for(envelope.header, sender.name)
    if not routes:
        raise SenderFault(_not_routed(deployment, envelope.header, sender.name, tuple(known())))
    return routes


def _not_routed(
    deployment: Deployment, header: Header, origin: str, contracts: Sequence[Contract]
) -> Fault:
    details: dict[str, str | Text] = {
        "transaction": header.transaction,
        "version": header.version,
    }
    others = [route for route in deployment.routes if route.takes_name(header, origin)]
    if others:
        routed = {version for route in others for version in route.versions}
        wanted = header.transaction.casefold()
        own = {one.version for one in contracts if wanted in one.spellings}
        versions = ", ".join(sorted(routed & own or routed))
        told = {**details, "route": others[0].name, "known": versions}
        return Fault(
            "VERSION_NOT_ROUTED", "/TOTVSMessage/MessageInformation/@version", details=told
        )
    written = {name: one.transaction for one in contracts for name in one.spellings}
    names = {written.get(name, name) for name in deployment.transactions_from(origin)}
    told = {
        **details,
        "application": origin,
        "known": suggestion(header.transaction, names)["known"],
    }
    if keepers := _keepers(deployment, header, contracts):
        told["product_advice"] = KEPT_BY.filled(
            transaction=header.transaction, application=origin, keepers=keepers
        )
    return Fault("NO_ROUTE", "/TOTVSMessage/MessageInformation/Transaction", details=told)


def _keepers(deployment: Deployment, header: Header, contracts: Sequence[Contract]) -> str:
    """Who sends a register, where it is one; empty where nobody does."""
    wanted = header.transaction.casefold()
    if not any(
        wanted in one.spellings and one.lifecycle is Lifecycle.REGISTER for one in contracts
    ):
        return ""
    routes = [one for one in deployment.routes if one.takes_name(header, one.origin)]
    return ", ".join(sorted({one.origin for one in routes}))


def strictness_of(routes: Sequence[Route], contract: Contract | None) -> Strictness:
    """The strictest of the routes; a provisional contract never goes above warn."""
    chosen = {route.strictness for route in routes}
    order = (Strictness.REJECT, Strictness.WARN, Strictness.OFF)
    strictest = next(one for one in order if one in chosen)
    if contract and contract.provisional and strictest is Strictness.REJECT:
        return Strictness.WARN
    return strictest


def in_mode(
    routes: Sequence[Route], asked: DeliveryMode | None
) -> tuple[DeliveryMode, tuple[Route, ...]]:
    """The mode of a message and the routes that accept it; SenderFault where none does (S3)."""
    mode = asked or routes[0].default_mode
    accepting = tuple(route for route in routes if mode in route.modes)
    if not accepting:
        allowed = sorted({one.value for route in routes for one in route.modes})
        details = {"route": routes[0].name, "mode": mode.value, "allowed": ", ".join(allowed)}
        path = "/TOTVSMessage/MessageInformation/DeliveryType"
        raise SenderFault(Fault("DELIVERY_TYPE_REFUSED", path, details=details))
    return mode, accepting


def plan_deliveries(
    routes: Sequence[Route], mode: DeliveryMode, deployment: Deployment, subject: Subject, uuid: str
) -> Plan:
    """One delivery for each destination of the routes, the first rule that names it winning.

    SenderFault where one takes other versions alone, and no bridge leads there.
    """
    chosen: dict[str, Route] = {}
    for route in routes:
        for destination in route.destinations:
            chosen.setdefault(destination, route)
    names = list(chosen)
    _refuse_unbridged(names, deployment, subject)
    answering = _answering(routes, names, mode)
    synchronous = mode is DeliveryMode.SYNC
    deliveries = tuple(
        PlannedDelivery(
            destination=name,
            rule=route.name,
            ordered=subject.lifecycle is not Lifecycle.QUERY,
            held=synchronous and number != answering,
            on_failure=on_failure_of(route, subject.lifecycle),
            safe=is_safe(deployment.applications[name], subject),
            sent_uuid=uuid,
            check_after=_check_after(route, subject),
        )
        for number, (name, route) in enumerate(chosen.items(), 1)
    )
    deadline = chosen[names[answering - 1]].deadline if synchronous else None
    return Plan(
        mode, deliveries, answering, deadline, ",".join(dict.fromkeys(r.name for r in routes))
    )


def _check_after(route: Route, subject: Subject) -> float:
    """What was deleted is not to be shown: nothing is asked about it."""
    rule = route.effects.get(subject.transaction)
    return rule.after if rule and subject.upsert else 0.0


def _refuse_unbridged(names: list[str], deployment: Deployment, subject: Subject) -> None:
    """Raise SenderFault for what could never be delivered: it is not accepted."""
    transaction, version = subject.sent_as
    readers = [deployment.applications[name] for name in names]
    faults = [
        not_accepted(reader, transaction, version)
        for reader in readers
        if not way_to(reader, transaction, version, deployment.bridges).open
    ]
    if faults:
        raise SenderFault(*faults)


def _answering(routes: Sequence[Route], names: list[str], mode: DeliveryMode) -> int:
    declared = next((route.answers for route in routes if route.answers), "")
    if declared:
        return names.index(declared) + 1
    if len(names) == 1:
        return 1
    if mode is DeliveryMode.SYNC:
        raise SenderFault(Fault("NO_ANSWERING_DESTINATION"))
    return 0


def on_failure_of(
    route: Route | None, lifecycle: Lifecycle, *, synchronous: bool = False
) -> OnFailure:
    """What happens behind a stopped head: by the route, else by what the message means (S9).

    A synchronous refusal holds nobody: its sender knows (S12).
    """
    if synchronous:
        return OnFailure.CONTINUE
    if route and route.on_failure:
        return route.on_failure
    return OnFailure.SUPERSEDE if lifecycle is Lifecycle.REGISTER else OnFailure.HOLD


def is_safe(application: Application, subject: Subject) -> bool:
    """Whether repeating does no harm at an application (S11)."""
    if subject.transaction in application.repeat_unsafe:
        return False
    if subject.transaction in application.repeat_safe or subject.lifecycle is Lifecycle.QUERY:
        return True
    return subject.lifecycle is Lifecycle.REGISTER and subject.upsert and bool(subject.own_id)


def uuid_for_destinations(sender: Application, uuid: str, message_id: str) -> str:
    """The sender's UUID, or ours where its UUIDs are not unique (S1)."""
    return uuid if sender.identity.basis is IdentityBasis.UUID else message_id
