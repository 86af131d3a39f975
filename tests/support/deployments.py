"""Configurations for tests: applications and routes in few words."""

from collections.abc import Iterable
from dataclasses import replace

from bus.core.route import Application, Deployment, OnMissing, RetryPolicy, Route

SOON = RetryPolicy(attempts=3, first=0.01, longest=0.01, jitter=0.0, longest_pause=0.02)
"""Retries at once, for tests that are not about waiting."""
DEADLINE = 20.0
"""Seconds that a caller waits, where a test says nothing else; an attempt takes as long at most."""
TRANSACTIONS = (
    "unitofmeasure",
    "currency",
    "customervendor",
    "part",
    "step",
    "canceljob",
    "question",
    "guessed",
    "imported",
)


def application(name: str, **changes: object) -> Application:
    """An application that sends and receives, and takes every company as it is called."""
    made = Application(
        name,
        name.upper(),
        adapter="loopback",
        address="loopback:",
        references={"company": OnMissing.KEEP},
        timeout=DEADLINE,
        concurrency=8,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def route(*to: str, name: str = "", **changes: object) -> Route:
    """A route of all that tests send, from Protheus; attempts are repeated at once."""
    made = Route(
        name=name or "-".join(to),
        transactions=frozenset(TRANSACTIONS),
        origin="protheus",
        destinations=to,
        retry=SOON,
        deadline=DEADLINE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def deployment(*routes: Route, applications: Iterable[Application] = ()) -> Deployment:
    """These routes, and every application that they name."""
    chosen = routes or (route("rm"),)
    names = [name for one in chosen for name in (one.origin, *one.destinations)]
    made = {name: application(name) for name in names}
    return Deployment(1, made | {one.name: one for one in applications}, chosen)


def answering_to_protheus(*routes: Route) -> Deployment:
    """A configuration whose origin takes answers as deliveries."""
    return deployment(*routes, applications=[application("protheus", takes_answers=True)])
