"""Lists as Omie pages them: two families of names, and no records is an error."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from adapters.omie.simulated.books import OmieFault, Row

MOST = 500
"""Records that a page has at most."""


class PageNames(NamedTuple):
    """How a family of services calls the page, its size, and what the answer says of both."""

    page: str
    size: str
    pages: str
    on_page: str
    records: str


PLAIN = PageNames(
    "pagina", "registros_por_pagina", "total_de_paginas", "registros", "total_de_registros"
)
STOCK = PageNames("nPagina", "nRegPorPagina", "nTotPaginas", "nRegistros", "nTotRegistros")


def paged(names: PageNames, list_name: str, rows: Iterable[Row], param: Row) -> Row:
    """The page that is asked for; a fault where there is nothing on it."""
    found = list(rows)
    page = int(param.get(names.page) or 1)
    size = min(int(param.get(names.size) or 50), MOST)
    shown = found[(page - 1) * size : page * size]
    if not shown:
        raise OmieFault(f"Não existem registros para a página [{page}]!", "Client-5113")
    return {
        names.page: page,
        names.pages: -(-len(found) // size),
        names.on_page: len(shown),
        names.records: len(found),
        list_name: shown,
    }


def changed_since(row: Row, param: Row) -> bool:
    """Whether a record was changed in the time that a call asks for."""
    if not param.get("filtrar_por_data_de"):
        return True
    asked = f"{param['filtrar_por_data_de']} {param.get('filtrar_por_hora_de') or '00:00:00'}"
    info = row["info"]
    return _moment(f"{info['dAlt']} {info['hAlt']}") >= _moment(asked)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 - Omie's is local time
    except ValueError:
        raise OmieFault(f"Data ou hora inválida: [{text}]") from None
