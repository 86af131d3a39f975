"""Read: what an application has for the bus, and tell it what became of it; within its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from bus.core.errors import BusFault, Fault, ReceiverFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Inbound, Marker, Poll, Reader, TakenMessage, Webhook

Result = TypeVar("Result")


async def read(adapter: Adapter, application: Application, source: Poll | Webhook) -> Inbound:
    """What there is to take. Refusal where the adapter cannot read, or takes too long."""
    if not isinstance(adapter, Reader):
        problem = Text("ele não lê", "it does not read")
        raise BusFault(_fault("ADAPTER_FAILED", application, problem))
    return await _in_time(adapter.read(source), application)


async def mark(adapter: Adapter, application: Application, taken: Sequence[TakenMessage]) -> None:
    """Tell an application that marks its records what became of them; Refusal where it cannot."""
    if taken and isinstance(adapter, Marker):
        await _in_time(adapter.mark(taken), application)


async def _in_time(call: Awaitable[Result], application: Application) -> Result:
    try:
        async with asyncio.timeout(application.timeout):
            return await call
    except TimeoutError:
        seconds = f"{application.timeout:g} s"
        problem = Text(f"não respondeu em {seconds}", f"no answer within {seconds}")
        raise ReceiverFault(_fault("UNREACHABLE", application, problem)) from None


def _fault(code: str, application: Application, problem: Text) -> Fault:
    return Fault(code, details={"application": application.name, "problem": problem})
