"""A simulated Protheus: `async with protheus_simulator(codec, setting) as protheus`.

Its work orders are `protheus.work_orders`; what its users do there is `Sigamnt(protheus)`.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.protheus.simulated import PROTHEUS, SERVICE
from adapters.protheus.work_orders import WorkOrders
from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.eai.books import ErpBooks
from adapters.simulation.eai.simulator import EaiSimulator
from bus.ports.codec import Codec


class ProtheusSimulator(EaiSimulator):
    """Plays a Protheus with its work orders while its context is open."""

    def _open_books(self) -> ErpBooks:
        self.work_orders = WorkOrders()
        return self.work_orders


def protheus_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> ProtheusSimulator:
    """A Protheus, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="P12")
    named = replace(chosen, product=PROTHEUS.name, product_version=PROTHEUS.version)
    return ProtheusSimulator(codec, PROTHEUS, SERVICE, named, behaviour)
