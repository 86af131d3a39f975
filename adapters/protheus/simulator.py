"""A simulated Protheus: `async with protheus_simulator(codec, setting) as protheus`."""

from __future__ import annotations

from dataclasses import replace

from adapters.protheus.simulated import PROTHEUS, SERVICE
from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.eai.simulator import EaiSimulator
from bus.ports.codec import Codec


def protheus_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> EaiSimulator:
    """A Protheus, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="P12")
    named = replace(chosen, product=PROTHEUS.name, product_version=PROTHEUS.version)
    return EaiSimulator(codec, PROTHEUS, SERVICE, named, behaviour)
