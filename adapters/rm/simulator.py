"""A simulated RM: `async with rm_simulator(codec, setting) as rm`."""

from __future__ import annotations

from dataclasses import replace

from adapters.rm.simulated import RM, SERVICE
from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.eai.simulator import EaiSimulator
from bus.ports.codec import Codec


def rm_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> EaiSimulator:
    """An RM, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="RM")
    named = replace(chosen, product=RM.name, product_version=RM.version)
    return EaiSimulator(codec, RM, SERVICE, named, behaviour)
