"""A simulated RM: `async with rm_simulator(codec, setting) as rm`.

What it holds of maintenance is `rm.movements`; what its users do there is `BackOffice(rm)`.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.rm.movements import RmMovements
from adapters.rm.simulated import RM, SERVICE
from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.eai.books import ErpBooks
from adapters.simulation.eai.simulator import EaiSimulator
from bus.ports.codec import Codec


class RmSimulator(EaiSimulator):
    """Plays an RM with its movements while its context is open."""

    def _open_books(self) -> ErpBooks:
        self.movements = RmMovements()
        return self.movements


def rm_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> RmSimulator:
    """An RM, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="RM")
    named = replace(chosen, product=RM.name, product_version=RM.version)
    return RmSimulator(codec, RM, SERVICE, named, behaviour)
