"""Purchase requisitions: a Request is one, with an item for each of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from adapters.omie.client import NotDone
from adapters.omie.errand import Done, Errand
from adapters.omie.keys import document_part, revision_part
from adapters.omie.known_faults import duplicate_in, is_unknown_requisition
from adapters.omie.numbers import Record
from adapters.omie.settings import OnChange
from adapters.omie.stock import NEVER_CAME
from adapters.omie.values import number, omie_date, omie_id, shown
from bus.core.element import Element
from bus.core.envelope import InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import Text

REQUISITIONS = "produtos/requisicaocompra"
LINES = "ListOfRequestItem/RequestItem"
OF_A_REQUEST = "000"
"""The Type of a CancelRequest that is of a Request."""
REPLACES = "Requisição anterior: {id}"
REPLACED = re.compile(r"Requisição anterior: ([1-9]\d{0,18})\b")
"""What a requisition says of the one that it replaced: Omie has no field for it (K-27)."""
ORDER = re.compile(r"(OS\b.*?)(?: - Requisição anterior: \d+)?", re.DOTALL)
"""The work order that a requisition tells of, beside the one that it replaced."""
PLACE = re.compile(r"Local de estoque \S+$")
NOTHING_WANTED: Record = {}
LONGEST_CHAIN = 50
"""Requisitions of one document that are followed back."""
CANCELS_OTHER = Text(
    "o cancelamento tem Type {type}, e na Omie só se cancela uma requisição (000)",
    "the cancellation has Type {type}, and in Omie only a requisition (000) is cancelled",
)
UNKNOWN_HERE = Text(
    "a Omie não conhece a requisição a excluir", "Omie does not know the requisition to delete"
)
ANOTHERS = Text(
    "a Omie tem com o código de integração {code} uma requisição de outros itens",
    "Omie has a requisition of other items by the integration code {code}",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What Omie has of a requisition before it is changed: its id (0: it is gone), that of the one
    which it replaced (0: none), whether it has what is wanted already, and its work order.
    """

    id: int = 0
    replaced: int = 0
    same: bool = False
    order: str = ""


async def bring_requisition(errand: Errand) -> Done:
    """A Request: made, changed as the option `on_change` says, or deleted (X-01, X-02)."""
    known = 0 if errand.parcel.new else _known(errand)
    if errand.deletes:
        if not known:
            raise errand.refuse(UNKNOWN_HERE)
        await _drop(errand, await _found(errand, known))
        return Done()
    if not known:
        return await _make(errand)
    wanted = _requisition(errand, "") if _kept(errand) else {}
    found = await _found(errand, known, wanted)
    if found.same:  # K-29: nothing that Omie was told has changed
        return _done(errand, known)
    return await _change(errand, found)


async def bring_cancellation(errand: Errand) -> Done:
    """A CancelRequest: the requisition is deleted, and all that it had replaced (K-32)."""
    kind = errand.ours.text_at("Type")
    if kind != OF_A_REQUEST:
        raise errand.refuse(CANCELS_OTHER.filled(type=kind or "-"))
    known = omie_id(errand.ours.text_at("RequestInternalId"))
    if not known:
        raise errand.refuse(UNKNOWN_HERE)
    await _drop(errand, await _found(errand, known))
    return Done()


async def ask_requisition(errand: Errand) -> Report | None:
    """Whether the requisition is there, by its integration code."""
    if errand.deletes or _known(errand):
        return errand.goes_on()
    if not await _there(errand, _requisition(errand, _key(errand))):
        fault = errand.client.fault("UNREACHABLE", NEVER_CAME)
        return Report(Outcome.UNREACHABLE, fault=fault)
    return Report(Outcome.DELIVERED)


async def ask_cancellation(errand: Errand) -> Report | None:
    """What is gone may be deleted again, so it is."""
    return errand.goes_on()


def _known(errand: Errand) -> int:
    """The id that Omie gave the requisition; 0: none is known."""
    ours, theirs = errand.ours.text_at("InternalId"), errand.theirs.text_at("InternalId")
    return omie_id(ours) if ours != theirs else 0


def _kept(errand: Errand) -> list[Element]:
    """The lines that are not taken back."""
    lines = errand.ours.all(LINES)
    return [line for line in lines if line.text_at("Event").casefold() != "delete"]


