"""Bridging: a message into the version that its reader takes, checked before it leaves (S4)."""

from __future__ import annotations

from dataclasses import replace

from bus.core.bridge import HEADER_PATH, Bridge, Transformation
from bus.core.contract import Contract
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.suggest import unknown_contract
from bus.core.text import Details
from bus.core.way import not_accepted, way_to
from bus.engine.translate import Prepared
from bus.ports.codec import Document
from bus.ports.ports import Ports


class Transformer:
    """Knows the versions that readers take, where messages meet them: before an attempt."""

    def __init__(self, ports: Ports) -> None:
        self._bridges = ports.bridges
        self._contracts = ports.contracts
        self._deployment = ports.deployment

    async def bring(self, prepared: Prepared, document: Document, reader: Application) -> Prepared:
        """A message whose ids are known, at the version that its reader takes; or why it cannot be.

        Without a way it was accepted all the same: the configuration has changed since.
        """
        header = document.envelope.header
        way = way_to(reader, header.transaction, header.version, self._deployment().bridges)
        if not way.open:
            fault = not_accepted(reader, header.transaction, header.version)
            return replace(prepared, barred=fault)
        if way.bridge is None:
            return prepared
        target = self._contracts.find(way.bridge.transaction, way.bridge.target)
        made = await self._bridges.transform(document, way.bridge, prepared.translation)
        wrong = (
            await self._difference(prepared.contract, document, target, made.document)
            if target
            else self._unknown(way.bridge)
        )
        return replace(
            prepared,
            document=made.document,
            there=target,
            transformation=Transformation(header.version, way.bridge.target, made.lost),
            barred=_transformed_wrongly(way.bridge, reader, wrong) if wrong else None,
        )

    async def _difference(
        self, source: Contract | None, document: Document, target: Contract, made: Document
    ) -> Fault | None:
        """What we made wrong; what its sender had wrong already was let through by its route."""
        if await self._contracts.conforms(target, made):
            return None
        if source and not await self._contracts.conforms(source, document):
            return None
        return (await self._contracts.explain(target, made))[0]

    def _unknown(self, bridge: Bridge) -> Fault:
        known = self._contracts.known()
        return unknown_contract(bridge.transaction, bridge.target, known, HEADER_PATH)


def _transformed_wrongly(bridge: Bridge, reader: Application, wrong: Fault) -> Fault:
    details: Details = {
        "application": reader.name,
        "version": bridge.source,
        "contract": f"{bridge.transaction} {bridge.target}",
        "problem": wrong.problem,
    }
    return Fault("TRANSFORMATION_INVALID", wrong.path, details=details)
