"""The bridges between versions that ship, and the way of a message over one."""

from __future__ import annotations

import asyncio
import re
import tomllib
from typing import TYPE_CHECKING

from lxml import etree

import schemas
from bus.codec.document import XmlDocument, opened
from bus.codec.parser import Parsed
from bus.codec.reader import read_envelope
from bus.codec.writer import SCHEMA_LOCATION
from bus.contracts.reshape import order_of, reshape
from bus.core.bridge import Bridge
from bus.core.translation import UNCHANGED
from bus.ports.bridges import Transformed

if TYPE_CHECKING:
    from bus.contracts.registry import Registry
    from bus.contracts.reshape import Order
    from bus.core.translation import Translation
    from bus.ports.codec import Document

_NAME = re.compile(r"(\w+?)_(\d+)_(\d+)_to_(\d+)_(\d+)")
_NAMED = re.compile(r"_\d+_\d+(?=\.xsd$)", re.IGNORECASE)


class XmlBridges:
    """Implements `bus.ports.Bridges`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._orders: dict[tuple[str, str], Order] = {}

    async def transform(
        self, document: Document, bridge: Bridge, translation: Translation = UNCHANGED
    ) -> Transformed:
        """The message in its reader's ids, over a bridge, in a thread: the first takes a moment."""
        return await asyncio.to_thread(self.transformed, document, bridge, translation)

    def transformed(
        self, document: Document, bridge: Bridge, translation: Translation = UNCHANGED
    ) -> Transformed:
        """The message in its reader's ids, over a bridge."""
        root = _written(opened(document), translation)
        root[0].set("version", bridge.target)
        location = root.get(SCHEMA_LOCATION)
        if location:
            named = f"_{bridge.target.replace('.', '_')}"
            root.set(SCHEMA_LOCATION, _NAMED.sub(named, location))
        content = root.find("BusinessMessage/BusinessContent")
        lost = () if content is None else reshape(content, bridge, self._order(bridge))
        raw = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return Transformed(XmlDocument(raw, root, read_envelope(Parsed(root, ()))), lost)

    def _order(self, bridge: Bridge) -> Order:
        """The order in which the target of a bridge has its elements, as far as that is known."""
        key = (bridge.transaction, bridge.target)
        if key not in self._orders:
            # xmlschema, which a bus without bridges need not load.
            from bus.contracts.fields import listed_fields  # noqa: PLC0415

            contract = self._registry.find(*key)
            fields = listed_fields(self._registry.xsd(contract)) if contract else {}
            self._orders[key] = order_of(fields.values())
        return self._orders[key]


def _written(document: XmlDocument, translation: Translation) -> etree._Element:
    """The tree of a message as it would leave for its reader."""
    written = document.write(document.envelope.header.uuid, translation)
    # Our own words: limits were for what came from others.
    parser = etree.XMLParser(no_network=True, resolve_entities=False, huge_tree=True)
    return etree.fromstring(written, parser)


def shipped_bridges() -> tuple[Bridge, ...]:
    """The bridges that ship, in order of transaction and versions."""
    return tuple(read_bridge(name, schemas.bridge_page(name)) for name in schemas.bridge_names())


def read_bridge(name: str, page: str) -> Bridge:
    """The bridge that a page declares; `name` is its file's: `Order_4_010_to_3_002`."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise ValueError(f"“{name}” is no name of a bridge")
    told = tomllib.loads(page)
    lost = tuple(told.pop("lost"))
    source, target = f"{parts[2]}.{parts[3]}", f"{parts[4]}.{parts[5]}"
    return Bridge(parts[1], source, target, lost, **told)
