"""Lots of products that Omie controls by lot: which ones an exit takes from, first to expire first.

Keepfy knows no lots (X-07). A message that names one is taken at its word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from adapters.omie.client import NotDone
from adapters.omie.errand import Errand
from adapters.omie.known_faults import is_empty_list
from adapters.omie.numbers import Record
from adapters.omie.values import number, omie_id, shown
from bus.core.text import Text

LOTS = "produtos/produtoslote"
CONTROLLED = "S"
NO_EXPIRY = "9999"
"""Lots without a date of expiry go last."""
TOO_LITTLE = Text(
    "os lotes do produto {product} no local {warehouse} têm menos do que a linha {line} baixa",
    "the lots of product {product} in location {warehouse} have less than line {line} takes",
)
NO_SUCH_LOT = Text(
    "a Omie não tem o lote {lot} da linha {line} naquele local",
    "Omie does not have the lot {lot} of line {line} in that location",
)


class Taking(NamedTuple):
    """What an exit takes: by the place and name of its line; `lot` is the one that it names."""

    place: int
    name: str
    product: int
    warehouse: int
    quantity: Decimal
    lot: str = ""


class _Lot(NamedTuple):
    """A lot with something left in it."""

    expires: str
    id: int
    number: str
    left: Decimal


async def choose_lots(errand: Errand, takings: Iterable[Taking]) -> Mapping[str, list[Record]]:
    """The lots of each line, as IncluirAjusteEstoque takes them; none where there is no control.

    They are chosen once, before anything is changed: a retry takes from the same.
    """
    progress = errand.parcel.progress
    chosen = progress.done.get("lots")
    if not isinstance(chosen, dict):
        chosen = await _chosen(errand, takings)
        await progress.record("lots", chosen)
    return {name: [_as_told(*one) for one in lots] for name, lots in chosen.items()}


async def forget_lots(errand: Errand) -> None:
    """Have lots chosen anew at the next try: Omie refused what was taken from these."""
    await errand.parcel.progress.record("lots", None)


def _as_told(id: int, quantity: str) -> Record:
    return {"nIdLote": id, "nQtdLote": Decimal(quantity)}


async def _chosen(errand: Errand, takings: Iterable[Taking]) -> dict[str, list[tuple[int, str]]]:
    taken: defaultdict[int, Decimal] = defaultdict(Decimal)
    chosen: dict[str, list[tuple[int, str]]] = {}
    for one in takings:
        if not await _is_controlled(errand, one.product):
            continue
        lots = await _lots(errand, one)
        wanted = one.quantity
        chosen[one.name] = []
        for lot in lots:
            part = min(wanted, lot.left - taken[lot.id])
            if part > 0:
                chosen[one.name].append((lot.id, f"{part:f}"))
                taken[lot.id] += part
                wanted -= part
        if wanted > 0:
            raise errand.refuse(
                TOO_LITTLE.filled(line=one.place, product=one.product, warehouse=one.warehouse)
            )
    return chosen


async def _is_controlled(errand: Errand, product: int) -> bool:
    asked = {"codigo_produto": product}
    row = await errand.call("geral/produtos", "ConsultarProduto", asked)
    return shown(row.get("produto_lote")) == CONTROLLED


async def _lots(errand: Errand, one: Taking) -> list[_Lot]:
    """The lots that a line may take from, in the order in which they expire."""
    asked = {"nCodProd": one.product, "nIdLocal": one.warehouse}
    try:
        answer = await errand.look(LOTS, "ConsultarLote", asked, since="estoque/ajuste")
    except NotDone as fault:
        if not is_empty_list(fault.said):
            raise
        answer = {}
    rows = answer.get("lotes")
    lots = [_read(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if one.lot and not any(lot.number == one.lot for lot in lots):
        raise errand.refuse(NO_SUCH_LOT.filled(line=one.place, lot=one.lot))
    return sorted(lot for lot in lots if one.lot in {"", lot.number})


def _read(row: Record) -> _Lot:
    day, month, year = (*shown(row.get("dDataValidade")).split("/"), "", "")[:3]
    return _Lot(
        f"{year}{month}{day}" if year else NO_EXPIRY,
        omie_id(shown(row.get("nIdLote"))),
        shown(row.get("cNumLote")),
        number(shown(row.get("nSaldoLote"))) or Decimal(0),
    )
