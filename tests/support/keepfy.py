"""Events of a simulated Keepfy, and the adapter that reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from adapters.keepfy.adapter import KeepfyAdapter
from adapters.keepfy.kind import KeepfyKind
from adapters.keepfy.simulated.orders import SimulatedOrder, labour, material
from bus.core.element import Element
from bus.core.envelope import BusinessEvent
from bus.core.errors import Fault, SenderFault
from bus.core.route import Application, Credentials
from bus.ports.adapter import Webhook
from bus.ports.codec import Document
from bus.wiring import open_codec

BRANCH = "filial-1"
CODEC = open_codec()
NAMES = frozenset({"InternalId", "Event", "Quantity", "WarehouseInternalId", "ItemInternalId"})


def application(address: str = "http://keepfy.example/", **options: str) -> Application:
    """A branch of Keepfy, as routes.yaml has it."""
    told = {"branch": BRANCH, "requisitions": "create"} | options
    credentials = Credentials("access-key", "s3gredo-Pesado")
    return Application("keepfy", "KEEPFY", "keepfy", address, credentials=credentials, options=told)


@asynccontextmanager
async def opened(**options: str) -> AsyncIterator[KeepfyAdapter]:
    """The adapter of a branch that nobody is reached through."""
    adapter = KeepfyKind().open(application(**options), CODEC)
    assert isinstance(adapter, KeepfyAdapter)
    try:
        yield adapter
    finally:
        await adapter.close()


async def posted(event: object, **options: str) -> list[Document]:
    """The messages that a posted event makes."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    async with opened(**options) as adapter:
        inbound = await adapter.read(Webhook(body, {}))
    return [await CODEC.read(one.body) for one in inbound.messages]


async def refusal(event: object, **options: str) -> tuple[Fault, ...]:
    """What is said of an event that is refused."""
    try:
        await posted(event, **options)
    except SenderFault as fault:
        return fault.faults
    raise AssertionError("it was taken")


def event_of(document: Document) -> str:
    """What happened to the document of a message; empty where it asks for something."""
    business = document.envelope.business
    return business.event.value if isinstance(business, BusinessEvent) else ""


def lines_of(document: Document) -> list[dict[str, str]]:
    """What the lines of a message say."""
    return [
        {part.name: part.text for part in line.children if part.name in NAMES}
        for one in document.content().children
        if one.name.startswith("ListOf")
        for line in one.children
    ]


def two_by_two(**more: Any) -> list[dict[str, Any]]:
    """The example of the manual: two labours, each with screws and a kit of seals."""
    return [
        labour(
            name,
            material("1", "screw", "central", screws),
            material("2", "kit", "central", kits),
            **more,
        )
        for name, screws, kits in (("A", 2, 1), ("B", 3, 4.5))
    ]


def order(branch: str = BRANCH) -> SimulatedOrder:
    """A service order of the branch."""
    return SimulatedOrder("os-7", "OS 7", branch)


def text_of(content: Element, *names: str) -> Mapping[str, str]:
    """Some texts of a content."""
    return {name: content.text_at(name) for name in names}
