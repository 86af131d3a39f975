"""What a simulated application processed: an append-only file of one JSON object a line.

Each entry is written by one system call before the application answers, so it is there even when
the process is killed the moment after.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from bus.core.envelope import BusinessEvent, Event
from bus.ports.codec import Document


class Effect(StrEnum):
    """What processing a message did to the application."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    ANSWERED = "answered"  # a question, or another's answer: nothing changed


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One processed message, in the order of processing. `at` is µs since 1970."""

    number: int
    uuid: str
    transaction: str
    internal_id: str
    destination: str
    content_hash: str
    effect: Effect
    at: int


class Ledger:
    """The entries of one application, kept in a file where one is named."""

    def __init__(self, path: Path | None, registers: frozenset[str]) -> None:
        self._file = -1
        self._registers = frozenset(name.casefold() for name in registers)
        self.entries: list[LedgerEntry] = []
        self._ids: dict[tuple[str, str], str] = {}
        if path:
            for line in path.read_text("utf-8").splitlines() if path.exists() else ():
                row = json.loads(line)
                self._keep(LedgerEntry(**{**row, "effect": Effect(row["effect"])}))
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def process(self, document: Document, internal_id: str) -> LedgerEntry:
        """Do what a message asks, and note it.

        A register's upsert of a known id, the sender's or its own, updates; of all else, each
        arrival makes a document anew.
        """
        transaction = document.envelope.header.transaction
        known = self._ids.get((transaction.casefold(), internal_id), "")
        effect = self._effect(document, internal_id, known)
        new = f"01| |{len(self.entries) + 1:06d}"
        destination = new if effect is Effect.CREATED else known
        return self.note(document, internal_id, destination, effect)

    def note(
        self, document: Document, internal_id: str, destination: str, effect: Effect
    ) -> LedgerEntry:
        """Note what processing a message did: it is in the file when this returns."""
        header = document.envelope.header
        entry = LedgerEntry(
            number=len(self.entries) + 1,
            uuid=header.uuid,
            transaction=header.transaction,
            internal_id=internal_id,
            destination=destination,
            content_hash=document.content_hash,
            effect=effect,
            at=time.time_ns() // 1000,  # noqa: TID251 - an application has a clock of its own
        )
        if self._file >= 0:
            line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
            os.write(self._file, line.encode())
        self._keep(entry)
        return entry

    def doubles(self) -> tuple[str, ...]:
        """The UUIDs of messages that made a document more than once."""
        made = Counter(entry.uuid for entry in self.entries if entry.effect is Effect.CREATED)
        return tuple(uuid for uuid, times in made.items() if times > 1)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _effect(self, document: Document, internal_id: str, known: str) -> Effect:
        business = document.envelope.business
        if isinstance(business, BusinessEvent) and business.event is Event.DELETE:
            return Effect.DELETED
        if business is None or not internal_id:
            return Effect.ANSWERED
        register = document.envelope.header.transaction.casefold() in self._registers
        return Effect.UPDATED if known and register else Effect.CREATED

    def _keep(self, entry: LedgerEntry) -> None:
        self.entries.append(entry)
        key = (entry.transaction.casefold(), entry.internal_id)
        if entry.effect is Effect.DELETED:
            self._ids.pop(key, None)
        elif entry.destination:
            self._ids[key] = entry.destination
            self._ids[entry.transaction.casefold(), entry.destination] = entry.destination
