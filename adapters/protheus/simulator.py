"""A simulated Protheus: `async with protheus_simulator(codec, setting) as protheus`."""

from __future__ import annotations

from dataclasses import replace

from adapters.eai_soap.simulator import EaiSimulator
from adapters.http_xml.behaviour import Behaviour
from adapters.http_xml.desk import Setting
from adapters.protheus.product import PROTHEUS, SERVICE
from bus.ports import Codec


def protheus_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> EaiSimulator:
    """A Protheus, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="P12")
    named = replace(chosen, product=PROTHEUS.name, product_version=PROTHEUS.version)
    return EaiSimulator(codec, PROTHEUS, SERVICE, named, behaviour)
