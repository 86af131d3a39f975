"""The services of a simulated Omie app: what each call does to its books, and answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from adapters.omie.simulated.books import API_USER, OmieApp, OmieFault, Row
from adapters.omie.simulated.lots import put_into_lots, show_lots, take_from_lots
from adapters.omie.simulated.paging import PLAIN, STOCK, changed_since, paged

Service = Callable[[OmieApp, Row], Row]
NEEDED = ("descricao", "unidade", "ncm", "valor_unitario", "codigo")
SHORT, LONG = 20, 60
"""Characters that an integration code may have, by service."""
MOTIVES: Mapping[str, tuple[str, ...]] = {
    "ENT": ("INV", "OPE", "PDV", "INI"),
    "SAI": ("INV", "PER", "OPS", "PDV"),
}


# -- products ------------------------------------------------------------------------------------


def put_product(app: OmieApp, param: Row) -> Row:
    """UpsertProduto, AlterarProduto."""
    code = str(param.get("codigo_produto_integracao") or "")
    _at_most(code, LONG, "codigo_produto_integracao")
    row = app.products.get(int(param.get("codigo_produto") or 0)) or _by(
        app.products, "codigo_produto_integracao", code
    )
    if param.get("codigo_produto") and row is None:
        raise OmieFault("Produto não cadastrado para o Código [0] !")
    if row is None:
        _require(param, *NEEDED)
        _unique_code(app, str(param["codigo"]))
    new = row is None
    row = row or {"codigo_produto": app.new_id(), "inativo": "N"}
    row.update(
        {"codigo_produto_integracao": code, **param, "codigo_produto": row["codigo_produto"]}
    )
    app.stamp(row, API_USER, new=new)
    app.products[row["codigo_produto"]] = row
    event = {"codigo_produto": row["codigo_produto"]}
    app.tell("Produto.Incluido" if new else "Produto.Alterado", event)
    return {
        "codigo_produto": row["codigo_produto"],
        "codigo_produto_integracao": row["codigo_produto_integracao"],
        "codigo_status": "0",
        "descricao_status": "Produto cadastrado com sucesso!",
    }


def drop_product(app: OmieApp, param: Row) -> Row:
    """ExcluirProduto."""
    product = int(_found(app.products, param, "codigo_produto", "produto")["codigo_produto"])
    app.remove_product(product)
    return {"codigo_produto": product, "codigo_status": "0", "descricao_status": "Excluído!"}


def show_product(app: OmieApp, param: Row) -> Row:
    """ConsultarProduto."""
    return _found(app.products, param, "codigo_produto", "produto")


def list_products(app: OmieApp, param: Row) -> Row:
    """ListarProdutos."""
    rows = (row for row in app.products.values() if changed_since(row, param))
    return paged(PLAIN, "produto_servico_cadastro", rows, param)


def list_families(app: OmieApp, param: Row) -> Row:
    """PesquisarFamilias."""
    return paged(PLAIN, "famCadastro", app.families.values(), param)


# -- clients and suppliers -----------------------------------------------------------------------


def put_customer(app: OmieApp, param: Row) -> Row:
    """UpsertCliente, AlterarCliente."""
    code = str(param.get("codigo_cliente_integracao") or "")
    _at_most(code, LONG, "codigo_cliente_integracao")
    row = app.customers.get(int(param.get("codigo_cliente_omie") or 0)) or _by(
        app.customers, "codigo_cliente_integracao", code
    )
    if param.get("codigo_cliente_omie") and row is None:
        raise OmieFault("Cliente não cadastrado para o Código [0] !")
    if row is None:
        _require(param, "razao_social", "cnpj_cpf")
        _unique_document(app, str(param["cnpj_cpf"]))
    new = row is None
    row = row or {"codigo_cliente_omie": app.new_id(), "inativo": "N"}
    id = row["codigo_cliente_omie"]
    row.update({"codigo_cliente_integracao": code, **param, "codigo_cliente_omie": id})
    app.stamp(row, API_USER, new=new)
    app.customers[id] = row
    topic = "ClienteFornecedor.Incluido" if new else "ClienteFornecedor.Alterado"
    app.tell(topic, {"codigo_cliente_omie": id})
    return {
        "codigo_cliente_omie": id,
        "codigo_cliente_integracao": code,
        "codigo_status": "0",
        "descricao_status": "Cliente cadastrado com sucesso!",
    }


def drop_customer(app: OmieApp, param: Row) -> Row:
    """ExcluirCliente."""
    id = int(_found(app.customers, param, "codigo_cliente_omie", "cliente")["codigo_cliente_omie"])
    del app.customers[id]
    app.tell("ClienteFornecedor.Excluido", {"codigo_cliente_omie": id})
    return {"codigo_cliente_omie": id, "codigo_status": "0", "descricao_status": "Excluído!"}


def show_customer(app: OmieApp, param: Row) -> Row:
    """ConsultarCliente."""
    return _found(app.customers, param, "codigo_cliente_omie", "cliente")


def list_customers(app: OmieApp, param: Row) -> Row:
    """ListarClientes."""
    rows = (row for row in app.customers.values() if changed_since(row, param))
    return paged(PLAIN, "clientes_cadastro", rows, param)


# -- stock ---------------------------------------------------------------------------------------


def list_warehouses(app: OmieApp, param: Row) -> Row:
    """ListarLocaisEstoque."""
    return paged(STOCK, "locaisEncontrados", app.warehouses.values(), param)


def list_positions(app: OmieApp, param: Row) -> Row:
    """ListarPosEstoque."""
    _require(param, "dDataPosicao")
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
    _require(param, "data", "id_prod")
    product = int(_found(app.products, param, "id_prod", "produto")["codigo_produto"])
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
    _require(param, "data", "tipo", "quan", "valor", "obs", "origem", "motivo", "id_prod")
    code = str(param.get("cod_int_ajuste") or "")
    _at_most(code, LONG, "cod_int_ajuste")
    product = int(_found(app.products, param, "id_prod", "produto")["codigo_produto"])
    warehouse = int(param.get("codigo_local_estoque") or app.standard_warehouse)
    if warehouse not in app.warehouses:
        raise OmieFault(f"Local de estoque não cadastrado para o código [{warehouse}]!")
    if param["motivo"] not in MOTIVES.get(param["tipo"], ()):
        raise OmieFault(f"O motivo [{param['motivo']}] não é válido para o tipo [{param['tipo']}].")
    if code and (known := _by(app.adjustments, "cod_int_ajuste", code)):
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
    quantity = _number(adjustment["quan"])
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
    _at_most(code, SHORT, "codIntReqCompra")
    _require(param, "codCateg", "ItensReqCompra")
    if code and (known := _by(app.requisitions, "codIntReqCompra", code)):
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
    row = app.requisitions.get(int(param.get("codReqCompra") or 0)) or _by(
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
    return int(_found(app.products, item, "codProd", "produto")["codigo_produto"])


def _ordered(row: Row) -> None:
    """X-03: what has become an order is not changed any more."""
    if row.get("pedido"):
        raise OmieFault(
            "A requisição de compra já possui pedido de compra e não pode ser alterada."
        )


# -- what they share -----------------------------------------------------------------------------


def _by(rows: Mapping[int, Row], name: str, value: str) -> Row | None:
    return next((row for row in rows.values() if value and row.get(name) == value), None)


def _found(rows: Mapping[int, Row], param: Row, name: str, what: str) -> Row:
    row = rows.get(int(param.get(name) or 0))
    if row is None:
        raise OmieFault(f"{what.capitalize()} não cadastrado para o Código [{param.get(name)}] !")
    return row


def _require(param: Row, *names: str) -> None:
    for name in names:
        if str(param.get(name, "")) in {"", "[]"}:
            raise OmieFault(f"O preenchimento da tag [{name}] é obrigatório !", "Client-104")


def _at_most(value: str, length: int, name: str) -> None:
    if len(value) > length:
        raise OmieFault(f"A tag [{name}] aceita no máximo {length} caracteres !", "Client-104")


def _unique_code(app: OmieApp, code: str) -> None:
    if known := _by(app.products, "codigo", code):
        raise OmieFault(
            f"Produto já cadastrado com o código [{code}] nCod [{known['codigo_produto']}]!"
        )


def _unique_document(app: OmieApp, document: str) -> None:
    bare = re.sub(r"\W", "", document)
    for row in app.customers.values():
        if bare and re.sub(r"\W", "", str(row["cnpj_cpf"])) == bare:
            raise OmieFault(
                f"Cliente já cadastrado para o CPF/CNPJ [{document}] com o Id "
                f"[{row['codigo_cliente_omie']}] e código de integração "
                f"[{row['codigo_cliente_integracao']}]!"
            )


def _number(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise OmieFault(f"Valor inválido: [{value}]", "Client-104") from None


SERVICES: Mapping[tuple[str, str], Service] = {
    ("geral/produtos", "UpsertProduto"): put_product,
    ("geral/produtos", "AlterarProduto"): put_product,
    ("geral/produtos", "ExcluirProduto"): drop_product,
    ("geral/produtos", "ConsultarProduto"): show_product,
    ("geral/produtos", "ListarProdutos"): list_products,
    ("geral/familias", "PesquisarFamilias"): list_families,
    ("geral/clientes", "UpsertCliente"): put_customer,
    ("geral/clientes", "AlterarCliente"): put_customer,
    ("geral/clientes", "ExcluirCliente"): drop_customer,
    ("geral/clientes", "ConsultarCliente"): show_customer,
    ("geral/clientes", "ListarClientes"): list_customers,
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
