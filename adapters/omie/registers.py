"""Brings a record of a register to Omie: made by its integration code, changed by its id."""

from __future__ import annotations

from adapters.omie.client import NotDone
from adapters.omie.errand import Done, Errand
from adapters.omie.fields import REGISTERS, Register, record_of
from adapters.omie.keys import LONG, integration_key
from adapters.omie.known_faults import duplicate_in
from adapters.omie.values import document_of, omie_id
from bus.core.envelope import InternalIdPair
from bus.core.text import Text

UNKNOWN_HERE = Text(
    "a Omie não conhece o registro a excluir", "Omie does not know the record to delete"
)
ANOTHERS = Text(
    "a Omie diz que o registro já existe com o Id {id}, mas o de lá é outro",
    "Omie says that the record is there already with Id {id}, but that one is another",
)


async def bring_register(errand: Errand) -> Done:
    """An Item or a CustomerVendor."""
    register = REGISTERS[errand.parcel.document.envelope.header.transaction.casefold()]
    id = 0 if errand.parcel.new else omie_id(errand.ours.text_at("InternalId"))
    if errand.deletes:
        return await _drop(errand, register, id)
    record = record_of(register, errand.ours)
    if id:
        return await _change(errand, register, id, record)
    origin = errand.theirs.text_at("InternalId")
    record[register.code] = integration_key(LONG, *errand.sender, origin)
    try:
        made = await errand.call(register.service, register.put, record)
    except NotDone as fault:
        known = omie_id(duplicate_in(fault.said) or "")
        if not known:
            raise
        await _verify(errand, register, known, record)
        return await _change(errand, register, known, record)
    return _done(errand, register, made.get(register.id))


async def _change(errand: Errand, register: Register, id: int, record: dict[str, object]) -> Done:
    await errand.call(register.service, register.change, {register.id: id, **record})
    return _done(errand, register, id)


async def _drop(errand: Errand, register: Register, id: int) -> Done:
    if not id:
        raise errand.refuse(UNKNOWN_HERE)
    await errand.call(register.service, register.drop, {register.id: id})
    return Done()


async def _verify(errand: Errand, register: Register, id: int, record: dict[str, object]) -> None:
    """See that the record which Omie names is the one that is meant, before it is changed."""
    there = await errand.call(register.service, register.show, {register.id: id})
    ours, theirs = (document_of(str(one.get(register.same) or "")) for one in (record, there))
    if not ours or ours != theirs:
        raise errand.refuse(ANOTHERS.filled(id=id))


def _done(errand: Errand, register: Register, id: object) -> Done:
    origin = errand.ours.text_at("InternalId")
    return Done((InternalIdPair(register.entity, origin, str(id)),) if id else ())
