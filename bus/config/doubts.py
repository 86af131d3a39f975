"""What a configuration may say but an integrator should hear of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bus.config.mistakes import Mistake
from bus.config.surroundings import Surroundings
from bus.core.envelope import DeliveryMode
from bus.core.route import Route


def doubts_about(routes: tuple[Route, ...], world: Surroundings) -> Iterator[Mistake]:
    """The warnings about routes that are about the same transaction."""
    for first, second in combinations(routes, 2):
        for transaction in sorted(first.transactions & second.transactions):
            told = _spelt(transaction, world)
            if first.origin != second.origin:
                yield from _two_senders(first, second, told, world)
            elif _overlap(first, second):
                yield from _two_rules(first, second, told)


def _two_senders(
    first: Route, second: Route, transaction: str, world: Surroundings
) -> Iterator[Mistake]:
    # S6: a lane has one sender. Queries have no lane.
    if world.only_queries([transaction]):
        return
    for destination in _common_destinations(first, second):
        yield Mistake(
            "unordered",
            ("routes", second.name, "from"),
            {
                "transaction": transaction,
                "destination": destination,
                "first": first.origin,
                "second": second.origin,
            },
        )


def _two_rules(first: Route, second: Route, transaction: str) -> Iterator[Mistake]:
    details = {
        "transaction": transaction,
        "origin": first.origin,
        "first": first.name,
        "second": second.name,
    }
    for destination in _common_destinations(first, second):
        yield Mistake("shadowed", ("routes", second.name), {**details, "destination": destination})
    both_sync = DeliveryMode.SYNC in first.modes & second.modes
    several = len({*first.destinations, *second.destinations}) > 1
    if both_sync and several and not (first.answers or second.answers):
        yield Mistake("nobody_answers", ("routes", second.name), details)


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
