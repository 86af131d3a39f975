"""Characteristics in a simulated Omie app: their names, and what clients and products have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.omie.simulated.books import API_USER, OmieApp, OmieFault, Row
from adapters.omie.simulated.checks import at_most, by, found, require
from adapters.omie.simulated.paging import STOCK, paged

LISTED = "listaCaracteristicas"
NAME, CODE, TEXT = "cNomeCaract", "nCodCaract", "cConteudo"
LONGEST_NAME, LONGEST_TEXT = 30, 60


def list_names(app: OmieApp, param: Row) -> Row:
    """ListarCaracteristicas."""
    return paged(STOCK, LISTED, app.characteristics.values(), param)


def make_name(app: OmieApp, param: Row) -> Row:
    """IncluirCaracteristica: no two have one name."""
    require(param, NAME)
    at_most(param[NAME], LONGEST_NAME, NAME)
    if known := by(app.characteristics, NAME, param[NAME]):
        raise OmieFault(
            f"Característica já cadastrada para a descrição [{param[NAME]}] "
            f"código [{known[CODE]}] !"
        )
    code = app.characteristic(param[NAME], param.get("cCodIntCaract", ""))
    return {CODE: code, "cCodStatus": "0", "cDesStatus": "Característica incluída!"}


def list_of_product(app: OmieApp, param: Row) -> Row:
    """ListarCaractProduto."""
    return paged(STOCK, LISTED, _product(app, param).get("caracteristicas", ()), param)


def put_on_product(app: OmieApp, param: Row) -> Row:
    """IncluirCaractProduto: of what the product has not."""
    if _of_product(app, param):
        raise OmieFault("Característica do produto já cadastrada !")
    if int(param.get(CODE) or 0) not in app.characteristics:
        raise OmieFault(f"Característica não cadastrada para o Código [{param.get(CODE)}] !")
    return _kept(app, param, str(param.get(TEXT) or ""))


def change_on_product(app: OmieApp, param: Row) -> Row:
    """AlterarCaractProduto: of what the product has."""
    _found_of_product(app, param)
    return _kept(app, param, str(param.get(TEXT) or ""))


def take_off_product(app: OmieApp, param: Row) -> Row:
    """ExcluirCaractProduto."""
    _found_of_product(app, param)
    return _kept(app, param, "")


def show_of_client(app: OmieApp, param: Row) -> Row:
    """ConsultarCaractCliente."""
    id = "codigo_cliente_omie"
    row = found(app.customers, param, id, "cliente")
    return {id: row[id], "caracteristicas": row.get("caracteristicas", [])}


def _product(app: OmieApp, param: Row) -> Row:
    named = {"codigo_produto": param.get("nCodProd")}
    return found(app.products, named, "codigo_produto", "produto")


def _of_product(app: OmieApp, param: Row) -> Row | None:
    rows = _product(app, param).get("caracteristicas", ())
    return next((row for row in rows if row[CODE] == int(param.get(CODE) or 0)), None)


def _found_of_product(app: OmieApp, param: Row) -> None:
    if not _of_product(app, param):
        raise OmieFault("Característica do produto não cadastrada !")


def _kept(app: OmieApp, param: Row, text: str) -> Row:
    at_most(text, LONGEST_TEXT, TEXT)
    app.keep_characteristic(int(param["nCodProd"]), int(param[CODE]), text, API_USER)
    return {CODE: param[CODE], "cCodStatus": "0", "cDesStatus": "Característica gravada!"}


CHARACTERISTIC_SERVICES: Mapping[tuple[str, str], Callable[[OmieApp, Row], Row]] = {
    ("geral/caracteristicas", "ListarCaracteristicas"): list_names,
    ("geral/caracteristicas", "IncluirCaracteristica"): make_name,
    ("geral/prodcaract", "ListarCaractProduto"): list_of_product,
    ("geral/prodcaract", "IncluirCaractProduto"): put_on_product,
    ("geral/prodcaract", "AlterarCaractProduto"): change_on_product,
    ("geral/prodcaract", "ExcluirCaractProduto"): take_off_product,
    ("geral/clientescaract", "ConsultarCaractCliente"): show_of_client,
}
"""What each of their calls does, by its path below /api/v1/."""
