"""Reading what may be long: outside the event loop, so that others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from bus.core.envelope import Carrier
from bus.ports.codec import Carried, Codec, Document

LONG = 64 * 1024
"""Bytes above which a text is parsed outside the event loop."""

Asked = ParamSpec("Asked")
Result = TypeVar("Result")


async def read(codec: Codec, body: bytes | Carried, carrier: Carrier) -> Document:
    """The message that a carrier's body holds, or SenderFault."""
    length = len(body.utf8 if isinstance(body, Carried) else body)
    return await beside(length, codec.read, body, carrier)


async def beside(
    length: int, work: Callable[Asked, Result], *asked: Asked.args, **named: Asked.kwargs
) -> Result:
    """Do work on a text of that length: in a thread where it is long."""
    if length > LONG:
        return await asyncio.to_thread(work, *asked, **named)
    return work(*asked, **named)
