"""Stock: write-offs as one adjustment a line, and what Omie says of balances."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adapters.omie.client import NotDone
from adapters.omie.errand import Done, Errand
from adapters.omie.keys import LONG, integration_key
from adapters.omie.known_faults import duplicate_in
from adapters.omie.numbers import Record
from adapters.omie.values import number, omie_date, omie_id, shown
from bus.core.element import Element
from bus.core.envelope import InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import Text

LINES = "ListOfStockTurnoverItem/StockTurnoverItem"
ADJUSTMENTS = "estoque/ajuste"
CONSULT = "estoque/consulta"
NO_ID = Text(
    "a linha {line} não tem o {what} em ids da Omie", "line {line} has no {what} in Omie's ids"
)
PRODUCT, WAREHOUSE = Text("produto", "product"), Text("local de estoque", "stock location")
NO_QUANTITY = Text("a linha {line} não tem quantidade", "line {line} has no quantity")
NO_DATE = Text("a linha {line} não tem data", "line {line} has no date")
LOT = Text(
    "a linha {line} nomeia um lote ({lot}), e a Omie pede o id do lote, que não se conhece",
    "line {line} names a lot ({lot}), and Omie asks for the id of the lot, which is not known",
)
ANOTHERS = Text(
    "a Omie tem com o código de integração {code} um ajuste de outro produto ou quantidade",
    "Omie has an adjustment of another product or quantity by the integration code {code}",
)
NEVER_CAME = Text("a Omie não tem o registro", "Omie does not have the record")


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A line of a write-off, in both terms, and its place in the message."""

    place: int
    ours: Element
    theirs: Element

    @property
    def deletes(self) -> bool:
        """Whether the line is taken back."""
        return self.ours.text_at("Event").casefold() == "delete"

    @property
    def adjustment(self) -> int:
        """The adjustment that was made for it; 0: none is known."""
        ours, theirs = self.ours.text_at("InternalId"), self.theirs.text_at("InternalId")
        return omie_id(ours) if ours != theirs else 0

    @property
    def name(self) -> str:
        """By what its progress is kept."""
        return self.theirs.text_at("InternalId") or str(self.place)


async def bring_write_off(errand: Errand) -> Done:
    """A StockTurnover: each line is an adjustment of its own (K-35), never added up.

    A line that is known is deleted and made anew, one that is taken back is only deleted.
    """
    ids: list[InternalIdPair] = []
    for line in _lines(errand):
        if line.adjustment:
            await _take_back(errand, line)
        if not (line.deletes or errand.deletes):
            made = await _make(errand, line)
            ids.append(InternalIdPair("StockTurnoverItem", line.ours.text_at("InternalId"), made))
    return Done(tuple(ids))


async def ask_write_off(errand: Errand) -> Report | None:
    """Whether all its adjustments are there, by their integration codes."""
    lines = _lines(errand)
    if errand.deletes or any(line.deletes or line.adjustment for line in lines):
        return None  # what is gone cannot be told from what never was
    for line in lines:
        param = await _adjustment(errand, line)
        if not await _there(errand, param):
            fault = errand.client.fault("UNREACHABLE", NEVER_CAME)
            return Report(Outcome.UNREACHABLE, fault=fault)
    return Report(Outcome.DELIVERED)


async def bring_balances(errand: Errand) -> Done:
    """A StockLevel: what Omie says of each item and location that is asked for."""
    found: list[Element] = []
    for asked in errand.ours.all("RequestItem"):
        product = omie_id(asked.text_at("ItemInternalId"))
        warehouse = omie_id(asked.text_at("WarehouseInternalId"))
        if not product:
            raise errand.refuse(NO_ID.filled(line=len(found) + 1, what=PRODUCT))
        position = await position_of(errand, product, warehouse)
        found.append(balance("ReturnItem", product, warehouse, position))
    return Done(content=Element("ReturnContent", children=tuple(found)))


async def position_of(errand: Errand, product: int, warehouse: int) -> Record:
    """PosicaoEstoque of an item in a location, today by the date of the message."""
    header = errand.parcel.document.envelope.header
    param: dict[str, object] = {"id_prod": product, "data": omie_date(header.generated_on)}
    if warehouse:
        param["codigo_local_estoque"] = warehouse
    return await errand.call(CONSULT, "PosicaoEstoque", param)


def balance(name: str, product: object, warehouse: object, position: Record) -> Element:
    """An item's balance in a location, as StockLevel tells it."""
    told = {
        "ItemInternalId": shown(product),
        "WarehouseInternalId": shown(warehouse) if warehouse else "",
        "AverageUnitItemCost": shown(position.get("cmc", position.get("nCMC"))),
        "CurrentStockAmount": shown(position.get("fisico", position.get("nSaldo"))),
        "AvailableStockAmount": shown(position.get("saldo", position.get("nSaldo"))),
        "BookedStockAmount": shown(position.get("reservado")),
    }
    children = (Element(part, text) for part, text in told.items() if text)
    return Element(name, children=tuple(children))


