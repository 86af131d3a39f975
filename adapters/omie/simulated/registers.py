"""The registers of a simulated Omie app: families, products, and clients with suppliers.

Their services do the same, by other names. What is changed keeps the fields that a call leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from adapters.omie.simulated.books import API_USER, OmieApp, OmieFault, Row
from adapters.omie.simulated.characteristics import CHARACTERISTIC_SERVICES
from adapters.omie.simulated.checks import LONG, SHORT, at_most, by, found, require
from adapters.omie.simulated.paging import PLAIN, changed_since, paged

USED = "Não é possível excluir: {what} [{id}] está sendo utilizado em {where} !"
_BLANKS = re.compile(r"\s+\Z")
CHARACTERISTICS = "caracteristicas"
CNPJ, CPF = 14, 11
"""Characters of a document."""


@dataclass(frozen=True)
class SimulatedRegister:
    """What tells a register from others: what people call it, its fields, its topics."""

    what: str
    rows: str
    """Where the books have it."""
    id: str
    code: str
    code_length: int
    needed: tuple[str, ...]
    unique: Callable[[OmieApp, Row], None]
    listed: str
    used: Callable[[OmieApp, int], str] = lambda _, __: ""
    """In what a record is used, so that it cannot be deleted; empty: in nothing."""
    topic: str = ""
    """The first word of its events; empty: it has none."""
    lengths: Mapping[str, int] | None = None

    def of(self, app: OmieApp) -> dict[int, Row]:
        """Its records, by their ids."""
        rows: dict[int, Row] = getattr(app, self.rows)
        return rows

    def tell(self, app: OmieApp, what: str, id: int) -> None:
        """Have an event told."""
        if self.topic:
            app.tell(f"{self.topic}.{what}", {self.id: id})


# -- the services ----------------------------------------------------------------------------------


def put(register: SimulatedRegister, app: OmieApp, param: Row) -> Row:
    """Upsert…, Alterar…: of the record with this id, or with this integration code."""
    rows = register.of(app)
    code = str(param.get(register.code) or "")
    at_most(code, register.code_length, register.code)
    for name, length in (register.lengths or {}).items():
        at_most(str(param.get(name) or ""), length, name)
    row = rows.get(int(param.get(register.id) or 0)) or by(rows, register.code, code)
    if param.get(register.id) and row is None:
        raise OmieFault(f"{register.what.capitalize()} não cadastrado para o Código [0] !")
    if new := row is None:
        require(param, *register.needed)
        register.unique(app, param)
    row = row or {register.id: app.new_id(), register.code: code, "inativo": "N"}
    id = int(row[register.id])
    if register is PRODUCT:  # which takes them by a service of their own alone
        param = {name: value for name, value in param.items() if name != CHARACTERISTICS}
    _merge(row, {**param, register.id: id})
    app.stamp(row, API_USER, new=new)
    rows[id] = row
    register.tell(app, "Incluido" if new else "Alterado", id)
    told = {register.id: id, register.code: row[register.code]}
    return {**told, "codigo_status": "0", "descricao_status": "Cadastrado com sucesso!"}


def drop(register: SimulatedRegister, app: OmieApp, param: Row) -> Row:
    """Excluir…: of what is used nowhere."""
    id = int(found(register.of(app), param, register.id, register.what)[register.id])
    if where := register.used(app, id):
        raise OmieFault(USED.format(what=register.what, id=id, where=where))
    del register.of(app)[id]
    register.tell(app, "Excluido", id)
    return {register.id: id, "codigo_status": "0", "descricao_status": "Excluído!"}


def show(register: SimulatedRegister, app: OmieApp, param: Row) -> Row:
    """Consultar…."""
    return found(register.of(app), param, register.id, register.what)


def list_all(register: SimulatedRegister, app: OmieApp, param: Row) -> Row:
    """Listar…, Pesquisar…: with characteristics where they are asked for."""
    hidden = () if param.get("exibir_caracteristicas") == "S" else (CHARACTERISTICS,)
    rows = (
        {name: value for name, value in row.items() if name not in hidden}
        for row in register.of(app).values()
        if changed_since(row, param)
    )
    return paged(PLAIN, register.listed, rows, param)


# -- what Omie makes of a record -------------------------------------------------------------------


def _merge(row: Row, told: Row) -> None:
    """Take what is told, as Omie keeps it: no blanks at the end, documents in their masks."""
    for name, value in told.items():
        if name == CHARACTERISTICS:
            row[name] = _characteristics(row, value)
        elif isinstance(value, dict) and isinstance(row.get(name), dict):
            _merge(row[name], value)
        elif isinstance(value, str):
            row[name] = masked(value) if name == "cnpj_cpf" else _BLANKS.sub("", value)
        else:
            row[name] = value


def _characteristics(row: Row, told: list[Row]) -> list[Row]:
    """Those of a client: each is made or changed by its name, and ends where it is empty."""
    known = {one["campo"]: one["conteudo"] for one in row.get(CHARACTERISTICS, ())}
    known |= {one["campo"]: one["conteudo"] for one in told}
    return [{"campo": name, "conteudo": text} for name, text in known.items() if text]


def masked(document: str) -> str:
    """A CNPJ or CPF as Omie shows it."""
    bare = re.sub(r"\W", "", document).upper()
    if len(bare) == CNPJ:
        return f"{bare[:2]}.{bare[2:5]}.{bare[5:8]}/{bare[8:12]}-{bare[12:]}"
    if len(bare) == CPF:
        return f"{bare[:3]}.{bare[3:6]}.{bare[6:9]}-{bare[9:]}"
    return document


def _unique_code(app: OmieApp, param: Row) -> None:
    if known := by(app.products, "codigo", str(param["codigo"])):
        raise OmieFault(
            f"Produto já cadastrado com o código [{known['codigo']}] "
            f"nCod [{known['codigo_produto']}]!"
        )


def _unique_document(app: OmieApp, param: Row) -> None:
    document = str(param["cnpj_cpf"])
    for row in app.customers.values():
        if masked(document) and masked(str(row["cnpj_cpf"])) == masked(document):
            raise OmieFault(
                f"Cliente já cadastrado para o CPF/CNPJ [{document}] com o Id "
                f"[{row['codigo_cliente_omie']}] e código de integração "
                f"[{row['codigo_cliente_integracao']}]!"
            )


def _unique_family(app: OmieApp, param: Row) -> None:
    if known := by(app.families, "codFamilia", str(param.get("codFamilia") or "")):
        raise OmieFault(
            f"Família já cadastrada com o código [{known['codFamilia']}] Id [{known['codigo']}]!"
        )


def _use_of_family(app: OmieApp, id: int) -> str:
    named = (row["codigo"] for row in app.products.values() if row.get("codigo_familia") == id)
    return next((f"produto [{code}]" for code in named), "")


def _use_of_product(app: OmieApp, id: int) -> str:
    moved = any(int(row["id_prod"]) == id for row in app.adjustments.values())
    return "movimentos de estoque" if moved else ""


FAMILY = SimulatedRegister(
    what="família",
    rows="families",
    id="codigo",
    code="codInt",
    code_length=SHORT,
    needed=("nomeFamilia",),
    unique=_unique_family,
    used=_use_of_family,
    listed="famCadastro",
    lengths={"codFamilia": 50},
)
PRODUCT = SimulatedRegister(
    what="produto",
    rows="products",
    id="codigo_produto",
    code="codigo_produto_integracao",
    code_length=LONG,
    needed=("descricao", "unidade", "ncm", "valor_unitario", "codigo"),
    unique=_unique_code,
    used=_use_of_product,
    listed="produto_servico_cadastro",
    topic="Produto",
)
CUSTOMER = SimulatedRegister(
    what="cliente",
    rows="customers",
    id="codigo_cliente_omie",
    code="codigo_cliente_integracao",
    code_length=LONG,
    needed=("razao_social", "cnpj_cpf"),
    unique=_unique_document,
    listed="clientes_cadastro",
    topic="ClienteFornecedor",
)


Service = Callable[[OmieApp, Row], Row]


def _services(
    register: SimulatedRegister, path: str, name: str, lists: str
) -> dict[tuple[str, str], Service]:
    return {
        (path, f"Upsert{name}"): partial(put, register),
        (path, f"Alterar{name}"): partial(put, register),
        (path, f"Excluir{name}"): partial(drop, register),
        (path, f"Consultar{name}"): partial(show, register),
        (path, lists): partial(list_all, register),
    }


REGISTER_SERVICES: Mapping[tuple[str, str], Service] = {
    **_services(FAMILY, "geral/familias", "Familia", "PesquisarFamilias"),
    **_services(PRODUCT, "geral/produtos", "Produto", "ListarProdutos"),
    **_services(CUSTOMER, "geral/clientes", "Cliente", "ListarClientes"),
    **CHARACTERISTIC_SERVICES,
}
"""What each of their calls does, by its path below /api/v1/."""