# -- what is there already -------------------------------------------------------------------------


async def _found(errand: Errand, known: int, wanted: Record = NOTHING_WANTED) -> Found:
    """What Omie has, looked at once: what was begun on the strength of it is gone on with."""
    progress = errand.parcel.progress
    if isinstance(before := progress.done.get("found"), list):
        return Found(*before)
    row = await _shown(errand, known, fresh=bool(wanted))
    found = (
        Found(known, _link_in(row), bool(wanted) and _as_wanted(row, wanted), _order_in(row))
        if row
        else Found()
    )
    if not found.same:
        await progress.record("found", [found.id, found.replaced, False, found.order])
    return found


async def _chain(errand: Errand, found: Found) -> list[int]:
    """A requisition and those that it replaced, back to the first."""
    progress = errand.parcel.progress
    if isinstance(before := progress.done.get("chain"), list):
        return before
    ids = [found.id] if found.id else []
    link = found.replaced
    while link and link not in ids and len(ids) < LONGEST_CHAIN:
        row = await _shown(errand, link)
        # Somebody may have written that note: what is not of this document stays.
        if not shown(row.get("codIntReqCompra")).startswith(document_part(_document(errand))):
            break
        ids.append(link)
        link = _link_in(row)
    await progress.record("chain", ids)
    return ids


async def _shown(errand: Errand, id: int, *, fresh: bool = False) -> Record:
    """A requisition as we left it, or as it was a moment ago; empty where it is gone."""
    look = errand.look if fresh else errand.call
    try:
        return await look(REQUISITIONS, "ConsultarReq", {"codReqCompra": id})
    except NotDone as fault:
        if is_unknown_requisition(fault.said):
            return {}
        raise


def _link_in(row: Record) -> int:
    found = REPLACED.search(shown(row.get("obsIntReqCompra")))
    return int(found[1]) if found else 0


def _order_in(row: Record) -> str:
    found = ORDER.fullmatch(shown(row.get("obsIntReqCompra")))
    return found[1] if found else ""


def _as_wanted(row: Record, wanted: Record) -> bool:
    """Whether date, materials, quantities and locations agree (K-28, K-29)."""
    same_date = shown(row.get("dtSugestao")) == shown(wanted.get("dtSugestao"))
    return same_date and _places(row) == _places(wanted)


def _places(record: Record) -> list[tuple[str, object, str]]:
    """Products, quantities and the locations in their notes, in an order of their own."""
    told = (
        (product, quantity, (PLACE.search(note) or [""])[0])
        for product, quantity, note in _items(record)
    )
    return sorted(told, key=str)


# -- changing it -----------------------------------------------------------------------------------


async def _change(errand: Errand, found: Found) -> Done:
    """By the policy; where something is taken back it is deleted first (K-30, K-31)."""
    kept = _kept(errand)
    if not found.id:
        return await _make(errand) if kept else Done()
    takes_back = len(kept) < len(errand.ours.all(LINES))
    if takes_back or errand.settings.on_change is OnChange.DELETE_AND_NEW:
        await _drop(errand, found)
        return await _make(errand) if kept else Done()
    await _alter(errand, found)
    if errand.settings.on_change is OnChange.ALTER_IN_PLACE:
        return _done(errand, found.id)
    return await _make(errand, found.id)


async def _drop(errand: Errand, found: Found) -> None:
    """Delete it, and all that it had replaced: none of them may stay alive (K-32)."""
    progress = errand.parcel.progress
    for id in await _chain(errand, found):
        if f"deleted {id}" in progress.done:
            continue
        try:
            await errand.call(REQUISITIONS, "ExcluirReq", {"codReqCompra": id})
        except NotDone as fault:
            if not is_unknown_requisition(fault.said):
                raise _of_order(errand, fault, found) from None
        await progress.record(f"deleted {id}", id)


async def _alter(errand: Errand, found: Found) -> None:
    progress = errand.parcel.progress
    if "altered" in progress.done:
        return
    param = {"codReqCompra": found.id, **_requisition(errand, "", found.replaced)}
    try:
        await errand.call(REQUISITIONS, "AlterarReq", param)
    except NotDone as fault:
        raise _of_order(errand, fault, found) from None
    await progress.record("altered", found.id)


