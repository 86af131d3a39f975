"""Purchase requisitions: a Request is one, with an item for each of its lines."""

from __future__ import annotations

from adapters.omie.client import NotDone
from adapters.omie.errand import Done, Errand
from adapters.omie.keys import SHORT, integration_key
from adapters.omie.known_faults import duplicate_in
from adapters.omie.numbers import Record
from adapters.omie.settings import OnChange
from adapters.omie.stock import NEVER_CAME, NO_ID, NO_QUANTITY, PRODUCT
from adapters.omie.values import number, omie_date, omie_id, shown
from bus.core.element import Element
from bus.core.envelope import InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import Text

REQUISITIONS = "produtos/requisicaocompra"
LINES = "ListOfRequestItem/RequestItem"
UNKNOWN_HERE = Text(
    "a Omie não conhece a requisição a excluir", "Omie does not know the requisition to delete"
)
ANOTHERS = Text(
    "a Omie tem com o código de integração {code} uma requisição de outros itens",
    "Omie has a requisition of other items by the integration code {code}",
)


async def bring_requisition(errand: Errand) -> Done:
    """A Request: made, changed as the option `on_change` says, or deleted (X-01, X-02)."""
    known = 0 if errand.parcel.new else _known(errand)
    if errand.deletes:
        if not known:
            raise errand.refuse(UNKNOWN_HERE)
        await _drop(errand, known)
        return Done()
    if not known:
        return await _make(errand)
    if _removes(errand) or errand.settings.on_change is OnChange.DELETE_AND_NEW:
        await _drop(errand, known)
        return await _make(errand) if _kept(errand) else Done()
    await _alter(errand, known)
    if errand.settings.on_change is OnChange.ALTER_IN_PLACE:
        return _done(errand, known)
    return await _make(errand)


async def ask_requisition(errand: Errand) -> Report | None:
    """Whether the requisition is there, by its integration code."""
    if errand.deletes or _known(errand):
        return None
    if not await _there(errand, _requisition(errand, _key(errand))):
        fault = errand.client.fault("UNREACHABLE", NEVER_CAME)
        return Report(Outcome.UNREACHABLE, fault=fault)
    return Report(Outcome.DELIVERED)


def _known(errand: Errand) -> int:
    """The id that Omie gave the requisition; 0: none is known."""
    ours, theirs = errand.ours.text_at("InternalId"), errand.theirs.text_at("InternalId")
    return omie_id(ours) if ours != theirs else 0


def _removes(errand: Errand) -> bool:
    return len(_kept(errand)) < len(errand.ours.all(LINES))


def _kept(errand: Errand) -> list[Element]:
    """The lines that are not taken back."""
    lines = errand.ours.all(LINES)
    return [line for line in lines if line.text_at("Event").casefold() != "delete"]


async def _drop(errand: Errand, id: int) -> None:
    progress = errand.parcel.progress
    if "deleted" not in progress.done:
        await errand.call(REQUISITIONS, "ExcluirReq", {"codReqCompra": id})
        await progress.record("deleted", id)


async def _alter(errand: Errand, id: int) -> None:
    progress = errand.parcel.progress
    if "altered" not in progress.done:
        param = {"codReqCompra": id, **_requisition(errand, "")}
        await errand.call(REQUISITIONS, "AlterarReq", param)
        await progress.record("altered", id)


async def _make(errand: Errand) -> Done:
    progress = errand.parcel.progress
    if made := progress.done.get("made"):
        return _done(errand, made)
    param = _requisition(errand, _key(errand))
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
    if _items(row) != _items(param):
        raise errand.refuse(ANOTHERS.filled(code=param["codIntReqCompra"]))
    return shown(row.get("codReqCompra"))


def _items(record: Record) -> list[tuple[str, object]]:
    """Products and quantities, in an order of their own."""
    rows = record.get("ItensReqCompra")
    items = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    told = ((str(row.get("codProd")), number(shown(row.get("qtde")))) for row in items)
    return sorted(told, key=str)


def _key(errand: Errand) -> str:
    document = errand.theirs.text_at("InternalId") or errand.theirs.text_at("Code")
    uuid = errand.parcel.document.envelope.header.uuid
    return integration_key(SHORT, *errand.sender, document, uuid)


def _requisition(errand: Errand, key: str) -> dict[str, object]:
    """IncluirReq or AlterarReq; the category goes with every one (K-06)."""
    order = errand.theirs.text_at("MainOrderCode") or errand.theirs.text_at("MainOrderInternalId")
    told = {
        "codIntReqCompra": key,
        "codCateg": errand.settings.category,
        "dtSugestao": omie_date(
            errand.ours.text_at("DeliveryDateTime") or errand.ours.text_at("RegisterDateTime")
        ),
        "obsReqCompra": errand.ours.text_at("Observation"),
        "obsIntReqCompra": order and f"OS {order}",
    }
    items = [_item(errand, place, line) for place, line in enumerate(_kept(errand), start=1)]
    return {**{name: value for name, value in told.items() if value}, "ItensReqCompra": items}


def _item(errand: Errand, place: int, line: Element) -> Record:
    product = omie_id(line.text_at("ItemInternalId"))
    quantity = number(line.text_at("Quantity"))
    if not product:
        raise errand.refuse(NO_ID.filled(line=place, what=PRODUCT))
    if quantity is None:
        raise errand.refuse(NO_QUANTITY.filled(line=place))
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
