"""Doubles: two registers of one application that everybody else would take for one.

Who knows a register by its CNPJ or its code would overwrite what it has of the one with the other,
and tell that on to all. So what is new to a reader goes there only where it is nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bus.core.contract import Contract
from bus.core.delivery import Reason
from bus.core.envelope import BusinessEvent, Event
from bus.core.errors import Fault
from bus.core.identity import scope_of
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.sharing import SharingGroup, recognised_as, spellings_of
from bus.core.subject import KEY
from bus.core.suggest import command_to_set
from bus.core.text import Details
from bus.core.translation import TranslationContext
from bus.engine.echo import MOST, is_open, names_it
from bus.engine.translate import Prepared
from bus.journal.commands import Claim
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.codec import Document
from bus.ports.history import Filter
from bus.ports.ports import Ports
from depara.model import Key

_Message = tuple[MessageRow, tuple[DeliveryRow, ...]]
"""A message, and its deliveries."""


class _New(NamedTuple):
    """A register that is new to its reader, and the value by which that recognises it."""

    claim: Claim
    contract: Contract
    crossing: TranslationContext
    id: str
    value: str

    @property
    def reader(self) -> str:
        return self.claim.delivery.destination

    def key(self, id_: str) -> Key:
        """An id of its sender."""
        return self.crossing.key(self.contract.entity, id_)

    def scope(self, application: Application, message: MessageRow) -> str:
        """How far the ids of a message reach."""
        return scope_of(application, self.contract.entity, message.company, message.branch)


class Doubles:
    """Knows which other register of a sender would be overwritten by one that is new."""

    def __init__(self, ports: Ports) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._crossreference = ports.crossreference
        self._history = ports.history
        self._deployment = ports.deployment

    async def found(
        self, claim: Claim, document: Document, prepared: Prepared, group: SharingGroup
    ) -> Report | None:
        """Why a register that has no id at its reader is not sent: another would be overwritten.

        It waits for what came before it and is still on its way there. None where it is sent.
        """
        one = _new(claim, document, prepared)
        if one is None:
            return None
        told = await self._told(one, one.crossing.sender)
        standing = await self._standing(one, told, group)
        known = await self._crossreference.known([one.key(other) for other in standing])
        for other in standing:
            rows = known.get(one.key(other), ())
            if there := next((row.id for row in rows if row.application == one.reader), ""):
                return _refused(one, other, there)
        for other in standing:
            if earlier := _on_its_way(one, told.get(other, ())):
                return _waits_for(one, other, earlier)
        return None

    async def _standing(self, one: _New, told: Iterable[str], group: SharingGroup) -> list[str]:
        """The ids of the others with the same value that its sender has, as far as was told."""
        others = set(told)
        for name in group.members:
            if name != one.crossing.sender.name:
                others |= await self._ids_by(one, self._deployment().applications[name])
        return [other for other in sorted(others - {one.id}) if await self._stands(one, other)]

    async def _told(self, one: _New, application: Application) -> dict[str, list[_Message]]:
        """What an application ever said of registers with the same value, by their ids."""
        found: dict[str, list[_Message]] = defaultdict(list)
        ids: dict[str, str] = {}
        is_document = bool(one.contract.recognised_by)
        for spelling in sorted(spellings_of(one.value, document=is_document)):
            wanted = Filter(sender=application.name, key=spelling[:KEY], limit=MOST)
            for message, rows in await self._history.messages(wanted):
                if message.entity != one.contract.entity:
                    continue
                if message.about not in ids:
                    ids[message.about] = await self._own_id(message)
                found[ids[message.about]].append((message, rows))
        found.pop("", None)
        return found

    async def _own_id(self, message: MessageRow) -> str:
        """The id of a message's register; empty where its text is gone."""
        document = await self._read(message)
        contract = self._contracts.find(message.transaction, message.version)
        if document is None or contract is None:
            return ""
        return next(filter(None, document.values(contract.own_id)), "")

    async def _read(self, message: MessageRow) -> Document | None:
        body = await self._history.body(message.id)
        return await self._codec.read(body, message.carrier) if body else None

    async def _ids_by(self, one: _New, teller: Application) -> set[str]:
        """What its sender calls the registers of which another told with the same value."""
        keys = [
            Key(one.contract.entity, teller.name, one.scope(teller, messages[0][0]), id_)
            for id_, messages in (await self._told(one, teller)).items()
        ]
        known = await self._crossreference.known(keys)
        sender = one.crossing.sender.name
        return {row.id for rows in known.values() for row in rows if row.application == sender}

    async def _stands(self, one: _New, other: str) -> bool:
        """Whether its sender has another with the same value still, by what it said of it last."""
        wanted = Filter(sender=one.crossing.sender.name, key=other[:KEY], limit=MOST)
        found = [row for row, _ in await self._history.messages(wanted)]
        last = next((row for row in found if row.entity == one.contract.entity), None)
        document = await self._read(last) if last else None
        if document is None:
            return True
        business = document.envelope.business
        deletes = isinstance(business, BusinessEvent) and business.event is Event.DELETE
        return not deletes and _value_of(one.contract, document) == one.value


def _new(claim: Claim, document: Document, prepared: Prepared) -> _New | None:
    own = next(filter(names_it, prepared.found), None)
    if prepared.crossing is None or prepared.contract is None or own is None:
        return None
    value = _value_of(prepared.contract, document)
    return _New(claim, prepared.contract, prepared.crossing, own.value, value) if value else None


def _value_of(contract: Contract, document: Document) -> str:
    """By what everybody recognises a register; empty where it lacks that."""
    told = next(filter(None, document.values(contract.known_by)), "")
    return recognised_as(told, document=bool(contract.recognised_by))


def _on_its_way(one: _New, told: Sequence[_Message]) -> MessageRow | None:
    """What came before it, and may still arrive at its reader."""
    for message, rows in told:
        came_before = (message.received_at, message.id) < (
            one.claim.message.received_at,
            one.claim.message.id,
        )
        if came_before and any(row.destination == one.reader and is_open(row) for row in rows):
            return message
    return None


def _refused(one: _New, other: str, there: str) -> Report:
    scope = one.scope(one.crossing.reader, one.claim.message)
    told = {"there": there, "command": command_to_set(one.key(one.id), one.reader, scope)}
    return Report(Outcome.REFUSED, fault=_fault("TAKEN_FOR_ANOTHER", one, other, told))


def _waits_for(one: _New, other: str, earlier: MessageRow) -> Report:
    fault = _fault("MAYBE_TAKEN_FOR_ANOTHER", one, other, {"message": earlier.id})
    return Report(Outcome.WITHHELD, fault=fault, withheld=Reason.MAYBE_ECHO)


def _fault(code: str, one: _New, other: str, told: Details) -> Fault:
    details: Details = {
        "sender": one.crossing.sender.name,
        "application": one.reader,
        "path": one.contract.known_by[0],
        "id": one.id,
        "other": other,
        **told,
    }
    return Fault(code, details=details)
