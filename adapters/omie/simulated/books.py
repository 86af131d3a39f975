"""What one simulated Omie app holds: its registers, its stock, its requisitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
FIRST_ID = 2_500_000_001
"""Omie's ids are integers of ten digits, over all kinds."""
API_USER = "WEBSERVICE"
"""Whom a record says to have changed it where a service did."""

Tell = Callable[[str, Mapping[str, object]], None]
"""Tells the webhooks of a topic, with the fields of the event."""


class OmieFault(Exception):
    """What a service answers in place of a result: the text, its code, and the HTTP status."""

    def __init__(self, text: str, code: str = "Client-102", status: int = 500) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.status = status


def nobody(_: str, __: Mapping[str, object]) -> None:
    """No webhook is registered."""


@dataclass
class OmieApp:
    """The books of one app. `clock` is the local time that changes are stamped with.

    Warehouses, products, customers, families, adjustments and requisitions are by their Omie id;
    `stock` is by product and warehouse, `costs` (the CMC) by product.
    """

    clock: Callable[[], datetime]
    tell: Tell = nobody
    warehouses: dict[int, Row] = field(default_factory=dict)
    products: dict[int, Row] = field(default_factory=dict)
    customers: dict[int, Row] = field(default_factory=dict)
    families: dict[int, Row] = field(default_factory=dict)
    adjustments: dict[int, Row] = field(default_factory=dict)
    requisitions: dict[int, Row] = field(default_factory=dict)
    stock: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    lots: dict[int, Row] = field(default_factory=dict)
    characteristics: dict[int, Row] = field(default_factory=dict)
    costs: dict[int, Decimal] = field(default_factory=dict)
    last_id: int = FIRST_ID - 1

    def new_id(self) -> int:
        """The next id of the app."""
        self.last_id += 1
        return self.last_id

    def stamp(self, row: Row, user: str, *, new: bool) -> None:
        """Note who changed a record of a register, and when."""
        now = self.clock()
        info: Row = row.setdefault("info", {})
        for kind in ("Inc", "Alt") if new else ("Alt",):
            info[f"d{kind}"] = f"{now:%d/%m/%Y}"
            info[f"h{kind}"] = f"{now:%H:%M:%S}"
            info[f"u{kind}"] = user
        info["cImpAPI"] = "S" if user == API_USER else info.get("cImpAPI", "N")

    # -- what people do on Omie's screens ----------------------------------------------------------

    def keep_warehouse(self, code: str, description: str, **fields: object) -> int:
        """A stock location that somebody made."""
        id = self.new_id()
        now = self.clock()
        stamp = {"dAlt": f"{now:%d/%m/%Y}", "hAlt": f"{now:%H:%M:%S}", "uAlt": "P000001"}
        self.warehouses[id] = {
            "codigo_local_estoque": id,
            "codigo": code,
            "descricao": description,
            "tipo": "1",
            "padrao": "N" if self.warehouses else "S",
            "inativo": "N",
            **stamp,
            **fields,
        }
        self.tell("LocalEstoque.Incluido", {"codigo_local_estoque": id, "descricao": description})
        return id

    def keep_product(self, code: str, description: str, **fields: object) -> int:
        """A product that somebody made, or changed where its code is known."""
        known = next((row for row in self.products.values() if row["codigo"] == code), None)
        row = known or {"codigo_produto": self.new_id(), "codigo_produto_integracao": ""}
        usual = {} if known else {"unidade": "UN", "ncm": "8421.23.00", "inativo": "N"}
        row.update({"codigo": code, "descricao": description, **usual, **fields})
        self.stamp(row, "P000001", new=known is None)
        self.products[row["codigo_produto"]] = row
        topic = "Produto.Alterado" if known else "Produto.Incluido"
        self.tell(topic, {"codigo_produto": row["codigo_produto"]})
        return int(row["codigo_produto"])

    def keep_customer(self, document: str, name: str, **fields: object) -> int:
        """A client or supplier that somebody made, or changed where the document is known."""
        known = next(
            (row for row in self.customers.values() if document and row["cnpj_cpf"] == document),
            None,
        )
        row = known or {"codigo_cliente_omie": self.new_id(), "codigo_cliente_integracao": ""}
        row.update({"cnpj_cpf": document, "razao_social": name, **fields})
        self.stamp(row, "P000001", new=known is None)
        self.customers[row["codigo_cliente_omie"]] = row
        topic = "ClienteFornecedor.Alterado" if known else "ClienteFornecedor.Incluido"
        self.tell(topic, {"codigo_cliente_omie": row["codigo_cliente_omie"]})
        return int(row["codigo_cliente_omie"])

    def keep_family(self, code: str, name: str) -> int:
        """A family of products that somebody made, or changed where its code is known."""
        known = next((row for row in self.families.values() if row["codFamilia"] == code), None)
        row = known or {"codigo": self.new_id(), "codInt": "", "codFamilia": code, "inativo": "N"}
        row["nomeFamilia"] = name
        self.stamp(row, "P000001", new=known is None)
        self.families[row["codigo"]] = row
        return int(row["codigo"])

    def characteristic(self, name: str, code: str = "") -> int:
        """The id of the name of a characteristic, which is made where there is none."""
        for id, row in self.characteristics.items():
            if row["cNomeCaract"] == name:
                return id
        id = self.new_id()
        self.characteristics[id] = {"nCodCaract": id, "cCodIntCaract": code, "cNomeCaract": name}
        return id

    def keep_characteristic(
        self, product: int, characteristic: int, text: str, user: str = "P000001"
    ) -> None:
        """What somebody wrote down of a product; an empty text takes it out."""
        row = self.products[product]
        others = [
            one for one in row.get("caracteristicas", ()) if one["nCodCaract"] != characteristic
        ]
        kept = [{**self.characteristics[characteristic], "cConteudo": text}] if text else []
        row["caracteristicas"] = [*others, *kept]
        self.stamp(row, user, new=False)
        self.tell("Produto.Alterado", {"codigo_produto": product})

    def keep_lot(
        self, product: int, warehouse: int, number: str, quantity: str, expires: str = ""
    ) -> int:
        """A lot of a product, which is under lot control from now on; `expires` is dd/mm/aaaa."""
        self.products[product]["produto_lote"] = "S"
        id = self.new_id()
        self.lots[id] = {
            "nIdLote": id,
            "cNumLote": number,
            "nCodProd": product,
            "nIdLocal": warehouse,
            "nSaldoLote": Decimal(quantity),
            "dDataValidade": expires,
        }
        return id

    def order(self, requisition: int) -> None:
        """A requisition that whoever buys made an order of: it is not changed any more."""
        self.requisitions[requisition]["pedido"] = self.new_id()

    def set_stock(self, product: int, warehouse: int, quantity: str, cost: str = "") -> None:
        """The balance that a count has found, and the average cost (CMC) where it is given."""
        if cost:
            self.costs[product] = Decimal(cost)
        self.stock[product, warehouse] = Decimal(quantity)
        self.tell_stock(product, warehouse)

    def remove_product(self, product: int) -> None:
        """A product that somebody deleted."""
        del self.products[product]
        self.tell("Produto.Excluido", {"codigo_produto": product})

    def remove_customer(self, customer: int) -> None:
        """A client or supplier that somebody deleted."""
        del self.customers[customer]
        self.tell("ClienteFornecedor.Excluido", {"codigo_cliente_omie": customer})

    def tell_stock(self, product: int, warehouse: int) -> None:
        """Tell of a balance that changed."""
        event = {"codigo_local_estoque": warehouse, "codigo_produto": product}
        self.tell("Produto.MovimentacaoEstoque", event)

    @property
    def standard_warehouse(self) -> int:
        """The location that is meant where a call names none."""
        standard = (id for id, row in self.warehouses.items() if row["padrao"] == "S")
        return next(standard, 0)
