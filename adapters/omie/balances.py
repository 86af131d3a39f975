"""Balances that nobody asked for: what an app's list of positions tells of those that changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from adapters.omie.fields import STOCK, Register
from adapters.omie.numbers import Record
from adapters.omie.stock import CONSULT, balance
from adapters.omie.values import shown
from bus.core.element import Element

ID = "produto_e_local"
"""A name of ours for what a balance is of: no field of Omie's is."""
BALANCES = Register(
    entity="StockLevel",
    version="1.000",
    service=CONSULT,
    list="ListarPosEstoque",
    rows="produtos",
    id=ID,
    fields=(),
    paging=STOCK,
    filtered=False,
)
STOCK_EVENTS = frozenset({"Produto.MovimentacaoEstoque", "Produto.AjusteEstoque"})
"""The topics that tell of stock, and of nothing else."""
PRODUCT, LOCATION = "nCodProd", "codigo_local_estoque"
TOLD = (PRODUCT, LOCATION, "nSaldo", "fisico", "reservado", "nCMC")


def asked_on(day: date) -> Record:
    """What ListarPosEstoque is asked beside its page: all locations, empty ones too, on a day."""
    return {
        "dDataPosicao": f"{day:%d/%m/%Y}",
        "cExibeTodos": "S",
        "lista_local_estoque": "TODOS",
    }


def named(row: Record) -> Record:
    """What counts of a position, with what it is of."""
    told = {name: row.get(name) for name in TOLD}
    return {**told, ID: f"{shown(row.get(PRODUCT))}|{shown(row.get(LOCATION))}"}


def content_of_balances(rows: Iterable[Record]) -> Element:
    """A StockLevel with a ReturnItem for each: an extension of ours (docs/contracts.md)."""
    items = (balance("ReturnItem", row[PRODUCT], row[LOCATION], row) for row in rows)
    return Element("BusinessContent", children=tuple(items))
