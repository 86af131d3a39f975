"""What a configuration may say but an integrator should hear of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bus.config.context import Surroundings
from bus.config.mistakes import ConfigMistake
from bus.core.condition import astray, elements_in, is_constant
from bus.core.envelope import DeliveryMode
from bus.core.route import Application, Deployment, OnFailure, Route
from bus.core.suggest import nearest, suggestion
from bus.core.way import way_to

UNUSABLE_PROFILE = "unusable_profile"
ACROSS_NOTHING = "across_nothing"
TOLD_AT_START = {
    UNUSABLE_PROFILE: "a profile cannot be used",
    ACROSS_NOTHING: "a name in BUS_ACROSS is that of no application",
}
"""Kinds of warnings that a running bus tells too, and as what: what holds is not what was meant."""


def doubts_about(deployment: Deployment, world: Surroundings) -> Iterator[ConfigMistake]:
    """The warnings: about products, about routes of one transaction, and versions on the way."""
    for application in deployment.applications.values():
        yield from _profile(application, world)
        yield from _product(application, world)
    routes = deployment.routes
    for route in routes:
        for destination in route.destinations:
            yield from _versions(route, deployment.applications[destination], deployment, world)
        yield from _to_itself(route)
        yield from _condition(route, world)
        yield from _left_out(route, world)
    declared = [route for route in routes if not route.share]
    for first, second in combinations(declared, 2):
        yield from _both_ways(first, second, world)
        for transaction in sorted(first.transactions & second.transactions):
            told = _spelt(transaction, world)
            if first.origin != second.origin:
                yield from _two_senders(first, second, told, world)
            elif _overlap(first, second):
                yield from _two_rules(first, second, told)


def _profile(application: Application, world: Surroundings) -> Iterator[ConfigMistake]:
    """A profile that cannot be used leaves its product undescribed: the bus runs all the same."""
    if unusable := world.unusable_profile(application.product):
        said = {"problem": unusable.fault.problem}
        yield ConfigMistake(UNUSABLE_PROFILE, ("applications", application.name, "product"), said)


def _product(application: Application, world: Surroundings) -> Iterator[ConfigMistake]:
    """A name that is almost that of a product with a profile, which then does not count."""
    product, known = application.product, tuple(world.profiles)
    if not product or product.casefold() in world.profiles:
        return
    if nearest(product, known):
        where = ("applications", application.name, "product")
        yield ConfigMistake("near_product", where, suggestion(product, known))


def _to_itself(route: Route) -> Iterator[ConfigMistake]:
    """A route that brings its origin what it sent."""
    if route.origin in route.destinations:
        yield ConfigMistake("to_itself", ("routes", route.name, "to"), {"origin": route.origin})


def _condition(route: Route, world: Surroundings) -> Iterator[ConfigMistake]:
    """A condition that no message of the route can change, or that looks where none of them is."""
    if not route.condition:
        return
    where = ("routes", route.name, "condition")
    if is_constant(route.condition):
        yield ConfigMistake("constant", where, {"value": route.condition})
    known = set().union(*(world.elements(_spelt(one, world)) for one in route.transactions))
    for name in elements_in(route.condition) if known else ():
        if name not in known:
            yield ConfigMistake("no_such_element", where, suggestion(name, known))
    for path in astray(route.condition) if known else ():
        if known.issuperset(elements_in(path)):
            yield ConfigMistake("astray", where, {"value": path})


def _left_out(route: Route, world: Surroundings) -> Iterator[ConfigMistake]:
    """S9: what follows a step that failed is sent all the same, though it builds on that step."""
    steps = world.steps_of_others(route.transactions)
    if route.on_failure is OnFailure.CONTINUE and steps:
        details = {"transactions": ", ".join(steps)}
        yield ConfigMistake("steps_left_out", ("routes", route.name, "on_failure"), details)


def _both_ways(first: Route, second: Route, world: Surroundings) -> Iterator[ConfigMistake]:
    """X-16: what one sends may come back from the other, and nothing tells that it is an echo."""
    meet = first.origin in second.destinations and second.origin in first.destinations
    echoes = world.echoes_of(first.transactions & second.transactions)
    if not meet or not echoes:
        return
    for route in (first, second):
        if not route.echo_within:
            details = {
                "transactions": ", ".join(echoes),
                "first": first.origin,
                "second": second.origin,
            }
            yield ConfigMistake("echoes_untold", ("routes", route.name), details)


def _two_senders(
    first: Route, second: Route, transaction: str, world: Surroundings
) -> Iterator[ConfigMistake]:
    # S6: a lane has one sender. Queries have no lane.
    if world.only_queries([transaction]):
        return
    for destination in _common_destinations(first, second):
        yield ConfigMistake(
            "unordered",
            ("routes", second.name, "from"),
            {
                "transaction": transaction,
                "destination": destination,
                "first": first.origin,
                "second": second.origin,
            },
        )


def _two_rules(first: Route, second: Route, transaction: str) -> Iterator[ConfigMistake]:
    details = {
        "transaction": transaction,
        "origin": first.origin,
        "first": first.name,
        "second": second.name,
    }
    for destination in _common_destinations(first, second):
        yield ConfigMistake(
            "shadowed", ("routes", second.name), {**details, "destination": destination}
        )
    both_sync = DeliveryMode.SYNC in first.modes & second.modes
    several = len({*first.destinations, *second.destinations}) > 1
    if both_sync and several and not (first.answers or second.answers):
        yield ConfigMistake("nobody_answers", ("routes", second.name), details)


def _versions(
    route: Route, reader: Application, deployment: Deployment, world: Surroundings
) -> Iterator[ConfigMistake]:
    """What a reader would not take, and what it would take with a loss."""
    for transaction in sorted(route.transactions & reader.accepts.keys()):
        for version in sorted(_brought(route, transaction, deployment, world)):
            way = way_to(reader, transaction, version, deployment.bridges)
            if way.open and not (way.bridge and way.bridge.lost):
                continue
            details = {
                "transaction": _spelt(transaction, world),
                "version": version,
                "origin": route.origin,
                "destination": reader.name,
                "accepted": ", ".join(sorted(reader.accepts[transaction])),
            }
            if way.bridge:
                details |= {"target": way.bridge.target, "count": str(len(way.bridge.lost))}
            kind = "lossy" if way.bridge else "unbridged"
            yield ConfigMistake(kind, _destinations_of(route), details)


def _destinations_of(route: Route) -> tuple[str, ...]:
    """Where the file names the destinations of a route."""
    if route.share:
        return ("sharing", route.share.group.name, "destinations")
    return ("routes", route.name, "to")


def _brought(
    route: Route, transaction: str, deployment: Deployment, world: Surroundings
) -> set[str]:
    """The versions of a transaction that a route may bring."""
    known = world.versions(transaction)
    sent = deployment.applications[route.origin].sends.get(transaction, known)
    return {one for one in known if one in sent and (not route.versions or one in route.versions)}


def _common_destinations(first: Route, second: Route) -> list[str]:
    return [name for name in first.destinations if name in second.destinations]


def _overlap(first: Route, second: Route) -> bool:
    """Whether one message may take both, as far as can be told without reading conditions."""
    if first.condition or second.condition:
        return False
    both = first.versions and second.versions
    return not both or not first.versions.isdisjoint(second.versions)


def _spelt(transaction: str, world: Surroundings) -> str:
    return next(name for name in world.transactions() if name.casefold() == transaction)
