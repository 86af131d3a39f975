"""What the journal tells of an application lately: its version, companies, refusals and faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final

from bus.core.delivery import State
from bus.core.diagnose import LOOKED_BACK
from bus.core.diagnosis import Introduction, Means, SeenFault
from bus.core.errors import Fault, Refusal
from bus.core.route import Application
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow
from bus.ports.history import Filter
from bus.ports.ports import Ports

MOST = 200
"""Messages of an application that are looked at, the newest."""
MOST_FAULTS = 50
"""Deliveries in a state whose faults are looked at, the newest."""
STOPPED: Final = (State.REFUSED, State.DEAD, State.UNKNOWN, State.AWAITING_DEPARA)
"""The states in which a delivery waits for somebody."""
BUSY: Final = "BUSY"
"""What puts a delivery off: by the text of it a reader lacks something, such as licences (T-07)."""


class Traffic:
    """Reads the journal of the last days."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._history = ports.history

    async def sent_by(self, application: Application) -> tuple[MessageRow, ...]:
        """The newest messages of an application."""
        chosen = Filter(sender=application.name, since=self._since(), limit=MOST)
        return tuple(row for row, _ in await self._history.messages(chosen))

    async def introduction(
        self, messages: Iterable[MessageRow], products: Iterable[str]
    ) -> Introduction:
        """The version that the newest message of an application names."""
        names = {name.casefold() for name in products}
        for row in messages:
            body = await self._history.body(row.id)
            if body is None:
                continue
            try:
                envelope = (await self._ports.codec.read(body, row.carrier)).envelope
            except Refusal:
                continue
            product = envelope.header.product
            if product.version and product.name.casefold() in names:
                return Introduction(product.version, Means.JOURNAL)
        return Introduction(means=Means.JOURNAL)

    async def faults(self, application: Application) -> tuple[SeenFault, ...]:
        """The faults of deliveries to it that wait for somebody, alike ones together."""
        found: dict[tuple[str, str], SeenFault] = {}
        async for message, row, fault in self._stopped(application):
            key = (fault.code, fault.reason("en"))
            known = found.get(key, SeenFault(fault, 0, 0))
            last = max(known.last_at, row.changed_at)
            keepers = {*known.keepers, *self._keeper(message)}
            found[key] = SeenFault(fault, known.deliveries + 1, last, tuple(sorted(keepers)))
        return tuple(found.values())

    def _keeper(self, message: MessageRow) -> tuple[str, ...]:
        """The module that the document of a message belongs to (T-194); none where it has none."""
        contract = self._ports.contracts.find(message.transaction, message.version)
        return (contract.keeper,) if contract and contract.module else ()

    async def _stopped(
        self, application: Application
    ) -> AsyncIterator[tuple[MessageRow, DeliveryRow, Fault]]:
        for state in (*STOPPED, State.WAITING):
            chosen = Filter(
                destination=application.name, state=state, since=self._since(), limit=MOST_FAULTS
            )
            for message, deliveries in await self._history.messages(chosen):
                trace = await self._history.trace(message.id)
                told = {
                    one.number: one.fault for one in (trace.attempts if trace else ()) if one.fault
                }
                for row in deliveries:
                    fault = told.get(row.number)
                    if row.destination != application.name or row.state is not state:
                        continue
                    if fault and (state is not State.WAITING or fault.code == BUSY):
                        yield message, row, fault

    def _since(self) -> int:
        return self._ports.clock.now() - LOOKED_BACK * 86400 * MICROSECONDS


def not_its_own(messages: Iterable[MessageRow], owned: Iterable[str]) -> tuple[str, ...]:
    """Transactions that it sent and no route takes from it, though others send them to it."""
    names = {name.casefold() for name in owned}
    return tuple(
        sorted(
            {
                row.transaction
                for row in messages
                if row.transaction.casefold() in names
                and any(fault.code == "NO_ROUTE" for fault in row.faults)
            }
        )
    )
