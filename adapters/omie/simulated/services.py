"""The services of a simulated Omie app: what each call does to its books, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from adapters.omie.simulated.books import OmieApp, OmieFault, Row
from adapters.omie.simulated.checks import LONG, SHORT, at_most, by, found, number_in, require
from adapters.omie.simulated.lots import put_into_lots, show_lots, take_from_lots
from adapters.omie.simulated.paging import PLAIN, STOCK, paged
from adapters.omie.simulated.registers import REGISTER_SERVICES, Service

MOTIVES: Mapping[str, tuple[str, ...]] = {
    "ENT": ("INV", "OPE", "PDV", "INI"),
    "SAI": ("INV", "PER", "OPS", "PDV"),
}


# -- stock ---------------------------------------------------------------------------------------


def list_warehouses(app: OmieApp, param: Row) -> Row:
    """ListarLocaisEstoque."""
    return paged(STOCK, "locaisEncontrados", app.warehouses.values(), param)


def list_positions(app: OmieApp, param: Row) -> Row:
    """ListarPosEstoque."""
    require(param, "dDataPosicao")
    rows = (
        {
            "nCodProd": product,
            "cCodigo": app.products[product]["codigo"],
            "cDescricao": app.products[product]["descricao"],
            "codigo_local_estoque": warehouse,
            **_position(app, product, warehouse, ("nSaldo", "fisico", "reservado", "nCMC")),
        }
        for product, warehouse in app.stock
        if product in app.products
    )
    return paged(STOCK, "produtos", rows, param)


def show_position(app: OmieApp, param: Row) -> Row:
    """PosicaoEstoque."""
    require(param, "data", "id_prod")
    product = int(found(app.products, param, "id_prod", "produto")["codigo_produto"])
    warehouse = int(param.get("codigo_local_estoque") or app.standard_warehouse)
    names = ("saldo", "fisico", "reservado", "cmc")
    return {
        "codigo_status": "0",
        "id_prod": product,
        "codigo_local_estoque": warehouse,
        **_position(app, product, warehouse, names),
    }


def adjust(app: OmieApp, param: Row) -> Row:
    """IncluirAjusteEstoque."""
    require(param, "data", "tipo", "quan", "valor", "obs", "origem", "motivo", "id_prod")
    code = str(param.get("cod_int_ajuste") or "")
    at_most(code, LONG, "cod_int_ajuste")
    product = int(found(app.products, param, "id_prod", "produto")["codigo_produto"])
    warehouse = int(param.get("codigo_local_estoque") or app.standard_warehouse)
    if warehouse not in app.warehouses:
        raise OmieFault(f"Local de estoque não cadastrado para o código [{warehouse}]!")
    if param["motivo"] not in MOTIVES.get(param["tipo"], ()):
        raise OmieFault(f"O motivo [{param['motivo']}] não é válido para o tipo [{param['tipo']}].")
    if code and (known := by(app.adjustments, "cod_int_ajuste", code)):
        raise OmieFault(
            f"Já existe um ajuste de estoque para o código de integração [{code}] com o ID "
            f"[{known['id_ajuste']}] para o produto de código [{known['id_prod']}]!"
        )
    take_from_lots(app, product, param)
    id = app.new_id()
    row = {**param, "id_ajuste": id, "id_movest": app.new_id(), "codigo_local_estoque": warehouse}
    app.adjustments[id] = row
    _move(app, product, warehouse, _signed(row))
    app.tell(
        "Produto.AjusteEstoque",
        {"id_prod": product, "codigo_local_estoque": warehouse, "data": param["data"]},
    )
    return {
        "codigo_status": "0",
        "descricao_status": "Ajuste de estoque incluído com sucesso!",
        "id_movest": row["id_movest"],
        "id_ajuste": id,
    }


def drop_adjustment(app: OmieApp, param: Row) -> Row:
    """ExcluirAjusteEstoque."""
    row = app.adjustments.pop(int(param.get("id_ajuste") or 0), None)
    if row is None:
        raise OmieFault(f"Ajuste de estoque não cadastrado para o ID [{param.get('id_ajuste')}]!")
    put_into_lots(app, row)
    _move(app, int(row["id_prod"]), int(row["codigo_local_estoque"]), -_signed(row))
    return {"codigo_status": "0", "descricao_status": "Ajuste excluído com sucesso!"}


def list_adjustments(app: OmieApp, param: Row) -> Row:
    """ListarAjusteEstoque."""
    names = ("cod_int_ajuste", "id_prod", "codigo_local_estoque", "tipo")
    asked = {name: str(param[name]) for name in names if param.get(name)}
    rows = (
        row
        for row in app.adjustments.values()
        if all(str(row.get(name)) == value for name, value in asked.items())
        and _moved_between(row, param)
    )
    return paged(PLAIN, "ajustes", rows, param)


def _moved_between(row: Row, param: Row) -> bool:
    """Whether a movement is of the days that a call asks for."""
    first = param.get("data_movimento_de") or row["data"]
    last = param.get("data_movimento_ate") or row["data"]
    return _day(first) <= _day(row["data"]) <= _day(last)


def _day(text: str) -> tuple[str, ...]:
    return tuple(reversed(text.split("/")))


def _move(app: OmieApp, product: int, warehouse: int, quantity: Decimal) -> None:
    place = product, warehouse
    app.stock[place] = app.stock.get(place, Decimal(0)) + quantity
    app.tell_stock(product, warehouse)


def _signed(adjustment: Row) -> Decimal:
    quantity = number_in(adjustment["quan"])
    return -quantity if adjustment["tipo"] == "SAI" else quantity


def _position(app: OmieApp, product: int, warehouse: int, names: tuple[str, ...]) -> Row:
    balance = app.stock.get((product, warehouse), Decimal(0))
    return dict(zip(names, (balance, balance, Decimal(0), _cost(app, product)), strict=True))


def _cost(app: OmieApp, product: int) -> Decimal:
    return app.costs.get(product, Decimal(0))


# -- requisitions --------------------------------------------------------------------------------


def put_requisition(app: OmieApp, param: Row) -> Row:
    """IncluirReq."""
    code = str(param.get("codIntReqCompra") or "")
    at_most(code, SHORT, "codIntReqCompra")
    require(param, "codCateg", "ItensReqCompra")
    if code and (known := by(app.requisitions, "codIntReqCompra", code)):
        raise OmieFault(
            f"Requisição já cadastrada para o Código de Integração [{code}] com o "
            f"Id [{known['codReqCompra']}]!",
            "Client-101",
        )
    return _kept_requisition(app, {**param, "codReqCompra": app.new_id()})


def change_requisition(app: OmieApp, param: Row) -> Row:
    """AlterarReq."""
    row = _requisition(app, param)
    _ordered(row)
    return _kept_requisition(app, {**row, **param})


def drop_requisition(app: OmieApp, param: Row) -> Row:
    """ExcluirReq."""
    row = _requisition(app, param)
    _ordered(row)
    del app.requisitions[row["codReqCompra"]]
    return {"codReqCompra": row["codReqCompra"], "cCodStatus": "0", "cDesStatus": "Excluída!"}


def show_requisition(app: OmieApp, param: Row) -> Row:
    """ConsultarReq."""
    return _requisition(app, param)


def _requisition(app: OmieApp, param: Row) -> Row:
    row = app.requisitions.get(int(param.get("codReqCompra") or 0)) or by(
        app.requisitions, "codIntReqCompra", str(param.get("codIntReqCompra") or "")
    )
    if row is None:
        raise OmieFault("Requisição de compra não cadastrada para o código informado!")
    return row


def _kept_requisition(app: OmieApp, row: Row) -> Row:
    items = [
        {"codItem": app.new_id(), **item, "codProd": _known_product(app, item)}
        for item in row["ItensReqCompra"]
    ]
    app.requisitions[row["codReqCompra"]] = {**row, "ItensReqCompra": items}
    return {
        "codIntReqCompra": row.get("codIntReqCompra", ""),
        "codReqCompra": row["codReqCompra"],
        "cCodStatus": "0",
        "cDesStatus": "Requisição de compra cadastrada com sucesso!",
    }


def _known_product(app: OmieApp, item: Row) -> int:
    return int(found(app.products, item, "codProd", "produto")["codigo_produto"])


def _ordered(row: Row) -> None:
    """X-03: what has become an order is not changed any more."""
    if row.get("pedido"):
        raise OmieFault(
            "A requisição de compra já possui pedido de compra e não pode ser alterada."
        )


SERVICES: Mapping[tuple[str, str], Service] = {
    **REGISTER_SERVICES,
    ("produtos/produtoslote", "ConsultarLote"): show_lots,
    ("estoque/local", "ListarLocaisEstoque"): list_warehouses,
    ("estoque/consulta", "ListarPosEstoque"): list_positions,
    ("estoque/consulta", "PosicaoEstoque"): show_position,
    ("estoque/ajuste", "IncluirAjusteEstoque"): adjust,
    ("estoque/ajuste", "ExcluirAjusteEstoque"): drop_adjustment,
    ("estoque/ajuste", "ListarAjusteEstoque"): list_adjustments,
    ("produtos/requisicaocompra", "IncluirReq"): put_requisition,
    ("produtos/requisicaocompra", "AlterarReq"): change_requisition,
    ("produtos/requisicaocompra", "ExcluirReq"): drop_requisition,
    ("produtos/requisicaocompra", "ConsultarReq"): show_requisition,
}
"""What each call of a service does, by its path below /api/v1/."""