def _lines(errand: Errand) -> list[UsedLine]:
    pairs = zip(errand.ours.all(LINES), errand.theirs.all(LINES), strict=True)
    return [UsedLine(place, ours, theirs) for place, (ours, theirs) in enumerate(pairs, start=1)]


async def _take_back(errand: Errand, line: UsedLine) -> None:
    progress = errand.parcel.progress
    if f"taken back {line.name}" in progress.done:
        return
    try:
        await errand.call(ADJUSTMENTS, "ExcluirAjusteEstoque", {"id_ajuste": line.adjustment})
    except NotDone as fault:
        if "não cadastrado" not in fault.said:  # it is gone already, which is what was asked for
            raise
    await progress.record(f"taken back {line.name}", line.adjustment)


async def _make(errand: Errand, line: UsedLine) -> str:
    """The id of the adjustment of a line, made unless it was."""
    progress = errand.parcel.progress
    if made := progress.done.get(f"made {line.name}"):
        return str(made)
    param = await _adjustment(errand, line)
    try:
        answer = await errand.create(ADJUSTMENTS, "IncluirAjusteEstoque", param)
        made = shown(answer.get("id_ajuste"))
    except NotDone as fault:
        if duplicate_in(fault.said) is None:
            raise
        made = await _adopt(errand, param)
    await progress.record(f"made {line.name}", made)
    return str(made)


async def _adopt(errand: Errand, param: Record) -> str:
    """The id of the adjustment that has the code already, if it is of that item and quantity.

    The id that the fault names may be another's (field case 19), so it does not count.
    """
    there = await _there(errand, param)
    if there is None:
        raise errand.refuse(ANOTHERS.filled(code=param["cod_int_ajuste"]))
    return there


async def _there(errand: Errand, param: Record) -> str | None:
    """The id of the adjustment with that code, item and quantity; None where there is none."""
    code = {"cod_int_ajuste": param["cod_int_ajuste"]}
    row = await errand.first_of(ADJUSTMENTS, "ListarAjusteEstoque", code, "ajustes")
    if row is None:
        return None
    quantity = number(shown(row.get("quan")))
    same = str(row.get("id_prod")) == str(param["id_prod"]) and quantity == param["quan"]
    if not same:
        raise errand.refuse(ANOTHERS.filled(code=param["cod_int_ajuste"]))
    return shown(row.get("id_ajuste"))


async def _adjustment(errand: Errand, line: UsedLine) -> Record:
    """IncluirAjusteEstoque of a line, dated as the labour was (K-38), not as it was told."""
    product = omie_id(line.ours.text_at("ItemInternalId"))
    warehouse = omie_id(line.ours.text_at("WarehouseInternalId"))
    for id, what in ((product, PRODUCT), (warehouse, WAREHOUSE)):
        if not id:
            raise errand.refuse(NO_ID.filled(line=line.place, what=what))
    quantity = number(line.ours.text_at("Quantity"))
    if quantity is None:
        raise errand.refuse(NO_QUANTITY.filled(line=line.place))
    if lot := line.ours.text_at("LotOrSerialNumber"):
        raise errand.refuse(LOT.filled(line=line.place, lot=lot))
    date = _date(errand, line)
    if not date:
        raise errand.refuse(NO_DATE.filled(line=line.place))
    uuid = errand.parcel.document.envelope.header.uuid
    document = errand.theirs.text_at("InternalId") or errand.theirs.text_at("Code")
    return {
        "codigo_local_estoque": warehouse,
        "id_prod": product,
        "cod_int_ajuste": integration_key(LONG, *errand.sender, document, line.name, uuid),
        "data": date,
        "tipo": "SAI",
        "quan": quantity,
        "valor": await _value(errand, product, warehouse),
        "obs": _note(errand, line),
        "origem": "AJU",
        "motivo": errand.settings.motive,
    }


async def _value(errand: Errand, product: int, warehouse: int) -> Decimal:
    """X-06: the average cost that Omie has, for the message tells none."""
    if not errand.settings.values_at_cost:
        return Decimal(0)
    position = await position_of(errand, product, warehouse)
    return number(shown(position.get("cmc"))) or Decimal(0)


def _date(errand: Errand, line: UsedLine) -> str:
    """When it was taken: of the line, else of the whole."""
    told = (
        line.ours.text_at("DeliveryDateTime"),
        line.ours.text_at("EmissionDate"),
        errand.ours.text_at("AbatementDateTime"),
        errand.ours.text_at("RegisterDateTime"),
    )
    return next(filter(None, map(omie_date, told)), "")


def _note(errand: Errand, line: UsedLine) -> str:
    """X-06: the order and the labour, as far as they are told."""
    order = errand.theirs.text_at("MainOrderCode") or errand.theirs.text_at("MainOrderInternalId")
    parts = (order and f"OS {order}", line.ours.text_at("Observation"))
    return " - ".join(filter(None, parts)) or errand.theirs.text_at("Code") or "-"
