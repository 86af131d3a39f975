"""All that the engine needs of the world, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bus.core.route import Application, Deployment
from bus.ports.adapter import Adapter
from bus.ports.bridges import Bridges
from bus.ports.clock import Clock
from bus.ports.codec import Codec
from bus.ports.contracts import Contracts
from bus.ports.depara import CrossReference
from bus.ports.history import History
from bus.ports.journal import Journal
from bus.ports.notifier import Notifier
from bus.ports.observer import Observer


def _nobody(_: Application) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one bus; `deployment` gives what is in force at the time of the call.

    `asks` tells whether the adapter of an application can ask it what became of a message;
    `notifier` is None where no other process can have the journal.
    """

    codec: Codec
    contracts: Contracts
    bridges: Bridges
    clock: Clock
    journal: Journal
    history: History
    crossreference: CrossReference
    observer: Observer
    open_adapter: Callable[[Application], Adapter]
    deployment: Callable[[], Deployment]
    asks: Callable[[Application], bool] = _nobody
    notifier: Notifier | None = None
