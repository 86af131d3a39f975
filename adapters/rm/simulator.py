"""A simulated RM: `async with rm_simulator(codec, setting) as rm`."""

from __future__ import annotations

from dataclasses import replace

from adapters.eai_soap.simulator import EaiSimulator
from adapters.http_xml.behaviour import Behaviour
from adapters.http_xml.desk import Setting
from adapters.rm.product import RM, SERVICE
from bus.ports import Codec


def rm_simulator(
    codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
) -> EaiSimulator:
    """An RM, which listens while its context is open; its name is its SourceApplication."""
    chosen = setting or Setting(name="RM")
    named = replace(chosen, product=RM.name, product_version=RM.version)
    return EaiSimulator(codec, RM, SERVICE, named, behaviour)
