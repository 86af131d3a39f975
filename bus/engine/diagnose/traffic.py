"""What the journal tells of an application lately: its version, companies, refusals and faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from bus.core.delivery import Reason, State
from bus.core.diagnose import LOOKED_BACK
from bus.core.diagnosis import Introduction, Means, SeenDiffering, SeenFault
from bus.core.effect import OPEN_VERDICTS
from bus.core.errors import Fault, Refusal
from bus.core.route import Application
from bus.journal.facts import FactKind
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow
from bus.journal.standing import standing_fault
from bus.ports.history import Filter, Trace
from bus.ports.ports import Ports

MOST = 200
"""Messages of an application that are looked at, the newest."""
MOST_FAULTS = 50
"""Deliveries in a state whose faults are looked at, the newest."""
STOPPED: Final = (State.REFUSED, State.DEAD, State.UNKNOWN, State.AWAITING_DEPARA)
"""The states in which a delivery waits for somebody."""


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

    async def delivers(self, application: Application) -> bool:
        """Whether there were deliveries to it."""
        chosen = Filter(destination=application.name, since=self._since(), limit=1)
        return bool(await self._history.messages(chosen))

    async def differing(self, application: Application) -> SeenDiffering | None:
        """The messages, of the newest, to which it answered what differs; None where none."""
        chosen = Filter(destination=application.name, since=self._since(), differs=True, limit=MOST)
        found = await self._history.messages(chosen)
        trace = await self._history.trace(found[0][0].id) if found else None
        if trace is None:
            return None
        numbers = {row.number for row in trace.deliveries if row.destination == application.name}
        last = next(
            one
            for one in reversed(trace.facts)
            if one.kind == FactKind.ANSWER_DIFFERS and one.number in numbers
        )
        return SeenDiffering(Fault.of(last.data), len(found), trace.message.id)

    async def faults(self, application: Application) -> tuple[SeenFault, ...]:
        """The faults of deliveries to it that are not over, alike ones together."""
        found: dict[tuple[str, str], SeenFault] = {}
        async for message, row, fault in self._failing(application):
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

    async def _failing(
        self, application: Application
    ) -> AsyncIterator[tuple[MessageRow, DeliveryRow, Fault]]:
        """What stopped, waits after a fault, was taken back for one, or showed no effect.

        What was taken back counts until something is delivered there again.
        """
        for state in (*STOPPED, State.WAITING, State.BLOCKED, State.DISCARDED):
            async for told in self._in_state(application, Filter(state=state)):
                if state is not State.DISCARDED or await self._is_withdrawn(application, told[1]):
                    yield told
        for verdict in OPEN_VERDICTS:
            async for told in self._in_state(application, Filter(effect=verdict)):
                yield told

    async def _in_state(
        self, application: Application, chosen: Filter
    ) -> AsyncIterator[tuple[MessageRow, DeliveryRow, Fault]]:
        """The newest deliveries to an application that a filter means, each with its fault."""
        name, since = application.name, self._since()
        chosen = replace(chosen, destination=name, since=since, limit=MOST_FAULTS)
        for message, deliveries in await self._history.messages(chosen):
            trace = await self._history.trace(message.id)
            for row in deliveries:
                meant = row.effect in OPEN_VERDICTS if chosen.effect else row.state is chosen.state
                fault = _fault_of(trace, row) if trace and meant else None
                if fault and row.destination == name:
                    yield message, row, fault

    async def _is_withdrawn(self, application: Application, row: DeliveryRow) -> bool:
        """Whether a delivery was taken back, its sender told, and none has gone well since."""
        if row.reason is not Reason.WITHDRAWN:
            return False
        name, since = application.name, self._since()
        chosen = Filter(destination=name, state=State.DELIVERED, since=since, limit=MOST_FAULTS)
        return not any(
            one.changed_at > row.changed_at
            for _, deliveries in await self._history.messages(chosen)
            for one in deliveries
            if one.destination == name and one.state is State.DELIVERED
        )

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


def _fault_of(trace: Trace, row: DeliveryRow) -> Fault | None:
    """Why a delivery is not over: its effect, what it stands for, or what its last try met."""
    if row.effect:
        told = [one for one in _told_of(trace, row) if "fault" in one]
        return Fault.of(told[-1]["fault"]) if told else None
    tried = [one for one in trace.attempts if one.number == row.number]
    last = max(tried, key=lambda one: one.attempt).fault if tried else None
    return last if row.state is State.DISCARDED else standing_fault(row, last)


def _told_of(trace: Trace, row: DeliveryRow) -> list[Mapping[str, Any]]:
    """What the facts about a delivery tell, in their order."""
    return [one.data for one in trace.facts if one.number == row.number]
