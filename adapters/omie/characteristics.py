"""Characteristics of products: Omie keeps their names in a register, and what each product has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from adapters.omie.client import NotDone
from adapters.omie.errand import MOST_PAGES, Errand
from adapters.omie.fields import ITEM, STOCK
from adapters.omie.keys import SHORT, integration_key
from adapters.omie.known_faults import characteristic_in, is_empty_list
from adapters.omie.numbers import Record
from adapters.omie.values import omie_id, records_in, shown

NAMES, OF_PRODUCTS = "geral/caracteristicas", "geral/prodcaract"
LISTED = "listaCaracteristicas"
A_PAGE = 100
NAME, CODE, TEXT = "cNomeCaract", "nCodCaract", "cConteudo"
TOLD = next(one for one in ITEM.lists if one.apart)
"""The elements of ours that tell them."""
Ask = Callable[[str, str, Mapping[str, object]], Awaitable[Record]]


def tells_characteristics(errand: Errand) -> bool:
    """Whether a message says which characteristics a product has, be it none."""
    return errand.shares and errand.ours.first(TOLD.folder) is not None


async def bring_characteristics(errand: Errand, product: int) -> None:
    """Have a product have those that are told: made, changed, and all others taken out.

    What is there is looked at first, so that a repeat goes on behind what is done.
    """
    told = {
        entry.text_at("Name").strip(): entry.text_at("Value").strip()
        for entry in errand.ours.all(TOLD.element)
    }
    of_it = {"nCodProd": product}
    rows = await _all(errand.look, OF_PRODUCTS, "ListarCaractProduto", of_it)
    there = {shown(row.get(NAME)): row for row in rows}
    for name, text in told.items():
        row = there.get(name)
        if row is None:
            made = {**of_it, CODE: await _code_of(errand, name), TEXT: text}
            await errand.call(OF_PRODUCTS, "IncluirCaractProduto", made)
        elif shown(row.get(TEXT)) != text:
            changed = {**of_it, CODE: row.get(CODE), TEXT: text}
            await errand.call(OF_PRODUCTS, "AlterarCaractProduto", changed)
    for name, row in there.items():
        if name not in told:
            ended = {**of_it, CODE: row.get(CODE)}
            await errand.call(OF_PRODUCTS, "ExcluirCaractProduto", ended)


async def _code_of(errand: Errand, name: str) -> int:
    """Omie's id of a name, which is made where the app does not know it (O-23)."""
    for row in await _all(errand.call, NAMES, "ListarCaracteristicas", {}):
        if shown(row.get(NAME)).casefold() == name.casefold():
            return omie_id(shown(row.get(CODE)))
    param = {"cCodIntCaract": integration_key(SHORT, "Characteristic", name), NAME: name}
    try:
        made = await errand.create(NAMES, "IncluirCaracteristica", param)
    except NotDone as fault:
        if known := characteristic_in(fault.said, name):
            return known
        raise
    return omie_id(shown(made.get(CODE)))


async def _all(ask: Ask, service: str, method: str, param: Mapping[str, object]) -> list[Record]:
    """The records of a list, of all its pages."""
    found: list[Record] = []
    for page in range(1, MOST_PAGES + 1):
        try:
            asked = {**param, STOCK.page: page, STOCK.size: A_PAGE}
            answer = await ask(service, method, asked)
        except NotDone as fault:
            if is_empty_list(fault.said):
                return found
            raise
        found += records_in(answer.get(LISTED))
        pages = answer.get(STOCK.pages)
        if not isinstance(pages, int) or page >= pages:
            return found
    return found
