"""Erase: finds the messages of one subject, and has their contents erased (LGPD)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bus.core.erasure import number_in, pattern_of, readings_of
from bus.core.errors import Fault, SenderFault
from bus.journal.erasure import Erase, Erased
from bus.journal.rows import AnswerRow, AttemptRow, MessageRow
from bus.ports.history import Filter
from bus.ports.ports import Ports

PAGE = 500
"""Messages that are read at once."""
TOLD = 10
"""Open messages that a refusal names."""


@dataclass(frozen=True, slots=True)
class ErasureSubject:
    """Whose messages: those of ids or UUIDs, of a business key, or that hold a CPF or CNPJ."""

    messages: tuple[str, ...] = ()
    key: str = ""
    holding: str = ""


class Erasing(NamedTuple):
    """What is erased, on whose behalf; `dry`: nothing is."""

    subject: ErasureSubject
    actor: str
    reason: str
    dry: bool = False


class Eraser:
    """Erases what was said of somebody; that it was said, when and to whom, stays."""

    def __init__(self, ports: Ports) -> None:
        self._journal = ports.journal
        self._history = ports.history

    async def erase(self, asked: Erasing) -> Erased:
        """Erase the contents of the messages of a subject, all of them or none.

        SenderFault where there are none, where some are not finished, and where what would be kept
        of the erasure holds the number itself.
        """
        _refuse_kept(asked)
        ids = await self._found(asked.subject)
        if not ids:
            raise SenderFault(Fault("ERASES_NOTHING"))
        done = await self._journal.erase(Erase(ids, asked.actor, asked.reason, asked.dry))
        if done.open and not asked.dry:
            raise SenderFault(_open(done.open))
        return done

    async def _found(self, subject: ErasureSubject) -> tuple[str, ...]:
        """The messages of a subject, the oldest first."""
        found: set[str] = set()
        for one in subject.messages:
            rows = await self._history.find(one)
            if not rows:
                raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": one}))
            found |= {row.id for row in rows}
        if subject.key:
            found |= {row.id async for row in self._of_key(subject.key)}
        if subject.holding:
            number = number_in(subject.holding)
            if not number:
                raise SenderFault(Fault("NO_CPF_OR_CNPJ", details={"value": subject.holding}))
            found |= {id_ async for id_ in self._holding(pattern_of(number))}
        return tuple(sorted(found))

    async def _of_key(self, key: str) -> AsyncIterator[MessageRow]:
        """The messages with a value of any business key."""
        chosen = Filter(key=key, limit=PAGE)
        while rows := await self._history.messages(chosen):
            for message, _ in rows:
                yield message
            chosen = Filter(key=key, limit=PAGE, before=rows[-1][0].id)

    async def _holding(self, number: re.Pattern[str]) -> AsyncIterator[str]:
        """The messages that have a number in what was received, or in what was answered to it."""
        async for id_, body in await self._history.audit("bodies"):
            if _holds(number, body):
                yield str(id_)
        async for row in await self._history.audit("attempts"):
            attempt = AttemptRow._make(row)
            if _holds(number, attempt.answer, attempt.fault):
                yield attempt.message
        async for row in await self._history.audit("answers"):
            answer = AnswerRow._make(row)
            if _holds(number, answer.body):
                yield answer.message


def _holds(number: re.Pattern[str], content: object, fault: Fault | None = None) -> bool:
    said = str(fault.plain()) if fault else ""
    readings = readings_of(content) if isinstance(content, bytes) else ()
    return any(number.search(one) for one in (said, *readings))


def _open(rows: Iterable[MessageRow]) -> Fault:
    ids = [row.id for row in rows]
    more = ["…"] if len(ids) > TOLD else []
    details = {"count": str(len(ids)), "messages": ", ".join([*ids[:TOLD], *more])}
    return Fault("ERASES_OPEN", details=details)


def _refuse_kept(asked: Erasing) -> None:
    """Refuse words that stay with the fact of an erasure, and hold the number that is erased."""
    number = number_in(asked.subject.holding)
    for path, words in (("reason", asked.reason), ("actor", asked.actor)):
        if number and pattern_of(number).search(words):
            raise SenderFault(Fault("ERASES_AND_TELLS", path))
