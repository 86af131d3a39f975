"""Read: what an application has for the bus, by its adapter and within its time."""

from __future__ import annotations

import asyncio

from bus.core.errors import BusFault, Fault, ReceiverFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Inbound, Poll, Reader, Webhook


async def read(adapter: Adapter, application: Application, source: Poll | Webhook) -> Inbound:
    """What there is to take. Refusal where the adapter cannot read, or takes too long."""
    if not isinstance(adapter, Reader):
        problem = Text("ele não lê", "it does not read")
        raise BusFault(_fault("ADAPTER_FAILED", application, problem))
    try:
        async with asyncio.timeout(application.timeout):
            return await adapter.read(source)
    except TimeoutError:
        seconds = f"{application.timeout:g} s"
        problem = Text(f"não respondeu em {seconds}", f"no answer within {seconds}")
        raise ReceiverFault(_fault("UNREACHABLE", application, problem)) from None


def _fault(code: str, application: Application, problem: Text) -> Fault:
    return Fault(code, details={"application": application.name, "problem": problem})
