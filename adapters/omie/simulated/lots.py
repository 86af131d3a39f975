"""Lots of a simulated Omie app: an exit of a product under lot control names what it takes from."""

from __future__ import annotations

from decimal import Decimal

from adapters.omie.simulated.books import OmieApp, OmieFault, Row


def show_lots(app: OmieApp, param: Row) -> Row:
    """ConsultarLote: the lots of a product, in one location where it is told."""
    lots = [row for row in app.lots.values() if row["nCodProd"] == param.get("nCodProd")]
    here = [row for row in lots if param.get("nIdLocal") in {None, row["nIdLocal"]}]
    if not here:
        raise OmieFault("Não existem registros para a página [1]!", "Client-5113")
    return {"ident": {"nCodProd": param["nCodProd"]}, "lotes": here}


def take_from_lots(app: OmieApp, product: int, adjustment: Row) -> None:
    """Take what an exit names; a fault where it names none, too much or too little."""
    told = adjustment.get("lote_validade") or []
    if app.products[product].get("produto_lote") == "S" and adjustment["tipo"] != "ENT":
        if not told:
            raise OmieFault("O preenchimento da tag [nIdLote] é obrigatório !", "Client-104")
        if sum(Decimal(str(one["nQtdLote"])) for one in told) != Decimal(str(adjustment["quan"])):
            raise OmieFault("A quantidade dos lotes é diferente da quantidade do ajuste!")
    for one in told:
        lot = app.lots.get(int(one["nIdLote"]))
        if lot is None or lot["nSaldoLote"] < Decimal(str(one["nQtdLote"])):
            raise OmieFault(f"Saldo insuficiente no lote [{one['nIdLote']}]!")
        lot["nSaldoLote"] -= Decimal(str(one["nQtdLote"]))


def put_into_lots(app: OmieApp, adjustment: Row) -> None:
    """Give back what an exit that is deleted had taken."""
    for one in adjustment.get("lote_validade") or []:
        app.lots[int(one["nIdLote"])]["nSaldoLote"] += Decimal(str(one["nQtdLote"]))
