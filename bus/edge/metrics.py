"""Metrics for Prometheus. Label names are the glossary's words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from bus.core.delivery import FAILED, Kind, Reason, State
from bus.core.envelope import MessageType
from bus.core.errors import Fault
from bus.core.outcome import Report
from bus.journal.commands import Recorded
from bus.journal.providers import STOPPED
from bus.journal.rows import MICROSECONDS, DeliveryRow, MessageRow
from bus.ports.history import History

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400)
ROUTE = ("route", "transaction")
OTHER = "other"
"""The label of transactions that no contract knows."""


class Metrics:
    """Counts what the engine tells, and asks the journal for what stands."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[str, str] = {}
        self._accepted = self._counter("messages_accepted", "Messages accepted.", ROUTE)
        self._filtered = self._counter(
            "messages_filtered", "Messages that no condition of their routes let pass.", ROUTE
        )
        self._rejected = self._counter(
            "messages_rejected", "Messages rejected.", ("transaction", "code")
        )
        self._repeated = self._counter(
            "messages_repeated", "Repeats of messages.", ("transaction", "verdict")
        )
        self._delivered = self._counter(
            "deliveries_succeeded", "Deliveries that ended well.", ROUTE
        )
        self._echoes = self._counter(
            "deliveries_echoed", "Deliveries discarded as echoes of what was delivered.", ROUTE
        )
        self._not_shared = self._counter(
            "deliveries_not_shared",
            "Deliveries discarded because their group does not share them, or not so.",
            (*ROUTE, "reason"),
        )
        self._failed = self._counter("deliveries_failed", "Deliveries refused or dead.", ROUTE)
        self._differing = self._counter(
            "answers_differing",
            "Answers of applications that differ from their contract.",
            ("application", "transaction"),
        )
        self._attempts = self._counter("delivery_attempts", "Attempts.", ("application", "outcome"))
        self._age = self._histogram(
            "delivery_duration_seconds", "From acceptance to delivery.", ROUTE
        )
        self._latency = self._histogram(
            "delivery_attempt_duration_seconds", "How long attempts last.", ("application",)
        )
        self._waiting = self._gauge(
            "deliveries_open", "Deliveries that are not gone.", (*ROUTE, "state")
        )
        self._oldest = self._gauge(
            "deliveries_open_oldest_age_seconds",
            "Age of the oldest delivery that goes on by itself; what stopped is not in it.",
            (*ROUTE, "state"),
        )
        self._effects = self._counter(
            "effects_found", "What asking for the effect of deliveries came to.", (*ROUTE, "effect")
        )
        self._without = self._gauge(
            "effects_open",
            "Delivered, and the effect absent or not checkable.",
            (*ROUTE, "effect"),
        )
        self._unaccounted = self._gauge(
            "messages_unaccounted",
            "Messages taken in less those accepted, rejected, repeated or turned away.",
            (),
        )
        self._troubles = self._counter(
            "unexpected_errors", "Unexpected errors, survived.", ("what",)
        )
        self._turned_away = self._counter(
            "turned_away", "Connections, requests and logins that were turned away.", ("why",)
        )
        self._broker = self._gauge(
            "broker_connected", "Whether there is a connection to the broker; 1: yes.", ()
        )
        self._broker_lost = self._counter(
            "broker_connections_failed", "Connections to the broker that failed or were lost.", ()
        )
        self._slots = self._gauge(
            "application_slots", "Slots of applications that are taken now.", ("application",)
        )
        self._paused = self._gauge(
            "application_paused", "1: it is left alone, or is to show how it is.", ("application",)
        )
        self._unmapped = self._counter(
            "fault_texts_unmapped", "Faults in words that no mapping knows.", ("application",)
        )
        self._oldest_kept = self._gauge(
            "journal_oldest_message_timestamp_seconds",
            "When the oldest message that the journal keeps was received; 0: it has none.",
            (),
        )
        self._in_hand = 0

    def know(self, transactions: Iterable[str]) -> None:
        """The transactions that have a contract: no other name becomes a label."""
        self._known = {name.casefold(): name for name in transactions}

    def _transaction(self, name: str) -> str:
        # Names come from outside: a label for each would grow without end.
        return self._known.get(name.casefold(), OTHER) if name else ""

    def _counter(self, name: str, text: str, labels: Sequence[str]) -> Counter:
        return Counter(f"bus_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: Sequence[str]) -> Gauge:
        return Gauge(f"bus_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: Sequence[str]) -> Histogram:
        return Histogram(f"bus_{name}", text, labels, registry=self.registry, buckets=SECONDS)

    # -- what the engine tells (bus.ports.Observer) ------------------------------------------------

    def received(self) -> None:
        """A message was taken in; it is unaccounted for until its fate is told."""
        self._in_hand += 1

    def turned_away(self) -> None:
        """A message was answered without being recorded."""
        self._in_hand -= 1

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """Count an accepted message, once for each route that took it."""
        self._in_hand -= 1
        rules = dict.fromkeys(row.rule for row in deliveries) or {message.rule: None}
        for rule in rules:
            _child(self._accepted, rule, self._transaction(message.transaction)).inc()
        if message.type == MessageType.BUSINESS and not message.planned:
            _child(self._filtered, message.rule, self._transaction(message.transaction)).inc()

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """Count a rejected message by its first fault."""
        self._in_hand -= 1
        _child(self._rejected, self._transaction(message.transaction), faults[0].code).inc()

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """Count a repeat."""
        self._in_hand -= 1
        _child(self._repeated, self._transaction(message.transaction), str(verdict)).inc()

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """Count an attempt, how long it took, and the end of its delivery."""
        delivery, message = recorded.delivery, recorded.message
        _child(self._attempts, delivery.destination, report.outcome.value).inc()
        _child(self._latency, delivery.destination).observe(seconds)
        if delivery.kind is Kind.ANSWER:
            return
        if report.unmapped:
            _child(self._unmapped, delivery.destination).inc()
        labels = delivery.rule, self._transaction(message.transaction)
        if recorded.complaints:
            _child(self._differing, delivery.destination, labels[1]).inc()
        if delivery.state is State.DELIVERED:
            _child(self._delivered, *labels).inc()
            age = (delivery.changed_at - message.received_at) / MICROSECONDS
            _child(self._age, *labels).observe(age)
        elif delivery.reason is Reason.ECHO:
            _child(self._echoes, *labels).inc()
        elif delivery.reason in {Reason.NOT_SHARED, Reason.NOT_PERMITTED}:
            _child(self._not_shared, *labels, delivery.why).inc()
        elif delivery.state in FAILED:
            _child(self._failed, *labels).inc()

    def effect_found(self, message: MessageRow, delivery: DeliveryRow, fault: Fault | None) -> None:
        """Count what asking for an effect came to."""
        del fault
        labels = delivery.rule, self._transaction(message.transaction), delivery.effect.value
        _child(self._effects, *labels).inc()

    def lost(self, delivery: DeliveryRow) -> None:
        """It is counted with what is not gone."""

    def cut_off(self, deliveries: Sequence[DeliveryRow]) -> None:
        """Nothing: what became of them is counted."""

    def troubled(self, what: str, error: BaseException) -> None:
        """Count a surprise that was survived."""
        del error
        _child(self._troubles, what).inc()

    def turned_away_at_door(self, why: str) -> None:
        """Count what was turned away before it was a message."""
        _child(self._turned_away, why).inc()

    def broker_is(self, *, connected: bool) -> None:
        """Note whether there is a connection to the broker, each time that this changes."""
        self._broker.set(int(connected))
        if not connected:
            self._broker_lost.inc()

    # -- rendering ---------------------------------------------------------------------------------

    async def render(self, history: History, slots: Mapping[str, int]) -> bytes:
        """Everything, in Prometheus's text format; what stands is asked of the journal now.

        `slots` are those that are taken, by application.
        """
        paused = {row.name for row in await history.pauses()}
        for name, taken in slots.items():
            self._slots.labels(name).set(taken)
            self._paused.labels(name).set(int(name in paused))
        self._waiting.clear()
        self._oldest.clear()
        now = time.time() * MICROSECONDS  # noqa: TID251 - ages are shown, nothing depends on them
        oldest: dict[tuple[str, str, str], float] = {}
        for stock in await history.stock():
            labels = (stock.rule, self._transaction(stock.transaction), stock.state.value)
            self._waiting.labels(*labels).inc(stock.count)
            if stock.state not in STOPPED:
                oldest[labels] = min(oldest.get(labels, now), stock.oldest)
        for labels, since in oldest.items():
            self._oldest.labels(*labels).set(max(0.0, (now - since) / MICROSECONDS))
        self._without.clear()
        for row in await history.without_effect():
            labels = (row.rule, self._transaction(row.transaction), row.effect.value)
            self._without.labels(*labels).inc(row.count)
        self._unaccounted.set(self._in_hand)
        self._oldest_kept.set(await history.oldest() / MICROSECONDS)
        return generate_latest(self.registry)


@cache
def _child(metric: Counter | Histogram, *labels: str) -> Any:  # noqa: ANN401 - a Counter or a Histogram
    """The labelled child of a metric; looking it up each time costs more than counting."""
    return metric.labels(*labels)
