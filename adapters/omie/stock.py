"""Stock: write-offs as one adjustment a line, and what Omie says of balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from adapters.omie.client import NotDone
from adapters.omie.errand import NO_ID, PRODUCT, Done, Errand
from adapters.omie.keys import LONG, integration_key
from adapters.omie.known_faults import duplicate_in, is_unknown_adjustment
from adapters.omie.lots import Taking, choose_lots, forget_lots
from adapters.omie.numbers import Record
from adapters.omie.values import number, omie_date, omie_id, shown
from bus.core.element import Element
from bus.core.envelope import InternalIdPair
from bus.core.outcome import Outcome, Report
from bus.core.text import Text

ENTITY = "StockTurnover"
LINES = "ListOfStockTurnoverItem/StockTurnoverItem"
ADJUSTMENTS = "estoque/ajuste"
CONSULT = "estoque/consulta"
OUT = "SAI"
"""The kind of an adjustment that takes out of the stock."""
WAREHOUSE = Text("local de estoque", "stock location")
NO_DATE = Text("a linha {line} não tem data", "line {line} has no date")
LOT = Text(
    "a linha {line} nomeia um lote ({lot}), e lotes estão em `lots: hold`; com `lots: fefo`, "
    "pergunta-se à Omie",
    "line {line} names a lot ({lot}), and lots are on `lots: hold`; with `lots: fefo`, Omie is "
    "asked",
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


class Used(NamedTuple):
    """What left, from where, how much and when (`dd/mm/aaaa`): whether an exit changed."""

    product: int
    warehouse: int
    quantity: Decimal
    date: str


async def bring_write_off(errand: Errand) -> Done:
    """A StockTurnover: each line is an adjustment of its own (K-35), never added up.

    A line that is known is deleted and made anew if it changed (K-37, K-39), one that is taken back
    is only deleted (K-40); all others stay untouched. What is wrong with any line is told before
    the first is changed.
    """
    lines = _lines(errand)
    told = [(line, _told(errand, line)) for line in lines if not _goes(errand, line)]
    anew = {
        line.name: (line, used) for line, used in told if not await _is_there(errand, line, used)
    }
    lots = await _lots(errand, anew.values())
    ids = _own_id(errand)
    for line in lines:
        if _goes(errand, line):
            await _take_back(errand, line)
        elif line.name in anew:
            await _take_back(errand, line)
            made = await _make(errand, line, anew[line.name][1], lots.get(line.name, []))
            ids.append(InternalIdPair("StockTurnoverItem", line.ours.text_at("InternalId"), made))
    return Done(tuple(ids))


async def _lots(
    errand: Errand, anew: Iterable[tuple[UsedLine, Used]]
) -> Mapping[str, list[Record]]:
    """What lots the new exits take from, where the adapter is to choose (X-07)."""
    if not errand.settings.chooses_lots:
        return {}
    takings = [
        Taking(line.place, line.name, *used[:3], line.ours.text_at("LotOrSerialNumber"))
        for line, used in anew
        if f"made {line.name}" not in errand.parcel.progress.done
    ]
    return await choose_lots(errand, takings) if takings else {}


def _own_id(errand: Errand) -> list[InternalIdPair]:
    """A code of ours for the whole, of which Omie keeps the lines alone: so it may be deleted."""
    ours, theirs = errand.ours.text_at("InternalId"), errand.theirs.text_at("InternalId")
    if errand.deletes or not theirs:
        return []
    return [InternalIdPair(ENTITY, ours, integration_key(LONG, *errand.sender, theirs))]


async def ask_write_off(errand: Errand) -> Report | None:
    """Whether all its adjustments are there, by their integration codes."""
    lines = _lines(errand)
    if errand.deletes or any(line.deletes or line.adjustment for line in lines):
        return errand.goes_on()
    for line in lines:
        if not await _there(errand, _key(errand, line), _told(errand, line)):
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


def _goes(errand: Errand, line: UsedLine) -> bool:
    """Whether a line is to have no adjustment."""
    return line.deletes or errand.deletes


async def _is_there(errand: Errand, line: UsedLine, used: Used) -> bool:
    """Whether the adjustment of a line is as it should be, looked at before it is touched.

    Omie lists adjustments by product, location and day: what is not among those has changed.
    """
    progress = errand.parcel.progress
    if not line.adjustment or f"taken back {line.name}" in progress.done:
        return False
    if f"differs {line.name}" in progress.done:
        return False
    asked = {
        "id_prod": used.product,
        "codigo_local_estoque": used.warehouse,
        "tipo": OUT,
        "data_movimento_de": used.date,
        "data_movimento_ate": used.date,
    }
    rows = await errand.all_of(ADJUSTMENTS, "ListarAjusteEstoque", asked, "ajustes")
    row = next((row for row in rows if shown(row.get("id_ajuste")) == str(line.adjustment)), None)
    if row is not None and used == _used_in(row):
        return True
    await progress.record(f"differs {line.name}", line.adjustment)
    return False


async def _take_back(errand: Errand, line: UsedLine) -> None:
    progress = errand.parcel.progress
    if not line.adjustment or f"taken back {line.name}" in progress.done:
        return
    try:
        await errand.call(ADJUSTMENTS, "ExcluirAjusteEstoque", {"id_ajuste": line.adjustment})
    except NotDone as fault:
        if not is_unknown_adjustment(fault.said):  # gone already, which is what was asked for
            raise
    await progress.record(f"taken back {line.name}", line.adjustment)


async def _make(errand: Errand, line: UsedLine, used: Used, lots: Sequence[Record]) -> str:
    """The id of the adjustment of a line, made unless it was."""
    progress = errand.parcel.progress
    if made := progress.done.get(f"made {line.name}"):
        return str(made)
    param = await _adjustment(errand, line, used)
    if lots:
        param = {**param, "lote_validade": lots}
    try:
        answer = await errand.create(ADJUSTMENTS, "IncluirAjusteEstoque", param)
        made = shown(answer.get("id_ajuste"))
    except NotDone as fault:
        if duplicate_in(fault.said) is None:
            if lots and fault.report.outcome is Outcome.REFUSED:
                await forget_lots(errand)
            raise
        made = await _adopt(errand, shown(param["cod_int_ajuste"]), used)
    await progress.record(f"made {line.name}", made)
    return str(made)


async def _adopt(errand: Errand, code: str, used: Used) -> str:
    """The id of the adjustment that has the code already, if it is of that item and quantity.

    The id that the fault names may be another's (field case 19), so it does not count.
    """
    there = await _there(errand, code, used)
    if there is None:
        raise errand.refuse(ANOTHERS.filled(code=code))
    return there


async def _there(errand: Errand, code: str, used: Used) -> str | None:
    """The id of the adjustment with that code, item and quantity; None where there is none."""
    asked = {"cod_int_ajuste": code}
    row = await errand.first_of(ADJUSTMENTS, "ListarAjusteEstoque", asked, "ajustes")
    if row is None:
        return None
    there = _used_in(row)
    if (there.product, there.quantity) != (used.product, used.quantity):
        raise errand.refuse(ANOTHERS.filled(code=code))
    return shown(row.get("id_ajuste"))


def _used_in(row: Record) -> Used:
    """What an adjustment of Omie's says."""
    return Used(
        omie_id(shown(row.get("id_prod"))),
        omie_id(shown(row.get("codigo_local_estoque"))),
        number(shown(row.get("quan"))) or Decimal(0),
        shown(row.get("data")),
    )