def _of_order(errand: Errand, fault: NotDone, found: Found) -> NotDone:
    """A refusal that names the work order, for who has to settle it with who buys (X-03)."""
    told = fault.report.fault
    order = errand.work_order or found.order
    if fault.report.outcome is not Outcome.REFUSED or not told or not order:
        return fault
    details = {**told.details, "problem": f"{told.details['problem']} ({order})"}
    return NotDone(replace(fault.report, fault=replace(told, details=details)), fault.said)


async def _make(errand: Errand, replaced: int = 0) -> Done:
    progress = errand.parcel.progress
    if made := progress.done.get("made"):
        return _done(errand, made)
    param = _requisition(errand, _key(errand), replaced)
    try:
        answer = await errand.create(REQUISITIONS, "IncluirReq", param)
        made = shown(answer.get("codReqCompra"))
    except NotDone as fault:
        if duplicate_in(fault.said) is None:
            raise
        made = await _there(errand, param)
        if not made:
            raise
    await progress.record("made", made)
    return _done(errand, made)


async def _there(errand: Errand, param: Record) -> str:
    """The id of the requisition with that code and those items; empty where there is none."""
    code = {"codIntReqCompra": param["codIntReqCompra"]}
    try:
        row = await errand.call(REQUISITIONS, "ConsultarReq", code)
    except NotDone as fault:
        if fault.report.outcome is not Outcome.REFUSED:
            raise
        return ""
    there, wanted = ([item[:2] for item in _items(one)] for one in (row, param))
    if there != wanted:
        raise errand.refuse(ANOTHERS.filled(code=param["codIntReqCompra"]))
    return shown(row.get("codReqCompra"))


def _items(record: Record) -> list[tuple[str, object, str]]:
    """Products, quantities and notes, in an order of their own."""
    rows = record.get("ItensReqCompra")
    items = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    told = (
        (str(row.get("codProd")), number(shown(row.get("qtde"))), shown(row.get("obsItem")))
        for row in items
    )
    return sorted(told, key=str)


# -- as Omie takes it ------------------------------------------------------------------------------


def _document(errand: Errand) -> tuple[str, ...]:
    """Whose requisition it is, whichever message speaks of it."""
    named = ("RequestInternalId", "InternalId", "Code")
    id = next(filter(None, map(errand.theirs.text_at, named)), "")
    return (*errand.sender[:-1], "Request", id)


def _key(errand: Errand) -> str:
    uuid = errand.parcel.document.envelope.header.uuid
    return document_part(_document(errand)) + revision_part(uuid)


def _requisition(errand: Errand, key: str, replaced: int = 0) -> dict[str, object]:
    """IncluirReq or AlterarReq; the category goes with every one (K-06)."""
    notes = (errand.work_order, REPLACES.format(id=replaced) if replaced else "")
    told = {
        "codIntReqCompra": key,
        "codCateg": errand.settings.category,
        "dtSugestao": omie_date(
            errand.ours.text_at("DeliveryDateTime") or errand.ours.text_at("RegisterDateTime")
        ),
        "obsReqCompra": errand.ours.text_at("Observation"),
        "obsIntReqCompra": " - ".join(filter(None, notes)),
    }
    items = [_item(errand, place, line) for place, line in enumerate(_kept(errand), start=1)]
    return {**{name: value for name, value in told.items() if value}, "ItensReqCompra": items}


def _item(errand: Errand, place: int, line: Element) -> Record:
    product, quantity = errand.used(line, place)
    price = number(line.text_at("UnitPrice"))
    warehouse = line.text_at("WarehouseInternalId") or line.text_at("WarehouseCode")
    notes = (line.text_at("Observation"), warehouse and f"Local de estoque {warehouse}")
    item: dict[str, object] = {"codProd": product, "qtde": quantity}
    if price is not None:
        item["precoUnit"] = price
    if note := " - ".join(filter(None, notes)):
        item["obsItem"] = note
    return item


def _done(errand: Errand, id: object) -> Done:
    return Done((InternalIdPair("Request", errand.ours.text_at("InternalId"), str(id)),))
