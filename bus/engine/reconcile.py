"""Asks for the effect of many deliveries at once, at a person's wish (S16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bus.core.delivery import Kind, State
from bus.core.effect import EffectVerdict, Uncheckable
from bus.core.envelope import Event
from bus.core.errors import Fault
from bus.engine.effects import EffectChecks, EffectFinding, fault_of
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.history import Filter
from bus.ports.ports import Ports

PAGE = 200
"""Messages that are read at once."""
SILENT_ENOUGH = 3
"""Questions in a row without a readable answer, after which an application is asked no more."""


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Which deliveries to ask about: those of messages that a filter chooses, by one route or any.

    At most `most` questions are put; `actor` is who wishes it.
    """

    chosen: Filter
    route: str = ""
    most: int = 1000
    actor: str = ""


class ReconciledDelivery(NamedTuple):
    """A delivery that was asked about; the fault says why its effect is not confirmed."""

    message: MessageRow
    delivery: DeliveryRow
    verdict: EffectVerdict
    fault: Fault | None


@dataclass(slots=True)
class Reconciled:
    """What asking came to.

    `undeclared` are deliveries whose route declares nothing; `unasked` those of applications that
    were silent too often, or for which no question was left.
    """

    asked: list[ReconciledDelivery] = field(default_factory=list)
    undeclared: int = 0
    unasked: int = 0


class Reconciler:
    """Goes through what was delivered, the newest first, one question after another."""

    def __init__(self, ports: Ports, effects: EffectChecks) -> None:
        self._ports = ports
        self._effects = effects

    async def reconcile(self, asked: Reconcile) -> Reconciled:
        """Ask about each chosen delivery, and record what that came to."""
        done = Reconciled()
        silent: Counter[str] = Counter()
        async for message, delivery in self._delivered(asked):
            if self._effects.rule_of(message, delivery) is None:
                done.undeclared += 1
            elif silent[delivery.destination] >= SILENT_ENOUGH or len(done.asked) >= asked.most:
                done.unasked += 1
            else:
                found = await self._ask(message, delivery, asked.actor)
                is_silent = found.why is Uncheckable.SILENT
                silent[delivery.destination] = silent[delivery.destination] + 1 if is_silent else 0
                done.asked.append(self._told(message, delivery, found))
        return done

    async def _ask(self, message: MessageRow, delivery: DeliveryRow, actor: str) -> EffectFinding:
        body = await self._ports.history.body(message.id)
        found = await self._effects.look(message, delivery, body)
        await self._effects.record(message, delivery, found, actor)
        return found

    def _told(
        self, message: MessageRow, delivery: DeliveryRow, found: EffectFinding
    ) -> ReconciledDelivery:
        fault = fault_of(delivery, self._effects.rule_of(message, delivery), found)
        return ReconciledDelivery(message, delivery, found.verdict, fault)

    async def _delivered(self, asked: Reconcile) -> AsyncIterator[tuple[MessageRow, DeliveryRow]]:
        """The deliveries that destinations said OK to, page by page."""
        chosen = replace(asked.chosen, state=State.DELIVERED, limit=PAGE)
        while page := await self._ports.history.messages(chosen):
            for message, deliveries in page:
                gone = message.event == Event.DELETE or message.erased  # nothing tells of it
                for row in () if gone else deliveries:
                    if _is_chosen(row, asked):
                        yield message, row
            chosen = replace(chosen, before=page[-1][0].id)


def _is_chosen(row: DeliveryRow, asked: Reconcile) -> bool:
    return (
        row.kind is Kind.COPY
        and row.state is State.DELIVERED
        and asked.route in {"", row.rule}
        and asked.chosen.destination in {"", row.destination}
    )
