"""Brings a record of a register to Omie: made by its integration code, changed by its id."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from adapters.omie.characteristics import bring_characteristics, tells_characteristics
from adapters.omie.client import NotDone
from adapters.omie.errand import Done, Errand
from adapters.omie.fields import CUSTOMER_VENDOR, ITEM, REGISTERS, Register, record_of
from adapters.omie.keys import integration_key, suggested_code
from adapters.omie.known_faults import duplicate_in, is_empty_list, is_unknown
from adapters.omie.numbers import Record
from adapters.omie.values import is_document, omie_id, records_in, shown
from bus.core.envelope import InternalIdPair
from bus.core.text import Text

CHARACTERISTICS, OF_CLIENTS = "caracteristicas", "geral/clientescaract"
"""A list of a client, and the service that shows it."""
SUGGESTIONS = 3
"""Codes that are tried for a product without one before Omie's refusal is told."""
UNKNOWN_HERE = Text(
    "a Omie não conhece o registro a excluir", "Omie does not know the record to delete"
)
ANOTHERS = Text(
    "a Omie diz que o registro já existe com o Id {id}, mas o de lá é outro",
    "Omie says that the record is there already with Id {id}, but that one is another",
)


NO_CODE = Text(
    "o produto vem sem código, e os códigos sugeridos já são de outros na Omie",
    "the product comes without a code, and Omie has others by the codes that were suggested",
)
WRONG_DOCUMENT = Text(
    "o CNPJ ou CPF do cadastro não é válido: os dígitos verificadores não conferem",
    "the CNPJ or CPF of the register is not valid: its check digits are wrong",
)
CORRECT_IT = Text(
    "Corrija o documento no cadastro de onde ele vem; a mudança é enviada de novo.",
    "Correct the document in the register that it comes from; the change is sent again.",
)


async def bring_register(errand: Errand) -> Done:
    """A Family, an Item or a CustomerVendor."""
    register = REGISTERS[errand.parcel.document.envelope.header.transaction.casefold()]
    id = 0 if errand.parcel.new else omie_id(errand.ours.text_at("InternalId"))
    if errand.deletes:
        return await _drop(errand, register, id)
    record = record_of(register, errand.ours, shared=errand.shares)
    _check_document(errand, record)
    if id:
        return await _change(errand, register, id, record)
    origin = errand.theirs.text_at("InternalId")
    code = integration_key(register.longest_code, *errand.sender, origin)
    record[register.code] = code
    with _told_once_it_is_whole(errand, register, code):
        return await _make(errand, register, record)


async def _make(errand: Errand, register: Register, record: dict[str, object]) -> Done:
    if register.suggests and not record.get(register.same):
        return await _make_with_a_code(errand, register, record)
    try:
        made = await errand.call(register.service, register.put, record)
    except NotDone as fault:
        known = omie_id(duplicate_in(fault.said) or "")
        if not known:
            raise
        await _verify(errand, register, known, record)
        return await _change(errand, register, known, record)
    return await _made(errand, register, made)


def _check_document(errand: Errand, record: Mapping[str, object]) -> None:
    """Refuse a document that no register can have, before any call: it would match nobody."""
    told = str(record.get("cnpj_cpf") or "")
    if told and not is_document(told):
        raise errand.refuse(WRONG_DOCUMENT, advice=CORRECT_IT)


async def _make_with_a_code(errand: Errand, register: Register, record: dict[str, object]) -> Done:
    """Make a product that nobody gave a code: by one of ours, another where that is taken.

    A repeat has the same integration code, and so finds what its first try made.
    """
    for turn in range(SUGGESTIONS):
        code = suggested_code(str(record[register.code]), str(turn))
        told = {**record, register.same: code}
        try:
            made = await errand.call(register.service, register.put, told)
        except NotDone as fault:
            if duplicate_in(fault.said) is None:
                raise
        else:
            return await _made(errand, register, made)
    raise errand.refuse(NO_CODE)


def _told_once_it_is_whole(
    errand: Errand, register: Register, name: str
) -> AbstractContextManager[None]:
    """Reading tells a record that takes several calls only when it is as it was meant."""
    if register is ITEM and tells_characteristics(errand):
        return errand.client.access.changing(register.service, name)
    return nullcontext()


async def _made(errand: Errand, register: Register, answer: Record) -> Done:
    id = omie_id(shown(answer.get(register.id)))
    if register is ITEM and tells_characteristics(errand):
        await bring_characteristics(errand, id)
    return _done(errand, register, id)


async def _change(errand: Errand, register: Register, id: int, record: dict[str, object]) -> Done:
    if register is CUSTOMER_VENDOR and CHARACTERISTICS in record:
        record = {**record, CHARACTERISTICS: await _all_characteristics(errand, id, record)}
    with _told_once_it_is_whole(errand, register, str(id)):
        changed = {register.id: id, **record}
        await errand.call(register.service, register.change, changed)
        return await _made(errand, register, changed)


async def _all_characteristics(errand: Errand, id: int, record: Record) -> list[Record]:
    """Those that are told, and as empty those that the client has beside them: that ends them."""
    asked = {CUSTOMER_VENDOR.id: id}
    try:
        there = await errand.look(
            OF_CLIENTS, "ConsultarCaractCliente", asked, CUSTOMER_VENDOR.service
        )
    except NotDone as fault:
        if not is_empty_list(fault.said):
            raise
        there = {}
    told = records_in(record.get(CHARACTERISTICS))
    had = {shown(one.get("campo")) for one in records_in(there.get(CHARACTERISTICS))}
    ended = sorted(had - {shown(one.get("campo")) for one in told} - {""})
    return [*told, *({"campo": name, "conteudo": ""} for name in ended)]


async def _drop(errand: Errand, register: Register, id: int) -> Done:
    """Delete a record; one that is gone already is as it should be."""
    if not id:
        raise errand.refuse(UNKNOWN_HERE)
    try:
        await errand.call(register.service, register.drop, {register.id: id})
    except NotDone as fault:
        if not is_unknown(fault.said):
            raise
    return Done()


async def _verify(errand: Errand, register: Register, id: int, record: dict[str, object]) -> None:
    """See that the record which Omie names is the one that is meant, before it is changed."""
    there = await errand.call(register.service, register.show, {register.id: id})
    ours, theirs = (register.compared(str(one.get(register.same) or "")) for one in (record, there))
    if not ours or ours != theirs:
        raise errand.refuse(ANOTHERS.filled(id=id))


def _done(errand: Errand, register: Register, id: object) -> Done:
    origin = errand.ours.text_at("InternalId")
    return Done((InternalIdPair(register.entity, origin, str(id)),) if id else ())