def _told(errand: Errand, line: UsedLine) -> Used:
    """What a line says, dated as the labour was (K-38), not as it was told."""
    product, quantity = errand.used(line.ours, line.place)
    warehouse = omie_id(line.ours.text_at("WarehouseInternalId"))
    if not warehouse:
        raise errand.refuse(NO_ID.filled(line=line.place, what=WAREHOUSE))
    lot = line.ours.text_at("LotOrSerialNumber")
    if lot and not errand.settings.chooses_lots:
        raise errand.refuse(LOT.filled(line=line.place, lot=lot))
    date = _date(errand, line)
    if not date:
        raise errand.refuse(NO_DATE.filled(line=line.place))
    return Used(product, warehouse, quantity, date)


def _key(errand: Errand, line: UsedLine) -> str:
    uuid = errand.parcel.document.envelope.header.uuid
    document = errand.theirs.text_at("InternalId") or errand.theirs.text_at("Code")
    return integration_key(LONG, *errand.sender, document, line.name, uuid)


async def _adjustment(errand: Errand, line: UsedLine, used: Used) -> Record:
    """IncluirAjusteEstoque of a line."""
    return {
        "codigo_local_estoque": used.warehouse,
        "id_prod": used.product,
        "cod_int_ajuste": _key(errand, line),
        "data": used.date,
        "tipo": OUT,
        "quan": used.quantity,
        "valor": await _value(errand, used.product, used.warehouse),
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
    parts = (errand.work_order, line.ours.text_at("Observation"))
    return " - ".join(filter(None, parts)) or errand.theirs.text_at("Code") or "-"
