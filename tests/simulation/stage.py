"""Where a history plays: applications, routes and weather, all drawn from the seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.core.contract import Contract
from bus.core.envelope import DeliveryMode
from bus.core.route import (
    Application,
    Deployment,
    IdentityBasis,
    IdentityPolicy,
    IdScope,
    OnFailure,
    RetryPolicy,
    Route,
    TranslatedBy,
)
from tests.simulation.texts import CONTRACTS, CONTRACTS_WITH_IDS

SENDERS = ("erp", "legacy")
DESTINATIONS = ("crm", "wms", "shop")
FEED = "feed"
"""The application that is read."""

FLOWS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "Customer": (("crm",), ""),
    "Item": (("crm", "wms"), "crm"),
    "Price": (("shop", "wms"), ""),
    "Order": (("wms",), ""),
    "CancelOrder": (("wms",), ""),
    "Payment": (("crm", "shop"), "shop"),
    "Alert": (("shop",), ""),
    "Stock": (("wms",), ""),
}
"""For each transaction where it goes, and whose answer is the sender's."""

DOCUMENTS = ("A", "B", "C")
NAMEABLE: Mapping[str, tuple[str, ...]] = dict.fromkeys(("Customer", "Item"), (*DOCUMENTS, "X"))
"""The ids by which things of an entity are named; of X nobody sends a register."""

CONDITION = "loud"
"""Alerts go on only where they are loud."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How much goes wrong. Shares in [0, 1], times in seconds.

    `trouble` is the share of calls of destinations that do not simply go well; `receipts` are the
    destinations that give a receipt and answer later; `delay` is the journal's usual delay. `asked`
    are those that can be asked what became of a message, `in_two_calls` those that take it so. Those
    `numbering` say what they call a thing that they are told of; `renumbering` is how often they call
    it otherwise from then on.
    """

    trouble: float
    receipts: frozenset[str]
    delay: float
    asked: frozenset[str] = frozenset()
    in_two_calls: frozenset[str] = frozenset()
    numbering: frozenset[str] = frozenset()
    renumbering: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The setting of one history. `engines` share one store; `lease` and `poll` are theirs (s).

    `named`: things have ids, which are translated and waited for; `contracts` say where they are.
    """

    deployment: Deployment
    weather: Weather
    engines: int
    poll: float
    lease: float
    contracts: Mapping[str, Contract] = field(default_factory=lambda: CONTRACTS)
    named: bool = False

    @property
    def shared(self) -> bool:
        """Whether several processes have the journal, on a server."""
        return self.named and self.engines > 1


def widen(stage: Stage, chance: random.Random) -> Stage:
    """Draw who can be asked, who takes two calls, and who is read."""
    asked, in_two_calls = (
        frozenset(name for name in DESTINATIONS if chance.random() < share) for share in (0.5, 0.35)
    )
    weather = replace(stage.weather, asked=asked, in_two_calls=in_two_calls)
    read_every = chance.choice((2.0, 10.0))
    feed = replace(
        _application(FEED, chance), read_every=read_every, takes_answers=chance.random() < 0.5
    )
    routes = tuple(_route(FEED, transaction, chance) for transaction in FLOWS)
    deployment = replace(
        stage.deployment,
        applications={**stage.deployment.applications, FEED: feed},
        routes=stage.deployment.routes + routes,
    )
    return replace(stage, deployment=deployment, weather=weather)


def name_things(stage: Stage, chance: random.Random) -> Stage:
    """Let things have ids, which each application gives by itself; draw who tells its own."""
    numbering = frozenset(name for name in DESTINATIONS if chance.random() < 0.75)
    renumbering = chance.choice((0.0, 0.2))
    applications = {
        name: replace(
            one,
            de_para=TranslatedBy.BUS,
            id_scope=IdScope.WHOLE,
            pair_within=chance.choice((40.0, 7 * 86400.0, 7 * 86400.0)),
        )
        for name, one in stage.deployment.applications.items()
    }
    return replace(
        stage,
        deployment=replace(stage.deployment, applications=applications),
        weather=replace(stage.weather, numbering=numbering, renumbering=renumbering),
        contracts=CONTRACTS_WITH_IDS,
        named=True,
    )


def set_stage(chance: random.Random) -> Stage:
    """Draw a setting."""
    names = SENDERS + DESTINATIONS
    applications = {name: _application(name, chance) for name in names}
    routes = tuple(
        _route(sender, transaction, chance) for sender in SENDERS for transaction in FLOWS
    )
    return Stage(
        deployment=Deployment(1, applications, routes),
        weather=_weather(chance),
        engines=2 if chance.random() < 0.3 else 1,
        poll=chance.choice((1.0, 5.0)),
        lease=chance.choice((10.0, 60.0)),
    )


def _weather(chance: random.Random) -> Weather:
    return Weather(
        trouble=chance.choice((0.0, 0.15, 0.3, 0.6)),
        receipts=frozenset(name for name in DESTINATIONS if chance.random() < 0.35),
        delay=chance.choice((0.002, 0.02, 0.3)),
    )


def _application(name: str, chance: random.Random) -> Application:
    sends = name in SENDERS
    basis = IdentityBasis.UUID if name == "erp" else chance.choice(list(IdentityBasis))
    return Application(
        name=name,
        product=name.upper(),
        adapter="simulated",
        identity=IdentityPolicy(basis, window=1e6),
        repeat_safe=_some({"order", "payment"}, 0.15, chance),
        repeat_unsafe=_some({"customer", "price"}, 0.15, chance),
        takes_answers=sends and chance.random() < 0.6,
        concurrency=chance.randint(1, 4),
        timeout=chance.choice((3.0, 8.0)),
        response_within=chance.choice((15.0, 45.0)),
    )


def _some(names: set[str], share: float, chance: random.Random) -> frozenset[str]:
    return frozenset(name for name in sorted(names) if chance.random() < share)


def _route(sender: str, transaction: str, chance: random.Random) -> Route:
    destinations, answers = FLOWS[transaction]
    on_failure = None
    if chance.random() < 0.1 and not transaction.endswith("Order"):
        on_failure = chance.choice(list(OnFailure))
    return Route(
        name=f"{sender}-{transaction.lower()}",
        transactions=frozenset({transaction.casefold()}),
        origin=sender,
        destinations=destinations,
        default_mode=DeliveryMode.ASYNC,
        retry=_policy(chance),
        on_failure=on_failure,
        condition=CONDITION if transaction == "Alert" else "",
        answers=answers,
        deadline=chance.choice((2.0, 6.0, 15.0)),
    )


def _policy(chance: random.Random) -> RetryPolicy:
    return RetryPolicy(
        attempts=chance.randint(2, 5),
        first=chance.choice((0.5, 2.0)),
        longest=20.0,
        max_age=chance.choice((60.0, 300.0)),
        longest_pause=10.0,
    )
